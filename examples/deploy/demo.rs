//! The demonstration: what a good deployment looks like, and what happens to a bad one.

use std::error::Error;
use std::time::Duration;

use cutover::DeploymentRequest;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::revision;
use cutover::model::AlarmName;
use cutover::model::DeploymentId;
use cutover::model::GateId;
use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GateSpec;
use cutover::model::Inconclusive;
use cutover::model::ServiceId;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Strategy;

use crate::cli::Fault;
use crate::cli::Pace;
use crate::cloud::Setting;
use crate::drive::drive;
use crate::view::View;

/// Fast enough for both to end within seconds, slow enough to follow.
const SPEED: Pace = Pace::Times(300);

/// Shows both.
pub(crate) fn demo(view: &mut View) -> Result<(), Box<dyn Error>> {
    let pace = if view.is_live() { SPEED } else { Pace::Max };
    let healthy = BlueGreen { bake: Duration::from_secs(300), ..BlueGreen::default() };
    show("1  A healthy blue/green deployment, with a bake of five minutes", &healthy, None, pace, view)?;
    let title = "2  A bad canary: it fails one request in five, and an alarm watches";
    show(title, &Canary::default(), Some(Fault::BadCandidate), pace, view)
}

fn show(
    title: &str,
    strategy: &dyn Strategy,
    fault: Option<Fault>,
    pace: Pace,
    view: &mut View,
) -> Result<(), Box<dyn Error>> {
    let (service, candidate) = (ServiceId::new("prod", "web")?, revision(8));
    let alarm = AlarmName::new("web-5xx")?;
    let setting = Setting {
        seed: 7,
        service: service.clone(),
        candidate: candidate.clone(),
        alarms: vec![alarm.clone()],
        delegated: false,
        faults: fault.into_iter().collect(),
    };
    let cloud = Cloud::new(setting.scenario());
    let id = DeploymentId::new(format!("demo-{}", strategy.name()))?;
    let request = DeploymentRequest::new(id, service, candidate.clone(), strategy).gate(GateSpec {
        id: GateId::new("alarms")?,
        kind: GateKind::Alarms { names: vec![alarm], accept_red_at_start: None },
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Hold { limit: Duration::from_secs(600) },
        always: true,
    });
    view.begin(title, &[])?;
    let summary = drive(&cloud, request, &candidate, pace, view)?;
    view.end(&summary)?;
    Ok(())
}
