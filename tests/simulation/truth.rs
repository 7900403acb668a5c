//! Samples of the simulated world's truth, by role.

use cutover::adapters::sim::Rule;
use cutover::adapters::sim::World;
use cutover::model::Role;
use cutover::model::ServiceState;
use cutover::ports::AlarmState;

use crate::history::History;
use crate::history::Millis;

/// The most production rules that a case has.
pub(crate) const RULES: usize = 3;

/// One role's tasks as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RoleTruth {
    pub exists: bool,
    pub target: u32,
    pub live: u32,
    pub running: u32,
    pub healthy: u32,
    pub draining: bool,
}

impl RoleTruth {
    /// Whether it is not there, or on its way out.
    pub(crate) const fn is_gone(&self) -> bool {
        !self.exists || self.draining
    }
}

/// One production rule as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RuleTruth {
    pub exists: bool,
    /// What the rule says, in per mille: stable, candidate.
    pub control: [u16; 2],
    /// What the load balancer does with new clients.
    pub data: [u16; 2],
    pub settled: bool,
    /// Whether it forwards to a third group.
    pub foreign: bool,
}

/// The truth from one moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    pub at: Millis,
    pub active: bool,
    pub desired: u32,
    /// Stable, candidate.
    pub roles: [RoleTruth; 2],
    pub rules: [RuleTruth; RULES],
    /// Requests for which there was no target at all, so far.
    pub unserved: u64,
}

/// The index of a role in a sample.
pub(crate) const fn index(role: Role) -> usize {
    match role {
        Role::Stable => 0,
        Role::Candidate => 1,
    }
}

impl Sample {
    /// Whether another sample shows the same at another time.
    fn shows_what(&self, other: &Self) -> bool {
        let mut other = *other;
        other.at = self.at;
        *self == other
    }

    /// One role.
    pub(crate) const fn role(&self, role: Role) -> &RoleTruth {
        &self.roles[index(role)]
    }

    /// The rules that exist.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &RuleTruth> {
        self.rules.iter().filter(|rule| rule.exists)
    }

    /// The highest weight that any rule says for a role.
    pub(crate) fn control(&self, role: Role) -> u16 {
        self.rules().map(|rule| rule.control[index(role)]).max().unwrap_or(0)
    }

    /// The highest weight that the load balancer gives a role.
    pub(crate) fn data(&self, role: Role) -> u16 {
        self.rules().map(|rule| rule.data[index(role)]).max().unwrap_or(0)
    }

    /// Healthy tasks of both roles.
    pub(crate) const fn healthy(&self) -> u32 {
        self.roles[0].healthy + self.roles[1].healthy
    }
}

/// Takes a sample of the world, if it is another one than the last.
pub(crate) fn take(world: &World, history: &mut History) {
    history.now = world.now().as_millis();
    let state = world.state();
    let mut sample = Sample {
        at: history.now,
        active: state.home().status == ServiceState::Active,
        desired: state.home().desired,
        roles: [RoleTruth::default(); 2],
        rules: [RuleTruth::default(); RULES],
        unserved: world.unserved(),
    };
    for set in &state.home().sets {
        let Some(role) = history.role_of(&set.revision) else { continue };
        let truth = &mut sample.roles[index(role)];
        truth.exists = true;
        truth.target += if set.draining { 0 } else { set.computed };
        truth.live += set.live();
        truth.running += set.running();
        truth.healthy += set.healthy();
        truth.draining |= set.draining;
    }
    let production = state.rules.iter().take(history.terms.rules.min(RULES));
    for (truth, rule) in sample.rules.iter_mut().zip(production) {
        if let Some(rule) = rule.as_ref().filter(|rule| !rule.test) {
            *truth = of_rule(rule);
        }
    }
    if !history.samples.last().is_some_and(|last| last.shows_what(&sample)) {
        history.samples.push(sample);
    }
    watch_requests(world, history);
    watch_alarms(world, history);
}

/// Counts what was served by the end of a minute: something happens then, if only that it ends.
fn watch_requests(world: &World, history: &mut History) {
    let over = usize::try_from(history.now / 60_000).unwrap();
    if history.served.len() >= over {
        return;
    }
    let mut served = [0; 2];
    for exposure in world.exposure() {
        if let Some(role) = history.role_of(&exposure.revision) {
            served[index(role)] += exposure.requests();
        }
    }
    history.served.resize(over, served);
}

/// The shares of the two groups in per mille, of what the two have together.
fn shares(weights: &[(usize, u16)]) -> [u16; 2] {
    let of = |group| -> u32 {
        weights.iter().filter(|(of, _)| *of == group).map(|(_, weight)| u32::from(*weight)).sum()
    };
    let (stable, candidate) = (of(0), of(1));
    let share = |own: u32| (own * 1000).checked_div(stable + candidate).unwrap_or(0);
    [share(stable), share(candidate)].map(|share| u16::try_from(share).unwrap())
}

fn of_rule(rule: &Rule) -> RuleTruth {
    RuleTruth {
        exists: true,
        control: shares(&rule.control),
        data: shares(&rule.data),
        settled: rule.is_settled(),
        foreign: rule.control.iter().any(|(group, _)| *group > 1),
    }
}

fn watch_alarms(world: &World, history: &mut History) {
    let (now, is_begun) = (history.now, !history.stored.is_empty());
    for wanted in &history.terms.alarms {
        let found = world.state().alarms.iter().find(|alarm| alarm.name == wanted.name);
        let track = history.alarms.entry(wanted.name.clone()).or_default();
        let is_red = found.is_some_and(|alarm| alarm.state == AlarmState::Alarm);
        let is_quiet = found.is_some_and(|alarm| {
            alarm.state == AlarmState::Ok
                && alarm.broken_until.is_none_or(|until| until.as_millis() <= now)
        });
        if is_red {
            if track.red.is_none() && now > 0 {
                track.reds.push(now);
            }
            track.red.get_or_insert(now);
        } else {
            track.red = None;
        }
        if is_quiet {
            track.bad = None;
            track.was_quiet |= is_begun;
        } else {
            track.bad.get_or_insert(now);
        }
    }
}
