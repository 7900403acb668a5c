//! What others do.

use super::action::Action;
use super::agenda::TaskChange;
use super::alarm_spec::Colour;
use super::behaviour::Behaviour;
use super::behaviour::Fate;
use super::call::Call;
use super::elb::Home;
use super::ledger::Actor;
use super::names;
use super::service::Service;
use super::settings::Settings;
use super::task::StopCause;
use super::task::TargetHealth;
use super::task::TaskState;
use super::world::World;
use crate::model::Revision;
use crate::model::ScalePercent;
use crate::model::ServiceId;
use crate::model::TargetGroupArn;

impl World {
    /// Someone else acts as the scenario says.
    pub(super) fn act(&mut self, action: usize) {
        if let Some((_, action)) = self.scenario.actions.get(action).cloned() {
            self.apply(&action);
        }
    }

    /// Someone else does this now.
    pub fn apply(&mut self, action: &Action) {
        self.settle();
        self.flows_known = false;
        match action {
            Action::SetDesired(desired) => {
                let home = self.state.services.first().map(|home| home.id.clone());
                if let Some(home) = home {
                    self.autoscale(&home, *desired);
                }
            }
            Action::EditWeights { rule, blue, green } => {
                self.edit_rule(*rule, |_| {
                    vec![(Colour::Blue.index(), *blue), (Colour::Green.index(), *green)]
                });
            }
            Action::AddForeignGroup { rule, weight } => self.add_foreign_group(*rule, *weight),
            Action::DeleteRule { rule } => {
                if let Some(Some(rule)) = self.state.rules.get(*rule) {
                    let call = Call::DeleteRule { rule: rule.arn.clone() };
                    self.foreign("colleague", &call);
                }
            }
            Action::CreateForeignTaskSet { revision } => {
                self.foreign_at_home("pipeline", |service| Call::CreateTaskSet {
                    service,
                    task_definition: revision.task_definition().to_string(),
                    external_id: Some("someone-else".to_owned()),
                    target_group: None,
                    scale: ScalePercent::FULL,
                    client_token: None,
                    settings: Settings::default(),
                });
            }
            Action::SetForeignPrimary => self.promote_foreign(),
            Action::DeleteTaskSets { revision } => self.delete_sets(revision),
            Action::DeleteService => {
                self.foreign_at_home("colleague", |service| Call::DeleteService {
                    service,
                    force: true,
                });
            }
            Action::KillTasks { revision, count } => self.kill_tasks(revision, *count),
            Action::NoCapacity { lasts } => self.no_capacity_until = self.now.after(*lasts),
            Action::SetAlarm { name, state } => {
                self.foreign(
                    "colleague",
                    &Call::SetAlarmState { name: name.clone(), state: *state },
                );
            }
            Action::DeleteAlarm { name } => {
                self.foreign("colleague", &Call::DeleteAlarms { name: name.clone() });
            }
            Action::EditAlarm { name, rule } => {
                let call = Call::PutAlarm { name: name.clone(), rule: rule.clone() };
                self.foreign("colleague", &call);
            }
            Action::AlarmEvaluationError { name, lasts } => self.fail_evaluation(name, *lasts),
            Action::WallClockJump { by_ms } => {
                self.wall_jump_ms = self.wall_jump_ms.saturating_add(*by_ms);
            }
            Action::ChangeBehaviour { revision, behaviour } => {
                self.change_behaviour(revision, behaviour);
            }
        }
    }

    fn promote_foreign(&mut self) {
        let Some(home) = self.state.services.first() else {
            return;
        };
        let service = home.id.clone();
        let foreign = home
            .sets
            .iter()
            .rfind(|set| set.external_id.as_deref() == Some("someone-else") && !set.draining);
        if let Some(primary) = foreign.map(|set| set.id.clone()) {
            self.foreign("pipeline", &Call::UpdateServicePrimaryTaskSet { service, primary });
        }
    }

    fn foreign(&mut self, who: &str, call: &Call) {
        let actor = Actor::other(who);
        // a refusal is in the ledger; nobody here waits for it
        drop(self.call(&actor, call));
    }

