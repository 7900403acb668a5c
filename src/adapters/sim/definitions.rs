//! Task definitions: registering, finding, deregistering.

use serde_json::Value;

use super::answer::Answer;
use super::api_error::ApiError;
use super::behaviour::Behaviour;
use super::definition::Definition;
use super::ecs_answer::EcsAnswer;
use super::names;
use super::settings::Settings;
use super::state::State;
use super::world::World;
use crate::model::Revision;
use crate::model::TaskDefinitionArn;

impl State {
    /// The revision that a family, `family:revision` or an ARN names; inactive ones too.
    pub(super) fn named_definition(&self, name: &str) -> Option<Definition> {
        if name.starts_with("arn:") && !name.contains(":task-definition/") {
            return None;
        }
        let short = name.rsplit('/').next().unwrap_or(name);
        let Some((family, number)) = short.split_once(':') else {
            let of_family = self.definitions_of(short).filter(|definition| definition.active);
            return of_family
                .max_by_key(|it| it.revision.task_definition().revision_number())
                .cloned();
        };
        let arn = names::ecs_arn("task-definition", short).parse::<TaskDefinitionArn>().ok()?;
        let revision = Revision::new(arn);
        self.definition(&revision).cloned().or_else(|| {
            let there = self.family.as_deref() == Some(family) && number.parse::<u32>().is_ok();
            there.then(|| Definition::of_scenario(&revision))
        })
    }

    /// The revisions of a family.
    pub(super) fn definitions_of(&self, family: &str) -> impl Iterator<Item = &Definition> {
        self.definitions
            .iter()
            .filter(move |definition| definition.revision.task_definition().family() == family)
    }

    /// The revision that is meant, to run it.
    pub(super) fn runnable(&self, name: &str) -> Result<Revision, ApiError> {
        match self.named_definition(name) {
            None => Err(ApiError::refused("ClientException", "TaskDefinition not found.")),
            Some(definition) if !definition.active => {
                Err(ApiError::refused("ClientException", "TaskDefinition is inactive"))
            }
            Some(definition) => Ok(definition.revision),
        }
    }

    pub(super) fn describe_definition(&self, name: &str) -> Result<Answer, ApiError> {
        let found = self.named_definition(name);
        let mut definition = found.ok_or_else(|| {
            ApiError::refused("ClientException", "Unable to describe task definition.")
        })?;
        definition.tags = self.tags_of(definition.revision.task_definition().as_str());
        Ok(Answer::Ecs(EcsAnswer::Definition(Box::new(definition))))
    }
}

impl World {
    /// Registers the next revision of a family.
    pub(super) fn register_definition(&mut self, document: &Settings) -> Result<Answer, ApiError> {
        let refused = |message: &str| ApiError::refused("ClientException", message);
        let family = document.text("family").filter(|family| !family.is_empty());
        let family = family.ok_or_else(|| refused("Family should not be null or empty."))?;
        check_containers(document)?;
        let newest = self.state.definitions_of(family);
        let newest = newest.map(|it| it.revision.task_definition().revision_number()).max();
        let number = newest.unwrap_or(0) + 1;
        let arn = names::ecs_arn("task-definition", &format!("{family}:{number}"));
        let arn: TaskDefinitionArn =
            arn.parse().map_err(|_| refused("Family contains invalid characters."))?;
        let members: Vec<&str> =
            document.members().map(|(name, _)| name).filter(|name| *name != "tags").collect();
        let definition = Definition {
            revision: Revision::new(arn.clone()),
            document: document.only(&members),
            active: true,
            registered_at: self.now,
            deregistered_at: None,
            tags: Vec::new(),
        };
        Behaviour::of_definition(&definition).map_err(|word| {
            refused(&format!("The label cutover.behaviour holds `{word}`, which means nothing."))
        })?;
        let revision = definition.revision.clone();
        self.state.definitions.push(definition);
        self.behaviour_of(&revision);
        self.put_tags(arn.as_str(), &document.tags());
        self.state.describe_definition(arn.as_str())
    }

    /// Makes a revision `INACTIVE`; what runs it goes on.
    pub(super) fn deregister_definition(&mut self, name: &str) -> Result<Answer, ApiError> {
        let missing = || {
            ApiError::refused("ClientException", "The specified task definition does not exist.")
        };
        if !name.rsplit('/').next().unwrap_or(name).contains(':') {
            return Err(ApiError::invalid("Missing version in the task definition."));
        }
        let revision = self.state.named_definition(name).ok_or_else(missing)?.revision;
        self.behaviour_of(&revision);
        let now = self.now;
        let known = self.state.definitions.iter_mut().find(|known| known.revision == revision);
        let known = known.ok_or_else(missing)?;
        known.active = false;
        known.deregistered_at = known.deregistered_at.or(Some(now));
        self.state.describe_definition(revision.task_definition().as_str())
    }
}

fn check_containers(document: &Settings) -> Result<(), ApiError> {
    let refused = |message: &str| ApiError::refused("ClientException", message);
    let mut containers = document.items("containerDefinitions").peekable();
    if containers.peek().is_none() {
        return Err(refused("Task definition must have at least one container definition."));
    }
    for container in containers {
        let text = |name| container.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("name").is_empty() {
            return Err(refused("Container.name should not be null or empty."));
        }
        if text("image").is_empty() {
            return Err(refused("Container.image should not be null or empty."));
        }
    }
    Ok(())
}
