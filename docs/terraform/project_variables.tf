# The six variables of Octopus's guide. What gives access is seen by this runbook alone.

resource "octopusdeploy_variable" "azure_account" {
  owner_id = local.project_id
  name     = "Project.Azure.Account"
  type     = "AzureAccount"
  value    = local.account_id

  scope {
    environments = [local.environment_id]
    processes    = [octopusdeploy_runbook.reconcile.id]
  }
}

resource "octopusdeploy_variable" "octopus_api_key" {
  count           = nonsensitive(var.octopus_api_key == null) ? 0 : 1
  owner_id        = local.project_id
  name            = "Project.Octopus.Api.Key"
  type            = "Sensitive"
  is_sensitive    = true
  sensitive_value = var.octopus_api_key

  scope {
    environments = [local.environment_id]
    processes    = [octopusdeploy_runbook.reconcile.id]
  }
}

resource "octopusdeploy_variable" "octopus_roles" {
  owner_id = local.project_id
  name     = "Project.Octopus.Roles"
  type     = "String"
  value    = join(",", var.target_tags)

  scope {
    environments = [local.environment_id]
  }
}

# The same everywhere, hence without a scope.
resource "octopusdeploy_variable" "octopus_server_url" {
  owner_id = local.project_id
  name     = "Project.Octopus.Server.Url"
  type     = "String"
  value    = var.octopus_url
}

resource "octopusdeploy_variable" "resource_group_name" {
  owner_id = local.project_id
  name     = "Project.VMSS.ResourceGroup.Name"
  type     = "String"
  value    = var.resource_group

  scope {
    environments = [local.environment_id]
  }
}

resource "octopusdeploy_variable" "scale_set_name" {
  owner_id = local.project_id
  name     = "Project.VMSS.ScaleSetName"
  type     = "String"
  value    = var.scale_set

  scope {
    environments = [local.environment_id]
  }
}
