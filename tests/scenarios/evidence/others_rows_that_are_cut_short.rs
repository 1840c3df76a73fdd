//! A row of the list of scale sets that lacks what names are made of tells of no names: whoever may be called so stays.

use crate::support::scaled_in;
use crate::support::strangers::{arranged, by_lists_alone};
use sandbox::{Fault, Mode, Route, Sandbox, When};
use serde_json::{Value, json};

type Change = fn(&mut Value);

fn cut(row: &mut Value, key: &str) {
    let object = row.as_object_mut().expect("it is an object");
    object.remove(key).expect("it was there");
}

/// Target `web000003`, whose machine is gone, and `web_13`, whose never was; beside them a scale set `shop` of another prefix
/// whose row is changed in every list.
fn beside_a_row(mode: Mode, change: Change) -> Sandbox {
    let sandbox = arranged(scaled_in(4, &["web000003"]), |world| {
        world.target("web_13");
        let shop = world.scale_set("shop-rg/shop");
        let shop = match mode {
            Mode::Uniform => shop.uniform(),
            Mode::Flexible => shop.flexible(),
        };
        drop(shop.prefix("shop").instances(1));
    });
    let edit = Fault::edit(move |page| {
        let rows = page["value"].as_array_mut().expect("a page has rows");
        let mut shop = rows.iter_mut().filter(|row| row["name"] == "shop");
        change(shop.next().expect("it is listed"));
    });
    sandbox.fault(Route::ScaleSets, When::Always, edit);
    sandbox
}

#[test]
fn a_name_that_ends_as_its_names_would_stays() {
    let cases: [(Mode, Change, &str); 9] = [
        (
            Mode::Uniform,
            |row| cut(&mut row["properties"], "virtualMachineProfile"),
            "virtualMachineProfile",
        ),
        (
            Mode::Flexible,
            |row| cut(&mut row["properties"], "virtualMachineProfile"),
            "virtualMachineProfile",
        ),
        (
            Mode::Uniform,
            |row| row["properties"]["virtualMachineProfile"] = Value::Null,
            "virtualMachineProfile",
        ),
        (
            Mode::Uniform,
            |row| {
                let os = &mut row["properties"]["virtualMachineProfile"]["osProfile"];
                cut(os, "computerNamePrefix");
            },
            "computerNamePrefix",
        ),
        (
            Mode::Flexible,
            |row| {
                let os = &mut row["properties"]["virtualMachineProfile"]["osProfile"];
                os["computerNamePrefix"] = json!(" ");
            },
            "computerNamePrefix",
        ),
        (
            Mode::Uniform,
            |row| row["properties"] = json!({}),
            "orchestrationMode",
        ),
        (
            Mode::Flexible,
            |row| cut(row, "properties"),
            "orchestrationMode",
        ),
        (
            Mode::Uniform,
            |row| {
                cut(row, "sku");
                cut(&mut row["properties"], "virtualMachineProfile");
            },
            "virtualMachineProfile",
        ),
        (
            Mode::Flexible,
            |row| {
                cut(&mut row["properties"], "orchestrationMode");
                let os = &mut row["properties"]["virtualMachineProfile"]["osProfile"];
                os["computerNamePrefix"] = json!("web");
            },
            "orchestrationMode",
        ),
    ];
    for (mode, change, missing) in cases {
        let sandbox = beside_a_row(mode, change);

        by_lists_alone(&sandbox)
            .code(0)
            .removed(&["web_13"])
            .held(&["web000003"])
            .verdict("web000003", "foreign", "scale set shop")
            .verdict("web000003", "foreign", missing);
    }
}

#[test]
fn a_row_that_says_enough_takes_nothing_from_us() {
    let cases: [(Mode, Change); 4] = [
        // A specialized image.
        (Mode::Uniform, |row| {
            cut(&mut row["properties"]["virtualMachineProfile"], "osProfile");
        }),
        (Mode::Flexible, |row| {
            row["properties"]["virtualMachineProfile"]["osProfile"] = Value::Null;
        }),
        // People attach its machines.
        (Mode::Flexible, |row| {
            cut(row, "sku");
            cut(&mut row["properties"], "virtualMachineProfile");
        }),
        // Its mode is not known, and its prefix is another.
        (Mode::Uniform, |row| {
            cut(&mut row["properties"], "orchestrationMode");
        }),
    ];
    for (mode, change) in cases {
        let sandbox = beside_a_row(mode, change);

        by_lists_alone(&sandbox)
            .code(0)
            .removed(&["web000003", "web_13"])
            .nothing_held();
    }
}

#[test]
fn a_resource_name_that_a_row_cut_short_gives_stays() {
    let sandbox = arranged(scaled_in(2, &[]), |world| {
        world.target("web_13");
        drop(world.scale_set("green-rg/web").instances(1));
    });
    let edit = Fault::edit(|page| {
        for row in page["value"].as_array_mut().expect("a page has rows") {
            let id = row["id"].as_str().unwrap_or_default();
            if id.contains("green-rg") {
                cut(&mut row["properties"], "virtualMachineProfile");
            }
        }
    });
    sandbox.fault(Route::ScaleSets, When::Always, edit);

    by_lists_alone(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web_13"])
        .verdict("web_13", "foreign", "green-rg");
}
