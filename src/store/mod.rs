//! Where records, leases and requests are kept.

#[cfg(feature = "file-store")]
mod file;
mod memory;

#[cfg(feature = "file-store")]
pub use file::FileStore;
pub use memory::MemoryStore;
