//! The one HTTP stack: agent, timeouts, trust, and the one retry rule for both services.

use crate::error::{CameBack, Error, Problem};
use crate::octopus::pacer::Pacer;
use crate::settings::Tuning;
use azure_core::time::{OffsetDateTime, parse_rfc7231};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};
use ureq::http::{HeaderMap, Request};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// How long a phase of a run may take; the two waits and the removals are not bound by it.
const PHASE: Duration = Duration::from_secs(15 * 60);
/// Retries of a request that answered 408 or 5xx, or got no answer.
const RETRIES: u32 = 5;
/// The first pause before a retry; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// A page of either service is far smaller; what is larger is not theirs.
const LARGEST_BODY: u64 = 64 << 20;
/// Connections kept open to one server, as many as there are workers.
pub const WORKERS: usize = 8;

/// Sends requests, and retries them.
#[derive(Debug)]
pub struct Http {
    agent: ureq::Agent,
    tuning: Tuning,
    phase_end: Mutex<Option<Instant>>,
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
    /// It took more than one try.
    pub retried: bool,
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
        self.header("date")
            .and_then(|text| parse_rfc7231(text).ok())
            .map(SystemTime::from)
    }

    /// How long the server asks to wait: whole seconds or a date. What is neither, or lies in the past, asks for nothing.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let now = self.date().unwrap_or_else(SystemTime::now);
        let then = SystemTime::from(parse_rfc7231(text).ok()?);
        then.duration_since(now).ok()
    }

    fn asks_for_another_try(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..=599)
    }
}

/// No answer, in a way that another try may mend, or not.
struct NoAnswer {
    why: String,
    lasting: bool,
}

impl Http {
    /// Prepares the agent. The operating system's certificate store is trusted, or `SSL_CERT_FILE` where that is set.
    ///
    /// # Errors
    /// [`Error::Settings`] if `SSL_CERT_FILE` cannot be read or holds no certificate.
    pub fn new(tuning: Tuning) -> Result<Self, Error> {
        let roots = match std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
            Some(path) => certificates(std::path::Path::new(&path))?,
            None => RootCerts::PlatformVerifier,
        };
        let config = ureq::Agent::config_builder()
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections_per_host(WORKERS)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Ok(Self {
            agent: config.into(),
            tuning,
            phase_end: Mutex::new(None),
        })
    }

    /// Starts a phase that must end within 15 minutes.
    pub fn begin_phase(&self) {
        self.set_phase_end(Instant::now().checked_add(PHASE));
    }

    /// Starts a phase that takes as long as it takes: the removals.
    pub fn begin_unbounded_phase(&self) {
        self.set_phase_end(None);
    }

    fn set_phase_end(&self, end: Option<Instant>) {
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
    /// No answer ([`CameBack::Unreachable`]), one that asks for too much patience ([`CameBack::AskedToWait`]), or the end
    /// of the phase. Any status that is an answer is `Ok`.
    pub fn send(&self, call: &Call<'_>) -> Result<Reply, CameBack> {
        let phase_end = self.phase_end();
        let mut give_up = None;
        let mut tries = 0;
        loop {
            let permit = match call.pacer {
                Some(pacer) => Some(pacer.permit(phase_end).ok_or(CameBack::OutOfTime)?),
                None => None,
            };
            // The clock of the retries starts with the first try; waiting for the rate limit is not trying.
            let started = Instant::now();
            let give_up = *give_up.get_or_insert(started + self.tuning.retry);
            let answer = self.once(call, self.time_for(tries, started, give_up, phase_end)?);
            if let Some(permit) = permit {
                permit.answered(answer.as_ref().ok());
            }
            tries += 1;
            log_try(call, tries, &answer, started);
            match self.pause(&answer, tries, give_up)? {
                Some(pause) if phase_end.is_none_or(|end| Instant::now() + pause < end) => {
                    sleep(pause)
                }
                Some(_) => return Err(CameBack::OutOfTime),
                None => {
                    let reply =
                        answer.map_err(|none| CameBack::Unreachable(after(tries, &none.why)))?;
                    return Ok(Reply {
                        retried: tries > 1,
                        ..reply
                    });
                }
            }
        }
    }

    /// What the next try may take.
    fn time_for(
        &self,
        tries: u32,
        now: Instant,
        give_up: Instant,
        phase_end: Option<Instant>,
    ) -> Result<Duration, CameBack> {
        let mut time = self.tuning.request;
        if tries > 0 {
            time = time.min(give_up.saturating_duration_since(now));
        }
        match phase_end.map(|end| end.saturating_duration_since(now)) {
            Some(Duration::ZERO) => Err(CameBack::OutOfTime),
            Some(left) => Ok(time.min(left)),
            None => Ok(time),
        }
    }

    /// How long to wait before another try; `None` if there is none to come.
    fn pause(
        &self,
        answer: &Result<Reply, NoAnswer>,
        tries: u32,
        give_up: Instant,
    ) -> Result<Option<Duration>, CameBack> {
        let left = give_up.saturating_duration_since(Instant::now());
        let (status, asked) = match answer {
            Ok(reply) if reply.asks_for_another_try() => (reply.status, reply.retry_after()),
            Ok(_) | Err(NoAnswer { lasting: true, .. }) => return Ok(None),
            Err(NoAnswer { lasting: false, .. }) => (0, None),
        };
        if let Some(asked) = asked.filter(|asked| *asked >= left) {
            return Err(CameBack::AskedToWait {
                status,
                seconds: asked.as_secs(),
                allowed: self.tuning.retry.as_secs_f64(),
            });
        }
        if tries > RETRIES && status != 429 {
            return Ok(None);
        }
        let backoff = FIRST_PAUSE.saturating_mul(1 << (tries - 1).min(6));
        // Runs that were turned away together must not come back together.
        let pause = match asked {
            Some(asked) => asked + FIRST_PAUSE.mul_f64(random() / 2.0),
            None => backoff.mul_f64(0.5 + random() / 2.0),
        };
        Ok((pause < left).then_some(pause))
    }

    fn once(&self, call: &Call<'_>, time: Duration) -> Result<Reply, NoAnswer> {
        let mut request = Request::builder().method(call.method).uri(call.url);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let unsendable = |e: ureq::http::Error| NoAnswer {
            why: e.to_string(),
            lasting: true,
        };
        let sent = if call.body.is_empty() {
            let request = request.body(()).map_err(unsendable)?;
            self.agent.run(
                self.agent
                    .configure_request(request)
                    .timeout_global(Some(time))
                    .build(),
            )
        } else {
            let request = request.body(call.body).map_err(unsendable)?;
            self.agent.run(
                self.agent
                    .configure_request(request)
                    .timeout_global(Some(time))
                    .build(),
            )
        };
        let (parts, mut body) = sent.map_err(|e| no_answer(&e, time))?.into_parts();
        let body = body
            .with_config()
            .limit(LARGEST_BODY)
            .read_to_vec()
            .map_err(|e| no_answer(&e, time))?;
        Ok(Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
            retried: false,
        })
    }
}

