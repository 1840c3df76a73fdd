//! Answers from which nothing can be learned.

#![allow(dead_code, missing_docs)]

use sandbox::Fault;

/// Answers that are none.
pub fn failures() -> [Fault; 7] {
    [
        Fault::octopus_error(500, "Broken."),
        Fault::octopus_error(400, "Odd."),
        Fault::status(503),
        Fault::html(200, "Please sign in"),
        Fault::broken_json(),
        Fault::bytes(200, "{}"),
        Fault::reset(),
    ]
}

/// An answer that is larger than any that was asked for.
pub fn too_large() -> Fault {
    Fault::gzip_bomb(200)
}
