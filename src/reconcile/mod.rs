//! What is decided, and nothing else.
//!
//! Values in, values out: no client, no clock, no log, and no word of a particular cloud. The policy reads in this order:
//! [`matching`] (which instance is meant by a name), [`pattern`] and [`ownership`] (whose name it is), [`plan`] and
//! [`verdict`] (one for each target), [`brake`] (reasons to remove nothing at all), [`evidence`],
//! [`others`], [`missing`], [`machine_word`] and [`usage`] (what else must hold before a
//! registration is removed), [`deploy_list`] (what the steps that follow are told).

pub mod brake;
pub mod deploy_list;
pub mod evidence;
pub mod machine_word;
pub mod matching;
pub mod missing;
pub mod others;
pub mod own_list;
pub mod ownership;
pub mod pattern;
pub mod plan;
mod planning;
pub mod snapshot;
pub mod usage;
pub mod verdict;
pub mod witness;
