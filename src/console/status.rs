//! The one line at a terminal that changes while somebody waits: what is waited for, how long already and for how long at most;
//! how far the removals are; or who does not answer.

use super::text::safe;
use crate::clock::elapsed;
use crate::error::without_numbers;
use crate::http::{Waited, Watch};
use ::console::{Term, measure_text_width};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use std::io::{self, Write};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Nobody looks at a terminal for longer than five seconds without seeing something happen.
const PATIENCE: Duration = Duration::from_secs(3);

/// The same where it is said in lines that stay, which nobody wants more of than needed.
const LONGEST_SILENCE: Duration = Duration::from_millis(4500);

/// Between two looks at what is to be shown.
const BEAT: Duration = Duration::from_millis(200);

/// The line, or none. Whoever writes something else holds it, so that the two do not mix.
#[derive(Debug, Clone)]
pub(super) struct StatusLine(Arc<Mutex<Line>>);

/// How it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Nobody sees it.
    Hidden,
    /// As one line that changes.
    Changing,
    /// As lines that stay, one before each five seconds of silence are over: where nobody wants what moves.
    Staying,
}

#[derive(Debug)]
struct Line {
    manner: Manner,
    shown: Shown,
    quiet_since: Instant,
    /// It, and the columns that it takes.
    bar: Option<(ProgressBar, Arc<AtomicU16>)>,
    watch: Option<Watch>,
}

/// What is to be shown.
#[derive(Debug)]
enum Shown {
    /// Nothing, but who does not answer.
    Nothing,
    Waiting(Awaited),
    Work {
        done: usize,
        of: usize,
    },
}

#[derive(Debug)]
struct Awaited {
    what: String,
    since: Instant,
    at_most: Duration,
}

impl Awaited {
    fn is_over(&self) -> bool {
        self.since.elapsed() > self.at_most
    }
}

impl StatusLine {
    pub(super) fn new(manner: Manner) -> Self {
        Self(Arc::new(Mutex::new(Line {
            manner,
            shown: Shown::Nothing,
            quiet_since: Instant::now(),
            bar: None,
            watch: None,
        })))
    }

    /// From now on, as long as somebody has this line, who does not answer is named. Without a thread to do that nobody is.
    pub(super) fn watch(&self, watch: &Watch) {
        let mut line = held(&self.0);
        if line.manner == Manner::Hidden {
            return;
        }
        line.watch = Some(watch.clone());
        drop(line);
        let line = Arc::downgrade(&self.0);
        let draws = move || {
            while let Some(line) = line.upgrade() {
                held(&line).draw();
                drop(line);
                sleep(BEAT);
            }
        };
        let _ = std::thread::Builder::new().spawn(draws);
    }

    /// Something is waited for.
    pub(super) fn waiting(&self, what: &str, so_far: Duration, at_most: Duration) {
        let now = Instant::now();
        self.show(Shown::Waiting(Awaited {
            what: what.to_owned(),
            since: now.checked_sub(so_far).unwrap_or(now),
            at_most,
        }));
    }

    /// The removals are so far.
    pub(super) fn work(&self, done: usize, of: usize) {
        self.show(Shown::Work { done, of });
    }

    fn show(&self, shown: Shown) {
        let mut line = held(&self.0);
        line.shown = shown;
        line.draw();
    }

    /// Writes something else, after which nothing is shown until there is something new to show.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        let line = if std::thread::panicking() {
            // The line may be held by whoever panics, which would wait for itself.
            self.0.try_lock().ok()
        } else {
            Some(held(&self.0))
        };
        if let Some(mut line) = line {
            line.makes_way();
            return write();
        }
        write()
    }
}

