//! What was set and decides what becomes of targets, in the words that a person would set it with. No secret is among it.

use super::values::{
    BusyTargets, DuplicateHandling, ExcludeOldServers, GuidedFailureHandling, HealthyTargets,
    ProblemHandling, Redeployments, ReferencedTargets, Settings, TimeoutHandling,
};
use crate::octopus::DryRun;
use crate::reconcile::plan::{Limit, OwnedOnly, RemovalAction};
use std::time::Duration;

impl Settings {
    /// The parameters that decide what becomes of targets, each with its value. Which targets and scale sets the run is about
    /// stands elsewhere.
    #[must_use]
    pub fn decided(&self) -> Vec<(&'static str, String)> {
        let Redeployments {
            window,
            duplicates,
            old_servers,
        } = self.redeployments;
        vec![
            ("VMSS.DryRun", yes_or_no(self.dry_run == DryRun::Yes)),
            ("VMSS.Removal.Action", action(self.rules.action).into()),
            ("VMSS.Removal.Limit", limit(self.limit)),
            (
                "VMSS.Removal.OwnedOnly",
                yes_or_no(self.rules.owned_only == OwnedOnly::Yes),
            ),
            (
                "VMSS.Healthy.Handle",
                word(&HealthyTargets::CHOICES, self.healthy_targets),
            ),
            ("VMSS.Healthy.TimeoutInMinutes", minutes(self.test_timeout)),
            (
                "VMSS.ReferencedTargets.Handle",
                word(&ReferencedTargets::CHOICES, self.referenced_targets),
            ),
            (
                "VMSS.BusyTargets.Handle",
                word(&BusyTargets::CHOICES, self.busy_targets),
            ),
            (
                "VMSS.Problem.Handle",
                problems(self.problem_handling).into(),
            ),
            ("VMSS.Timeout.Value", minutes(self.settle_timeout)),
            (
                "VMSS.Timeout.ErrorHandle",
                word(&TimeoutHandling::CHOICES, self.timeout_handling),
            ),
            (
                "VMSS.Registration.TimeoutInMinutes",
                minutes(self.registration_timeout),
            ),
            ("VMSS.Duplicate.TimeInMinutes", minutes(window)),
            (
                "VMSS.Duplicate.Handle",
                word(&DuplicateHandling::CHOICES, duplicates),
            ),
            (
                "VMSS.OldServers.ExcludeFromOutput",
                word(&ExcludeOldServers::CHOICES, old_servers),
            ),
            (
                "VMSS.GuidedFailure.Handle",
                word(&GuidedFailureHandling::CHOICES, self.guided_failures),
            ),
        ]
    }
}

/// The word that stands for a choice; every choice has one.
fn word<T: Copy + PartialEq>(choices: &[(&str, T)], chosen: T) -> String {
    let mut choices = choices.iter();
    let choice = choices.find(|(_, choice)| *choice == chosen);
    choice.map_or_else(String::new, |(word, _)| (*word).to_owned())
}

fn yes_or_no(yes: bool) -> String {
    let word = if yes { "Yes" } else { "No" };
    word.to_owned()
}

fn action(action: RemovalAction) -> &'static str {
    match action {
        RemovalAction::Delete => "Delete",
        RemovalAction::Disable => "Disable",
    }
}

/// With `Auto` decided.
fn problems(handling: ProblemHandling) -> &'static str {
    match handling {
        ProblemHandling::Fail => "Fail",
        ProblemHandling::Warn => "Warn",
    }
}

fn limit(limit: Limit) -> String {
    match limit {
        Limit::Count(count) => count.to_string(),
        Limit::Percent(percent) => format!("{percent}%"),
    }
}

fn minutes(time: Duration) -> String {
    let minutes = format!("{:.3}", time.as_secs_f64() / 60.0);
    minutes
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}
