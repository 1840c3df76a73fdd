//! The one HTTP stack, and the one retry rule for both services: agent, timeouts, trust, rate limit, what a body is.

mod call;
mod client;
mod deadline;
mod foreign;
mod listing;
mod method;
mod no_answer;
mod proxy;
mod query;
mod rate_limiter;
mod reply;
mod retry;
mod trust;

pub use call::Call;
pub use client::{Http, RequestTimes};
pub use deadline::Deadline;
pub use foreign::{object, words};
pub use listing::{Distinct, Length, Reading, complete};
pub use method::Method;
pub use query::spell_spaces_out;
pub use rate_limiter::RateLimiter;
pub use reply::Reply;
