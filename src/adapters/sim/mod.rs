//! A simulated cloud: ECS services, their load balancer and alarms, in memory.
//!
//! The [`World`] is passive and deterministic: the same [`Scenario`] and the same calls give the same
//! world, on every machine. A [`Cloud`] is a handle to it that yields the crate's ports, and an
//! [`Executor`] runs whoever uses them, with time jumping from one event to the next.
//!
//! ```
//! use std::time::Duration;
//!
//! use cutover::adapters::sim::{Action, Behaviour, Cloud, Executor, Fate, Scenario, revision};
//! use cutover::model::Elapsed;
//!
//! let crash = Behaviour::doomed(Fate::CrashesAfter(Duration::from_secs(20)));
//! let scenario = Scenario::new(7)
//!     .with_desired(3)
//!     .with_behaviour(revision(2), crash)
//!     .with_action(Elapsed::from_millis(60_000), Action::SetDesired(5));
//! let cloud = Cloud::new(scenario);
//! let clock = cloud.clock();
//! let waited = Executor::new(&cloud).block_on(async move {
//!     clock.sleep(Duration::from_secs(120)).await;
//!     clock.elapsed()
//! });
//! assert_eq!(waited, Some(Elapsed::from_millis(120_000)));
//! assert_eq!(cloud.with(|world| world.state().home().sets[0].healthy()), 5);
//! ```
//!
//! # What is simulated
//!
//! Clusters, task definitions and any number of ECS services with the `EXTERNAL` controller (task sets)
//! or the `ECS` controller (rolling update, circuit breaker, service deployments and revisions), their
//! tasks over three zones, desired counts that Application Auto Scaling bounds; two target groups
//! behind an Application Load Balancer with health checks, deregistration delay, failing open, weights
//! that the load balancer follows late, and cookies; requests with their errors and response times,
//! from which metrics and CloudWatch alarms are made, with their exact share of failures or, where the
//! scenario leaves them to [`Chance`], with failures that are drawn, shared blips and data that come
//! late or are revised; HTTP requests over the test rule and to endpoints of others; other people's
//! actions; and whatever goes wrong
//! with a call.
//!
//! # What is not
//!
//! Several listeners, test requests other than a gate's own, connections that outlive a request, slow
//! start, Network Load Balancers, task protection, ECS's own blue/green, linear and canary strategies.

mod account;
mod action;
mod actors;
mod agenda;
mod alarm;
mod alarm_spec;
mod answer;
mod api_error;
mod autoscaler;
mod behaviour;
mod binomial;
mod build;
mod call;
mod call_kind;
mod census;
mod chance;
mod clock;
mod cloud;
mod cloudwatch;
mod cluster;
mod definition;
mod definitions;
mod deployment_records;
mod describe;
mod digest;
mod ecs;
mod ecs_answer;
mod ecs_call;
mod elb;
mod endpoint;
mod evaluation;
mod executor;
mod exposure;
mod failures;
mod fault;
mod fleet;
mod flow;
mod gamma;
mod gateway;
mod health;
mod history;
mod http;
mod http_exchange;
mod inflight;
mod injector;
mod label;
mod ledger;
mod look_up;
mod metrics;
mod monitor;
mod names;
mod process;
mod requests;
mod rng;
mod rolling;
mod rolling_update;
mod router;
mod scalable_target;
mod scaling;
mod scaling_call;
mod scenario;
mod scheduler;
mod sending;
mod service;
mod service_deployment;
mod service_event;
mod service_writes;
mod settings;
mod spawner;
mod state;
mod stopped_task;
mod tally;
mod task;
mod task_set;
mod task_writes;
mod tickets;
mod timers;
mod timing;
mod traffic;
mod world;

pub use crate::model::ScalePercent;
pub use action::Action;
pub use alarm::Alarm;
pub use alarm_spec::{AlarmRule, AlarmSpec, Colour, Metric, MissingData};
pub use answer::{
    Answer, RuleDescription, ServiceDescription, StoppedTally, TargetDescription, TaskDescription,
    TaskSetDescription,
};
pub use api_error::ApiError;
pub use behaviour::{Ageing, Behaviour, Fate};
pub use call::Call;
pub use call_kind::CallKind;
pub use chance::{Blips, Chance, Late, Revised};
pub use cloud::Cloud;
pub use cloudwatch::{
    AlarmDescription, AlarmDocument, AlarmFilter, AlarmHistoryItem, CloudWatchAnswer,
    CloudWatchCall, Datum, MetricQuery, MetricResult, MetricSource, Real,
};
pub use cluster::{Cluster, ClusterDescription};
pub use definition::Definition;
pub use ecs_answer::{EcsAnswer, TaskDetail};
pub use ecs_call::EcsCall;
pub use elb::{
    BalancerKind, ElbAnswer, ElbCall, Forward, Listener, LoadBalancer, Rule, Target, TargetGroup,
    TargetId,
};
pub use endpoint::{Endpoint, HttpAnswer};
pub use executor::{Executor, Step, Stopped, TaskId};
pub use exposure::Exposure;
pub use fault::{CallFilter, Fault, FaultKind, FaultRates, Faults, ScheduledFault};
pub use http_exchange::HttpExchange;
pub use ledger::{Actor, LedgerEntry};
pub use names::revision;
pub use rng::Rng;
pub use rolling::{Breaker, Rolling, RollingState};
pub use scalable_target::RegisteredTarget;
pub use scaling_call::ScalingCall;
pub use scenario::{Controller, Scenario};
pub use service::Service;
pub use service_deployment::{
    DeploymentStatus, ServiceDeployment, ServiceDeploymentDescription, ServiceRevision,
    ServiceRevisionDescription, WayBack,
};
pub use service_event::ServiceEvent;
pub use settings::Settings;
pub use state::State;
pub use stopped_task::StoppedTask;
pub use task::{StopCause, TargetHealth, Task, TaskState};
pub use task_set::TaskSet;
pub use timing::Timing;
pub use traffic::Traffic;
pub use world::World;
