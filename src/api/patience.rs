//! Looking again before a start is refused for what was read.

use std::time::Duration;

use super::error::Error;
use crate::ports::Clock;
use crate::ports::ErrorClass;
use crate::ports::Retry;

/// How long is waited between two looks.
const PAUSE: Duration = Duration::from_secs(5);

/// How long is looked again where nothing can be read, or nothing is at rest.
const PATIENCE: Duration = Duration::from_secs(100);

/// How many looks must lead to a refusal: one may lack something, or be old.
const LOOKS: u32 = 3;

/// What a refusal rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// A look that failed, or that does not agree with the one before.
    Trouble,
    /// What was seen.
    Sight,
    /// Nothing that another look would change.
    Other,
}

fn ground(error: &Error) -> Ground {
    match error {
        Error::Unreadable { source, .. } => match (source.class, source.retry()) {
            // Permissions come and go as everything does, but mostly they are wrong.
            (ErrorClass::Auth, _) | (_, Retry::Never) => Ground::Sight,
            (_, Retry::Safe | Retry::Ambiguous) => Ground::Trouble,
        },
        Error::Plan { .. }
        | Error::MissingAlarm { .. }
        | Error::UnusableGate { .. }
        | Error::Autoscaled { .. } => Ground::Sight,
        _ => Ground::Other,
    }
}

/// Asks again, as people would, what is refused for something that may pass. What is seen again and
/// again is refused with the last reason.
pub(super) async fn patiently<T, F>(
    clock: &dyn Clock,
    ask: impl Fn() -> F + Send + Sync,
) -> Result<T, Error>
where
    T: Send,
    F: Future<Output = Result<T, Error>> + Send,
{
    let until = clock.elapsed().after(PATIENCE);
    let mut seen = 0;
    loop {
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        seen += match ground(&error) {
            Ground::Trouble => 0,
            Ground::Sight => 1,
            Ground::Other => LOOKS,
        };
        if seen >= LOOKS || clock.elapsed() >= until {
            return Err(error);
        }
        clock.sleep(PAUSE).await;
    }
}
