//! Requests whose failures are yet to be drawn.

use std::time::Duration;

use super::binomial::Binomial;
use super::chance::Chance;
use super::chance::Revised;
use super::exposure::MICRO;
use super::flow::MILLION;
use super::rng::Rng;

/// What of the requests is left to chance, and what has come of it so far.
#[derive(Debug)]
pub(super) struct Tally {
    chance: Chance,
    rng: Rng,
    counts: Vec<Count>,
    /// Whether this minute is a blip, once that is known.
    blip: Option<bool>,
}

/// One revision's requests through one target group.
#[derive(Debug)]
struct Count {
    group: Option<usize>,
    revision: usize,
    micro: u64,
    /// How many of those fail if every minute has its share.
    failing_micro: u64,
    latency_ms: u32,
}

/// Whole requests, with the failures that were drawn for them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawn {
    pub(super) group: Option<usize>,
    pub(super) revision: usize,
    pub(super) requests: u64,
    pub(super) failed: u64,
    pub(super) latency_ms: u32,
}

impl Tally {
    pub(super) fn new(chance: Chance, seed: u64) -> Self {
        // a stream of its own: what else happens by chance stays as it is without this one
        let rng = Rng::new(seed ^ 0x7461_6c6c_795f_6f66);
        Self { chance, rng, counts: Vec::new(), blip: None }
    }

    /// Counts requests that `failing` in parts of [`MILLION`] fail of.
    pub(super) fn count(
        &mut self,
        (group, revision): (Option<usize>, usize),
        (micro, failing_micro): (u64, u64),
        latency_ms: u32,
    ) {
        let same = |count: &&mut Count| count.group == group && count.revision == revision;
        if let Some(count) = self.counts.iter_mut().find(same) {
            count.micro += micro;
            count.failing_micro += failing_micro;
            count.latency_ms = count.latency_ms.max(latency_ms);
        } else {
            self.counts.push(Count { group, revision, micro, failing_micro, latency_ms });
        }
    }

    /// Draws the failures of the whole requests so far; what is left of a request stays.
    pub(super) fn draw(&mut self) -> Vec<Drawn> {
        let (blips, rng) = (self.chance.blips, &mut self.rng);
        let is_blip = *self.blip.get_or_insert_with(|| {
            blips.is_some_and(|blips| rng.below(MILLION) < u64::from(blips.share_ppm))
        });
        let blip = blips.filter(|_| is_blip).map_or(0.0, |blips| share(blips.error_ppm));
        let rho = share(self.chance.rho_ppm);
        let mut drawn = Vec::with_capacity(self.counts.len());
        for count in &mut self.counts {
            let trials = u32::try_from(count.micro / MICRO).unwrap_or(u32::MAX);
            if trials == 0 {
                continue;
            }
            let own = ratio(count.failing_micro, count.micro);
            let probability = own + (1.0 - own) * blip;
            let binomial = Binomial { trials, probability };
            let failed = u64::from(binomial.draw_correlated(rho, rng));
            let (group, revision, latency_ms) = (count.group, count.revision, count.latency_ms);
            let requests = u64::from(trials);
            drawn.push(Drawn { group, revision, requests, failed, latency_ms });
            let left = count.micro - requests * MICRO;
            count.failing_micro = mul_div(count.failing_micro, left, count.micro);
            count.micro = left;
            count.latency_ms = 0;
        }
        drawn
    }

    /// The minute is over: the next one may be a blip or not.
    pub(super) const fn next_minute(&mut self) {
        self.blip = None;
    }

    /// How much later than others a group's datum of this minute is published, if it is.
    pub(super) fn lateness(&mut self) -> Option<Duration> {
        let late = self.chance.late?;
        let is_late = self.rng.below(MILLION) < u64::from(late.share_ppm);
        is_late.then(|| self.rng.span(late.by.0, late.by.1))
    }

    /// How a group's datum of this minute is revised, if it is.
    pub(super) fn revision(&mut self) -> Option<Revised> {
        let revised = self.chance.revised?;
        (self.rng.below(MILLION) < u64::from(revised.share_ppm)).then_some(revised)
    }
}

fn share(ppm: u32) -> f64 {
    f64::from(ppm.min(1_000_000)) / 1_000_000.0
}

/// `part` of `whole`, from 0 to 1.
fn ratio(part: u64, whole: u64) -> f64 {
    share(u32::try_from(mul_div(part, MILLION, whole)).unwrap_or(u32::MAX))
}

fn mul_div(value: u64, by: u64, whole: u64) -> u64 {
    let product = u128::from(value) * u128::from(by) / u128::from(whole.max(1));
    u64::try_from(product).unwrap_or(u64::MAX)
}
