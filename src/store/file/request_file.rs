//! What was asked of a deployment.

use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;

use super::damage::Damage;
use super::directory::Directory;
use super::directory::REQUESTS;
use super::directory::stem;
use super::frame::Kind;
use super::trouble::Trouble;
use super::trouble::Undone;
use crate::model::DeploymentId;
use crate::ports::StoredRequest;

/// Requests as they are stored.
#[derive(Debug, Serialize, Deserialize)]
struct RequestFile {
    deployment: DeploymentId,
    requests: Vec<StoredRequest>,
}

/// The requests of one directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Requests<'a>(pub(super) &'a Directory);

impl Requests<'_> {
    fn path(self, deployment: &DeploymentId) -> PathBuf {
        self.0.path(REQUESTS, &stem(deployment), "requests")
    }

    /// Every request that is known.
    pub(super) fn find(self, deployment: &DeploymentId) -> Result<Vec<StoredRequest>, Trouble> {
        let path = self.path(deployment);
        match self.0.load::<RequestFile>(Kind::Requests, &path)? {
            Some(file) if file.deployment == *deployment => Ok(file.requests),
            Some(file) => {
                let (found, wanted) = (file.deployment.to_string(), deployment.to_string());
                Err(Trouble::damaged(&path)(Damage::Other { found, wanted }))
            }
            None => Ok(Vec::new()),
        }
    }

    /// Changes them. What changes nothing is not written.
    pub(super) fn change(
        self,
        deployment: &DeploymentId,
        change: impl FnOnce(&mut Vec<StoredRequest>),
    ) -> Result<(), Undone> {
        let found = self.find(deployment)?;
        let mut requests = found.clone();
        change(&mut requests);
        if requests == found {
            return Ok(());
        }
        let file = RequestFile { deployment: deployment.clone(), requests };
        self.0.save(Kind::Requests, &self.path(deployment), &file)
    }
}
