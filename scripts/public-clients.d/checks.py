"""What the Python scripts share: the world that the sandbox serves, and a word about every check."""

import json
import os
import sys

WORLD = json.loads(os.environ["SANDBOX_WORLD"])
AZURE = os.environ["VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI"]
TENANT = os.environ["VMSS_AZURE_ACCOUNT_TENANTID"]
CLIENT = os.environ["VMSS_AZURE_ACCOUNT_CLIENT"]
SECRET = os.environ["VMSS_AZURE_ACCOUNT_PASSWORD"]
SUBSCRIPTION = os.environ["VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER"]
GROUP = os.environ["VMSS_RESOURCEGROUP_NAME"]

_failed = []


def scale_set(name):
    """What the world says of a scale set."""
    return next(each for each in WORLD["scale_sets"] if each["name"] == name)


def check(what, read, expected):
    """Says whether a client read what the world holds."""
    same = read == expected
    print(f"{'ok  ' if same else 'FAIL'} {what}")
    if not same:
        print(f"     read:     {read}\n     expected: {expected}")
        _failed.append(what)


def end(client):
    """Ends the script, with 1 if a check failed."""
    print(f"{client}: {'all well' if not _failed else f'{len(_failed)} checks failed'}\n")
    sys.exit(1 if _failed else 0)
