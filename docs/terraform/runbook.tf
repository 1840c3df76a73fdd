locals {
  # The file of a release: it knows where the program is, and its hash. The repository's own file knows neither.
  template = jsondecode(file("${path.module}/octopus-scale-in.json"))
}

resource "octopusdeploy_step_template" "reconcile" {
  name            = local.template.Name
  description     = local.template.Description
  action_type     = local.template.ActionType
  step_package_id = local.template.ActionType
  packages        = [] # the template has none
  properties      = local.template.Properties

  parameters = [for it in local.template.Parameters : {
    id               = it.Id
    name             = it.Name
    label            = it.Label
    help_text        = it.HelpText
    default_value    = it.DefaultValue
    display_settings = it.DisplaySettings
  }]
}

resource "octopusdeploy_runbook" "reconcile" {
  project_id         = local.project_id
  name               = var.runbook
  description        = "Removes deployment targets whose machines a scale set no longer has."
  environment_scope  = "Specified"
  environments       = [local.environment_id]
  multi_tenancy_mode = "Untenanted"

  # Not the environment's: the first red run would wait for a person, and all later ones behind it.
  default_guided_failure_mode = "Off"

  connectivity_policy {
    allow_deployments_to_no_targets = true
  }

  # The default keeps 100 runs, which are 25 hours at 15 minutes.
  retention_policy_with_strategy {
    strategy         = "Count"
    quantity_to_keep = 30
    unit             = "Days"
  }
}

resource "octopusdeploy_process" "reconcile" {
  project_id = local.project_id
  runbook_id = octopusdeploy_runbook.reconcile.id
}

resource "octopusdeploy_process_templated_step" "reconcile" {
  process_id       = octopusdeploy_process.reconcile.id
  name             = var.runbook
  template_id      = octopusdeploy_step_template.reconcile.id
  template_version = octopusdeploy_step_template.reconcile.version
  worker_pool_id   = local.worker_pool_id

  # Once, on a worker: never on the targets, which are the machines that vanish.
  execution_properties = {
    "Octopus.Action.RunOnServer" = "True"
  }

  parameters = {
    "VMSS.ScaleSet.Name"          = "#{Project.VMSS.ScaleSetName}"
    "VMSS.ResourceGroup.Name"     = "#{Project.VMSS.ResourceGroup.Name}"
    "VMSS.Azure.Account"          = "Project.Azure.Account" # an account parameter takes the variable's name
    "VMSS.DeploymentTarget.Roles" = "#{Project.Octopus.Roles}"
    "VMSS.Octopus.Url"            = "#{Project.Octopus.Server.Url}"
    "VMSS.Octopus.ApiKey"         = "#{Project.Octopus.Api.Key}"
    "VMSS.Timeout.Value"          = "5" # with the test of connections less than the schedule's interval
    "VMSS.DryRun"                 = var.dry_run
  }
}

resource "octopusdeploy_project_scheduled_trigger" "reconcile" {
  project_id  = local.project_id
  space_id    = var.space_id
  name        = var.runbook
  is_disabled = !var.schedule_enabled
  timezone    = "UTC"

  run_runbook_action {
    runbook_id             = octopusdeploy_runbook.reconcile.id
    target_environment_ids = [local.environment_id]
  }

  cron_expression_schedule {
    cron_expression = var.cron
  }

  # A schedule should find the step.
  depends_on = [octopusdeploy_process_templated_step.reconcile]
}
