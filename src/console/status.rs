//! The one line at a terminal that changes while somebody waits: what is waited for, how long already and for how long at most;
//! how far the removals are; or who does not answer.

use super::text::safe;
use crate::clock::elapsed;
use crate::error::without_numbers;
use crate::http::{Waited, Watch};
use ::console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Nobody looks at a terminal for longer than five seconds without seeing something happen.
const PATIENCE: Duration = Duration::from_secs(3);

/// Between two looks at what is to be shown.
const BEAT: Duration = Duration::from_millis(200);

/// The line, or none. Whoever writes something else holds it, so that the two do not mix.
#[derive(Debug, Clone)]
pub(super) struct StatusLine(Arc<Mutex<Line>>);

#[derive(Debug)]
struct Line {
    is_wanted: bool,
    shown: Shown,
    quiet_since: Instant,
    bar: Option<ProgressBar>,
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
    /// One that is never shown.
    pub(super) fn none() -> Self {
        Self::of(false)
    }

    fn of(is_wanted: bool) -> Self {
        Self(Arc::new(Mutex::new(Line {
            is_wanted,
            shown: Shown::Nothing,
            quiet_since: Instant::now(),
            bar: None,
            watch: None,
        })))
    }

    /// One that is shown on standard error, which is a terminal, as long as somebody has it.
    pub(super) fn begin() -> Self {
        let status = Self::of(true);
        let line = Arc::downgrade(&status.0);
        std::thread::spawn(move || {
            while let Some(line) = line.upgrade() {
                held(&line).draw();
                drop(line);
                sleep(BEAT);
            }
        });
        status
    }

    /// From now on who does not answer is named.
    pub(super) fn watch(&self, watch: &Watch) {
        held(&self.0).watch = Some(watch.clone());
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
        if line.is_wanted {
            line.draw();
        }
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
            (_, Some(Waited { whom, answered, .. })) => {
                format!("asking {whom}; answers so far: {answered}")
            }
            (Shown::Nothing | Shown::Waiting(_), None) => return None,
        };
        Some(safe(&words))
    }

    fn draw(&mut self) {
        let Some(words) = self.words() else {
            return self.clear();
        };
        let bar = self.bar.get_or_insert_with(|| {
            let window = Box::new(Window(Term::stderr()));
            ProgressBar::with_draw_target(None, ProgressDrawTarget::term_like(window))
        });
        match self.shown {
            Shown::Work { done, of } => {
                bar.set_style(style("[{bar:24}] {pos} of {len} {wide_msg}"));
                bar.set_length(done_of(of));
                bar.set_position(done_of(done));
            }
            Shown::Nothing | Shown::Waiting(_) => bar.set_style(style("{spinner} {wide_msg}")),
        }
        bar.set_message(words);
        bar.tick();
    }

    fn makes_way(&mut self) {
        self.shown = Shown::Nothing;
        self.quiet_since = Instant::now();
        self.clear();
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// The window, without the columns in which a terminal shows the Ctrl-C that somebody types: it would break a line that fills
/// the window, and half of it would stay.
#[derive(Debug)]
struct Window(Term);

impl TermLike for Window {
    fn width(&self) -> u16 {
        let (_, columns) = self.0.size();
        columns.saturating_sub(3)
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

fn done_of(count: usize) -> u64 {
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
