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

mod api;
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
