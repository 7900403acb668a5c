//! How long things take.

use std::time::Duration;

/// How long things take in the simulated cloud. Ranges are drawn from evenly, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// From launch to `RUNNING`. 10 to 40 s.
    pub start: (Duration, Duration),
    /// How long ECS's scheduler takes to react to a change. 0.5 to 3 s.
    pub scheduler: (Duration, Duration),
    /// From `SIGTERM` to `STOPPED`. 1 to 5 s.
    pub stop: (Duration, Duration),
    /// `HealthCheckIntervalSeconds`. 10 s.
    pub health_interval: Duration,
    /// `UnhealthyThresholdCount`. 2. (A new target needs one success only.)
    pub unhealthy_threshold: u32,
    /// `healthCheckGracePeriodSeconds`: how long ECS ignores failing checks of a task. 30 s.
    pub health_grace: Duration,
    /// The longest that the load balancer takes to follow a rule. 30 s.
    pub propagation: Duration,
    /// The longest that a Network Load Balancer takes to follow a listener. 10 min.
    pub network_propagation: Duration,
    /// From the end of a metric's period to its publication. 90 s.
    pub metric_delay: Duration,
    /// A call's round trip. 20 to 200 ms.
    pub latency: (Duration, Duration),
    /// When a caller gives up on an answer. 10 s.
    pub call_timeout: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let (ms, s) = (Duration::from_millis, Duration::from_secs);
        Self {
            start: (s(10), s(40)),
            scheduler: (ms(500), s(3)),
            stop: (s(1), s(5)),
            health_interval: s(10),
            unhealthy_threshold: 2,
            health_grace: s(30),
            propagation: s(30),
            network_propagation: s(600),
            metric_delay: s(90),
            latency: (ms(20), ms(200)),
            call_timeout: s(10),
        }
    }
}
