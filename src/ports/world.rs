//! The ports together, as an application hands them over.

use std::sync::Arc;

use super::autoscaler::Autoscaler;
use super::clock::Clock;
use super::fleet::Fleet;
use super::http::Http;
use super::monitor::Monitor;
use super::router::Router;
use super::spawn::Spawn;
use super::store::Store;

/// Everything through which a deployment reaches the world.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "applications build it")]
pub struct Ports {
    /// Tasks.
    pub fleet: Arc<dyn Fleet>,
    /// Traffic; none where no service has a load balancer.
    pub router: Option<Arc<dyn Router>>,
    /// Autoscaling; none leaves it alone, and refuses a deployment that is to hold it.
    pub autoscaler: Option<Arc<dyn Autoscaler>>,
    /// Alarms.
    pub monitor: Arc<dyn Monitor>,
    /// Whom gates call over HTTP; none refuses a deployment that has such a gate.
    pub http: Option<Arc<dyn Http>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Records and leases.
    pub store: Arc<dyn Store>,
    /// Where drivers run.
    pub spawn: Arc<dyn Spawn>,
}
