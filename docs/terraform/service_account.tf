# Only with create_service_account. The provider makes no API keys: that is done by hand.

locals {
  # The three of Octopus's guide, and Space Viewer for VariableView, which they lack.
  roles = ["Environment Manager", "Project Viewer", "Deployment Creator", "Space Viewer"]
}

data "octopusdeploy_user_roles" "all" {
  count = var.create_service_account ? 1 : 0
  take  = 1000
}

resource "octopusdeploy_user" "service_account" {
  count        = var.create_service_account ? 1 : 0
  username     = var.service_account
  display_name = var.service_account
  is_service   = true
}

resource "octopusdeploy_team" "service_account" {
  count       = var.create_service_account ? 1 : 0
  space_id    = var.space_id
  name        = var.service_account
  description = "What the runbook \"${var.runbook}\" may do."
  users       = [octopusdeploy_user.service_account[0].id]
}

# For the environment, and not restricted to projects or tenants: lists leave out silently what a key may not see.
resource "octopusdeploy_scoped_user_role" "service_account" {
  for_each        = toset(var.create_service_account ? local.roles : [])
  space_id        = var.space_id # without it, for the whole system
  team_id         = octopusdeploy_team.service_account[0].id
  environment_ids = [local.environment_id]

  # Servers write the names of roles with other capitals.
  user_role_id = one([
    for it in data.octopusdeploy_user_roles.all[0].user_roles : it.id if lower(it.name) == lower(each.key)
  ])
}
