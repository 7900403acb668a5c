//! The demonstration: what a good deployment looks like, and what happens to a bad one.

use std::error::Error;
use std::time::Duration;

use cutover::adapters::sim::revision;
use cutover::model::AlarmName;
use cutover::model::DeploymentId;
use cutover::model::GateId;
use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GateSpec;
use cutover::model::Inconclusive;
use cutover::model::Limits;
use cutover::model::ServiceId;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Strategy;

use crate::cli::Fault;
use crate::cli::Pace;
use crate::cloud::cloud;
use crate::drive::drive;
use crate::job::Job;
use crate::view::View;

/// Both end within eight seconds.
const SPEED: Pace = Pace::Times(110);

/// Shows both.
pub(crate) fn demo(view: &mut View) -> Result<(), Box<dyn Error>> {
    let healthy = BlueGreen { bake: Duration::from_mins(5), ..BlueGreen::default() };
    show(
        "1  A healthy blue/green deployment with a bake of five minutes",
        Box::new(healthy),
        &[],
        view,
    )?;
    let bad = "2  A bad canary: it fails one request in five, and an alarm watches";
    show(bad, Box::new(Canary::default()), &[Fault::BadCandidate], view)
}

fn show(
    title: &str,
    strategy: Box<dyn Strategy>,
    faults: &[Fault],
    view: &mut View,
) -> Result<(), Box<dyn Error>> {
    let alarms = GateSpec {
        id: GateId::new("alarms")?,
        kind: GateKind::Alarms {
            names: vec![AlarmName::new("web-5xx")?],
            accept_red_at_start: None,
        },
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Hold { limit: Duration::from_mins(10) },
        always: true,
    };
    let job = Job {
        id: DeploymentId::new(format!("demo-{}", strategy.name()))?,
        service: ServiceId::new("prod", "web")?,
        candidate: revision(8),
        strategy,
        gates: vec![alarms],
        hooks: Vec::new(),
        limits: Limits::default(),
    };
    view.begin(title)?;
    let pace = if view.is_live() { SPEED } else { Pace::Max };
    let summary = drive(&cloud(&job, 7, faults), &job, pace, false, view)?;
    view.end(&summary)?;
    Ok(())
}
