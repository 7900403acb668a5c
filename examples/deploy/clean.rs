//! Removes task sets that dead deployments left behind, or says which.

use std::error::Error;
use std::io;
use std::io::Write;
use std::sync::Arc;

use cutover::adapters::aws::Fate;
use cutover::ports::Store;

use crate::cli::Clean;
use crate::job::BadSpec;
use crate::job::Job;
use crate::patience::patiently;
use crate::records;
use crate::site::Site;

/// Says of every task set beside the primary one whether it may go, and why; with `--yes` it goes.
pub(crate) fn clean(clean: &Clean) -> Result<(), Box<dyn Error>> {
    if clean.job.place.simulated {
        return Err(
            BadSpec("a simulated cloud dies with its process; nothing is left".into()).into()
        );
    }
    let job = Job::load(&clean.job.spec)?;
    let mut site = Site::real(&clean.job.place)?;
    let store: Arc<dyn Store> = Arc::new(records::open(&clean.state)?);
    let (aws, clock, service) = (site.aws.clone(), Arc::clone(&site.clock), job.spec.service());
    let left = site.block_on(patiently(&*clock, || aws.left_behind(service, &*store)))??;
    let mut out = io::stdout().lock();
    let mut would = 0;
    for set in &left {
        writeln!(out, "{set}")?;
        let goes = match set.fate {
            Fate::Left(_) => true,
            Fate::Unrecorded(_) => clean.unrecorded,
            Fate::Stays(_) => false,
        };
        if goes && clean.yes {
            // judged again right before it is deleted
            site.block_on(aws.remove_left(service, &*store, &set.id, clean.unrecorded))??;
            writeln!(out, "  deleted")?;
        }
        would += usize::from(goes && !clean.yes);
    }
    match (left.len(), would) {
        (0, _) => writeln!(out, "{service} has no task set beside the primary one")?,
        (_, 0) => {}
        (_, some) => writeln!(out, "--yes would delete {some} of them")?,
    }
    let unrecorded = left.iter().any(|set| matches!(set.fate, Fate::Unrecorded(_)));
    if unrecorded && !clean.unrecorded {
        let what = "what has no record may be driven from another machine, or with another --state; \
                    if it is not, add --unrecorded";
        writeln!(out, "{what}")?;
    }
    Ok(())
}
