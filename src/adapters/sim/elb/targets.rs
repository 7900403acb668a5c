//! Targets and their health.

use serde_json::Value;
use serde_json::json;

use super::super::agenda::Event;
use super::super::api_error::ApiError;
use super::super::state::State;
use super::super::task::TargetHealth;
use super::super::task::Task;
use super::super::task::TaskState;
use super::super::task_set::TaskSet;
use super::super::world::World;
use super::elb_answer::ElbAnswer;
use super::elb_call::TargetId;
use super::target::Target;
use super::target_group::TargetGroup;
use crate::model::Elapsed;

/// What the API says about a target's health: state, reason and description.
type Words = (&'static str, Option<(&'static str, &'static str)>);

impl TargetGroup {
    /// The port of targets that name none.
    pub(in super::super) fn port(&self) -> u32 {
        let port = self.settings.shown.get("Port").and_then(Value::as_u64);
        port.and_then(|port| u32::try_from(port).ok()).unwrap_or(80)
    }

    /// A task's id as a target of this group.
    pub(in super::super) fn id_of(&self, task: &Task) -> String {
        if self.settings.shown.get("TargetType").is_some_and(|of| of == "instance") {
            return format!("i-{:017x}", task.number);
        }
        task.address().to_string()
    }

    /// The health of a target that was registered by hand; none once it has drained.
    fn health_of(&self, target: &Target, answers: bool, now: Elapsed) -> Option<TargetHealth> {
        if let Some(until) = target.drains_until {
            return (now < until).then_some(TargetHealth::Draining);
        }
        if !self.attached {
            return Some(TargetHealth::Unused);
        }
        // it is checked since it is there, and since its group is in use
        let since = target.registered_at.max(self.switched_at);
        let interval = self.settings.interval;
        let first = since.after(interval);
        let last = since.after(interval * self.settings.unhealthy_threshold);
        Some(match answers {
            true if now >= first => TargetHealth::Healthy,
            false if now >= last => TargetHealth::Unhealthy,
            _ => TargetHealth::Initial,
        })
    }
}

impl State {
    /// A running task at this address, with its task set.
    fn task_at(&self, group: &TargetGroup, id: &str) -> Option<(&TaskSet, &Task)> {
        let mut tasks = self.sets().flat_map(|set| set.tasks.iter().map(move |task| (set, task)));
        tasks.find(|(_, task)| task.state == TaskState::Running && group.id_of(task) == id)
    }

    /// The targets of a group that were registered by hand, with their health and who answers there.
    pub(in super::super) fn hand_targets<'a>(
        &'a self,
        group: &'a TargetGroup,
        now: Elapsed,
    ) -> impl Iterator<Item = (&'a Target, TargetHealth, Option<&'a TaskSet>)> {
        group.targets.iter().filter_map(move |target| {
            let task = self.task_at(group, &target.id).filter(|(_, task)| !task.broken);
            let health = group.health_of(target, task.is_some(), now)?;
            Some((target, health, task.map(|(set, _)| set)))
        })
    }

    pub(super) fn describe_target_health(
        &self,
        arn: &str,
        wanted: &[TargetId],
        now: Elapsed,
    ) -> Result<ElbAnswer, ApiError> {
        let slot = self.group_named(arn)?;
        let Some(group) = self.groups.get(slot) else {
            return Ok(ElbAnswer::TargetHealth(Vec::new()));
        };
        let is_wanted = |id: &str, port: u32| {
            let same = |of: &TargetId| of.id == id && of.port.is_none_or(|of| of == port);
            wanted.is_empty() || wanted.iter().any(same)
        };
        let mut shown = Vec::new();
        for set in self.sets().filter(|set| set.group == Some(slot)) {
            for task in &set.tasks {
                let (id, port) = (group.id_of(task), u32::from(set.port));
                if let Some(health) = task.target.filter(|_| is_wanted(&id, port)) {
                    let zone = Some(task.availability_zone());
                    shown.push(describe(&id, port, zone, words(health, task.broken)));
                }
            }
        }
        for (target, health, answering) in self.hand_targets(group, now) {
            if is_wanted(&target.id, target.port) {
                let words = match words(health, answering.is_none()) {
                    ("unhealthy", _) => {
                        ("unhealthy", Some(("Target.Timeout", "Request timed out")))
                    }
                    other => other,
                };
                shown.push(describe(&target.id, target.port, None, words));
            }
        }
        let known =
            |target: &&TargetId| shown.iter().any(|of: &Value| of["Target"]["Id"] == target.id);
        let absent: Vec<Value> = wanted
            .iter()
            .filter(|target| !known(target))
            .map(|target| {
                let reason =
                    ("Target.NotRegistered", "Target is not registered to the target group");
                let port = target.port.unwrap_or_else(|| group.port());
                describe(&target.id, port, None, ("unused", Some(reason)))
            })
            .collect();
        shown.extend(absent);
        Ok(ElbAnswer::TargetHealth(shown))
    }
}

