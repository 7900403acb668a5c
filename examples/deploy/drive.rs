//! Follows one deployment to its end and shows it.

use std::collections::VecDeque;
use std::error::Error;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use cutover::DeploymentHandle;
use cutover::Event;
use cutover::EventKind;
use cutover::adapters::sim::World;
use cutover::model::HoldReason;
use cutover::model::Revision;
use cutover::model::RollbackCause;
use cutover::model::Timestamp;
use futures_core::Stream;
use futures_util::StreamExt;

use crate::site::Site;
use crate::site::Standstill;
use crate::summary::Exposure;
use crate::summary::Summary;
use crate::view::View;

/// Simulated time after which a deployment counts as stuck.
const PATIENCE: Duration = Duration::from_hours(7 * 24);

/// Events that are still to be shown, and whether there will be more.
#[derive(Debug, Default)]
struct Log {
    events: VecDeque<Event>,
    closed: bool,
}

type Shared = Arc<Mutex<Log>>;
type End = (Duration, Option<RollbackCause>);

fn open(log: &Shared) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows a deployment until it ends. `change` is what changes, in words.
pub(crate) fn follow(
    site: &mut Site,
    handle: &DeploymentHandle,
    (change, candidate): (String, &Revision),
    approve: bool,
    view: &mut View,
) -> Result<Summary, Box<dyn Error>> {
    let begun = site.clock.now();
    let log = Shared::default();
    let approver = approve.then(|| handle.clone());
    site.spawn.spawn(Box::pin(keep(handle.events(), approver, Arc::clone(&log))));
    let (took, cause) = loop {
        let goes_on = site.pass();
        let closed = open(&log).closed;
        let end = show(&log, begun.wall, view)?;
        let now = site.clock.now();
        let since = now.wall.since(begun.wall);
        view.frame(since, &handle.status())?;
        if let Some(end) = end {
            break end;
        }
        // one that ended before has no events any more
        if closed || !goes_on {
            break (since, handle.status().cause);
        }
        if site.cloud().is_some() && now.elapsed.since(begun.elapsed) > PATIENCE {
            return Err(Standstill.into());
        }
    };
    let waiting = handle.clone();
    let ending = site.block_on(async move { waiting.wait().await })??;
    let exposure = site.cloud().map(|cloud| cloud.with(|world| exposure(world, candidate)));
    Ok(Summary { change, ending, cause, took, last: handle.status(), exposure })
}

/// Remembers every event until it is shown. Gives the approvals that are waited for, if it may.
async fn keep(events: impl Stream<Item = Event>, approver: Option<DeploymentHandle>, log: Shared) {
    let mut events = pin!(events);
    while let Some(event) = events.next().await {
        let asked = matches!(event.kind, EventKind::Holding { reason: HoldReason::Approval });
        open(&log).events.push_back(event);
        if let Some(handle) = approver.as_ref().filter(|_| asked) {
            // A refusal is an event too.
            let _answer = handle.approve().await;
        }
    }
    open(&log).closed = true;
}

/// Shows what has happened since the last time; answers how long the deployment took and why it
/// turned back, once it has ended.
fn show(log: &Shared, begun: Timestamp, view: &mut View) -> io::Result<Option<End>> {
    let mut end = None;
    for event in open(log).events.drain(..) {
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
