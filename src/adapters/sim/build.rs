//! The world as a scenario describes it.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::agenda::Agenda;
use super::agenda::Event;
use super::alarm::Alarm;
use super::alarm_spec::AlarmSpec;
use super::alarm_spec::Colour;
use super::behaviour::Behaviour;
use super::cluster::Cluster;
use super::definition::Definition;
use super::digest::digest;
use super::elb::Home;
use super::exposure::Exposure;
use super::history::History;
use super::injector::Injector;
use super::metrics::MINUTE;
use super::metrics::Metrics;
use super::names;
use super::rng::Rng;
use super::scalable_target::RegisteredTarget;
use super::scenario::Controller;
use super::scenario::Scenario;
use super::service::Service;
use super::settings::Settings;
use super::state::State;
use super::tally::Tally;
use super::task::TargetHealth;
use super::task::TaskState;
use super::task_set::TaskSet;
use super::tickets::Tickets;
use super::world::World;
use crate::model::Elapsed;
use crate::model::Revision;
use crate::model::ScalePercent;
use crate::model::ServiceId;
use crate::model::TargetGroupArn;
use crate::model::TaskDefinitionArn;
use crate::model::Timestamp;
use crate::ports::AlarmTransition;

/// What a task set or deployment takes over from its service.
const TASK_SET_MEMBERS: &[&str] = &[
    "launchType",
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "capacityProviderStrategy",
];

fn alarm(spec: &AlarmSpec) -> Alarm {
    let quiet = u64::try_from(spec.quiet_for.as_millis()).unwrap_or(u64::MAX);
    let at = Timestamp::from_millis(World::BEGINS.as_millis().saturating_sub(quiet));
    Alarm {
        name: spec.name.clone(),
        rule: spec.rule.clone(),
        state: spec.state,
        transitioned_at: at,
        history: vec![AlarmTransition { at, to: spec.state }],
        broken_until: None,
        configuration: digest(&spec.rule),
        configured_at: at,
        updated_at: at,
        reasons: vec!["As the scenario begins".into()],
        heard: None,
    }
}

/// The family that the scenario's revisions belong to.
fn family(scenario: &Scenario) -> String {
    let first = scenario.stable.as_ref().or_else(|| scenario.behaviours.first().map(|(of, _)| of));
    let of = first.map(Revision::task_definition).map(TaskDefinitionArn::family);
    of.unwrap_or("web").to_owned()
}

fn home_cluster(scenario: &Scenario) -> Vec<Cluster> {
    let name = scenario.service.cluster.to_string();
    let (settings, created_at) = (Settings::default(), Elapsed::default());
    let cluster = Cluster { name, active: true, settings, created_at };
    scenario.home.then_some(cluster).into_iter().collect()
}

fn home(scenario: &Scenario) -> Service {
    let mut home = Service::new(scenario.service.clone(), scenario.controller, scenario.desired);
    home.group = scenario.load_balancer.then_some(Colour::Blue.index());
    let settings = json!({
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "schedulingStrategy": "REPLICA",
        "networkConfiguration": { "awsvpcConfiguration": {
            "subnets": ["subnet-0a", "subnet-0b", "subnet-0c"],
            "securityGroups": ["sg-0a"],
            "assignPublicIp": "DISABLED",
        } },
    });
    home.settings = Settings::new(&settings);
    if scenario.controller == Controller::Ecs {
        let configuration = json!({
            "minimumHealthyPercent": 100,
            "maximumPercent": 200,
            "deploymentCircuitBreaker": { "enable": true, "rollback": true },
        });
        home.settings = home.settings.with("deploymentConfiguration", configuration);
        if scenario.load_balancer {
            let blue = load_balancers(&names::target_group("blue"));
            home.settings = home.settings.with("loadBalancers", blue);
        }
    }
    home
}

fn scalable_targets(scenario: &Scenario) -> Vec<RegisteredTarget> {
    let targets = scenario.scalable_targets.iter().map(|target| RegisteredTarget {
        cluster: scenario.service.cluster.to_string(),
        target: target.clone(),
        role: None,
        created_at: Elapsed::default(),
    });
    targets.collect()
}

/// What a scenario's service or task set says of its target group.
fn load_balancers(group: &TargetGroupArn) -> Value {
    json!([{ "targetGroupArn": group.as_str(), "containerName": "app", "containerPort": 80 }])
}

