//! Where records and leases are kept.

mod memory;

pub use memory::MemoryStore;
