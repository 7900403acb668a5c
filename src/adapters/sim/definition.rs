//! A revision of a task definition.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use super::settings::Settings;
use crate::model::Elapsed;
use crate::model::Revision;

/// A revision of a task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Definition {
    /// Family and revision number.
    pub revision: Revision,
    /// The document as it was given, without its tags.
    pub document: Settings,
    /// Whether it is `ACTIVE` rather than `INACTIVE`.
    pub active: bool,
    /// When it was registered.
    pub registered_at: Elapsed,
    /// When it was made `INACTIVE`.
    pub deregistered_at: Option<Elapsed>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

impl Definition {
    /// The definition of a scenario's revision, which nobody registered: one container `app` that
    /// listens on port 80.
    pub(super) fn of_scenario(revision: &Revision) -> Self {
        let definition = revision.task_definition();
        let (family, number) = (definition.family(), definition.revision_number());
        let document = json!({
            "family": family,
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{
                "name": "app",
                "image": format!("{family}:{number}"),
                "essential": true,
                "portMappings": [{ "containerPort": 80, "protocol": "tcp" }],
            }],
        });
        Self {
            revision: revision.clone(),
            document: Settings::new(&document),
            active: true,
            registered_at: Elapsed::default(),
            deregistered_at: None,
            tags: Vec::new(),
        }
    }

    /// Its containers, as they were given.
    pub fn containers(&self) -> impl Iterator<Item = &Value> {
        self.document.items("containerDefinitions")
    }

    /// What it can run on, derived from what it asks for.
    pub fn compatibilities(&self) -> Vec<String> {
        let asked = self.document.items("requiresCompatibilities").filter_map(Value::as_str);
        let mut all: BTreeSet<String> = asked.map(str::to_owned).collect();
        all.insert("EC2".to_owned());
        if self.document.text("networkMode") == Some("awsvpc") {
            all.insert("FARGATE".to_owned());
        }
        all.into_iter().collect()
    }
}
