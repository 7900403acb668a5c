//! Strategies: pure policy that turns a service into a plan.
//!
//! | Strategy | The candidate's way | Needs |
//! |---|---|---|
//! | [`Rolling`] | batch by batch within ECS's two percentages | nothing; without a second role ECS rolls |
//! | [`BlueGreen`] | all at once, stable stands by while the final bake lasts | two roles, a router |
//! | [`Canary`] | a small share, a bake, the rest | two roles, a router |
//! | [`Linear`] | equal steps at equal intervals | two roles, a router |
//! | [`AllAtOnce`] | all at once, stable goes at once | two roles, a router |
//! | [`Steps`] | as listed | what its steps need |
//!
//! As with ECS's own controller and with CodeDeploy the candidate has its full capacity before it gets
//! production traffic, however little. A strategy of your own implements [`Strategy`] and ends with
//! [`check`].
//!
//! ```
//! use cutover::model::{Revision, Scheduling, ServiceId, ServiceShape};
//! use cutover::strategy::{BlueGreen, Strategy};
//!
//! let revision = |number: u32| {
//!     format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{number}").parse().map(Revision::new)
//! };
//! let shape = ServiceShape {
//!     service: ServiceId::new("cluster", "web")?,
//!     desired: 4,
//!     stable: Some(revision(7)?),
//!     stable_task_set: None,
//!     candidate: revision(8)?,
//!     two_roles: true,
//!     router: true,
//!     test_traffic: false,
//!     scheduling: Scheduling::Replica,
//!     propagation: std::time::Duration::ZERO,
//! };
//! let plan = BlueGreen::default().plan(&shape)?;
//! let steps: Vec<String> = plan.steps.iter().map(ToString::to_string).collect();
//! assert_eq!(
//!     steps,
//!     ["scale the candidate to 100 % of desired", "shift 100 % of production traffic", "bake 5m"]
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(clippy::float_arithmetic, clippy::wildcard_enum_match_arm)]

mod all_at_once;
mod blue_green;
mod canary;
mod check;
mod code_deploy;
mod contract;
mod ecs;
mod forecast;
mod frame;
mod linear;
mod permille;
mod plan_error;
mod rolling;
mod steps;

pub use all_at_once::AllAtOnce;
pub use blue_green::BlueGreen;
pub use canary::Canary;
pub use check::check;
pub use code_deploy::named;
pub use contract::Strategy;
pub use forecast::{Forecast, ForecastStep};
pub use linear::Linear;
pub(crate) use permille::permille;
pub use plan_error::PlanError;
pub use rolling::Rolling;
pub use steps::Steps;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
