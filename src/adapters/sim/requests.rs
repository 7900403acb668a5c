//! Where requests go between two events.

use std::time::Duration;

use super::behaviour::Ageing;
use super::behaviour::Behaviour;
use super::elb::Rule;
use super::flow::Flow;
use super::flow::MILLION;
use super::flow::UNSERVED;
use super::flow::WHOLE;
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
        self.settled_at = to;
        // traffic changes evenly, so its middle is its mean
        let middle = Elapsed::from_millis(u64::midpoint(from.as_millis(), to.as_millis()));
        if !self.flows_known || self.flows_age {
            self.find_flows(middle);
        }
        let span = to.as_millis() - from.as_millis();
        let micro = self.scenario.traffic.milli_rps(middle).saturating_mul(span);
        if micro == 0 {
            return;
        }
        for flow in &self.flows {
            let requests = part(micro, flow.parts, WHOLE);
            let failed = part(requests, flow.failing, MILLION);
            let Some(revision) = flow.revision else {
                self.unserved_micro += requests;
                self.metrics.count_unserved(flow.balancer.unwrap_or(0), flow.group, requests);
                continue;
            };
            let exposure = self.exposure.get_mut(revision);
            if let Some(tally) = &mut self.tally {
                tally.count((flow.group, revision), (requests, failed), flow.latency_ms);
                if let Some(exposure) = exposure {
                    exposure.micro += requests;
                }
                continue;
            }
            if let Some(exposure) = exposure {
                exposure.micro += requests;
                exposure.failed_micro += failed;
            }
            if let Some(group) = flow.group {
                self.metrics.count(group, requests, failed, flow.latency_ms);
            }
        }
    }

    fn find_flows(&mut self, at: Elapsed) {
        let ages = |of: &(_, Behaviour)| of.1.ageing != Ageing::None;
        self.flows_age = self.state.revisions.iter().any(ages);
        let mut flows = std::mem::take(&mut self.flows);
        flows.clear();
        if self.scenario.load_balancer || self.state.production_rules().next().is_some() {
            self.find_balanced_flows(&mut flows, at);
        } else {
            let running = |task: &Task| task.state == TaskState::Running;
            self.split(
                &mut flows,
                Way { parts: WHOLE, group: None, balancer: None, at },
                running,
                false,
            );
        }
        self.flows = flows;
        self.flows_known = true;
    }

    fn find_balanced_flows(&self, flows: &mut Vec<Flow>, at: Elapsed) {
        let outside = self.state.production_rules().filter(|rule| rule.outside);
        let known =
            if self.scenario.load_balancer { self.scenario.production_rules.max(1) } else { 0 };
        let share = WHOLE / outside.fold(u64::from(known), |sum, _| sum + 1).max(1);
        let mut left = WHOLE;
        for rule in self.state.production_rules() {
            let balancer = Some(self.state.balancer_of_listener(rule.listener));
            let mut of_rule = share.min(left);
            left -= of_rule;
            // the last group takes what rounding left over
            let last = rule.data.iter().rev().find(|(_, weight)| *weight > 0);
            for group in 0..self.state.groups.len() {
                let parts = part(share, share_of(&self.state, rule, self.sticky(), group), WHOLE);
                if parts > 0 && Some(group) != last.map(|(group, _)| *group) {
                    let parts = parts.min(of_rule);
                    self.through(flows, Way { parts, group: Some(group), balancer, at });
                    of_rule -= parts;
                }
            }
            let parts = of_rule;
            match last {
                Some((group, _)) => {
                    self.through(flows, Way { parts, group: Some(*group), balancer, at });
                }
                // all weights are zero
                None => flows.push(Flow { balancer, ..UNSERVED.with(parts) }),
            }
        }
        // what a deleted rule would have forwarded finds no target
        if left >= share {
            flows.push(UNSERVED.with(left));
        }
    }

    fn sticky(&self) -> u64 {
        u64::from(self.scenario.sticky_permille.min(1000))
    }

    /// Requests to a group: its healthy targets, else all of them (fail open), else nobody.
    fn through(&self, flows: &mut Vec<Flow>, way: Way) {
        // targets of a group that the rule no longer names serve until the load balancer follows
        let serving = |task: &Task| {
            task.is_healthy_target() || (task.target == Some(TargetHealth::Unused) && !task.broken)
        };
        let registered = |task: &Task| {
            matches!(
                task.target,
                Some(TargetHealth::Initial | TargetHealth::Unhealthy | TargetHealth::Unused)
            )
        };
        if !self.split(flows, way, serving, false) && !self.split(flows, way, registered, true) {
            flows.push(Flow { balancer: way.balancer, ..UNSERVED.with(way.parts) });
        }
    }

    /// How many targets registered by hand take part, by the behaviour that answers there; none
    /// where nothing answers.
    fn by_hand(&self, group: Option<usize>, all_fail: bool) -> Vec<Option<usize>> {
        let Some(group) = group.and_then(|group| self.state.groups.get(group)) else {
            return Vec::new();
        };
        let takes_part = |health: TargetHealth| match health {
            TargetHealth::Healthy => !all_fail,
            TargetHealth::Initial | TargetHealth::Unhealthy => all_fail,
            TargetHealth::Draining | TargetHealth::Unused => false,
        };
        let all = self.state.hand_targets(group, self.now);
        all.filter(|(_, health, _)| takes_part(*health))
            .map(|(_, _, set)| set.map(|set| set.behaviour))
            .collect()
    }

    /// Splits requests evenly over targets; answers whether there was one.
    fn split(
        &self,
        flows: &mut Vec<Flow>,
        way: Way,
        which: impl Fn(&Task) -> bool,
        all_fail: bool,
    ) -> bool {
        let Way { parts, group, balancer, at } = way;
        let sets = || self.state.sets().filter(|set| group.is_none() || set.group == group);
        let count = |set: &TaskSet, broken: bool| -> u64 {
            let those = set.tasks.iter().filter(|task| which(task) && (!broken || task.broken));
            those.map(|_| 1).sum()
        };
        let by_hand = self.by_hand(group, all_fail);
        let total = sets().map(|set| count(set, false)).sum::<u64>()
            + by_hand.iter().map(|_| 1).sum::<u64>();
        if total == 0 {
            return false;
        }
        for set in sets() {
            let (all, broken) = (count(set, false), count(set, true));
            if all == 0 {
                continue;
            }
            let behaviour = self.behaviour(set.behaviour);
            let those = || set.tasks.iter().filter(|task| which(task));
            let age = |task: &Task| task.running_since.map_or(Duration::ZERO, |of| at.since(of));
            let failing = if all_fail {
                MILLION
            } else if self.tally.is_some() || behaviour.is_fine() {
                let working = those().filter(|task| !task.broken);
                let fail: u64 = working.map(|task| behaviour.error_ppm_at(age(task))).sum();
                (broken * MILLION + fail) / all
            } else {
                let erring = u64::from(behaviour.error_permille.min(1000));
                (broken * 1000 + (all - broken) * erring) / all * 1000
            };
            let slowest = those().map(|task| behaviour.latency_ms_at(age(task))).max();
            let latency_ms = slowest.unwrap_or(behaviour.latency_ms);
            let revision = Some(set.behaviour);
            let parts = part(parts, all, total);
            flows.push(Flow { parts, revision, group, balancer, failing, latency_ms });
        }
        for revision in by_hand {
            let behaviour = revision.map(|revision| self.behaviour(revision));
            let erring = |of: &Behaviour| of.error_ppm_at(Duration::ZERO);
            let failing = behaviour.filter(|_| !all_fail).map_or(MILLION, erring);
            let latency_ms = behaviour.map_or(0, |of| of.latency_ms);
            let parts = part(parts, 1, total);
            flows.push(Flow { parts, revision, group, balancer, failing, latency_ms });
        }
        true
    }
}

