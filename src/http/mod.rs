//! The one HTTP stack, and the one retry rule for both services: agent, timeouts, trust, rate limit, what a body is.

mod body;
mod client;
mod exchange;
mod network;
mod no_answer;
mod objects;
mod rate_limiter;
mod retry;
mod sending;
mod watch;

pub use body::{
    Distinct, ListingLength, OTHER_FORM, Reading, complete, json, object, secret_object, words,
};
pub use client::{Http, RequestTimes};
pub use exchange::{Call, Deadline, Method, Reply, place_of, spell_spaces_out};
pub use rate_limiter::RateLimiter;
pub use sending::{Halt, Sending};
pub use watch::{Waited, Watch};
