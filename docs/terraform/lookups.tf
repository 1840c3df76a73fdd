# Ids of what is there already. Some of these questions match parts of names, so the answers are compared once more.

data "octopusdeploy_projects" "named" {
  name = var.project

  lifecycle {
    postcondition {
      condition     = contains(self.projects[*].name, var.project)
      error_message = "This space has no project of that name that the key may see."
    }
    postcondition {
      condition     = !anytrue([for it in self.projects : it.is_version_controlled if it.name == var.project])
      error_message = "The provider makes no process in a version-controlled project."
    }
  }
}

data "octopusdeploy_environments" "named" {
  name = var.environment

  lifecycle {
    postcondition {
      condition     = contains(self.environments[*].name, var.environment)
      error_message = "This space has no environment of that name that the key may see."
    }
  }
}

data "octopusdeploy_accounts" "named" {
  partial_name = var.azure_account
  take         = 1000

  lifecycle {
    postcondition {
      condition     = contains(self.accounts[*].name, var.azure_account)
      error_message = "This space has no account of that name that the key may see."
    }
  }
}

data "octopusdeploy_worker_pools" "named" {
  count = var.worker_pool == null ? 0 : 1
  name  = var.worker_pool

  lifecycle {
    postcondition {
      condition     = contains(self.worker_pools[*].name, var.worker_pool)
      error_message = "This space has no worker pool of that name that the key may see."
    }
  }
}

locals {
  project_id     = one([for it in data.octopusdeploy_projects.named.projects : it.id if it.name == var.project])
  environment_id = one([for it in data.octopusdeploy_environments.named.environments : it.id if it.name == var.environment])
  account_id     = one([for it in data.octopusdeploy_accounts.named.accounts : it.id if it.name == var.azure_account])

  # No id at all is the default pool.
  worker_pool_id = var.worker_pool == null ? "" : one([
    for it in data.octopusdeploy_worker_pools.named[0].worker_pools : it.id if it.name == var.worker_pool
  ])
}
