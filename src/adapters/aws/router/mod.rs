//! The port [`Router`](crate::ports::Router): weights in the forward actions of listener rules and default
//! actions. A Network Load Balancer has no rules: its listeners' default actions are all that is written.

mod aws_router;
mod balancer;
mod claims;
mod deregistration;
mod forward;
mod loaded;
mod mark;
mod routes;
pub(super) mod rules;
mod shift;

pub(super) use aws_router::AwsRouter;
pub(super) use balancer::Balancer;
pub(super) use deregistration::deregistration_delay;
pub(super) use forward::Split;
pub(super) use loaded::loaded;
pub(super) use routes::own;
pub(super) use shift::Groups;