fn log_try(call: &Call<'_>, tries: u32, answer: &Result<Reply, NoAnswer>, started: Instant) {
    let outcome = match answer {
        Ok(reply) => format!("{} ({} bytes)", reply.status, reply.body.len()),
        Err(none) => none.why.clone(),
    };
    log::debug!(
        "{} {}: {outcome}, try {tries}, {} ms",
        call.method,
        call.url,
        started.elapsed().as_millis()
    );
}

fn after(tries: u32, why: &str) -> String {
    if tries > 1 {
        format!("{why} (after {tries} tries)")
    } else {
        why.to_owned()
    }
}

/// What a failed exchange says to people, and whether another try can help.
fn no_answer(error: &ureq::Error, time: Duration) -> NoAnswer {
    use ureq::Error as E;
    let lasting = match error {
        // rustls reports a certificate it does not trust as invalid data.
        E::Io(io) => io.kind() == std::io::ErrorKind::InvalidData,
        E::HostNotFound
        | E::ConnectionFailed
        | E::Timeout(_)
        | E::Protocol(_)
        | E::BodyStalled
        | E::ConnectProxyFailed(_) => false,
        _ => true,
    };
    let why = match error {
        E::Timeout(_) => format!("no answer within {} seconds", time.as_secs_f64()),
        E::HostNotFound => "the name does not resolve".into(),
        other => other.to_string().trim_start_matches("io: ").to_owned(),
    };
    NoAnswer { why, lasting }
}

fn certificates(path: &std::path::Path) -> Result<RootCerts, Error> {
    let problem = |what: String| {
        Error::Settings(vec![Problem {
            parameter: "SSL_CERT_FILE".into(),
            what,
        }])
    };
    let pem = std::fs::read(path)
        .map_err(|e| problem(format!("cannot be read ({}): {e}", path.display())))?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(problem(format!(
            "{} holds no certificate in PEM form",
            path.display()
        )));
    }
    Ok(RootCerts::from(certificates))
}

/// A number from 0 to 1, different for every thread, run and call.
fn random() -> f64 {
    let bits = RandomState::new().hash_one(OffsetDateTime::now_utc().unix_timestamp_nanos());
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
