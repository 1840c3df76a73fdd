//! Sends requests: agent, timeouts, tries.

use super::exchange::{Call, Deadline, Reply, place_of};
use super::network::{Proxies, roots};
use super::no_answer::NoAnswer;
use super::rate_limiter::RateLimiter;
use super::retry::{Next, Tries};
use super::sending::Sending;
use super::watch::Watch;
use crate::error::{Cause, Error};
use crate::workers::WORKERS;
use azure_core::http::Url;
use std::time::{Duration, Instant};
use ureq::http::{Request, Response};
use ureq::tls::TlsConfig;
use ureq::{AsSendBody, Body};

/// A page of either service is far smaller; what is larger is not theirs.
const LARGEST_BODY: u64 = 64 << 20;

/// How long requests may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestTimes {
    /// One try.
    pub request: Duration,
    /// One request with all its retries.
    pub retry: Duration,
}

/// Sends requests, and retries them.
#[derive(Debug)]
pub struct Http {
    agent: ureq::Agent,
    proxies: Proxies,
    times: RequestTimes,
    /// What is asked at this moment.
    pub watch: Watch,
    /// What people should know of how this machine reaches others.
    pub warning: Option<String>,
}

impl Http {
    /// Prepares the agent. The operating system's certificate store is trusted, or `SSL_CERT_FILE` where that is set.
    ///
    /// # Errors
    /// [`Error::Settings`] if `SSL_CERT_FILE` cannot be read or holds no certificate.
    pub fn new(times: RequestTimes) -> Result<Self, Error> {
        let (roots, warning) = roots()?;
        let config = ureq::Agent::config_builder()
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            // As many as there are workers.
            .max_idle_connections_per_host(WORKERS)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Ok(Self {
            agent: config.into(),
            proxies: Proxies::from_environment()?,
            times,
            watch: Watch::default(),
            warning,
        })
    }

    /// Sends a request until it is answered, its retries are used up, or its time is; inside a server's rate limit where it
    /// has one.
    ///
    /// # Errors
    /// No answer ([`Cause::Unreachable`]), a server that asked for too long a silence ([`Cause::Silent`]), or the
    /// deadline ([`Cause::OutOfTime`]). Any status that is an answer is `Ok`.
    pub fn send(
        &self,
        call: &Call<'_>,
        limiter: Option<&RateLimiter>,
        deadline: Deadline,
    ) -> Result<Reply, Cause> {
        self.send_while_fresh(call, limiter, &mut deadline.into())
    }

    /// The same for a request that is only sent while what speaks for it is fresh; once that has aged ([`Sending::has_aged`])
    /// it can be begun anew.
    ///
    /// # Errors
    /// The same; and [`Cause::Aged`], where it aged before its first try, or [`Cause::Halted`] ([`Sending::unless`]). Later the
    /// last refusal is the answer.
    pub fn send_while_fresh(
        &self,
        call: &Call<'_>,
        limiter: Option<&RateLimiter>,
        sending: &mut Sending,
    ) -> Result<Reply, Cause> {
        let deadline = sending.deadline;
        let watched = self.watch.begin(whom(call));
        loop {
            let asked = Instant::now();
            if sending.ages(asked) {
                sending.tries.begin_time(asked, self.times.retry);
                return sending.refusal.clone().ok_or(Cause::Aged);
            }
            watched.is_held(limiter.is_some());
            let permit = limiter.map(|it| it.permit(sending.patience(), self.times.retry));
            let permit = match permit.transpose() {
                Ok(permit) => permit,
                Err(Cause::OutOfTime) if sending.ages(Instant::now()) => continue,
                Err(cause) => match (cause, sending.refusal.take()) {
                    // The time for trying is over, and the last try's answer is the answer.
                    (Cause::OutOfTime, Some(reply)) if !deadline.is_over() => return Ok(reply),
                    (cause, _) => return Err(cause),
                },
            };
            sending.refusal = None;
            watched.is_held(false);
            if sending.is_halted() {
                return Err(Cause::Halted);
            }
            let tries = &mut sending.tries;
            // Waiting for the rate limit is not trying, and takes nothing from the time for that.
            let started = Instant::now();
            tries.begin(started, started - asked, self.times.retry);
            watched.ends(deadline.or_sooner(tries.give_up()));
            let answer = self.once(call, self.time_for(tries, started, deadline)?);
            if let Some(permit) = permit {
                permit.answered(answer.as_ref().ok());
            }
            tries.count(&answer);
            watched.says(said(&answer));
            log_try(call, tries, &answer, started);
            match tries.next(call.method, &answer, Instant::now()) {
                Next::Pause(pause) if deadline.left().is_none_or(|left| pause < left) => {
                    let refusal = answer.ok().filter(|reply| reply.status == 429);
                    sending.refusal = refusal.map(|reply| tries.of(reply));
                    sending.pause(pause);
                }
                Next::Pause(_) => return Err(Cause::OutOfTime),
                Next::End(wait) => {
                    let reply = answer.map_err(|none| none.cause(tries.made))?;
                    let reply = tries.of(reply);
                    return Ok(Reply { wait, ..reply });
                }
            }
        }
    }

