//! The plan, as it is printed.

use super::wording::{capitalized, count_of, counts, nobody_carries, row};
use crate::azure::Seen;
use crate::console::Level;
use crate::octopus::EnvironmentRoles;
use crate::reconcile::brake::{self, Brake};
use crate::reconcile::plan::{Deferral, Plan, Verdict};
use crate::reconcile::{Look, Target};
use crate::sight::Services;

impl Services<'_> {
    /// Prints one line per scale set, one for what else the account sees, one that counts the verdicts, and every target
    /// that is not simply kept.
    pub fn show_plan(
        &self,
        look: &Look,
        census: &EnvironmentRoles,
        plan: &Plan,
        seen: Option<&Seen>,
    ) {
        let Look { targets, groups } = look;
        let heads: Vec<String> = groups
            .iter()
            .map(|g| format!("{}: {}", capitalized(&g.title), g.summary))
            .collect();
        self.log.block(Level::Info, &heads);
        if let Some(seen) = seen {
            let (sets, groups) = (
                count_of(seen.scale_sets, "scale set"),
                count_of(seen.groups, "resource group"),
            );
            self.log
                .info(format_args!("This account sees {sets} in {groups}"));
        }
        self.log.info(format_args!(
            "{}: {}",
            count_of(targets.len(), "target"),
            counts(plan)
        ));
        let rows = |kept: bool| -> Vec<String> {
            let chosen =
                |(_, verdict): &(&Target, &Verdict)| matches!(verdict, Verdict::Kept(_)) == kept;
            let rows = targets.iter().zip(&plan.verdicts).filter(chosen);
            rows.map(|(target, verdict)| row(target, verdict)).collect()
        };
        self.log.block(Level::Info, &rows(false));
        self.log.block(Level::Verbose, &rows(true));
        self.warn_about(look, census, plan);
    }

    fn warn_about(&self, look: &Look, census: &EnvironmentRoles, plan: &Plan) {
        let Look { targets, groups } = look;
        if targets.is_empty() {
            self.log.warn(nobody_carries(
                census,
                &self.settings.roles,
                &self.environment,
            ));
        }
        for group in groups {
            let listed = group.instances.len();
            if let Some(capacity) = group.capacity.filter(|c| listed > 0 && *c > listed as u64) {
                self.log.warn(format_args!(
                    "{} lists {listed} instances although its capacity is {capacity}; evicted Spot instances or a failed allocation look like this",
                    group.title
                ));
            }
        }
        // Where something would be removed these are brakes, and say more; while all machines are new the end of the log
        // does.
        let new = |verdict: &Verdict| *verdict == Verdict::Deferred(Deferral::MachinesAreNew);
        if plan.candidate_count() == 0 && !plan.verdicts.iter().any(new) {
            for doubt in brake::doubts(look, plan) {
                self.warn_of_doubt(&doubt);
            }
        }
    }

    /// A brake where nothing would be removed.
    pub fn warn_of_doubt(&self, doubt: &Brake) {
        let fact = capitalized(&doubt.to_string());
        self.log.warn(format_args!(
            "{fact}. It would hold back removals, if there were any"
        ));
    }
}
