//! How a revision behaves, as JSON.

use std::time::Duration;

use serde::Deserialize;

use super::super::sim::Behaviour;
use super::super::sim::Fate;
use crate::model::Revision;

/// Where a revision is, if it is named by family and number only.
const HERE: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/";

/// How a revision behaves: `{"revision": "web:2", "fate": {"kind": "neverHealthy"}}`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BehaviourDocument {
    /// `family:number`, or the task definition's ARN.
    revision: String,
    #[serde(default)]
    fate: FateDocument,
    #[serde(default)]
    afflicted_permille: Option<u32>,
    #[serde(default)]
    start_milliseconds: Option<u64>,
    #[serde(default)]
    error_permille: Option<u32>,
    #[serde(default)]
    latency_milliseconds: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
enum FateDocument {
    #[default]
    Healthy,
    FailsToStart,
    ImagePullError,
    CrashesAfter {
        milliseconds: u64,
    },
    NeverHealthy,
    UnhealthyAfter {
        milliseconds: u64,
    },
    Flaps {
        up_milliseconds: u64,
        down_milliseconds: u64,
    },
}

impl From<FateDocument> for Fate {
    fn from(document: FateDocument) -> Self {
        let ms = Duration::from_millis;
        match document {
            FateDocument::Healthy => Self::Healthy,
            FateDocument::FailsToStart => Self::FailsToStart,
            FateDocument::ImagePullError => Self::ImagePullError,
            FateDocument::CrashesAfter { milliseconds } => Self::CrashesAfter(ms(milliseconds)),
            FateDocument::NeverHealthy => Self::NeverHealthy,
            FateDocument::UnhealthyAfter { milliseconds } => Self::UnhealthyAfter(ms(milliseconds)),
            FateDocument::Flaps { up_milliseconds, down_milliseconds } => {
                // a turn of no length would never let time pass
                Self::Flaps { up: ms(up_milliseconds.max(1)), down: ms(down_milliseconds.max(1)) }
            }
        }
    }
}

impl BehaviourDocument {
    /// The revision and how it behaves.
    ///
    /// # Errors
    ///
    /// Where the revision is none.
    pub(super) fn read(self) -> Result<(Revision, Behaviour), String> {
        let arn = if self.revision.starts_with("arn:") {
            self.revision
        } else {
            format!("{HERE}{}", self.revision)
        };
        let revision = Revision::new(arn.parse().map_err(|error| format!("{error}"))?);
        let mut behaviour = Behaviour::doomed(self.fate.into());
        behaviour.start = self.start_milliseconds.map(Duration::from_millis);
        behaviour.afflicted_permille = self.afflicted_permille.unwrap_or(1000);
        behaviour.error_permille = self.error_permille.unwrap_or(0);
        behaviour.latency_ms = self.latency_milliseconds.unwrap_or(behaviour.latency_ms);
        Ok((revision, behaviour))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sim::revision;
    use super::*;

    fn read(text: &str) -> Result<(Revision, Behaviour), String> {
        serde_json::from_str::<BehaviourDocument>(text).map_err(|error| error.to_string())?.read()
    }

    #[test]
    fn a_revision_is_named_short_or_by_arn() {
        let (named, behaviour) = read(
            r#"{"revision": "web:2", "fate": {"kind": "crashesAfter", "milliseconds": 20000},
                "afflictedPermille": 500}"#,
        )
        .unwrap();
        let crash = Behaviour::doomed(Fate::CrashesAfter(Duration::from_secs(20)));
        assert_eq!((named, behaviour), (revision(2), crash.with_afflicted_permille(500)));
        let arn = format!(r#"{{"revision": "{}"}}"#, revision(3).task_definition());
        assert_eq!(read(&arn).unwrap(), (revision(3), Behaviour::healthy()));
        assert!(read(r#"{"revision": "web"}"#).is_err());
        assert!(read(r#"{"revision": "web:2", "fate": {"kind": "bored"}}"#).is_err());
    }
}
