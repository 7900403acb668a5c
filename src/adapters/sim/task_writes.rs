//! `StopTask`.

use super::answer::Answer;
use super::api_error::ApiError;
use super::ecs_answer::EcsAnswer;
use super::task::StopCause;
use super::task::Task;
use super::world::World;

impl World {
    /// Stops a task; the scheduler replaces it.
    pub(super) fn stop_named_task(
        &mut self,
        cluster: &str,
        wanted: &str,
        reason: Option<&str>,
    ) -> Result<Answer, ApiError> {
        self.check_cluster(cluster)?;
        let is_it = |task: &Task| {
            let arn = task.arn(cluster);
            arn == wanted || arn.ends_with(&format!("/{wanted}"))
        };
        let found = self.state.services.iter().filter(|service| *service.id.cluster == *cluster);
        let found = found.flat_map(|service| service.tasks()).find(|(_, task)| is_it(task));
        let found = found.map(|(set, task)| (set.number, task.number, task.is_live()));
        if let Some((set, number, true)) = found {
            let given = reason.map(str::to_owned);
            self.reasons.extend(given.map(|given| (number, given)));
            self.stop_task(number, StopCause::Stopped);
            self.wake_scheduler(set);
        }
        // a task that already stopped is answered as it is
        let task = self.state.describe_those(cluster, &[wanted.to_owned()], self.now);
        if task.is_empty() {
            return Err(ApiError::invalid("The referenced task was not found."));
        }
        Ok(Answer::Ecs(EcsAnswer::Tasks(task)))
    }
}
