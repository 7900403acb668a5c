//! Where a deployment takes place: on AWS or whatever answers like it, or on a simulated cloud in this
//! process. Both are reached through the same adapters and the same SDK.

use std::env;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::Region;
use cutover::adapters::aws::Aws;
use cutover::adapters::aws::http_client;
use cutover::adapters::host::HostClock;
use cutover::adapters::host::TokioSpawner;
use cutover::adapters::local::LocalCloud;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Stopped;
use cutover::api::Ports;
use cutover::ports::Clock;
use cutover::ports::Spawn;
use cutover::ports::Store;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;

use crate::cli::Pace;
use crate::cli::Place;

/// Real time between two pictures.
const FRAME: Duration = Duration::from_millis(50);
/// Simulated time between two looks when nobody watches.
const STRIDE: Duration = Duration::from_mins(10);

/// The simulation cannot go on.
#[derive(Debug)]
pub(crate) struct Standstill;

impl fmt::Display for Standstill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the simulation came to a standstill")
    }
}

impl Error for Standstill {}

/// Where a deployment takes place.
pub(crate) struct Site {
    pub(crate) aws: Aws,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spawn: Arc<dyn Spawn>,
    runs: Runs,
}

enum Runs {
    Simulated { cloud: Cloud, executor: Executor, pace: Pace },
    Real(Runtime),
}

impl Site {
    /// A simulated cloud in this process.
    pub(crate) fn simulated(scenario: Scenario, pace: Pace) -> Self {
        let cloud = Cloud::new(scenario);
        let local = LocalCloud::on_executor(&cloud);
        let (clock, spawn) = (cloud.clock(), cloud.spawner());
        let aws = Aws::new(&local.sdk_config("deploy"), Arc::clone(&clock));
        let executor = Executor::new(&cloud);
        Self { aws, clock, spawn, runs: Runs::Simulated { cloud, executor, pace } }
    }

    /// AWS, or what answers at the endpoint; credentials, Region and endpoint by the usual chain.
    pub(crate) fn real(place: &Place) -> Result<Self, Box<dyn Error>> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let endpoint = place.endpoint_url.clone().or_else(|| env::var("AWS_ENDPOINT_URL").ok());
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http_client(endpoint.as_deref())?);
        if let Some(url) = &endpoint {
            loader = loader.endpoint_url(url);
        }
        if let Some(profile) = &place.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &place.region {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = runtime.block_on(loader.load());
        let clock: Arc<dyn Clock> = Arc::new(HostClock);
        let spawner = {
            let _inside = runtime.enter();
            TokioSpawner::current().ok_or("there is no runtime")?
        };
        let spawn: Arc<dyn Spawn> = Arc::new(spawner);
        let aws = Aws::new(&config, Arc::clone(&clock));
        Ok(Self { aws, clock, spawn, runs: Runs::Real(runtime) })
    }

    /// Nowhere: for what only the state directory is asked.
    pub(crate) fn offline() -> Result<Self, Box<dyn Error>> {
        let url = "http://127.0.0.1:9".to_owned();
        let (profile, region) = (None, Some("us-east-1".to_owned()));
        let (seed, faults, speed) = (1, Vec::new(), None);
        let endpoint_url = Some(url);
        Self::real(&Place { endpoint_url, profile, region, simulated: false, seed, faults, speed })
    }

    /// The ports of a deployer.
    pub(crate) fn ports(&self, store: Arc<dyn Store>) -> Ports {
        Ports {
            fleet: self.aws.fleet(),
            router: Some(self.aws.router()),
            autoscaler: None,
            monitor: self.aws.monitor(),
            clock: Arc::clone(&self.clock),
            store,
            spawn: Arc::clone(&self.spawn),
        }
    }

    /// The simulated cloud, where it is one.
    pub(crate) const fn cloud(&self) -> Option<&Cloud> {
        match &self.runs {
            Runs::Simulated { cloud, .. } => Some(cloud),
            Runs::Real(_) => None,
        }
    }

    /// Waits for something.
    pub(crate) fn block_on<T: Send + 'static>(
        &mut self,
        future: impl Future<Output = T> + Send,
    ) -> Result<T, Standstill> {
        match &mut self.runs {
            Runs::Simulated { executor, .. } => executor.block_on(future).ok_or(Standstill),
            Runs::Real(runtime) => Ok(runtime.block_on(future)),
        }
    }

    /// Lets time pass up to the next picture; answers whether anything can still happen.
    pub(crate) fn pass(&mut self) -> bool {
        match &mut self.runs {
            Runs::Simulated { cloud, executor, pace } => {
                let stride = match pace {
                    Pace::Max => STRIDE,
                    Pace::Times(times) => FRAME * *times,
                };
                let limit = cloud.with(|world| world.now()).after(stride);
                let stopped = executor.run_until(limit, &mut |_| ControlFlow::Continue(()));
                if *pace != Pace::Max {
                    wait(FRAME);
                }
                stopped != Stopped::Finished
            }
            Runs::Real(runtime) => {
                runtime.block_on(async { tokio::time::sleep(FRAME).await });
                true
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "simulated time is slowed down for whoever watches")]
fn wait(span: Duration) {
    std::thread::sleep(span);
}
