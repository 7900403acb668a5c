//! The legal edges as data. The diagram in the documentation is made from this table, and a test
//! holds table, code and diagram together.

use std::fmt::Write;

use crate::model::Direction;
use crate::model::Stage;

use super::path::BACK;

/// One legal step of the state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Edge {
    /// Which way the deployment goes when it leaves `from`.
    pub direction: Direction,
    /// The stage that is left.
    pub from: Stage,
    /// Where to.
    pub to: Target,
}

/// Where an edge leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "closed by definition")]
pub enum Target {
    /// To a stage in the same direction; the stage may be the same one in a later step.
    Stage(Stage),
    /// Past the point of no return, into forward `CleanUp`.
    Commit,
    /// Back: into `ProductionTrafficShift` of the rollback.
    Rollback,
    /// The end: successful going forward, rolled back or failed going back.
    End,
    /// The end from outside: superseded, gone, refused, or stopped before anything changed.
    Stopped,
}

/// Every legal edge, in order.
#[must_use]
pub fn edges() -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut add = |direction, from, to| edges.push(Edge { direction, from, to });
    for stage in Stage::ALL {
        for next in forward(stage) {
            add(Direction::Forward, stage, Target::Stage(*next));
        }
        if !matches!(stage, Stage::Reconcile | Stage::CleanUp) {
            add(Direction::Forward, stage, Target::Rollback);
        }
        add(Direction::Forward, stage, Target::Stopped);
    }
    add(Direction::Forward, Stage::Bake, Target::Commit);
    add(Direction::Forward, Stage::CleanUp, Target::End);
    for (from, to) in BACK.iter().zip(BACK.iter().skip(1)) {
        add(Direction::Rollback, *from, Target::Stage(*to));
    }
    for from in BACK {
        add(Direction::Rollback, from, Target::End);
        add(Direction::Rollback, from, Target::Stopped);
    }
    edges.sort();
    edges
}

/// The stages that may follow a stage going forward: the next one of its step, or the first one of
/// whatever step may come after it.
const fn forward(stage: Stage) -> &'static [Stage] {
    match stage {
        Stage::Reconcile => &[Stage::PreScaleUp, Stage::PreProductionTrafficShift],
        Stage::PreScaleUp => &[Stage::ScaleUp],
        Stage::ScaleUp => &[Stage::PostScaleUp],
        Stage::TestTrafficShift => &[Stage::PostTestTrafficShift],
        Stage::PostScaleUp
        | Stage::PostTestTrafficShift
        | Stage::PreProductionTrafficShift
        | Stage::PostProductionTrafficShift => &[
            Stage::PreScaleUp,
            Stage::TestTrafficShift,
            Stage::PreProductionTrafficShift,
            Stage::ProductionTrafficShift,
            Stage::Bake,
        ],
        Stage::ProductionTrafficShift => &[
            Stage::PreScaleUp,
            Stage::TestTrafficShift,
            Stage::PreProductionTrafficShift,
            Stage::ProductionTrafficShift,
            Stage::PostProductionTrafficShift,
            Stage::Bake,
        ],
        Stage::Bake | Stage::CleanUp => &[],
    }
}

/// The edges as a Mermaid state diagram.
#[must_use]
pub fn diagram() -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> RECONCILE\n");
    for edge in edges() {
        let back = edge.direction == Direction::Rollback;
        let name =
            |stage: Stage, back: bool| format!("{}{stage}", if back { "ROLLBACK_" } else { "" });
        let from = name(edge.from, back);
        let (to, label) = match edge.to {
            Target::Stage(stage) => (name(stage, back), ""),
            Target::Commit => (name(Stage::CleanUp, false), ": commit"),
            Target::Rollback => (name(Stage::ProductionTrafficShift, true), ": turn back"),
            Target::End => ("[*]".to_owned(), ""),
            Target::Stopped => ("[*]".to_owned(), ": stopped"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {from} --> {to}{label}");
    }
    text
}
