//! How people name their targets, and what becomes of those names in every event that takes machines away: a table, which
//! `docs/names.md` shows as it comes out of the real program. `cargo test --test scenarios styles_and_events -- --nocapture`
//! prints it.

use crate::support::Run;
use crate::support::expect;
use crate::support::fleet::{MODES, in_mode};
use crate::support::registered;
use sandbox::{Mode, Sandbox, Vm, World};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A way of naming targets: the names that one machine is registered under. The number tells machines apart.
struct Style {
    title: &'static str,
    names: fn(&Vm, usize) -> Vec<String>,
}

const fn style(title: &'static str, names: fn(&Vm, usize) -> Vec<String>) -> Style {
    Style { title, names }
}

#[rustfmt::skip]
const STYLES: [Style; 27] = [
    style("computer name", |m, _| vec![m.host()]),
    style("in small letters", |m, _| vec![m.host().to_lowercase()]),
    style("in capitals", |m, _| vec![m.host().to_uppercase()]),
    style("computer name and domain", |m, _| vec![format!("{}.corp.example", m.host())]),
    style("`C_Tentacle`", |m, _| vec![format!("{}_Tentacle", m.host())]),
    style("`C_Tentacle`, in small letters", |m, _| vec![format!("{}_tentacle", m.host().to_lowercase())]),
    style("`PROD-C`", |m, _| vec![format!("PROD-{}", m.host())]),
    style("`C-prod-weu`", |m, _| vec![format!("{}-prod-weu", m.host())]),
    style("`prod.C`", |m, _| vec![format!("prod.{}", m.host())]),
    style("`Web (C)`", |m, _| vec![format!("Web ({})", m.host())]),
    style("`C (10.1.0.7)`", |m, n| vec![format!("{} (10.1.0.{n})", m.host())]),
    style("`C-v1.4.2`", |m, _| vec![format!("{}-v1.4.2", m.host())]),
    style("`C-v1.4.2`, mixed versions", |m, n| vec![format!("{}-v1.4.{n}", m.host())]),
    style("`C-` and a random tail", |m, n| vec![format!("{}-{}", m.host(), TAILS[n])]),
    style("`C_Web` and `C_Api`", |m, _| vec![format!("{}_Web", m.host()), format!("{}_Api", m.host())]),
    style("`C` and `C_Api`", |m, _| vec![m.host(), format!("{}_Api", m.host())]),
    style("resource name", |m, _| vec![m.name.clone()]),
    style("resource name and domain", |m, _| vec![format!("{}.corp.example", m.name)]),
    style("`prod-` and resource name", |m, _| vec![format!("prod-{}", m.name)]),
    style("resource name with `-` for `_`", |m, _| vec![m.name.replace('_', "-")]),
    style("resource and computer name", |m, _| vec![m.name.clone(), m.host()]),
    style("`vmId`", |m, _| vec![m.vm_id.clone()]),
    style("`web-` and `vmId`", |m, _| vec![format!("web-{}", m.vm_id)]),
    style("address", |_, n| vec![format!("10.1.0.{n}")]),
    style("renamed in the machine", |_, n| vec![format!("frontend{n}")]),
    style("glued: `prodC`", |m, _| vec![format!("prod{}", m.host())]),
    style("glued: `Cprod`", |m, _| vec![format!("{}prod", m.host())]),
];

const TAILS: [&str; 6] = ["x7f3", "b00k", "9a1c", "zzzz", "k4k4", "0o0o"];

/// What happens to five machines, or to the only one.
#[derive(Clone, Copy)]
enum Event {
    LeavesThree,
    LeavesOne,
    LeavesNone,
    ReplacesTheOnlyOne,
}

const EVENTS: [Event; 4] = [
    Event::LeavesThree,
    Event::LeavesOne,
    Event::LeavesNone,
    Event::ReplacesTheOnlyOne,
];

/// Flexible suffixes, some of which people could have chosen. The first machines go first.
const SUFFIXES: [&str; 6] = ["4K7X2A", "ABCDEF", "9Z8Y7X", "12ABCD", "C3D4E5", "7Q2W8E"];

/// What became of the registrations of machines that are gone.
struct Cell {
    gone: usize,
    removed: usize,
    why: BTreeSet<String>,
}

impl Cell {
    fn word(&self) -> String {
        let why: Vec<&str> = self.why.iter().map(String::as_str).collect();
        match self.removed {
            all if all == self.gone => "go".to_owned(),
            0 => format!("stay: {}", why.join(", ")),
            some => format!("{some} of {} go, others {}", self.gone, why.join(", ")),
        }
    }
}

