//! Counts tasks and targets with as few calls as there can be.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use aws_sdk_ecs::types::DesiredStatus;
use aws_sdk_ecs::types::Task;

use super::super::sdk::Operation;
use super::super::service::Ecs;
use super::holder::Holder;
use super::kept::Counters;
use super::kept::Kept;
use super::running::RunningTask;
use super::stopped::StoppedTask;
use super::tally::Tally;
use super::target::Target;
use crate::model::ServiceId;
use crate::ports::CallError;

/// ECS describes this many tasks or container instances in one call.
const PAGE: usize = 100;

/// How often a list of tasks is used again where it explains every count, and where it does not.
pub(crate) const REUSES: u32 = 6;
const HASTY_REUSES: u32 = 4;

/// For how long counts are used again while ECS moves the tasks by itself.
const RECALLED: Duration = Duration::from_secs(30);

/// Counts tasks and targets with as few calls as there can be.
///
/// Targets are read at every look. Tasks are listed when ECS's counts say that there are new ones, or
/// now and then, sooner where the tasks that are known do not explain the targets; stopped ones when
/// ECS counts a failed task or one is gone that nobody asked to go.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    kept: Mutex<BTreeMap<ServiceId, Kept>>,
}

impl Counting {
    /// One look at the tasks of these holders, all of one service.
    pub(crate) async fn look(
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
        kept.targets.clone_from(&tally.targets);
        kept.counted_at = Some(ecs.calls.clock().elapsed());
        let counters: Counters = holders.iter().map(Holder::counters).collect();
        tally.running.clone_from(&kept.running);
        tally.failed.clone_from(&kept.failed);
        let explained = holders.iter().all(|holder| {
            let role = holder.role(&tally);
            role.healthy == role.running && role.running == role.target && role.pending == 0
        });
        let most = if explained { REUSES } else { HASTY_REUSES };
        if !kept.has_news(holders) && kept.reused < most && !kept.unclear {
            kept.reused += 1;
            kept.counters = counters;
            self.keep(service, kept);
            return Ok(tally);
        }
        tally.running = running(ecs, service, &mut kept.instances).await?;
        if kept.may_have_failed(&counters, holders, &tally.running) {
            stopped(ecs, service, &mut kept).await?;
            tally.failed.clone_from(&kept.failed);
        }
        kept.counters = counters;
        kept.running.clone_from(&tally.running);
        kept.reused = 0;
        self.keep(service, kept);
        Ok(tally)
    }

    /// What was counted lately, where that is enough while ECS moves the tasks of a service by itself:
    /// no task has failed, and either the old ones still serve beside the new, or every task that is
    /// to stay was healthy and none has gone.
    pub(crate) fn recall(
        &self,
        ecs: &Ecs,
        service: &ServiceId,
        holders: &[Holder],
    ) -> Option<Tally> {
        let kept = self.kept(service);
        let counted_at = kept.counted_at?;
        let age = ecs.calls.clock().elapsed().since(counted_at);
        let good = age < RECALLED && kept.suffices(holders);
        let (running, failed, targets) = (kept.running, kept.failed, kept.targets);
        good.then_some(Tally { running, failed, targets })
    }

    /// The tasks that failed, also where no count says that any did: after an end.
    pub(crate) async fn look_back(
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
    pub(crate) async fn forgive(&self, ecs: &Ecs, service: &ServiceId) -> Result<(), CallError> {
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
