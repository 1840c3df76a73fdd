//! What cannot be read ends the run before anything is touched, and says what was asked, what came back, and what to do.

use crate::support::fleet::Fleet;
use crate::support::{Run, expect_untouched, fails, scaled_in, settled};
use sandbox::{Access, Fault, Mode, Read, Route, When, scope};

const GONE: [&str; 1] = ["web000001"];
const NOWHERE: &str = "00000000-0000-4000-8000-00000000dead";

/// A run with this setting fails and says all of this.
#[track_caller]
fn fails_with(name: &str, value: &str, sayings: &[&str]) {
    let sandbox = scaled_in(3, &GONE);
    let run = Run::in_runbook(&sandbox).set(name, value);
    fails(&sandbox, run, sayings);
}

#[test]
fn a_wrong_api_key() {
    fails_with(
        "VMSS_OCTOPUS_APIKEY",
        "API-WRONG",
        &[
            "Could not list the deployment targets of Environments-1 in Spaces-1",
            "Octopus answered 401: The API key you provided was not valid",
            "Check VMSS.Octopus.ApiKey",
        ],
    );
}

#[test]
fn a_wrong_client_secret() {
    fails_with(
        "VMSS_AZURE_ACCOUNT_PASSWORD",
        "wrong",
        &[
            "to read scale set web (resource group web-rg)",
            "Entra ID answered 401 invalid_client: AADSTS7000215: Invalid client secret provided",
            "it takes the secret's value, not the secret's id",
        ],
    );
}

#[test]
fn an_unknown_tenant() {
    fails_with(
        "VMSS_AZURE_ACCOUNT_TENANTID",
        NOWHERE,
        &[
            "Entra ID answered 400 invalid_request: AADSTS90002: Tenant '00000000-0000-4000-8000-00000000dead' not found",
            "Check the tenant id",
        ],
    );
}

#[test]
fn an_unknown_application() {
    fails_with(
        "VMSS_AZURE_ACCOUNT_CLIENT",
        NOWHERE,
        &[
            "Entra ID answered 400 unauthorized_client: AADSTS700016: Application with identifier",
            "Check the application (client) id",
        ],
    );
}

#[test]
fn a_wrong_subscription() {
    fails_with(
        "VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER",
        NOWHERE,
        &[
            "Azure answered 404 SubscriptionNotFound: The subscription '00000000-0000-4000-8000-00000000dead' could not be found",
            "Check VMSS.Azure.Account.SubscriptionNumber",
        ],
    );
    fails_with(
        "VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER",
        "my subscription",
        &[
            "Azure answered 400 InvalidSubscriptionId",
            "Check VMSS.Azure.Account.SubscriptionNumber",
        ],
    );
}

#[test]
fn a_wrong_resource_group() {
    fails_with(
        "VMSS_RESOURCEGROUP_NAME",
        "wbe-rg",
        &[
            "Could not read scale set web (resource group wbe-rg)",
            "Azure answered 404 ResourceGroupNotFound: Resource group 'wbe-rg' could not be found",
            "Check VMSS.ResourceGroup.Name",
        ],
    );
}

#[test]
fn a_wrong_scale_set() {
    fails_with(
        "VMSS_SCALESET_NAME",
        "wbe",
        &[
            "Could not read scale set wbe (resource group web-rg)",
            "Azure answered 404 ResourceNotFound: The Resource 'Microsoft.Compute/virtualMachineScaleSets/wbe'",
            "Check VMSS.ScaleSet.Name and VMSS.ResourceGroup.Name",
        ],
    );
}

#[test]
fn a_wrong_space() {
    fails_with(
        "OCTOPUS_SPACE_ID",
        "Spaces-99",
        &[
            "Octopus answered 404",
            "Spaces-99",
            "Check Octopus.Space.Id",
        ],
    );
}

#[test]
fn a_wrong_environment_is_no_empty_one() {
    fails_with(
        "OCTOPUS_ENVIRONMENT_ID",
        "Environments-99",
        &[
            "Could not look up environment Environments-99 in space Spaces-1",
            "Octopus answered 404: The resource 'Environments-99' was not found",
            "Check Octopus.Environment.Id",
        ],
    );
}

#[test]
fn a_name_that_nothing_has() {
    for (name, value, what) in [
        (
            "OCTOPUS_ENVIRONMENT_ID",
            "Productoin",
            "look up environment 'Productoin' by its name",
        ),
        (
            "OCTOPUS_SPACE_ID",
            "Defualt",
            "look up space 'Defualt' by its name",
        ),
    ] {
        let sandbox = scaled_in(3, &GONE);
        let outcome = Run::by_hand(&sandbox).set(name, value).run().expect_code(3);
        outcome.expect_said(&format!("error: Could not {what}"));
        expect_untouched(&sandbox);
    }
}

#[test]
fn no_permission_to_see_the_targets() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.world(|world| world.octopus.forbid("MachineView"));

    fails(
        &sandbox,
        Run::in_runbook(&sandbox),
        &[
            "Could not list the deployment targets of Environments-1",
            "Octopus answered 403",
            "Missing permission: MachineView",
            "#permissions-in-octopus",
        ],
    );
}

