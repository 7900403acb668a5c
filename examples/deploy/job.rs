//! One deployment as it is asked for: from a spec, or made by hand.

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::Path;

use cutover::DeploymentRequest;
use cutover::model::AlarmName;
use cutover::model::DeploymentId;
use cutover::model::GateKind;
use cutover::model::Plan;
use cutover::model::Revision;
use cutover::model::ServiceShape;
use cutover::model::TaskDefinition;
use cutover::model::TaskDefinitionArn;
use cutover::spec::DeploymentSpec;
use cutover::spec::RevisionSource;
use cutover::strategy::PlanError;
use cutover::strategy::Strategy;

/// What was asked for cannot be done as it stands: the caller's to mend.
#[derive(Debug)]
pub(crate) struct BadSpec(pub(crate) String);

impl fmt::Display for BadSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for BadSpec {}

/// One deployment as it is asked for: a spec, and the revision that it means.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: DeploymentId,
    pub(crate) candidate: Revision,
    pub(crate) spec: DeploymentSpec,
    name: String,
}

/// A spec is a strategy too: its plan has the spec's gates and hooks in it.
impl Strategy for Job {
    fn name(&self) -> &str {
        &self.name
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        self.spec.plan(shape)
    }
}

impl Job {
    /// Reads a spec from a file.
    pub(crate) fn load(path: &Path) -> Result<Self, Box<dyn Error>> {
        Self::parse(&read(path)?, path)
    }

    /// Reads a spec from text. `path` is what errors call it and what its own paths are relative to.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, Box<dyn Error>> {
        let spec = DeploymentSpec::parse(text, &path.display().to_string())
            .map_err(|error| BadSpec(error.to_string()))?;
        let candidate = match spec.revision() {
            RevisionSource::TaskDefinition(revision) => revision.clone(),
            RevisionSource::File(file) => {
                registered(&path.parent().unwrap_or_else(|| Path::new("")).join(file))?
            }
            _ => return Err(BadSpec("this kind of revision is not known here".to_owned()).into()),
        };
        let id = match spec.deployment() {
            Some(id) => id.clone(),
            None => DeploymentId::new(candidate.to_string().replace(':', "-"))?,
        };
        let name = spec.strategy().name().to_owned();
        Ok(Self { id, candidate, spec, name })
    }

    /// The request for the deployer.
    pub(crate) fn request(&self) -> DeploymentRequest<'_> {
        let (id, service) = (self.id.clone(), self.spec.service().clone());
        let request = DeploymentRequest::new(id, service, self.candidate.clone(), self);
        request.limits(self.spec.limits().clone()).topology(self.spec.topology().clone())
    }

    /// The revision that serves before; none where the candidate is the first.
    pub(crate) fn stable(&self) -> Option<Revision> {
        let arn = self.candidate.task_definition();
        let (family, _) = arn.as_str().rsplit_once(':')?;
        let before = arn.revision_number().checked_sub(1)?;
        format!("{family}:{before}").parse::<TaskDefinitionArn>().ok().map(Revision::new)
    }

    /// What changes, `web:7 → web:8`.
    pub(crate) fn change(&self) -> String {
        match self.stable() {
            Some(stable) => format!("{stable} → {}", self.candidate),
            None => format!("{}, the first", self.candidate),
        }
    }

    /// The alarms that the gates name, each once.
    pub(crate) fn alarms(&self) -> Vec<AlarmName> {
        let mut found = Vec::new();
        for gate in self.spec.gates() {
            if let GateKind::Alarms { names, .. } = &gate.kind {
                found.extend(names.iter().cloned());
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

fn read(path: &Path) -> Result<String, BadSpec> {
    fs::read_to_string(path).map_err(|error| BadSpec(format!("{}: {error}", path.display())))
}

/// The revision that a task definition gets when it is registered. The simulated account has
/// registered one of each family before.
fn registered(path: &Path) -> Result<Revision, Box<dyn Error>> {
    let definition = TaskDefinition::from_json(&read(path)?)
        .map_err(|error| BadSpec(format!("{}: {error}", path.display())))?;
    let family = definition.family();
    let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/{family}:2");
    Ok(Revision::new(arn.parse()?))
}
