//! Finds what a policy is for.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::NetworkMode;

use super::super::aws::Aws;
use super::super::router::own;
use super::super::sdk::Operation;
use super::super::service::Controller;
use super::super::service::Realisation;
use super::super::service::controller;
use super::policy::Policy;
use super::policy::PolicyScope;
use crate::model::AlarmName;
use crate::model::Arn;
use crate::model::GateKind;
use crate::model::Plan;
use crate::model::ScalingPolicy;
use crate::model::ServiceId;
use crate::model::TaskDefinitionArn;
use crate::model::Topology;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Router;

fn refused(class: ErrorClass, why: impl Into<String>) -> CallError {
    CallError::new(Operation::DescribeServices.name(), class, why)
}

impl Aws {
    /// The least policy for this deployment of a service that is there: `registers` tells whether a
    /// revision is made for it.
    pub async fn policy(
        &self,
        service: &ServiceId,
        topology: &Topology,
        plan: &Plan,
        registers: bool,
    ) -> Result<Policy, CallError> {
        let pair = topology.pair.as_ref().map(|pair| ServiceId::new(&service.cluster, pair));
        let invalid =
            |error: crate::model::InvalidId| refused(ErrorClass::Invalid, error.to_string());
        let pair = pair.transpose().map_err(invalid)?;
        let asked: Vec<ServiceId> = std::iter::once(service).chain(&pair).cloned().collect();
        let found = self.services.describe(&asked).await?;
        let gone = |id: &ServiceId| refused(ErrorClass::Gone, format!("there is no service {id}"));
        let find = |id: &ServiceId| found.get(id).ok_or_else(|| gone(id));
        let (described, other) = (find(service)?, pair.as_ref().map(find).transpose()?);
        let realisation = match (controller(described)?, other) {
            (Controller::External, _) => Realisation::TaskSets,
            (Controller::Ecs, Some(_)) => Realisation::Pair,
            (Controller::Ecs, None) => Realisation::InPlace,
        };
        let strange = || refused(ErrorClass::Invalid, "the service comes without its ARN");
        let arn = Arn::parse(described.service_arn().ok_or_else(strange)?, "a service ARN");
        let arn = arn.map_err(|error| refused(ErrorClass::Invalid, error.to_string()))?;
        let cluster = described.cluster_arn().and_then(|arn| arn.rsplit('/').next());
        let routes = self.router.routes(service, topology).await?;
        let rules = routes.map(|routes| routes.rules.into_iter().chain(routes.test_rule).collect());
        let asked_of = plan.gates.iter().flat_map(|gate| gate.kind.leaves());
        let gates = asked_of.filter_map(|(_, kind)| match kind {
            GateKind::Alarms { names, .. } => Some(names),
            _ => None,
        });
        let alarms: BTreeSet<AlarmName> = gates.flatten().cloned().collect();
        let policy = topology.autoscaling.unwrap_or(ScalingPolicy::Leave);
        let name = |id: &ServiceId| id.service.rsplit('/').next().unwrap_or_default().to_owned();
        let mut scope = PolicyScope {
            partition: arn.partition,
            region: arn.region,
            account: arn.account,
            cluster: cluster.unwrap_or(&service.cluster).to_owned(),
            services: asked.iter().map(name).collect(),
            realisation,
            balanced: !own(described, other).groups.is_empty() || topology.target_groups.is_some(),
            on_instances: false,
            rules: rules.unwrap_or_default(),
            alarms: alarms.into_iter().collect(),
            metrics: plan.gates.iter().any(|gate| gate.kind.reads_metrics()),
            family: None,
            roles: BTreeSet::new(),
            scaling: self.autoscaler.as_ref().map(|_| policy),
        };
        if let Some(arn) = described.task_definition() {
            self.of_definition(arn, registers, &mut scope).await?;
        }
        Ok(Policy::new(&scope))
    }

    /// What a policy must allow for the sake of the revision that serves now, and of the next.
    async fn of_definition(
        &self,
        arn: &str,
        registers: bool,
        scope: &mut PolicyScope,
    ) -> Result<(), CallError> {
        let (calls, operation) = (self.calls.look(), Operation::DescribeTaskDefinition);
        let ask = || self.clients.ecs.describe_task_definition().task_definition(arn).send();
        let answer = calls.read(operation, ask).await?;
        let Some(definition) = answer.task_definition() else { return Ok(()) };
        scope.on_instances = definition.network_mode() != Some(&NetworkMode::Awsvpc);
        if registers {
            let family = arn.parse::<TaskDefinitionArn>().ok().map(|arn| arn.family().to_owned());
            scope.family = definition.family().map(str::to_owned).or(family);
            let roles = [definition.task_role_arn(), definition.execution_role_arn()];
            scope.roles = roles.into_iter().flatten().map(str::to_owned).collect();
        }
        Ok(())
    }
}
