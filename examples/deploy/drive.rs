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
use cutover::DeploymentHandle;
use cutover::Event;
use cutover::EventKind;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Stopped;
use cutover::adapters::sim::World;
use cutover::model::HoldReason;
use cutover::model::Revision;
use cutover::model::RollbackCause;
use cutover::model::Timestamp;
use cutover::ports::Retry;
use futures_core::Stream;
use futures_util::StreamExt;

use crate::cli::Pace;
use crate::cloud;
use crate::job::Job;
use crate::registry::deployer;
use crate::summary::Exposure;
use crate::summary::Summary;
use crate::view::View;

/// Real time between two pictures.
const FRAME: Duration = Duration::from_millis(50);
/// Simulated time between two looks when nobody watches.
const STRIDE: Duration = Duration::from_mins(10);
/// Simulated time after which a deployment counts as stuck.
const PATIENCE: Duration = Duration::from_hours(7 * 24);
/// How often a start is tried that failed for a passing reason, and how long is waited between.
const STARTS: u32 = 20;
const PAUSE: Duration = Duration::from_secs(5);

type Log = Arc<Mutex<VecDeque<Event>>>;
type End = (Duration, Option<RollbackCause>);

/// Runs a deployment to its end.
pub(crate) fn drive(
    cloud: &Cloud,
    job: &Job,
    pace: Pace,
    approve: bool,
    view: &mut View,
) -> Result<Summary, Box<dyn Error>> {
    let deployer = deployer(cloud::ports(cloud), job)?;
    let mut executor = Executor::new(cloud);
    let begun = cloud.with(|world| world.process_wall());
    let handle = executor.block_on(start(&deployer, job, cloud)).ok_or(STILL)??;
    let log = Log::default();
    executor.spawn(Box::pin(keep(
        handle.events(),
        approve.then(|| handle.clone()),
        Arc::clone(&log),
    )));
    let deadline = now(cloud).after(PATIENCE);
    let (took, cause) = loop {
        let limit = now(cloud).after(stride(pace));
        let stopped = executor.run_until(limit, &mut |_| ControlFlow::Continue(()));
        let end = show(&log, begun, view)?;
        let since = cloud.with(|world| world.process_wall()).since(begun);
        view.frame(since, &handle.status())?;
        if let Some(end) = end {
            break end;
        }
        if stopped == Stopped::Finished || now(cloud) >= deadline {
            executor.block_on(handle.wait()).ok_or(STILL)??;
            return Err(STILL.into());
        }
        if pace != Pace::Max {
            wait(FRAME);
        }
    };
    let ending = executor.block_on(handle.wait()).ok_or(STILL)??;
    let exposure = cloud.with(|world| exposure(world, &job.candidate));
    Ok(Summary { change: job.change(), ending, cause, took, last: handle.status(), exposure })
}

const STILL: &str = "the simulation came to a standstill";

fn now(cloud: &Cloud) -> cutover::model::Elapsed {
    cloud.with(|world| world.now())
}

/// Starts the deployment; again where the cloud only failed to answer what was read.
async fn start(
    deployer: &Deployer,
    job: &Job,
    cloud: &Cloud,
) -> Result<DeploymentHandle, cutover::Error> {
    let clock = cloud.clock();
    for _ in 1..STARTS {
        match deployer.start(job.request()).await {
            Err(cutover::Error::Unreadable { source, .. }) if source.retry() != Retry::Never => {
                clock.sleep(PAUSE).await;
            }
            other => return other,
        }
    }
    deployer.start(job.request()).await
}

/// Remembers every event until it is shown. Gives the approvals that are waited for, if it may.
async fn keep(events: impl Stream<Item = Event>, approver: Option<DeploymentHandle>, log: Log) {
    let mut events = pin!(events);
    while let Some(event) = events.next().await {
        let asked = matches!(event.kind, EventKind::Holding { reason: HoldReason::Approval });
        log.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
        if let Some(handle) = approver.as_ref().filter(|_| asked) {
            // A refusal is an event too.
            let _answer = handle.approve().await;
        }
    }
}

/// Shows what has happened since the last time; answers how long the deployment took and why it
/// turned back, once it has ended.
fn show(log: &Log, begun: Timestamp, view: &mut View) -> io::Result<Option<End>> {
    let mut end = None;
    for event in log.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        let since = event.at.since(begun);
        view.event(since, &event)?;
        if let EventKind::Finished { cause, .. } = event.kind {
            end = Some((since, cause));
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
