//! What is kept of a service from look to look.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::holder::Holder;
use super::running::RunningTask;
use super::stopped::StoppedTask;
use super::tally::Tally;
use super::target::Target;
use crate::model::Elapsed;
use crate::model::TaskSetId;

pub(super) type Counters = BTreeMap<TaskSetId, [u32; 4]>;

/// What is kept of a service from look to look.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    pub(super) counters: Counters,
    pub(crate) running: Vec<RunningTask>,
    pub(crate) failed: BTreeMap<String, StoppedTask>,
    /// Stopped tasks that were looked at once; they do not change.
    pub(crate) stopped: BTreeSet<String>,
    /// Whether a task is on its way to a stop and does not say why yet.
    pub(super) unclear: bool,
    /// Container instances and their ids in EC2.
    pub(crate) instances: BTreeMap<String, String>,
    pub(super) reused: u32,
    /// The targets by group, and when they were read.
    pub(crate) targets: BTreeMap<String, Vec<Target>>,
    pub(super) counted_at: Option<Elapsed>,
}

impl Kept {
    /// Whether what was counted before still tells what matters, though ECS moves tasks meanwhile.
    pub(super) fn suffices(&self, holders: &[Holder]) -> bool {
        let tally = Tally {
            running: self.running.clone(),
            targets: self.targets.clone(),
            ..Tally::default()
        };
        let staying = || holders.iter().filter(|holder| holder.target > 0);
        let before = |holder: &Holder| self.counters.get(&holder.id).copied().unwrap_or_default();
        let has_failed = holders.iter().any(|holder| {
            let [target, _, running, failed] = before(holder);
            let lost = holder.running < running && holder.target >= target;
            holder.failed != failed || lost
        });
        let well = staying().all(|holder| {
            let [target, _, running, _] = before(holder);
            let healthy = holder.role(&tally).healthy;
            healthy == holder.target && holder.target == target && holder.running == running
        });
        !has_failed && !self.unclear && (staying().count() > 1 || well)
    }

    /// Whether ECS's counts say that there are tasks which are not known. One that was asked to go is no
    /// news: the counts tell how many are left.
    pub(super) fn has_news(&self, holders: &[Holder]) -> bool {
        holders.iter().any(|holder| {
            let before = self.counters.get(&holder.id).copied().unwrap_or_default();
            let [target, pending, running, failed] = before;
            let lost = holder.running < running && holder.target >= target;
            let waits = !holder.by_revision && holder.pending != pending;
            // a part of the list that is taken for all of it would be kept for as long as nothing moves
            let known = self.running.iter().filter(|task| holder.owns(task)).count();
            let lacks = u32::try_from(known).is_ok_and(|known| known < holder.running);
            holder.failed != failed || holder.running > running || lost || waits || lacks
        })
    }

