//! What the instances of a scaling group are called, exactly. A pattern is data: how a cloud names its machines is written
//! down in that cloud's own folder.

use std::borrow::Cow;
use std::ops::Range;

/// The names that only one group gives: a few forms of prefix and suffix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamePattern {
    /// Any of them will do.
    pub forms: Vec<Form>,
}

/// A prefix, compared case-insensitively, and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Whose names have this form.
    pub of: NameOf,
    /// What all the names begin with; one that is empty fits nothing. `None` where that is not known: anything may be it.
    pub prefix: Option<String>,
    /// What follows.
    pub suffix: Suffix,
}

/// An instance has two names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameOf {
    /// The one that the machine gives itself.
    Computer,
    /// The one of the cloud's resource.
    Resource,
}

/// What follows the prefix of an instance's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suffix {
    /// How many digits.
    pub length: Length,
    /// Of which base they are, at most 36: `10` is 0-9, `16` is 0-9 and A-F, `36` is 0-9 and A-Z.
    pub base: u32,
    /// Whether letters are written in capitals only.
    pub letters: LetterCase,
    /// What may stand first.
    pub lead: Lead,
    /// What the digits mean.
    pub meaning: Meaning,
}

/// What may stand first in a suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    /// Any digit.
    Any,
    /// This one only.
    Only(char),
    /// No zero, but where it stands alone: a number as people write it.
    NoZero,
}

/// How many digits a suffix has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many.
    Exactly(usize),
    /// So many or more.
    AtLeast(usize),
}

/// How the letters among the digits of a suffix are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterCase {
    /// In either case, also mixed.
    Any,
    /// In capitals, as the cloud writes them; small ones need a reason, see [`Letters`] and [`Author`].
    Capitals,
    /// In either case where the suffix begins so, which people do not write; else in capitals.
    CapitalsUnless(&'static str),
}

/// What the digits of a suffix mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The instance's id in its group, a number in that base; the cloud writes it in decimal.
    Number,
    /// The instance's id in its group, as it stands there.
    Id,
    /// Nothing: they only tell names apart.
    Nothing,
}

/// A name of a form that the group gives, where it stands in another name: between boundaries that are neither letters nor
/// digits. What that proves depends on how it is written, and is decided in [`super::ownership`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'n> {
    /// What stands before it.
    pub before: &'n str,
    /// The name itself.
    pub name: &'n str,
    /// What stands after it.
    pub after: &'n str,
    /// Which of an instance's names it would be.
    pub of: NameOf,
    /// The id of the instance that it may stand for, where such names carry one.
    pub id: Option<String>,
    /// How its letters are written.
    pub letters: Letters,
    /// Who could have written its suffix.
    pub author: Author,
    /// How its prefix is joined to what follows.
    pub joint: Joint,
}

/// How the letters of a name's suffix are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// As the cloud does.
    AsGiven,
    /// Small or mixed, where the cloud writes capitals.
    OtherCase,
}

/// Who could have written a suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// Hardly anybody but the cloud: `4k7x2a`.
    Cloud,
    /// People, too: `server`, `prod01`, `01prod`.
    Anybody,
}

/// How a name's prefix is joined to what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// As the cloud does.
    AsGiven,
    /// With a dash where the cloud has an underscore.
    Dash,
}

impl Standing<'_> {
    /// The whole name, or all of it but a domain.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.before.is_empty() && (self.after.is_empty() || self.after.starts_with('.'))
    }
}

impl NamePattern {
    /// Every name of one of the forms that stands in this one, however it is written.
    pub fn names_in<'n>(&'n self, name: &'n str) -> impl Iterator<Item = Standing<'n>> + 'n {
        let name = name.trim();
        let known = open_starts(name)
            .flat_map(move |start| self.forms.iter().filter_map(move |it| it.at(name, start)));
        let unsaid = self.forms.iter().filter(|form| form.prefix.is_none());
        let unsaid = unsaid.flat_map(move |form| form.at_ends_in(name));
        known.chain(unsaid)
    }

    /// Whether the name is exactly one that the group gives to the resource of a machine that it makes. One that was attached by
    /// hand has a name of its own.
    #[must_use]
    pub fn gives_resource(&self, name: &str) -> bool {
        self.names_in(name)
            .any(|it| it.of == NameOf::Resource && it.is_bare() && it.joint == Joint::AsGiven)
    }

    /// Whether the name is one that the group may give, or holds one, however it is written.
    #[must_use]
    pub fn may_give(&self, name: &str) -> bool {
        self.names_in(name).next().is_some()
    }

    /// Whether a name that a machine gives itself, and from which no id can be read, stands in this one: the cloud has no
    /// other way to tell which machine that is.
    #[must_use]
    pub fn has_computer_name_without_id(&self, name: &str) -> bool {
        self.names_in(name)
            .any(|it| it.of == NameOf::Computer && it.id.is_none())
    }
}

