//! What an analysis shows, as data that decides.
#![expect(clippy::exhaustive_structs, reason = "gates outside this crate build it")]

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::finding::Finding;
use super::finite::Finite;

/// What an analysis shows now, by the metric that decides it: of harm one that shows it, else the one
/// with the least evidence of safety.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// What is shown.
    pub finding: Finding,
    /// `ln E`: of harm where that is shown, else of safety.
    pub log_e: Finite,
    /// The `ln E` that shows it.
    pub needed: Finite,
}

impl Proof {
    /// The one of two that shows less of safety.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        let weaker = match other.finding.cmp(&self.finding) {
            std::cmp::Ordering::Equal => other.log_e < self.log_e,
            order @ (std::cmp::Ordering::Less | std::cmp::Ordering::Greater) => order.is_lt(),
        };
        if weaker { other } else { self }
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { finding, log_e, needed } = self;
        write!(f, "{finding}: ln E {:.1} of {:.1}", log_e.get(), needed.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(finding: Finding, log_e: f64) -> Proof {
        let number = |number| Finite::new(number).unwrap();
        Proof { finding, log_e: number(log_e), needed: number(3.0) }
    }

    #[test]
    fn of_several_the_one_counts_that_is_furthest_from_safe() {
        let (safe, safer) = (proof(Finding::Safe, 3.4), proof(Finding::Safe, 9.0));
        let (unsure, harm) = (proof(Finding::Insufficient, 2.9), proof(Finding::Harm, 12.0));
        for (one, other, least) in
            [(safe, safer, safe), (safer, unsure, unsure), (unsure, harm, harm), (harm, safe, harm)]
        {
            assert_eq!((one.least(other), other.least(one)), (least, least));
        }
        assert_eq!(safe.to_string(), "safe: ln E 3.4 of 3.0");
    }
}
