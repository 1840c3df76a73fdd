"""Spoils the example in memory, in one way after the other: each has to be found, and nothing where nothing is wrong."""

# What is spoiled: the file, what stands there, what stands there instead, and what has to be said of it.
SPOILED = {
    "a misspelt attribute": (
        "machine_policy.tf",
        "health_check_type ",
        "health_check_typ ",
        "there is no health_check_typ",
    ),
    "a misspelt block": (
        "machine_policy.tf",
        "machine_cleanup_policy {",
        "cleanup_policy {",
        "there is no cleanup_policy",
    ),
    "a block without what it asks for": (
        "machine_policy.tf",
        'powershell_health_check_policy {\n      run_type = "InheritFromDefault"\n    }',
        "",
        "powershell_health_check_policy is missing",
    ),
    "a block as an attribute": (
        "machine_policy.tf",
        "machine_connectivity_policy {",
        "machine_connectivity_policy = {",
        "machine_connectivity_policy is a block",
    ),
    "a value that does not exist": (
        "machine_policy.tf",
        '"OnlyConnectivity"',
        '"ConnectionOnly"',
        "health_check_type is never ConnectionOnly",
    ),
    "an unknown resource": (
        "runbook.tf",
        '"octopusdeploy_process_templated_step" "reconcile"',
        '"octopusdeploy_runbook_process" "reconcile"',
        "no resource octopusdeploy_runbook_process",
    ),
    "an unknown data source": (
        "lookups.tf",
        'data "octopusdeploy_accounts"',
        'data "octopusdeploy_account"',
        "no data octopusdeploy_account",
    ),
    "a required attribute that is missing": (
        "runbook.tf",
        "space_id    = var.space_id\n",
        "",
        "space_id is missing",
    ),
    "a deprecated block": (
        "runbook.tf",
        "retention_policy_with_strategy {",
        "retention_policy {",
        "retention_policy is deprecated",
    ),
    "an attribute that can only be read": (
        "runbook.tf",
        "runbook_id = octopusdeploy_runbook.reconcile.id",
        'id = "RunbookProcess-Runbooks-1"',
        "id can only be read",
    ),
    "an attribute twice": (
        "runbook.tf",
        "runbook_id = octopusdeploy_runbook.reconcile.id",
        "project_id = local.project_id",
        "project_id is there 2 times",
    ),
    "an unknown attribute of an object in a list": (
        "runbook.tf",
        "help_text        =",
        "help             =",
        "parameters: there is no help",
    ),
    "an object in a list without what it asks for": (
        "runbook.tf",
        "id               = it.Id\n",
        "",
        "parameters: id is missing",
    ),
    "an attribute that is read and does not exist": (
        "runbook.tf",
        "octopusdeploy_step_template.reconcile.version",
        "octopusdeploy_step_template.reconcile.versions",
        "octopusdeploy_step_template.reconcile has no versions",
    ),
    "an attribute of an element that does not exist": (
        "lookups.tf",
        "it.id if it.name == var.azure_account",
        "it.id if it.title == var.azure_account",
        "data.octopusdeploy_accounts.named.accounts has no title",
    ),
    "an attribute of itself that does not exist": (
        "lookups.tf",
        "self.environments[*].name",
        "self.environment[*].name",
        "self has no environment",
    ),
    "a variable that is not declared": (
        "runbook.tf",
        "= var.dry_run",
        "= var.dryrun",
        "var.dryrun is not declared",
    ),
    "a variable that is not declared, within a text": (
        "outputs.tf",
        "${var.project}",
        "${var.projekt}",
        "var.projekt is not declared",
    ),
    "a local value that is not declared": (
        "runbook.tf",
        "[local.environment_id]",
        "[local.environment]",
        "local.environment is not declared",
    ),
    "a resource that is not declared": (
        "project_variables.tf",
        "octopusdeploy_runbook.reconcile.id",
        "octopusdeploy_runbook.other.id",
        "octopusdeploy_runbook.other is not declared",
    ),
    "a variable that nothing uses": (
        "variables.tf",
        'variable "scale_set" {',
        'variable "unused" {\n  description = ""\n  type = string\n  default = ""\n}\n\nvariable "scale_set" {',
        "var.unused is declared, and nothing uses it",
    ),
    "a variable that is declared twice": (
        "variables.tf",
        'variable "scale_set" {',
        'variable "project" {\n  description = ""\n  type = string\n}\n\nvariable "scale_set" {',
        "var.project is declared twice",
    ),
    "a value for no variable": (
        "terraform.tfvars.example",
        "scale_set ",
        "scaleset ",
        "there is no variable scaleset",
    ),
    "a parameter that the template does not have": (
        "runbook.tf",
        '"VMSS.ScaleSet.Name" ',
        '"VMSS.ScaleSetName" ',
        "the template has no parameter VMSS.ScaleSetName",
    ),
    "a parameter that the guide binds": (
        "runbook.tf",
        '"VMSS.DryRun"                 = var.dry_run',
        "",
        "VMSS.DryRun is missing",
    ),
    "another value than the guide's": (
        "runbook.tf",
        '"Project.Azure.Account" #',
        '"#{Project.Azure.Account}" #',
        "VMSS.Azure.Account is not `Project.Azure.Account`",
    ),
    "another variable than the guide's": (
        "project_variables.tf",
        '"Project.VMSS.ScaleSetName"',
        '"Project.VMSS.Name"',
        "the variable Project.VMSS.ScaleSetName is missing",
    ),
    "a file that cannot be read": (
        "outputs.tf",
        'output "publish" {',
        'output "publish" ',
        "outputs.tf: cannot be read",
    ),
    "a heredoc, into which nobody looks": (
        "outputs.tf",
        "value       = octopusdeploy_machine_policy.scale_set.name",
        "value = <<-EOT\n    ${var.nothing}\n  EOT",
        "a heredoc",
    ),
    "the file that is only an example": (
        "guided_failure.tf.example",
        "use_guided_failure ",
        "guided_failure ",
        "there is no guided_failure",
    ),
}


def run(files, problems_of):
    failures = [f"where nothing is spoiled: {problem}" for problem in problems_of(files)]
    for what, (name, old, new, expected) in SPOILED.items():
        if old not in files.get(name, ""):
            failures.append(f"{what}: {name} has no {old!r} to spoil")
            continue
        problems = problems_of(files | {name: files[name].replace(old, new, 1)})
        if not any(expected in problem for problem in problems):
            failures.append(f"{what}: not found; found was {problems}")
    for failure in failures:
        print(f"check-terraform: {failure}")
    print(f"check-terraform: {len(SPOILED)} ways to spoil the example, {len(failures)} failures")
    return 1 if failures else 0
