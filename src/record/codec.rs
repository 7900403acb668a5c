//! A record as bytes: JSON with a format number and a checksum. Unknown formats are refused.

use serde::Deserialize;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::model::Record;

/// The format that this version writes. A record of another format is refused without a write.
pub const FORMAT: u32 = 1;

/// Why bytes are no record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Not what this crate writes.
    #[error("the record cannot be read; nothing was written")]
    Malformed(#[source] serde_json::Error),
    /// Written by another version of the crate.
    #[error(
        "the record has format {found}, this version reads {FORMAT}; resume it with the version that wrote it"
    )]
    Format {
        /// The format found.
        found: u32,
    },
    /// Damaged.
    #[error(
        "the record's checksum is {found:016x} and should be {expected:016x}; restore it from a backup"
    )]
    Corrupt {
        /// The checksum of what is there.
        found: u64,
        /// The checksum that was written.
        expected: u64,
    },
}

#[derive(Serialize)]
struct Envelope<'a> {
    format: u32,
    checksum: u64,
    record: &'a RawValue,
}

#[derive(Deserialize)]
struct Opened<'a> {
    format: u32,
    checksum: u64,
    #[serde(borrow)]
    record: &'a RawValue,
}

/// FNV-1a, 64 bits: finds damage, not tampering.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The record as bytes.
pub fn encode(record: &Record) -> Result<Vec<u8>, RecordError> {
    let text = serde_json::value::to_raw_value(record).map_err(RecordError::Malformed)?;
    let checksum = checksum(text.get().as_bytes());
    let envelope = Envelope { format: FORMAT, checksum, record: &text };
    serde_json::to_vec(&envelope).map_err(RecordError::Malformed)
}

/// The record that these bytes are.
pub fn decode(bytes: &[u8]) -> Result<Record, RecordError> {
    let opened: Opened<'_> = serde_json::from_slice(bytes).map_err(RecordError::Malformed)?;
    if opened.format != FORMAT {
        return Err(RecordError::Format { found: opened.format });
    }
    let found = checksum(opened.record.get().as_bytes());
    if found != opened.checksum {
        return Err(RecordError::Corrupt { found, expected: opened.checksum });
    }
    serde_json::from_str(opened.record.get()).map_err(RecordError::Malformed)
}
