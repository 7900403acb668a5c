//! Rule 1, first half (design, section 4; reliability S1): every rule write that is sent is valid,
//! never sums to zero, and leaves stickiness and other people's groups as they are.

use cutover::adapters::sim::World;
use cutover::model::TargetGroupArn;

use crate::history::History;
use crate::history::Millis;

use super::Invariant;
use super::rule_write::RuleWrite;

/// Weights that are sent are valid, and nothing else in the rule changes.
#[derive(Debug, Default)]
pub(crate) struct ValidWeights {
    seen: usize,
    /// When each rule last got or lost a third group by someone else's hand.
    touched: Vec<(usize, Millis)>,
    controls: Vec<Vec<(usize, u16)>>,
}

impl ValidWeights {
    fn watch(&mut self, world: &World, now: Millis) {
        let rules = &world.state().rules;
        self.controls.resize(rules.len(), Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            let control = rule.as_ref().map(|rule| rule.control.as_slice()).unwrap_or_default();
            let foreign = |control: &[(usize, u16)]| -> Vec<(usize, u16)> {
                control.iter().copied().filter(|(group, _)| *group > 1).collect()
            };
            if self.controls[index] != control {
                if foreign(&self.controls[index]) != foreign(control) {
                    self.touched.push((index, now));
                }
                self.controls[index] = control.to_vec();
            }
        }
    }
}

impl Invariant for ValidWeights {
    fn rule(&self) -> &'static str {
        "rule 1: weights written are valid, never sum to zero, and touch nothing else"
    }

    fn check(&mut self, world: &World, history: &History) -> Result<(), String> {
        let ledger = world.ledger();
        let state = world.state();
        while let Some(entry) = ledger.get(self.seen) {
            self.seen += 1;
            if !entry.actor.is_ours() {
                continue;
            }
            let Some(RuleWrite { rule, forward, stickiness_seconds }) = RuleWrite::of(&entry.call)
            else {
                continue;
            };
            let sum: u32 = forward.iter().map(|(_, weight)| u32::from(*weight)).sum();
            if sum == 0 || forward.iter().any(|(_, weight)| *weight > 999) {
                return Err(format!("{} sent weights {forward:?}", entry.actor));
            }
            let Some(index) =
                state.rules.iter().position(|of| of.as_ref().is_some_and(|of| of.arn == rule))
            else {
                continue;
            };
            let Some(current) = state.rules[index].as_ref() else { continue };
            let stickiness = u32::try_from(current.stickiness.as_secs()).unwrap();
            if stickiness_seconds != stickiness {
                return Err(format!(
                    "stickiness was {stickiness} s and is written as {stickiness_seconds} s"
                ));
            }
            let sent = entry.sent_at.as_millis();
            let blind = history.terms.blind;
            if self.touched.iter().any(|(of, at)| *of == index && *at + blind >= sent) {
                continue;
            }
            for (group, weight) in self.controls[index].iter().filter(|(group, _)| *group > 1) {
                let arn = &state.groups[*group].arn;
                if !forward.iter().any(|(of, written)| of == arn && written == weight) {
                    return Err(format!("the write drops or changes someone else's {arn}"));
                }
            }
            let known = |arn: &TargetGroupArn| state.groups.iter().any(|group| group.arn == *arn);
            if let Some((arn, _)) = forward.iter().find(|(arn, _)| !known(arn)) {
                return Err(format!("the write forwards to {arn}, which nobody knows"));
            }
        }
        self.watch(world, history.now);
        Ok(())
    }
}
