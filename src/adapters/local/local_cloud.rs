//! The handle to a local cloud.

use std::sync::Arc;

use super::super::sim::Action;
use super::super::sim::Actor;
use super::super::sim::Behaviour;
use super::super::sim::Cloud;
use super::super::sim::Scenario;
use super::calls::Calls;
use super::exchange::Exchange;
use super::exchange::Pace;
use super::fault_rule::FaultRule;
use super::http_client::LocalHttpClient;
use super::local_server::LocalServer;
use super::world_time::WorldTime;
use crate::model::Elapsed;
use crate::model::Revision;

/// A simulated cloud that speaks AWS's protocols. Clones share it.
///
/// Its time follows tokio's, paused or not, from the first request on; nothing else may move the world,
/// so an [`Executor`](super::super::sim::Executor) is not for it. What happens between two requests
/// happens when the second comes, at the right time all the same.
#[derive(Debug, Clone)]
pub struct LocalCloud {
    pub(super) exchange: Arc<Exchange>,
}

impl LocalCloud {
    /// The cloud that this scenario describes.
    pub fn new(scenario: Scenario) -> Self {
        Self::of(&Cloud::new(scenario))
    }

    /// This simulated cloud; its process is who calls where no other is named.
    pub fn of(cloud: &Cloud) -> Self {
        Self { exchange: Exchange::new(cloud.clone(), Pace::Tokio) }
    }

    /// This simulated cloud, its time moved by an [`Executor`](super::super::sim::Executor): an SDK on
    /// it needs no runtime, and every process can be crashed at every poll. Its process is who calls.
    pub fn on_executor(cloud: &Cloud) -> Self {
        Self { exchange: Exchange::new(cloud.clone(), Pace::Executor) }
    }

    /// The simulated cloud behind it, as far as time has come there.
    pub fn cloud(&self) -> &Cloud {
        self.exchange.cloud()
    }

    /// Lets everything happen that is due, and answers what time it is in the world.
    pub fn now(&self) -> Elapsed {
        self.exchange.now(|world| world.now())
    }

    /// An HTTP client for an SDK in this process.
    pub fn http_client(&self) -> LocalHttpClient {
        LocalHttpClient::new(Arc::clone(&self.exchange), self.cloud().actor().clone())
    }

    /// An HTTP client for an SDK in this process, that calls under this name: the ledger and
    /// [`calls`](Self::calls) tell several apart.
    pub fn http_client_for(&self, process: &str) -> LocalHttpClient {
        LocalHttpClient::new(Arc::clone(&self.exchange), Actor::process(process))
    }

    /// Lets time pass so much faster than tokio's from now on. Positive; 1 until it is set.
    pub fn set_speed(&self, speed: f64) {
        self.exchange.set_speed(speed);
    }

    /// The world's time: a clock for a deployer in this process, time source and sleep for its SDK.
    pub fn time(&self) -> WorldTime {
        WorldTime::new(Arc::clone(&self.exchange))
    }

    /// A configuration for SDK clients in this process that calls under this name: with the world's
    /// clock, made-up credentials and one attempt per call (attempts of all clients of a process draw
    /// on one bucket, which no seed can fill).
    #[cfg(feature = "aws")]
    pub fn sdk_config(&self, process: &str) -> aws_config::SdkConfig {
        use aws_config::BehaviorVersion;
        use aws_config::Region;
        use aws_config::retry::RetryConfig;
        use aws_sdk_ecs::config::Credentials;
        use aws_sdk_ecs::config::SharedCredentialsProvider;

        let credentials = Credentials::new(process, "local", None, None, "local cloud");
        aws_config::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(self.http_client_for(process))
            .time_source(self.time())
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(self.time()))
            .retry_config(RetryConfig::disabled())
            .build()
    }

    /// Opens the door for any client: a server that answers for every API at one address, by HTTP.
    /// Simulated time is real time × `speed` from now on; the runtime's clock must not be paused.
    ///
    /// Who calls is told by the access key id that a request is signed with.
    ///
    /// # Errors
    ///
    /// Outside of a runtime, with a speed that is no positive number up to a million, or where the
    /// listener cannot be used.
    pub fn serve(
        &self,
        listener: std::net::TcpListener,
        speed: f64,
    ) -> std::io::Result<LocalServer> {
        LocalServer::start(Arc::clone(&self.exchange), listener, speed)
    }

    /// Lets a revision behave so from now on, in tasks that run already too.
    pub fn set_behaviour(&self, revision: Revision, behaviour: Behaviour) {
        let action = Action::ChangeBehaviour { revision, behaviour };
        self.exchange.now(|world| world.apply(&action));
    }

    /// Lets requests meet a fault from now on.
    pub fn inject(&self, rule: FaultRule) {
        self.exchange.wire(|wire| wire.faults.add(rule));
    }

    /// Lets no request meet a fault any more, but for those in the scenario.
    pub fn clear_faults(&self) {
        self.exchange.wire(|wire| wire.faults.clear());
    }

    /// The requests that came in so far.
    pub fn calls(&self) -> Calls {
        self.exchange.wire(|wire| wire.calls.clone())
    }

    /// Begins counting from zero again.
    pub fn forget_calls(&self) {
        self.exchange.wire(|wire| wire.calls = Calls::default());
    }
}

#[cfg(all(test, feature = "aws"))]
mod tests {
    use super::super::super::sim::Executor;
    use super::*;

    #[test]
    fn an_sdk_runs_on_the_executor_without_a_runtime() {
        let cloud = Cloud::new(Scenario::new(1));
        let local = LocalCloud::on_executor(&cloud);
        let mut executor = Executor::new(&cloud);
        let answer = executor.block_on(async {
            let client = aws_sdk_ecs::Client::new(&local.sdk_config("p1"));
            client.describe_services().cluster("prod").services("web").send().await
        });
        let services = answer.unwrap().unwrap();
        assert_eq!(services.services().first().unwrap().desired_count(), 4);
        assert!(local.now() > Elapsed::default());
    }
}
