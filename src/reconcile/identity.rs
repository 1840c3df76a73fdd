//! Does this name mean that machine, and does it fit that group's pattern.
//!
//! Matching keeps, so it is generous; ownership removes, so it is exact.
//!
//! | question | answered by | when it is yes |
//! |---|---|---|
//! | does the target mean this machine? | [`Machines::meant_by`] | equal; equal up to the first dot; the machine's name stands in the target's between non-alphanumeric boundaries |
//! | is the name one that the group gives? | [`NamePattern::fit`] | the whole name, or its part before the first dot, is a stem and a suffix of the group's forms |
//! | is it so but for a decoration? | [`Ownership::fit`] | two machines or more are kept, and every kept target carries that same decoration |

use super::{Group, Instance};
use std::collections::HashSet;

/// Lower case for comparing names.
fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The part before the first dot, if there is one and it is not empty.
fn before_dot(name: &str) -> Option<&str> {
    name.split_once('.')
        .map(|(host, _)| host)
        .filter(|host| !host.is_empty())
}

/// Where a machine stands in a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seat {
    /// Index of the group in the look.
    pub group: usize,
    /// Whether it is a machine of the group or one beside it.
    pub member: bool,
    /// Index in the group's `instances` or `bystanders`.
    pub index: usize,
}

/// Machines by name, for asking which of them a target means.
///
/// Built once for all targets and asked by binary search, so 10,000 targets against 10,000 machines stay near-linear.
#[derive(Debug, Default)]
pub struct Machines {
    names: Vec<(Box<str>, Seat)>,
    /// Names of machines that have a dot, up to that dot.
    hosts: Vec<(Box<str>, Seat)>,
    /// Lengths in bytes that occur in `names`, each once.
    lengths: Vec<usize>,
}

impl Machines {
    /// All machines of the groups, members and bystanders.
    #[must_use]
    pub fn of(groups: &[Group]) -> Self {
        let mut machines = Self::default();
        for (group, g) in groups.iter().enumerate() {
            for (member, list) in [(true, &g.instances), (false, &g.bystanders)] {
                for (index, instance) in list.iter().enumerate() {
                    machines.add(
                        instance,
                        Seat {
                            group,
                            member,
                            index,
                        },
                    );
                }
            }
        }
        machines.sort();
        machines
    }

    /// A list of machines by itself.
    #[must_use]
    pub fn listed(instances: &[Instance]) -> Self {
        let mut machines = Self::default();
        for (index, instance) in instances.iter().enumerate() {
            machines.add(
                instance,
                Seat {
                    group: 0,
                    member: true,
                    index,
                },
            );
        }
        machines.sort();
        machines
    }

    fn add(&mut self, instance: &Instance, seat: Seat) {
        for name in instance
            .computer_name
            .iter()
            .chain([&instance.resource_name])
        {
            let name = fold(name);
            // An empty name would be found in every target's.
            if name.is_empty() {
                continue;
            }
            if let Some(host) = before_dot(&name) {
                self.hosts.push((host.into(), seat));
            }
            self.names.push((name.into(), seat));
        }
    }

    fn sort(&mut self) {
        self.names.sort_unstable();
        self.hosts.sort_unstable();
        let lengths: HashSet<usize> = self.names.iter().map(|(name, _)| name.len()).collect();
        self.lengths = lengths.into_iter().collect();
        self.lengths.sort_unstable();
    }

    /// The machines that a target of this name may mean, each once.
    #[must_use]
    pub fn meant_by(&self, target_name: &str) -> Vec<Seat> {
        let name = fold(target_name);
        let mut seats = Vec::new();
        for part in bounded_parts(&name, &self.lengths) {
            seats.extend(named(&self.names, part));
        }
        let host = before_dot(&name).unwrap_or(&name);
        seats.extend(named(&self.names, host));
        seats.extend(named(&self.hosts, host));
        seats.sort_unstable();
        seats.dedup();
        seats
    }
}

/// The seats under exactly this name.
fn named<'a>(names: &'a [(Box<str>, Seat)], name: &str) -> impl Iterator<Item = Seat> + use<'a> {
    let from = names.partition_point(|(n, _)| &**n < name);
    let to = from + names[from..].partition_point(|(n, _)| &**n == name);
    names[from..to].iter().map(|(_, seat)| *seat)
}

