//! What a start makes of looks that fail, lack something or are old, and of those that do not.

use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::sim::{
    CallFilter, Cloud, Executor, Fault, Scenario, ScheduledFault, revision,
};
use cutover::model::*;
use cutover::ports::ErrorClass;
use cutover::store::MemoryStore;
use cutover::strategy::BlueGreen;
use cutover::{Deployer, DeploymentRequest, Error};

const S: Duration = Duration::from_secs(1);

/// Starts and ends a deployment whose reads with these numbers meet a fault; how it ended, and after how
/// long it was refused.
fn start(
    service: &str,
    reads: std::ops::Range<u32>,
    fault: Fault,
) -> Result<Status, Box<(Error, u64)>> {
    let mut scenario = Scenario::new(reads.start.into()).with_production_rules(2).with_test_rule();
    let call = CallFilter::AnyRead;
    scenario.faults.scheduled.extend(reads.map(|nth| ScheduledFault { call, nth, fault }));
    let cloud = Cloud::new(scenario);
    let process = cloud.process("p1");
    let ports = process.ports(Arc::new(MemoryStore::new()));
    let deployer = Deployer::builder(ports).build().unwrap();
    let service = ServiceId::new("prod", service).unwrap();
    let clock = cloud.clock();
    let began = Executor::new(&cloud).block_on(async move {
        let id = DeploymentId::new("d-1").unwrap();
        let strategy = BlueGreen { test_traffic: true, ..BlueGreen::default() };
        let request = DeploymentRequest::new(id, service, revision(2), &strategy);
        match deployer.start(request).await {
            Ok(handle) => Ok(handle.wait().await.unwrap().status()),
            Err(error) => Err(Box::new((error, clock.elapsed().as_millis() / 1000))),
        }
    });
    let written = cloud.with(|world| world.ledger().iter().any(|entry| entry.actor.is_ours()));
    let began = began.unwrap();
    assert_eq!(written, began.is_ok(), "whoever is refused has changed nothing");
    began
}

#[test]
fn what_passes_refuses_nothing() {
    let faults = [
        Fault::Partial,
        Fault::Stale(20 * S),
        Fault::Denied,
        Fault::Throttled,
        Fault::NotSent,
        Fault::TimeoutAfter,
        Fault::ServerError { applied: false },
        Fault::Hang,
    ];
    for fault in faults {
        for first in 1..=6 {
            let began = start("web", first..first + 3, fault);
            assert!(matches!(began, Ok(Status::Successful)), "{fault:?} from {first}: {began:?}");
        }
    }
}

#[test]
fn what_stays_is_refused_with_the_reason_in_bounded_time() {
    let (missing, after) = *start("wbe", 0..0, Fault::Denied).unwrap_err();
    assert!((10..15).contains(&after), "{after} s");
    let Error::Unreadable { source, .. } = missing else { panic!("{missing:?}") };
    assert_eq!(source.class, ErrorClass::Gone);

    let (denied, after) = *start("web", 1..1000, Fault::Denied).unwrap_err();
    assert!((10..15).contains(&after), "{after} s");
    let Error::Unreadable { source, .. } = denied else { panic!("{denied:?}") };
    assert_eq!(source.class, ErrorClass::Auth);

    let (slow, after) = *start("web", 1..1000, Fault::Throttled).unwrap_err();
    assert!((100..110).contains(&after), "{after} s");
    let Error::Unreadable { source, .. } = slow else { panic!("{slow:?}") };
    assert_eq!(source.class, ErrorClass::Throttled);
}
