terraform {
  required_version = ">= 1.6"

  required_providers {
    octopusdeploy = {
      source  = "OctopusDeploy/octopusdeploy"
      version = "~> 1.17"
    }
  }
}

# Address and key come from the environment: OCTOPUS_URL and OCTOPUS_API_KEY (or OCTOPUS_ACCESS_TOKEN).
provider "octopusdeploy" {
  space_id = var.space_id
}