    /// Whether a task may have failed since the last look. ECS counts failed tasks of deployments, not
    /// those of task sets; and it does not count a task that ran before it failed.
    pub(super) fn may_have_failed(
        &self,
        counters: &Counters,
        holders: &[Holder],
        running: &[RunningTask],
    ) -> bool {
        if self.unclear {
            return true;
        }
        if self.counters.is_empty() {
            return holders
                .iter()
                .any(|it| it.failed > 0 || it.running < it.target || it.pending > 0);
        }
        let now: BTreeSet<&String> = running.iter().map(|task| &task.arn).collect();
        holders.iter().any(|holder| {
            let before = self.counters.get(&holder.id);
            let after = counters.get(&holder.id);
            let counted = |counters: Option<&[u32; 4]>| counters.map_or(0, |[.., failed]| *failed);
            let target = |counters: Option<&[u32; 4]>| counters.map_or(0, |[target, ..]| *target);
            let shrinks = target(after) < target(before);
            let lost =
                self.running.iter().any(|task| holder.owns(task) && !now.contains(&task.arn));
            let lacks = !holder.by_revision && !shrinks && holder.running < holder.target;
            counted(before) != counted(after) || (lost && !shrinks) || lacks
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::Task;

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
        kept.may_have_failed(&counters, std::slice::from_ref(after), running)
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
        let first = |holder| Kept::default().may_have_failed(&Counters::new(), &[holder], &both);
        assert!(!first(holder(2, 2, 0)), "the first look finds everything in order");
        assert!(first(holder(2, 1, 0)) && first(holder(2, 2, 1)));
    }

    #[test]
    fn tasks_are_listed_only_where_the_counts_say_that_some_are_new() {
        let news = |before: &Holder, after: Holder| {
            let running = (0..before.running).map(|number| task(&number.to_string())).collect();
            let kept = Kept { counters: [before.counters()].into(), running, ..Kept::default() };
            kept.has_news(&[after])
        };
        assert!(!news(&holder(2, 2, 0), holder(2, 2, 0)));
        let partial = Kept { running: vec![task("a")], ..Kept::default() };
        let partial = Kept { counters: [holder(2, 2, 0).counters()].into(), ..partial };
        assert!(partial.has_news(&[holder(2, 2, 0)]), "one was left out of the list");
        assert!(news(&holder(4, 2, 0), holder(4, 3, 0)), "one came up");
        assert!(!news(&holder(4, 4, 0), holder(2, 3, 0)), "one was asked to go");
        assert!(news(&holder(4, 4, 0), holder(4, 3, 0)), "one went by itself");
        assert!(news(&holder(4, 4, 0), holder(4, 4, 1)), "one failed");
        assert!(Kept::default().has_news(&[holder(2, 2, 0)]), "none is known yet");
        let pending = |pending| Holder { by_revision: false, pending, ..holder(4, 2, 0) };
        assert!(news(&pending(2), pending(1)), "of a set, one may have failed to start");
    }

    #[test]
    fn while_ecs_moves_tasks_counts_are_recalled_only_where_nothing_rests_on_them() {
        let old = |target| Holder {
            id: TaskSetId::new("ecs-svc/1").unwrap(),
            starters: vec!["ecs-svc/1".to_owned()],
            ..holder(target, 2, 0)
        };
        let counters = [holder(2, 2, 0).counters(), old(2).counters()].into();
        let kept = Kept { counters, running: vec![task("a"), task("b")], ..Kept::default() };
        assert!(kept.suffices(&[old(2), holder(2, 2, 0)]), "the old ones still serve");
        assert!(!kept.suffices(&[old(2), holder(2, 1, 0)]), "one was lost");
        assert!(!kept.suffices(&[old(2), holder(2, 1, 1)]), "one failed");
        assert!(kept.suffices(&[old(0), holder(2, 2, 0)]), "all were well and are there");
        assert!(!kept.suffices(&[old(0), holder(2, 1, 0)]), "one has gone");
        let none = Kept { running: Vec::new(), ..kept };
        assert!(!none.suffices(&[old(0), holder(2, 2, 0)]), "they were not well");
        assert!(none.suffices(&[old(2), holder(2, 2, 0)]), "nothing rests on them");
    }

    #[test]
    fn a_failure_counts_for_the_deployment_that_started_the_task() {
        let mut tally = Tally { running: vec![task("a")], ..Tally::default() };
        for (arn, starter) in [("x", "ecs-svc/2"), ("y", "ecs-svc/2"), ("z", "ecs-svc/1")] {
            let (code, reason) = ("TaskFailedToStart".to_owned(), "no image".to_owned());
            let task =
                StoppedTask { started_by: starter.to_owned(), code, reason, exit_code: None };
            tally.failed.insert(arn.to_owned(), task);
        }
        let role = holder(2, 1, 1).role(&tally);
        assert_eq!((role.healthy, role.failed, role.failures[0].count), (1, 2, 2));
        assert_eq!(holder(2, 1, 5).role(&tally).failed, 5);
    }
}
