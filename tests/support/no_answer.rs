//! Answers from which nothing can be learned.

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

/// What a person without the permission gets, and with a key that no longer counts. Not every server names the permission.
pub fn refusals() -> [Fault; 2] {
    [
        refusal(),
        Fault::octopus_error(401, "You must be logged in to request this resource."),
    ]
}

/// What a person without the permission gets.
pub fn refusal() -> Fault {
    Fault::octopus_error(403, "You do not have permission to perform this action.")
}

/// An answer that is larger than any that was asked for.
pub fn too_large() -> Fault {
    Fault::gzip_bomb(200)
}
