//! A task that stopped without being asked to.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use aws_sdk_ecs::types::Container;
use aws_sdk_ecs::types::Task;
use aws_sdk_ecs::types::TaskStopCode;

use crate::model::TaskFailure;

/// The longest reason that is passed on, in characters.
const LONGEST: usize = 240;

/// Kinds of failures that are told apart.
const KINDS: usize = 8;

/// A task that stopped without being asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoppedTask {
    /// The task set or deployment that started it.
    pub(crate) started_by: String,
    /// ECS's stop code.
    pub(crate) code: String,
    /// ECS's reason, shortened.
    pub(crate) reason: String,
    /// The exit code of the first container that ended with an error.
    pub(crate) exit_code: Option<i64>,
}

impl StoppedTask {
    /// The task as ECS describes it, if it failed. Scaling in, a person, Spot and trouble below the
    /// task are nothing that a revision did.
    pub(crate) fn of(task: &Task) -> Option<Self> {
        let said = task.stopped_reason().unwrap_or_default();
        let failed = match task.stop_code() {
            Some(TaskStopCode::EssentialContainerExited | TaskStopCode::TaskFailedToStart) => true,
            // the scheduler also stops what fails a health check
            Some(TaskStopCode::ServiceSchedulerInitiated) => failed_check(said),
            Some(
                TaskStopCode::UserInitiated
                | TaskStopCode::SpotInterruption
                | TaskStopCode::TerminationNotice
                | TaskStopCode::InfrastructureHealth,
            ) => false,
            Some(_) | None => failed_check(said) || exited(task),
        };
        failed.then(|| Self {
            started_by: task.started_by().unwrap_or_default().to_owned(),
            code: task.stop_code().map_or("Unknown", TaskStopCode::as_str).to_owned(),
            reason: reason(task, said),
            exit_code: exit_codes(task).find(|code| *code != 0).map(i64::from),
        })
    }
}

fn failed_check(said: &str) -> bool {
    said.to_lowercase().contains("health check")
}

fn exited(task: &Task) -> bool {
    exit_codes(task).any(|code| code != 0)
}

fn exit_codes(task: &Task) -> impl Iterator<Item = i32> {
    task.containers().iter().filter_map(Container::exit_code)
}

/// What ECS says, and of the first container that says more, its exit code and reason. A container's
/// environment and command are not part of either.
fn reason(task: &Task, said: &str) -> String {
    let telling = task.containers().iter().find_map(|container| {
        let code = container.exit_code().filter(|code| *code != 0);
        let code = code.map(|code| format!("exit code {code}"));
        let reason = container.reason().filter(|reason| !said.contains(reason));
        let words: Vec<String> = code.into_iter().chain(reason.map(str::to_owned)).collect();
        let name = container.name().unwrap_or("a container");
        (!words.is_empty()).then(|| format!("{name}: {}", words.join(", ")))
    });
    let text = match telling {
        Some(telling) if said.is_empty() => telling,
        Some(telling) => format!("{said} ({telling})"),
        None => said.to_owned(),
    };
    without_ids(&text).chars().take(LONGEST).collect()
}

/// The text without long hexadecimal ids, so that the same failure of two tasks reads the same.
fn without_ids(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().map(Some).chain([None]) {
        if let Some(c) = c.filter(char::is_ascii_hexdigit) {
            run.push(c);
            continue;
        }
        if run.len() >= 16 {
            out.push('…');
        } else {
            out.push_str(&run);
        }
        run.clear();
        out.extend(c);
    }
    out
}

/// Failures by kind, most frequent first.
#[expect(single_use_lifetimes, reason = "an anonymous one is not allowed in an `impl Trait` here")]
pub(crate) fn kinds<'a>(failed: impl Iterator<Item = &'a StoppedTask>) -> Vec<TaskFailure> {
    let mut counts: BTreeMap<(&str, &str, Option<i64>), u32> = BTreeMap::new();
    for task in failed {
        let count = counts.entry((&task.code, &task.reason, task.exit_code)).or_default();
        *count = count.saturating_add(1);
    }
    let mut kinds: Vec<TaskFailure> = counts
        .into_iter()
        .map(|((code, reason, exit_code), count)| TaskFailure {
            code: code.to_owned(),
            reason: reason.to_owned(),
            count,
            exit_code,
        })
        .collect();
    kinds.sort_by_key(|kind| Reverse(kind.count));
    kinds.truncate(KINDS);
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureClass;

    fn stopped(code: TaskStopCode, reason: &str) -> Option<StoppedTask> {
        let task = Task::builder().stop_code(code).stopped_reason(reason).started_by("ecs-svc/2");
        StoppedTask::of(&task.build())
    }

    #[test]
    fn what_a_revision_did_not_do_is_no_failure() {
        let scaled = "Scaling activity initiated by (deployment ecs-svc/2)";
        for (code, reason) in [
            (TaskStopCode::ServiceSchedulerInitiated, scaled),
            (TaskStopCode::UserInitiated, "Task stopped by user"),
            (TaskStopCode::SpotInterruption, "Your Spot Task was interrupted."),
            (TaskStopCode::TerminationNotice, "Host terminated"),
            (TaskStopCode::InfrastructureHealth, "ECS is performing maintenance"),
        ] {
            assert_eq!(stopped(code.clone(), reason), None, "{code}");
        }
    }

    #[test]
    fn a_task_that_failed_its_check_is_a_failure_although_the_scheduler_stopped_it() {
        let said = "Task failed ELB health checks in (target-group arn:aws:x)";
        let failed = stopped(TaskStopCode::ServiceSchedulerInitiated, said).unwrap();
        assert_eq!(
            (failed.code.as_str(), failed.reason.as_str()),
            ("ServiceSchedulerInitiated", said)
        );
        assert!(stopped(TaskStopCode::TaskFailedToStart, "CannotPullContainerError").is_some());
        assert!(stopped(TaskStopCode::EssentialContainerExited, "").is_some());
    }

    #[test]
    fn the_same_failure_of_two_tasks_is_one_kind() {
        let task = |id: &str| {
            let container = Container::builder().name("app").exit_code(137);
            let container = container.reason(format!("OutOfMemoryError in {id}")).build();
            let said = "Essential container in task exited";
            let code = TaskStopCode::EssentialContainerExited;
            let task = Task::builder().stop_code(code).stopped_reason(said).containers(container);
            StoppedTask::of(&task.build()).unwrap()
        };
        let tasks = [task("0123456789abcdef0123"), task("fedcba98765432100123")];
        let other = stopped(TaskStopCode::TaskFailedToStart, "x").unwrap();
        let kinds = kinds(tasks.iter().chain([&other]));
        assert_eq!(kinds.len(), 2);
        let said = "Essential container in task exited (app: exit code 137, OutOfMemoryError in …)";
        assert_eq!((kinds[0].reason.as_str(), kinds[0].count), (said, 2));
        assert_eq!((kinds[0].exit_code, kinds[0].class()), (Some(137), FailureClass::OutOfMemory));
    }
}
