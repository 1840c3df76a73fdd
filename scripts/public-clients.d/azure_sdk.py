"""The Azure SDK for Python reads the sandbox's scale sets, in every way that it can sign in."""

import logging
import os
import time
from importlib.metadata import version

# The SDK's HTTP library knows no SSL_CERT_FILE.
os.environ["REQUESTS_CA_BUNDLE"] = os.environ["SANDBOX_CA_FILE"]
# As App Service sets them; the SDK looks for them when it is loaded.
os.environ["IDENTITY_ENDPOINT"] = os.environ["SANDBOX_IDENTITY_ENDPOINT"]
os.environ["IDENTITY_HEADER"] = os.environ["SANDBOX_IDENTITY_HEADER"]

from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError
from azure.identity import ClientSecretCredential, ManagedIdentityCredential
from azure.mgmt.compute import ComputeManagementClient

from checks import AZURE, CLIENT, GROUP, SECRET, SUBSCRIPTION, TENANT, WORLD, check, end, scale_set

SCOPE = f"{AZURE}/.default"
# Refusals are expected here, and checked.
logging.disable(logging.WARNING)


def secret(value=SECRET, tenant=TENANT, client=CLIENT):
    return ClientSecretCredential(tenant, client, value, authority=AZURE, disable_instance_discovery=True)


def compute(credential):
    return ComputeManagementClient(credential, SUBSCRIPTION, base_url=AZURE, credential_scopes=[SCOPE])


def power(view):
    codes = [status.code for status in view.statuses or []]
    return next((code.split("/")[1] for code in codes if code.startswith("PowerState/")), None)


def instance(row):
    return {
        "name": row.name,
        "instance_id": row.instance_id,
        "computer_name": row.os_profile.computer_name,
        "state": row.provisioning_state,
    }


def of_world(machine, *keys):
    return {key: machine[key] for key in keys}


def sign_in():
    for credential, who in [(secret(), "client secret"), (ManagedIdentityCredential(), "managed identity")]:
        token = credential.get_token(SCOPE)
        check(f"a token by {who}, good for an hour at most", 0 < token.expires_on - time.time() <= 3600, True)
    for credential, code in [(secret("wrong"), "AADSTS7000215"), (secret(client="nobody"), "AADSTS700016")]:
        try:
            credential.get_token(SCOPE)
            check(f"a refusal with {code}", "a token", code)
        except ClientAuthenticationError as error:
            check(f"a refusal with {code}", code in str(error), True)


def scale_sets(client):
    for name in ["web", "green", "old"]:
        read = client.virtual_machine_scale_sets.get(GROUP, name)
        known = scale_set(name)
        profile = read.virtual_machine_profile
        check(
            f"scale set {name}: mode, capacity, state, prefix",
            [read.orchestration_mode, read.sku.capacity, read.provisioning_state, profile.os_profile.computer_name_prefix],
            [known["mode"], known["capacity"], known["state"], known["prefix"]],
        )
    names = sorted(each["name"] for each in WORLD["scale_sets"])
    check("scale sets of the resource group", sorted(s.name for s in client.virtual_machine_scale_sets.list(GROUP)), names)
    check("scale sets of the subscription", sorted(s.name for s in client.virtual_machine_scale_sets.list_all()), names)


def uniform(client):
    machines = client.virtual_machine_scale_set_vms
    keys = ("name", "instance_id", "computer_name", "state")
    known = [of_world(machine, *keys) for machine in scale_set("web")["instances"]]
    check("instances over several pages", [instance(row) for row in machines.list(GROUP, "web")], known)
    views = machines.list(GROUP, "web", expand="instanceView")
    powers = [machine["power"] for machine in scale_set("web")["instances"]]
    check("their power states", [power(row.instance_view) for row in views], powers)
    check("one instance by its id", instance(machines.get(GROUP, "web", "0")), known[0])
    check("an empty scale set", list(machines.list(GROUP, "old")), [])
    for asked, call in [
        ("an instance", lambda: machines.get(GROUP, "web", "77")),
        ("a scale set", lambda: client.virtual_machine_scale_sets.get(GROUP, "nobody")),
    ]:
        try:
            call()
            check(f"404 for {asked} that is not there", "an answer", "ResourceNotFoundError")
        except ResourceNotFoundError as error:
            check(f"404 for {asked} that is not there", bool(error.error and error.error.code), True)


def flexible(client):
    keys = ("name", "computer_name", "state")

    def machine(row):
        return {"name": row.name, "computer_name": row.os_profile.computer_name, "state": row.provisioning_state}

    everyone = [of_world(each, *keys) for each in WORLD["virtual_machines"]]
    check("all virtual machines of the group", [machine(row) for row in client.virtual_machines.list(GROUP)], everyone)
    path = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/green"
    own = client.virtual_machines.list(GROUP, filter=f"'virtualMachineScaleSet/id' eq '{path}'", expand="instanceView")
    own = [{**machine(row), "power": power(row.instance_view)} for row in own]
    known = [of_world(each, *keys, "power") for each in scale_set("green")["instances"]]
    check("those of the scale set with their power states", own, known)
    listed = [row.name for row in client.virtual_machine_scale_set_vms.list(GROUP, "green")]
    check("the scale set's own list", listed, [each["name"] for each in scale_set("green")["instances"]])


sign_in()
scale_sets(compute(secret()))
uniform(compute(ManagedIdentityCredential()))
flexible(compute(secret()))
end(f"azure-mgmt-compute {version('azure-mgmt-compute')}, azure-identity {version('azure-identity')}")
