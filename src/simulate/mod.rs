//! What-if: a plan, run many times in the simulated cloud against named worlds.
//!
//! A [`Trial`] is what would be deployed, and what is known of the service: how many tasks, how many
//! requests, how many of them fail anyway. [`simulate`] runs it with the very driver, engine and gates
//! that would carry it out, from the first look to the last clean-up, in a [`NamedWorld`]: one where the
//! candidate is healthy, or fails more, or leaks, or where the cloud is short of something. Failures of
//! requests are drawn by chance, so every run differs; the [`Outcomes`] count how the runs ended and
//! what they cost the users. One seed gives the same outcomes on every machine, with however many
//! threads.
//!
//! What it costs are the looks. On two cores of 2.8 GHz 1,000 to 1,170 deployments a second are simulated of a
//! canary of four tasks that compares the candidate's errors with stable's, bakes for five minutes twice and looks
//! every 45 s; about 550 of one of ten tasks with a final bake of ten minutes and a look every 10 s.
//! `cargo bench --no-default-features --bench simulate` measures it.
//!
//! ```
//! use std::time::Duration;
//!
//! use cutover::simulate::{NamedWorld, Trial, simulate};
//! use cutover::spec::DeploymentSpec;
//!
//! let text = "
//! service: {cluster: shop, name: web}
//! revision:
//!   task_definition: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8
//! strategy:
//!   canary: {weight: 10%, bake: 5m, final_bake: 10m}
//! alarms: [web-errors]
//! ";
//! let spec = DeploymentSpec::parse(text, "deploy.yaml")?;
//! let mut trial = Trial::of(&spec);
//! trial.setting.desired = 6;
//! trial.setting.error_ppm = 1000;
//!
//! let healthy = simulate(&trial, NamedWorld::Healthy, 20, 1)?;
//! assert!(healthy.is_as_hoped());
//!
//! // a hundred times the errors: 10 % of the candidate's requests
//! let bad = simulate(&trial, NamedWorld::Errors { times: 100 }, 20, 1)?;
//! assert_eq!(bad.rolled_back(), 20);
//! assert!(bad.failed.p50 > 0 && bad.decided_ms.max < 10 * 60_000);
//! for share in bad.odd() {
//!     println!("{}: seed {} shows it", share.ending, share.seed);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the simulation cannot know
//!
//! Whatever is simulated is one service by task sets behind one load balancer with two target groups,
//! whichever way the service is really kept; alarms watch the candidate's share of failed requests; code
//! of custom gates and hooks is a stand-in unless it is given; approvals are given at once; a webhook is
//! answered 200, and a probe `{"status": "ok", …}` by the candidate. Time begins at midnight UTC on a
//! Saturday. Times of tasks and calls are those of [`Timing`](crate::adapters::sim::Timing).

mod asked;
mod deployment_run;
mod distribution;
mod ending;
mod healthy_runs;
mod named_world;
mod outcomes;
mod prospect;
mod setting;
mod simulate_error;
mod simulation;
mod stand_in;
mod trial;
mod world_name;

pub use distribution::Distribution;
pub use ending::Ending;
pub use healthy_runs::HealthyRuns;
pub use named_world::{Hope, NamedWorld};
pub use outcomes::{EndingShare, Outcomes};
pub use prospect::Prospect;
pub use setting::Setting;
pub use simulate_error::SimulateError;
pub use simulation::simulate;
pub use trial::Trial;
pub use world_name::UnknownWorld;
