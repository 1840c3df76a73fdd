//! Octopus Server and Azure on loopback.
