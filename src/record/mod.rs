//! The journal's codec and the arithmetic of leases.

mod codec;
mod lease;

#[cfg(feature = "file-store")]
pub(crate) use codec::checksum;
pub use codec::{FORMAT, RecordError, decode, encode};
pub use lease::{InvalidTerms, LeaseTerms, LeaseWatch};
