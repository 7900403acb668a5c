//! Yes or no as text.

use serde::Deserialize;

use super::spec_error::shown;

/// `true` or `false`, and none of YAML 1.1's other words for them.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Switch(pub(super) bool);

impl TryFrom<String> for Switch {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err(format!("is {}; give `true` or `false`", shown(&text))),
        }
    }
}