/// So many machines of the scale set `web`, registered in this style from the number on.
fn grow(world: &mut World, mode: Mode, style: &Style, machines: usize, from: usize) {
    let mut set = world.scale_set("web");
    let known: BTreeSet<String> = set.list().into_iter().map(|it| it.name).collect();
    let mut set = set.instances(machines as u64);
    let grown = set.list().into_iter();
    let mut grown: Vec<Vm> = grown.filter(|it| !known.contains(&it.name)).collect();
    for (number, machine) in grown.iter_mut().enumerate() {
        if mode == Mode::Flexible {
            let name = format!("web{}", SUFFIXES[from + number]);
            machine.computer_name = Some(name.clone());
            let set = world.scale_set("web");
            set.edit_vm(&machine.name, |it| it.computer_name = Some(name));
        }
        for name in (style.names)(machine, from + number) {
            world.target(&name).answers();
        }
    }
}

/// Runs one event, and sees that nothing was removed whose machine lives.
fn cell(mode: Mode, style: &Style, event: Event) -> Cell {
    let sandbox = Sandbox::start();
    let before = sandbox.world(|world| {
        drop(in_mode(world.scale_set("web"), mode));
        // The only one has a suffix that people could have chosen.
        let (machines, first) = match event {
            Event::LeavesThree | Event::LeavesOne | Event::LeavesNone => (5, 0),
            Event::ReplacesTheOnlyOne => (1, 1),
        };
        grow(world, mode, style, machines, first);
        let mut machines = world.scale_set("web").list();
        machines.sort_by_key(|it| SUFFIXES.iter().position(|s| it.host().ends_with(s)));
        let stay = match event {
            Event::LeavesThree => 3,
            Event::LeavesOne => 1,
            Event::LeavesNone | Event::ReplacesTheOnlyOne => 0,
        };
        let gone = machines.len() - stay;
        let names = |(number, it): (usize, &Vm)| (style.names)(it, first + number);
        let before: Vec<Vec<String>> = machines.iter().enumerate().map(names).collect();
        let hosts: Vec<String> = machines
            .iter()
            .take(gone)
            .map(|it| it.name.clone())
            .collect();
        drop(world.scale_set("web").scale_in(&hosts));
        for name in before[..gone].iter().flatten() {
            world.existing_target(name).dead();
        }
        if let Event::ReplacesTheOnlyOne = event {
            grow(world, mode, style, 1, 5);
        }
        world.check_all();
        before[..gone].concat()
    });
    let all = registered(&sandbox);
    let run = Run::in_runbook(&sandbox).set("VMSS_TIMEOUT_VALUE", "0.1");
    let end = run.reconcile(&sandbox);
    let left = registered(&sandbox);
    let lost: Vec<&String> = all.iter().filter(|it| !left.contains(it)).collect();
    expect(
        lost.iter().all(|it| before.contains(it)),
        "a target was removed whose machine lives",
        format!("of these at most: {before:?}"),
        format!("{lost:?} are gone"),
    );
    let stayed = before.iter().filter(|name| left.contains(name));
    let why = stayed.map(|name| match end.outcome.code {
        4 => "red, nothing lines up".to_owned(),
        _ => end.word_of(name),
    });
    Cell {
        gone: before.len(),
        removed: lost.len(),
        why: why.collect(),
    }
}

/// All cells, a few at a time.
fn table() -> String {
    let jobs: Vec<(usize, Mode, Event)> = (0..STYLES.len())
        .flat_map(|style| MODES.map(|mode| (style, mode)))
        .flat_map(|(style, mode)| EVENTS.map(|event| (style, mode, event)))
        .collect();
    let (next, cells) = (
        AtomicUsize::new(0),
        Mutex::new(vec![String::new(); jobs.len()]),
    );
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((place, (style, mode, event))) = {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(place).map(|job| (place, *job))
                } {
                    let word = cell(mode, &STYLES[style], event).word();
                    cells.lock().expect("no cell has panicked")[place] = word;
                }
            });
        }
    });
    let cells = cells.into_inner().expect("no cell has panicked");
    let mut table = String::from(
        "| how targets are named | mode | 5 to 3 | 5 to 1 | 5 to 0 | the only one replaced |\n|---|---|---|---|---|---|\n",
    );
    for (row, words) in cells.chunks(EVENTS.len()).enumerate() {
        let (title, mode) = match row % 2 {
            0 => (STYLES[row / 2].title, "Uniform"),
            _ => ("", "Flexible"),
        };
        table += &format!("| {title} | {mode} | {} |\n", words.join(" | "));
    }
    table
}

#[test]
fn every_style_does_in_every_event_what_the_documentation_shows() {
    let table = table();
    println!("{table}");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/names.md");
    let text = std::fs::read_to_string(file).expect("docs/names.md is there");
    expect(
        text.contains(&table),
        "people read in docs/names.md what does not happen to their targets",
        "the table as it stands there",
        format!("\n{table}"),
    );
}
