//! The two services of a pair, by role.

use aws_sdk_ecs::types::Service;

use super::super::service::Controller;
use super::super::service::at_rest;
use super::super::service::controller;
use super::super::service::count;
use super::super::service::primary;
use super::super::service::refused;
use super::super::service::revision;
use super::super::service::scheduling;
use super::super::service::set_id;
use super::super::service::state;
use super::super::tasks::Holder;
use crate::model::Baseline;
use crate::model::FleetObservation;
use crate::model::Primary;
use crate::model::Role;
use crate::model::Scheduling;
use crate::model::ServiceState;
use crate::model::Subject;
use crate::model::TargetGroupArn;
use crate::model::TaskSetId;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// The two services of a pair, by role.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) stable: Service,
    pub(crate) candidate: Service,
}

fn named(service: &Service) -> &str {
    service.service_name().unwrap_or("a service")
}

fn is_idle(service: &Service) -> bool {
    service.desired_count() + service.running_count() + service.pending_count() == 0
}

fn group(service: &Service) -> Result<TargetGroupArn, CallError> {
    let arn = service.load_balancers().iter().find_map(|one| one.target_group_arn());
    arn.and_then(|arn| arn.parse().ok()).ok_or_else(|| {
        let why = format!(
            "{} of the pair has no target group; each of the two needs its own",
            named(service)
        );
        refused(ErrorClass::Invalid, why)
    })
}

fn fit(service: &Service) -> Result<(), CallError> {
    let wrong = match controller(service)? {
        Controller::External => "has the deployment controller EXTERNAL; it needs no pair",
        Controller::Ecs if scheduling(service) == Scheduling::Daemon => {
            "is a DAEMON service; a pair needs REPLICA"
        }
        Controller::Ecs => return at_rest(service),
    };
    Err(refused(ErrorClass::Invalid, format!("{} {wrong}", named(service))))
}

impl Pair {
    /// The pair by what it does: the service that has tasks is stable. Where both have, it is the one
    /// that was asked for; whoever knows the weights holds it against them.
    pub(crate) fn find(asked: Service, other: Service) -> Result<Self, CallError> {
        fit(&asked)?;
        fit(&other)?;
        match (is_idle(&asked), is_idle(&other)) {
            (false, _) => Ok(Self { stable: asked, candidate: other }),
            (true, false) => Ok(Self { stable: other, candidate: asked }),
            (true, true) => {
                let (asked, other) = (named(&asked), named(&other));
                let why = format!(
                    "neither {asked} nor {other} has a task; set the desired count of the one that \
                     should serve"
                );
                Err(refused(ErrorClass::Invalid, why))
            }
        }
    }

    /// The pair as it is before the deployment.
    pub(crate) fn baseline(&self) -> Result<Baseline, CallError> {
        let (stable_group, candidate_group) = (group(&self.stable)?, group(&self.candidate)?);
        if stable_group == candidate_group {
            let why = format!(
                "{} and {} share {stable_group}; each needs a target group of its own",
                named(&self.stable),
                named(&self.candidate),
            );
            return Err(refused(ErrorClass::Invalid, why));
        }
        // what the candidate was before is no one's deployment
        let before = self.candidate.deployments().iter().map(|one| set_id(one.id()));
        Ok(Baseline {
            two_roles: true,
            stable: Some(set_id(self.stable.service_name())?),
            candidate: Some(set_id(self.candidate.service_name())?),
            stable_revision: Some(revision(self.stable.task_definition())?),
            others: before.collect::<Result<_, _>>()?,
            stable_group: Some(stable_group),
            candidate_group: Some(candidate_group),
            ..Baseline::new(count(self.stable.desired_count()), Scheduling::Replica)
        })
    }

    /// The service that holds a role.
    pub(crate) const fn service(&self, role: Role) -> &Service {
        match role {
            Role::Stable => &self.stable,
            Role::Candidate => &self.candidate,
        }
    }

