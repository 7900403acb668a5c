//! What the process tells its caller.

use std::process::ExitCode;

use cutover::model::Ending;

/// The exit code for an ending.
pub(crate) fn exit_code(ending: &Ending) -> ExitCode {
    ExitCode::from(match ending {
        Ending::Successful { .. } => 0,
        Ending::RollbackSuccessful { .. } => 3,
        Ending::RollbackFailed { .. } => 4,
        Ending::Stopped { .. } => 5,
        _ => 1,
    })
}

/// The exit code for bad usage and bad specs.
pub(crate) const BAD_USAGE: u8 = 2;
