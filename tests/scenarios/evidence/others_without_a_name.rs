//! A machine of another scale set of which Azure does not tell the computer name could be any that is called as the machines
//! there call themselves.

use crate::support::fleet::Fleet;
use crate::support::strangers::{arranged, by_lists_alone, two_strangers};
use sandbox::{Mode, World};

const GREEN: &str = "green-rg/web-green";

/// One machine in a Flexible scale set with the prefix `web`; returns its resource name.
fn nameless_in_green(world: &mut World) -> String {
    let mut green = world.scale_set(GREEN).flexible().prefix("web").instances(1);
    let name = green.list()[0].name.clone();
    let green = green.edit_vm(&name, |machine| machine.computer_name = None);
    drop(green);
    name
}

#[test]
fn a_member_without_a_computer_name_could_be_any_of_ours() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[2, 3]);
    fleet.sandbox.world(|world| drop(nameless_in_green(world)));

    by_lists_alone(&fleet.sandbox)
        .code(0)
        .nothing_removed()
        .held(&[fleet.host(2), fleet.host(3)])
        .verdict(fleet.host(2), "foreign", "scale set web-green")
        .verdict(fleet.host(3), "foreign", "computer name");
}

#[test]
fn one_that_was_let_go_and_has_no_computer_name_could_be_too() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[3]);
    fleet.sandbox.world(|world| {
        let name = nameless_in_green(world);
        drop(world.scale_set(GREEN).detach(&name));
    });

    by_lists_alone(&fleet.sandbox)
        .code(0)
        .nothing_removed()
        .held(&[fleet.host(3)])
        .verdict(fleet.host(3), "foreign", "computer name");
}

#[test]
fn a_bystander_without_a_computer_name_takes_nothing_from_us() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[3]);
    fleet.sandbox.world(|world| {
        drop(world.scale_set(GREEN).flexible().prefix("web"));
        let other = world.scale_set("green-rg/other").flexible();
        let other = other.attach("bystander");
        let other = other.edit_vm("bystander", |machine| machine.computer_name = None);
        drop(other.detach("bystander"));
    });

    by_lists_alone(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(3)])
        .nothing_held();
}

#[test]
fn where_names_carry_numbers_only_the_number_counts() {
    let sandbox = arranged(two_strangers(), |world| {
        let green = world.scale_set(GREEN).prefix("web");
        let green = green.edit(|set| set.next_id = 4).instances(1);
        drop(green.edit_vm("web000004", |machine| machine.computer_name = None));
    });

    by_lists_alone(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000004"])
        .verdict("web000004", "foreign", "has its machine");
}

#[test]
fn a_flexible_twin_with_one_protects_numbers_of_ours_as_well() {
    let sandbox = arranged(two_strangers(), |world| drop(nameless_in_green(world)));

    by_lists_alone(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000003", "web000004"])
        .verdict("web000003", "foreign", "computer name");
}

#[test]
fn one_whose_names_begin_otherwise_protects_none_of_ours() {
    let sandbox = arranged(two_strangers(), |world| {
        nameless_in_green(world);
        drop(world.scale_set(GREEN).prefix("shop"));
    });

    by_lists_alone(&sandbox)
        .code(0)
        .removed(&["web000003", "web000004"])
        .nothing_held();
}
