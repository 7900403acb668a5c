//! Where requests go between two events.

use super::flow::Flow;
use super::flow::WHOLE;
use super::rule::Rule;
use super::rule::permille;
use super::state::State;
use super::task::TargetHealth;
use super::task::Task;
use super::task::TaskState;
use super::task_set::TaskSet;
use super::world::World;
use crate::model::Elapsed;

impl World {
    /// Accounts for the requests since the last time this was done.
    pub(super) fn settle(&mut self) {
        let (from, to) = (self.settled_at, self.now);
        if to <= from {
            return;
        }
        if !self.flows_known {
            self.find_flows();
        }
        self.settled_at = to;
        // traffic changes evenly, so its middle is its mean
        let middle = Elapsed::from_millis(u64::midpoint(from.as_millis(), to.as_millis()));
        let span = to.as_millis() - from.as_millis();
        let micro = self.scenario.traffic.milli_rps(middle).saturating_mul(span);
        if micro == 0 {
            return;
        }
        for flow in &self.flows {
            let requests = part(micro, flow.parts, WHOLE);
            let failed = part(requests, flow.failing, 1000);
            let Some(revision) = flow.revision else {
                self.unserved_micro += requests;
                self.metrics.count_unserved(requests);
                continue;
            };
            if let Some(exposure) = self.exposure.get_mut(revision) {
                exposure.micro += requests;
                exposure.failed_micro += failed;
            }
            let latency = self.state.revisions.get(revision).map_or(0, |(_, of)| of.latency_ms);
            if let Some(group) = flow.group {
                self.metrics.count(group, requests, failed, latency);
            }
        }
    }

    fn find_flows(&mut self) {
        let mut flows = std::mem::take(&mut self.flows);
        flows.clear();
        if self.scenario.load_balancer {
            self.find_balanced_flows(&mut flows);
        } else {
            let running = |task: &Task| task.state == TaskState::Running;
            self.split(&mut flows, WHOLE, None, running, false);
        }
        self.flows = flows;
        self.flows_known = true;
    }

    fn find_balanced_flows(&self, flows: &mut Vec<Flow>) {
        let production = u64::from(self.scenario.production_rules.max(1));
        let mut left = WHOLE;
        for rule in self.state.production_rules() {
            let share = WHOLE / production;
            left -= share.min(left);
            for group in 0..self.state.groups.len() {
                let parts =
                    part(share, share_of(&self.state, rule, self.sticky(), group), 1_000_000);
                if parts > 0 {
                    self.through(flows, parts, group);
                }
            }
        }
        // what a deleted rule would have forwarded finds no target
        if left >= production {
            flows.push(Flow { parts: left, revision: None, group: None, failing: 1000 });
        }
    }

    fn sticky(&self) -> u64 {
        u64::from(self.scenario.sticky_permille.min(1000))
    }

    /// Requests to a group: its healthy targets, else all of them (fail open), else nobody.
    fn through(&self, flows: &mut Vec<Flow>, parts: u64, group: usize) {
        let registered = |task: &Task| {
            matches!(
                task.target,
                Some(TargetHealth::Initial | TargetHealth::Unhealthy | TargetHealth::Unused)
            )
        };
        if !self.split(flows, parts, Some(group), Task::is_healthy_target, false)
            && !self.split(flows, parts, Some(group), registered, true)
        {
            flows.push(Flow { parts, revision: None, group: None, failing: 1000 });
        }
    }

    /// Splits requests evenly over tasks; answers whether there was one.
    fn split(
        &self,
        flows: &mut Vec<Flow>,
        parts: u64,
        group: Option<usize>,
        which: impl Fn(&Task) -> bool,
        all_fail: bool,
    ) -> bool {
        let sets = || self.state.sets.iter().filter(|set| group.is_none() || set.group == group);
        let count = |set: &TaskSet, broken: bool| -> u64 {
            let those = set.tasks.iter().filter(|task| which(task) && (!broken || task.broken));
            those.map(|_| 1).sum()
        };
        let total: u64 = sets().map(|set| count(set, false)).sum();
        if total == 0 {
            return false;
        }
        for set in sets() {
            let (all, broken) = (count(set, false), count(set, true));
            if all == 0 {
                continue;
            }
            let erring = u64::from(self.behaviour(set.behaviour).error_permille.min(1000));
            let failing =
                if all_fail { 1000 } else { (broken * 1000 + (all - broken) * erring) / all };
            let revision = Some(set.behaviour);
            flows.push(Flow { parts: part(parts, all, total), revision, group, failing });
        }
        true
    }
}

/// A group's share, in millionths, of a rule's requests: cookies first, then weights.
fn share_of(state: &State, rule: &Rule, sticky: u64, group: usize) -> u64 {
    let fresh = permille(&rule.data, group);
    let Some(cookies) = &rule.cookies else {
        return fresh * 1000;
    };
    // a cookie counts only for a group that the rule still names and that has a healthy target
    let holds = |of: usize| {
        rule.data.iter().any(|(named, _)| *named == of) && state.healthy_targets(of) > 0
    };
    let held: u64 =
        cookies.iter().filter(|(of, _)| holds(*of)).map(|(of, _)| permille(cookies, *of)).sum();
    let own = if holds(group) { permille(cookies, group) } else { 0 };
    sticky * own + (1_000_000 - sticky * held) * fresh / 1000
}

fn part(of: u64, parts: u64, whole: u64) -> u64 {
    let share = u128::from(of) * u128::from(parts) / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}
