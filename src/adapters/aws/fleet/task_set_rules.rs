//! Whose a task set is, and how many there may be.

use aws_sdk_ecs::types::TaskSet;

use super::super::sdk::Operation;
use crate::model::Role;
use crate::model::Subject;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// ECS keeps at most this many task sets of a service, those that are draining included. It is
/// documented nowhere; ECS says it when it refuses the sixth.
const MOST: usize = 5;

/// Whether a set is on its way out.
pub(super) fn is_draining(set: &TaskSet) -> bool {
    set.status() == Some("DRAINING")
}

fn is_ours(set: &TaskSet, subject: &Subject) -> bool {
    set.external_id() == Some(subject.deployment.as_str())
}

/// The task set that holds a role. The candidate is known by the deployment's id: one that stays is
/// preferred to one on its way out.
pub(crate) fn find<'a>(sets: &'a [TaskSet], subject: &Subject, role: Role) -> Option<&'a TaskSet> {
    match role {
        Role::Stable => {
            let stable = subject.baseline.stable.as_ref()?;
            sets.iter().find(|set| set.id() == Some(stable.as_str()))
        }
        Role::Candidate => {
            let own = || sets.iter().filter(|set| is_ours(set, subject));
            own().find(|set| !is_draining(set)).or_else(|| own().next())
        }
    }
}

/// Whether the candidate's set has been created, by this process or one before it.
pub(crate) fn already(sets: &[TaskSet], subject: &Subject) -> bool {
    sets.iter().any(|set| is_ours(set, subject) && !is_draining(set))
}

/// Whether a set was left by another deployment of this crate: it has the deployment's id and is
/// neither primary nor `CodeDeploy`'s.
fn is_leaked(set: &TaskSet) -> bool {
    let status = set.status();
    set.external_id().is_some() && set.started_by().is_none() && status == Some("ACTIVE")
}

/// The refusal where ECS would not take another set: names them all and says what to do.
pub(super) fn no_room(sets: &[TaskSet]) -> Option<CallError> {
    if sets.len() < MOST {
        return None;
    }
    let named = |set: &TaskSet| {
        let (id, status) = (set.id().unwrap_or("a set"), set.status().unwrap_or("unknown"));
        match set.external_id() {
            Some(owner) if is_leaked(set) => format!("{id} ({status}, left by {owner})"),
            Some(owner) => format!("{id} ({status}, of {owner})"),
            None => format!("{id} ({status})"),
        }
    };
    let names: Vec<String> = sets.iter().map(named).collect();
    let draining = sets.iter().any(is_draining);
    let hint = if draining {
        "wait until those that drain are gone"
    } else {
        "`Aws::left_behind` says which of them were left behind and may be removed"
    };
    let (most, names) = (MOST, names.join(", "));
    let why = format!("ECS keeps at most {most} task sets of a service: {names}; {hint}");
    // what drains makes room by itself
    let class = if draining { ErrorClass::Conflict } else { ErrorClass::Quota };
    Some(CallError::new(Operation::CreateTaskSet.name(), class, why))
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::subject;
    use super::super::super::fixtures::task_set;
    use super::*;

    #[test]
    fn a_sixth_task_set_is_refused_with_the_names_of_the_five() {
        let mut sets = vec![task_set("ecs-svc/1", "PRIMARY", 1, None)];
        for number in 2..=5 {
            let owner = format!("d-{number}");
            sets.push(task_set(&format!("ecs-svc/{number}"), "ACTIVE", number, Some(&owner)));
        }
        let error = no_room(&sets).unwrap();
        assert_eq!(error.class, ErrorClass::Quota);
        assert!(error.message.contains("ecs-svc/1 (PRIMARY)"), "{error}");
        assert!(error.message.contains("ecs-svc/4 (ACTIVE, left by d-4)"), "{error}");
        sets[4].status = Some("DRAINING".to_owned());
        assert_eq!(no_room(&sets).unwrap().class, ErrorClass::Conflict);
        sets.pop();
        assert!(no_room(&sets).is_none());
    }

    #[test]
    fn what_drains_is_not_the_candidate_where_another_stays() {
        let subject = subject(2);
        let own = subject.deployment.as_str();
        let sets = [
            task_set("ecs-svc/2", "DRAINING", 2, Some(own)),
            task_set("ecs-svc/3", "ACTIVE", 2, Some(own)),
        ];
        let found = |sets: &[TaskSet]| {
            find(sets, &subject, Role::Candidate).and_then(|set| set.id.clone()).unwrap()
        };
        assert_eq!(found(&sets), "ecs-svc/3");
        assert!(already(&sets, &subject));
        assert_eq!(found(&sets[..1]), "ecs-svc/2");
        assert!(!already(&sets[..1], &subject), "it has to be created again");
    }
}
