//! What may be wrong with a service.

use aws_sdk_ecs::types::DeploymentConfiguration;
use aws_sdk_ecs::types::DeploymentRolloutState;
use aws_sdk_ecs::types::Service;

use super::super::service::Controller;
use super::super::service::at_rest;
use super::super::service::controller;
use super::super::service::scheduling;
use super::finding::Finding;
use super::plan_facts::PlanFacts;
use crate::model::Scheduling;

/// With more, two could not be added: ECS takes five, those on their way out included.
const MOST_SETS: usize = 3;

/// What may be wrong with a service, and with its pair.
pub(crate) fn service(
    service: &Service,
    pair: Option<&Service>,
    plan: PlanFacts<'_>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for service in [Some(service), pair].into_iter().flatten() {
        let place = place(service);
        match controller(service) {
            Err(error) => {
                let fix = "see what it says; a deployment cannot start";
                found.push(Finding::error(&place, error.message, fix));
            }
            Ok(controller) => found.extend(fits(&place, controller, pair.is_some(), plan)),
        }
        found.extend(rest(&place, service));
        found.extend(watched_twice(&place, service));
    }
    found.extend(size(&place(service), service, pair, plan));
    found
}

fn place(service: &Service) -> String {
    format!("service {}", service.service_name().unwrap_or_default())
}

fn fits(place: &str, controller: Controller, pair: bool, plan: PlanFacts<'_>) -> Vec<Finding> {
    let two = plan.has_two_roles();
    let wrong = match (controller, pair) {
        (Controller::External, true) => {
            let fix = "leave `pair` out, or give two services with the controller ECS";
            Some(("has the controller EXTERNAL and is one of a pair", fix))
        }
        (Controller::External, false) if !two => {
            let fix = "choose a strategy that makes a candidate: all-at-once, blue/green, canary, \
                       linear or rolling by the crate";
            Some(("has the controller EXTERNAL, which cannot update in place", fix))
        }
        (Controller::Ecs, false) if two => {
            let fix = "give `pair`, or change the controller to EXTERNAL (task sets), or choose \
                       ECS's rolling update";
            Some(("can hold one revision at a time, and the plan needs a candidate beside it", fix))
        }
        (Controller::Ecs, true) if !two => Some((
            "is one of a pair, and the plan updates one service in place",
            "leave `pair` out",
        )),
        _ => None,
    };
    wrong.map(|(what, fix)| Finding::error(place, what, fix)).into_iter().collect()
}

/// Whether anybody else is at work, or left something behind.
fn rest(place: &str, service: &Service) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Err(error) = at_rest(service) {
        let fix = "wait until it is over, or stop it";
        found.push(Finding::error(place, error.message, fix));
    }
    let failed = |state| state == Some(&DeploymentRolloutState::Failed);
    if service.deployments().iter().any(|deployment| failed(deployment.rollout_state())) {
        let what = "its last deployment by ECS failed";
        found.push(Finding::warning(place, what, "make sure that what runs now is what should"));
    }
    let sets = service.task_sets();
    for set in sets.iter().filter(|set| set.status() != Some("PRIMARY")) {
        let (id, status) = (set.id().unwrap_or("?"), set.status().unwrap_or("?"));
        let made_by = set.external_id().map(|id| format!(", made by {id}")).unwrap_or_default();
        let what = format!("task set {id} is {status} beside the primary one{made_by}");
        let fix = "resume or abort its deployment; `Aws::left_behind` says whether it may go";
        found.push(if status == "DRAINING" {
            Finding::warning(place, what, "wait until it is gone")
        } else {
            Finding::error(place, what, fix)
        });
    }
    if sets.len() > MOST_SETS {
        let what = format!("it has {} task sets and ECS takes 5", sets.len());
        found.push(Finding::error(place, what, "delete those that are left over"));
    }
    found
}

/// Two judges may contradict each other.
fn watched_twice(place: &str, service: &Service) -> Option<Finding> {
    let alarms = service.deployment_configuration().and_then(DeploymentConfiguration::alarms)?;
    (alarms.enable() && alarms.rollback()).then(|| {
        let what = "ECS rolls it back by itself on alarms";
        let fix = "give the alarms to the deployment as a gate and take them off the service";
        Finding::warning(place, what, fix)
    })
}

