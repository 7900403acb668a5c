#![doc = include_str!("docs/crate.md")]
#![cfg_attr(doctest, doc = include_str!("../README.md"))]

pub mod adapters;
pub mod analysis;
pub mod api;
pub mod driver;
pub mod engine;
pub mod gate;
pub mod model;
pub mod ports;
pub mod record;
pub mod simulate;
pub mod spec;
pub mod store;
pub mod strategy;
pub mod testing;

pub use api::{Deployer, DeploymentHandle, DeploymentRequest, Error};
pub use model::{Event, EventKind};
