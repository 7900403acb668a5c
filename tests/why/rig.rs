//! A cloud, a process that drives and another one that only reads the record.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cutover::Deployer;
use cutover::DeploymentRequest;
use cutover::adapters::sim::Scenario;
use cutover::api::Explanation;
use cutover::model::AlarmName;
use cutover::model::DeploymentId;
use cutover::model::GateId;
use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GateSpec;
use cutover::model::Inconclusive;
use cutover::model::InsufficientData;
use cutover::model::Operator;
use cutover::model::Record;
use cutover::model::Status;
use cutover::ports::Append;
use cutover::ports::Clock;
use cutover::ports::Head;
use cutover::ports::Store;
use cutover::ports::Summary;
use cutover::record::encode;
use cutover::strategy::Strategy;

use crate::base;

/// A deployment, and another process that only reads its record.
pub(crate) struct Rig {
    base: base::Rig,
    driver: Deployer,
    reader: Deployer,
    clock: Arc<dyn Clock>,
}

impl Rig {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let base = base::Rig::new(scenario);
        let ((driver, cloud), (reader, _)) = (base.deployer("p1"), base.deployer("on-call"));
        Self { base, driver, reader, clock: cloud.clock() }
    }

    fn request<'a>(
        &self,
        strategy: &'a dyn Strategy,
        gate: Option<GateSpec>,
    ) -> DeploymentRequest<'a> {
        gate.into_iter()
            .fold(base::request(ID, self.base.service(), 2, strategy), DeploymentRequest::gate)
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
        let request = self.request(strategy, gate);
        let Self { base, driver, reader, clock } = self;
        let explanation = base.executor.block_on(async move {
            let handle = driver.start(request).await.unwrap();
            if let Some(lasts) = lasts {
                clock.sleep(lasts / 2).await;
                if let Some(asked) = asked {
                    reader.request(&id(), asked).await.unwrap();
                }
                clock.sleep(lasts / 2).await;
            } else {
                handle.wait().await.unwrap();
                clock.sleep(Duration::from_secs(3600)).await;
            }
            reader.explain(&id()).await.unwrap()
        });
        explanation.unwrap()
    }

    /// The record of a deployment whenever so much time has passed, and after its end.
    pub(crate) fn records(
        &mut self,
        strategy: &dyn Strategy,
        gate: Option<GateSpec>,
        every: Duration,
    ) -> Vec<Record> {
        let request = self.request(strategy, gate);
        let Self { base, driver, reader, clock } = self;
        let records = base.executor.block_on(async move {
            let _handle = driver.start(request).await.unwrap();
            let mut records = Vec::new();
            loop {
                clock.sleep(every).await;
                let status = reader.status(&id()).await.unwrap();
                records.push(status.record);
                if status.progress.status.is_ended() {
                    return records;
                }
            }
        });
        records.unwrap()
    }

    /// What a process says that finds this record in the store.
    pub(crate) fn explained_from(&mut self, record: &Record) -> Explanation {
        let subject = &record.header.subject;
        let (deployment, service) = (subject.deployment.clone(), subject.service.clone());
        let head = Head { token: record.token, seq: 1, nonce: "changed".to_owned() };
        let summary = Summary { deployment, service, status: Status::RollbackSuccessful };
        let append = Append { head, summary, body: encode(record).unwrap() };
        let Self { base, reader, .. } = self;
        let store = Arc::clone(&base.store);
        let explanation = base.executor.block_on(async move {
            store.append(append).await.unwrap();
            reader.explain(&id()).await.unwrap()
        });
        explanation.unwrap()
    }

    /// Asks these of a deployment again and again, so often, and then explains it.
    pub(crate) fn worn(
        &mut self,
        strategy: &dyn Strategy,
        requests: &[Operator],
        times: u32,
    ) -> Explanation {
        let request = self.request(strategy, None);
        let Self { base, driver, reader, clock } = self;
        let explanation = base.executor.block_on(async move {
            let _handle = driver.start(request).await.unwrap();
            clock.sleep(Duration::from_secs(120)).await;
            for _ in 0..times {
                for request in requests {
                    reader.request(&id(), *request).await.unwrap();
                    clock.sleep(Duration::from_secs(30)).await;
                }
            }
            reader.explain(&id()).await.unwrap()
        });
        explanation.unwrap()
    }
}

const ID: &str = "web-2";

fn id() -> DeploymentId {
    DeploymentId::new(ID).unwrap()
}

pub(crate) fn alarm_gate(name: &str) -> GateSpec {
    GateSpec {
        id: GateId::new("alarms").unwrap(),
        kind: GateKind::Alarms {
            names: vec![AlarmName::new(name).unwrap()],
            accept_red_at_start: None,
            insufficient_data: InsufficientData::default(),
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
    assert_eq!(kept, text, "{} is kept, but something else is said", path.display());
}