impl Form {
    /// The name of this form that begins at `start`.
    fn at<'n>(&self, name: &'n str, start: usize) -> Option<Standing<'n>> {
        let prefix = self.prefix.as_deref().filter(|it| !it.is_empty())?;
        let joint = joint(name[start..].get(..prefix.len())?, prefix)?;
        if joint == Joint::Dash && self.of == NameOf::Computer {
            return None;
        }
        let digits = start + prefix.len();
        let run = name[digits..].find(|c: char| !c.is_alphanumeric());
        let end = run.map_or(name.len(), |run| digits + run);
        self.standing(name, start, digits..end, joint)
    }

    /// Those of this form that end anywhere, whatever they begin with.
    fn at_ends_in<'n>(&self, name: &'n str) -> impl Iterator<Item = Standing<'n>> {
        open_ends(name).filter_map(move |end| {
            let digits = end - self.suffix.at_end_of(&name[..end])?.len();
            self.standing(name, 0, digits..end, Joint::AsGiven)
        })
    }

    fn standing<'n>(
        &self,
        name: &'n str,
        start: usize,
        digits: Range<usize>,
        joint: Joint,
    ) -> Option<Standing<'n>> {
        let end = digits.end;
        let digits = &name[digits];
        let suffix = &self.suffix;
        if !suffix.fits(digits) {
            return None;
        }
        let id = match suffix.meaning {
            Meaning::Nothing => None,
            Meaning::Id => Some(digits.to_owned()),
            // A number too large to be read is no id.
            Meaning::Number => Some(u64::from_str_radix(digits, suffix.base).ok()?.to_string()),
        };
        let small = digits.bytes().any(|b| b.is_ascii_lowercase());
        let (letters, author) = match suffix.letters {
            LetterCase::Any => (Letters::AsGiven, Author::Cloud),
            LetterCase::CapitalsUnless(begin) if digits.starts_with(begin) => {
                (Letters::AsGiven, Author::Cloud)
            }
            LetterCase::Capitals | LetterCase::CapitalsUnless(_) if small => {
                (Letters::OtherCase, author(digits))
            }
            LetterCase::Capitals | LetterCase::CapitalsUnless(_) => {
                (Letters::AsGiven, author(digits))
            }
        };
        Some(Standing {
            before: &name[..start],
            name: &name[start..end],
            after: &name[end..],
            of: self.of,
            id,
            letters,
            author,
            joint,
        })
    }
}

impl Suffix {
    fn fits(&self, digits: &str) -> bool {
        let long_enough = match self.length {
            Length::Exactly(length) => digits.len() == length,
            Length::AtLeast(length) => digits.len() >= length,
        };
        let lead = match self.lead {
            Lead::Any => true,
            Lead::Only(first) => digits.starts_with(first),
            Lead::NoZero => digits == "0" || !digits.starts_with('0'),
        };
        long_enough && lead && digits.chars().all(|c| c.is_digit(self.base))
    }

    /// What of the name could be this suffix, whatever stands before.
    fn at_end_of<'n>(&self, name: &'n str) -> Option<&'n str> {
        let length = match self.length {
            Length::Exactly(length) => length,
            Length::AtLeast(_) => {
                let digits = name.bytes().rev();
                let is_digit = |b: &u8| char::from(*b).is_digit(self.base);
                digits.take_while(is_digit).count()
            }
        };
        name.get(name.len().checked_sub(length)?..)
    }
}

/// People write words, numbers after words (`prod01`) and numbers before them (`01prod`); a letter after a digit, without a
/// second digit in front, is the cloud's.
fn author(digits: &str) -> Author {
    let is = |at: usize| digits.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let first = digits.bytes().position(|b| b.is_ascii_digit());
    let letter = digits.bytes().rposition(|b| b.is_ascii_alphabetic());
    match first.zip(letter) {
        Some((digit, letter)) if digit < letter && !(is(0) && is(1)) => Author::Cloud,
        Some(_) | None => Author::Anybody,
    }
}

/// How the beginning of a name is joined where it is this prefix, in any case; `None` where it is another.
fn joint(head: &str, prefix: &str) -> Option<Joint> {
    let mut joint = Joint::AsGiven;
    for (a, b) in head.bytes().zip(prefix.bytes()) {
        match (a, b) {
            _ if a.eq_ignore_ascii_case(&b) => {}
            (b'-', b'_') => joint = Joint::Dash,
            _ => return None,
        }
    }
    Some(joint)
}

/// Lower case for comparing names.
pub(super) fn fold(name: &str) -> String {
    lower(name.trim())
}

/// Letter by letter: the one letter of which lower case depends on what follows is written one way.
pub(super) fn lower(text: &str) -> String {
    text.to_lowercase().replace('\u{3c2}', "\u{3c3}")
}

/// The part before the first dot, if there is one and it is not empty.
pub(super) fn before_dot(name: &str) -> Option<&str> {
    name.split_once('.')
        .map(|(host, _)| host)
        .filter(|host| !host.is_empty())
}

/// A name with dashes for its underscores.
pub(super) fn with_dashes(name: &str) -> Cow<'_, str> {
    match name.contains('_') {
        true => name.replace('_', "-").into(),
        false => name.into(),
    }
}

/// Where something may begin that stands between boundaries.
pub(super) fn open_starts(name: &str) -> impl Iterator<Item = usize> {
    let starts = name
        .char_indices()
        .scan(None, |before: &mut Option<char>, (start, c)| {
            let open = before.is_none_or(|b| !b.is_alphanumeric());
            *before = Some(c);
            Some(open.then_some(start))
        });
    starts.flatten()
}

/// Where something may end that stands between boundaries.
fn open_ends(name: &str) -> impl Iterator<Item = usize> + '_ {
    let ends = name
        .char_indices()
        .map(move |(at, c)| (at + c.len_utf8(), c));
    ends.filter(move |(end, c)| {
        let next = name[*end..].chars().next();
        c.is_alphanumeric() && next.is_none_or(|next| !next.is_alphanumeric())
    })
    .map(|(end, _)| end)
}
