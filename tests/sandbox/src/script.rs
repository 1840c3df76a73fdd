//! Changes of the world that wait for a request.

use crate::http::Call;
use crate::matcher::{Matcher, Route};
use crate::world::World;

pub(crate) type Change = Box<dyn FnOnce(&mut World) + Send>;

/// When a change happens, seen from the request that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

struct Hook {
    matcher: Matcher,
    moment: Moment,
    /// How many more matching requests to let pass, counting the one that it waits for.
    remaining: usize,
    change: Option<Change>,
}

/// The changes that still wait.
#[derive(Default)]
pub(crate) struct Script {
    hooks: Vec<Hook>,
}

/// The changes that one request brings about.
#[derive(Default)]
pub(crate) struct Due {
    pub before: Vec<Change>,
    pub after: Vec<Change>,
}

impl Script {
    pub fn add(&mut self, matcher: Matcher, moment: Moment, nth: usize, change: Change) {
        assert!(nth > 0, "requests are counted from 1");
        self.hooks.push(Hook {
            matcher,
            moment,
            remaining: nth,
            change: Some(change),
        });
    }

    /// Counts one request, and takes the changes that it brings about.
    pub fn due(&mut self, call: &Call, route: Route) -> Due {
        let mut due = Due::default();
        for hook in self
            .hooks
            .iter_mut()
            .filter(|hook| hook.matcher.matches(call, route))
        {
            hook.remaining -= 1;
            if hook.remaining == 0 {
                let changes = match hook.moment {
                    Moment::Before => &mut due.before,
                    Moment::After => &mut due.after,
                };
                changes.extend(hook.change.take());
            }
        }
        self.hooks.retain(|hook| hook.remaining > 0);
        due
    }

    pub fn waiting(&self) -> usize {
        self.hooks.len()
    }
}
