# A connection test is quick and changes nothing. Nothing is deleted for being unavailable: a machine that was only
# stopped would lose its registration. And a machine that is gone must not make every health check red.
resource "octopusdeploy_machine_policy" "scale_set" {
  name        = var.machine_policy
  description = "For the machines of scale sets. The runbook \"${var.runbook}\" removes the targets of machines that are gone."

  machine_health_check_policy {
    health_check_type     = "OnlyConnectivity"
    health_check_interval = 15 * 60 * 1000000000 # 15 minutes in nanoseconds

    # The provider asks for both, though a connection test runs no script.
    bash_health_check_policy {
      run_type = "InheritFromDefault"
    }
    powershell_health_check_policy {
      run_type = "InheritFromDefault"
    }
  }

  machine_cleanup_policy {
    delete_machines_behavior = "DoNotDelete"
  }

  machine_connectivity_policy {
    machine_connectivity_behavior = "MayBeOfflineAndCanBeSkipped"
  }
}
