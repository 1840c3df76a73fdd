//! Where a permission holds. Source: octopus.com/docs/api, "User Permissions".

use super::permissions::{Dimension, supported};
use serde_json::{Value, json};

/// A part of the server: a list that is empty limits nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// The id of the only space; `None` for all.
    pub space: Option<String>,
    /// The ids of the only projects.
    pub projects: Vec<String>,
    /// The ids of the only environments.
    pub environments: Vec<String>,
    /// The ids of the only tenants.
    pub tenants: Vec<String>,
    /// The ids of the only project groups.
    pub project_groups: Vec<String>,
}

impl Grant {
    /// Without limit.
    pub fn everywhere() -> Self {
        Self::default()
    }

    /// In this space alone.
    pub fn space(id: &str) -> Self {
        Self {
            space: Some(id.to_owned()),
            ..Self::default()
        }
    }

    /// For these projects alone.
    pub fn projects(ids: &[&str]) -> Self {
        Self {
            projects: owned(ids),
            ..Self::default()
        }
    }

    /// For these environments alone.
    pub fn environments(ids: &[&str]) -> Self {
        Self {
            environments: owned(ids),
            ..Self::default()
        }
    }

    /// For these tenants alone.
    pub fn tenants(ids: &[&str]) -> Self {
        Self {
            tenants: owned(ids),
            ..Self::default()
        }
    }

    /// For the projects of these groups alone.
    pub fn project_groups(ids: &[&str]) -> Self {
        Self {
            project_groups: owned(ids),
            ..Self::default()
        }
    }

    /// And for these environments alone.
    pub fn and_environments(mut self, ids: &[&str]) -> Self {
        self.environments = owned(ids);
        self
    }

    /// What is left of it for a permission that knows only some restrictions.
    pub(crate) fn limited_to_what(mut self, permission: &str) -> Self {
        let known = supported(permission);
        for (dimension, list) in [
            (Dimension::Projects, &mut self.projects),
            (Dimension::Projects, &mut self.project_groups),
            (Dimension::Environments, &mut self.environments),
            (Dimension::Tenants, &mut self.tenants),
        ] {
            if !known.contains(&dimension) {
                list.clear();
            }
        }
        self
    }

    /// As the permissions of a user show it for one space.
    pub(crate) fn to_json(&self, space: &str) -> Value {
        json!({
            "SpaceId": space,
            "RestrictedToProjectIds": self.projects,
            "RestrictedToEnvironmentIds": self.environments,
            "RestrictedToTenantIds": self.tenants,
            "RestrictedToProjectGroupIds": self.project_groups,
        })
    }
}

fn owned(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}
