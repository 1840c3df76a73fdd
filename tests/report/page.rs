//! What holds for a page.

use crate::browser::{Node, Page};
use crate::reports::{HOSTILE, TARGETS, Written, large, of_everything, written};
use crate::support::expect;
use serde_json::{Value, json};
use std::collections::HashSet;

/// A telephone and a wide screen.
const WIDTHS: [u32; 2] = [360, 1920];

/// Opens whatever can be opened.
const OPEN_ALL: &str = "document.querySelectorAll('details').forEach(it => it.open = true)";

macro_rules! promises {
    ($($promise:ident,)+) => {
        /// All of them, with their names.
        pub const PROMISES: &[(&str, fn())] = &[$((stringify!($promise), $promise)),+];
    };
}

promises! {
    it_asks_nobody_for_anything_and_runs_nothing,
    every_target_and_every_instance_is_shown,
    names_are_text_whatever_they_are,
    nothing_sticks_out_of_a_narrow_or_a_wide_window,
    what_is_written_can_be_read_in_light_and_in_dark,
    signs_and_words_say_what_colours_say,
    printed_it_has_all_of_the_evidence,
    the_keyboard_reaches_everything_in_the_order_of_the_page,
    who_has_it_read_out_hears_every_row_and_what_every_control_does,
    ten_thousand_rows_cost_nothing_until_somebody_opens_them,
}

/// Nothing is wider than what the window shows beside its scroll bar.
#[track_caller]
fn expect_no_sideways(page: &mut Page, width: u32) {
    let beyond =
        page.value("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    expect(
        beyond == 0,
        format!("at {width} pixels the page must be moved sideways"),
        "nothing beyond the window",
        format!("{beyond} pixels"),
    );
}

fn everything() -> Written {
    written(&of_everything())
}

fn it_asks_nobody_for_anything_and_runs_nothing() {
    let report = everything();
    let mut page = Page::open(&report.file, 1280);
    page.value(OPEN_ALL);
    page.value("1");

    let events = |method: &str| -> Vec<Value> {
        let events = page.events.iter().filter(|it| it["method"] == method);
        events.cloned().collect()
    };
    let asked = events("Network.requestWillBeSent");
    expect(
        asked.len() == 1 && asked[0]["params"]["type"] == "Document",
        "a page that is to need nothing asks somebody for something",
        "the page itself",
        format!("{asked:?}"),
    );
    let complaints = events("Log.entryAdded");
    expect(
        complaints.is_empty(),
        "the browser refuses something that the page wants",
        "no complaint",
        format!("{complaints:?}"),
    );
    let scripts = page.value("document.scripts.length");
    assert_eq!(scripts, 0, "the page has a script");
    // The policy is no ornament: it refuses what the page does not have.
    page.value("document.body.append(Object.assign(new Image(), {src: 'https://192.0.2.1/'}))");
    page.value("document.body.setAttribute('style', 'color: red')");
    let parameters =
        json!({"expression": "new Promise(done => setTimeout(done, 300))", "awaitPromise": true});
    page.call("Runtime.evaluate", parameters);
    let refused = page.events.iter().filter_map(|it| {
        let text = it["params"]["entry"]["text"].as_str();
        text.filter(|text| text.contains("Content Security Policy"))
    });
    let refused: Vec<&str> = refused.collect();
    assert_eq!(refused.len(), 2, "a picture and a style: {refused:?}");
}

fn every_target_and_every_instance_is_shown() {
    let report = everything();
    let mut page = Page::open(&report.file, 1280);

    let rows = page.value(
        "[...document.querySelectorAll('section[aria-labelledby^=targets-] tbody th')].map(it => it.firstChild.textContent)",
    );
    let rows: HashSet<&str> = strings(&rows).into_iter().collect();
    for name in TARGETS {
        assert!(rows.contains(name), "{name} has no row: {rows:?}");
    }
    let chips = page.value("[...document.querySelectorAll('.chips')].map(it => it.innerText)");
    let chips = strings(&chips);
    let [targets, instances] = chips[..] else {
        panic!("the targets, and the instances: {chips:?}");
    };
    for name in TARGETS {
        assert!(targets.contains(name), "{name}: {targets}");
    }
    for instance in ["web000000", "web000003", "web000004", "web000005"] {
        assert!(instances.contains(instance), "{instance}: {instances}");
    }
    assert!(!instances.contains("web000001"), "{instances}");
}

fn names_are_text_whatever_they_are() {
    let report = everything();
    let mut page = Page::open(&report.file, 1280);

    let text = page.value("document.body.innerText");
    let text = text.as_str().unwrap_or_default();
    for name in HOSTILE {
        let shown = name.replace('\u{202e}', "\\u{202e}");
        assert!(text.contains(&shown), "{shown} is not shown:\n{text}");
    }
    let foreign = page.value("document.querySelectorAll('img, script, base, iframe').length");
    assert_eq!(foreign, 0, "a name became markup");
    let title = page.value("document.title");
    assert!(
        title
            .as_str()
            .is_some_and(|it| it.starts_with("Scale-in report"))
    );
}

