//! The pictures of the documentation. They are no promise, so they are made only where somebody asks for them:
//! `scripts/screenshots`.

use crate::browser::Page;
use crate::reports::{Written, of_a_working_day, written};
use crate::support::base64::base64_decode;
use serde_json::json;
use std::path::Path;

/// The variable that says where they go.
pub const FOLDER: &str = "WRITE_PICTURES";

/// Name, width and height, and light or dark.
const PICTURES: [(&str, u32, u32, &str); 4] = [
    ("report-light", 1280, 1100, "light"),
    ("report-dark", 1280, 1100, "dark"),
    ("report-narrow-light", 360, 1100, "light"),
    ("report-narrow-dark", 360, 1100, "dark"),
];

pub fn write() {
    let folder = std::env::var_os(FOLDER).expect("it was asked for");
    let sandbox = of_a_working_day();
    let report = written(&sandbox);
    // A sandbox has another port each time.
    hide(&report, &sandbox.octopus_url());
    for (name, width, height, scheme) in PICTURES {
        let mut page = Page::open(&report.file, width);
        page.size(width, height);
        page.scheme(scheme);
        let picture = page.call("Page.captureScreenshot", json!({"format": "png"}));
        let picture = picture["data"].as_str().expect("a picture");
        let file = Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(file, base64_decode(picture)).expect("it can be written");
    }
}

fn hide(report: &Written, address: &str) {
    let page = std::fs::read_to_string(&report.file).expect("a page");
    let page = page.replace(address, "https://octopus.example.com");
    std::fs::write(&report.file, page).expect("it can be written");
}
