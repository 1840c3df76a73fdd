//! octopus-scale-in
fn main() {}
