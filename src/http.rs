//! The one HTTP stack: agent, timeouts, trust. The one retry rule for both services stands in [`retry`].

pub mod foreign;
mod no_answer;
pub mod pacer;
mod proxy;
mod retry;
mod trust;

use crate::clock::http_date;
use crate::error::{CameBack, Error, Wait};
use crate::settings::Tuning;
use no_answer::NoAnswer;
use pacer::Pacer;
use proxy::Proxies;
use retry::{Next, Tries};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};
use ureq::http::{HeaderMap, Request, Response};
use ureq::tls::TlsConfig;
use ureq::{AsSendBody, Body};

/// A page of either service is far smaller; what is larger is not theirs.
const LARGEST_BODY: u64 = 64 << 20;
/// Connections kept open to one server, as many as there are workers.
pub const WORKERS: usize = 8;

/// Sends requests, and retries them.
#[derive(Debug)]
pub struct Http {
    agent: ureq::Agent,
    proxies: Proxies,
    tuning: Tuning,
    phase_end: Mutex<Option<Instant>>,
    /// A request of the phase was given up for want of time.
    out_of_time: AtomicBool,
    /// What people should know of how this machine reaches others.
    pub warning: Option<String>,
}

/// A request. Sending one twice does no more than sending it once.
#[derive(Debug)]
pub struct Call<'a> {
    /// GET, PUT, DELETE or POST.
    pub method: &'a str,
    /// Where to.
    pub url: &'a str,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Empty for none.
    pub body: &'a [u8],
    /// Keeps the request inside a server's rate limit.
    pub pacer: Option<&'a Pacer>,
    /// Through no proxy: the server is local by nature.
    pub direct: bool,
}

/// An answer, of whatever status.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
    /// The wait that it asks for and that there was no time for.
    pub wait: Option<Wait>,
    /// How often it was asked.
    pub tries: u32,
}

impl Reply {
    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's own clock, if it told.
    #[must_use]
    pub fn date(&self) -> Option<SystemTime> {
        self.header("date").and_then(http_date)
    }

    /// How long the server asks to wait: seconds, however many, or a date. What is neither, or lies in the past, asks
    /// for nothing.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        // Some servers write fractions. Not `parse` alone, which also reads `inf` and `1e9`.
        if text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && let Ok(seconds) = text.parse()
        {
            return Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
        }
        let now = self.date().unwrap_or_else(SystemTime::now);
        http_date(text)?.duration_since(now).ok()
    }

    /// Where a redirect leads. It is never followed: the credentials were not meant for that place.
    #[must_use]
    pub fn redirect(&self) -> Option<CameBack> {
        let to = || {
            self.header("location")
                .unwrap_or("an unnamed place")
                .to_owned()
        };
        (300..400)
            .contains(&self.status)
            .then(|| CameBack::Redirected {
                status: self.status,
                to: to(),
            })
    }
}

impl Http {
    /// Prepares the agent. The operating system's certificate store is trusted, or `SSL_CERT_FILE` where that is set.
    ///
    /// # Errors
    /// [`Error::Settings`] if `SSL_CERT_FILE` cannot be read or holds no certificate.
    pub fn new(tuning: Tuning) -> Result<Self, Error> {
        let (roots, warning) = trust::roots()?;
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
            .max_idle_connections_per_host(WORKERS)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Ok(Self {
            agent: config.into(),
            proxies: Proxies::from_environment()?,
            tuning,
            phase_end: Mutex::new(None),
            out_of_time: AtomicBool::new(false),
            warning,
        })
    }

    /// Starts a phase that must end within its time.
    pub fn begin_phase(&self) {
        self.set_phase_end(Instant::now().checked_add(self.tuning.phase));
    }

    /// Starts a phase that takes as long as it takes: the removals.
    pub fn begin_unbounded_phase(&self) {
        self.set_phase_end(None);
    }

    /// Whether the phase has taken longer than it may, or something in it would have.
    pub fn is_phase_over(&self) -> bool {
        self.out_of_time.load(Ordering::Relaxed)
            || self.phase_end().is_some_and(|end| Instant::now() >= end)
    }

