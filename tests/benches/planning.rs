//! How long a plan takes: `cargo bench --bench planning`. Ten times the names should take little more than ten times as long.
//!
//! Every second machine is gone, so half of the targets are kept and half are candidates, which takes the longest way.

use divan::{Bencher, black_box};
use octopus_scale_in::reconcile::plan::Plan;
use octopus_scale_in::reconcile::snapshot::{Instance, Snapshot};
use policy::{RULES, base36, flexible, group, machine, now, numbered, snapshot, uniform};

#[path = "../properties/policy.rs"]
#[allow(dead_code, reason = "a plan needs only some of it")]
mod policy;

const SIZES: [u64; 3] = [1_000, 10_000, 100_000];

fn main() {
    divan::main();
}

/// Names as the scale set gives them.
#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn uniform_names(bencher: Bencher, size: u64) {
    let names = (0..size).map(|n| format!("web{}", base36(n)));
    measure(
        bencher,
        &snapshot(
            names,
            vec![group(uniform("web", "web"), every_second(size))],
        ),
    );
}

/// Names that only what is kept explains.
#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn decorated_names(bencher: Bencher, size: u64) {
    let names = (0..size).map(|n| format!("prod-eu-web{}-blue.contoso.com", base36(n)));
    measure(
        bencher,
        &snapshot(
            names,
            vec![group(uniform("web", "web"), every_second(size))],
        ),
    );
}

/// Two hundred boundaries in every target's name, and machines of sixty different lengths.
#[divan::bench(args = [1_000, 10_000], sample_count = 1, sample_size = 1)]
fn names_of_boundaries(bencher: Bencher, size: u64) {
    let names = (0..size).map(|n| format!("{}web{}", "-".repeat(200), base36(n)));
    let mut machines = every_second(size);
    machines.extend((1..60).map(|length| machine(&"x".repeat(length), "")));
    measure(
        bencher,
        &snapshot(names, vec![group(uniform("web", "web"), machines)]),
    );
}

/// Words and dashes, as people who put everything into a name write it, beside machines of many lengths.
#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn names_of_many_words(bencher: Bencher, size: u64) {
    let names = (0..size).map(|n| format!("{}web{}", "contoso-prod-eu-west-".repeat(4), base36(n)));
    let machines = (0..size)
        .step_by(2)
        .map(|n| machine(&"vm-".repeat(n as usize % 20), &format!("web{}", base36(n))));
    measure(
        bencher,
        &snapshot(
            names,
            vec![group(flexible("web", "web"), machines.collect())],
        ),
    );
}

/// A dot in the computer name prefix: up to it all names are equal, so every target matches every machine.
#[divan::bench(args = [250, 500, 1_000, 2_000], sample_count = 3, sample_size = 1)]
fn names_equal_up_to_the_first_dot(bencher: Bencher, size: u64) {
    let names = (0..size).map(|n| format!("web.{n}"));
    let machines = (0..size).step_by(2).map(|n| numbered("web", "web.", n));
    measure(
        bencher,
        &snapshot(
            names,
            vec![group(uniform("web", "web."), machines.collect())],
        ),
    );
}

fn every_second(size: u64) -> Vec<Instance> {
    (0..size)
        .step_by(2)
        .map(|n| numbered("web", "web", n))
        .collect()
}

fn measure(bencher: Bencher, snapshot: &Snapshot) {
    bencher.bench(|| Plan::make(black_box(snapshot), RULES, now()));
}
