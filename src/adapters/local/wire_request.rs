//! A request as it came in.

use std::collections::BTreeMap;

/// A request as it came in, through whichever door.
#[derive(Debug, Clone, Default)]
pub(super) struct WireRequest {
    /// The method, `POST`.
    pub(super) method: String,
    /// The path, without the query.
    pub(super) path: String,
    /// The query, without its mark.
    pub(super) query: String,
    /// The headers, by their names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    /// The body.
    pub(super) body: Vec<u8>,
}

impl WireRequest {
    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The access key id that the request is signed with. It is no secret, and no signature is checked.
    pub(super) fn access_key(&self) -> Option<&str> {
        self.scope(0)
    }

    /// The service that the request is signed for, `ecs`.
    pub(super) fn signed_for(&self) -> Option<&str> {
        self.scope(3)
    }

    /// A part of `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …`.
    fn scope(&self, part: usize) -> Option<&str> {
        let (_, after) = self.header("authorization")?.split_once("Credential=")?;
        let scope = after.split(',').next()?;
        scope.trim().split('/').nth(part).filter(|part| !part.is_empty())
    }
}
