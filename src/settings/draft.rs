//! What a run would be told, as far as it can be understood: settings that may yet lack something.

use super::flags::Flags;
use super::values::{
    BusyTargets, Caller, GuidedFailureHandling, HealthyTargets, ProblemHandling, Redeployments,
    ReferencedTargets, Settings, TimeoutHandling, Tuning,
};
use crate::azure::{Account, ScaleSetId};
use crate::error::Problem;
use crate::octopus::{BaseUrl, DryRun, Tenant};
use crate::reconcile::plan::{Limit, Rules};
use crate::secret::Secret;
use std::time::Duration;

/// The same as [`Settings`], of which the parts without a default may be missing.
#[derive(Debug)]
pub struct Draft {
    /// The scale sets to reconcile, as one.
    pub scale_sets: Option<Vec<ScaleSetId>>,
    /// The account and the cloud to read them with.
    pub account: Option<Account>,
    /// Octopus Server.
    pub octopus_url: Option<BaseUrl>,
    /// API key or access token of the service account.
    pub octopus_key: Option<Secret>,
    /// Space id; by hand also a name.
    pub space: Option<String>,
    /// Environment id; by hand also a name.
    pub environment: Option<String>,
    /// A target must carry all of them.
    pub roles: Option<Vec<String>>,
    /// The tenant of a tenanted run.
    pub tenant: Option<Tenant>,
    /// What verdicts depend on.
    pub rules: Rules,
    /// The most targets that one run may remove.
    pub limit: Limit,
    /// What becomes of a stale target in use.
    pub busy_targets: BusyTargets,
    /// What becomes of a stale target that variables are scoped to alone.
    pub referenced_targets: ReferencedTargets,
    /// What becomes of a stale target that Octopus does not call unavailable.
    pub healthy_targets: HealthyTargets,
    /// How long a test of connections may take in all.
    pub test_timeout: Duration,
    /// What brakes and failed removals do to the step.
    pub problem_handling: ProblemHandling,
    /// How long to wait for the scale sets to settle, in all.
    pub settle_timeout: Duration,
    /// What follows where they do not in time.
    pub timeout_handling: TimeoutHandling,
    /// How long to wait, after that, for every instance to have a registered target.
    pub registration_timeout: Duration,
    /// What of earlier deployments counts.
    pub redeployments: Redeployments,
    /// What becomes of guided failures on targets whose machines are gone.
    pub guided_failures: GuidedFailureHandling,
    /// Whether to change nothing.
    pub dry_run: DryRun,
    /// What started this run.
    pub caller: Caller,
    /// Times that tests and impatient people shorten.
    pub tuning: Tuning,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What is needed and not set.
    pub missing: Vec<Problem>,
    /// What is odd and yet no problem.
    pub warnings: Vec<String>,
}

impl Draft {
    /// The settings, if nothing is missing.
    pub(super) fn into_settings(self, flags: &Flags) -> Option<Settings> {
        Some(Settings {
            scale_sets: self.scale_sets?,
            account: self.account?,
            octopus_url: self.octopus_url?,
            octopus_key: self.octopus_key?,
            space: self.space?,
            environment: self.environment?,
            roles: self.roles?,
            tenant: self.tenant,
            rules: self.rules,
            limit: self.limit,
            busy_targets: self.busy_targets,
            referenced_targets: self.referenced_targets,
            healthy_targets: self.healthy_targets,
            test_timeout: self.test_timeout,
            problem_handling: self.problem_handling,
            settle_timeout: self.settle_timeout,
            timeout_handling: self.timeout_handling,
            registration_timeout: self.registration_timeout,
            redeployments: self.redeployments,
            guided_failures: self.guided_failures,
            dry_run: self.dry_run,
            caller: self.caller,
            report: flags.report.clone(),
            question: flags.question,
            dry_run_exit: flags.dry_run_exit,
            tuning: self.tuning,
            warnings: self.warnings,
        })
    }
}
