//! Carries one deployment out on the simulated cloud and shows it.

use std::collections::VecDeque;
use std::error::Error;
use std::io;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use cutover::Deployer;
use cutover::DeploymentRequest;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Stopped;
use cutover::adapters::sim::World;
use cutover::model::Event;
use cutover::model::EventKind;
use cutover::model::Revision;
use cutover::model::RollbackCause;
use cutover::model::Timestamp;
use futures_core::Stream;
use futures_util::StreamExt;

use crate::cli::Pace;
use crate::cloud;
use crate::summary::Exposure;
use crate::summary::Summary;
use crate::view::View;

/// Real time between two pictures.
const FRAME: Duration = Duration::from_millis(50);
/// Simulated time between two looks when nobody watches.
const STRIDE: Duration = Duration::from_secs(600);
/// Simulated time after which a deployment counts as stuck.
const PATIENCE: Duration = Duration::from_secs(7 * 86_400);

type End = (Duration, Option<RollbackCause>);
type Log = Arc<Mutex<VecDeque<Event>>>;

/// Runs a deployment to its end.
pub(crate) fn drive(
    cloud: &Cloud,
    request: DeploymentRequest,
    candidate: &Revision,
    change: &str,
    pace: Pace,
    view: &mut View,
) -> Result<Summary, Box<dyn Error>> {
    let deployer = Deployer::builder(cloud::ports(cloud)).build();
    let mut executor = Executor::new(cloud);
    let begun = cloud.with(|world| world.process_wall());
    let handle =
        executor.block_on(deployer.start(request)).ok_or("the simulation stood still")??;
    let log = Log::default();
    executor.spawn(Box::pin(keep(handle.events(), Arc::clone(&log))));
    let deadline = cloud.with(|world| world.now()).after(PATIENCE);
    let mut finished = None;
    while finished.is_none() {
        let now = cloud.with(|world| world.now());
        if now >= deadline {
            return Err("the deployment has not ended within a week of simulated time".into());
        }
        let stopped =
            executor.run_until(now.after(stride(pace)), &mut |_| ControlFlow::Continue(()));
        finished = show(&log, begun, view)?;
        let since = cloud.with(|world| world.process_wall()).since(begun);
        view.frame(since, &handle.status())?;
        if finished.is_none() && stopped == Stopped::Finished {
            return Err("the driver ended without an ending".into());
        }
        if pace != Pace::Max {
            wait(FRAME);
        }
    }
    let ending = executor.block_on(handle.wait()).ok_or("the simulation stood still")??;
    let (took, cause) = finished.unwrap_or_default();
    let exposure = cloud.with(|world| exposure(world, candidate));
    Ok(Summary { change: change.to_owned(), ending, cause, took, exposure })
}

/// Remembers every event until it is shown.
async fn keep(events: impl Stream<Item = Event>, log: Log) {
    let mut events = pin!(events);
    while let Some(event) = events.next().await {
        log.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
    }
}

/// Shows what has happened since the last time; answers how long the deployment took and why it
/// turned back, once it has ended.
fn show(log: &Log, begun: Timestamp, view: &mut View) -> io::Result<Option<End>> {
    let mut end = None;
    for event in log.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        view.event(event.at.since(begun), &event)?;
        if let EventKind::Finished { cause, .. } = event.kind {
            end = Some((event.at.since(begun), cause));
        }
    }
    Ok(end)
}

/// What users met, by the world's own accounts.
fn exposure(world: &World, candidate: &Revision) -> Exposure {
    let mut met = Exposure { unserved: world.unserved(), ..Exposure::default() };
    for served in world.exposure() {
        if served.revision == *candidate {
            met.candidate += served.requests();
            met.candidate_failed += served.failed();
        } else {
            met.stable += served.requests();
            met.stable_failed += served.failed();
        }
    }
    met
}

/// Simulated time between two pictures.
fn stride(pace: Pace) -> Duration {
    match pace {
        Pace::Max => STRIDE,
        Pace::Times(times) => FRAME * times,
    }
}

#[expect(clippy::disallowed_methods, reason = "simulated time is slowed down for whoever watches")]
fn wait(span: Duration) {
    std::thread::sleep(span);
}
