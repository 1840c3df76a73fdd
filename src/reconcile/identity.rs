//! Does this name mean that machine, and does it fit that group's pattern.
//!
//! Matching keeps, so it is generous; ownership removes, so it is exact.
//!
//! | question | answered by | when it is yes |
//! |---|---|---|
//! | does the target mean this machine? | [`Machines::meant_by`] | equal; equal up to the first dot; the machine's name stands in the target's between non-alphanumeric boundaries |
//! | is the name one that the group gives? | [`NamePattern::fit`] | the whole name, or its part before the first dot, is a stem and a suffix of the group's forms |
//! | is it so but for a decoration? | [`Ownership::fit`] | two machines or more are kept, and every kept target carries that same decoration |

mod matching;
mod ownership;

pub use matching::{Machines, Seat};
pub use ownership::{Kept, Ownership};

/// Lower case for comparing names.
fn fold(name: &str) -> String {
    lower(name.trim())
}

/// Letter by letter: the one letter of which lower case depends on what follows is written one way.
fn lower(text: &str) -> String {
    text.to_lowercase().replace('\u{3c2}', "\u{3c3}")
}

/// The part before the first dot, if there is one and it is not empty.
fn before_dot(name: &str) -> Option<&str> {
    name.split_once('.')
        .map(|(host, _)| host)
        .filter(|host| !host.is_empty())
}

/// What the machines of a group are called, exactly: a few forms of stem and suffix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamePattern {
    /// Any of them will do.
    pub forms: Vec<Form>,
}

/// A stem, compared case-insensitively, and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What all the names begin with; never empty.
    pub stem: String,
    /// What follows.
    pub suffix: Suffix,
}

/// What follows the stem of a machine's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suffix {
    /// Six base-36 digits of which the first is `0`, in either case: the machine's number in its group.
    Base36Number,
    /// Decimal digits: the machine's number in its group.
    DecimalNumber,
    /// Six of 0-9 and A-Z, in capitals as the cloud writes them.
    SixCapitals,
    /// Eight hexadecimal digits.
    EightHex,
}

/// How a name fits a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fit {
    /// The machine's numbers that the name may stand for; empty where names carry none.
    pub numbers: Vec<u64>,
}

/// Whether the letters of [`Suffix::SixCapitals`] may be small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// Only capitals: `web1A2B3C`, never `webserver`.
    Capitals,
    /// All capital, or all small.
    EitherCase,
}

impl NamePattern {
    /// Whether the whole name, or its part before the first dot, is one that the group gives.
    #[must_use]
    pub fn fit(&self, name: &str, letters: Letters) -> Option<Fit> {
        let name = name.trim();
        let mut fit: Option<Fit> = None;
        for part in [Some(name), before_dot(name)].into_iter().flatten() {
            for form in &self.forms {
                if let Some(number) = form.read(part, letters) {
                    let numbers = &mut fit.get_or_insert_default().numbers;
                    numbers.extend(number.filter(|n| !numbers.contains(n)));
                }
            }
        }
        fit
    }
}

impl NamePattern {
    /// Whether the name is one that a machine gives itself and from which no number can be read: the cloud has no other
    /// way to tell which machine that is.
    #[must_use]
    pub fn is_bare_computer_name(&self, name: &str) -> bool {
        let forms = self
            .forms
            .iter()
            .filter(|form| form.suffix == Suffix::SixCapitals)
            .cloned();
        Self {
            forms: forms.collect(),
        }
        .fit(name, Letters::EitherCase)
        .is_some()
    }
}

impl Form {
    /// `None`: does not fit. `Some(number)`: fits, and this is the machine's number if such names carry one.
    fn read(&self, name: &str, letters: Letters) -> Option<Option<u64>> {
        let suffix = strip_stem(name, &self.stem)?;
        let all = |test: fn(&u8) -> bool| suffix.bytes().all(|b| test(&b));
        match self.suffix {
            Suffix::Base36Number => {
                let shaped =
                    suffix.len() == 6 && suffix.starts_with('0') && all(u8::is_ascii_alphanumeric);
                shaped
                    .then(|| u64::from_str_radix(suffix, 36).ok())
                    .flatten()
                    .map(Some)
            }
            Suffix::DecimalNumber => {
                let shaped = !suffix.is_empty() && all(u8::is_ascii_digit);
                shaped.then(|| suffix.parse().ok()).flatten().map(Some)
            }
            Suffix::SixCapitals => {
                let capital = all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
                let small = letters == Letters::EitherCase
                    && all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
                (suffix.len() == 6 && (capital || small)).then_some(None)
            }
            Suffix::EightHex => (suffix.len() == 8 && all(u8::is_ascii_hexdigit)).then_some(None),
        }
    }
}

/// What follows `stem`, if `name` begins with it in any case and more follows.
fn strip_stem<'a>(name: &'a str, stem: &str) -> Option<&'a str> {
    let head = name.get(..stem.len())?;
    (!stem.is_empty() && head.eq_ignore_ascii_case(stem)).then(|| &name[stem.len()..])
}
