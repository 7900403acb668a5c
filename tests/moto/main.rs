//! The adapters for Amazon against moto, a model of AWS that nobody here wrote. `tests/conformance/run`
//! starts it and names it in `CUTOVER_MOTO_URL`; without that there is nothing to test against.
//!
//! Where moto deviates from AWS, and what is done about it here:
//! - it has no CBOR: calls to `CloudWatch` cross a bridge to JSON;
//! - a listener rule takes any weight: that 999 is never exceeded is looked at;
//! - services and targets never change by themselves: fleets are not tested here;
//! - an alarm begins as `OK` instead of `INSUFFICIENT_DATA`, has no history, and no composite alarms.
#![cfg(all(feature = "aws", feature = "local"))]
#![expect(clippy::unwrap_used, reason = "a failed test is what a panic means here")]

mod account;
mod alarms;
mod bridge;
mod revisions;
mod routes;
