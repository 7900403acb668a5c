//! Which time a gate speaks for.

use crate::model::Span;

/// Older stretches than so many are forgotten: a bake then takes longer, never shorter.
const MOST: usize = 64;

/// The stretches of this process's time that a gate speaks for, oldest first, none touching another.
///
/// Gates speak late by different spans: one look for the time since the last one, a metric for periods
/// that ended minutes ago. What they agree on is found only if each keeps what it has said.
#[derive(Debug, Default)]
pub(super) struct Coverage(Vec<Span>);

impl Coverage {
    /// Adds a stretch; an empty one adds nothing.
    pub(super) fn add(&mut self, mut span: Span) {
        if span.to <= span.from {
            return;
        }
        while let Some(last) = self.0.last().filter(|last| span.from <= last.to) {
            let (from, to) = (last.from.min(span.from), last.to.max(span.to));
            span = Span { from, to };
            self.0.pop();
        }
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push(span);
    }

    /// The parts of these stretches for which the gate speaks too, in their order.
    pub(super) fn of(&self, spans: &[Span]) -> Vec<Span> {
        let own = |span: &Span| {
            let span = *span;
            self.0.iter().map(move |own| own.intersection(span))
        };
        spans.iter().flat_map(own).filter(|part| part.from < part.to).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Elapsed;

    fn span(from: u64, to: u64) -> Span {
        Span { from: Elapsed::from_millis(from), to: Elapsed::from_millis(to) }
    }

    fn coverage(spans: &[Span]) -> Coverage {
        let mut coverage = Coverage::default();
        for span in spans {
            coverage.add(*span);
        }
        coverage
    }

    #[test]
    fn what_touches_is_one_stretch_and_what_does_not_is_not() {
        let looks = coverage(&[span(0, 10), span(10, 20), span(40, 40), span(50, 60)]);
        assert_eq!(looks.of(&[span(5, 100)]), [span(5, 20), span(50, 60)]);
        let periods = coverage(&[span(0, 60), span(1, 120)]);
        assert_eq!(periods.of(&[span(0, 500)]), [span(0, 120)]);
        let wider = coverage(&[span(10, 20), span(30, 40), span(0, 50)]);
        assert_eq!(wider.of(&[span(0, 500)]), [span(0, 50)]);
    }

    #[test]
    fn a_gate_that_speaks_late_agrees_with_what_others_said_then() {
        let looks = coverage(&[span(0, 10), span(10, 300)]);
        let periods = coverage(&[span(0, 120)]);
        let both = periods.of(&looks.of(&[span(30, 300)]));
        assert_eq!(both, [span(30, 120)]);
    }

    #[test]
    fn the_oldest_of_many_stretches_is_forgotten() {
        let many: Vec<Span> = (0..100).map(|at| span(at * 10, at * 10 + 5)).collect();
        let kept = coverage(&many).of(&[span(0, 2000)]);
        assert_eq!((kept.len(), kept.first()), (MOST, Some(&span(360, 365))));
    }
}
