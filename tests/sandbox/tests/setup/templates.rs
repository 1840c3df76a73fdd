//! Step templates and their numbers.

use super::{Server, forbidden, id, refused};
use serde_json::{Value, json};

fn packed() -> Value {
    serde_json::from_str(include_str!(
        "../../../../step-template/octopus-scale-in.json"
    ))
    .unwrap()
}

#[test]
fn a_template_of_a_file_begins_at_0_and_keeps_its_content() {
    let (server, _) = Server::before();
    let mut file = packed();
    file["Version"] = 41.into();
    file["$Meta"] = json!({ "Type": "ActionTemplate" });
    let made = server.made("actiontemplates", &file);
    assert_eq!((&made["Version"], made.get("$Meta")), (&json!(0), None));
    for name in [
        "Name",
        "Properties",
        "Parameters",
        "Packages",
        "ActionType",
        "Description",
    ] {
        assert_eq!(made[name], file[name], "{name}");
    }
    assert!(made["Links"]["Self"].is_string());
    let path = format!("actiontemplates/{}", id(&made));
    let saved = server
        .change(&path, |template| template["Description"] = "newer".into())
        .ok();
    assert_eq!((&saved["Version"], &saved["Id"]), (&json!(1), &made["Id"]));
    let older = server.get(&format!("{path}/versions/0"));
    assert_eq!(older["Description"], file["Description"]);
    assert_ne!(older["Id"], made["Id"]);
    server.world(|world| {
        world.octopus.readings.templates_keep_their_number = true;
        world.octopus.readings.parameters_get_new_ids = true;
    });
    file["Name"] = "Another".into();
    let other = server.made("actiontemplates", &file);
    assert_eq!(other["Version"], 41);
    assert_ne!(other["Parameters"][0]["Id"], file["Parameters"][0]["Id"]);
    assert_eq!(
        other["Parameters"][0]["Name"],
        file["Parameters"][0]["Name"]
    );
}

#[test]
fn what_a_put_leaves_out_is_cleared_and_the_type_stays() {
    let (server, guide) = Server::set_up();
    let path = format!("actiontemplates/{}", guide.template);
    let was = server.get(&path);
    let bare = json!({ "Name": was["Name"], "ActionType": was["ActionType"] });
    let saved = server.put(&path, &bare).ok();
    assert_eq!(
        (&saved["Parameters"], &saved["Properties"]),
        (&json!([]), &json!({}))
    );
    let other = json!({ "Name": was["Name"], "ActionType": "Octopus.Manual" });
    refused(&server.put(&path, &other), "ActionType");
    refused(
        &server.put(&path, &json!({ "Name": "x" })),
        "The ActionType field is required",
    );
    assert_eq!(server.get(&path)["Version"], 1);
}

#[test]
fn names_are_taken_and_a_name_that_another_had_can_be_given_but_not_kept() {
    let (server, guide) = Server::set_up();
    let path = format!("actiontemplates/{}", guide.template);
    let name = server.get(&path)["Name"].clone();
    let upper = name.as_str().unwrap().to_uppercase();
    let mut new = json!({ "Name": upper, "ActionType": "Octopus.Script" });
    refused(&server.post("actiontemplates", &new), "is in use already");
    server
        .change(&path, |template| template["Name"] = "Renamed".into())
        .ok();
    new["Name"] = name;
    let made = server.made("actiontemplates", &new);
    let second = format!("actiontemplates/{}", id(&made));
    refused(&server.change(&second, |_| {}), "is in use already");
    server.change(&path, |_| {}).ok();
}

#[test]
fn community_templates_and_unknown_feeds_are_refused() {
    let (server, guide) = Server::set_up();
    let path = format!("actiontemplates/{}", guide.template);
    let feed = |id: &str| json!([{ "Name": "tool", "PackageId": "tool", "FeedId": id }]);
    let unknown = server.change(&path, |template| template["Packages"] = feed("Feeds-9"));
    refused(&unknown, "The following Feed Ids cannot be found: Feeds-9");
    server
        .change(&path, |template| {
            template["Packages"] = feed("feeds-builtin")
        })
        .ok();
    server.world(|world| {
        world.edit(&guide.template, |template| {
            template["Packages"] = feed("Feeds-7")
        });
    });
    server.change(&path, |_| {}).ok();
    server.world(|world| {
        world.edit(&guide.template, |template| {
            template["CommunityActionTemplateId"] = "CommunityActionTemplates-1".into();
        });
    });
    refused(
        &server.change(&path, |_| {}),
        "Only custom templates can be directly updated",
    );
}

#[test]
fn a_secret_default_is_kept_by_its_place_holder() {
    let (server, guide) = Server::set_up();
    let path = format!("actiontemplates/{}", guide.template);
    let secret = |world: &mut sandbox::World| {
        world.document(&guide.template)["Parameters"][0]["DefaultValue"]["NewValue"].clone()
    };
    server
        .change(&path, |template| {
            template["Parameters"][0]["DefaultValue"] =
                json!({ "HasValue": true, "NewValue": "hush" });
        })
        .ok();
    let shown = server.get(&path)["Parameters"][0]["DefaultValue"].clone();
    assert_eq!(
        shown,
        json!({ "HasValue": true, "NewValue": null, "Hint": null })
    );
    server.change(&path, |_| {}).ok();
    assert_eq!(server.world(secret), "hush");
}

#[test]
fn templates_have_two_permissions() {
    let (server, guide) = Server::set_up();
    let path = format!("actiontemplates/{}", guide.template);
    for permission in ["ActionTemplateCreate", "ActionTemplateEdit"] {
        server.world(|world| drop(world.user("administrator").forbid(permission)));
    }
    forbidden(
        &server.post("actiontemplates", &json!({})),
        "ActionTemplateCreate",
    );
    forbidden(&server.change(&path, |_| {}), "ActionTemplateEdit");
}