    /// What one try of something that is no request may take.
    ///
    /// # Errors
    /// The deadline is over.
    pub fn time_for_one(&self, deadline: Deadline) -> Result<Duration, Cause> {
        self.time_for(&Tries::default(), Instant::now(), deadline)
    }

    /// What the next try may take.
    fn time_for(&self, tries: &Tries, now: Instant, deadline: Deadline) -> Result<Duration, Cause> {
        let left = tries.left(now);
        // Without any time for retries there is still one try.
        let time = if left.is_zero() {
            self.times.request
        } else {
            self.times.request.min(left)
        };
        match deadline.left() {
            Some(Duration::ZERO) => Err(Cause::OutOfTime),
            Some(left) => Ok(time.min(left)),
            None => Ok(time),
        }
    }

    fn once(&self, call: &Call<'_>, time: Duration) -> Result<Reply, NoAnswer> {
        let mut request = Request::builder()
            .method(call.method.as_str())
            .uri(call.url);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let unsendable = |e: ureq::http::Error| NoAnswer::lasting(e.to_string());
        let proxy = self.proxies.of(call);
        let is_plain = call.url.starts_with("http:");
        let through = |error: &ureq::Error| NoAnswer::of(error, time, is_plain, proxy.as_ref());
        let sent = if call.body.is_empty() {
            self.exchange(request.body(()).map_err(unsendable)?, proxy.clone(), time)
        } else {
            self.exchange(
                request.body(call.body).map_err(unsendable)?,
                proxy.clone(),
                time,
            )
        };
        let (parts, mut body) = sent.map_err(|e| through(&e))?.into_parts();
        let body = body
            .with_config()
            .limit(LARGEST_BODY)
            .read_to_vec()
            .map_err(|e| through(&e))?;
        let status = parts.status.as_u16();
        if let (407, Some(proxy)) = (status, &proxy) {
            return Err(NoAnswer::refused_by(proxy, status));
        }
        Ok(Reply {
            status,
            headers: parts.headers,
            body,
            wait: None,
            tries: 1,
        })
    }

    fn exchange(
        &self,
        request: Request<impl AsSendBody>,
        proxy: Option<ureq::Proxy>,
        time: Duration,
    ) -> Result<Response<Body>, ureq::Error> {
        let request = self
            .agent
            .configure_request(request)
            .proxy(proxy)
            .timeout_global(Some(time))
            .build();
        self.agent.run(request)
    }
}

/// Who is asked, for people.
fn whom(call: &Call<'_>) -> String {
    Url::parse(call.url).map_or_else(|_| call.url.to_owned(), |url| place_of(&url))
}

/// What came of a try, for people who wait for the next one.
fn said(answer: &Result<Reply, NoAnswer>) -> String {
    match answer {
        Ok(reply) => format!("answered {}", reply.status),
        Err(none) => none.why().to_owned(),
    }
}

fn log_try(call: &Call<'_>, tries: &Tries, answer: &Result<Reply, NoAnswer>, started: Instant) {
    let outcome = match answer {
        Ok(reply) => format!("{} ({} bytes)", reply.status, reply.body.len()),
        Err(none) => none.why().to_owned(),
    };
    log::debug!(
        target: concat!(env!("CARGO_CRATE_NAME"), "::http"),
        "{} {}: {outcome}, try {}, {} ms",
        call.method,
        call.url,
        tries.made,
        started.elapsed().as_millis()
    );
}