fn size(
    place: &str,
    service: &Service,
    pair: Option<&Service>,
    plan: PlanFacts<'_>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let desired = service.desired_count().max(pair.map_or(0, Service::desired_count));
    if desired == 0 {
        let what = "it is scaled to zero, so nothing that is deployed is tried";
        found.push(Finding::warning(place, what, "scale it up first"));
    }
    if scheduling(service) == Scheduling::Daemon && plan.has_two_roles() {
        let what =
            "a DAEMON service runs one task on each instance and has room for no second role";
        found.push(Finding::error(place, what, "choose ECS's rolling update"));
    }
    if service.task_sets().iter().all(|set| set.status() != Some("PRIMARY"))
        && matches!(controller(service), Ok(Controller::External))
    {
        let what = "it has no primary task set: this is its first deployment";
        found.push(Finding::info(place, what, "nothing to go back to: a failure removes it again"));
    }
    let grace =
        u64::try_from(service.health_check_grace_period_seconds().unwrap_or(0)).unwrap_or(0);
    if plan.longest_bake().is_some_and(|bake| bake.as_secs() < grace) {
        let what = format!(
            "ECS overlooks unhealthy targets for {grace} s (healthCheckGracePeriodSeconds), longer \
             than any bake"
        );
        found.push(Finding::warning(place, what, "shorten it or bake longer"));
    }
    found.extend(in_place(place, service, plan));
    found
}

