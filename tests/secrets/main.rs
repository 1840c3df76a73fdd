//! Keys, secrets and tokens appear in nothing that a run prints, leaves or starts, whatever it is asked to log, and whatever
//! a server says: in a debug build and in the one that is released.

#[path = "../common/mod.rs"]
mod common;
mod encodings;
mod scenarios;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

fn debug_build() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_octopus-scale-in"))
}

/// Built here, once: what is compiled out of it and what is not differs from the other build.
fn release_build() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = debug_build().ancestors().nth(2).expect("a target folder");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--release", "--locked", "--quiet", "--package"])
            .args([env!("CARGO_PKG_NAME"), "--target-dir"])
            .arg(folder)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(
            built.is_ok_and(|status| status.success()),
            "the release build fails"
        );
        let name = debug_build().file_name().expect("a file");
        folder.join("release").join(name)
    })
}

macro_rules! promises {
    ($($promise:ident,)+) => {
        mod debug {
            $(#[test] fn $promise() { crate::scenarios::$promise(crate::debug_build()); })+
        }
        mod release {
            $(#[test] fn $promise() { crate::scenarios::$promise(crate::release_build()); })+
        }
    };
}

promises! {
    what_is_repeated_in_another_encoding_is_not_shown,
    a_name_that_repeats_a_key_is_not_handed_on,
    a_federated_token_is_a_secret_too,
    what_a_managed_identity_shows_is_a_secret_too,
    no_process_has_a_secret_among_its_arguments,
    a_run_that_goes_well_shows_no_secret,
    a_token_for_octopus_is_a_secret_too,
    refused_secrets_are_not_shown,
    what_octopus_repeats_is_not_shown,
    what_azure_repeats_is_not_shown,
    what_a_sign_in_page_repeats_is_not_shown,
    where_a_redirect_leads_shows_no_secret,
    the_report_of_a_failed_removal_shows_no_secret,
    the_password_of_a_proxy_is_not_shown,
    a_secret_on_the_edge_of_a_long_answer_is_not_shown_in_part,
    a_token_for_azure_that_is_repeated_is_not_shown,
}
