//! What people and Octopus read on standard output while the program runs.
//!
//! Two audiences. Inside Octopus every line goes between service messages that give it its level, and outputs, progress and
//! artifacts are service messages too (sources: Octopus documentation, "Logging messages from scripts"; Calamari,
//! `ServiceMessageParser`). In a terminal the same run prints plain text. Whatever text comes from a server or a setting
//! passes through [`safe`] on its way: it can neither start a service message nor forge a line.

mod interrupt;
mod shown;
mod stdout;
mod text;

pub use shown::is_shown;
pub use stdout::Console;
pub use stdout::Level;
pub use text::safe;
