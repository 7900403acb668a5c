//! Counts tasks and targets with as few calls as there can be.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;

use aws_sdk_ecs::types::DesiredStatus;
use aws_sdk_ecs::types::Task;

use super::ecs::Ecs;
use super::holder::Holder;
use super::operation::Operation;
use super::running_task::RunningTask;
use super::stopped_task::StoppedTask;
use super::tally::Tally;
use super::target::Target;
use crate::model::ServiceId;
use crate::model::TaskSetId;
use crate::ports::CallError;

/// ECS describes this many tasks or container instances in one call.
const PAGE: usize = 100;

/// How often a list of tasks is used again where it explains every count, and where it does not.
const REUSES: u32 = 6;
const HASTY_REUSES: u32 = 4;

type Counters = BTreeMap<TaskSetId, [u32; 4]>;

/// What is kept of a service from look to look.
#[derive(Debug, Clone, Default)]
struct Kept {
    counters: Counters,
    running: Vec<RunningTask>,
    failed: BTreeMap<String, StoppedTask>,
    /// Stopped tasks that were looked at once; they do not change.
    stopped: BTreeSet<String>,
    /// Whether a task is on its way to a stop and does not say why yet.
    unclear: bool,
    /// Container instances and their ids in EC2.
    instances: BTreeMap<String, String>,
    reused: u32,
}

/// Counts tasks and targets with as few calls as there can be.
///
/// Targets are read at every look. Tasks are listed when ECS's counts say that there are new ones, or
/// now and then, sooner where the tasks that are known do not explain the targets; stopped ones when
/// ECS counts a failed task or one is gone that nobody asked to go.
#[derive(Debug, Default)]
pub(super) struct Counting {
    kept: Mutex<BTreeMap<ServiceId, Kept>>,
}

impl Counting {
    /// One look at the tasks of these holders, all of one service.
    pub(super) async fn look(
        &self,
        ecs: &Ecs,
        service: &ServiceId,
        holders: &[Holder],
    ) -> Result<Tally, CallError> {
        let mut tally = Tally::default();
        let groups: BTreeSet<&String> = holders.iter().filter_map(|it| it.group.as_ref()).collect();
        for group in groups {
            tally.targets.insert(group.clone(), targets(ecs, group).await?);
        }
        let mut kept = self.kept(service);
        let counters: Counters = holders.iter().map(Holder::counters).collect();
        tally.running.clone_from(&kept.running);
        tally.failed.clone_from(&kept.failed);
        let explained = holders.iter().all(|holder| {
            let role = holder.role(&tally);
            role.healthy == role.running && role.running == role.target && role.pending == 0
        });
        let most = if explained { REUSES } else { HASTY_REUSES };
        if !has_news(&kept, holders) && kept.reused < most && !kept.unclear {
            kept.reused += 1;
            kept.counters = counters;
            self.keep(service, kept);
            return Ok(tally);
        }
        tally.running = running(ecs, service, &mut kept.instances).await?;
        if may_have_failed(&kept, &counters, holders, &tally.running) {
            stopped(ecs, service, &mut kept).await?;
            tally.failed.clone_from(&kept.failed);
        }
        kept.counters = counters;
        kept.running.clone_from(&tally.running);
        kept.reused = 0;
        self.keep(service, kept);
        Ok(tally)
    }

    /// The tasks that failed, also where no count says that any did: after an end.
    pub(super) async fn look_back(
        &self,
        ecs: &Ecs,
        service: &ServiceId,
    ) -> Result<BTreeMap<String, StoppedTask>, CallError> {
        let mut kept = self.kept(service);
        stopped(ecs, service, &mut kept).await?;
        let failed = kept.failed.clone();
        self.keep(service, kept);
        Ok(failed)
    }

    /// Takes note of what has failed up to now, so that it does not count against what comes.
    pub(super) async fn forgive(&self, ecs: &Ecs, service: &ServiceId) -> Result<(), CallError> {
        let arns = list(ecs, service, DesiredStatus::Stopped).await?;
        let mut kept = self.kept(service);
        kept.stopped.extend(arns);
        kept.failed.clear();
        self.keep(service, kept);
        Ok(())
    }

    fn kept(&self, service: &ServiceId) -> Kept {
        let all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(service).cloned().unwrap_or_default()
    }

    fn keep(&self, service: &ServiceId, kept: Kept) {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(service.clone(), kept);
    }
}

/// Whether ECS's counts say that there are tasks which are not known. One that was asked to go is no
/// news: the counts tell how many are left.
fn has_news(kept: &Kept, holders: &[Holder]) -> bool {
    holders.iter().any(|holder| {
        let before = kept.counters.get(&holder.id).copied().unwrap_or_default();
        let [target, pending, running, failed] = before;
        let lost = holder.running < running && holder.target >= target;
        let waits = !holder.by_revision && holder.pending != pending;
        holder.failed != failed || holder.running > running || lost || waits
    })
}

