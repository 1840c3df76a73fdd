//! What people and Octopus read while the program runs.
//!
//! Two audiences. Inside Octopus everything is on standard output, every line between service messages that give it its level,
//! and outputs, progress and artifacts are service messages too (sources: Octopus documentation, "Logging messages from
//! scripts"; Calamari, `ServiceMessageParser`). By hand the same run prints plain text: its result on standard output, all the
//! rest on standard error, with settings called by what people set there. Whatever text comes from a server or a setting
//! passes through [`safe`] on its way: it can neither start a service message nor forge a line.

mod asking;
mod audience;
mod diagnostics;
mod ending;
mod interrupt;
mod shown;
mod status;
mod streams;
mod text;

pub use audience::{Answer, Audience, ByHand, Detail, Level, ResultForm};
pub use ending::Changes;
pub use shown::is_shown;
pub use streams::Console;
pub use text::{harmless_json, safe};
