//! Deploys new revisions of Amazon ECS services safely.

pub mod adapters;
pub mod gate;
pub mod model;
pub mod ports;
pub mod strategy;