fn words(health: TargetHealth, broken: bool) -> Words {
    match health {
        TargetHealth::Initial if broken => {
            ("initial", Some(("Elb.InitialHealthChecking", "Initial health checks in progress")))
        }
        TargetHealth::Initial => {
            ("initial", Some(("Elb.RegistrationInProgress", "Target registration is in progress")))
        }
        TargetHealth::Healthy => ("healthy", None),
        TargetHealth::Unhealthy => (
            "unhealthy",
            Some(("Target.ResponseCodeMismatch", "Health checks failed with these codes: [500]")),
        ),
        TargetHealth::Draining => (
            "draining",
            Some(("Target.DeregistrationInProgress", "Target deregistration is in progress")),
        ),
        TargetHealth::Unused => (
            "unused",
            Some((
                "Target.NotInUse",
                "Target group is not configured to receive traffic from the load balancer",
            )),
        ),
    }
}

fn describe(id: &str, port: u32, zone: Option<&str>, (state, why): Words) -> Value {
    let mut target = json!({ "Id": id, "Port": port });
    if let (Some(zone), Some(target)) = (zone, target.as_object_mut()) {
        target.insert("AvailabilityZone".to_owned(), json!(zone));
    }
    let health = match why {
        Some((reason, description)) => {
            json!({ "State": state, "Reason": reason, "Description": description })
        }
        None => json!({ "State": state }),
    };
    json!({ "Target": target, "HealthCheckPort": port.to_string(), "TargetHealth": health })
}

impl World {
    pub(super) fn register_targets(
        &mut self,
        arn: &str,
        targets: &[TargetId],
    ) -> Result<ElbAnswer, ApiError> {
        let slot = self.state.group_named(arn)?;
        let now = self.now;
        let Some(group) = self.state.groups.get_mut(slot) else { return Ok(ElbAnswer::Done) };
        let by_ip = group.settings.shown.get("TargetType").is_some_and(|of| of == "ip");
        if let Some(wrong) =
            targets.iter().find(|target| by_ip != target.id.parse::<std::net::IpAddr>().is_ok())
        {
            return Err(ApiError::refused(
                "InvalidTarget",
                format!("The target '{}' does not fit the group's target type", wrong.id),
            ));
        }
        for target in targets {
            let port = target.port.unwrap_or_else(|| group.port());
            let known = |of: &Target| of.id == target.id && of.port == port;
            if group.targets.iter().any(|of| known(of) && of.drains_until.is_none()) {
                continue;
            }
            group.targets.retain(|of| !known(of));
            let id = target.id.clone();
            group.targets.push(Target { id, port, registered_at: now, drains_until: None });
        }
        Ok(ElbAnswer::Done)
    }

    pub(super) fn deregister_targets(
        &mut self,
        arn: &str,
        targets: &[TargetId],
    ) -> Result<ElbAnswer, ApiError> {
        let slot = self.state.group_named(arn)?;
        let now = self.now;
        let Some(group) = self.state.groups.get_mut(slot) else { return Ok(ElbAnswer::Done) };
        let until = now.after(group.settings.deregistration_delay);
        for target in targets {
            let port = target.port;
            let named =
                |of: &&mut Target| of.id == target.id && port.is_none_or(|port| of.port == port);
            for known in group.targets.iter_mut().filter(named) {
                known.drains_until = known.drains_until.or(Some(until));
            }
        }
        group.targets.retain(|of| of.drains_until.is_none_or(|until| until > now));
        let group = &*group;
        let tasks = self.state.services.iter().flat_map(|service| &service.sets);
        let tasks = tasks.filter(|set| set.group == Some(slot)).flat_map(|set| {
            let port = u32::from(set.port);
            set.tasks.iter().map(move |task| (task, port))
        });
        let named = |task: &Task, port: u32| {
            targets.iter().any(|target| {
                target.id == group.id_of(task) && target.port.is_none_or(|of| of == port)
            })
        };
        let drained: Vec<u64> =
            tasks.filter(|(task, port)| named(task, *port)).map(|(task, _)| task.number).collect();
        for number in drained {
            self.drain_task(number, until);
        }
        Ok(ElbAnswer::Done)
    }

    /// A task's target was deregistered behind ECS's back: it drains, and is none afterwards.
    fn drain_task(&mut self, number: u64, until: Elapsed) {
        let Some(task) = self.task_mut(number) else { return };
        if task.state != TaskState::Running || task.target.is_none() {
            return;
        }
        task.checks += 1;
        task.target = Some(TargetHealth::Draining);
        let checks = task.checks;
        self.agenda.plan(until, Event::Drained { task: number, checks });
    }

    /// A deregistered target has drained.
    pub(in super::super) fn finish_draining(&mut self, number: u64, checks: u32) {
        if let Some(task) = self.task_mut(number)
            && task.checks == checks
            && task.state == TaskState::Running
        {
            task.target = None;
        }
    }
}