    /// The same with the home service; nothing where there is none.
    fn foreign_at_home(&mut self, who: &str, call: impl FnOnce(ServiceId) -> Call) {
        if let Some(service) = self.state.services.first().map(|home| home.id.clone()) {
            self.foreign(who, &call(service));
        }
    }

    fn edit_rule(
        &mut self,
        slot: usize,
        edit: impl FnOnce(Vec<(usize, u16)>) -> Vec<(usize, u16)>,
    ) {
        let Some(Some(rule)) = self.state.rules.get(slot) else {
            return;
        };
        let (arn, sticky) = (rule.arn.clone(), rule.stickiness.as_secs());
        let edited = edit(rule.control.clone());
        let named = edited.into_iter().filter_map(|(group, weight)| {
            self.state.groups.get(group).map(|group| (group.arn.clone(), weight))
        });
        let forward: Vec<(TargetGroupArn, u16)> = named.collect();
        let stickiness_seconds = u32::try_from(sticky).ok().filter(|seconds| *seconds > 0);
        self.foreign("terraform", &Call::ModifyRule { rule: arn, forward, stickiness_seconds });
    }

    fn add_foreign_group(&mut self, slot: usize, weight: u16) {
        let arn = names::target_group("foreign");
        let known = self.state.groups.iter().position(|group| group.arn == arn);
        let index = known.unwrap_or_else(|| {
            self.state.groups.push(Home::group(&self.scenario, arn));
            self.state.groups.len() - 1
        });
        self.edit_rule(slot, |mut weights| {
            weights.retain(|(group, _)| *group != index);
            weights.push((index, weight));
            weights
        });
    }

    fn delete_sets(&mut self, revision: &Revision) {
        let of = |service: &Service| {
            let sets = service.sets.iter().filter(|set| set.revision == *revision);
            sets.map(|set| (service.id.clone(), set.id.clone())).collect::<Vec<_>>()
        };
        let doomed: Vec<_> = self.state.services.iter().flat_map(|service| of(service)).collect();
        for (service, task_set) in doomed {
            self.foreign("colleague", &Call::DeleteTaskSet { service, task_set, force: true });
        }
    }

    fn kill_tasks(&mut self, revision: &Revision, count: u32) {
        let sets = self.state.sets().filter(|set| set.revision == *revision);
        let running =
            sets.flat_map(|set| &set.tasks).filter(|task| task.state == TaskState::Running);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let victims: Vec<u64> = running.map(|task| task.number).take(count).collect();
        for task in victims {
            self.remove_task(task, StopCause::Spot);
        }
    }

    fn change_behaviour(&mut self, revision: &Revision, behaviour: &Behaviour) {
        let index = self.behaviour_of(revision);
        if let Some((_, known)) = self.state.revisions.get_mut(index) {
            known.clone_from(behaviour);
        }
        let sets = self.state.sets().filter(|set| set.behaviour == index);
        let running =
            sets.flat_map(|set| &set.tasks).filter(|task| task.state == TaskState::Running);
        let tasks: Vec<u64> = running.map(|task| task.number).collect();
        for number in tasks {
            let afflicted = self.rng.happens(behaviour.afflicted_permille);
            let Some(task) = self.task_mut(number) else {
                continue;
            };
            // what its old fate had planned no longer holds
            task.epoch += 1;
            task.afflicted = afflicted;
            let was_broken = std::mem::replace(&mut task.broken, false);
            if was_broken || task.target != Some(TargetHealth::Healthy) {
                self.plan_checks(number);
            }
            match self.fate_of(number) {
                // such a revision could not run at all
                Fate::FailsToStart | Fate::ImagePullError => {
                    let epoch = self.task_mut(number).map_or(0, |task| task.epoch);
                    let exits = TaskChange::Stops(StopCause::Exited);
                    self.plan_task(number, epoch, std::time::Duration::ZERO, exits);
                }
                _ => self.plan_fate(number),
            }
        }
    }
}
