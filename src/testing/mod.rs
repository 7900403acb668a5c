//! Conformance suites for whoever implements a [port](crate::ports).
//!
//! Each suite checks what a port's `# Contract` asks for and can be seen from outside, and ends at the
//! first [`Violation`]. A suite changes what it is pointed at: give it a service (or a store) that
//! serves nobody.

mod autoscaler_suite;
mod fleet_suite;
mod router_suite;
mod store_suite;
mod violation;

pub use autoscaler_suite::autoscaler_suite;
pub use fleet_suite::fleet_suite;
pub use router_suite::router_suite;
pub use store_suite::store_suite;
pub use violation::Violation;
