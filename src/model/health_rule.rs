//! When the candidate's targets are healthy enough.

use serde::Deserialize;
use serde::Serialize;

/// When the candidate's targets are healthy enough for the weight they carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "four numbers that specs and applications set")]
pub struct HealthRule {
    /// So many looks that find too few healthy targets are a failure; fewer are inconclusive.
    pub unhealthy_reads: u32,
    /// Out of so many last looks, at most 32; no fewer than `unhealthy_reads`, whatever it says.
    #[serde(default)]
    pub of_reads: u32,
    /// Healthy targets per hundred that a weight needs: 100, or a roll's own minimum.
    pub minimum_healthy_percent: u32,
    /// Healthy targets that every Availability Zone needs beside; none: zones are not looked at.
    #[serde(default)]
    pub minimum_per_zone: Option<u32>,
}

impl HealthRule {
    /// The most looks that count.
    pub const MOST_READS: u32 = 32;

    /// Fails after so many unhealthy looks in a row.
    pub const fn in_a_row(unhealthy_reads: u32) -> Self {
        Self {
            unhealthy_reads,
            of_reads: unhealthy_reads,
            minimum_healthy_percent: 100,
            minimum_per_zone: None,
        }
    }

    /// How many of the last looks count.
    pub fn window(&self) -> u32 {
        self.of_reads.max(self.unhealthy_reads).clamp(1, Self::MOST_READS)
    }

    /// How many of them have to be unhealthy to fail.
    pub fn most(&self) -> u32 {
        self.unhealthy_reads.clamp(1, Self::MOST_READS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_never_smaller_than_what_fails_and_never_larger_than_what_is_kept() {
        let of = |unhealthy_reads, of_reads| {
            let rule = HealthRule { of_reads, ..HealthRule::in_a_row(unhealthy_reads) };
            (rule.most(), rule.window())
        };
        assert_eq!(of(3, 5), (3, 5));
        assert_eq!(of(3, 0), (3, 3), "what an older version wrote: in a row");
        assert_eq!(of(0, 0), (1, 1));
        assert_eq!(of(99, 99), (32, 32));
    }
}
