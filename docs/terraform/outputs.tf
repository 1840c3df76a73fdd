output "publish" {
  description = "What the provider cannot do: publishes the runbook, with the octopus command line tool."
  value       = "octopus runbook snapshot create --space \"${var.space_id}\" --project \"${var.project}\" --runbook \"${var.runbook}\" --publish --no-prompt"
}

output "published_snapshot" {
  description = "What the schedule runs. Empty: it runs nothing."
  value       = octopusdeploy_runbook.reconcile.published_runbook_snapshot_id
}

output "machine_policy" {
  description = "Give it to the targets that are there, and to those to come with: register-with --policy."
  value       = octopusdeploy_machine_policy.scale_set.name
}

output "step_template_version" {
  description = "The number that this server gave to the step template's content."
  value       = octopusdeploy_step_template.reconcile.version
}
