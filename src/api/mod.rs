//! What an application holds: a [`Deployer`], the [`DeploymentHandle`] of each deployment, its events.

mod check_gates;
mod deployer;
mod deployment_status;
mod error;
mod explain;
mod explanation;
mod handle;
mod observe;
mod observed_traffic;
mod patience;
mod planned;
mod prepare;
mod request;
mod telling;

pub use deployer::{Deployer, DeployerBuilder};
pub use deployment_status::DeploymentStatus;
pub use error::Error;
pub use explanation::{Checked, Explanation, Transition};
pub use handle::DeploymentHandle;
pub use observed_traffic::{ObservedTraffic, QuietestHour};
pub use planned::Planned;
pub use request::DeploymentRequest;

pub use crate::ports::Ports;
