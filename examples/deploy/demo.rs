//! The demonstration: what a good deployment looks like, and what happens to a bad one.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use cutover::store::MemoryStore;

use crate::cli::Fault;
use crate::cli::Pace;
use crate::job::Job;
use crate::run::carry_out;
use crate::simulated::simulation;
use crate::view::View;

/// Both end within eight seconds.
const SPEED: Pace = Pace::Times(110);

const HEALTHY: &str = "
deployment: demo-blue-green
service: {cluster: prod, name: web}
revision: {task_definition: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8}
strategy: {blue_green: {bake: 5m}}
alarms: [web-5xx]
";

const BAD: &str = "
deployment: demo-canary
service: {cluster: prod, name: web}
revision: {task_definition: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:9}
strategy: {canary: {weight: 10%, bake: 5m}}
alarms: [web-5xx]
";

/// Shows both.
pub(crate) fn demo(view: &mut View) -> Result<(), Box<dyn Error>> {
    show("1  A healthy blue/green deployment with a bake of five minutes", HEALTHY, &[], view)?;
    let title = "2  A bad canary: it fails one request in five, and an alarm watches";
    show(title, BAD, &[Fault::BadCandidate], view)
}

fn show(title: &str, spec: &str, faults: &[Fault], view: &mut View) -> Result<(), Box<dyn Error>> {
    let mut job = Job::parse(spec, Path::new("demo"))?;
    view.begin(title)?;
    let pace = if view.is_live() { SPEED } else { Pace::Max };
    let mut site = simulation(&mut job, None, (7, faults), pace)?;
    carry_out(&mut site, Arc::new(MemoryStore::new()), &job, (false, false), view)?;
    Ok(())
}
