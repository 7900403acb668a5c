//! Finds the task sets that dead deployments left behind, and removes them.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::TaskSet;
use aws_sdk_ecs::types::TaskSetField;

use super::super::aws::Aws;
use super::super::fleet::DEPLOYMENT;
use super::super::router::loaded;
use super::super::sdk::Operation;
use super::super::service::Controller;
use super::super::service::controller;
use super::super::service::count;
use super::super::service::gone;
use super::super::service::refused;
use super::super::service::revision;
use super::super::service::set_id;
use super::evidence::Evidence;
use super::left_set::Fate;
use super::left_set::LeftSet;
use crate::model::ServiceId;
use crate::model::TaskSetId;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Store;
use crate::ports::WriteError;

impl Aws {
    /// Every task set of a service beside the primary one, each with what may become of it. A set is
    /// known as ours by its `externalId`: the id of a deployment of this service whose record is in
    /// `store`, or the same as in the tag that this crate gives to its sets. Reads only; none where the
    /// service is not deployed by task sets.
    pub async fn left_behind(
        &self,
        service: &ServiceId,
        store: &dyn Store,
    ) -> Result<Vec<LeftSet>, CallError> {
        let sets = self.task_sets(service).await?;
        let records = store.list().await?;
        let is_primary = |set: &&TaskSet| set.status() == Some("PRIMARY");
        let others: Vec<&TaskSet> = sets.iter().filter(|set| !is_primary(set)).collect();
        let groups = others.iter().flat_map(|set| set.load_balancers());
        let groups: BTreeSet<&str> = groups.filter_map(|to| to.target_group_arn()).collect();
        let loaded = loaded(&self.balancer.look(), &groups).await?;
        let has_primary = sets.iter().any(|set| is_primary(&set));
        let evidence = Evidence { service, has_primary, records: &records, loaded: &loaded };
        let left = |set: &TaskSet| {
            Ok(LeftSet {
                id: set_id(set.id())?,
                revision: revision(set.task_definition()).ok(),
                tasks: count(set.running_count()).saturating_add(count(set.pending_count())),
                owner: set.external_id().map(str::to_owned),
                fate: evidence.judge(set, DEPLOYMENT),
            })
        };
        others.into_iter().map(left).collect()
    }

    /// Removes a task set that was left behind, with its tasks. Everything is read and judged again
    /// first; what then has to stay is refused with the reason (`Conflict`), and so is a set without a
    /// record unless `unrecorded` says that nobody drives its deployment. A set that is gone is a
    /// success.
    pub async fn remove_left(
        &self,
        service: &ServiceId,
        store: &dyn Store,
        id: &TaskSetId,
        unrecorded: bool,
    ) -> Result<(), WriteError> {
        let left = self.left_behind(service, store).await.map_err(WriteError::Rejected)?;
        let conflict = |why: String| {
            let operation = Operation::DeleteTaskSet.name();
            Err(WriteError::Rejected(CallError::new(operation, ErrorClass::Conflict, why)))
        };
        match left.into_iter().find(|set| set.id == *id).map(|set| set.fate) {
            Some(Fate::Left(_)) => {}
            Some(Fate::Unrecorded(_)) if unrecorded => {}
            Some(Fate::Stays(why)) => return conflict(format!("{id} stays: {why}")),
            Some(Fate::Unrecorded(why)) => {
                return conflict(format!("{id} has no record here, and may be in use: {why}"));
            }
            None => return self.absent(service, id).await,
        }
        let calls = self.calls.change();
        let delete = self.clients.ecs.delete_task_set().cluster(&service.cluster);
        let delete = delete.service(&service.service).task_set(id.as_str()).force(true);
        match calls.write(Operation::DeleteTaskSet, delete.send()).await {
            Err(error) if error.class == ErrorClass::Gone => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }

    /// A set that is not among the others is gone, or the primary one.
    async fn absent(&self, service: &ServiceId, id: &TaskSetId) -> Result<(), WriteError> {
        let sets = self.task_sets(service).await.map_err(WriteError::Rejected)?;
        if sets.iter().all(|set| set.id() != Some(id.as_str())) {
            return Ok(());
        }
        let why = format!("{id} stays: it is the primary set");
        Err(WriteError::Rejected(refused(ErrorClass::Conflict, why)))
    }

    /// Every task set of a service with its tags.
    async fn task_sets(&self, id: &ServiceId) -> Result<Vec<TaskSet>, CallError> {
        let mut found = self.services.describe(std::slice::from_ref(id)).await?;
        let service = found.remove(id).ok_or_else(|| gone(format!("there is no service {id}")))?;
        if controller(&service)? != Controller::External {
            return Ok(Vec::new());
        }
        let ecs = &self.clients.ecs;
        let ask = || {
            let ask = ecs.describe_task_sets().cluster(&id.cluster).service(&id.service);
            ask.include(TaskSetField::Tags).send()
        };
        let answer = self.calls.look().read(Operation::DescribeTaskSets, ask).await?;
        Ok(answer.task_sets.unwrap_or_default())
    }
}
