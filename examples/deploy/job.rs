//! One deployment as it is asked for in a spec.

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::Path;

use cutover::DeploymentRequest;
use cutover::model::AlarmName;
use cutover::model::DeploymentId;
use cutover::model::GateKind;
use cutover::model::InvalidId;
use cutover::model::ListenerRuleArn;
use cutover::model::NewRevision;
use cutover::model::Plan;
use cutover::model::Revision;
use cutover::model::ServiceShape;
use cutover::model::TaskDefinition;
use cutover::model::TaskDefinitionArn;
use cutover::model::Topology;
use cutover::ports::Summary;
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
    pub(crate) spec: DeploymentSpec,
    pub(crate) source: NewRevision,
    pub(crate) topology: Topology,
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
        let source = match spec.revision() {
            RevisionSource::TaskDefinition(revision) => {
                NewRevision::Registered(revision.task_definition().to_string())
            }
            RevisionSource::File(file) => {
                let file = path.parent().unwrap_or_else(|| Path::new("")).join(file);
                let definition = TaskDefinition::from_json(&read(&file)?)
                    .map_err(|error| BadSpec(format!("{}: {error}", file.display())))?;
                NewRevision::Definition(definition)
            }
            RevisionSource::Images(images) => NewRevision::Images(images.clone()),
            _ => return Err(BadSpec("this kind of revision is not known here".to_owned()).into()),
        };
        let (name, topology) = (spec.strategy().name().to_owned(), spec.topology().clone());
        Ok(Self { spec, source, topology, name })
    }

    /// The deployment's id: the spec's own, or one that follows from the revision and is not taken.
    pub(crate) fn id(
        &self,
        candidate: &Revision,
        taken: &[Summary],
    ) -> Result<DeploymentId, InvalidId> {
        if let Some(id) = self.spec.deployment() {
            return Ok(id.clone());
        }
        let first = candidate.to_string().replace(':', "-");
        let mut id = DeploymentId::new(&first)?;
        let mut times = 1;
        while taken.iter().any(|known| known.deployment == id) {
            times += 1;
            id = DeploymentId::new(format!("{first}.{times}"))?;
        }
        Ok(id)
    }

    /// The request for the deployer.
    pub(crate) fn request(&self, id: DeploymentId, candidate: Revision) -> DeploymentRequest<'_> {
        let request = DeploymentRequest::new(id, self.spec.service().clone(), candidate, self);
        request.limits(self.spec.limits().clone()).topology(self.topology.clone())
    }

    /// Means the simulated account's own rules and groups where the spec means AWS's.
    pub(crate) fn suit_simulation(&mut self, test_rule: Option<ListenerRuleArn>) {
        self.topology.target_groups = None;
        self.topology.rules = Vec::new();
        self.topology.test_rule = self.topology.test_rule.take().and(test_rule);
    }

    /// The alarms that the gates name, each once.
    pub(crate) fn alarms(&self) -> Vec<AlarmName> {
        let mut found = Vec::new();
        for (_, kind) in self.spec.gates().iter().flat_map(|gate| gate.kind.leaves()) {
            if let GateKind::Alarms { names, .. } = kind {
                found.extend(names.iter().cloned());
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// Whether the revision is there already.
    pub(crate) const fn is_registered(&self) -> bool {
        matches!(self.source, NewRevision::Registered(_))
    }

    /// The revision as far as it is known before it is registered: the one after `stable`, in its own
    /// family.
    pub(crate) fn foreseen(&self, stable: Option<&Revision>) -> Result<Revision, Box<dyn Error>> {
        let stable = stable.map(Revision::task_definition);
        let (own, number) = stable.map_or((FAMILY, 1), |arn| (arn.family(), arn.revision_number()));
        let family = match &self.source {
            NewRevision::Registered(name) => return Ok(Revision::new(name.parse()?)),
            NewRevision::Definition(definition) => definition.family(),
            _ => own,
        };
        let number = if family == own { number + 1 } else { 1 };
        let account =
            stable.and_then(|arn| arn.as_str().rsplit_once('/')).map_or(ACCOUNT, |arn| arn.0);
        Ok(Revision::new(format!("{account}/{family}:{number}").parse()?))
    }

    /// The revision that serves before in a simulated account.
    pub(crate) fn simulated_stable(&self) -> Result<Option<Revision>, Box<dyn Error>> {
        let family = match &self.source {
            NewRevision::Registered(arn) => {
                let candidate: TaskDefinitionArn = arn.parse()?;
                let before = candidate.revision_number().checked_sub(1).filter(|n| *n > 0);
                return before.map(|number| revision(candidate.family(), number)).transpose();
            }
            NewRevision::Definition(definition) => definition.family(),
            _ => FAMILY,
        };
        revision(family, 1).map(Some)
    }
}

/// What a simulated account's service runs.
const FAMILY: &str = "web";
/// Where a simulated account's task definitions are.
const ACCOUNT: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition";

/// What changes, `web:7 → web:8`.
pub(crate) fn change(stable: Option<&Revision>, candidate: &Revision) -> String {
    match stable {
        Some(stable) => format!("{stable} → {candidate}"),
        None => format!("{candidate}, the first"),
    }
}

fn revision(family: &str, number: u32) -> Result<Revision, Box<dyn Error>> {
    Ok(Revision::new(format!("{ACCOUNT}/{family}:{number}").parse()?))
}

fn read(path: &Path) -> Result<String, BadSpec> {
    fs::read_to_string(path).map_err(|error| BadSpec(format!("{}: {error}", path.display())))
}
