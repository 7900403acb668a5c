//! The file format: one deployment as YAML, or as JSON, which is a part of it.
//!
//! ```
//! use cutover::spec::DeploymentSpec;
//!
//! let text = "
//! service: {cluster: shop, name: web}
//! revision:
//!   task_definition: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8
//! strategy:
//!   canary: {weight: 10%, bake: 5m, final_bake: 10m}
//! alarms: [web-errors, web-latency]
//! ";
//! let spec = DeploymentSpec::parse(text, "deploy.yaml")?;
//! assert_eq!(spec.strategy().name(), "canary");
//!
//! let error = DeploymentSpec::parse(&text.replace("10%,", "110%,"), "deploy.yaml").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "deploy.yaml:6:20: `strategy.canary.weight` is `110%`; give 0% to 100% in multiples of 0.1%"
//! );
//! # use cutover::strategy::Strategy;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Unknown fields are refused, so that a misspelt gate is not a missing one. Percentages carry their
//! sign (`12.5%`), durations their units (`90s`, `5m`, `1h30m`). An error names the place, the field,
//! the value and the fix, and shows no line of the file.

mod approval_document;
mod asks;
mod call_document;
mod cross_check;
mod deployment_spec;
mod document;
mod gate_document;
mod limits_document;
mod metric_document;
mod number;
mod percent;
mod revision_source;
mod roll_percentages;
mod spec_error;
mod step_document;
mod strategy_document;
mod switch;
mod time_span;
mod traffic_document;
mod whole;
mod window_document;

pub use deployment_spec::DeploymentSpec;
pub use revision_source::RevisionSource;
pub use spec_error::SpecError;
pub use time_span::{InvalidTimeSpan, TimeSpan};

#[cfg(test)]
mod gate_tests;
#[cfg(test)]
mod metric_tests;
#[cfg(test)]
mod tests;
