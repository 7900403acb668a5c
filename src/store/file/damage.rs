//! Why a file is not used.

/// A file that cannot be trusted. Nothing is written to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Damage {
    #[error("it is not a file of this store")]
    Foreign,
    #[error("it has version {found}, this version of the crate reads {known}")]
    Version { found: String, known: u32 },
    #[error("the checksum at byte {at} does not fit: it was damaged; restore it from a backup")]
    Checksum { at: usize },
    #[error("it ends in the middle")]
    Short,
    #[error("it goes on after its end")]
    Trailing,
    #[error("its content is not what this version of the crate writes")]
    Content,
    #[error("it is about {found}, not about {wanted}")]
    Other { found: String, wanted: String },
    #[error("write {found} follows write {last}: some are missing or out of order")]
    Order { last: u64, found: u64 },
    #[error("the snapshot that it continues is missing")]
    NoSnapshot,
}
