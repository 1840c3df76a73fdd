//! What libraries say, and this program's requests: as much of it as is asked for.

use super::audience::{Audience, ByHand, Detail, Level};
use super::streams::{Console, Stream};
use log::LevelFilter;
use std::io::Write;
use std::sync::Arc;

impl Console {
    /// Sends what libraries say to this log, as far as it is asked for: in `RUST_LOG`, or by hand with flags. Inside Octopus
    /// the requests of this program are verbose lines by default.
    pub fn install_diagnostics(self: &Arc<Self>) {
        let mut builder = env_logger::Builder::new();
        // Without a default of its own the logger would show the errors of every library.
        builder.filter_level(LevelFilter::Off);
        let detail = match &self.audience {
            Audience::Octopus => Detail::Requests,
            Audience::ByHand(ByHand { detail, .. }) => *detail,
        };
        match detail {
            Detail::Errors | Detail::Usual => {}
            Detail::Requests => {
                builder.filter_module(env!("CARGO_CRATE_NAME"), LevelFilter::Debug);
            }
            Detail::Everything => {
                builder.filter_level(LevelFilter::Debug);
            }
        }
        if detail != Detail::Errors {
            builder.parse_default_env();
        }
        let log = Arc::clone(self);
        builder
            .target(env_logger::Target::Pipe(Box::new(Pipe(Arc::clone(self)))))
            .format(move |out, record| {
                let line = format!("{}: {}", record.target(), record.args());
                let text = log.render(Stream::Error, Level::Verbose, &[line]);
                out.write_all(text.as_bytes())
            })
            .try_init()
            .unwrap_or_else(|_| log::debug!("diagnostics go to a logger that was there before"));
    }
}

/// Where diagnostics go: a line at a time, between the other lines.
struct Pipe(Arc<Console>);

impl Write for Pipe {
    fn write(&mut self, lines: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(lines);
        self.0.write(Stream::Error, &text);
        Ok(lines.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
