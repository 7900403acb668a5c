//! Plain values that every floor shares: ids, weights, plans, observations, verdicts, records.
//!
//! Nothing here acts, waits or reads a clock. Everything that is stored is `serde`.
#![deny(clippy::float_arithmetic, clippy::wildcard_enum_match_arm)]

mod analysis_rule;
mod arn;
mod baseline;
mod calendar;
mod carry;
mod command;
mod decision;
mod drain;
mod event;
mod exposure_cap;
mod failure_class;
mod finding;
mod finite;
mod first_task_set;
mod gate_key;
mod gate_spec;
mod grounds;
mod group_requests;
mod health_rule;
mod hook_spec;
mod http;
mod id;
mod insufficient;
mod insufficient_data;
mod limits;
mod load;
mod local_time;
mod metric;
mod metric_rule;
mod new_revision;
mod next_capacity;
mod observation;
mod plan;
mod ppm;
mod preset;
mod probe;
mod proof;
mod raw_weights;
mod record;
mod role;
mod roll_bounds;
mod scale_percent;
mod scaling;
mod service_shape;
mod share;
mod shared;
mod stage;
mod state;
mod status;
mod step;
mod stop_order;
mod task_definition;
mod time;
mod topology;
mod verdict;
mod webhook;
mod weight;

pub use analysis_rule::{AdvanceEarly, AnalysisMetric, AnalysisRule, AnalysisSource, BothBad};
pub use arn::{Arn, InvalidArn, ListenerRuleArn, TargetGroupArn, TaskDefinitionArn};
pub use baseline::{Baseline, Subject};
pub use calendar::{Calendar, CalendarReading, Freeze, Hours};
pub use carry::{carried, needed, reserved};
pub use command::{CallFailure, Command, Intent, Outcome, Resource};
pub use decision::{Decision, HoldReason, RollbackCause};
pub use drain::Drain;
pub use event::{Event, EventKind, GateState, Progress, RoleProgress};
pub use exposure_cap::{ErrorBudget, ExposureCap};
pub use failure_class::FailureClass;
pub use finding::Finding;
pub use finite::{Finite, NotFinite};
pub use first_task_set::{FirstTaskSet, LaunchType};
pub use gate_key::GateKey;
pub use gate_spec::{GateKind, GateMode, GatePart, GateSpec, Inconclusive};
pub use grounds::{Bound, GateInput, Grounds, Measure};
pub use group_requests::{GroupMinute, GroupRequests};
pub use health_rule::HealthRule;
pub use hook_spec::{HookAction, HookKey, HookResult, HookSpec};
pub use http::{HeaderValue, HttpEndpoint, HttpMethod, HttpUrl, InvalidUrl};
pub use id::{
    AlarmName, CallToken, DeploymentId, FencingToken, GateId, HolderId, HookId, InvalidId,
    ServiceId, TaskSetId,
};
pub use insufficient::Insufficient;
pub use insufficient_data::InsufficientData;
pub use limits::{CrashLoop, Limits};
pub use load::{InvalidLoad, Load};
pub use local_time::{InvalidTime, LocalTime, TimeOfDay, Weekday, ZoneName};
pub use metric::{Metric, MetricQuery, MetricSource};
pub use metric_rule::{MetricRule, MinimumSample};
pub use new_revision::NewRevision;
pub use next_capacity::{Capacity, RoleCount, next_capacity};
pub use observation::{
    Delegated, DelegatedState, FleetObservation, Observation, Primary, RoleObservation,
    RouterObservation, RuleObservation, ServiceState, TargetTrouble, TaskFailure,
};
pub use plan::Plan;
pub use ppm::{Ppm, TooMuch};
pub use preset::Preset;
pub use probe::{FieldCheck, Probe, StatusRange};
pub use proof::Proof;
pub use raw_weights::RawWeights;
pub use record::{Entry, Facts, Folded, GateReading, Header, Operator, Record};
pub use role::{Direction, Role};
pub use roll_bounds::RollBounds;
pub use scale_percent::ScalePercent;
pub use scaling::{ScalableTarget, ScalingPlan, ScalingPolicy, Suspension};
pub use service_shape::{Scheduling, ServiceShape};
pub use share::Share;
pub use shared::Shared;
pub use stage::Stage;
pub use state::{Accrued, State};
pub use status::{Ending, Leftover, Status, StopReason};
pub(crate) use step::Human;
pub use step::Step;
pub use stop_order::StopOrder;
pub use task_definition::{InvalidTaskDefinition, Revision, TaskDefinition};
pub(crate) use time::as_millis;
pub(crate) use time::as_optional_millis;
pub use time::{Elapsed, Now, Span, Timestamp};
pub use topology::Topology;
pub use verdict::{Evaluation, Evidence, GateMemory, Verdict};
pub use webhook::Webhook;
pub use weight::{OutOfRange, Weight};
