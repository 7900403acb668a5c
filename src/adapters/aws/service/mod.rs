//! A service of ECS: how it is read, and whether it can be deployed to.

mod deployment;
mod ecs;
mod fitness;
mod reads;
mod realisation;

pub(super) use deployment::ServiceDeployment;
pub(super) use ecs::{Ecs, amount, count, gone, refused, revision, set_id};
pub(super) use fitness::{
    Controller, at_rest, configuration, controller, primary, scheduling, state,
};
pub(super) use reads::ServiceReads;
pub use realisation::Realisation;
