//! Lists of keys and values: tags and attributes.

use std::collections::BTreeMap;

use super::super::super::sim::ApiError;
use super::super::node::Node;
use super::super::params::Params;

/// The keys and values of a list; a missing value is an empty one.
pub(super) fn pairs(params: Params<'_>, name: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let items = params.maps(name);
    items
        .into_iter()
        .map(|item| {
            let value = item.text("Value")?.unwrap_or_default();
            Ok((item.required("Key")?.to_owned(), value.to_owned()))
        })
        .collect()
}

/// Keys and values as a list.
pub(super) fn list(pairs: &BTreeMap<String, String>) -> Node {
    Node::list(pairs.iter().map(|(key, value)| {
        Node::map().with("Key", Node::text(key)).with("Value", Node::text(value))
    }))
}
