//! Listings and answers without end: a run ends, in bounded memory, and says which request it was.

use crate::support::{Outcome, Run, expect_untouched, scaled_in};
use sandbox::{Fault, Route, Sandbox, When};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

const GONE: [&str; 1] = ["web000001"];

/// Runs where more than a GiB of memory is not to be had.
fn in_little_memory(run: &Run) -> Outcome {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "ulimit -v 1048576 && exec \"$0\" \"$@\""]);
    run.run_by(shell)
}

/// Every page of the instances leads to another one, so many times, before the true one.
fn empty_pages_first(sandbox: &Sandbox, pages: usize) {
    let asked = AtomicUsize::new(0);
    let azure = sandbox.azure_url();
    let edit = move |page: &mut Value| {
        let number = asked.fetch_add(1, Ordering::Relaxed) % (pages + 1);
        if number < pages {
            let path = "/subscriptions/00000000-5a4d-4b0c-8000-000000000001/resourceGroups/web-rg/providers/Microsoft.Compute/virtualMachineScaleSets/web/virtualMachines";
            // The sandbox knows no such page; to the run each of these is a new one.
            let next = format!("{azure}{path}?api-version=2024-11-01#page-{number}");
            *page = json!({ "value": [], "nextLink": next });
        }
    };
    sandbox.fault(Route::Instances, When::Always, Fault::edit(edit));
}

#[test]
fn thousands_of_empty_pages_are_read_to_their_end() {
    let sandbox = scaled_in(3, &GONE);
    empty_pages_first(&sandbox, 3000);

    let outcome = in_little_memory(&Run::in_runbook(&sandbox)).expect_code(0);

    assert_eq!(outcome.removed(), GONE);
}

#[test]
fn pages_without_end_are_no_listing() {
    let sandbox = scaled_in(3, &GONE);
    empty_pages_first(&sandbox, usize::MAX - 1);

    let outcome = in_little_memory(&Run::in_runbook(&sandbox)).expect_code(3);

    let said = outcome.said("error");
    for words in ["Could not list the instances", "more than 10000 pages"] {
        assert!(said.contains(words), "{words:?}: {said}");
    }
    expect_untouched(&sandbox);
}

#[test]
fn a_total_beyond_belief_is_no_listing() {
    for total in [500_001_u64, u64::from(u32::MAX), 1 << 62] {
        let sandbox = scaled_in(3, &GONE);
        let edit = move |page: &mut Value| page["TotalResults"] = total.into();
        sandbox.fault(Route::Machines, When::Always, Fault::edit(edit));

        let outcome = in_little_memory(&Run::in_runbook(&sandbox)).expect_code(3);

        let said = outcome.said("error");
        assert!(said.contains("more than 500000"), "{said}");
        assert_eq!(
            sandbox.count(Route::Machines),
            1,
            "reading on would not end"
        );
    }
}

#[test]
fn answers_too_large_to_be_true_are_not_kept() {
    for route in [
        Route::Machines,
        Route::Token,
        Route::Instances,
        Route::PointRead,
    ] {
        for status in [200, 400] {
            let sandbox = scaled_in(3, &GONE);
            let large = Fault::bytes(status, vec![b'x'; 70 << 20]);
            sandbox.fault(route, When::Always, large);

            let outcome = in_little_memory(&Run::in_runbook(&sandbox));

            assert!(
                matches!(outcome.code, 0 | 3),
                "{route:?}: {}",
                outcome.stdout
            );
            assert!(
                outcome.stdout.contains("larger than 64 MiB"),
                "{}",
                outcome.stdout
            );
            expect_untouched(&sandbox);
        }
    }
}

#[test]
fn an_error_message_as_long_as_a_book_is_not_printed() {
    for route in [Route::Machines, Route::Token, Route::Instances] {
        let sandbox = scaled_in(3, &GONE);
        let large = Fault::bytes(400, vec![b'x'; 20 << 20]);
        sandbox.fault(route, When::Always, large);

        let outcome = in_little_memory(&Run::in_runbook(&sandbox)).expect_code(3);

        assert!(
            outcome.stdout.len() < 10_000,
            "{} bytes",
            outcome.stdout.len()
        );
    }
}
