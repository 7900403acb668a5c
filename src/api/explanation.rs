//! Why a deployment did what it did, as data.

use serde::Deserialize;
use serde::Serialize;

use crate::engine::Outlook;
use crate::model::Entry;
use crate::model::Folded;
use crate::model::GateId;
use crate::model::Header;
use crate::model::HolderId;
use crate::model::Progress;
use crate::model::Timestamp;
use crate::ports::StoredRequest;

/// Why a deployment did what it did, and what would change what it does now. Prints as text for
/// people; as JSON it holds every decision that is still listed with all it was made from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The deployment, its plan and its limits.
    pub header: Header,
    /// When this was worked out.
    pub explained_at: Timestamp,
    /// Who holds its lease; none: nobody drives it, or its driver has just died.
    pub holder: Option<HolderId>,
    /// Whether the record agrees with itself.
    pub checked: Checked,
    /// Older decisions, of which only the state remains; none while every decision is listed.
    pub folded: Option<Folded>,
    /// Every decision that is listed, oldest first.
    pub transitions: Vec<Transition>,
    /// Where it was at the last of them.
    pub progress: Progress,
    /// What would change that.
    pub outlook: Outlook,
    /// What was asked of it through the store, oldest first.
    pub requests: Vec<StoredRequest>,
}

/// What came of working out a record again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Checked {
    /// How many decisions follow from what was recorded with them.
    pub decisions: usize,
    /// How many answers of built-in gates follow from what they read.
    pub verdicts: usize,
    /// What does not follow. Then this record was changed, or another version of the crate wrote it.
    pub divergences: Vec<String>,
}

/// One decision, what it was made from, and why in words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Transition {
    /// The decision and everything it was made from.
    #[serde(flatten)]
    pub entry: Entry,
    /// What was decided, in a line.
    pub what: String,
    /// Why, in sentences without full stops.
    pub because: Vec<String>,
    /// The gates whose answers counted.
    pub watching: Vec<GateId>,
}

impl Explanation {
    /// Whether every decision and every answer follows from what was recorded with it.
    pub const fn agrees(&self) -> bool {
        self.checked.divergences.is_empty()
    }
}