/// The parts of `name` of the given lengths that stand between non-alphanumeric boundaries (or the ends).
fn bounded_parts<'a>(name: &'a str, lengths: &'a [usize]) -> impl Iterator<Item = &'a str> {
    let starts = name
        .char_indices()
        .scan(None, |before: &mut Option<char>, (start, c)| {
            let open = before.is_none_or(|b| !b.is_alphanumeric());
            *before = Some(c);
            Some(open.then_some(start))
        });
    starts.flatten().flat_map(move |start| {
        lengths.iter().filter_map(move |length| {
            let part = name.get(start..start + length)?;
            let after = name[start + length..].chars().next();
            after.is_none_or(|c| !c.is_alphanumeric()).then_some(part)
        })
    })
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

/// What stands around a machine's name in the name of its target, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decoration {
    before: String,
    after: String,
}

impl Decoration {
    /// The decoration with which `target_name` carries `machine_name`, or `None` if that does not stand in it.
    fn around(target_name: &str, machine_name: &str) -> Option<Self> {
        let (target, machine) = (fold(target_name), fold(machine_name));
        let lengths = [machine.len()];
        // Up to the first dot if it stands there, so that a domain is no decoration.
        [before_dot(&target), Some(&target)]
            .into_iter()
            .flatten()
            .find_map(|whole| {
                let part = bounded_parts(whole, &lengths)
                    .find(|part| !part.is_empty() && *part == machine)?;
                let start = part.as_ptr() as usize - whole.as_ptr() as usize;
                Some(Self {
                    before: whole[..start].into(),
                    after: whole[start + part.len()..].into(),
                })
            })
    }

    fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    /// The name without the decoration, or `None` if it does not carry it.
    fn strip<'a>(&self, name: &'a str) -> Option<&'a str> {
        let inner = name.get(self.before.len()..name.len().checked_sub(self.after.len())?)?;
        let around = (
            &name[..self.before.len()],
            &name[name.len() - self.after.len()..],
        );
        (around.0.to_lowercase() == self.before && around.1.to_lowercase() == self.after)
            .then_some(inner)
    }
}

/// Which names are a group's own: its pattern, and what its kept targets teach about how people write it.
#[derive(Debug)]
pub struct Ownership<'a> {
    pattern: &'a NamePattern,
    letters: Letters,
    decoration: Option<Decoration>,
}

/// A kept target of a group, with the machines of that group that it means.
pub type Kept<'a> = (&'a str, Vec<&'a Instance>);

impl<'a> Ownership<'a> {
    /// Learns from the kept targets of the group.
    #[must_use]
    pub fn learn(pattern: &'a NamePattern, kept: &[Kept<'_>]) -> Self {
        let decoration = shared_decoration(kept);
        let core = |name: &'_ str| -> String {
            let stripped = decoration.as_ref().and_then(|d| d.strip(name.trim()));
            stripped.unwrap_or(name).to_owned()
        };
        let small = kept.iter().any(|(name, _)| {
            let core = core(name);
            pattern.fit(&core, Letters::EitherCase).is_some()
                && pattern.fit(&core, Letters::Capitals).is_none()
        });
        let letters = if small {
            Letters::EitherCase
        } else {
            Letters::Capitals
        };
        Self {
            pattern,
            letters,
            decoration,
        }
    }

    /// Whether the name is the group's own, and how it reads without its decoration.
    #[must_use]
    pub fn fit(&self, name: &str) -> Option<(String, Fit)> {
        let name = name.trim();
        if let Some(fit) = self.pattern.fit(name, self.letters) {
            return Some((name.to_owned(), fit));
        }
        let decoration = self.decoration.as_ref()?;
        [Some(name), before_dot(name)]
            .into_iter()
            .flatten()
            .find_map(|part| {
                let core = decoration.strip(part)?;
                let fit = self.pattern.fit(core, self.letters)?;
                Some((core.to_owned(), fit))
            })
    }
}

/// The decoration that every kept target carries around its machine's name, if there is one.
///
/// One kept target alone proves nothing: `app-web00000A` of a neighbour matches `web00000A` by accident, and would hand
/// over all of the neighbour's machines.
fn shared_decoration(kept: &[Kept<'_>]) -> Option<Decoration> {
    let machines: HashSet<&str> = kept
        .iter()
        .flat_map(|(_, instances)| instances.iter().map(|i| i.resource_name.as_str()))
        .collect();
    if kept.len() < 2 || machines.len() < 2 {
        return None;
    }
    let decorations_of = |(name, instances): &Kept<'_>| -> Vec<Decoration> {
        let names = instances
            .iter()
            .flat_map(|i| i.computer_name.iter().chain([&i.resource_name]));
        names
            .filter_map(|machine| Decoration::around(name, machine))
            .collect()
    };
    let (first, others) = kept.split_first()?;
    let mut shared = decorations_of(first);
    for other in others {
        let theirs = decorations_of(other);
        shared.retain(|decoration| theirs.contains(decoration));
        if shared.is_empty() {
            return None;
        }
    }
    shared.into_iter().find(|decoration| !decoration.is_empty())
}
