//! Names and ARNs in requests.

use super::super::super::sim::ApiError;
use super::super::params::Params;
use crate::model::ServiceId;

/// The name at the end of a name or an ARN.
pub(super) fn last(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// The cluster that a request means: by name or ARN, `default` where it says none.
pub(super) fn cluster(params: Params<'_>) -> Result<&str, ApiError> {
    Ok(last(params.text("cluster")?.unwrap_or("default")))
}

/// The service with this name or ARN, in the cluster that the request means.
pub(super) fn named(params: Params<'_>, name: &str) -> Result<ServiceId, ApiError> {
    let cluster = cluster(params)?;
    ServiceId::new(cluster, last(name)).map_err(|error| ApiError::invalid(error.to_string()))
}

/// The service that a member names.
pub(super) fn service(params: Params<'_>, member: &str) -> Result<ServiceId, ApiError> {
    named(params, params.required(member)?)
}

/// The texts of a list that must be there and hold at most so many.
pub(super) fn some(params: Params<'_>, member: &str, most: usize) -> Result<Vec<String>, ApiError> {
    let texts = params.texts(member)?;
    if texts.is_empty() {
        return Err(ApiError::invalid(format!("{member} cannot be empty.")));
    }
    if texts.len() > most {
        return Err(ApiError::invalid(format!("{member} cannot have more than {most} elements.")));
    }
    Ok(texts.into_iter().map(str::to_owned).collect())
}
