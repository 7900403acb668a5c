//! Pure statistics: is the candidate worse than stable, is it proven not to be, or is it too early to tell?
//!
//! No input or output, no clock, no chance. The same periods in the same order give the same bits on every
//! platform: logarithms and exponentials come from `libm`, and every state survives JSON exactly.
//!
#![doc = include_str!("../docs/analysis.md")]

mod common_cause;
mod comparison;
mod counts;
mod detectability;
mod e_process;
mod figures;
mod first_passage;
mod joint_analysis;
mod likelihood;
mod metric;
mod poisson;
mod ratio_sequence;
mod ratio_test;
mod real;
mod settings;
mod share_check;
mod share_evidence;
mod sight;

pub use crate::model::{Finding, Preset};
pub use common_cause::CommonCause;
pub use comparison::Comparison;
pub use counts::{Counts, InvalidCounts};
pub use detectability::{Detectability, ExpectedExposure, ExpectedTraffic};
pub use e_process::{Applied, EProcess};
pub(crate) use figures::{load, percent};
pub use joint_analysis::{InvalidPeriod, JointAnalysis, Judgement};
pub use metric::{Better, MetricSettings};
pub use ratio_sequence::{RatioInterval, RatioSequence};
pub use ratio_test::{RatioTest, Side};
pub use settings::{InvalidSettings, Settings};
pub use share_check::{ShareAnswer, ShareCheck, ShareSettings};
pub use share_evidence::log_bayes_factor;
pub use sight::{Regression, Shortcoming, Sight, StepSight, Terms};