fn nothing_sticks_out_of_a_narrow_or_a_wide_window() {
    let report = everything();
    let mut page = Page::open(&report.file, WIDTHS[0]);
    for width in WIDTHS {
        page.width(width);
        for open in ["1", OPEN_ALL] {
            page.value(open);
            expect_no_sideways(&mut page, width);
            let outside = page.value(
                "[...document.querySelectorAll('main *, header *, nav *')].filter(it => !it.closest('.v') && it.checkVisibility() && it.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(it => it.outerHTML.slice(0, 120))",
            );
            assert_eq!(outside, json!([]), "at {width} pixels");
            let small = page.value(
                "[...document.querySelectorAll('main *')].filter(it => it.childNodes.length && parseFloat(getComputedStyle(it).fontSize) < 13).length",
            );
            assert_eq!(small, 0, "at {width} pixels something is tiny");
        }
    }
}

/// Contrast of what is written to what it is written on, by WCAG 2, of every colour that text has.
const CONTRASTS: &str = r#"(() => {
    const light = colour => {
        const parts = colour.match(/[\d.]+/g).slice(0, 3).map(it => it / 255);
        const linear = parts.map(it => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const behind = it => {
        for (; it; it = it.parentElement) {
            const colour = getComputedStyle(it).backgroundColor;
            if (!/, 0\)$/.test(colour)) return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    const texts = [...document.body.querySelectorAll('*')].filter(it =>
        it.checkVisibility() && [...it.childNodes].some(child => child.nodeType === 3 && child.data.trim()));
    return texts.map(it => {
        const [a, b] = [light(getComputedStyle(it).color), light(behind(it))].sort((a, b) => b - a);
        return [(a + 0.05) / (b + 0.05), it.outerHTML.slice(0, 80)];
    }).sort((a, b) => a[0] - b[0])[0];
})()"#;

fn what_is_written_can_be_read_in_light_and_in_dark() {
    let report = everything();
    let mut page = Page::open(&report.file, 1280);
    page.value(OPEN_ALL);
    let mut backgrounds = Vec::new();
    for scheme in ["light", "dark"] {
        page.scheme(scheme);
        let weakest = page.value(CONTRASTS);
        assert!(
            weakest[0].as_f64().is_some_and(|ratio| ratio >= 4.5),
            "in {scheme} mode this is hard to read: {weakest}"
        );
        backgrounds.push(page.value("getComputedStyle(document.body).backgroundColor"));
    }
    assert_eq!(backgrounds, ["rgb(243, 245, 247)", "rgb(13, 17, 23)"]);
}

fn signs_and_words_say_what_colours_say() {
    let report = everything();
    let mut page = Page::open(&report.file, 1280);

    // Whatever is coloured has a sign; and no sign stands for two things.
    let without = page.value(
        "[...document.querySelectorAll('li.good, li.gone, li.wait, li.odd, li.bad, li.calm')].filter(it => !it.querySelector('.sign').textContent.trim()).length",
    );
    assert_eq!(without, 0, "a colour without a sign");
    let meanings = page.value(
        "[...document.querySelectorAll('nav li')].map(it => [it.querySelector('.sign').textContent.trim(), it.querySelector('a').textContent.split(':')[0]])",
    );
    let meanings = meanings.as_array().expect("a list");
    assert!(meanings.len() >= 5, "{meanings:?}");
    let signs: HashSet<String> = meanings.iter().map(|it| it[0].to_string()).collect();
    assert_eq!(signs.len(), meanings.len(), "{meanings:?}");
    let words = page.value(
        "[...document.querySelectorAll('.chips > li')].filter(it => !it.querySelector('.v').textContent.slice(2)).length",
    );
    assert_eq!(words, 0, "a sign without a word for who has it read out");
}

fn printed_it_has_all_of_the_evidence() {
    let report = everything();
    let mut page = Page::open(&report.file, 1280);
    let hidden = "[...document.querySelectorAll('td li')].filter(it => !it.checkVisibility({contentVisibilityAuto: false})).length";
    let closed = page.value(hidden);
    assert!(
        closed.as_u64() >= Some(7),
        "on a screen it is closed at first"
    );

    page.as_printed();

    assert_eq!(page.value(hidden), 0, "evidence is not printed");
    let legend = page.value("document.querySelectorAll('.legend .sign').length");
    assert!(legend.as_u64() >= Some(5), "signs are explained: {legend}");
    let black = page.value("getComputedStyle(document.body).color");
    assert_eq!(
        black, "rgb(0, 0, 0)",
        "print is for paper, in dark mode, too"
    );
    let printed = page.call("Page.printToPDF", json!({}));
    let data = printed["data"].as_str().unwrap_or_default();
    assert!(data.starts_with("JVBERi0"), "no PDF");
}

fn the_keyboard_reaches_everything_in_the_order_of_the_page() {
    let report = everything();
    let mut page = Page::open(&report.file, 1280);
    let controls =
        page.value("[...document.querySelectorAll('a, summary')].map(it => it.textContent)");
    let controls = strings(&controls);
    assert!(controls.len() >= 8, "{controls:?}");
    for control in &controls {
        page.press("Tab", 9);
        let focus = page.value(
            "(() => { const it = document.activeElement, style = getComputedStyle(it); return [it.textContent, style.outlineStyle, parseFloat(style.outlineWidth)] })()",
        );
        assert_eq!(focus[0], **control, "another one comes first");
        assert_eq!(focus[1], "solid", "nobody sees where {control} is");
        assert!(focus[2].as_f64() >= Some(2.0), "{focus}");
    }
    let opened = "document.activeElement.closest('details').open";
    assert_eq!(page.value(opened), false, "it waits to be opened");
    page.press("Enter", 13);
    assert_eq!(page.value(opened), true, "Enter opens the evidence");
    page.value("document.querySelector('nav a').focus()");
    page.press("Enter", 13);
    let at = page.value("document.querySelector(':target').innerText");
    let at = at.as_str().unwrap_or_default();
    assert!(at.contains("Removed"), "the first link leads there: {at}");
}

fn who_has_it_read_out_hears_every_row_and_what_every_control_does() {
    let report = everything();
    for width in WIDTHS {
        let mut page = Page::open(&report.file, width);
        let tree = page.tree();
        let of = |role: &str| -> Vec<&Node> { tree.iter().filter(|it| it.role == role).collect() };
        for landmark in ["banner", "navigation", "main", "contentinfo"] {
            assert_eq!(of(landmark).len(), 1, "{landmark} at {width}");
        }
        assert_eq!(
            of("heading")
                .iter()
                .filter(|it| it.name.starts_with("Scale-in"))
                .count(),
            1
        );
        let heads: Vec<&str> = of("rowheader").iter().map(|it| it.name.as_str()).collect();
        for name in TARGETS {
            let own = heads.iter().filter(|head| head.starts_with(name)).count();
            assert_eq!(own, 1, "{name} has no row at {width}: {heads:?}");
        }
        let (rows, tables) = (of("row").len(), of("table"));
        assert!(tables.len() >= 6, "{tables:?}");
        assert_eq!(
            rows,
            heads.len() + tables.len(),
            "a row without a head at {width}"
        );
        let controls: Vec<&Node> = ["link", "DisclosureTriangle", "image"]
            .iter()
            .flat_map(|role| of(role))
            .chain(tables)
            .collect();
        let names: HashSet<&str> = controls.iter().map(|it| it.name.as_str()).collect();
        assert!(!names.contains(""), "something has no name: {controls:?}");
        assert_eq!(
            names.len(),
            controls.len(),
            "two have one name: {controls:?}"
        );
        let evidence = of("DisclosureTriangle");
        let of_gone = evidence.iter().filter(|it| it.name.contains("web000001"));
        assert_eq!(of_gone.count(), 1, "{evidence:?}");
    }
}

fn ten_thousand_rows_cost_nothing_until_somebody_opens_them() {
    let report = written(&large(10_000));
    let size = std::fs::metadata(&report.file).expect("a file").len();
    assert!(size < 8_000_000, "{size} bytes");
    let mut page = Page::open(&report.file, 1280);

    let rows = page.value("document.querySelectorAll('tbody tr').length");
    assert!(rows.as_u64() >= Some(10_000), "{rows}");
    let laid_out = "[...document.querySelectorAll('tbody tr, .chips > li')].filter(it => it.checkVisibility()).length";
    let at_first = page.value(laid_out);
    assert!(at_first.as_u64() < Some(100), "{at_first} at first");
    let gone =
        page.value("document.querySelector('#targets-removed').closest('section').innerText");
    for name in ["web000001", "web000002"] {
        assert!(gone.as_str().is_some_and(|it| it.contains(name)), "{gone}");
    }

    page.value(
        "document.querySelector('section[aria-labelledby=targets-kept] details').open = true",
    );

    let opened = page.value(laid_out);
    assert!(opened.as_u64() >= Some(9_998), "{opened}");
    expect_no_sideways(&mut page, 1280);
}

fn strings(value: &Value) -> Vec<&str> {
    let items = value.as_array().expect("a list");
    items.iter().filter_map(Value::as_str).collect()
}
