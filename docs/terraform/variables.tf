# What is there already, by name (the space by its id).

variable "space_id" {
  description = "The id of the space, such as Spaces-1. It stands in the address of every page of the space."
  type        = string
}

variable "project" {
  description = "The project that deploys to the scale set's machines. It must not be version-controlled."
  type        = string
}

variable "environment" {
  description = "The environment of the scale set's targets."
  type        = string
}

variable "azure_account" {
  description = "The Azure account of Octopus that may read the scale set."
  type        = string
}

variable "worker_pool" {
  description = "The worker pool that runs the step. Without it the space's default pool."
  type        = string
  default     = null
}

# The scale set, and the targets that belong to it.

variable "scale_set" {
  description = "The name of the scale set."
  type        = string
}

variable "resource_group" {
  description = "The resource group of the scale set."
  type        = string
}

variable "target_tags" {
  description = "Target tags (roles) that all of its targets carry, one of which only they carry."
  type        = list(string)

  validation {
    condition     = length(var.target_tags) > 0
    error_message = "Without a tag every target of the environment would be meant."
  }
}

variable "octopus_url" {
  description = "Where the step reaches Octopus: by default, as the server calls itself."
  type        = string
  default     = "#{Octopus.Web.ServerUri}"
}

variable "octopus_api_key" {
  description = "The key of the service account, which the step uses. It ends up in the state: without it the variable is left to be made by hand."
  type        = string
  default     = null
  sensitive   = true
}

# What is made.

variable "machine_policy" {
  description = "The name of the machine policy."
  type        = string
  default     = "Scale set machines"
}

variable "runbook" {
  description = "The name of the runbook, and of its step and its schedule."
  type        = string
  default     = "Remove targets whose machines are gone"
}

variable "dry_run" {
  description = "Yes: the step says what it would remove, and removes nothing. Publish after every change."
  type        = string
  default     = "Yes"

  validation {
    condition     = contains(["Yes", "No"], var.dry_run)
    error_message = "Yes or No, as in the step template."
  }
}

variable "schedule_enabled" {
  description = "Whether the schedule runs. It needs a published snapshot."
  type        = bool
  default     = false
}

variable "cron" {
  description = "When, in UTC. Octopus's cron lines have six fields, seconds first."
  type        = string
  default     = "0 0/15 * * * *"
}

variable "create_service_account" {
  description = "Whether to make the service account, its team and their roles. Needs a key that may administer users."
  type        = bool
  default     = false
}

variable "service_account" {
  description = "The name of the service account, and of its team."
  type        = string
  default     = "octopus-scale-in"
}
