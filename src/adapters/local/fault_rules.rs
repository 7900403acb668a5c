//! The rules by which requests meet faults.

use super::super::sim::Rng;
use super::fault_rule::FaultRule;
use super::wire_fault::WireFault;

#[derive(Debug)]
struct Counted {
    rule: FaultRule,
    /// How many requests it was for.
    seen: u32,
    /// How many met the fault.
    hits: u32,
}

impl Counted {
    /// Counts a request; answers whether it meets the fault, where no other rule came `first`.
    fn hits(&mut self, first: bool, rng: &mut Rng) -> bool {
        self.seen = self.seen.saturating_add(1);
        if first || self.rule.nth.is_some_and(|nth| nth != self.seen) {
            return false;
        }
        if self.rule.times.is_some_and(|times| self.hits >= times) {
            return false;
        }
        let chance = self.rule.permille.is_none_or(|permille| rng.happens(permille.into()));
        self.hits += u32::from(chance);
        chance
    }
}

/// The rules by which requests meet faults, in the order of their making.
#[derive(Debug)]
pub(super) struct FaultRules {
    rules: Vec<Counted>,
    rng: Rng,
}

impl FaultRules {
    /// No rules; chance will come from `rng`.
    pub(super) const fn new(rng: Rng) -> Self {
        Self { rules: Vec::new(), rng }
    }

    /// Adds a rule.
    pub(super) fn add(&mut self, rule: FaultRule) {
        self.rules.push(Counted { rule, seen: 0, hits: 0 });
    }

    /// Removes every rule.
    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The rules, each with how many requests met its fault.
    pub(super) fn list(&self) -> impl Iterator<Item = (&FaultRule, u32)> {
        self.rules.iter().map(|counted| (&counted.rule, counted.hits))
    }

    /// What goes wrong with a request of this operation: what the first rule says that hits it.
    pub(super) fn draw(&mut self, action: &str) -> Option<WireFault> {
        let mut found = None;
        for counted in self.rules.iter_mut().filter(|counted| counted.rule.is_for(action)) {
            if counted.hits(found.is_some(), &mut self.rng) {
                found = Some(counted.rule.fault.clone());
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rules: impl IntoIterator<Item = FaultRule>, calls: usize) -> Vec<bool> {
        let mut all = FaultRules::new(Rng::new(1));
        rules.into_iter().for_each(|rule| all.add(rule));
        (0..calls).map(|_| all.draw("ecs:UpdateService").is_some()).collect()
    }

    #[test]
    fn a_rule_narrows_down_by_number_count_and_chance() {
        let rule = |operation| FaultRule::new(operation, WireFault::Hang);
        assert_eq!(drawn([rule("*")], 2), [true, true]);
        assert_eq!(drawn([rule("ecs:*").on(2)], 3), [false, true, false]);
        assert_eq!(drawn([rule("ecs:UpdateService").at_most(1)], 3), [true, false, false]);
        assert_eq!(drawn([rule("ecs:Update"), rule("elasticloadbalancing:*")], 1), [false]);
        let half = drawn([rule("*").by_chance(500)], 1000);
        assert!((400..600).contains(&half.iter().filter(|hit| **hit).count()));
        assert_eq!(half, drawn([rule("*").by_chance(500)], 1000));
    }

    #[test]
    fn a_rule_is_what_its_json_says() {
        let text = r#"{"operation":"*","fault":{"kind":"error","status":503},"times":2}"#;
        let rule: FaultRule = serde_json::from_str(text).unwrap();
        let fault = WireFault::Error { status: 503, code: None };
        assert_eq!(rule, FaultRule::new("*", fault).at_most(2));
        let typo = r#"{"operation":"*","fault":{"kind":"slow","milliseconds":5,"seconds":1}}"#;
        assert!(serde_json::from_str::<FaultRule>(typo).is_err());
    }
}
