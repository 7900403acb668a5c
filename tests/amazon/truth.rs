//! What is true in the world, not what any API shows.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use cutover::adapters::sim::State;
use cutover::model::Revision;

use super::account::Account;

/// Who runs and who serves in the world.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Truth {
    /// Tasks, and how many of them are healthy, by revision.
    pub(crate) tasks: BTreeMap<String, (u32, u32)>,
    /// What each production rule gives to which revision, in per mille.
    pub(crate) traffic: Vec<BTreeMap<String, u64>>,
    /// How many task sets or deployments there are that are not of an idle service.
    pub(crate) sets: usize,
}

impl Truth {
    /// This revision alone, at rest behind one rule.
    pub(crate) fn only(revision: &Revision, tasks: u32) -> Self {
        let name = revision.to_string();
        Self {
            tasks: [(name.clone(), (tasks, tasks))].into(),
            traffic: vec![[(name, 1000)].into()],
            sets: 1,
        }
    }

    /// What is true now.
    pub(crate) fn of(account: &Account) -> Self {
        account.cloud.now();
        account.cloud.cloud().with(|world| Self::read(world.state()))
    }

    fn read(state: &State) -> Self {
        let mut tasks = BTreeMap::new();
        for set in state.sets().filter(|set| !set.tasks.is_empty()) {
            let (all, healthy) = tasks.entry(set.revision.to_string()).or_insert((0, 0));
            *all += u32::try_from(set.tasks.len()).unwrap();
            *healthy += set.healthy();
        }
        let traffic = state.production_rules().map(|rule| {
            let shares = rule.control.iter().filter(|(_, weight)| *weight > 0);
            let share = |(group, _): &(usize, u16)| {
                let behind =
                    state.sets().filter(|set| set.group == Some(*group) && set.healthy() > 0);
                let names: Vec<String> = behind.map(|set| set.revision.to_string()).collect();
                (names.join(" and "), rule.control_permille(*group))
            };
            shares.map(share).collect()
        });
        let busy = state.services.iter().filter(|service| service.desired > 0);
        Self {
            tasks,
            traffic: traffic.collect(),
            sets: busy.map(|service| service.sets.len()).sum(),
        }
    }
}

/// The tasks that run a revision, by number.
pub(crate) fn tasks_of(account: &Account, revision: &Revision) -> BTreeSet<u64> {
    account.cloud.now();
    account.cloud.cloud().with(|world| {
        let own = world.state().sets().filter(|set| set.revision == *revision);
        own.flat_map(|set| &set.tasks).map(|task| task.number).collect()
    })
}
