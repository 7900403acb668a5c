//! The least that IAM must allow.

mod access;
mod policy;
mod scope;

pub use policy::{Policy, PolicyScope};