impl World {
    /// The world that a scenario describes.
    pub fn new(scenario: Scenario) -> Self {
        let mut rng = Rng::new(scenario.seed);
        let injector = Injector::new(scenario.faults.clone(), rng.fork());
        let history = History::reaching(injector.reach());
        let balancing = Home::new(&scenario, Self::BEGINS);
        let state = State {
            family: scenario.home.then(|| family(&scenario)),
            clusters: home_cluster(&scenario),
            definitions: Vec::new(),
            scalable_targets: scalable_targets(&scenario),
            services: scenario.home.then(|| home(&scenario).into()).into_iter().collect(),
            balancers: balancing.balancers,
            listeners: balancing.listeners,
            groups: balancing.groups,
            rules: balancing.rules,
            alarms: scenario.alarms.iter().map(alarm).collect(),
            revisions: Vec::new(),
            tags: BTreeMap::new(),
            resources_made: 0,
        };
        let tally = scenario.chance.map(|chance| Tally::new(chance, scenario.seed));
        let mut world = Self {
            scenario,
            tally,
            now: Elapsed::default(),
            wall_jump_ms: 0,
            rng,
            agenda: Agenda::default(),
            state,
            history,
            tasks_made: 0,
            sets_made: 0,
            events_made: 0,
            tokens: Vec::new(),
            reasons: BTreeMap::new(),
            no_capacity_until: Elapsed::default(),
            flows: Vec::new(),
            flows_known: false,
            flows_age: false,
            settled_at: Elapsed::default(),
            exposure: Vec::new(),
            unserved_micro: 0,
            metrics: Metrics::default(),
            put_data: BTreeMap::new(),
            inflight: Tickets::default(),
            results: Tickets::default(),
            tickets: 0,
            sent: 0,
            injector,
            ledger: Vec::new(),
            exchanges: Vec::new(),
        };
        world.populate();
        world
    }

    fn populate(&mut self) {
        let home = self.scenario.service.clone();
        if let Some(stable) = self.scenario.stable.clone() {
            let blue = self.scenario.load_balancer.then_some(Colour::Blue.index());
            let number = self.add_set(&home, &stable, ScalePercent::FULL, blue);
            if let Some(service) = self.state.service_mut(&home) {
                service.primary = Some(number);
            }
            self.start_with_tasks(number);
            self.record_first(&home, number);
        }
        for (revision, scale) in self.scenario.extra_task_sets.clone() {
            let number = self.add_set(&home, &revision, scale, None);
            self.start_with_tasks(number);
        }
        self.reattach();
        self.agenda.plan(Elapsed::default().after(MINUTE), Event::Minute);
        for (action, (at, _)) in self.scenario.actions.iter().enumerate() {
            self.agenda.plan(*at, Event::Act { action });
        }
    }

    /// The index of a revision among those that were seen.
    pub(super) fn behaviour_of(&mut self, revision: &Revision) -> usize {
        let known = self.state.revisions.iter().position(|(of, _)| of == revision);
        known.unwrap_or_else(|| {
            if self.state.definition(revision).is_none() {
                self.state.definitions.push(Definition::of_scenario(revision));
            }
            let behaviour = self.listed(revision).unwrap_or_else(|| {
                let definition = self.state.definition(revision);
                let labelled = definition.and_then(|it| Behaviour::of_definition(it).ok());
                labelled.unwrap_or_default()
            });
            self.state.revisions.push((revision.clone(), behaviour));
            self.exposure.push(Exposure { revision: revision.clone(), micro: 0, failed_micro: 0 });
            self.state.revisions.len() - 1
        })
    }

    /// How the scenario says that a revision behaves.
    fn listed(&self, revision: &Revision) -> Option<Behaviour> {
        let listed = self.scenario.behaviours.iter().find(|(of, _)| of == revision);
        listed.map(|(_, behaviour)| behaviour.clone())
    }

    /// Adds a task set without tasks to a service; answers its number.
    pub(super) fn add_set(
        &mut self,
        service: &ServiceId,
        revision: &Revision,
        scale: ScalePercent,
        group: Option<usize>,
    ) -> u32 {
        let behaviour = self.behaviour_of(revision);
        self.sets_made += 1;
        let number = self.sets_made;
        let now = self.now;
        let named = group.and_then(|group| self.state.groups.get(group));
        let balancers = named.map(|group| load_balancers(&group.arn));
        let Some(service) = self.state.service_mut(service) else {
            return number;
        };
        let mut settings = service.settings.only(TASK_SET_MEMBERS);
        if let Some(balancers) = balancers.filter(|_| settings.get("loadBalancers").is_none()) {
            settings = settings.with("loadBalancers", balancers);
        }
        service.sets.push(TaskSet {
            number,
            id: names::task_set(number),
            external_id: None,
            revision: revision.clone(),
            scale,
            computed: scale.computed(service.desired),
            group,
            port: service.port,
            draining: false,
            tasks: Vec::new(),
            stopped: Vec::new(),
            created_at: now,
            updated_at: now,
            settings,
            service_revision: number,
            behaviour,
            consecutive_failures: 0,
            launch_after: Elapsed::default(),
            retry_at: Elapsed::default(),
            scheduled: false,
        });
        number
    }

    /// Gives a task set every task it should have, running and healthy.
    fn start_with_tasks(&mut self, number: u32) {
        let Some(set) = self.state.set(number) else {
            return;
        };
        let (wanted, behaviour, balanced) = (set.computed, set.behaviour, set.group.is_some());
        for index in 0..wanted {
            let mut task = self.new_task(behaviour, u8::try_from(index % 3).unwrap_or(0));
            let number_of_task = task.number;
            task.state = TaskState::Running;
            task.running_since = Some(self.now);
            task.target = balanced.then_some(TargetHealth::Healthy);
            if let Some(set) = self.set_mut(number) {
                set.tasks.push(task);
            }
            self.plan_fate(number_of_task);
        }
    }
}
