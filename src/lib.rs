//! octopus-scale-in
