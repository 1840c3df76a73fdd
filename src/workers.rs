//! The one pool of threads, for requests that do not depend on each other.

use std::iter::Enumerate;
use std::slice::Iter;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};

/// How many threads, and so how many connections to one server.
pub const WORKERS: usize = 8;

/// The items that nobody has taken yet.
struct Queue<'a, T, M> {
    items: Enumerate<Iter<'a, T>>,
    started: usize,
    may_start: M,
    stopped: bool,
}

impl<'a, T, M: FnMut(usize) -> bool> Queue<'a, T, M> {
    fn take(&mut self) -> Option<(usize, &'a T)> {
        if self.stopped || self.items.len() == 0 {
            return None;
        }
        if !(self.may_start)(self.started) {
            self.stopped = true;
            return None;
        }
        self.started += 1;
        self.items.next()
    }
}

/// Asks `question` of every item, a few at a time. Each item comes back with its answer, in the order of the items.
pub fn map<T: Sync, A: Send>(items: &[T], question: impl Fn(&T) -> A + Sync) -> Vec<(&T, A)> {
    let answers = map_while(items, |_| true, question).into_iter();
    answers
        .filter_map(|(item, answer)| Some((item, answer?)))
        .collect()
}

/// The same, as long as `may_start` says so. It is asked before each item, with the number of items that were started
/// before; all other workers wait meanwhile, so that none starts after a no. What was not started has no answer.
pub fn map_while<T: Sync, A: Send>(
    items: &[T],
    may_start: impl FnMut(usize) -> bool + Send,
    question: impl Fn(&T) -> A + Sync,
) -> Vec<(&T, Option<A>)> {
    let queue = Mutex::new(Queue {
        items: items.iter().enumerate(),
        started: 0,
        may_start,
        stopped: false,
    });
    let take = || queue.lock().unwrap_or_else(PoisonError::into_inner).take();
    let answers = Mutex::new(items.iter().map(|item| (item, None)).collect::<Vec<_>>());
    on_threads(items.len(), &|| {
        while let Some((index, item)) = take() {
            let answer = Some(question(item));
            let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
            answers[index].1 = answer;
        }
    });
    answers.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Does both at the same time, the second on a thread of its own: for two chains of questions that do not need each other.
pub fn both<A, B: Send>(first: impl FnOnce() -> A, second: impl FnOnce() -> B + Send) -> (A, B) {
    let (mut one, mut other) = (None, None);
    beside(
        Box::new(|| one = Some(first())),
        Box::new(|| other = Some(second())),
    );
    one.zip(other).expect("both were done")
}

// What starts threads knows no types, or the program would hold it once for each question.

fn on_threads(count: usize, work: &(dyn Fn() + Sync)) {
    thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS.min(count)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().for_each(join);
    });
}

fn beside<'a>(first: Box<dyn FnOnce() + 'a>, second: Box<dyn FnOnce() + Send + 'a>) {
    thread::scope(|scope| {
        let second = scope.spawn(second);
        first();
        join(second);
    });
}

/// A panic ends the whole process before this; in a test it goes on from here.
fn join(thread: ScopedJoinHandle<'_, ()>) {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[cfg(test)]
mod tests {
    use super::{map, map_while};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn answers_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        let expected: Vec<(&usize, usize)> = items.iter().map(|i| (i, i * 2)).collect();
        assert_eq!(map(&items, |item| item * 2), expected);
        assert!(map(&[] as &[usize], |item| *item).is_empty());
    }

    #[test]
    fn nothing_starts_after_a_no() {
        let items: Vec<usize> = (0..100).collect();
        let begun = AtomicUsize::new(0);
        let may_start = |started| {
            assert!(begun.load(Ordering::SeqCst) <= started);
            started < 25
        };
        let answers = map_while(&items, may_start, |item| {
            begun.fetch_add(1, Ordering::SeqCst);
            *item
        });
        let expected = items.iter().map(|i| (i, (*i < 25).then_some(*i)));
        assert_eq!(answers, expected.collect::<Vec<_>>());
    }
}