/// The way that requests take.
#[derive(Clone, Copy)]
struct Way {
    /// Their share in parts of [`WHOLE`].
    parts: u64,
    /// The target group.
    group: Option<usize>,
    /// The load balancer.
    balancer: Option<usize>,
    /// The time for which tasks' ages are taken.
    at: Elapsed,
}

/// A group's share, in parts of [`WHOLE`], of a rule's requests: cookies first, then weights.
fn share_of(state: &State, rule: &Rule, sticky: u64, group: usize) -> u64 {
    let fresh = ratio(&rule.data, group);
    let Some(cookies) = &rule.cookies else { return fresh };
    // a cookie counts only for a group that the rule still names and that has a healthy target
    let holds = |of: usize| {
        rule.data.iter().any(|(named, _)| *named == of) && state.healthy_targets(of) > 0
    };
    let holding = cookies.iter().filter(|(of, _)| holds(*of));
    let held: u64 = holding.map(|(of, _)| ratio(cookies, *of)).sum();
    let own = if holds(group) { ratio(cookies, group) } else { 0 };
    let free = WHOLE - part(held.min(WHOLE), sticky, 1000);
    part(own, sticky, 1000) + part(free, fresh, WHOLE)
}

/// A group's share of these raw weights in parts of [`WHOLE`].
fn ratio(weights: &[(usize, u16)], group: usize) -> u64 {
    let sum: u64 = weights.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let own = weights.iter().filter(|(of, _)| *of == group);
    let own: u64 = own.map(|(_, weight)| u64::from(*weight)).sum();
    part(WHOLE, own, sum)
}

