//! What the instances of a scaling group are called, exactly. A pattern is data: how a cloud names its machines is written
//! down in that cloud's own folder.

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The only digit that may stand first, where there is such a rule.
    pub first: Option<char>,
    /// What the digits mean.
    pub meaning: Meaning,
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
    /// In capitals, as the cloud writes them; small ones need a reason, see [`Spelling`].
    Capitals,
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

/// How a name fits a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fit {
    /// The ids of the instances that the name may stand for; empty where names carry none.
    pub ids: Vec<String>,
}

/// How [`LetterCase::Capitals`] may be spelled in the name of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// As the cloud does: `web1A2B3C`, never `webserver`.
    Exact,
    /// All capital, or all small.
    EitherCase,
}

impl NamePattern {
    /// Whether the whole name, or its part before the first dot, is one that the group gives.
    #[must_use]
    pub fn fit(&self, name: &str, spelling: Spelling) -> Option<Fit> {
        fit(self.forms.iter(), name, spelling)
    }

    /// Whether the name is one that a machine gives itself and from which no id can be read: the cloud has no other way to
    /// tell which machine that is.
    #[must_use]
    pub fn is_computer_name_without_id(&self, name: &str) -> bool {
        let forms = self
            .forms
            .iter()
            .filter(|form| form.of == NameOf::Computer && form.suffix.meaning == Meaning::Nothing);
        fit(forms, name, Spelling::EitherCase).is_some()
    }
}

fn fit<'a>(
    forms: impl Iterator<Item = &'a Form> + Clone,
    name: &str,
    spelling: Spelling,
) -> Option<Fit> {
    let name = name.trim();
    let mut fit: Option<Fit> = None;
    for part in [Some(name), before_dot(name)].into_iter().flatten() {
        for form in forms.clone() {
            if let Some(id) = form.read(part, spelling) {
                let ids = &mut fit.get_or_insert_default().ids;
                ids.extend(id.filter(|id| !ids.contains(id)));
            }
        }
    }
    fit
}

impl Form {
    /// `None`: does not fit. `Some(id)`: fits, and this is the instance's id if such names carry one.
    fn read(&self, name: &str, spelling: Spelling) -> Option<Option<String>> {
        let suffix = &self.suffix;
        let digits = match &self.prefix {
            Some(prefix) => strip_prefix(name, prefix)?,
            None => suffix.at_end_of(name)?,
        };
        let long_enough = match suffix.length {
            Length::Exactly(length) => digits.len() == length,
            Length::AtLeast(length) => digits.len() >= length,
        };
        if !long_enough
            || !digits.chars().all(|c| c.is_digit(suffix.base))
            || suffix.first.is_some_and(|first| !digits.starts_with(first))
            || !suffix.letters.allow(digits, spelling)
        {
            return None;
        }
        match suffix.meaning {
            Meaning::Nothing => Some(None),
            Meaning::Id => Some(Some(digits.to_owned())),
            // A number too large to be read is no id.
            Meaning::Number => {
                let id = u64::from_str_radix(digits, suffix.base).ok()?;
                Some(Some(id.to_string()))
            }
        }
    }
}

impl Suffix {
    /// What of the name could be this suffix, whatever stands before.
    fn at_end_of<'a>(&self, name: &'a str) -> Option<&'a str> {
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

impl LetterCase {
    fn allow(self, digits: &str, spelling: Spelling) -> bool {
        let no = |case: fn(&u8) -> bool| !digits.bytes().any(|b| case(&b));
        match (self, spelling) {
            (Self::Any, _) => true,
            (Self::Capitals, Spelling::Exact) => no(u8::is_ascii_lowercase),
            (Self::Capitals, Spelling::EitherCase) => {
                no(u8::is_ascii_lowercase) || no(u8::is_ascii_uppercase)
            }
        }
    }
}

/// What follows `prefix`, if `name` begins with it in any case and more follows.
fn strip_prefix<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let head = name.get(..prefix.len())?;
    (!prefix.is_empty() && head.eq_ignore_ascii_case(prefix)).then(|| &name[prefix.len()..])
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
