//! Whether it is a time at which the deployment may go forward.

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;

use super::contract::Gate;
use super::contract::GateContext;
use super::judge::Judge;
use super::judge::Judgement;
use crate::model::Calendar;
use crate::model::CalendarReading;
use crate::model::Elapsed;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::Span;
use crate::model::Timestamp;
use crate::model::Verdict;

/// Passes while the calendar is open, and is inconclusive while it is shut. It never fails, and it says
/// nothing of the candidate: a bake goes on in the night, the next step waits for the morning.
#[derive(Debug)]
pub struct WindowGate {
    calendar: Calendar,
}

/// When a window passes.
#[derive(Debug)]
pub(super) struct WindowRules;

/// What is read for one answer: the local clock, and what the calendar says at that time. Time zones
/// change; what was read stays.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    at: Timestamp,
    reading: CalendarReading,
}

impl WindowGate {
    /// A gate over this calendar.
    pub const fn new(calendar: Calendar) -> Self {
        Self { calendar }
    }
}

impl Judge for WindowRules {
    type Input = Input;
    type Memory = ();

    fn judge(&self, _memory: &mut (), input: &Input) -> Judgement {
        let CalendarReading { shut, changes, .. } = &input.reading;
        let verdict = shut.clone().map_or(Verdict::Pass, Verdict::Inconclusive);
        let turns = match (shut, changes) {
            (None, changes) => changes.as_ref().map(|at| format!("the end of the window at {at}")),
            (Some(_), Some(at)) => Some(format!("it opens again at {at}")),
            (Some(_), None) => Some("another calendar: this one does not open again".to_owned()),
        };
        Judgement { turns, ..Judgement::of(verdict) }
    }
}

#[async_trait]
impl Gate for WindowGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let now = context.now;
        let reading = self.calendar.at(now.wall);
        let mut evidence = Evidence::at(now.elapsed);
        if reading.shut.is_none() {
            // a calendar knows its past: it has been open since
            let open = reading.since.map(|since| now.wall.since(since));
            let back = open.map_or(now.elapsed.as_millis(), |open| {
                u64::try_from(open.as_millis()).unwrap_or(u64::MAX)
            });
            let from = Elapsed::from_millis(now.elapsed.as_millis().saturating_sub(back));
            evidence.covers = Span { from, to: now.elapsed };
        }
        let input = Input { at: now.wall, reading };
        WindowRules.judge(&mut (), &input).evaluation::<WindowRules>(evidence, &(), &input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(shut: Option<&str>, changes: Option<&str>) -> Judgement {
        let (shut, changes) = (shut.map(str::to_owned), changes.map(str::to_owned));
        let reading = CalendarReading { shut, since: None, changes };
        WindowRules.judge(&mut (), &Input { at: Timestamp::default(), reading })
    }

    #[test]
    fn shut_is_inconclusive_and_says_when_it_opens() {
        let answer = judged(Some("outside the hours"), Some("Mon 2026-11-23 09:00 +01:00"));
        assert_eq!(answer.verdict, Verdict::Inconclusive("outside the hours".to_owned()));
        assert_eq!(answer.turns.unwrap(), "it opens again at Mon 2026-11-23 09:00 +01:00");
        let never = judged(Some("frozen: for good"), None);
        assert!(never.turns.unwrap().contains("does not open again"));
        assert!(judged(None, None).verdict.is_pass());
    }
}
