//! A request.

use super::method::Method;
use super::rate_limiter::RateLimiter;

/// A request. Sending one twice does no more than sending it once.
#[derive(Debug)]
pub struct Call<'a> {
    /// What it does.
    pub method: Method,
    /// Where to.
    pub url: &'a str,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Empty for none.
    pub body: &'a [u8],
    /// Keeps the request inside a server's rate limit.
    pub limiter: Option<&'a RateLimiter>,
    /// Through no proxy: the server is local by nature.
    pub direct: bool,
}
