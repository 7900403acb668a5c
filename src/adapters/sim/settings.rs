//! Members of a request that are kept as they were given.

use std::fmt;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

/// Members of a request, kept and given back as they were given. Clones share them; `Debug` shows
/// their names only, for a value may be secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings(Arc<Map<String, Value>>);

impl Settings {
    /// The members of an object that are not null; nothing of any other value.
    pub fn new(value: &Value) -> Self {
        let members = value.as_object().into_iter().flatten();
        let there = members.filter(|(_, value)| !value.is_null());
        Self(Arc::new(there.map(|(name, value)| (name.clone(), value.clone())).collect()))
    }

    /// The member with this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The member with this name, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Every member, by name.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The structures of a list; none where there is no such list.
    pub fn items(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.get(name).and_then(Value::as_array).into_iter().flatten()
    }

    /// Only the members with these names.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| names.contains(&name.as_str()));
        Self(Arc::new(kept.map(|(name, value)| (name.clone(), value.clone())).collect()))
    }

    /// The same with the members of `other` in the place of its own.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        if other.0.is_empty() {
            return self.clone();
        }
        let mut members = (*self.0).clone();
        members.extend(other.0.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self(Arc::new(members))
    }

    /// The same with one more member.
    #[must_use]
    pub fn with(&self, name: &str, value: Value) -> Self {
        let mut members = (*self.0).clone();
        members.insert(name.to_owned(), value);
        Self(Arc::new(members))
    }

    /// The tags among the members, as ECS writes them.
    pub fn tags(&self) -> Vec<(String, String)> {
        let text = |tag: &Value, name| tag.get(name).and_then(Value::as_str).map(str::to_owned);
        let tag = |tag| Some((text(tag, "key")?, text(tag, "value").unwrap_or_default()));
        self.items("tags").filter_map(tag).collect()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}
