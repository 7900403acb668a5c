//! A task set beside the primary one, and whether it may go.

use std::fmt;

use crate::model::Revision;
use crate::model::TaskSetId;

/// A task set that is not the primary one, and what may become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftSet {
    /// Its id.
    pub id: TaskSetId,
    /// What it runs; none where ECS does not say.
    pub revision: Option<Revision>,
    /// Running and pending tasks.
    pub tasks: u32,
    /// The deployment that made it, or whatever else its `externalId` says.
    pub owner: Option<String>,
    /// Whether it may go, and why.
    pub fate: Fate,
}

/// Whether a task set may be removed, each with its reason in words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "whoever removes decides on each")]
pub enum Fate {
    /// Ours and left behind: the record of its deployment says that it has ended.
    Left(String),
    /// Ours by its tag, but no record here tells of its deployment: another machine may drive it.
    Unrecorded(String),
    /// Somebody else's, or still in use: never removed.
    Stays(String),
}

impl fmt::Display for LeftSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verdict, why) = match &self.fate {
            Fate::Left(why) => ("left behind", why),
            Fate::Unrecorded(why) => ("without a record", why),
            Fate::Stays(why) => ("stays", why),
        };
        write!(f, "{} ", self.id)?;
        if let Some(revision) = &self.revision {
            write!(f, "with {revision}, ")?;
        }
        let many = if self.tasks == 1 { "" } else { "s" };
        write!(f, "{} task{many}: {verdict}: {why}", self.tasks)
    }
}
