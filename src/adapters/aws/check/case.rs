//! One deployment that is to be checked.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::LoadBalancer;
use aws_sdk_ecs::types::Service;
use aws_sdk_ecs::types::TaskDefinition;
use aws_sdk_ecs::types::TaskSet;

use super::super::aws::Aws;
use super::super::router::own;
use super::super::router::rules::read as read_rules;
use super::super::sdk::Operation;
use super::alarms::Alarms;
use super::autoscaling;
use super::definition;
use super::finding::Finding;
use super::first;
use super::groups;
use super::groups::Group;
use super::plan_facts::PlanFacts;
use super::rules;
use super::service;
use crate::model::AlarmName;
use crate::model::GateKind;
use crate::model::Limits;
use crate::model::Plan;
use crate::model::Revision;
use crate::model::Role;
use crate::model::ServiceId;
use crate::model::TargetGroupArn;
use crate::model::Topology;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Router;
use crate::ports::Routes;

/// A deployment that is to be checked.
struct Case<'a> {
    aws: &'a Aws,
    topology: &'a Topology,
    plan: PlanFacts<'a>,
    limits: &'a Limits,
    routes: Option<Routes>,
    found: Vec<Finding>,
}

impl Aws {
    /// Looks for whatever would hinder this deployment. Reads only; what cannot be read is a finding.
    ///
    /// Without a revision only what is there already is checked. Worst first.
    pub async fn check(
        &self,
        service: &ServiceId,
        topology: &Topology,
        candidate: Option<&Revision>,
        plan: &Plan,
        limits: &Limits,
    ) -> Vec<Finding> {
        let mut case = Case::new(self, topology, plan, limits);
        case.service(service, candidate).await;
        case.autoscaling(service).await;
        case.alarms().await;
        case.worst_first()
    }

    /// What [`check`](Self::check) says of the alarms that a plan names, and of bakes that are over before
    /// one of them can fire. Reads only, and nothing where no gate names an alarm. Worst first.
    pub async fn check_alarms(
        &self,
        service: &ServiceId,
        topology: &Topology,
        plan: &Plan,
        limits: &Limits,
    ) -> Vec<Finding> {
        let mut case = Case::new(self, topology, plan, limits);
        if case.plan.has_alarms() {
            let answer = self.router.routes(service, topology).await;
            case.routes = case.read(&format!("routes of {service}"), answer).flatten();
            case.alarms().await;
        }
        case.worst_first()
    }
}

impl<'a> Case<'a> {
    const fn new(aws: &'a Aws, topology: &'a Topology, plan: &'a Plan, limits: &'a Limits) -> Self {
        let plan = PlanFacts(plan);
        Self { aws, topology, plan, limits, routes: None, found: Vec::new() }
    }

    fn worst_first(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        self.found
    }

