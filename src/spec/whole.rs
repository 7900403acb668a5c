//! Whole numbers as text.

use serde::Deserialize;

use super::spec_error::shown;

/// A whole number; where it counts percents, as ECS's two percentages do, it may carry the sign.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Whole(pub(super) u32);

impl TryFrom<String> for Whole {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = text.strip_suffix('%').unwrap_or(&text).trim_end();
        number
            .parse()
            .map(Self)
            .map_err(|_| format!("is {}; give a whole number, 0 or more", shown(&text)))
    }
}