/// Whether a task may have failed since the last look. ECS counts failed tasks of deployments, not
/// those of task sets; and it does not count a task that ran before it failed.
fn may_have_failed(
    kept: &Kept,
    counters: &Counters,
    holders: &[Holder],
    running: &[RunningTask],
) -> bool {
    if kept.unclear {
        return true;
    }
    if kept.counters.is_empty() {
        return holders.iter().any(|it| it.failed > 0 || it.running < it.target || it.pending > 0);
    }
    let now: BTreeSet<&String> = running.iter().map(|task| &task.arn).collect();
    holders.iter().any(|holder| {
        let before = kept.counters.get(&holder.id);
        let after = counters.get(&holder.id);
        let counted = |counters: Option<&[u32; 4]>| counters.map_or(0, |[.., failed]| *failed);
        let target = |counters: Option<&[u32; 4]>| counters.map_or(0, |[target, ..]| *target);
        let shrinks = target(after) < target(before);
        let lost = kept.running.iter().any(|task| holder.owns(task) && !now.contains(&task.arn));
        let lacks = !holder.by_revision && !shrinks && holder.running < holder.target;
        counted(before) != counted(after) || (lost && !shrinks) || lacks
    })
}

async fn list(
    ecs: &Ecs,
    service: &ServiceId,
    status: DesiredStatus,
) -> Result<Vec<String>, CallError> {
    let mut arns = Vec::new();
    let mut next = None;
    loop {
        let send = || {
            let list = ecs.clients.ecs.list_tasks().cluster(&service.cluster);
            let list = list.service_name(&service.service).desired_status(status.clone());
            list.set_next_token(next.clone()).send()
        };
        let page = ecs.calls.read(Operation::ListTasks, send).await?;
        arns.extend(page.task_arns.unwrap_or_default());
        next = page.next_token;
        if next.is_none() {
            return Ok(arns);
        }
    }
}

async fn describe(ecs: &Ecs, service: &ServiceId, arns: &[String]) -> Result<Vec<Task>, CallError> {
    let mut tasks = Vec::new();
    for page in arns.chunks(PAGE) {
        let send = || {
            let describe = ecs.clients.ecs.describe_tasks().cluster(&service.cluster);
            describe.set_tasks(Some(page.to_vec())).send()
        };
        let answer = ecs.calls.read(Operation::DescribeTasks, send).await?;
        tasks.extend(answer.tasks.unwrap_or_default());
    }
    Ok(tasks)
}

async fn running(
    ecs: &Ecs,
    service: &ServiceId,
    instances: &mut BTreeMap<String, String>,
) -> Result<Vec<RunningTask>, CallError> {
    let arns = list(ecs, service, DesiredStatus::Running).await?;
    let described = describe(ecs, service, &arns).await?;
    let mut tasks: Vec<RunningTask> = described.iter().map(RunningTask::of).collect();
    let unknown: BTreeSet<&String> = tasks
        .iter()
        .filter(|task| task.addresses.is_empty() && !task.host_ports.is_empty())
        .filter_map(|task| task.container_instance.as_ref())
        .filter(|instance| !instances.contains_key(*instance))
        .collect();
    let unknown: Vec<String> = unknown.into_iter().cloned().collect();
    for page in unknown.chunks(PAGE) {
        let send = || {
            let describe = ecs.clients.ecs.describe_container_instances();
            let describe = describe.cluster(&service.cluster);
            describe.set_container_instances(Some(page.to_vec())).send()
        };
        let answer = ecs.calls.read(Operation::DescribeContainerInstances, send).await?;
        for instance in answer.container_instances() {
            if let (Some(arn), Some(id)) =
                (instance.container_instance_arn(), instance.ec2_instance_id())
            {
                instances.insert(arn.to_owned(), id.to_owned());
            }
        }
    }
    for task in &mut tasks {
        let known = task.container_instance.as_ref().and_then(|arn| instances.get(arn));
        task.instance = known.cloned();
    }
    Ok(tasks)
}

async fn stopped(ecs: &Ecs, service: &ServiceId, kept: &mut Kept) -> Result<(), CallError> {
    let arns = list(ecs, service, DesiredStatus::Stopped).await?;
    // ECS forgets a stopped task after an hour or so
    kept.stopped.retain(|arn| arns.contains(arn));
    let news: Vec<String> = arns.into_iter().filter(|arn| !kept.stopped.contains(arn)).collect();
    kept.unclear = false;
    for task in describe(ecs, service, &news).await? {
        let Some(arn) = task.task_arn() else { continue };
        // deregistration may keep a task for minutes after it is known why it stops
        if task.last_status() != Some("STOPPED") && task.stop_code().is_none() {
            kept.unclear = true;
            continue;
        }
        kept.stopped.insert(arn.to_owned());
        if let Some(failed) = StoppedTask::of(&task) {
            kept.failed.insert(arn.to_owned(), failed);
        }
    }
    Ok(())
}

