//! CBOR, as current clients of CloudWatch speak it.

use ciborium::Value as Cbor;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use super::super::sim::ApiError;
use super::node::Node;
use super::params;
use super::seconds::seconds;

/// The tag of a time in seconds since 1970.
const EPOCH: u64 = 1;

/// The parameters in a body; an empty body has none.
///
/// # Errors
///
/// Where the body is not a CBOR map with texts for keys.
pub(super) fn params(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let wrong = |what: &str| params::malformed(format!("the body is no CBOR map: {what}"));
    let value: Cbor = ciborium::from_reader(body).map_err(|error| wrong(&error.to_string()))?;
    let value = plain(value).ok_or_else(|| wrong("a key or a value has a strange type"))?;
    if value.is_object() { Ok(value) } else { Err(wrong("it is of another type")) }
}

fn plain(value: Cbor) -> Option<Value> {
    Some(match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(value) => Value::Bool(value),
        Cbor::Integer(value) => Value::from(i64::try_from(value).ok()?),
        Cbor::Float(value) => Value::Number(Number::from_f64(value)?),
        Cbor::Text(value) => Value::String(value),
        Cbor::Tag(EPOCH, inner) => plain(*inner)?,
        Cbor::Array(items) => Value::Array(items.into_iter().map(plain).collect::<Option<_>>()?),
        Cbor::Map(members) => {
            let member =
                |(name, value): (Cbor, Cbor)| Some((name.into_text().ok()?, plain(value)?));
            Value::Object(members.into_iter().map(member).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// A body.
pub(super) fn body(node: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    // writing to memory cannot fail
    let _ = ciborium::into_writer(&value(node), &mut out);
    out
}

/// An error's body.
pub(super) fn error(shape: &str, message: &str) -> Vec<u8> {
    body(&Node::map().with("__type", Node::text(shape)).with("message", Node::text(message)))
}

fn value(node: &Node) -> Cbor {
    match node {
        Node::Bool(value) => Cbor::Bool(*value),
        Node::Int(value) => Cbor::from(*value),
        Node::Float(value) => Cbor::Float(*value),
        Node::Text(value) => Cbor::Text(value.clone()),
        Node::Time(at) => Cbor::Tag(EPOCH, Box::new(Cbor::Float(seconds(*at)))),
        Node::List(items) => Cbor::Array(items.iter().map(value).collect()),
        Node::Map(members) => {
            let member = |(name, node): &(String, Node)| (Cbor::Text(name.clone()), value(node));
            Cbor::Map(members.iter().map(member).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn a_map_of_no_stated_length_with_a_time_is_understood() {
        // {_ "Names": [_ "a1", "a2"], "At": 1(1795219200.5), "N": -2 }
        let mut bytes = vec![0xbf, 0x65];
        bytes.extend(b"Names");
        bytes.extend([0x9f, 0x62]);
        bytes.extend(b"a1");
        bytes.push(0x62);
        bytes.extend(b"a2");
        bytes.extend([0xff, 0x62]);
        bytes.extend(b"At");
        bytes.extend([0xc1, 0xfb]);
        bytes.extend(1_795_219_200.5_f64.to_be_bytes());
        bytes.extend([0x61, b'N', 0x21, 0xff]);
        let wanted = json!({"Names": ["a1", "a2"], "At": 1_795_219_200.5, "N": -2});
        assert_eq!(params(&bytes).unwrap(), wanted);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let node = Node::map()
            .with("At", Node::Time(Timestamp::from_millis(1_795_219_200_123)))
            .with("Items", Node::list([Node::Float(0.5), Node::Int(3), Node::Bool(false)]));
        let wanted = json!({"At": 1_795_219_200.123, "Items": [0.5, 3, false]});
        assert_eq!(params(&body(&node)).unwrap(), wanted);
    }

    #[test]
    fn strange_bodies_are_refused() {
        for bytes in [&b"\xbf"[..], b"<html>", b"\x01", b"\xa1\x01\x02"] {
            assert!(params(bytes).is_err(), "{bytes:?}");
        }
    }
}