    /// What was read, or a finding that it cannot be.
    fn read<T>(&mut self, place: &str, answer: Result<T, CallError>) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                let fix = match error.class {
                    ErrorClass::Auth => format!("allow {}", error.operation),
                    ErrorClass::Gone => "make it, or correct the name".to_owned(),
                    ErrorClass::Invalid | ErrorClass::Conflict | ErrorClass::Quota => {
                        "see what it says".to_owned()
                    }
                    ErrorClass::NotSent | ErrorClass::Throttled | ErrorClass::Ambiguous => {
                        "try again".to_owned()
                    }
                };
                self.found.push(Finding::error(place, error.to_string(), fix));
                None
            }
        }
    }

    async fn service(&mut self, id: &ServiceId, candidate: Option<&Revision>) {
        let pair = self.topology.pair.as_ref();
        let pair = pair.and_then(|pair| ServiceId::new(&id.cluster, pair).ok());
        let asked: Vec<ServiceId> = std::iter::once(id).chain(&pair).cloned().collect();
        let answer = self.aws.services.describe(&asked).await;
        let Some(services) = self.read("services", answer) else { return };
        for id in &asked {
            if !services.contains_key(id) {
                let what = "it does not exist in this account and Region";
                let place = format!("service {id}");
                self.found.push(Finding::error(&place, what, "make it, or correct the name"));
            }
        }
        let Some(service) = services.get(id) else { return };
        let pair = pair.and_then(|pair| services.get(&pair));
        self.found.extend(service::service(service, pair, self.plan));
        let definition = self.definitions(service, candidate).await;
        self.found.extend(first::first(service, self.topology, definition.as_ref()));
        self.traffic(id, service, pair, definition.as_ref()).await;
    }

    /// Checks stable's revision and the candidate's; answers the one whose tasks come into the groups.
    async fn definitions(
        &mut self,
        service: &Service,
        candidate: Option<&Revision>,
    ) -> Option<TaskDefinition> {
        let stable = match service.task_definition() {
            Some(arn) => {
                let answer = self.definition(arn).await;
                self.read(&format!("task definition {arn}"), answer)
            }
            None => None,
        };
        self.found.extend(stable.as_ref().and_then(definition::stable));
        let Some(candidate) = candidate else { return stable };
        let answer = self.definition(candidate.task_definition().as_str()).await;
        let definition = self.read(&format!("task definition {candidate}"), answer)?;
        let mut balancers: Vec<LoadBalancer> = match service.load_balancers() {
            [] => service.task_sets().iter().flat_map(TaskSet::load_balancers).cloned().collect(),
            own => own.to_vec(),
        };
        if let Some(said) = first::balancer(service, self.topology) {
            balancers = vec![said];
        }
        let launch_type = service.launch_type();
        let found = definition::candidate(&definition, &balancers, launch_type);
        self.found.extend(found);
        Some(definition)
    }

    async fn definition(&self, arn: &str) -> Result<TaskDefinition, CallError> {
        let (calls, operation) = (self.aws.calls.look(), Operation::DescribeTaskDefinition);
        let ecs = &self.aws.clients.ecs;
        let ask = || ecs.describe_task_definition().task_definition(arn).send();
        let answer = calls.read(operation, ask).await?;
        let gone = || CallError::new(operation.name(), ErrorClass::Gone, "it does not exist");
        answer.task_definition.ok_or_else(gone)
    }

    async fn traffic(
        &mut self,
        id: &ServiceId,
        service: &Service,
        pair: Option<&Service>,
        definition: Option<&TaskDefinition>,
    ) {
        let answer = self.aws.router.routes(id, self.topology).await;
        let Some(routes) = self.read(&format!("routes of {id}"), answer) else { return };
        self.routes.clone_from(&routes);
        let own = own(service, pair);
        let groups = match &routes {
            Some(routes) => {
                self.rules(routes, own.serves).await;
                vec![
                    (Role::Stable, routes.stable_group.as_str().to_owned()),
                    (Role::Candidate, routes.candidate_group.as_str().to_owned()),
                ]
            }
            None if self.plan.shifts() => {
                let what = "the plan moves traffic and the service has no two target groups";
                let fix = "give `target_groups` and `rules`, or choose a strategy without shifts";
                self.found.push(Finding::error(&format!("service {id}"), what, fix));
                return;
            }
            None => own.groups.into_iter().map(|group| (Role::Stable, group)).collect(),
        };
        let sticky = routes.is_some_and(|routes| !routes.stickiness.is_zero());
        let own_address = definition.map(definition::has_own_address);
        let mut read = Vec::new();
        for (role, arn) in groups {
            let answer = self.group(role, &arn).await;
            let Some(group) = self.read(&format!("target group {arn}"), answer) else { continue };
            let (plan, limits) = (self.plan, self.limits);
            let mut found = groups::group(&group, plan, limits, own_address, sticky);
            if !own.serves {
                // the first deployment finds nothing that serves
                found.retain(|finding| !finding.what.contains("serves now"));
            }
            self.found.extend(found);
            read.push(group);
        }
        if let [stable, candidate] = read.as_slice()
            && candidate.role == Role::Candidate
        {
            self.found.extend(groups::both(stable, candidate));
        }
    }

    async fn rules(&mut self, routes: &Routes, serves: bool) {
        let answer = read_rules(&self.aws.balancer.look(), &routes.rules).await;
        if let Some(read) = self.read("rules", answer) {
            let found = rules::rules(routes, &read, self.plan, self.limits, serves);
            self.found.extend(found);
        }
    }

    async fn group(&self, role: Role, arn: &str) -> Result<Group, CallError> {
        let balancer = self.aws.balancer.look();
        let groups = balancer.target_groups(&[arn.to_owned()]).await?;
        let gone = || {
            let operation = Operation::DescribeTargetGroups.name();
            CallError::new(operation, ErrorClass::Gone, "it does not exist")
        };
        let group = groups.into_iter().next().ok_or_else(gone)?;
        let attributes = balancer.attributes(arn).await?;
        let targets = balancer.target_health(arn).await?;
        Ok(Group { role, described: group, attributes, targets })
    }

    /// Without the feature there is nobody to ask.
    async fn autoscaling(&mut self, id: &ServiceId) {
        let Some(autoscaler) = &self.aws.autoscaler else { return };
        let answer = autoscaler.targets(id, self.topology).await;
        if let Some(targets) = self.read(&format!("scalable targets of {id}"), answer) {
            let policy = self.topology.autoscaling;
            self.found.extend(autoscaling::autoscaling(id, &targets, policy));
        }
    }

    async fn alarms(&mut self) {
        let gates = self.plan.0.gates.iter().flat_map(|gate| gate.kind.leaves());
        let names = gates.filter_map(|(_, kind)| match kind {
            GateKind::Alarms { names, .. } => Some(names),
            _ => None,
        });
        let names: Vec<AlarmName> = names.flatten().cloned().collect();
        let answer = if names.is_empty() {
            Ok(BTreeMap::new())
        } else {
            self.aws.monitor.describe(&names).await
        };
        if let Some(read) = self.read("alarms", answer) {
            let of = |group: &TargetGroupArn| group.dimension().to_owned();
            let groups = self.routes.as_ref();
            let groups = groups.map(|it| [of(&it.stable_group), of(&it.candidate_group)]);
            let propagation = self.limits.propagation;
            self.found
                .extend(Alarms { plan: self.plan, read: &read, groups, propagation }.findings());
        }
    }
}
