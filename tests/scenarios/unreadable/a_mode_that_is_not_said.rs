//! A scale set of the run that does not say its orchestration mode is a Uniform one, as old ones are, unless its machines say
//! otherwise.

use crate::support::aftermath::reconcile;
use crate::support::fleet::Fleet;
use crate::support::{Run, expect_untouched};
use sandbox::{Fault, Mode, Route, When};

fn without_mode() -> Fault {
    Fault::edit(|row| {
        let properties = row["properties"].as_object_mut().expect("it has some");
        properties.remove("orchestrationMode");
    })
}

#[test]
fn a_flexible_scale_set_that_does_not_say_so_ends_the_run() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[3]);
    fleet
        .sandbox
        .fault(Route::ScaleSet, When::Always, without_mode());

    let outcome = Run::in_runbook(&fleet.sandbox).run();
    outcome
        .expect_code(3)
        .expect_said("states no orchestration mode");
    expect_untouched(&fleet.sandbox);
}

#[test]
fn one_whose_second_answer_does_not_say_so_removes_nothing() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[3]);
    fleet
        .sandbox
        .fault(Route::ScaleSet, When::From(2), without_mode());

    reconcile(&fleet.sandbox)
        .code(3)
        .nothing_removed()
        .held(&[fleet.host(3)])
        .complained("states no orchestration mode");
}

#[test]
fn machines_that_lie_elsewhere_are_no_uniform_ones_though_they_have_numbers() {
    let fleet = Fleet::of(Mode::Uniform, 3);
    fleet.scale_in(&[2]);
    fleet
        .sandbox
        .fault(Route::ScaleSet, When::Always, without_mode());
    let elsewhere = Fault::edit(|page| {
        let row = &mut page["value"][0];
        let id = row["id"].as_str().expect("it has an id");
        row["id"] = id.replace("/virtualMachineScaleSets/web", "").into();
    });
    fleet
        .sandbox
        .fault(Route::Instances, When::Always, elsewhere);

    let outcome = Run::in_runbook(&fleet.sandbox).run();
    outcome
        .expect_code(3)
        .expect_said("states no orchestration mode");
    expect_untouched(&fleet.sandbox);
}

#[test]
fn an_old_uniform_scale_set_is_one() {
    let fleet = Fleet::of(Mode::Uniform, 4);
    fleet.scale_in(&[3]);
    fleet.sandbox.world(|world| {
        drop(world.scale_set("web").edit(|set| set.says_mode = false));
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(3)])
        .nothing_held();
}
