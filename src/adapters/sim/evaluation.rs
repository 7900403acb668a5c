//! CloudWatch's evaluation of alarms.

use std::time::Duration;

use super::agenda::Event;
use super::alarm::Alarm;
use super::alarm_spec::AlarmRule;
use super::alarm_spec::Metric;
use super::alarm_spec::MissingData;
use super::answer::Answer;
use super::api_error::ApiError;
use super::cloudwatch::MetricAlarm;
use super::digest::digest;
use super::metrics::MINUTE;
use super::task::TargetHealth;
use super::world::World;
use crate::model::AlarmName;
use crate::model::Timestamp;
use crate::ports::AlarmState;

/// Periods that CloudWatch looks at beyond those that it evaluates, to make up for missing data.
const SPARE: u32 = 2;

impl World {
    /// How many minutes are published by now.
    pub(super) fn minutes_published(&self) -> u64 {
        let delay = u64::try_from(self.scenario.timing.metric_delay.as_millis());
        self.now.as_millis().saturating_sub(delay.unwrap_or(u64::MAX)) / 60_000
    }

    /// The published data of a metric from `since` on.
    pub(super) fn published(&self, metric: Metric, since: Timestamp) -> Answer {
        let begins = Self::BEGINS.as_millis();
        let data = (0..self.minutes_published()).filter_map(|number| {
            let at = Timestamp::from_millis(begins + number * 60_000);
            (at >= since)
                .then(|| self.metrics.minute(number)?.shown(self.now).datum(metric))
                .flatten()
                .map(|datum| (at, datum))
        });
        Answer::MetricData(data.collect())
    }

    /// Counts every group's targets, for the metrics of the minute that ends.
    fn count_hosts(&mut self) {
        for (slot, group) in self.state.groups.iter().enumerate() {
            if group.deleted || !group.attached {
                continue;
            }
            let tasks = self.state.sets().filter(|set| set.group == Some(slot));
            let tasks = tasks.flat_map(|set| &set.tasks).filter_map(|task| task.target);
            let by_hand = self.state.hand_targets(group, self.now).map(|(_, health, _)| health);
            let (mut healthy, mut unhealthy) = (0, 0);
            for health in tasks.chain(by_hand) {
                match health {
                    TargetHealth::Healthy => healthy += 1,
                    TargetHealth::Unhealthy => unhealthy += 1,
                    _ => {}
                }
            }
            self.metrics.count_hosts(slot, Some((healthy, unhealthy)));
        }
    }

    /// A metric period ends: alarms are evaluated.
    pub(super) fn end_minute(&mut self) {
        self.count_hosts();
        self.draw_failures();
        self.delay_data();
        self.metrics.close();
        self.agenda.plan(self.now.after(MINUTE), Event::Minute);
        let (now, at) = (self.now, self.aws_wall());
        for index in 0..self.state.alarms.len() {
            let Some(alarm) = self.state.alarms.get(index) else {
                continue;
            };
            if alarm.broken_until.is_some_and(|until| until > now) {
                continue;
            }
            if let Some(state) = self.evaluate(alarm)
                && let Some(alarm) = self.state.alarms.get_mut(index)
            {
                let reason = match state {
                    AlarmState::Alarm => "Threshold Crossed: datapoints were beyond the threshold",
                    AlarmState::Ok => "Threshold Crossed: datapoints were not beyond the threshold",
                    AlarmState::InsufficientData => "Insufficient Data: datapoints were unknown",
                };
                alarm.set(state, at, reason);
            }
        }
        self.evaluate_composites();
    }

