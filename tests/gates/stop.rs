//! The switch that stops every deployment of a store.

use std::sync::Arc;
use std::time::Duration;

use cutover::Error;
use cutover::adapters::sim::{Executor, Scenario};
use cutover::model::{
    EventKind, GateKind, GateSpec, Inconclusive, Operator, Stage, Status, StopOrder, Verdict,
};
use cutover::ports::{Clock, Store};
use futures_util::StreamExt;

use crate::site::{Site, deployment, gate};

const MINUTE: Duration = Duration::from_mins(1);

/// Runs a deployment beside an operator who acts through another process.
fn beside<A: Future<Output = ()> + Send>(
    site: &Site,
    operator: impl FnOnce(cutover::Deployer, Arc<dyn Clock>) -> A + Send,
) -> (Status, Vec<EventKind>, Duration) {
    let (ours, theirs) = (site.cloud.process("p1"), site.cloud.process("ops"));
    let (deployer, other) = (site.deployer(&ours), site.deployer(&theirs));
    let (clock, request) = (theirs.clock(), site.request());
    let run = async move {
        let handle = deployer.start(request).await.unwrap();
        let events = handle.events();
        let asked = operator(other, Arc::clone(&clock));
        let events = events.map(|event| event.kind).collect::<Vec<_>>();
        let (ending, (), events) = futures_util::future::join3(handle.wait(), asked, events).await;
        let took = Duration::from_millis(clock.elapsed().as_millis());
        (ending.unwrap().status(), events, took)
    };
    Executor::new(&site.cloud).block_on(run).unwrap()
}

#[test]
fn a_running_deployment_holds_as_long_as_it_is_stopped_and_then_goes_on() {
    let site = Site::new(Scenario::new(7));
    let (status, events, took) = beside(&site, |ops, clock| async move {
        clock.sleep(MINUTE).await;
        ops.stop("ann", "the database is on fire").await.unwrap();
        // far longer than any limit
        clock.sleep(MINUTE * 300).await;
        ops.go("bob").await.unwrap();
    });
    assert_eq!(status, Status::Successful);
    assert!(took > MINUTE * 301, "{took:?}");
    let held = events.iter().find_map(|event| match event {
        EventKind::Holding { reason } if reason.to_string().contains("ann") => {
            Some(reason.to_string())
        }
        _ => None,
    });
    let why = "every deployment is stopped by ann at 2026-11-21T00:01:00";
    let held = held.unwrap();
    assert!(held.starts_with(why) && held.ends_with("Z: the database is on fire"), "{held}");
}

#[test]
fn nothing_goes_forward_while_it_is_stopped() {
    let site = Site::new(Scenario::new(7));
    let (_, events, _) = beside(&site, |ops, clock| async move {
        ops.stop("ann", "a fire").await.unwrap();
        clock.sleep(MINUTE * 60).await;
        let progress = ops.status(&deployment()).await.unwrap().progress;
        // one look may have been under way
        assert!(progress.stage <= Stage::ScaleUp, "{}", progress.stage);
        assert!(progress.waiting.unwrap().to_string().contains("stopped by ann"));
        ops.request(&deployment(), Operator::Abort).await.unwrap();
    });
    let shifted = events.iter().any(|event| matches!(event, EventKind::Stage { stage, .. } if *stage == Stage::ProductionTrafficShift));
    assert!(!shifted);
}

#[test]
fn a_rollback_is_not_held_up() {
    let mut site = Site::new(Scenario::new(7)).code(
        "own",
        cutover::gate::from_fn(|question| async move {
            match question.key.stage {
                Stage::Bake => Verdict::Fail("bad".to_owned()),
                _ => Verdict::Pass,
            }
        }),
    );
    let own = gate("own", GateKind::Custom);
    site.gates.push(GateSpec { inconclusive: Inconclusive::Wait, ..own });
    let (status, _, took) = beside(&site, |ops, clock| async move {
        // the moment at which it turns back
        while ops.status(&deployment()).await.map(|it| it.progress.status).ok()
            != Some(Status::RollbackInProgress)
        {
            clock.sleep(Duration::from_secs(1)).await;
        }
        ops.stop("ann", "a fire").await.unwrap();
    });
    assert_eq!(status, Status::RollbackSuccessful);
    assert!(took < MINUTE * 30, "{took:?}");
}

#[test]
fn new_deployments_are_refused_with_who_why_and_when() {
    let site = Site::new(Scenario::new(7));
    let cloud = site.cloud.process("p1");
    let (deployer, request, again) = (site.deployer(&cloud), site.request(), site.request());
    let store = Arc::clone(&site.store);
    let run = async move {
        deployer.stop("ann", "a fire").await.unwrap();
        let error = deployer.start(request).await.unwrap_err();
        assert!(matches!(error, Error::Stopped { .. }));
        let said = "every deployment is stopped by ann at 2026-11-21T00:00:00.000Z: a fire";
        assert_eq!(error.to_string(), said);
        deployer.go("bob").await.unwrap();
        let orders = store.turns().await.unwrap();
        let by: Vec<&str> = orders.iter().map(|order| order.by.as_str()).collect();
        assert_eq!((by, StopOrder::in_force(&orders)), (vec!["ann", "bob"], None));
        deployer.start(again).await.unwrap().wait().await.unwrap().status()
    };
    assert_eq!(Executor::new(&site.cloud).block_on(run), Some(Status::Successful));
}