    /// A deployment of the pair's that neither this crate made nor was there before, if any: also a
    /// way back that ECS took by itself.
    fn foreign(&self, subject: &Subject) -> Result<Vec<TaskSetId>, CallError> {
        let baseline = &subject.baseline;
        let is = |service, revision| {
            let primary: Option<&str> =
                primary(service).and_then(|primary| primary.task_definition());
            primary.is_none() || primary == revision
        };
        let stable = baseline.stable_revision.as_ref();
        let stable = stable.map(|revision| revision.task_definition().as_str());
        let candidate = Some(subject.candidate.task_definition().as_str());
        let was_there = primary(&self.candidate).is_some_and(|primary| {
            baseline.others.iter().any(|other| primary.id() == Some(other.as_str()))
        });
        let odd = [
            (&self.stable, is(&self.stable, stable)),
            (&self.candidate, is(&self.candidate, candidate) || was_there),
        ];
        let odd = odd.into_iter().filter(|(_, known)| !known);
        odd.filter_map(|(service, _)| primary(service)).map(|one| set_id(one.id())).collect()
    }

    /// What holds a role's tasks, where it is there. The candidate is there once it runs the revision
    /// on trial. Stable, once it has no task, is kept as long as it may be wanted again.
    pub(crate) fn holder(
        &self,
        subject: &Subject,
        role: Role,
        promoted: bool,
    ) -> Result<Option<Holder>, CallError> {
        let service = self.service(role);
        let primary = primary(service);
        let runs = primary.and_then(|primary| primary.task_definition());
        let candidate = subject.candidate.task_definition().as_str();
        let there = match role {
            Role::Stable => !is_idle(service) || !promoted,
            Role::Candidate => !is_idle(service) && runs == Some(candidate),
        };
        if !there {
            return Ok(None);
        }
        let group = service.load_balancers().iter().find_map(|one| one.target_group_arn());
        let revision = revision(runs.or_else(|| service.task_definition()))?;
        let own = || {
            let of = move |arn: Option<&str>| arn == runs;
            service.deployments().iter().filter(move |one| of(one.task_definition()))
        };
        let running: u32 = own().map(|one| count(one.running_count())).sum();
        let pending: u32 = own().map(|one| count(one.pending_count())).sum();
        let target = count(service.desired_count());
        Ok(Some(Holder {
            id: set_id(service.service_name())?,
            revision,
            by_revision: true,
            starters: own().filter_map(|one| one.id().map(str::to_owned)).collect(),
            target,
            pending,
            running,
            // only the candidate, or a stable that has had its day, is on its way out at zero
            draining: target == 0 && (role == Role::Candidate || promoted),
            failed: primary.map_or(0, |primary| count(primary.failed_tasks())),
            group: group.map(str::to_owned),
        }))
    }

