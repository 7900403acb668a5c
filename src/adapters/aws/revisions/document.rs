//! A task definition as it is registered.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::model::InvalidTaskDefinition;
use crate::model::TaskDefinition;

/// The tag by which a revision that was registered before is found again.
pub(super) const FINGERPRINT: &str = "cutover:fingerprint";

/// What ECS adds when it describes a task definition, and refuses when it registers one.
const READ_ONLY: &[&str] = &[
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];

/// A task definition as it is registered. It may hold secrets, so `Debug` shows only the family.
#[derive(Clone, PartialEq)]
pub(super) struct DefinitionDocument {
    body: Map<String, Value>,
    tags: Vec<Value>,
}

impl fmt::Debug for DefinitionDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefinitionDocument").field("family", &self.family()).finish_non_exhaustive()
    }
}

impl DefinitionDocument {
    /// What of this document is registered.
    pub(crate) fn of(definition: &TaskDefinition) -> Self {
        let body = definition.expose().as_object().cloned().unwrap_or_default();
        Self::from_parts(body, None)
    }

    /// What of `DescribeTaskDefinition`'s answer is registered; none where it is not such an answer.
    pub(crate) fn described(answer: &[u8]) -> Option<Self> {
        let mut answer: Value = serde_json::from_slice(answer).ok()?;
        let tags = answer.get_mut("tags").map(Value::take);
        match answer.get_mut("taskDefinition").map(Value::take) {
            Some(Value::Object(body)) => Some(Self::from_parts(body, tags)),
            _ => None,
        }
    }

    fn from_parts(mut body: Map<String, Value>, tags: Option<Value>) -> Self {
        let own = body.remove("tags");
        body.retain(|name, value| !READ_ONLY.contains(&name.as_str()) && !value.is_null());
        let tags = match tags.or(own) {
            Some(Value::Array(tags)) => tags,
            _ => Vec::new(),
        };
        Self { body, tags }
    }

    /// The family.
    pub(crate) fn family(&self) -> &str {
        self.body.get("family").and_then(Value::as_str).unwrap_or_default()
    }

    /// The same with other images, by container name.
    pub(super) fn with_images(
        mut self,
        images: &BTreeMap<String, String>,
    ) -> Result<Self, InvalidTaskDefinition> {
        let mut missing: BTreeMap<&String, &String> = images.iter().collect();
        let containers = self.body.get_mut("containerDefinitions").and_then(Value::as_array_mut);
        let mut names = Vec::new();
        for container in containers.into_iter().flatten() {
            let name = container.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            if let (Some(image), Some(container)) =
                (missing.remove(&name), container.as_object_mut())
            {
                container.insert("image".to_owned(), Value::String(image.clone()));
            }
            names.push(name);
        }
        match missing.keys().next() {
            None => Ok(self),
            Some(name) => {
                let family = self.family();
                let why = format!("{family} has no container {name}, only {}", names.join(", "));
                Err(InvalidTaskDefinition::new(why))
            }
        }
    }

    /// A digest of what the document says, whatever order it says it in. What is empty says nothing,
    /// and neither does a container's `cpu` of zero: ECS fills such fields in.
    pub(super) fn fingerprint(&self) -> String {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        let mut text = String::new();
        canonical(&Value::Object(self.body.clone()), &mut text);
        let hash =
            text.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
        format!("{hash:032x}")
    }

    /// The fingerprint that the document was registered with, if it was by this crate.
    pub(crate) fn tagged(&self) -> Option<&str> {
        let tag = self.tags.iter().find(|tag| key(tag) == FINGERPRINT)?;
        tag.get("value").and_then(Value::as_str)
    }

    /// The request that registers it: as it is, with its tags and its fingerprint as one more.
    pub(crate) fn request(&self) -> Vec<u8> {
        let own = self.tags.iter().filter(|tag| {
            let key = key(tag);
            !key.starts_with("aws:") && key != FINGERPRINT
        });
        let mut tags: Vec<Value> = own.cloned().collect();
        tags.push(json!({ "key": FINGERPRINT, "value": self.fingerprint() }));
        let mut body = self.body.clone();
        body.insert("tags".to_owned(), Value::Array(tags));
        Value::Object(body).to_string().into_bytes()
    }
}