    /// The state that a metric alarm's data call for; none where it should stay as it is.
    fn evaluate(&self, alarm: &Alarm) -> Option<AlarmState> {
        let AlarmRule::Metric { metric, period_minutes, periods, datapoints, threshold, missing } =
            &alarm.rule
        else {
            return self.evaluate_given(alarm);
        };
        let minutes = u64::from((*period_minutes).max(1));
        let end = self.minutes_published() / minutes * minutes;
        if end / minutes < u64::from(*periods) {
            // what was before the beginning is as good as the state it left
            return None;
        }
        let range = u64::from(periods + SPARE).min(end / minutes);
        let data: Vec<Option<bool>> = (0..range)
            .map(|back| {
                let period = (end, back, minutes);
                self.metrics.period(*metric, period, self.now).map(|datum| datum > *threshold)
            })
            .collect();
        judge(&data, *periods, *datapoints, *missing)
    }

    /// The same for an alarm in CloudWatch's own words: what was before the beginning is missing.
    fn evaluate_given(&self, alarm: &Alarm) -> Option<AlarmState> {
        let AlarmRule::Given(document) = &alarm.rule else { return None };
        if document.composite_rule().is_some() {
            return None;
        }
        let rule = MetricAlarm::of(&document.settings).ok()?;
        let over = if rule.is_late() { self.minutes_published() } else { self.metrics.over() };
        let end = (Self::first_minute() + over) / rule.minutes * rule.minutes;
        let back = u64::from(rule.periods + SPARE);
        let begin = end.saturating_sub(back * rule.minutes);
        let series = self.series(&rule.queries, &rule.watched, (begin, end)).ok()?;
        let data: Vec<Option<bool>> = (1..=back)
            .map(|back| {
                let at = end.saturating_sub(back * rule.minutes);
                series.get(&at).map(|datum| rule.breaches(*datum))
            })
            .collect();
        judge(&data, rule.periods, rule.datapoints, rule.missing)
    }

    /// Composite alarms follow their children at once, and else stay as they are.
    pub(super) fn evaluate_composites(&mut self) {
        // a composite alarm may be the child of another
        for _ in 0..self.state.alarms.len() {
            if !self.evaluate_composites_once() {
                return;
            }
        }
    }

    /// What a composite alarm's children are now, as a digest, and whether it should fire.
    fn composite(&self, alarm: &Alarm) -> Option<(u64, bool)> {
        let rule = alarm.composite_rule()?;
        let state = |name: &str| {
            let child = self.state.alarms.iter().find(|alarm| alarm.name.as_str() == name);
            child.map_or(AlarmState::InsufficientData, |child| child.state)
        };
        let children: Vec<u8> = rule
            .children()
            .into_iter()
            .map(|child| match state(child) {
                AlarmState::Ok => 0,
                AlarmState::Alarm => 1,
                AlarmState::InsufficientData => 2,
            })
            .collect();
        Some((digest(&children), rule.fires(&state)))
    }

    fn evaluate_composites_once(&mut self) -> bool {
        let at = self.aws_wall();
        let mut changed = false;
        for index in 0..self.state.alarms.len() {
            let Some(alarm) = self.state.alarms.get(index) else {
                continue;
            };
            let Some((heard, fires)) = self.composite(alarm) else {
                continue;
            };
            if alarm.heard == Some(heard) {
                continue;
            }
            let state = if fires { AlarmState::Alarm } else { AlarmState::Ok };
            if let Some(alarm) = self.state.alarms.get_mut(index) {
                changed = true;
                alarm.heard = Some(heard);
                alarm.set(state, at, "The alarm rule was evaluated after a child's change");
            }
        }
        changed
    }

    fn alarm_mut(&mut self, name: &AlarmName) -> Result<&mut Alarm, ApiError> {
        let found = self.state.alarms.iter_mut().find(|alarm| alarm.name == *name);
        found.ok_or_else(|| ApiError::gone("ResourceNotFound", name.to_string()))
    }

    /// `SetAlarmState`: a metric alarm's until its next evaluation, a composite alarm's until a child
    /// of it changes.
    pub(super) fn set_alarm(
        &mut self,
        name: &AlarmName,
        state: AlarmState,
        reason: &str,
    ) -> Result<Answer, ApiError> {
        let at = self.aws_wall();
        let found = self.state.alarms.iter().find(|alarm| alarm.name == *name);
        let heard = found.and_then(|alarm| self.composite(alarm)).map(|(heard, _)| heard);
        let alarm = self.alarm_mut(name)?;
        alarm.heard = heard;
        alarm.set(state, at, reason);
        alarm.updated_at = at;
        self.evaluate_composites();
        Ok(Answer::Done)
    }

