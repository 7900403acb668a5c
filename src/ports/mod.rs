//! The traits to the world. Implement them to put the crate on another platform.
//!
//! Every trait is `dyn`-safe and says in its `# Contract` what an implementation must keep. Reads may
//! be stale within [`Limits::settle`](crate::model::Limits::settle); writes are one attempt each and
//! end in one of three outcomes: applied, rejected, unknown.

mod alarm;
mod autoscaler;
mod call_error;
mod clock;
mod fleet;
mod http;
mod metric;
mod monitor;
mod router;
mod spawn;
mod store;
mod world;

pub use alarm::{AlarmReading, AlarmState, AlarmTransition};
pub use autoscaler::Autoscaler;
pub use call_error::{CallError, ErrorClass, Retry, WriteError};
pub use clock::{Clock, Sleep};
pub use fleet::Fleet;
pub use http::{Http, HttpRequest, HttpResponse};
pub use metric::{MetricData, MetricSeries, MetricWindow};
pub use monitor::Monitor;
pub use router::{Router, Routes};
pub use spawn::{Spawn, Task};
pub use store::{
    Append, AppendError, Head, LeaseRecord, Store, StoredRecord, StoredRequest, Summary,
};
pub use world::Ports;