    fn set_phase_end(&self, end: Option<Instant>) {
        self.out_of_time.store(false, Ordering::Relaxed);
        *self
            .phase_end
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = end;
    }

    fn phase_end(&self) -> Option<Instant> {
        *self
            .phase_end
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request until it is answered, its retries are used up, or its time is.
    ///
    /// # Errors
    /// No answer ([`CameBack::Unreachable`]), a server that asked for too long a silence ([`CameBack::Silent`]), or the end
    /// of the phase. Any status that is an answer is `Ok`.
    pub fn send(&self, call: &Call<'_>) -> Result<Reply, CameBack> {
        self.send_in_time(call).inspect_err(|came_back| {
            if matches!(came_back, CameBack::OutOfTime) {
                self.out_of_time.store(true, Ordering::Relaxed);
            }
        })
    }

    fn send_in_time(&self, call: &Call<'_>) -> Result<Reply, CameBack> {
        let phase_end = self.phase_end();
        let mut tries = Tries::default();
        loop {
            let asked = Instant::now();
            let permit = match call.pacer {
                Some(pacer) => Some(pacer.permit(phase_end, self.tuning.retry)?),
                None => None,
            };
            // Waiting for the rate limit is not trying, and takes nothing from the time for that.
            let started = Instant::now();
            tries.begin(started, started - asked, self.tuning.retry);
            let answer = self.once(call, self.time_for(&tries, started, phase_end)?);
            if let Some(permit) = permit {
                permit.answered(answer.as_ref().ok());
            }
            tries.count(&answer);
            log_try(call, &tries, &answer, started);
            match tries.next(&answer, Instant::now()) {
                Next::Pause(pause) if phase_end.is_none_or(|end| Instant::now() + pause < end) => {
                    sleep(pause)
                }
                Next::Pause(_) => return Err(CameBack::OutOfTime),
                Next::End(wait) => {
                    let reply = answer.map_err(|none| none.came_back(tries.made))?;
                    let tries = tries.made;
                    return Ok(Reply {
                        wait,
                        tries,
                        ..reply
                    });
                }
            }
        }
    }

    /// What one try of something that is no request may take.
    ///
    /// # Errors
    /// The phase is over.
    pub fn time_for_one(&self) -> Result<Duration, CameBack> {
        self.time_for(&Tries::default(), Instant::now(), self.phase_end())
    }

    /// What the next try may take.
    fn time_for(
        &self,
        tries: &Tries,
        now: Instant,
        phase_end: Option<Instant>,
    ) -> Result<Duration, CameBack> {
        let left = tries.left(now);
        // Without any time for retries there is still one try.
        let time = if left.is_zero() {
            self.tuning.request
        } else {
            self.tuning.request.min(left)
        };
        match phase_end.map(|end| end.saturating_duration_since(now)) {
            Some(Duration::ZERO) => Err(CameBack::OutOfTime),
            Some(left) => Ok(time.min(left)),
            None => Ok(time),
        }
    }

    fn once(&self, call: &Call<'_>, time: Duration) -> Result<Reply, NoAnswer> {
        let mut request = Request::builder().method(call.method).uri(call.url);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let unsendable = |e: ureq::http::Error| NoAnswer::lasting(e.to_string());
        let proxy = self.proxies.of(call);
        let through = |error: &ureq::Error| NoAnswer::of(error, time, proxy.as_ref());
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

fn log_try(call: &Call<'_>, tries: &Tries, answer: &Result<Reply, NoAnswer>, started: Instant) {
    let outcome = match answer {
        Ok(reply) => format!("{} ({} bytes)", reply.status, reply.body.len()),
        Err(none) => none.why().to_owned(),
    };
    log::debug!(
        "{} {}: {outcome}, try {}, {} ms",
        call.method,
        call.url,
        tries.made,
        started.elapsed().as_millis()
    );
}

/// Writes the spaces of a query as `%20`. The `+` of forms is read as a plus sign by some servers.
pub fn spell_spaces_out(url: &mut azure_core::http::Url) {
    if let Some(query) = url.query().map(|query| query.replace('+', "%20")) {
        url.set_query(Some(&query));
    }
}
