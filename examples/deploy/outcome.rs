//! What the process tells its caller.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use cutover::model::Ending;

use crate::job::BadSpec;

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

/// Says what failed, why and what to do; answers with the exit code for it.
pub(crate) fn failure(error: &(dyn Error + 'static)) -> ExitCode {
    // A reader that has seen enough, as `head` has, is no failure worth a word.
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    if error.downcast_ref::<io::Error>().is_some_and(closed) {
        return ExitCode::FAILURE;
    }
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        eprintln!("  because {inner}");
        cause = inner.source();
    }
    let refused = match error.downcast_ref::<cutover::Error>() {
        Some(error) => {
            eprintln!("  so {}", error.advice());
            matches!(error, cutover::Error::Plan { .. })
        }
        None => error.is::<BadSpec>(),
    };
    ExitCode::from(if refused { 2 } else { 1 })
}