fn part(of: u64, parts: u64, whole: u64) -> u64 {
    let whole = whole.max(1);
    if let Some(product) = of.checked_mul(parts) {
        return product / whole;
    }
    let share = u128::from(of) * u128::from(parts) / u128::from(whole);
    u64::try_from(share).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::action::Action;
    use super::super::behaviour::Fate;
    use super::super::names::revision;
    use super::super::scenario::Scenario;
    use super::*;

    fn at(seconds: u64) -> Elapsed {
        Elapsed::from_millis(seconds * 1000)
    }

    #[test]
    fn a_group_without_a_healthy_target_fails_open() {
        let sick = Behaviour::doomed(Fate::NeverHealthy);
        let mut scenario = Scenario::new(1).with_behaviour(revision(1), sick);
        scenario.timing.health_grace = Duration::from_hours(1);
        let mut world = World::new(scenario);
        world.advance(at(1000));
        let exposure = &world.exposure()[0];
        assert_eq!((exposure.requests(), exposure.failed()), (20_000, 20_000));
        assert_eq!(world.unserved(), 0);
    }

    #[test]
    fn weight_on_an_empty_group_serves_nobody() {
        let mut world = World::new(Scenario::new(1));
        world.apply(&Action::EditWeights { rule: 0, blue: 1, green: 1 });
        world.advance(at(60));
        let before = world.unserved();
        world.advance(at(160));
        assert!(before > 0);
        assert_eq!(world.unserved() - before, 1000);
    }

    #[test]
    fn a_deleted_rule_serves_nobody_and_the_other_goes_on() {
        let mut world = World::new(Scenario::new(1).with_production_rules(2));
        world.apply(&Action::DeleteRule { rule: 0 });
        world.advance(at(100));
        assert_eq!((world.exposure()[0].requests(), world.unserved()), (1000, 1000));
    }

    #[test]
    fn there_is_no_request_at_night() {
        use super::super::traffic::Traffic;
        let (first_ms, lasts_ms) = (3_600_000, 7_200_000);
        let traffic = Traffic::Nights { milli_rps: 2000, first_ms, lasts_ms };
        let mut world = World::new(Scenario::new(1).with_traffic(traffic));
        let mut until = |hours: u64| {
            world.advance(at(hours * 3600));
            world.exposure()[0].requests()
        };
        assert_eq!([1, 3, 25, 27, 28].map(&mut until), [7200, 7200, 165_600, 165_600, 172_800]);
    }

    #[test]
    fn a_day_has_a_peak_and_a_trough() {
        use super::super::traffic::Traffic;
        let (trough_milli_rps, peak_milli_rps) = (1000, 9000);
        let traffic = Traffic::Day { trough_milli_rps, peak_milli_rps, begins_at_ms: 0 };
        assert_eq!(traffic.milli_rps(at(0)), 1000);
        assert_eq!(traffic.milli_rps(at(6 * 3600)), 5000);
        assert_eq!(traffic.milli_rps(at(12 * 3600)), 9000);
        assert_eq!(traffic.milli_rps(at(18 * 3600)), 5000);
        let mut world = World::new(Scenario::new(1).with_traffic(traffic));
        world.advance(at(24 * 3600));
        assert!(world.exposure()[0].requests().abs_diff(5 * 86_400) < 100);
    }
}
