//! Deploys new revisions of Amazon ECS services safely.

pub mod adapters;
pub mod api;
pub mod driver;
pub mod engine;
pub mod gate;
pub mod model;
pub mod ports;
pub mod record;
pub mod store;
pub mod strategy;

pub use api::{Deployer, DeploymentHandle, DeploymentRequest, Error};
pub use model::{Event, EventKind};
