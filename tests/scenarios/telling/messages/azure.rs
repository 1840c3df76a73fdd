//! Azure Resource Manager, and what answers in its place.

use crate::support::messages::{Case, Scene, case};
use crate::support::scaled_in;
use crate::support::strangers::{twin, two_strangers};
use sandbox::{Access, Fault, GROUP, Route, Sandbox, When, scope};

const MANAGER: &str = "VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI";

fn gone() -> Sandbox {
    scaled_in(3, &["web000001"])
}

/// The scale set is answered so.
fn scale_set(what: &str, fault: impl Fn() -> Fault + Send + Sync + 'static) -> Case {
    case(format!("the scale set: {what}"), move || {
        let sandbox = gone();
        sandbox.fault(Route::ScaleSet, When::Always, fault());
        Scene::of(sandbox).set("VMSS_REQUEST_SECONDS", "1")
    })
}

/// Its instances are.
fn instances(what: &str, fault: impl Fn() -> Fault + Send + Sync + 'static) -> Case {
    case(format!("its instances: {what}"), move || {
        let sandbox = gone();
        sandbox.fault(Route::Instances, When::Always, fault());
        Scene::of(sandbox)
    })
}

pub fn cases() -> Vec<Case> {
    let mut cases = addresses();
    cases.extend(answers());
    cases.extend(lists());
    cases
}

fn addresses() -> Vec<Case> {
    vec![
        case("nobody listens at the address", || {
            Scene::of(gone()).set(MANAGER, "https://127.0.0.1:9")
        }),
        case("no such host", || {
            Scene::of(gone()).set(MANAGER, "https://management.invalid")
        }),
        case("an address that speaks plain `http`", || {
            let scene = Scene::of(gone());
            let url = scene.sandbox.octopus_http_url().replace("http:", "https:");
            scene.set(MANAGER, url)
        }),
        case("Azure has stopped", || {
            let sandbox = gone();
            sandbox.fault(Route::ScaleSet, When::Always, Fault::stall());
            Scene::of(sandbox).set("VMSS_REQUEST_SECONDS", "1")
        }),
        case("a wrong scale set", || {
            Scene::of(gone()).set("VMSS_SCALESET_NAME", "wbe")
        }),
        case("a wrong resource group", || {
            Scene::of(gone()).set("VMSS_RESOURCEGROUP_NAME", "no-such-rg")
        }),
        case("a wrong subscription", || {
            let name = "VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER";
            Scene::of(gone()).set(name, "00000000-0000-4000-8000-00000000dead")
        }),
        case("a subscription that is no id", || {
            Scene::of(gone()).set("VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER", "production")
        }),
        case("one of several scale sets is not there", || {
            Scene::of(gone()).set("VMSS_SCALESET_NAME", "web,web-bleu")
        }),
    ]
}

fn answers() -> Vec<Case> {
    vec![
        case("the account may read nothing", || {
            let sandbox = gone();
            sandbox.world(|world| world.azure.access = Access::nothing());
            Scene::of(sandbox)
        }),
        scale_set("401", || {
            Fault::azure_error(
                401,
                "InvalidAuthenticationTokenTenant",
                "The access token is from the wrong issuer.",
            )
        }),
        scale_set("401, an old token", || {
            Fault::azure_error(
                401,
                "ExpiredAuthenticationToken",
                "The access token has expired.",
            )
        }),
        scale_set("403 of something else", || {
            Fault::html(403, "Blocked by the firewall")
        }),
        scale_set("404 of something else", || Fault::html(404, "Not Found")),
        scale_set("409, a subscription without scale sets", || {
            Fault::azure_error(
                409,
                "MissingSubscriptionRegistration",
                "The subscription is not registered to use namespace 'Microsoft.Compute'.",
            )
        }),
        scale_set("429", || {
            Fault::azure_error(429, "TooManyRequests", "The request was throttled.")
        }),
        case("the scale set: 429 for longer than there is time", || {
            let sandbox = gone();
            sandbox.fault(Route::ScaleSet, When::Always, Fault::too_many_requests(60));
            Scene::of(sandbox).set("VMSS_RETRY_SECONDS", "20")
        }),
        scale_set("500", || {
            Fault::azure_error(
                500,
                "InternalServerError",
                "Encountered internal server error.",
            )
        }),
        scale_set("503", || Fault::status(503)),
        scale_set("a login page with 200", || {
            Fault::html(200, "Please sign in")
        }),
        scale_set("nothing", || Fault::bytes(200, "")),
        scale_set("half of the JSON", Fault::broken_json),
        scale_set("a list", || Fault::bytes(200, "[]")),
        scale_set("an empty object", || Fault::bytes(200, "{}")),
        scale_set("JSON of another form", || Fault::bytes(200, "{\"id\":5}")),
        scale_set("an unknown mode", || {
            Fault::edit(|it| it["properties"]["orchestrationMode"] = "Quantum".into())
        }),
        scale_set("a redirect", || {
            Fault::redirect("https://login.example.com/")
        }),
        scale_set("a broken connection", Fault::reset),
        instances("503", || Fault::status(503)),
        instances("a page as JSON of another form", || {
            Fault::bytes(200, "{\"value\":5}")
        }),
        instances("a page that comes again and again", || {
            Fault::edit(|it| it["nextLink"] = "https://elsewhere.example.com/".into())
        }),
    ]
}

fn lists() -> Vec<Case> {
    vec![
        case("other scale sets may not be listed", || {
            let sandbox = two_strangers();
            sandbox.world(|world| {
                world.azure.access = Access::nothing().reader(scope::group(GROUP));
            });
            Scene::of(sandbox)
        }),
        case("the list of scale sets leaves out the run's own", || {
            let sandbox = two_strangers();
            sandbox.fault(
                Route::ScaleSets,
                When::Always,
                Fault::edit(|it| it["value"] = serde_json::json!([])),
            );
            Scene::of(sandbox)
        }),
        case("the list of scale sets: 500", || {
            let sandbox = two_strangers();
            sandbox.fault(Route::ScaleSets, When::Always, Fault::status(500));
            Scene::of(sandbox)
        }),
        case(
            "another scale set may have a machine, and cannot be read",
            || {
                let sandbox = two_strangers();
                sandbox.world(|world| {
                    twin(world, "green-rg/web-green");
                    let denied = scope::scale_set("green-rg", "web-green");
                    world.azure.access =
                        Access::everything().deny(sandbox::Read::Instances, denied);
                });
                Scene::of(sandbox).row("web000004")
            },
        ),
    ]
}
