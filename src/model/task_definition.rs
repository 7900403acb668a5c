//! Revisions, and task definitions that never show what they must not.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::arn::TaskDefinitionArn;

/// An immutable version of the software: one revision of a task definition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(TaskDefinitionArn);

impl Revision {
    /// The revision that this task definition is.
    pub const fn new(task_definition: TaskDefinitionArn) -> Self {
        Self(task_definition)
    }

    /// The task definition's ARN.
    pub const fn task_definition(&self) -> &TaskDefinitionArn {
        &self.0
    }
}

impl fmt::Display for Revision {
    /// The short form, `family:7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.short())
    }
}

/// Why a task definition cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("task definition: {why}")]
#[non_exhaustive]
pub struct InvalidTaskDefinition {
    /// What is wrong and where, never with a value that may be secret.
    pub why: String,
}

impl InvalidTaskDefinition {
    /// An error that says why. `why` holds no value of the document.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

/// A task definition as `aws ecs describe-task-definition` prints it.
///
/// Environment values, commands, labels and log options may be secret, so `Debug` and `Display` show
/// only the family and the containers' names and images; it has no serialised form of its own.
#[derive(Clone, PartialEq)]
pub struct TaskDefinition {
    family: String,
    containers: Vec<(String, String)>,
    document: Value,
}

impl TaskDefinition {
    /// Parses the JSON, with or without the outer `taskDefinition` that the AWS CLI prints.
    pub fn from_json(text: &str) -> Result<Self, InvalidTaskDefinition> {
        let invalid = |why: String| InvalidTaskDefinition { why };
        // serde_json's own message may quote the document, so only the place is passed on.
        let mut document: Value = serde_json::from_str(text).map_err(|error| {
            invalid(format!("not JSON at line {}, column {}", error.line(), error.column()))
        })?;
        if let Some(inner) = document.get_mut("taskDefinition") {
            document = inner.take();
        }
        let family = document.get("family").and_then(Value::as_str).unwrap_or_default().to_owned();
        if family.is_empty() {
            return Err(invalid("`family` is missing; give the family's name".to_owned()));
        }
        let listed = document.get("containerDefinitions").and_then(Value::as_array);
        let mut containers = Vec::new();
        for (index, container) in listed.into_iter().flatten().enumerate() {
            let text = |field: &str| {
                container.get(field).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
                    invalid(format!("`containerDefinitions[{index}].{field}` is missing"))
                })
            };
            containers.push((text("name")?, text("image")?));
        }
        if containers.is_empty() {
            return Err(invalid("`containerDefinitions` is empty; give one container".to_owned()));
        }
        Ok(Self { family, containers, document })
    }

    /// The family's name.
    pub fn family(&self) -> &str {
        &self.family
    }

    /// The containers' names and images.
    pub fn containers(&self) -> &[(String, String)] {
        &self.containers
    }

    /// The whole document, secrets included: for the call that registers it and for nothing else.
    pub const fn expose(&self) -> &Value {
        &self.document
    }
}

impl fmt::Debug for TaskDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskDefinition")
            .field("family", &self.family)
            .field("containers", &self.containers)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TaskDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.family)?;
        for (name, image) in &self.containers {
            write!(f, " {name}={image}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "s3cr3t-c4n4ry";

    #[test]
    fn what_may_be_secret_is_never_shown() {
        let text = format!(
            r#"{{"taskDefinition":{{"family":"web","containerDefinitions":[{{"name":"app","image":"web:1",
            "environment":[{{"name":"TOKEN","value":"{CANARY}"}}],"command":["{CANARY}"]}}]}}}}"#
        );
        let definition = TaskDefinition::from_json(&text).unwrap();
        assert_eq!(definition.to_string(), "web app=web:1");
        assert!(!format!("{definition:?}{definition}{definition:#?}").contains(CANARY));
        let error = TaskDefinition::from_json(&format!("{{\"family\": {CANARY}}}")).unwrap_err();
        assert!(!format!("{error:?}{error}").contains(CANARY));
    }

    #[test]
    fn a_missing_field_is_named() {
        let why = |text| TaskDefinition::from_json(text).unwrap_err().why;
        assert_eq!(why("{}"), "`family` is missing; give the family's name");
        let no_image = r#"{"family":"web","containerDefinitions":[{"name":"app"}]}"#;
        assert_eq!(why(no_image), "`containerDefinitions[0].image` is missing");
    }
}
