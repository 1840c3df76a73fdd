//! What is kept in Git calls environments by id, slug or name: the one that is looked at is called by its id from here on.

use super::asking::InSpace;
use crate::octopus::set_up::{EnvironmentScope, Process, Runbook, Variable};

impl InSpace<'_> {
    pub(super) fn runbook_in_ids(&self, mut runbook: Runbook) -> Runbook {
        if let EnvironmentScope::Specified(environments) = &mut runbook.scope {
            self.in_ids(environments);
        }
        runbook
    }

    pub(super) fn process_in_ids(&self, mut process: Process) -> Process {
        for action in &mut process.actions {
            self.in_ids(&mut action.limits.environments);
            self.in_ids(&mut action.limits.excluded);
        }
        process
    }

    pub(super) fn variables_in_ids(&self, mut variables: Vec<Variable>) -> Vec<Variable> {
        let scopes = variables.iter_mut().map(|it| &mut it.scope);
        scopes
            .filter_map(|scope| scope.get_mut("Environment"))
            .for_each(|environments| self.in_ids(environments));
        variables
    }

    fn in_ids(&self, environments: &mut [String]) {
        if let Some(environment) = self.environment.known() {
            environment.call_by_id(environments);
        }
    }
}