    /// What is seen but for the roles' tasks.
    pub(super) fn view(
        &self,
        subject: &Subject,
        promoted: bool,
    ) -> Result<FleetObservation, CallError> {
        let role = if promoted { Role::Candidate } else { Role::Stable };
        let states = [state(&self.stable), state(&self.candidate)];
        let not_active = states.into_iter().find(|state| *state != ServiceState::Active);
        let desired = count(self.stable.desired_count());
        let desired = desired.max(count(self.candidate.desired_count()));
        Ok(FleetObservation {
            service: not_active.unwrap_or(ServiceState::Active),
            desired: desired.max(subject.baseline.desired),
            stable: None,
            candidate: None,
            primary: Primary::Role(role),
            foreign: self.foreign(subject)?,
            delegated: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::Deployment;
    use aws_sdk_ecs::types::DeploymentRolloutState;
    use aws_sdk_ecs::types::LoadBalancer;

    use super::super::super::fixtures::definition;
    use super::super::super::fixtures::subject;
    use super::*;

    /// A service whose deployment `ecs-svc/<id>` runs this revision.
    fn service(name: &str, tasks: i32, id: u32, revision: u32) -> Service {
        let definition = definition(revision);
        let group =
            format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{name}/1");
        let deployment = Deployment::builder().id(format!("ecs-svc/{id}")).status("PRIMARY");
        let deployment = deployment.task_definition(&definition).running_count(tasks);
        let state = DeploymentRolloutState::Completed;
        Service::builder()
            .service_name(name)
            .status("ACTIVE")
            .desired_count(tasks)
            .running_count(tasks)
            .task_definition(&definition)
            .deployments(deployment.desired_count(tasks).rollout_state(state).build())
            .load_balancers(LoadBalancer::builder().target_group_arn(group).build())
            .build()
    }

    fn begun() -> Subject {
        let pair = Pair::find(service("blue", 4, 1, 1), service("green", 0, 7, 9)).unwrap();
        Subject { baseline: pair.baseline().unwrap(), ..subject(2) }
    }

    fn seen(stable: Service, candidate: Service) -> Pair {
        Pair { stable, candidate }
    }

    #[test]
    fn the_service_with_tasks_is_stable_and_the_one_asked_for_where_both_have_some() {
        let find = |asked, other| {
            let pair = Pair::find(service("blue", asked, 1, 1), service("green", other, 7, 9));
            pair.map(|pair| pair.baseline().unwrap().stable.unwrap().to_string())
        };
        assert_eq!(find(4, 0).unwrap(), "blue");
        assert_eq!(find(0, 4).unwrap(), "green");
        assert_eq!(find(4, 4).unwrap(), "blue");
        assert_eq!(find(0, 0).unwrap_err().class, ErrorClass::Invalid);
    }

    #[test]
    fn the_groups_are_those_of_the_services() {
        let baseline = begun().baseline;
        assert!(baseline.stable_group.unwrap().as_str().contains("/blue/"));
        assert!(baseline.candidate_group.unwrap().as_str().contains("/green/"));
        assert_eq!(baseline.candidate, Some("green".parse().unwrap()));
        let twins = Pair::find(service("blue", 4, 1, 1), service("blue", 0, 7, 9)).unwrap();
        assert!(twins.baseline().unwrap_err().message.contains("of its own"));
    }

    #[test]
    fn an_idle_service_is_no_candidate_and_what_it_ran_before_is_not_foreign() {
        let pair = seen(service("blue", 4, 1, 1), service("green", 0, 7, 9));
        let view = pair.view(&begun(), false).unwrap();
        assert!(pair.holder(&begun(), Role::Candidate, false).unwrap().is_none());
        assert_eq!((view.foreign, view.primary), (Vec::new(), Primary::Role(Role::Stable)));
        assert_eq!(view.desired, 4);
    }

    #[test]
    fn the_candidate_is_there_once_it_runs_the_revision_on_trial() {
        let pair = seen(service("blue", 4, 1, 1), service("green", 2, 8, 2));
        let holder = pair.holder(&begun(), Role::Candidate, false).unwrap().unwrap();
        assert_eq!((holder.id.as_str(), holder.target, holder.running), ("green", 2, 2));
        assert!(pair.view(&begun(), false).unwrap().foreign.is_empty());
    }

    #[test]
    fn a_revision_that_went_back_by_itself_is_foreign() {
        let pair = seen(service("blue", 4, 1, 1), service("green", 2, 9, 9));
        assert_eq!(pair.view(&begun(), false).unwrap().foreign, ["ecs-svc/9".parse().unwrap()]);
        let pair = seen(service("blue", 4, 5, 5), service("green", 2, 8, 2));
        assert_eq!(pair.view(&begun(), false).unwrap().foreign, ["ecs-svc/5".parse().unwrap()]);
    }

    #[test]
    fn stable_without_tasks_stands_by_until_the_candidate_was_promoted() {
        let pair = seen(service("blue", 0, 1, 1), service("green", 4, 8, 2));
        let stable = pair.holder(&begun(), Role::Stable, false).unwrap().unwrap();
        assert_eq!((stable.target, stable.draining), (0, false));
        assert!(pair.holder(&begun(), Role::Stable, true).unwrap().is_none());
        let view = pair.view(&begun(), true).unwrap();
        assert_eq!(view.primary, Primary::Role(Role::Candidate));
    }

    #[test]
    fn the_desired_count_is_the_one_at_the_start_or_what_either_was_raised_to() {
        let desired = |stable, candidate| {
            let pair = seen(service("blue", stable, 1, 1), service("green", candidate, 8, 2));
            pair.view(&begun(), false).unwrap().desired
        };
        assert_eq!((desired(4, 0), desired(2, 2), desired(6, 2), desired(0, 9)), (4, 4, 6, 9));
    }

    #[test]
    fn a_service_of_the_pair_that_is_going_away_is_told() {
        let mut leaving = service("green", 0, 7, 9);
        leaving.status = Some("DRAINING".to_owned());
        let pair = seen(service("blue", 4, 1, 1), leaving);
        assert_eq!(pair.view(&begun(), false).unwrap().service, ServiceState::Draining);
    }
}
