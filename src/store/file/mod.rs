//! Records in a directory of this machine.
//!
//! ```text
//! DIRECTORY/
//!   lock                   held for the short time of each operation
//!   records/D.snapshot     one whole record, replaced at once
//!   records/D.journal      the records written since, one after the other
//!   requests/D.requests    what other processes asked, replaced at once
//!   leases/S.lease         who drives a service, replaced at once
//!   leases/S.N.alive       held by the process with fencing token N for as long as it lives
//! ```
//!
//! Every file begins with its kind and version; what follows is framed with its length and a checksum.

mod damage;
mod directory;
mod disk;
#[cfg(test)]
mod faulty_disk;
mod file_store;
mod frame;
mod journal;
mod lease_file;
mod lock;
mod request_file;
#[cfg(test)]
mod rivals;
#[cfg(test)]
mod scratch;
#[cfg(test)]
mod tests;
mod trouble;
mod turn_file;

pub use file_store::FileStore;
