//! Registers revisions, each once.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use aws_sdk_ecs::types::DeploymentRolloutState;
use aws_sdk_ecs::types::Service;
use aws_sdk_ecs::types::SortOrder;
use aws_sdk_ecs::types::TaskDefinitionField;
use aws_sdk_ecs::types::TaskDefinitionStatus;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;

use super::super::sdk::Operation;
use super::super::service::Ecs;
use super::super::service::gone;
use super::super::service::revision;
use super::document::DefinitionDocument;
use crate::model::NewRevision;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::TaskDefinitionArn;
use crate::model::Topology;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// How many of a family's newest revisions are looked at for one that says the same.
const NEWEST: i32 = 10;

/// Registers revisions, each once.
///
/// Task definitions pass as documents, so that no field is lost that this crate does not know.
#[derive(Debug, Clone)]
pub(crate) struct Registrar {
    ecs: Ecs,
}

/// Keeps the text of an answer.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept")
    }
}

#[dyn_dispatch_hint]
impl Intercept for Kept {
    fn name(&self) -> &'static str {
        "Kept"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        body.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }
}

/// A task definition that is registered.
struct Registered {
    revision: Revision,
    active: bool,
    document: DefinitionDocument,
}

fn invalid(why: impl Into<String>) -> CallError {
    CallError::new(Operation::RegisterTaskDefinition.name(), ErrorClass::Invalid, why)
}

/// Whether this is a whole ARN or `family:7`; a bare family is neither.
fn names_a_revision(name: &str) -> bool {
    if name.starts_with("arn:") {
        return name.parse::<TaskDefinitionArn>().is_ok();
    }
    let number = name.rsplit_once(':').filter(|(family, _)| !family.contains([':', '/']));
    number.is_some_and(|(family, number)| {
        !family.is_empty() && number.parse::<u32>().is_ok_and(|number| number > 0)
    })
}

impl Registrar {
    pub(crate) const fn new(ecs: Ecs) -> Self {
        Self { ecs }
    }

    /// The revision that is asked for, registered if no revision says the same already.
    pub(crate) async fn register(
        &self,
        service: &ServiceId,
        topology: &Topology,
        asked: &NewRevision,
    ) -> Result<Revision, CallError> {
        let ecs = self.ecs.change();
        let document = match asked {
            NewRevision::Registered(name) => return existing(&ecs, name).await,
            NewRevision::Definition(definition) => DefinitionDocument::of(definition),
            NewRevision::Images(images) => {
                let serving = serving(&ecs, service, topology).await?;
                let serving = read(&ecs, &serving).await?;
                let changed = serving.document.with_images(images);
                changed.map_err(|error| invalid(error.to_string()))?
            }
        };
        if let Some(known) = find(&ecs, &document).await? {
            return Ok(known);
        }
        match send(&ecs, &document).await {
            // it may have been registered all the same
            Err(error) if error.class == ErrorClass::Ambiguous => {
                find(&ecs, &document).await?.ok_or(error)
            }
            done => done,
        }
    }
}

/// What serves now, as a task definition's ARN.
async fn serving(ecs: &Ecs, service: &ServiceId, topology: &Topology) -> Result<String, CallError> {
    let asked = ecs.existing(service).await?;
    let other = match &topology.pair {
        Some(pair) => {
            let mut id = service.clone();
            id.service = pair.clone().into();
            ecs.service(&id).await?
        }
        None => None,
    };
    let idle = asked.desired_count() == 0 && asked.running_count() == 0;
    let found = other.filter(|_| idle).unwrap_or(asked);
    runs(&found).map(str::to_owned).ok_or_else(|| {
        let why = "no revision serves now, so there is none to change the images of; give a whole task \
                   definition";
        invalid(why)
    })
}

/// What a service runs: its primary set, or the deployment that completed last.
fn runs(service: &Service) -> Option<&str> {
    let set = service.task_sets().iter().find(|set| set.status() == Some("PRIMARY"));
    let completed = service.deployments().iter().find(|one| {
        one.rollout_state() == Some(&DeploymentRolloutState::Completed) && one.running_count() > 0
    });
    set.and_then(|set| set.task_definition())
        .or_else(|| completed.and_then(|one| one.task_definition()))
        .or_else(|| service.task_definition())
}

/// The revision of this name, if it is there and may be used.
async fn existing(ecs: &Ecs, name: &str) -> Result<Revision, CallError> {
    if !names_a_revision(name) {
        let why = format!(
            "`{name}` names no revision: give an ARN or `family:number`, since a bare family would be \
             another revision tomorrow"
        );
        return Err(invalid(why));
    }
    let found = read(ecs, name).await?;
    if found.active {
        return Ok(found.revision);
    }
    Err(gone(format!("task definition {name} is not ACTIVE: nothing new can be started from it")))
}

async fn read(ecs: &Ecs, name: &str) -> Result<Registered, CallError> {
    let operation = Operation::DescribeTaskDefinition;
    let kept = Kept::default();
    let send = || {
        let describe = ecs.clients.ecs.describe_task_definition().task_definition(name);
        describe.include(TaskDefinitionField::Tags).customize().interceptor(kept.clone()).send()
    };
    let answer = ecs.calls.read(operation, send).await?;
    let described = answer.task_definition();
    let body = kept.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let document = DefinitionDocument::described(&body).ok_or_else(|| {
        CallError::new(operation.name(), ErrorClass::Ambiguous, "the answer cannot be read")
    })?;
    Ok(Registered {
        revision: revision(described.and_then(|one| one.task_definition_arn()))?,
        active: described.and_then(|one| one.status()) == Some(&TaskDefinitionStatus::Active),
        document,
    })
}

/// The newest active revision of the family that says the same, if there is one.
async fn find(ecs: &Ecs, document: &DefinitionDocument) -> Result<Option<Revision>, CallError> {
    let send = || {
        let list = ecs.clients.ecs.list_task_definitions().family_prefix(document.family());
        let list = list.status(TaskDefinitionStatus::Active).sort(SortOrder::Desc);
        list.max_results(NEWEST).send()
    };
    let listed = ecs.calls.read(Operation::ListTaskDefinitions, send).await?;
    let wanted = document.fingerprint();
    for arn in listed.task_definition_arns() {
        let same_family =
            arn.parse::<TaskDefinitionArn>().is_ok_and(|arn| arn.family() == document.family());
        if !same_family {
            continue;
        }
        let found = read(ecs, arn).await?;
        let same =
            found.document.tagged() == Some(&wanted) || found.document.fingerprint() == wanted;
        if found.active && same {
            return Ok(Some(found.revision));
        }
    }
    Ok(None)
}

async fn send(ecs: &Ecs, document: &DefinitionDocument) -> Result<Revision, CallError> {
    let body = document.request();
    let register = ecs.clients.ecs.register_task_definition().family(document.family());
    let sent = register.customize().mutate_request(move |request| {
        let length = body.len().to_string();
        *request.body_mut() = SdkBody::from(body.clone());
        request.headers_mut().insert("content-length", length);
    });
    let sent = Box::pin(sent.send());
    let answer = ecs.calls.write(Operation::RegisterTaskDefinition, sent).await?;
    revision(answer.task_definition().and_then(|one| one.task_definition_arn()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_family_names_no_revision() {
        for good in ["web:7", "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7"] {
            assert!(names_a_revision(good), "{good}");
        }
        for bad in [
            "web",
            "web:",
            "web:0",
            "web:x",
            ":7",
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/web",
        ] {
            assert!(!names_a_revision(bad), "{bad}");
        }
    }
}
