//! The journal's codec and the arithmetic of leases.

mod codec;
mod lease;

pub use codec::{FORMAT, RecordError, decode, encode};
pub use lease::{InvalidTerms, LeaseTerms, LeaseWatch};
