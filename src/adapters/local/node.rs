//! An answer before it is written in a protocol.

use crate::model::Timestamp;

/// A value of an answer, named as the AWS model names it. Each protocol writes it its own way: a time
/// is seconds since 1970 in JSON and CBOR and ISO 8601 in XML, a list has `member` elements in XML.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text, or one of an enumeration.
    Text(String),
    /// A time.
    Time(Timestamp),
    /// A list.
    List(Vec<Self>),
    /// A structure: its members in order. A member that is not there is left out.
    Map(Vec<(String, Self)>),
}

impl Node {
    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A count.
    pub(super) fn count(count: impl Into<i64>) -> Self {
        Self::Int(count.into())
    }

    /// A list.
    pub(super) fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// A structure without members, to be filled with [`with`](Self::with).
    pub(super) const fn map() -> Self {
        Self::Map(Vec::new())
    }

    /// A structure with one more member.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: Self) -> Self {
        if let Self::Map(members) = &mut self {
            members.push((name.to_owned(), value));
        }
        self
    }

    /// A structure with one more member, if there is a value.
    #[must_use]
    pub(super) fn with_some(self, name: &str, value: Option<Self>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl From<&serde_json::Value> for Node {
    /// A document that is given back as it was taken. Nulls are left out.
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Map(Vec::new()),
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => number
                .as_i64()
                .map_or_else(|| Self::Float(number.as_f64().unwrap_or_default()), Self::Int),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::list(items.iter().map(Self::from)),
            Value::Object(members) => Self::Map(
                members
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(|(name, value)| (name.clone(), Self::from(value)))
                    .collect(),
            ),
        }
    }
}
