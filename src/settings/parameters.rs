//! What a parameter is, and how it is called; all of them stand in [`super::table`].

/// A parameter. Its variable follows from its name, see [`super::variable_name`].
#[derive(Debug)]
pub struct Parameter {
    /// As the step template calls it, or Octopus itself.
    pub name: &'static str,
    /// What a person at a terminal sets it with.
    pub flag: Flag,
    /// The variables of other tools that serve by hand where its own is not set.
    pub by_hand: &'static [&'static str],
    /// What it takes.
    pub takes: Takes,
    /// What holds where it is not set; empty where nothing does.
    pub default: &'static str,
    /// In the help, below which heading.
    pub about: About,
    /// What it means.
    pub help: &'static str,
}

/// What a person at a terminal sets a parameter with.
#[derive(Debug, Clone, Copy)]
pub enum Flag {
    /// This, or its letter, or the whole name.
    Short(&'static str, Option<char>, &'static str),
    /// The whole name.
    Named(&'static str),
    /// No flag, because everybody on a machine sees the arguments of its processes: a variable.
    Secret(&'static str, &'static str),
    /// No flag, because it means nothing outside of Octopus: what to set instead.
    Pointless(&'static str, &'static str),
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// Text, called so in the help.
    Text(&'static str),
    /// Several, separated by commas, or one by one.
    List(&'static str),
    /// One of a few words.
    Choice(fn() -> Vec<&'static str>),
    /// Nothing, or a word after a sign: the flag alone says yes.
    Nothing,
}

/// What a parameter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Which targets, and which machines.
    Scope,
    /// Who asks Octopus and Azure.
    Access,
    /// What is removed, and what is spared.
    Removal,
    /// Waiting.
    Time,
    /// Deployments that triggers start.
    Deployments,
}

impl About {
    /// The heading in the help.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Scope => "Which targets, and whose machines",
            Self::Access => "Octopus and Azure",
            Self::Removal => "What is removed, and what is spared",
            Self::Time => "How long to wait",
            Self::Deployments => "In deployments",
        }
    }
}

impl Parameter {
    /// `--` and its flag; of a secret the variable.
    #[must_use]
    pub fn called_by_hand(&self) -> String {
        match (self.by_hand, self.flag) {
            // It is set once, beside the key.
            ([variable, ..], _) if self.about == About::Access => (*variable).to_owned(),
            (_, Flag::Short(flag, ..) | Flag::Named(flag)) => format!("--{flag}"),
            (_, Flag::Secret(_, variable)) => variable.to_owned(),
            (_, Flag::Pointless(_, instead)) => instead.to_owned(),
        }
    }
}
