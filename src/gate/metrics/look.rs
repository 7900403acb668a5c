//! One look at metrics.

use serde::Deserialize;
use serde::Serialize;

use super::super::contract::GateContext;
use super::grid::Grid;
use super::periods::own_time;
use super::reading::Reading;
use crate::model::Evidence;
use crate::model::MetricQuery;
use crate::model::Span;
use crate::model::Timestamp;
use crate::ports::MetricWindow;
use crate::ports::Monitor;

/// What a gate sees of its metrics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sight {
    /// There is nothing to watch now.
    Idle,
    /// They cannot be read, and why.
    Unread(String),
    /// A whole answer.
    Read(Reading),
}

/// One look at metrics.
#[derive(Debug)]
pub(super) struct Look {
    /// What was seen.
    pub(super) sight: Sight,
    /// AWS's time of the answer.
    pub(super) at: Option<Timestamp>,
}

impl Look {
    /// A look that asked nothing.
    pub(super) const fn unasked(sight: Sight) -> Self {
        Self { sight, at: None }
    }

    /// Asks for these queries.
    pub(super) async fn ask(
        monitor: &dyn Monitor,
        queries: &[MetricQuery],
        window: MetricWindow,
        grid: Grid,
    ) -> Self {
        match monitor.metrics(queries, window).await {
            Err(error) => Self::unasked(Sight::Unread(error.to_string())),
            Ok(data) => {
                let sight =
                    Reading::of(&data, window, grid).map_or_else(Sight::Unread, Sight::Read);
                Self { sight, at: Some(data.at) }
            }
        }
    }

    /// What an answer that rests on this look speaks for: judged periods, or, while there is nothing
    /// to watch, the time since the last look.
    pub(super) fn evidence(
        &self,
        context: &GateContext<'_>,
        covered: Option<(Timestamp, Timestamp)>,
    ) -> Evidence {
        self.sight.evidence(self.at, context, covered)
    }
}

impl Sight {
    /// The same, of what was seen by an answer of that time.
    pub(super) fn evidence(
        &self,
        at: Option<Timestamp>,
        context: &GateContext<'_>,
        covered: Option<(Timestamp, Timestamp)>,
    ) -> Evidence {
        let mut evidence = Evidence::at(context.now.elapsed);
        match (self, at, covered) {
            (Self::Idle, _, _) => {
                evidence = Evidence::at(context.observed_at);
                if let Some(previous) = context.previous
                    && context.observed_at.since(previous) <= context.max_gap
                {
                    evidence.covers = Span { from: previous, to: context.observed_at };
                }
            }
            (Self::Read(_), Some(at), Some(covered)) => {
                evidence.covers = own_time(covered, at, context.now.elapsed);
                evidence.source = Some(covered.1);
            }
            (Self::Unread(_) | Self::Read(_), _, _) => {}
        }
        evidence
    }
}
