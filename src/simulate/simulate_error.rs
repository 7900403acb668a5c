//! Why nothing was simulated.

use crate::api::Error;
use crate::model::InvalidId;

/// Why nothing was simulated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// The trial makes no plan for such a service, or names what is not there.
    #[error("the trial cannot be planned")]
    Plan(#[source] Error),
    /// A name that the simulation itself gives is refused.
    #[error("a name is refused")]
    Name(#[from] InvalidId),
    /// The simulated cloud came to a standstill.
    #[error("the simulated cloud came to a standstill at seed {seed}")]
    Standstill {
        /// Which seed shows it.
        seed: u64,
    },
}
