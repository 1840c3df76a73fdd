//! `cargo run -p step-template` refreshes the committed template; `cargo run -p step-template -- DIST` packs the template
//! of the release whose files are in that folder.

use std::path::Path;
use std::process::ExitCode;
use step_template::{Release, Template};

const NAME: &str = "octopus-scale-in.json";

fn main() -> ExitCode {
    let packed = match std::env::args().nth(1) {
        None => pack(Path::new(env!("CARGO_MANIFEST_DIR")), None),
        Some(folder) => pack_release(Path::new(&folder)),
    };
    match packed {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// A fork publishes its own releases: the address comes from its Cargo.toml.
fn pack_release(folder: &Path) -> Result<(), String> {
    let (version, repository) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_REPOSITORY"));
    let release = Release::read(folder, version, repository)?;
    pack(folder, Some(&release))
}

fn pack(folder: &Path, release: Option<&Release>) -> Result<(), String> {
    let file = folder.join(NAME);
    let packed = Template::read()?.pack(release)?;
    std::fs::write(&file, packed).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("packed {}", file.display());
    Ok(())
}
