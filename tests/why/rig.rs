//! A cloud, a process that drives and another one that only reads the record.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cutover::Deployer;
use cutover::DeploymentRequest;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::api::Explanation;
use cutover::model::AlarmName;
use cutover::model::DeploymentId;
use cutover::model::GateId;
use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GateSpec;
use cutover::model::HolderId;
use cutover::model::Inconclusive;
use cutover::model::Operator;
use cutover::store::MemoryStore;
use cutover::strategy::Strategy;

pub(crate) struct Rig {
    cloud: Cloud,
    executor: Executor,
    store: Arc<MemoryStore>,
}

impl Rig {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let cloud = Cloud::new(scenario);
        let executor = Executor::new(&cloud);
        Self { cloud, executor, store: Arc::new(MemoryStore::new()) }
    }

    fn process(&self, name: &str) -> (Deployer, Cloud) {
        let cloud = self.cloud.process(name);
        let ports = cloud.ports(Arc::clone(&self.store) as _);
        let deployer = Deployer::builder(ports).holder(HolderId::new(name).unwrap()).build();
        (deployer.unwrap(), cloud)
    }

    /// Runs a deployment to its end, or for so long; then another process explains it. Halfway
    /// through that time the other process may ask for something.
    pub(crate) fn explained(
        &mut self,
        strategy: &dyn Strategy,
        gate: Option<GateSpec>,
        lasts: Option<Duration>,
        asked: Option<Operator>,
    ) -> Explanation {
        let (driver, cloud) = self.process("p1");
        let (reader, _) = self.process("on-call");
        let service = cloud.with(|world| world.state().home().id.clone());
        let clock = cloud.clock();
        let explanation = self.executor.block_on(async move {
            let mut request = DeploymentRequest::new(id(), service, revision(2), strategy);
            if let Some(gate) = gate {
                request = request.gate(gate);
            }
            let handle = driver.start(request).await.unwrap();
            match lasts {
                Some(lasts) => {
                    clock.sleep(lasts / 2).await;
                    if let Some(asked) = asked {
                        reader.request(&id(), asked).await.unwrap();
                    }
                    clock.sleep(lasts / 2).await;
                }
                None => {
                    handle.wait().await.unwrap();
                    clock.sleep(Duration::from_secs(3600)).await;
                }
            }
            reader.explain(&id()).await.unwrap()
        });
        explanation.unwrap()
    }
}

fn id() -> DeploymentId {
    DeploymentId::new("web-2").unwrap()
}

pub(crate) fn alarm_gate(name: &str) -> GateSpec {
    GateSpec {
        id: GateId::new("alarms").unwrap(),
        kind: GateKind::Alarms {
            names: vec![AlarmName::new(name).unwrap()],
            accept_red_at_start: None,
        },
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Hold { limit: Duration::from_secs(1200) },
        always: true,
    }
}

/// Compares a text with the one that is kept.
pub(crate) fn same(name: &str, explanation: &Explanation) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/why/golden").join(name);
    let text = explanation.to_string();
    if std::env::var_os("CUTOVER_GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    if kept != text {
        panic!("{} is kept, but this is said:\n{text}", path.display());
    }
}
