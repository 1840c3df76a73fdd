//! Waits for the SDK's futures, and tells what works below them until when that is of use: the SDK's transport has no place
//! for a deadline.

use crate::http::Deadline;
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

thread_local! {
    static DEADLINE: Cell<Deadline> = const { Cell::new(Deadline::NONE) };
}

/// Sets the deadline of this thread until it is dropped.
struct Bound {
    before: Deadline,
}

impl Bound {
    fn by(deadline: Deadline) -> Self {
        Self {
            before: DEADLINE.replace(deadline),
        }
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        DEADLINE.set(self.before);
    }
}

/// The deadline of whoever waits on this thread.
pub(super) fn deadline() -> Deadline {
    DEADLINE.get()
}

/// Waits for a future on this thread. The SDK's futures do their work in our blocking transport, which ends by the deadline;
/// what little waiting is left (one thread fetching the token for all) is a park.
pub(super) fn wait<F: Future>(future: F, deadline: Deadline) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let _bound = Bound::by(deadline);
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Deadline, deadline, wait};
    use std::panic::catch_unwind;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_deadline_holds_on_this_thread_for_as_long_as_the_wait() {
        let long = Deadline::within(Duration::from_secs(60));
        let short = Deadline::within(Duration::from_secs(1));
        assert_eq!(deadline(), Deadline::NONE);
        let seen = wait(
            async {
                let before = deadline();
                let within = wait(async { deadline() }, short);
                let elsewhere = thread::spawn(deadline).join().expect("no panic");
                [before, within, elsewhere, deadline()]
            },
            long,
        );
        assert_eq!(seen, [long, short, Deadline::NONE, long]);
        assert_eq!(deadline(), Deadline::NONE);
    }

    #[test]
    fn a_panic_leaves_no_deadline_behind() {
        let short = Deadline::within(Duration::from_secs(1));
        let panicked = catch_unwind(|| wait(async { panic!("as in a defect") }, short));
        assert!(panicked.is_err());
        assert_eq!(deadline(), Deadline::NONE);
    }
}
