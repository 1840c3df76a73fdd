//! Where Octopus may ask for tenants to be named, a permission without any does not pass for what tenants use.

use crate::support::check::{Checked, Guided};
use sandbox::{Fault, Grant, Guide, Route, When, World};

const BOTH: [&str; 2] = ["DeploymentView", "RunbookRunView"];

/// A space with two tenants, in whose deployments the targets take part so.
fn tenanted(participation: &str, change: impl FnOnce(&mut World, &Guide)) -> Guided {
    Guided::but(|world, guide| {
        world.octopus.readings.tenants_must_be_named = true;
        world.octopus.add_tenant("Contoso", &[]);
        world.octopus.add_tenant("Fabrikam", &[]);
        for target in world.octopus.targets.values_mut() {
            participation.clone_into(&mut target.participation);
        }
        change(world, guide);
    })
}

fn is_told(checked: &Checked) {
    checked.expect_only(&["WARN permission"], "tenants use the targets unseen");
    for words in [
        "may not reach tenanted deployments",
        "for every tenant by name",
    ] {
        checked.expect_says("permission", words);
    }
    let odd = checked.findings.iter().filter(|it| it["status"] != "PASS");
    let subjects: Vec<&str> = odd.filter_map(|it| it["subject"].as_str()).collect();
    assert_eq!(subjects, BOTH, "others are enough as they are");
    checked.expect_code(0);
}

#[test]
fn a_grant_without_tenants_may_not_reach_what_they_use() {
    is_told(&tenanted("TenantedOrUntenanted", |_, _| {}).check());
}

#[test]
fn targets_that_no_tenant_uses_need_no_more() {
    let checked = tenanted("Untenanted", |_, _| {}).check();
    checked.expect_only(&[], "no tenanted deployment uses them");
}

/// Gives the schedule's user both permissions without tenants, and for these by name.
fn named(world: &mut World, names: usize) {
    let ids: Vec<String> = world.octopus.tenants.keys().take(names).cloned().collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    for permission in BOTH {
        let account = world.service_account();
        let account = account.restrict(permission, Grant::everywhere());
        drop(account.restrict(permission, Grant::tenants(&ids)));
    }
}

#[test]
fn grants_that_name_every_tenant_reach_it() {
    let all = tenanted("TenantedOrUntenanted", |world, _| named(world, 2));
    all.check().expect_only(&[], "every tenant is named");
    let one = tenanted("TenantedOrUntenanted", |world, _| named(world, 1));
    is_told(&one.check());
}

#[test]
fn who_does_not_see_the_tenants_goes_by_the_targets() {
    let unseen = tenanted("TenantedOrUntenanted", |world, guide| {
        drop(world.user(&guide.administrator).forbid("TenantView"));
    });
    is_told(&unseen.check());
    let some = tenanted("TenantedOrUntenanted", |world, guide| {
        named(world, 2);
        let first = world.octopus.tenants.keys().next().cloned();
        let first = first.expect("a tenant");
        let administrator = world.user(&guide.administrator);
        drop(administrator.restrict("TenantView", Grant::tenants(&[&first])));
    });
    is_told(&some.check());
}

#[test]
fn tenants_that_nobody_answers_for_end_it_with_3() {
    for fault in [Fault::status(500), Fault::html(200, "nonsense")] {
        let guided = Guided::new();
        guided.sandbox.fault(Route::Tenants, When::Always, fault);
        let checked = Checked::of(guided.run().set("VMSS_RETRY_SECONDS", "0").run());
        checked.expect_only(&["WARN permission"], "nobody says which tenants there are");
        checked.expect_says("permission", "tenants: could not be seen");
        checked.expect_code(3);
    }
}