    /// Creates an alarm, or edits it: then it keeps its state until its next evaluation.
    pub(super) fn put_alarm(&mut self, name: &AlarmName, rule: &AlarmRule) {
        let (at, configuration) = (self.aws_wall(), digest(rule));
        if let Ok(alarm) = self.alarm_mut(name) {
            alarm.rule = rule.clone();
            alarm.configuration = configuration;
            alarm.configured_at = at;
            alarm.heard = None;
            return;
        }
        self.state.alarms.push(Alarm {
            name: name.clone(),
            rule: rule.clone(),
            state: AlarmState::InsufficientData,
            transitioned_at: at,
            history: Vec::new(),
            broken_until: None,
            configuration,
            configured_at: at,
            updated_at: at,
            reasons: Vec::new(),
            heard: None,
        });
    }

    /// CloudWatch cannot evaluate an alarm for so long.
    pub(super) fn fail_evaluation(&mut self, name: &AlarmName, lasts: Duration) {
        let until = self.now.after(lasts);
        if let Ok(alarm) = self.alarm_mut(name) {
            alarm.broken_until = Some(until);
        }
    }
}

/// M of N, with missing data. `data` begins with the newest period; true is beyond the threshold.
/// None leaves the state as it is.
fn judge(data: &[Option<bool>], n: u32, m: u32, missing: MissingData) -> Option<AlarmState> {
    let (n, m) = (n.max(1), m.clamp(1, n.max(1)));
    let wanted = usize::try_from(n).unwrap_or(usize::MAX);
    // CloudWatch prefers real data from a little earlier to filling in for missing ones
    let real: Vec<bool> = data.iter().flatten().copied().take(wanted).collect();
    let breaching = u32::try_from(real.iter().filter(|beyond| **beyond).count()).unwrap_or(n);
    let absent = u32::try_from(wanted - real.len()).unwrap_or(0);
    let decide = |beyond: u32| Some(if beyond >= m { AlarmState::Alarm } else { AlarmState::Ok });
    if absent == 0 || breaching >= m {
        return decide(breaching);
    }
    match missing {
        MissingData::Breaching => decide(breaching + absent),
        MissingData::NotBreaching => decide(breaching),
        MissingData::Ignore => {
            (u32::try_from(real.len()) != Ok(breaching)).then_some(AlarmState::Ok)
        }
        MissingData::Missing if real.is_empty() => Some(AlarmState::InsufficientData),
        MissingData::Missing if real.contains(&false) => Some(AlarmState::Ok),
        MissingData::Missing => {
            // only breaching data, fewer than M: it fires once the oldest is M periods old
            let oldest = data.iter().rposition(|datum| *datum == Some(true))?;
            (oldest + 1 >= usize::try_from(m).unwrap_or(usize::MAX)).then_some(AlarmState::Alarm)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(data: &[Option<bool>], n: u32, m: u32) -> [Option<AlarmState>; 4] {
        use MissingData as Missing;
        [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching]
            .map(|missing| judge(data, n, m, missing))
    }

    const OK: Option<AlarmState> = Some(AlarmState::Ok);
    const ALARM: Option<AlarmState> = Some(AlarmState::Alarm);
    const INSUFFICIENT: Option<AlarmState> = Some(AlarmState::InsufficientData);
    const X: Option<bool> = Some(true);
    const O: Option<bool> = Some(false);
    const A: Option<bool> = None;

    /// The tables of "Configuring how CloudWatch alarms treat missing data"; there the newest datum
    /// comes last, here it comes first.
    #[test]
    fn missing_data_are_treated_as_the_user_guide_tabulates() {
        assert_eq!(all(&[X, A, X, A, O], 3, 3), [OK; 4]);
        assert_eq!(all(&[O, A, A, A, A], 3, 3), [OK; 4]);
        assert_eq!(all(&[A, A, A, A, A], 3, 3), [INSUFFICIENT, None, ALARM, OK]);
        assert_eq!(all(&[X, A, X, X, O], 3, 3), [ALARM; 4]);
        assert_eq!(all(&[A, A, X, A, A], 3, 3), [ALARM, None, ALARM, OK]);
        assert_eq!(all(&[X, A, X, A, O], 3, 2), [ALARM; 4]);
        assert_eq!(all(&[X, O, X, O, O], 3, 2), [ALARM; 4]);
    }

    #[test]
    fn m_of_n_data_beyond_the_threshold_fire() {
        assert_eq!(judge(&[X, O, X], 3, 2, MissingData::Missing), ALARM);
        assert_eq!(judge(&[X, O, O], 3, 2, MissingData::Missing), OK);
        assert_eq!(judge(&[X, X, O], 3, 3, MissingData::Missing), OK);
    }

    use super::super::action::Action;
    use super::super::alarm_spec::AlarmSpec;
    use super::super::alarm_spec::Colour;
    use super::super::behaviour::Behaviour;
    use super::super::names::revision;
    use super::super::scenario::Scenario;
    use crate::model::Elapsed;

    fn name(name: &str) -> AlarmName {
        AlarmName::new(name).unwrap()
    }

    fn at(seconds: u64) -> Elapsed {
        Elapsed::from_millis(seconds * 1000)
    }

    fn alarmed() -> World {
        let any = AlarmRule::AnyOf(vec![name("errors")]);
        World::new(
            Scenario::new(1)
                .with_alarm(AlarmSpec::new(name("any"), any))
                .with_alarm(AlarmSpec::errors(name("errors"), Colour::Blue, 10)),
        )
    }

    fn states(world: &World) -> Vec<AlarmState> {
        world.state().alarms.iter().map(|alarm| alarm.state).collect()
    }

    #[test]
    fn an_alarm_fires_once_the_data_are_published_and_its_parent_with_it() {
        let mut world = alarmed();
        let behaviour = Behaviour::erring(50);
        world.apply(&Action::ChangeBehaviour { revision: revision(1), behaviour });
        // the first minute is published 90 s after its end, and evaluated at the next full minute
        world.advance(at(179));
        assert_eq!(states(&world), [AlarmState::Ok; 2]);
        world.advance(at(180));
        assert_eq!(states(&world), [AlarmState::Alarm; 2]);
        assert_eq!(world.state().alarms[0].history.len(), 2);
    }

    #[test]
    fn a_state_set_by_hand_lasts_until_the_next_evaluation_and_stays_in_the_history() {
        let mut world = alarmed();
        world.advance(at(301));
        world.apply(&Action::SetAlarm { name: name("errors"), state: AlarmState::Alarm });
        assert_eq!(states(&world), [AlarmState::Alarm; 2]);
        world.advance(at(360));
        assert_eq!(states(&world), [AlarmState::Ok; 2]);
        let history: Vec<_> =
            world.state().alarms[1].history.iter().map(|change| change.to).collect();
        assert_eq!(history, [AlarmState::Ok, AlarmState::Alarm, AlarmState::Ok]);
    }

    #[test]
    fn an_edited_alarm_has_another_configuration_and_a_new_one_has_no_state() {
        let mut world = alarmed();
        let before = world.state().alarms[1].configuration;
        let rule = AlarmSpec::errors(name("x"), Colour::Green, 10).rule;
        world.apply(&Action::EditAlarm { name: name("errors"), rule: rule.clone() });
        assert_ne!(world.state().alarms[1].configuration, before);
        world.apply(&Action::EditAlarm { name: name("new"), rule });
        assert_eq!(states(&world)[2], AlarmState::InsufficientData);
    }
}
