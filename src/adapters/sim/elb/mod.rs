//! Elastic Load Balancing: load balancers, target groups, listeners, rules and targets.
//!
//! Requests of the scenario go to *production* rules, each taking an equal share. A rule made from
//! outside is one if its listener's port is 80 or 443, it forwards, and it has no `http-header`
//! condition; so is a listener's default rule. A new rule serves at once, a rewritten one after the
//! scenario's propagation, which is another one for Network Load Balancers. Where a listener is
//! deleted, its rules' requests are gone with it.
//!
//! A target registered by hand is healthy after its first check if its address and port are those of
//! a running task; otherwise nothing answers there, and it becomes unhealthy.

mod action_list;
mod balancers;
mod elb_answer;
mod elb_call;
mod forward;
mod group_settings;
mod groups;
mod home;
mod listener;
mod listeners;
mod load_balancer;
mod reads;
mod routing;
mod rule;
mod rules;
mod tags;
mod target;
mod target_group;
mod targets;

pub use elb_answer::ElbAnswer;
pub use elb_call::ElbCall;
pub use elb_call::TargetId;
pub use forward::Forward;
pub(super) use home::Home;
pub use listener::Listener;
pub use load_balancer::BalancerKind;
pub use load_balancer::LoadBalancer;
pub use rule::Rule;
pub use target::Target;
pub use target_group::TargetGroup;