async fn targets(ecs: &Ecs, group: &str) -> Result<Vec<Target>, CallError> {
    let send = || ecs.clients.elb.describe_target_health().target_group_arn(group).send();
    let answer = ecs.calls.read(Operation::DescribeTargetHealth, send).await?;
    Ok(answer.target_health_descriptions().iter().map(Target::of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Revision;

    fn holder(target: u32, running: u32, failed: u32) -> Holder {
        let arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2";
        Holder {
            id: TaskSetId::new("ecs-svc/2").unwrap(),
            revision: Revision::new(arn.parse().unwrap()),
            by_revision: true,
            starters: vec!["ecs-svc/2".to_owned()],
            target,
            pending: 0,
            running,
            draining: false,
            failed,
            group: None,
        }
    }

    fn task(arn: &str) -> RunningTask {
        let definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2";
        let task = Task::builder().task_arn(arn).started_by("ecs-svc/2").last_status("RUNNING");
        RunningTask::of(&task.task_definition_arn(definition).build())
    }

    fn failed(before: &Holder, after: &Holder, running: &[RunningTask]) -> bool {
        let kept = Kept {
            counters: [before.counters()].into(),
            running: vec![task("a"), task("b")],
            ..Kept::default()
        };
        let counters = [after.counters()].into();
        may_have_failed(&kept, &counters, std::slice::from_ref(after), running)
    }

    #[test]
    fn stopped_tasks_are_listed_only_where_one_may_have_failed() {
        let both = [task("a"), task("b")];
        assert!(!failed(&holder(2, 2, 0), &holder(4, 2, 0), &both), "more are wanted");
        assert!(failed(&holder(2, 2, 0), &holder(2, 2, 1), &both), "ecs counts one");
        assert!(failed(&holder(2, 2, 0), &holder(2, 2, 0), &[task("a"), task("c")]), "one is new");
        assert!(!failed(&holder(2, 2, 0), &holder(1, 1, 0), &[task("a")]), "one was asked to go");
        let of_set = |running| Holder { by_revision: false, ..holder(2, running, 0) };
        assert!(failed(&of_set(1), &of_set(1), &both), "a set counts no failed tasks");
        assert!(!failed(&of_set(2), &of_set(2), &both));
        let first = |holder| may_have_failed(&Kept::default(), &Counters::new(), &[holder], &both);
        assert!(!first(holder(2, 2, 0)), "the first look finds everything in order");
        assert!(first(holder(2, 1, 0)) && first(holder(2, 2, 1)));
    }

    #[test]
    fn tasks_are_listed_only_where_the_counts_say_that_some_are_new() {
        let news = |before: &Holder, after: Holder| {
            let kept = Kept { counters: [before.counters()].into(), ..Kept::default() };
            has_news(&kept, &[after])
        };
        assert!(!news(&holder(2, 2, 0), holder(2, 2, 0)));
        assert!(news(&holder(4, 2, 0), holder(4, 3, 0)), "one came up");
        assert!(!news(&holder(4, 4, 0), holder(2, 3, 0)), "one was asked to go");
        assert!(news(&holder(4, 4, 0), holder(4, 3, 0)), "one went by itself");
        assert!(news(&holder(4, 4, 0), holder(4, 4, 1)), "one failed");
        assert!(has_news(&Kept::default(), &[holder(2, 2, 0)]), "none is known yet");
        let pending = |pending| Holder { by_revision: false, pending, ..holder(4, 2, 0) };
        assert!(news(&pending(2), pending(1)), "of a set, one may have failed to start");
    }

    #[test]
    fn a_failure_counts_for_the_deployment_that_started_the_task() {
        let mut tally = Tally { running: vec![task("a")], ..Tally::default() };
        for (arn, starter) in [("x", "ecs-svc/2"), ("y", "ecs-svc/2"), ("z", "ecs-svc/1")] {
            let (code, reason) = ("TaskFailedToStart".to_owned(), "no image".to_owned());
            let task = StoppedTask { started_by: starter.to_owned(), code, reason };
            tally.failed.insert(arn.to_owned(), task);
        }
        let role = holder(2, 1, 1).role(&tally);
        assert_eq!((role.healthy, role.failed, role.failures[0].count), (1, 2, 2));
        assert_eq!(holder(2, 1, 5).role(&tally).failed, 5);
    }
}
