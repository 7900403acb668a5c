//! Calls to AWS.

use super::alarm_spec::AlarmRule;
use super::alarm_spec::Metric;
use super::call_kind::CallKind;
use super::cloudwatch::CloudWatchCall;
use super::ecs_call::EcsCall;
use super::elb::ElbCall;
use super::scaling_call::ScalingCall;
use super::settings::Settings;
use crate::model::AlarmName;
use crate::model::ListenerRuleArn;
use crate::model::ScalePercent;
use crate::model::ServiceId;
use crate::model::TargetGroupArn;
use crate::model::TaskSetId;
use crate::model::Timestamp;
use crate::ports::AlarmState;

/// A call to AWS with its parameters, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are the parameters of the same name")]
#[non_exhaustive]
pub enum Call {
    /// These services with their task sets.
    DescribeServices { services: Vec<ServiceId> },
    /// A service's task sets only, by id or ARN; all where none is named.
    DescribeTaskSets { service: ServiceId, task_sets: Vec<String> },
    /// The service's tasks: those that live, or a tally of those that failed.
    DescribeTasks { service: ServiceId, stopped: bool },
    /// Creates a task set. A task definition is a family, `family:revision` or an ARN; what the fields
    /// do not say is in the settings. A `client_token` seen before creates nothing and answers with the old one.
    CreateTaskSet {
        service: ServiceId,
        task_definition: String,
        external_id: Option<String>,
        target_group: Option<TargetGroupArn>,
        scale: ScalePercent,
        client_token: Option<String>,
        settings: Settings,
    },
    /// Sets a task set's scale.
    UpdateTaskSet { service: ServiceId, task_set: TaskSetId, scale: ScalePercent },
    /// Marks a task set as primary. Moves no traffic.
    UpdateServicePrimaryTaskSet { service: ServiceId, primary: TaskSetId },
    /// Deletes a task set, by way of `DRAINING`.
    DeleteTaskSet { service: ServiceId, task_set: TaskSetId, force: bool },
    /// Changes a service. A task definition only with the `ECS` controller.
    UpdateService {
        service: ServiceId,
        desired_count: Option<u32>,
        task_definition: Option<String>,
        force: bool,
        minimum_healthy_percent: Option<u32>,
        maximum_percent: Option<u32>,
        settings: Settings,
    },
    /// Deletes the service with all its tasks; unless forced, only one that is scaled to zero.
    DeleteService { service: ServiceId, force: bool },
    /// Anything else of ECS.
    Ecs(EcsCall),
    /// Anything of Application Auto Scaling.
    Scaling(ScalingCall),
    /// The health of a group's targets.
    DescribeTargetHealth { target_group: TargetGroupArn },
    /// These rules; all where none is named.
    DescribeRules { rules: Vec<ListenerRuleArn> },
    /// Replaces what a rule forwards to: groups with raw weights, 0 to 999, and the stickiness in
    /// seconds, where it is on.
    ModifyRule {
        rule: ListenerRuleArn,
        forward: Vec<(TargetGroupArn, u16)>,
        stickiness_seconds: Option<u32>,
    },
    /// Deletes a rule.
    DeleteRule { rule: ListenerRuleArn },
    /// These alarms, metric and composite; absent ones are left out.
    DescribeAlarms { names: Vec<AlarmName> },
    /// Changes of state after `since`.
    DescribeAlarmHistory { name: AlarmName, since: Timestamp },
    /// Minutes of one metric that are published, from `since` on.
    GetMetricData { metric: Metric, since: Timestamp },
    /// Sets an alarm's state for the time being.
    SetAlarmState { name: AlarmName, state: AlarmState },
    /// Creates or edits an alarm.
    PutAlarm { name: AlarmName, rule: AlarmRule },
    /// Deletes an alarm.
    DeleteAlarms { name: AlarmName },
    /// A call to Elastic Load Balancing as other clients make them.
    Elb(ElbCall),
    /// A call to CloudWatch as other clients make them.
    CloudWatch(CloudWatchCall),
}

impl Call {
    /// Which operation it is.
    pub const fn kind(&self) -> CallKind {
        match self {
            Self::DescribeServices { .. } => CallKind::DescribeServices,
            Self::DescribeTaskSets { .. } => CallKind::DescribeTaskSets,
            Self::DescribeTasks { .. } => CallKind::DescribeTasks,
            Self::CreateTaskSet { .. } => CallKind::CreateTaskSet,
            Self::UpdateTaskSet { .. } => CallKind::UpdateTaskSet,
            Self::UpdateServicePrimaryTaskSet { .. } => CallKind::UpdateServicePrimaryTaskSet,
            Self::DeleteTaskSet { .. } => CallKind::DeleteTaskSet,
            Self::UpdateService { .. } => CallKind::UpdateService,
            Self::DeleteService { .. } => CallKind::DeleteService,
            Self::Ecs(call) => call.kind(),
            Self::Scaling(call) => call.kind(),
            Self::DescribeTargetHealth { .. } => CallKind::DescribeTargetHealth,
            Self::DescribeRules { .. } => CallKind::DescribeRules,
            Self::ModifyRule { .. } => CallKind::ModifyRule,
            Self::DeleteRule { .. } => CallKind::DeleteRule,
            Self::DescribeAlarms { .. } => CallKind::DescribeAlarms,
            Self::DescribeAlarmHistory { .. } => CallKind::DescribeAlarmHistory,
            Self::GetMetricData { .. } => CallKind::GetMetricData,
            Self::SetAlarmState { .. } => CallKind::SetAlarmState,
            Self::PutAlarm { .. } => CallKind::PutAlarm,
            Self::DeleteAlarms { .. } => CallKind::DeleteAlarms,
            Self::Elb(call) => call.kind(),
            Self::CloudWatch(call) => call.kind(),
        }
    }
}