#[test]
fn no_permission_to_read_the_scale_set_or_its_machines() {
    let set = scope::scale_set("web-rg", "web");
    let group = scope::group("web-rg");
    for (mode, read, at, attempted) in [
        (
            Mode::Uniform,
            Read::ScaleSets,
            &set,
            "read scale set web (resource group web-rg)",
        ),
        (
            Mode::Uniform,
            Read::Instances,
            &set,
            "list the instances of scale set web",
        ),
        (
            Mode::Flexible,
            Read::ScaleSets,
            &set,
            "read scale set web (resource group web-rg)",
        ),
        (
            Mode::Flexible,
            Read::Vms,
            &group,
            "list the virtual machines of resource group web-rg",
        ),
    ] {
        let fleet = Fleet::of(mode, 3);
        fleet.scale_in(&[1]);
        let access = Access::everything().deny(read, at);
        fleet.sandbox.world(|world| world.azure.access = access);

        fails(
            &fleet.sandbox,
            Run::in_runbook(&fleet.sandbox),
            &[
                &format!("Could not {attempted}"),
                "Azure answered 403 AuthorizationFailed: The client '",
                "does not have authorization to perform action 'Microsoft.Compute/",
                "Give the account the Reader role",
            ],
        );
    }
}

#[test]
fn a_scale_set_that_is_not_found_says_how_many_targets_match_nothing_and_never_which() {
    let sandbox = settled(3);
    sandbox.world(|world| {
        world.scale_set("web").delete();
        world.target("reporting");
    });
    let run = Run::in_runbook(&sandbox);
    let outcome = run.run().expect_code(3);
    let said = outcome.said("error");
    assert!(
        !said.contains("web00000") && !said.contains("reporting"),
        "a list of what to delete, although a misspelt name looks the same: {said}"
    );

    fails(
        &sandbox,
        run,
        &[
            "Azure answered 404 ResourceNotFound",
            "scale it to 0 and let a run finish",
            "This account sees no scale set; targets that carry the roles: 4",
            "has no scale set that this account sees",
        ],
    );
}

#[test]
fn a_misspelt_scale_set_is_told_the_nearest_name() {
    let sandbox = settled(2);
    sandbox.world(|world| drop(world.scale_set("orders").prefix("ord").instances(1)));
    let run = Run::in_runbook(&sandbox).set("VMSS_SCALESET_NAME", "Wep");

    fails(
        &sandbox,
        run,
        &["Resource group web-rg has orders, web; the nearest name is web"],
    );
}

#[test]
fn a_404_that_is_not_about_the_scale_set_has_nobody_delete_anything() {
    for answer in [
        Fault::azure_error(404, "InvalidResourceType", "No such type."),
        Fault::azure_error(404, "SubscriptionNotFound", "No such subscription."),
        Fault::html(404, "<html>Nothing here</html>"),
    ] {
        let sandbox = settled(2);
        sandbox.fault(Route::ScaleSet, When::Always, answer);

        let outcome = Run::in_runbook(&sandbox).run().expect_code(3);

        let said = outcome.said("error");
        assert!(said.contains("Azure answered 404"), "{said}");
        assert!(!said.contains("by hand"), "{said}");
        expect_untouched(&sandbox);
    }
}

#[test]
fn a_deleted_scale_set_counts_nobody_whose_machine_another_one_has() {
    let sandbox = settled(2);
    sandbox.world(|world| {
        let blue = world.scale_set("blue").instances(2).list();
        world.register_all(&blue);
        world.scale_set("web").delete();
        world.target("region").cloud_region();
    });
    let run = Run::in_runbook(&sandbox);

    fails(
        &sandbox,
        run,
        &[
            "Resource group web-rg has blue; the nearest name is blue",
            "match no instance of the 1 scale set that this account sees: 2",
        ],
    );
}

#[test]
fn one_scale_set_that_cannot_be_read_spoils_the_run_for_the_other() {
    let sandbox = scaled_in(3, &GONE);
    let run = Run::in_runbook(&sandbox).set("VMSS_SCALESET_NAME", "web,other-rg/other");
    sandbox.world(|world| {
        drop(world.scale_set("other-rg/other").instances(1));
        world.azure.access = Access::everything().deny_all(scope::group("other-rg"));
    });

    fails(
        &sandbox,
        run,
        &[
            "Could not read scale set other (resource group other-rg)",
            "403",
        ],
    );
}

#[test]
fn a_server_that_does_not_answer() {
    let nobody = "https://127.0.0.1:9";
    fails_with(
        "VMSS_OCTOPUS_URL",
        nobody,
        &["Octopus could not be reached", nobody],
    );
    fails_with(
        "VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI",
        nobody,
        &[
            "Could not read scale set web",
            "Azure could not be reached",
            "Check that this worker reaches 127.0.0.1:9",
        ],
    );
    fails_with(
        "VMSS_AZURE_ACCOUNT_ACTIVEDIRECTORYENDPOINTBASEURI",
        nobody,
        &[
            "Could not sign in to Azure at 127.0.0.1:9, to read scale set web",
            "Entra ID could not be reached",
        ],
    );
}

#[test]
fn an_answer_that_is_none() {
    for (fault, saying) in [
        (
            Fault::html(200, "Sign in"),
            "it is a web page, saying: Sign in",
        ),
        (Fault::broken_json(), "cannot be understood"),
        (Fault::html(502, "Bad gateway"), "answered 502: Bad gateway"),
        (Fault::truncate(), "could not be reached"),
        (Fault::reset(), "could not be reached"),
    ] {
        for (route, who) in [
            (Route::Machines, "Octopus"),
            (Route::ScaleSet, "Azure"),
            (Route::Instances, "Azure"),
        ] {
            let sandbox = scaled_in(3, &GONE);
            sandbox.fault(route, When::Always, fault.clone());
            fails(&sandbox, Run::in_runbook(&sandbox), &[who, saying]);
        }
    }
}

#[test]
fn an_object_that_is_no_page_is_no_empty_page() {
    for (route, who) in [(Route::Machines, "Octopus"), (Route::Instances, "Azure")] {
        let sandbox = scaled_in(3, &GONE);
        sandbox.fault(route, When::Always, Fault::bytes(200, "{}"));
        fails(
            &sandbox,
            Run::in_runbook(&sandbox),
            &[who, "cannot be understood"],
        );
    }
}
