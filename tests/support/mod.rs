//! What the test programs share: runs of the real binary against a sandbox, what came of them, and worlds to run in.

pub mod aftermath;
pub mod base64;
pub mod brake;
pub mod candidate;
pub mod check;
mod failure;
pub mod fleet;
#[cfg(unix)]
pub mod going;
pub mod hanging;
pub mod markdown;
pub mod messages;
pub mod no_answer;
pub mod outcome;
pub mod planned;
pub mod problems;
pub mod proxy;
pub mod published;
pub mod redeployment;
pub mod relay;
mod run;
pub mod schema;
pub mod setup;
pub mod setup_failures;
pub mod sign_in;
pub mod strange;
pub mod strangers;
#[cfg(target_os = "linux")]
pub mod terminal;
mod worlds;

pub use base64::base64;
pub use failure::expect;
pub use outcome::Outcome;
pub use run::Run;
pub use worlds::{expect_untouched, fails, registered, scaled_in, settled, shrunk};
