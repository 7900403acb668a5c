//! JSON, as ECS and Application Auto Scaling speak it, and newer clients of CloudWatch.

use serde_json::Map;
use serde_json::Value;

use super::super::sim::ApiError;
use super::node::Node;
use super::params;
use super::seconds::seconds;

/// The parameters in a body; an empty body has none.
///
/// # Errors
///
/// Where the body is not a JSON object.
pub(super) fn params(body: &[u8]) -> Result<Value, ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    let wrong = |what: &str| params::malformed(format!("the body is no JSON object: {what}"));
    let value: Value = serde_json::from_slice(body).map_err(|error| wrong(&error.to_string()))?;
    if value.is_object() { Ok(value) } else { Err(wrong("it is of another type")) }
}

/// A body.
pub(super) fn body(node: &Node) -> Vec<u8> {
    value(node).to_string().into_bytes()
}

/// An error's body.
pub(super) fn error(shape: &str, message: &str) -> Vec<u8> {
    body(&Node::map().with("__type", Node::text(shape)).with("message", Node::text(message)))
}

fn value(node: &Node) -> Value {
    match node {
        Node::Bool(value) => Value::from(*value),
        Node::Int(value) => Value::from(*value),
        // what JSON has no number for is a text: "NaN", "inf"
        Node::Float(value) if !value.is_finite() => Value::from(value.to_string()),
        Node::Float(value) => Value::from(*value),
        Node::Text(value) => Value::from(value.as_str()),
        Node::Time(at) => Value::from(seconds(*at)),
        Node::List(items) => items.iter().map(value).collect(),
        Node::Map(members) => {
            let members = members.iter().map(|(name, node)| (name.clone(), value(node)));
            Value::Object(members.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn times_are_seconds_with_a_fraction() {
        let node = Node::map()
            .with("createdAt", Node::Time(Timestamp::from_millis(1_795_219_200_123)))
            .with("items", Node::list([Node::count(1_u32), Node::Float(f64::NAN)]));
        assert_eq!(
            String::from_utf8(body(&node)).unwrap(),
            r#"{"createdAt":1795219200.123,"items":[1,"NaN"]}"#
        );
    }

    #[test]
    fn only_an_object_or_nothing_is_taken() {
        assert_eq!(params(b" ").unwrap(), serde_json::json!({}));
        assert!(params(b"[1]").is_err());
        assert!(params(b"{").is_err());
    }
}
