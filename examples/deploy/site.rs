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
use aws_sdk_ecs::config::Credentials;
use cutover::adapters::aws::Aws;
use cutover::adapters::aws::http_client;
use cutover::adapters::host::HostClock;
use cutover::adapters::host::HostHttp;
use cutover::adapters::host::TokioSpawner;
use cutover::adapters::local::LocalCloud;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Stopped;
use cutover::api::Ports;
use cutover::model::ServiceId;
use cutover::ports::Clock;
use cutover::ports::Http;
use cutover::ports::Spawn;
use cutover::ports::Store;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;

use crate::cli::Pace;
use crate::cli::Place;
use crate::furnish;
use crate::job::BadSpec;

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
    /// A simulated cloud in this process. Where services take turns, the second is made.
    pub(crate) fn simulated(
        cloud: Cloud,
        pace: Pace,
        pair: Option<(ServiceId, String)>,
    ) -> Result<Self, Box<dyn Error>> {
        let local = LocalCloud::on_executor(&cloud);
        let (clock, spawn) = (cloud.clock(), cloud.spawner());
        let aws = Aws::new(&local.sdk_config("deploy"), Arc::clone(&clock));
        let mut executor = Executor::new(&cloud);
        if let Some((service, other)) = pair {
            let made = executor.block_on(async { furnish::pair(&local, &service, &other).await });
            made.ok_or(Standstill)?.map_err(|error| -> Box<dyn Error> { error })?;
        }
        Ok(Self { aws, clock, spawn, runs: Runs::Simulated { cloud, executor, pace } })
    }

    /// AWS, or what answers at the endpoint; credentials, Region and endpoint by the usual chain.
    pub(crate) fn real(place: &Place) -> Result<Self, Box<dyn Error>> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let config = runtime.block_on(configuration(place)?);
        if config.region().is_none() {
            let what = "there is no AWS Region; give --region, or set AWS_REGION";
            return Err(BadSpec(what.to_owned()).into());
        }
        let clock: Arc<dyn Clock> = Arc::new(HostClock);
        let spawner = {
            let _inside = runtime.enter();
            TokioSpawner::current().ok_or("there is no runtime")?
        };
        let spawn: Arc<dyn Spawn> = Arc::new(spawner);
        let aws = Aws::new(&config, Arc::clone(&clock));
        Ok(Self { aws, clock, spawn, runs: Runs::Real(runtime) })
    }

    /// The ports of a deployer.
    pub(crate) fn ports(&self, store: Arc<dyn Store>) -> Ports {
        Ports {
            fleet: self.aws.fleet(),
            router: Some(self.aws.router()),
            autoscaler: self.aws.autoscaler(),
            monitor: self.aws.monitor(),
            http: Some(self.http()),
            clock: Arc::clone(&self.clock),
            store,
            spawn: Arc::clone(&self.spawn),
        }
    }

    /// Whom gates call: whoever the machine reaches, or in a simulated cloud whoever is there.
    fn http(&self) -> Arc<dyn Http> {
        match &self.runs {
            Runs::Simulated { cloud, .. } => cloud.http(),
            Runs::Real(_) => Arc::new(HostHttp::new(Arc::clone(&self.clock))),
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
            Runs::Real(_) => {
                wait(FRAME);
                true
            }
        }
    }
}

/// The SDK's configuration by the usual chain, with what the command line says before it.
fn configuration(
    place: &Place,
) -> Result<impl Future<Output = aws_config::SdkConfig> + use<>, Box<dyn Error>> {
    let endpoint = place.endpoint_url.clone().or_else(|| env::var("AWS_ENDPOINT_URL").ok());
    let http = http_client(endpoint.as_deref())?;
    let (profile, region) = (place.profile.clone(), place.region.clone());
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    if endpoint.as_deref().is_some_and(is_this_machine) {
        // nobody there checks a signature, and the chain would look for an instance's credentials
        let named = profile.is_some()
            || ["AWS_ACCESS_KEY_ID", "AWS_PROFILE"].iter().any(|name| env::var_os(name).is_some());
        if !named {
            let made_up = Credentials::new("deploy", "made-up", None, None, "deploy");
            loader = loader.credentials_provider(made_up);
        }
        let named = region.is_some()
            || ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().any(|name| env::var_os(name).is_some());
        if !named && profile.is_none() {
            loader = loader.region(Region::new(HERE));
        }
    }
    if let Some(url) = endpoint {
        loader = loader.endpoint_url(url);
    }
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    Ok(loader.load())
}

/// The local cloud's Region.
const HERE: &str = "eu-west-1";

/// Whether an endpoint is plain HTTP to this machine.
fn is_this_machine(endpoint: &str) -> bool {
    let endpoint = endpoint.to_ascii_lowercase();
    let host = endpoint.strip_prefix("http://").unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
        let rest = host.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever watches needs time; the runtime has threads of its own"
)]
fn wait(span: Duration) {
    std::thread::sleep(span);
}
