//! Octopus Server, and what answers in its place.

use crate::support::messages::{Case, Scene, case};
use crate::support::proxy::Proxy;
use crate::support::relay::{Line, Relay};
use crate::support::{scaled_in, settled};
use sandbox::{Fault, Route, Sandbox, When, hours, now};
use std::net::Ipv4Addr;
use std::time::Duration;

const URL: &str = "VMSS_OCTOPUS_URL";

fn gone() -> Sandbox {
    scaled_in(3, &["web000001"])
}

/// The deployment targets are answered so.
fn targets(what: &str, fault: impl Fn() -> Fault + Send + Sync + 'static) -> Case {
    case(format!("deployment targets: {what}"), move || {
        let sandbox = gone();
        sandbox.fault(Route::Machines, When::Always, fault());
        Scene::of(sandbox).set("VMSS_REQUEST_SECONDS", "1")
    })
}

pub fn cases() -> Vec<Case> {
    let mut cases = addresses();
    cases.extend(answers());
    cases.extend(places());
    cases
}

fn addresses() -> Vec<Case> {
    vec![
        case("nobody listens at the address", || {
            Scene::of(gone()).set(URL, "https://127.0.0.1:9")
        }),
        case("no such host", || {
            Scene::of(gone()).set(URL, "https://octopus.invalid")
        }),
        case("`https` for a server that speaks `http`", || {
            let scene = Scene::of(gone());
            let url = scene.sandbox.octopus_http_url().replace("http:", "https:");
            scene.set(URL, url)
        }),
        case("`http` for a server that speaks `https`", || {
            let scene = Scene::of(gone());
            let url = scene.sandbox.octopus_url().replace("https:", "http:");
            scene.set(URL, url)
        }),
        case("a redirect from `http` to `https`", || {
            let sandbox = gone();
            let https = format!("{}/api/Spaces-1", sandbox.octopus_url());
            sandbox.fault(Route::Machines, When::Always, Fault::redirect(&https));
            let url = sandbox.octopus_http_url();
            Scene::of(sandbox).set(URL, url)
        }),
        case("a redirect to a login page", || {
            let sandbox = gone();
            let fault = Fault::redirect("https://login.example.com/saml?next=api");
            sandbox.fault(Route::Machines, When::Always, fault);
            Scene::of(sandbox)
        }),
        case("a certificate that nobody here trusts", || {
            Scene::of(gone()).without("SSL_CERT_FILE")
        }),
        case("a certificate for another name", || {
            let scene = Scene::of(gone());
            let other = Ipv4Addr::new(127, 0, 0, 2).into();
            let server = scene.sandbox.octopus_url();
            let relay = Relay::at(other, &server, 0, Line::Good).expect("Linux has 127.0.0.2");
            let shown = relay.url().replace("https://", "");
            let scene = scene.set(URL, relay.url()).keeping(relay);
            scene.named(shown, "octopus.example.com")
        }),
        case("a certificate that has expired", || {
            Scene::of(Sandbox::with_certificate(
                now() - hours(48),
                now() - hours(24),
            ))
        }),
        case("a proxy that lets nobody through", || {
            let proxy = Proxy::answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
            let (url, place) = (proxy.url(), proxy.address().to_owned());
            let scene = Scene::of(gone()).set("HTTPS_PROXY", url);
            scene.named(place, "proxy.example.com:8080").keeping(proxy)
        }),
        case("a proxy that wants a password", || {
            let proxy = Proxy::wanting("bm9ib2R5");
            let (url, place) = (proxy.url(), proxy.address().to_owned());
            let scene = Scene::of(gone()).set("HTTPS_PROXY", url);
            scene.named(place, "proxy.example.com:8080").keeping(proxy)
        }),
        case("a proxy that is not there", || {
            Scene::of(gone()).set("HTTPS_PROXY", "http://127.0.0.1:9")
        }),
    ]
}

fn answers() -> Vec<Case> {
    vec![
        case("a wrong key", || {
            Scene::of(gone()).set("VMSS_OCTOPUS_APIKEY", "API-WRONGWRONGWRONGWRONG")
        }),
        case("the key may not see targets", || {
            let sandbox = gone();
            sandbox.world(|world| world.octopus.forbid("MachineView"));
            Scene::of(sandbox)
        }),
        targets("404 in Octopus's words", || {
            Fault::octopus_error(404, "The resource you requested was not found.")
        }),
        targets("404 of something else", || Fault::html(404, "Not Found")),
        targets("429", || Fault::status(429)),
        case(
            "deployment targets: 429 for longer than there is time",
            || {
                let sandbox = gone();
                sandbox.fault(Route::Machines, When::Always, Fault::too_many_requests(60));
                Scene::of(sandbox).set("VMSS_RETRY_SECONDS", "20")
            },
        ),
        targets("500", || {
            Fault::octopus_error(500, "There was a problem with your request.")
        }),
        targets("502, a page of a proxy", || Fault::html(502, "Bad Gateway")),
        targets("503", || Fault::status(503)),
        targets("400 of something else", || {
            Fault::html(400, "The plain HTTP request was sent to HTTPS port")
        }),
        targets("a login page with 200", || {
            Fault::html(200, "Please sign in")
        }),
        targets("nothing", || Fault::bytes(200, "")),
        targets("half of the JSON", Fault::broken_json),
        targets("no JSON", || Fault::bytes(200, "It works!")),
        targets("a list", || Fault::bytes(200, "[]")),
        targets("JSON of another form", || {
            Fault::bytes(200, "{\"Items\":5,\"TotalResults\":\"many\"}")
        }),
        targets("an empty object", || Fault::bytes(200, "{}")),
        targets("a list that changes all the time", || {
            Fault::edit(|it| it["TotalResults"] = 7.into())
        }),
        targets("a broken connection", Fault::reset),
        targets("no end", Fault::truncate),
        targets("no answer in time", Fault::stall),
        targets("something endless", || Fault::gzip_bomb(200)),
        case("no time is left for it", || {
            let sandbox = gone();
            let late = Fault::latency(Duration::from_secs(3));
            sandbox.fault(Route::Machines, When::Always, late);
            Scene::of(sandbox).set("VMSS_PHASE_SECONDS", "0.5")
        }),
    ]
}

fn places() -> Vec<Case> {
    vec![
        case("a space that is not there", || {
            Scene::of(gone()).set("OCTOPUS_SPACE_ID", "Spaces-99")
        }),
        case("an environment that is not there", || {
            Scene::of(gone()).set("OCTOPUS_ENVIRONMENT_ID", "Environments-99")
        }),
        case("by hand, a space of another name", || {
            Scene::by_hand(gone())
                .without("OCTOPUS_SPACE_ID")
                .set("OCTOPUS_SPACE", "Defualt")
        }),
        case("by hand, an environment of another name", || {
            Scene::by_hand(gone()).set("OCTOPUS_ENVIRONMENT_ID", "Prodution")
        }),
        case("by hand, a space by its name, and nobody listens", || {
            let scene = Scene::by_hand(gone()).without("OCTOPUS_SPACE_ID");
            scene
                .set("OCTOPUS_SPACE", "Default")
                .set(URL, "https://127.0.0.1:9")
        }),
        case("a role that no target carries", || {
            Scene::of(gone()).set("VMSS_DEPLOYMENTTARGET_ROLES", "web-sever")
        }),
        case("no target and no scale set", || {
            Scene::of(Sandbox::start()).set("VMSS_SCALESET_NAME", "web")
        }),
        case("no target and no machine", || {
            let sandbox = settled(0);
            Scene::of(sandbox)
        }),
    ]
}
