//! What an operator may ask for, and when.

use crate::model::Direction;
use crate::model::Header;
use crate::model::Operator;
use crate::model::State;
use crate::model::Step;

use super::bake::takes_approval;

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It becomes a decision.
    Take,
    /// It is so already: taken without a decision.
    Already,
    /// It is refused: why, and what to do instead.
    Refuse(&'static str),
}

/// Judges a request in this state.
pub(super) fn judge(header: &Header, state: &State, request: Operator) -> Answer {
    if state.ending.is_some() {
        return Answer::Refuse("the deployment has ended; start a new one");
    }
    let back = state.direction == Direction::Rollback;
    match request {
        Operator::Abort | Operator::Rollback if back => Answer::Already,
        Operator::Abort | Operator::Rollback if state.committed => Answer::Refuse(
            "past the commit point stable is being retired; deploy the old revision instead",
        ),
        Operator::Abort | Operator::Rollback => Answer::Take,
        _ if back => {
            Answer::Refuse("a rollback cannot be paused, approved or skipped; wait for its end")
        }
        _ if state.committed => Answer::Refuse("past the commit point only clean-up is left"),
        Operator::Pause if state.paused => Answer::Already,
        Operator::Continue if !state.paused => Answer::Refuse("it is not paused"),
        Operator::Promote if state.promoted => Answer::Already,
        Operator::Pause | Operator::Continue | Operator::Promote => Answer::Take,
        Operator::Approve if state.approved => Answer::Already,
        Operator::Approve if takes_approval(header, state) => Answer::Take,
        Operator::Approve => match header.plan.steps.get(state.step) {
            Some(Step::Approval { .. }) => Answer::Take,
            Some(
                Step::Scale { .. }
                | Step::TestTraffic
                | Step::Shift { .. }
                | Step::Bake { .. }
                | Step::Roll { .. }
                | Step::Delegate { .. },
            )
            | None => Answer::Refuse("the current step waits for no approval"),
        },
    }
}
