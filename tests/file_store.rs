//! Deployments whose record is in a directory, through crashes of their process.
#![cfg(feature = "file-store")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cutover::Deployer;
use cutover::DeploymentRequest;
use cutover::Error;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::model::HolderId;
use cutover::model::Operator;
use cutover::model::Status;
use cutover::store::FileStore;
use cutover::strategy::Canary;

struct Directory(PathBuf);

impl Directory {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cutover-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    /// A process with a handle of its own to the directory.
    fn process(&self, cloud: &Cloud, name: &str) -> (Deployer, Cloud) {
        let cloud = cloud.process(name);
        let ports = cloud.ports(Arc::new(FileStore::open(&self.0).unwrap()));
        let deployer = Deployer::builder(ports).holder(HolderId::new(name).unwrap()).build();
        (deployer.unwrap(), cloud)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn id() -> DeploymentId {
    DeploymentId::new("d-1").unwrap()
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_deployment_is_taken_up_at_once_after_each_of_ten_crashes() {
    let directory = Directory::new("crashes");
    let cloud = Cloud::new(Scenario::new(1));
    let mut executor = Executor::new(&cloud);
    let service = cloud.with(|world| world.state().home().id.clone());
    let strategy = Canary::default();
    let mut waited = Duration::ZERO;
    for nth in 0..10_u32 {
        let (deployer, process) = directory.process(&cloud, &format!("p{nth}"));
        let clock = process.clock();
        let request = DeploymentRequest::new(id(), service.clone(), revision(2), &strategy);
        let began = clock.elapsed();
        let span = executor.block_on(async move {
            let handle = match deployer.start(request).await {
                Ok(handle) => handle,
                Err(Error::Duplicate { deployment }) => deployer.resume(&deployment).await.unwrap(),
                Err(other) => panic!("{other}"),
            };
            let span = clock.elapsed().since(began);
            clock.sleep((7 + 11 * nth) * SECOND).await;
            drop(handle);
            span
        });
        waited = waited.max(span.unwrap());
        assert_eq!(executor.kill_process(&process), 1, "{nth}");
    }
    assert!(waited < 5 * SECOND, "the operating system says who is dead: {waited:?}");
    let (deployer, _) = directory.process(&cloud, "last");
    let ending = executor.block_on(async move {
        let ending = deployer.resume(&id()).await.unwrap().wait().await.unwrap();
        let listed = deployer.list().await.unwrap();
        assert_eq!((listed.len(), listed[0].status), (1, Status::Successful));
        ending
    });
    assert_eq!(ending, Some(Ending::Successful { leftovers: Vec::new() }));
}

#[test]
fn another_process_is_told_who_drives_and_aborts() {
    let directory = Directory::new("abort");
    let cloud = Cloud::new(Scenario::new(2));
    let mut executor = Executor::new(&cloud);
    let service = cloud.with(|world| world.state().home().id.clone());
    let (driver, process) = directory.process(&cloud, "p1");
    let (other, _) = directory.process(&cloud, "p2");
    let strategy = Canary::default();
    let clock = process.clock();
    let ending = executor.block_on(async move {
        let request = |id| DeploymentRequest::new(id, service.clone(), revision(2), &strategy);
        let handle = driver.start(request(id())).await.unwrap();
        clock.sleep(200 * SECOND).await;
        let second = DeploymentId::new("d-2").unwrap();
        let refused = other.start(request(second)).await.unwrap_err();
        assert_eq!(refused.to_string(), "prod/web is driven by p1 (deployment d-1)");
        let status = other.status(&id()).await.unwrap();
        assert_eq!(status.holder, Some(HolderId::new("p1").unwrap()));
        assert_eq!(status.progress.status, Status::InProgress);
        other.request(&id(), Operator::Abort).await.unwrap();
        let ending = handle.wait().await.unwrap();
        let status = other.status(&id()).await.unwrap();
        assert_eq!(status.requests[0].answer, Some(Ok(())));
        ending
    });
    assert_eq!(ending, Some(Ending::RollbackSuccessful { leftovers: Vec::new() }));
}