/// What ECS's own rolling update needs.
fn in_place(place: &str, service: &Service, plan: PlanFacts<'_>) -> Vec<Finding> {
    let Some((minimum, maximum)) = plan.0.delegation() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let desired = u64::try_from(service.desired_count()).unwrap_or(0);
    let floor = (desired * u64::from(minimum)).div_ceil(100);
    let ceiling = desired * u64::from(maximum) / 100;
    if desired > 0 && floor >= desired && ceiling <= desired {
        let what = format!(
            "with {desired} tasks, at least {floor} healthy and at most {ceiling} in all no task can \
             be replaced"
        );
        let fix = "raise `maximum_percent` or lower `minimum_healthy_percent`";
        found.push(Finding::error(place, what, fix));
    }
    let configuration = service.deployment_configuration();
    let breaker = configuration.and_then(DeploymentConfiguration::deployment_circuit_breaker);
    if !breaker.is_some_and(|breaker| breaker.enable) && !plan.has_alarms() {
        let what =
            "neither ECS's circuit breaker nor an alarm stops a revision that does not start";
        found.push(Finding::warning(place, what, "switch the circuit breaker on or give alarms"));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_sdk_ecs::types::Deployment;
    use aws_sdk_ecs::types::DeploymentAlarms;
    use aws_sdk_ecs::types::DeploymentController;
    use aws_sdk_ecs::types::DeploymentControllerType;
    use aws_sdk_ecs::types::SchedulingStrategy;
    use aws_sdk_ecs::types::TaskSet;
    use aws_sdk_ecs::types::builders::ServiceBuilder;

    use super::super::finding::Level;
    use super::*;
    use crate::model::Plan;
    use crate::model::Step;

    fn plan(steps: Vec<Step>) -> Plan {
        Plan { strategy: "x".to_owned(), steps, gates: vec![], hooks: vec![], notes: vec![] }
    }

    fn canary() -> Plan {
        let bake = Step::Bake { duration: Duration::from_secs(60), gates: vec![] };
        plan(vec![Step::Shift { weight: crate::model::Weight::FULL }, bake])
    }

    fn rolling(minimum_healthy_percent: u32, maximum_percent: u32) -> Plan {
        plan(vec![Step::Delegate { minimum_healthy_percent, maximum_percent }])
    }

    fn on(controller: DeploymentControllerType) -> ServiceBuilder {
        let controller = DeploymentController::builder().r#type(controller).build().unwrap();
        Service::builder()
            .service_name("web")
            .status("ACTIVE")
            .desired_count(4)
            .deployment_controller(controller)
    }

    fn external(sets: &[&str]) -> ServiceBuilder {
        sets.iter().fold(on(DeploymentControllerType::External), |service, status| {
            service.task_sets(TaskSet::builder().id("ecs-svc/1").status(*status).build())
        })
    }

    fn found(service: ServiceBuilder, pair: Option<ServiceBuilder>, plan: &Plan) -> Vec<Finding> {
        let pair = pair.map(ServiceBuilder::build);
        super::service(&service.build(), pair.as_ref(), PlanFacts(plan))
    }

    fn only(found: &[Finding], level: Level, words: &str) {
        let [finding] = found else { panic!("{found:#?}") };
        assert_eq!(finding.level, level, "{finding}");
        assert!(finding.to_string().contains(words), "{finding}");
    }

    #[test]
    fn a_service_at_rest_that_fits_its_plan_has_no_findings() {
        assert_eq!(found(external(&["PRIMARY"]), None, &canary()), []);
        let ecs = || on(DeploymentControllerType::Ecs);
        assert_eq!(found(ecs(), Some(ecs().desired_count(0)), &canary()), []);
    }

    #[test]
    fn a_controller_that_does_not_fit_the_plan_is_an_error() {
        let ecs = || on(DeploymentControllerType::Ecs);
        only(&found(ecs(), None, &canary()), Level::Error, "give `pair`");
        let external = || external(&["PRIMARY"]);
        only(&found(external(), None, &rolling(50, 200))[..1], Level::Error, "in place");
        assert_eq!(found(external(), Some(external()), &canary()).len(), 2);
        only(
            &found(on(DeploymentControllerType::CodeDeploy), None, &canary()),
            Level::Error,
            "CODE_DEPLOY",
        );
        only(&found(ecs().status("DRAINING"), Some(ecs()), &canary()), Level::Error, "DRAINING");
    }

    #[test]
    fn whatever_else_is_at_work_is_seen() {
        let extra = found(external(&["PRIMARY", "ACTIVE"]), None, &canary());
        only(&extra, Level::Error, "is ACTIVE beside");
        let draining = found(external(&["PRIMARY", "DRAINING"]), None, &canary());
        only(&draining, Level::Warning, "wait until it is gone");
        let four =
            found(external(&["PRIMARY", "DRAINING", "DRAINING", "DRAINING"]), None, &canary());
        only(&four[3..], Level::Error, "4 task sets");
        only(&found(external(&[]), None, &canary()), Level::Info, "first deployment");
        let deployment = |state: DeploymentRolloutState| {
            let one = Deployment::builder().id("ecs-svc/2").rollout_state(state).build();
            let service = on(DeploymentControllerType::Ecs).deployments(one);
            found(service, Some(on(DeploymentControllerType::Ecs)), &canary())
        };
        only(&deployment(DeploymentRolloutState::InProgress), Level::Error, "ecs-svc/2");
        only(&deployment(DeploymentRolloutState::Failed), Level::Warning, "failed");
    }

    #[test]
    fn a_service_that_proves_nothing_is_warned_of() {
        let external = || external(&["PRIMARY"]);
        only(&found(external().desired_count(0), None, &canary()), Level::Warning, "zero");
        let grace = external().health_check_grace_period_seconds(90);
        only(&found(grace, None, &canary()), Level::Warning, "90 s");
        let daemon = external().scheduling_strategy(SchedulingStrategy::Daemon);
        only(&found(daemon, None, &canary()), Level::Error, "DAEMON");
        let alarms = DeploymentAlarms::builder().enable(true).rollback(true);
        let alarms = alarms.alarm_names("5xx").build().unwrap();
        let alarms = DeploymentConfiguration::builder().alarms(alarms).build();
        let alarms = external().deployment_configuration(alarms);
        only(&found(alarms, None, &canary()), Level::Warning, "by itself on alarms");
    }

    #[test]
    fn a_rolling_update_that_cannot_move_is_an_error() {
        let ecs = || on(DeploymentControllerType::Ecs);
        let stuck = found(ecs(), None, &rolling(100, 100));
        only(&stuck[..1], Level::Error, "no task can be replaced");
        only(&found(ecs(), None, &rolling(100, 125)), Level::Warning, "circuit breaker");
        only(&found(ecs(), None, &rolling(75, 100)), Level::Warning, "circuit breaker");
    }
}
