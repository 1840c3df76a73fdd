"""The Azure CLI logs in to the sandbox and reads its scale sets; then the program signs in as the CLI's user."""

import json
import os
import subprocess

from checks import AZURE, CLIENT, GROUP, SECRET, SUBSCRIPTION, TENANT, check, end, scale_set

WORK = os.environ["SANDBOX_WORK"]
ENVIRONMENT = {
    **os.environ,
    "AZURE_CONFIG_DIR": f"{WORK}/azure",
    "AZURE_CORE_COLLECT_TELEMETRY": "false",
    "AZURE_CORE_INSTANCE_DISCOVERY": "false",
    "REQUESTS_CA_BUNDLE": os.environ["SANDBOX_CA_FILE"],
}


def az(*arguments):
    """What az prints, or None where it fails: nothing may go on after a failed step, least of all to the public cloud."""
    done = subprocess.run(["az", *arguments, "--output", "json"], env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"az {' '.join(arguments[:2])} failed:\n{done.stderr}")
    return json.loads(done.stdout) if done.stdout.strip() else None


def log_in():
    endpoints = ["active-directory", "active-directory-resource-id", "active-directory-graph-resource-id", "management"]
    options = [part for name in ["resource-manager", *endpoints] for part in (f"--endpoint-{name}", AZURE)]
    az("cloud", "register", "--name", "Sandbox", *options)
    az("cloud", "set", "--name", "Sandbox")
    account = az("login", "--service-principal", "--username", CLIENT, "--password", SECRET, "--tenant", TENANT)
    check("login: the subscription", [each["id"] for each in account], [SUBSCRIPTION])


def read():
    for name in ["web", "green"]:
        shown = az("vmss", "show", "--resource-group", GROUP, "--name", name)
        known = scale_set(name)
        check(
            f"vmss show {name}: mode, capacity, state",
            [shown["orchestrationMode"], shown["sku"]["capacity"], shown["provisioningState"]],
            [known["mode"], known["capacity"], known["state"]],
        )
    rows = az("vmss", "list-instances", "--resource-group", GROUP, "--name", "web")
    known = scale_set("web")["instances"]
    check(
        "vmss list-instances web over several pages",
        [[row["instanceId"], row["osProfile"]["computerName"], row["provisioningState"]] for row in rows],
        [[machine["instance_id"], machine["computer_name"], machine["state"]] for machine in known],
    )


def program():
    environment = {**ENVIRONMENT, "SSL_CERT_FILE": os.environ["SANDBOX_CA_FILE"], "VMSS_AZURE_CREDENTIAL": "AzureCli"}
    for name in ["TENANTID", "CLIENT", "PASSWORD"]:
        environment.pop(f"VMSS_AZURE_ACCOUNT_{name}")
    run = subprocess.run(
        ["target/debug/octopus-scale-in", "--dry-run"], env=environment, capture_output=True, text=True
    )
    check("octopus-scale-in signs in as the user of this CLI", (run.returncode, run.stdout if run.returncode else ""), (0, ""))


log_in()
read()
program()
end(f"azure-cli {az('version')['azure-cli']}")
