//! Many runs.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::thread;

use super::deployment_run::DeploymentRun;
use super::deployment_run::Planned;
use super::named_world::NamedWorld;
use super::outcomes::Outcomes;
use super::simulate_error::SimulateError;
use super::trial::Trial;

/// Runs a trial so many times in a world, and sums up what came of it.
///
/// Run `n` has the seed `seed + n`, counted from 0, so that one run with the seed of an odd ending shows
/// it again. The runs are shared by as many threads as the machine has cores; what they come to does not
/// depend on that.
///
/// # Errors
///
/// Where the trial makes no plan for such a service.
pub fn simulate(
    trial: &Trial,
    world: NamedWorld,
    runs: u32,
    seed: u64,
) -> Result<Outcomes, SimulateError> {
    let planned = Planned::new(trial)?;
    let next = AtomicU32::new(0);
    let work = || -> Result<Vec<(u32, DeploymentRun)>, SimulateError> {
        let mut done = Vec::new();
        loop {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            if nth >= runs {
                return Ok(done);
            }
            done.push((nth, planned.run(world, seed.wrapping_add(u64::from(nth)))?));
        }
    };
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = cores.min(usize::try_from(runs).unwrap_or(cores));
    let mut all = Vec::new();
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        all.extend(work()?);
        for other in others {
            // what panics in a strategy is the caller's to see
            all.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok::<(), SimulateError>(())
    })?;
    all.sort_unstable_by_key(|(nth, _)| *nth);
    let runs: Vec<DeploymentRun> = all.into_iter().map(|(_, run)| run).collect();
    Ok(Outcomes::of(world, seed, &runs))
}