fn key(tag: &Value) -> &str {
    tag.get("key").and_then(Value::as_str).unwrap_or_default()
}

fn says_nothing(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Number(number) => name == "cpu" && number.as_u64() == Some(0),
        Value::Bool(_) | Value::String(_) => false,
    }
}

fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members.iter().collect();
            out.push('{');
            for (name, value) in sorted.into_iter().filter(|(name, it)| !says_nothing(name, it)) {
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                canonical(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIBED: &str = r#"{
        "taskDefinition": {
            "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7",
            "family": "web", "revision": 7, "status": "ACTIVE", "registeredAt": 1557128360.711,
            "registeredBy": "arn:aws:iam::123456789012:user/x", "compatibilities": ["EC2"],
            "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
            "volumes": [], "cpu": "256", "aFieldOfTomorrow": {"x": 1},
            "containerDefinitions": [{"name": "app", "image": "web:1", "cpu": 0, "environment": [
                {"name": "TOKEN", "value": "s3cr3t"}]}]
        },
        "tags": [{"key": "team", "value": "web"}, {"key": "aws:x", "value": "y"},
                 {"key": "cutover:fingerprint", "value": "old"}]
    }"#;

    fn described() -> DefinitionDocument {
        DefinitionDocument::described(DESCRIBED.as_bytes()).unwrap()
    }

    fn request(document: &DefinitionDocument) -> Value {
        serde_json::from_slice(&document.request()).unwrap()
    }

    #[test]
    fn what_ecs_adds_is_left_out_and_everything_else_is_kept() {
        let request = request(&described());
        for name in READ_ONLY {
            assert!(request.get(name).is_none(), "{name}");
        }
        assert_eq!(request["aFieldOfTomorrow"]["x"], 1);
        assert_eq!(request["containerDefinitions"][0]["environment"][0]["value"], "s3cr3t");
        let given = TaskDefinition::from_json(DESCRIBED).unwrap();
        assert_eq!(DefinitionDocument::of(&given).fingerprint(), described().fingerprint());
    }

    #[test]
    fn its_own_tags_are_kept_and_the_fingerprint_is_the_new_one() {
        let document = described();
        assert_eq!(document.tagged(), Some("old"));
        let tags = request(&document)["tags"].clone();
        let fingerprint = document.fingerprint();
        let wanted = json!([{"key": "team", "value": "web"},
            {"key": FINGERPRINT, "value": fingerprint}]);
        assert_eq!(tags, wanted);
    }

    #[test]
    fn images_are_replaced_by_container() {
        let images = [("app".to_owned(), "web:2".to_owned())].into();
        let changed = described().with_images(&images).unwrap();
        assert_eq!(request(&changed)["containerDefinitions"][0]["image"], "web:2");
        assert_ne!(changed.fingerprint(), described().fingerprint());
        let wrong = [("ap".to_owned(), "web:2".to_owned())].into();
        let error = described().with_images(&wrong).unwrap_err();
        assert_eq!(error.to_string(), "task definition: web has no container ap, only app");
    }

    #[test]
    fn the_fingerprint_follows_what_is_said_and_not_how() {
        let of = |text: &str| {
            DefinitionDocument::of(&TaskDefinition::from_json(text).unwrap()).fingerprint()
        };
        let container = r#"{"name":"app","image":"web:1"}"#;
        let plain = format!(r#"{{"family":"web","containerDefinitions":[{container}]}}"#);
        let filled = r#"{"containerDefinitions":[{"image":"web:1","cpu":0,"mountPoints":[],
            "name":"app"}],"volumes":[],"family":"web","revision":3}"#;
        assert_eq!(of(&plain), of(filled));
        assert_ne!(of(&plain), of(&plain.replace("web:1", "web:2")));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", described()).contains("s3cr3t"));
    }
}
