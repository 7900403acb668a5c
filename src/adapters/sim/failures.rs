//! What chance does to requests and their data, minute by minute.

use super::exposure::MICRO;
use super::world::World;

impl World {
    /// Draws the failures of the requests so far, where they are left to chance. That happens by itself
    /// at the end of every minute; between, [`exposure`](Self::exposure) lacks those of the last one.
    pub fn draw_failures(&mut self) {
        let Some(tally) = &mut self.tally else { return };
        for drawn in tally.draw() {
            let (requests, failed) = (drawn.requests * MICRO, drawn.failed * MICRO);
            if let Some(exposure) = self.exposure.get_mut(drawn.revision) {
                exposure.failed_micro += failed;
            }
            if let Some(group) = drawn.group {
                self.metrics.count(group, requests, failed, drawn.latency_ms);
            }
        }
    }

    /// Says which data of the minute that ends will be late, or too small at first.
    pub(super) fn delay_data(&mut self) {
        let Some(tally) = &mut self.tally else { return };
        tally.next_minute();
        let published = self.now.after(self.scenario.timing.metric_delay);
        for group in 0..self.state.groups.len() {
            if let Some(by) = tally.lateness() {
                self.metrics.delay(group, published.after(by));
            }
            if let Some(revised) = tally.revision() {
                let complete = published.after(revised.after);
                self.metrics.revise(group, complete, revised.shown_permille.min(1000));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::alarm_spec::Colour;
    use super::super::alarm_spec::Metric;
    use super::super::answer::Answer;
    use super::super::behaviour::Ageing;
    use super::super::behaviour::Behaviour;
    use super::super::chance::Blips;
    use super::super::chance::Chance;
    use super::super::chance::Late;
    use super::super::chance::Revised;
    use super::super::names::revision;
    use super::super::scenario::Scenario;
    use super::super::traffic::Traffic;
    use super::*;
    use crate::model::Elapsed;

    fn at(minutes: u64) -> Elapsed {
        Elapsed::from_millis(minutes * 60_000)
    }

    fn erring(error_ppm: u32, chance: Chance) -> Scenario {
        Scenario::new(9)
            .with_chance(chance)
            .with_behaviour(revision(1), Behaviour::healthy().with_error_ppm(error_ppm))
    }

    /// Requests and failures of each published minute.
    fn minutes(world: &World) -> Vec<(u64, u64)> {
        let of = |metric| match world.published(metric, World::BEGINS) {
            Answer::MetricData(data) => data,
            other => panic!("{other:?}"),
        };
        let failed = of(Metric::Errors(Colour::Blue));
        let failed_at = |time| failed.iter().find(|(at, _)| *at == time).map_or(0, |(_, n)| *n);
        let requests = of(Metric::Requests(Colour::Blue));
        requests.into_iter().map(|(time, requests)| (requests, failed_at(time))).collect()
    }

    fn variance_by_mean(counts: &[(u64, u64)]) -> (f64, f64) {
        let number = |count: u64| f64::from(u32::try_from(count).unwrap());
        let n = number(counts.len().try_into().unwrap());
        let mean = counts.iter().map(|(_, failed)| number(*failed)).sum::<f64>() / n;
        let apart = |failed: u64| number(failed) - mean;
        let squares = counts.iter().map(|(_, failed)| apart(*failed) * apart(*failed));
        (mean, squares.sum::<f64>() / n / mean)
    }

    #[test]
    fn failures_scatter_about_their_rate_and_are_counted_once() {
        let mut world = World::new(erring(10_000, Chance::default()));
        world.advance(at(1002));
        let counts = minutes(&world);
        assert!(counts.iter().all(|(requests, _)| *requests == 1200));
        let (mean, dispersion) = variance_by_mean(&counts);
        assert!(
            (mean - 12.0).abs() < 0.5 && (dispersion - 0.99).abs() < 0.2,
            "{mean} {dispersion}"
        );
        let seen: u64 = (0..1002)
            .filter_map(|n| world.metrics.minute(n)?.datum(Metric::Errors(Colour::Blue)))
            .sum();
        assert_eq!(world.exposure()[0].failed(), seen);
        assert_eq!(world.exposure()[0].requests(), 1002 * 1200);
    }

    #[test]
    fn failures_of_bursty_traffic_scatter_more() {
        let mut world = World::new(erring(10_000, Chance::default().with_rho_ppm(2000)));
        world.advance(at(1002));
        let (mean, dispersion) = variance_by_mean(&minutes(&world));
        // 1 + (n - 1) ρ = 3.4
        assert!((mean - 12.0).abs() < 1.0 && (dispersion - 3.4).abs() < 0.8, "{mean} {dispersion}");
    }

    #[test]
    fn the_seed_decides_and_the_rest_of_the_world_is_the_same_without_chance() {
        let run = |seed: u64, chance: Option<Chance>| {
            let mut scenario = erring(10_000, Chance::default());
            scenario.seed = seed;
            scenario.chance = chance;
            let mut world = World::new(scenario);
            world.apply(&super::super::action::Action::KillTasks {
                revision: revision(1),
                count: 2,
            });
            world.advance(at(10));
            let tasks: Vec<_> =
                world.state().home().sets[0].tasks.iter().map(|task| task.running_since).collect();
            (minutes(&world), tasks)
        };
        let chance = Some(Chance::default());
        assert_eq!(run(1, chance), run(1, chance));
        assert_ne!(run(1, chance).0, run(2, chance).0);
        assert_eq!(run(1, chance).1, run(1, None).1);
    }

    #[test]
    fn a_blip_is_a_bad_minute_for_everyone() {
        let blips = Blips { share_ppm: 200_000, error_ppm: 500_000 };
        let mut world = World::new(erring(0, Chance::default().with_blips(blips)));
        world.advance(at(502));
        let counts = minutes(&world);
        let bad = counts.iter().filter(|(_, failed)| *failed > 0).count();
        assert!((70..=130).contains(&bad), "{bad}");
        assert!(counts.iter().all(|(_, failed)| *failed == 0 || (500..700).contains(failed)));
    }

    #[test]
    fn parts_of_a_request_are_kept_for_the_next_minute() {
        let traffic = Traffic::Constant { milli_rps: 25 };
        let mut world = World::new(erring(0, Chance::default()).with_traffic(traffic));
        world.advance(at(12));
        assert_eq!(minutes(&world).iter().map(|(requests, _)| requests).sum::<u64>(), 15);
    }

    #[test]
    fn a_leak_grows_and_a_cold_cache_warms() {
        let failed = |ageing| {
            let behaviour = Behaviour::healthy().with_ageing(ageing);
            let scenario = Scenario::new(1).with_behaviour(revision(1), behaviour);
            let mut world = World::new(scenario);
            world.advance(at(30));
            minutes(&world).into_iter().map(|(_, failed)| failed).collect::<Vec<_>>()
        };
        // without chance every minute has its share: 1200 requests × 1 % × age
        let leak = failed(Ageing::Leak { ppm_per_minute: 10_000, ms_per_minute: 5 });
        assert!(leak[1..].windows(2).all(|pair| pair[0] < pair[1]), "{leak:?}");
        assert!(leak[20].abs_diff(246) <= 3, "{leak:?}");
        let lasts = Duration::from_mins(5);
        let cold = failed(Ageing::Cold { lasts, error_ppm: 100_000, latency_ms: 900 });
        assert_eq!((cold[4], cold[5], cold[20]), (120, 0, 0));
    }

    #[test]
    fn a_late_datum_comes_and_a_revised_one_is_completed() {
        let minute = Duration::from_mins(1);
        let late = Late { share_ppm: 1_000_000, by: (minute * 3, minute * 3) };
        let mut world = World::new(erring(0, Chance::default().with_late(late)));
        world.advance(at(5));
        assert_eq!(minutes(&world), []);
        world.advance(Elapsed::from_millis(330_000));
        assert_eq!(minutes(&world), [(1200, 0)]);
        let revised = Revised { share_ppm: 1_000_000, shown_permille: 400, after: minute };
        let mut world = World::new(erring(1_000_000, Chance::default().with_revised(revised)));
        world.advance(Elapsed::from_millis(150_000));
        assert_eq!(minutes(&world), [(480, 480)]);
        world.advance(Elapsed::from_millis(210_000));
        assert_eq!(minutes(&world), [(1200, 1200), (480, 480)]);
    }
}
