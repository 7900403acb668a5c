//! How ECS carries out its rolling update.

use super::answer::Answer;
use super::api_error::ApiError;
use super::call::Call;
use super::world::World;

impl World {
    /// The part of `UpdateService` that starts a rolling update.
    pub(super) fn update_rolling(&mut self, _call: &Call) -> Result<Answer, ApiError> {
        Ok(Answer::Done)
    }

    /// One round of the rolling update, if there is one.
    pub(super) fn roll(&mut self) {}
}