fn held(line: &Arc<Mutex<Line>>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    /// What is to be said now, if anything is.
    fn words(&self) -> Option<String> {
        let asked = self.watch.as_ref().and_then(Watch::longest);
        let asked = asked.filter(|_| self.quiet_since.elapsed() >= PATIENCE);
        let words = match (&self.shown, asked) {
            (_, Some(asked)) if asked.so_far >= PATIENCE => does_not_answer(&asked),
            (Shown::Work { .. }, _) => String::new(),
            (Shown::Waiting(wait), _) if !wait.is_over() => {
                waiting(&wait.what, wait.since.elapsed(), wait.at_most)
            }
            (_, Some(Waited { whom, ended, .. })) => {
                format!("asking {whom}; requests so far: {ended}")
            }
            (Shown::Nothing | Shown::Waiting(_), None) => return None,
        };
        Some(safe(&words))
    }

    fn draw(&mut self) {
        match self.manner {
            Manner::Hidden => {}
            Manner::Changing => self.change(),
            Manner::Staying => self.stay(),
        }
    }

    fn stay(&mut self) {
        if self.quiet_since.elapsed() < LONGEST_SILENCE {
            return;
        }
        let done = match self.shown {
            Shown::Work { done, of } => format!("{done} of {of} "),
            Shown::Nothing | Shown::Waiting(_) => String::new(),
        };
        if let Some(words) = self.words() {
            let _ = writeln!(io::stderr().lock(), "{}", (done + &words).trim_end());
            self.quiet_since = Instant::now();
        }
    }

    fn change(&mut self) {
        let Some(words) = self.words() else {
            return self.clear();
        };
        let (template, beside, done, of) = match self.shown {
            Shown::Work { done, of } => {
                let template = "[{bar:24}] {pos} of {len} {wide_msg}";
                (template, BAR, count(done), count(of))
            }
            Shown::Nothing | Shown::Waiting(_) => ("{spinner} {wide_msg}", SPINNER, 0, 0),
        };
        let takes = beside + measure_text_width(&words);
        let takes = u16::try_from(takes).unwrap_or(u16::MAX);
        let (bar, window) = self.bar.get_or_insert_with(|| {
            let takes = Arc::new(AtomicU16::new(takes));
            let window = Box::new(Window(Term::stderr(), Arc::clone(&takes)));
            let target = ProgressDrawTarget::term_like(window);
            let bar = ProgressBar::with_draw_target(Some(of), target).with_position(done);
            (bar.with_style(style(template)), takes)
        });
        window.store(takes, Ordering::Relaxed);
        bar.set_style(style(template));
        bar.set_length(of);
        bar.set_position(done);
        bar.set_message(words);
        bar.tick();
    }

    fn makes_way(&mut self) {
        self.shown = Shown::Nothing;
        self.quiet_since = Instant::now();
        self.clear();
    }

    fn clear(&mut self) {
        if let Some((bar, _)) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// What stands beside the words: a bar with its numbers, a spinner.
const BAR: usize = 42;
const SPINNER: usize = 2;

/// The window, as far as the line needs it: what draws the line fills all that there is, and a filled line would break when the
/// window becomes narrower. Never the columns in which a terminal shows the Ctrl-C that somebody types, for the same reason.
#[derive(Debug)]
struct Window(Term, Arc<AtomicU16>);

impl TermLike for Window {
    fn width(&self) -> u16 {
        let (_, columns) = self.0.size();
        columns
            .saturating_sub(3)
            .min(self.1.load(Ordering::Relaxed))
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_up(lines)
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_down(lines)
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_right(columns)
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_left(columns)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
    // In every font.
    style.tick_chars("|/-\\ ").progress_chars("#.")
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// How long something is waited for already: first, so that a narrow window does not cut it off. The same words inside
/// Octopus.
pub(super) fn waiting(what: &str, so_far: Duration, at_most: Duration) -> String {
    let at_most = to_the_second(at_most);
    format!(
        "{} of at most {}: {what}",
        elapsed(so_far),
        elapsed(at_most)
    )
}

fn to_the_second(time: Duration) -> Duration {
    Duration::from_secs(time.saturating_add(Duration::from_millis(500)).as_secs())
}

fn does_not_answer(asked: &Waited) -> String {
    let Waited { whom, said, .. } = asked;
    let what = match said {
        Some(said) => format!("{whom}: {}", without_numbers(said)),
        None => format!("no answer from {whom}"),
    };
    match asked.at_most {
        Some(at_most) => waiting(&what, asked.so_far, at_most),
        None => format!("{}: {what}", elapsed(asked.so_far)),
    }
}
