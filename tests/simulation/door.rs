//! The doors to the simulated cloud: its own ports, or the adapters for Amazon over AWS's protocols.

use std::sync::Arc;

use cutover::adapters::sim::Cloud;
use cutover::model::Topology;
use cutover::ports::Fleet;
use cutover::ports::Monitor;
use cutover::ports::Router;
use serde::Deserialize;
use serde::Serialize;

/// Which way a process reaches the simulated cloud.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Door {
    /// Through the cloud's own ports.
    #[default]
    Ports,
    /// Through the adapters for Amazon and its SDK. Only with the features `aws` and `local`.
    Sdk,
}

/// A process's ports behind one door.
#[derive(Debug)]
pub(crate) struct Opened {
    pub fleet: Arc<dyn Fleet>,
    pub router: Arc<dyn Router>,
    pub monitor: Arc<dyn Monitor>,
}

impl Door {
    /// Whatever is drawn by chance outside of the simulated cloud is drawn from this seed from now on,
    /// in this thread.
    #[cfg_attr(not(feature = "aws"), expect(clippy::unused_self, reason = "there is one door"))]
    pub(crate) fn seed(self, seed: u64) {
        #[cfg(feature = "aws")]
        if self == Self::Sdk {
            fastrand::seed(seed);
        }
        #[cfg(not(feature = "aws"))]
        let _ = seed;
    }

    /// What a request says of the service: how much the service says of itself depends on the door.
    pub(crate) fn topology(self, cloud: &Cloud) -> Topology {
        if self == Self::Ports {
            return Topology::default();
        }
        cloud.with(|world| {
            let rules = world.state().rules.iter().flatten();
            // no API tells a test rule from the others
            let test_rule = rules.clone().find(|rule| rule.test).map(|rule| rule.arn.clone());
            // before the first task set nothing leads from the service to its rules
            let production = rules.filter(|rule| !rule.test && !rule.control.is_empty());
            let is_first = world.state().home().sets.is_empty();
            let rules = production.filter(|_| is_first).map(|rule| rule.arn.clone()).collect();
            Topology { rules, test_rule, ..Topology::default() }
        })
    }

    /// The ports of the process that has this handle.
    pub(crate) fn open(self, cloud: &Cloud) -> Opened {
        match self {
            Self::Ports => {
                Opened { fleet: cloud.fleet(), router: cloud.router(), monitor: cloud.monitor() }
            }
            Self::Sdk => sdk(cloud),
        }
    }
}

#[cfg(all(feature = "aws", feature = "local"))]
fn sdk(cloud: &Cloud) -> Opened {
    use cutover::adapters::aws::Aws;
    use cutover::adapters::local::LocalCloud;

    let local = LocalCloud::on_executor(cloud);
    let aws = Aws::new(&local.sdk_config(cloud.actor().name()), cloud.clock());
    Opened { fleet: aws.fleet(), router: aws.router(), monitor: aws.monitor() }
}

#[cfg(not(all(feature = "aws", feature = "local")))]
fn sdk(_: &Cloud) -> Opened {
    panic!("this door needs the features `aws` and `local`");
}
