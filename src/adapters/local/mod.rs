//! The local cloud: the simulated world behind AWS's own wire protocols.
//!
//! ```text
//!   SDK HttpClient (this process)   TCP server (any client)
//!            │                          │
//!            └────── request ───────────┘   JSON 1.0/1.1 · Query/XML · rpc-v2-CBOR → `Params`
//!                       │
//!                  operation                `Params` → `sim::Call`, `sim::Answer` → `Node`
//!                       │
//!                    `World`                latency, faults, stale reads, effects
//! ```
//!
//! In the same process it works without sockets on tokio's clock, paused or not, and is deterministic
//! by seed:
//!
//! ```
//! # #[cfg(feature = "aws")]
//! # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
//! use cutover::adapters::local::{FaultRule, LocalCloud, WireFault};
//! use cutover::adapters::sim::Scenario;
//!
//! let cloud = LocalCloud::new(Scenario::new(7).with_desired(3));
//! let ecs = aws_sdk_ecs::Client::new(&cloud.sdk_config("me"));
//! let read = || ecs.describe_services().cluster("prod").services("web").send();
//! assert_eq!(read().await.unwrap().services()[0].desired_count(), 3);
//! cloud.inject(FaultRule::new("ecs:*", WireFault::Throttled).at_most(1));
//! assert!(read().await.is_err());
//! assert_eq!(cloud.calls().count("ecs:DescribeServices"), 2);
//! # });
//! ```
//!
//! [`LocalCloud::serve`] opens it to any client at one address, in real time × speed. There it can also
//! be asked and told, as JSON over HTTP:
//!
//! | | |
//! |---|---|
//! | `GET /_cutover/clock` | the world's time, and how fast it passes |
//! | `GET /_cutover/operations` | what is modelled |
//! | `GET /_cutover/calls`, `DELETE` | requests counted by operation and by actor; from zero again |
//! | `GET /_cutover/faults`, `DELETE` | the [`FaultRule`]s with their hits; none any more |
//! | `POST /_cutover/faults` | a [`FaultRule`], or a list of them |
//! | `POST /_cutover/behaviour` | `{"revision": "web:2", "fate": {"kind": "neverHealthy"}}` |
//!
//! Fates are `healthy`, `failsToStart`, `imagePullError`, `neverHealthy`, `crashesAfter` and
//! `unhealthyAfter` (`milliseconds`), `flaps` (`upMilliseconds`, `downMilliseconds`); beside the fate
//! stand `afflictedPermille`, `startMilliseconds`, `errorPermille` and `latencyMilliseconds`.
//!
//! An operation that is not modelled is refused by name, with those that are. No signature is checked.

#[cfg(test)]
mod account;
mod api;
mod autoscaling;
#[cfg(test)]
mod autoscaling_tests;
mod behaviour_document;
mod calls;
mod cbor;
mod cloudwatch;
mod control;
mod delivery;
mod ecs;
mod elb;
mod exchange;
mod fault_rule;
mod fault_rules;
mod http_client;
mod invocation;
mod json;
mod local_cloud;
mod local_server;
mod node;
mod operation;
mod page;
mod params;
mod protocol;
mod query;
mod received_call;
mod seconds;
mod wire_answer;
mod wire_body;
mod wire_fault;
mod wire_request;
mod world_clock;
mod world_time;
mod xml;

pub use calls::Calls;
pub use fault_rule::FaultRule;
pub use http_client::LocalHttpClient;
pub use local_cloud::LocalCloud;
pub use local_server::LocalServer;
pub use received_call::ReceivedCall;
pub use wire_fault::WireFault;
pub use world_time::WorldTime;
