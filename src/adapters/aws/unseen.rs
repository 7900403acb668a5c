//! A look at a service that is not there.

use crate::model::FleetObservation;
use crate::model::Primary;
use crate::model::ServiceState;

/// A look at a service that is not there.
pub(super) const fn unseen() -> FleetObservation {
    FleetObservation {
        service: ServiceState::Gone,
        desired: 0,
        stable: None,
        candidate: None,
        primary: Primary::None,
        foreign: Vec::new(),
        delegated: None,
    }
}
