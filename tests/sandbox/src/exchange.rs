//! One request, from its arrival to its answer: record, faults, script, world.

use crate::faults::{Delivery, Fault, Faults, Kind};
use crate::http::{Answer, Body, Call, Service};
use crate::matcher::Route;
use crate::record::Record;
use crate::script::{Due, Script};
use crate::world::World;
use crate::{azure, clock, delivery, octopus};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the servers and the test share.
#[derive(Default)]
pub(crate) struct Shared {
    world: Mutex<World>,
    script: Mutex<Script>,
    faults: Mutex<Faults>,
    record: Mutex<Record>,
}

/// An answer, and how it travels.
pub(crate) struct Outcome {
    pub answer: Answer,
    pub delivery: Delivery,
}

/// A test that panicked with the world in its hands fails by itself; the servers go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// The world as it is now: health checks go on meanwhile.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = lock(&self.world);
        octopus::advance(&mut world);
        world
    }

    pub fn script(&self) -> MutexGuard<'_, Script> {
        lock(&self.script)
    }

    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub fn record(&self) -> MutexGuard<'_, Record> {
        lock(&self.record)
    }

    /// Answers one request.
    pub async fn exchange(&self, call: Call) -> Outcome {
        let route = self.route(&call);
        let entry = Entry {
            shared: self,
            number: self.record().begin(&call, route),
        };
        let faults = self.faults().due(&call, route);
        let due = self.script().due(&call, route);
        for fault in &faults {
            if let Kind::Latency(delay) = fault.0 {
                tokio::time::sleep(delay).await;
            }
        }
        let outcome = self.answer(call, &faults, due);
        if outcome.delivery == Delivery::Stall {
            // Here and not later, so that the record shows the request under way.
            std::future::pending::<()>().await;
        }
        let sent = (outcome.delivery != Delivery::Reset).then_some(outcome.answer.status);
        self.record().end(entry.number, sent);
        outcome
    }

    fn route(&self, call: &Call) -> Route {
        let world = self.world();
        match call.service {
            Service::Octopus => octopus::route(&world.octopus, call),
            Service::Azure => azure::route(call),
        }
    }

    fn answer(&self, mut call: Call, faults: &[Fault], due: Due) -> Outcome {
        let mut delivery = Delivery::Whole;
        let mut processed = true;
        let (mut instead, mut afterwards) = (None, None);
        for fault in faults {
            match &fault.0 {
                Kind::Latency(_) | Kind::Edit(_) | Kind::Header(..) | Kind::Gzip => {}
                Kind::RepeatPage => call.query = without_page(&call.query),
                Kind::Instead(answer) => instead = instead.or(Some((**answer).clone())),
                Kind::After(answer) => afterwards = Some((**answer).clone()),
                Kind::Deliver {
                    processed: done,
                    delivery: how,
                } => {
                    processed &= done;
                    delivery = *how;
                }
            }
        }
        let mut world = self.world();
        due.before.into_iter().for_each(|change| change(&mut world));
        let answer = match instead {
            Some(answer) => answer,
            None if processed => serve(&mut world, &call),
            None => Answer::empty(500),
        };
        let answer = afterwards.unwrap_or(answer);
        let answer = dated(edited(answer, faults), &world, call.service);
        let answer = wrapped(answer, &call, faults);
        due.after.into_iter().for_each(|change| change(&mut world));
        Outcome { answer, delivery }
    }
}

fn serve(world: &mut World, call: &Call) -> Answer {
    match call.service {
        Service::Octopus => octopus::serve(world, call),
        Service::Azure => azure::serve(world, call),
    }
}

fn edited(mut answer: Answer, faults: &[Fault]) -> Answer {
    if let Body::Json(value) = &mut answer.body {
        for fault in faults {
            if let Kind::Edit(change) = &fault.0 {
                change(value);
            }
        }
    }
    answer
}

/// What is done to an answer whatever its body is.
fn wrapped(mut answer: Answer, call: &Call, faults: &[Fault]) -> Answer {
    let takes_gzip = call
        .header("accept-encoding")
        .is_some_and(|encodings| encodings.contains("gzip"));
    for fault in faults {
        match &fault.0 {
            Kind::Header(name, value) => {
                answer
                    .headers
                    .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
                answer.headers.push((name.clone(), value.clone()));
            }
            Kind::Gzip if takes_gzip => {
                let (bytes, _) = answer.bytes();
                answer.body = Body::Raw(delivery::gzip([&bytes[..]].into_iter()).into());
                answer = answer
                    .with_header("Content-Type", "application/json")
                    .with_header("Content-Encoding", "gzip");
            }
            _ => {}
        }
    }
    answer
}

fn dated(answer: Answer, world: &World, service: Service) -> Answer {
    if crate::http::header(&answer.headers, "date").is_some() {
        return answer;
    }
    let now = match service {
        Service::Octopus => world.octopus.now(),
        Service::Azure => clock::now(),
    };
    answer.with_header("Date", clock::http_date(now))
}

fn without_page(query: &str) -> String {
    let keep = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or("").to_ascii_lowercase();
        !matches!(name.as_str(), "skip" | "$skiptoken" | "%24skiptoken")
    };
    query.split('&').filter(keep).collect::<Vec<_>>().join("&")
}

/// Writes down the end of a request whose client has hung up, too.
struct Entry<'a> {
    shared: &'a Shared,
    number: usize,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.shared.record().end(self.number, None);
    }
}
