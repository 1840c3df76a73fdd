//! What a defect in this program ends in.

use crate::console::{Console, Level};
use crate::error::ExitCode;
use std::process::exit;
use std::sync::Arc;

/// From now on a panic in any thread ends the whole process with [`ExitCode::Defect`], and asks people to report it: half a
/// run must not go on.
pub fn end_on_panics(log: &Arc<Console>) {
    let log = Arc::clone(log);
    std::panic::set_hook(Box::new(move |panic| {
        log.say(Level::Error, format_args!(
            "This is a defect in octopus-scale-in {}: {panic}. Please report it with this log. What was removed before stands above",
            env!("CARGO_PKG_VERSION")
        ));
        exit(i32::from(ExitCode::Defect as u8));
    }));
}
