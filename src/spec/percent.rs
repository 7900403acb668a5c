//! Percentages as text.

use serde::Deserialize;

use crate::model::Share;
use crate::model::Weight;
use crate::strategy::permille;

use super::spec_error::shown;

/// A percentage with its sign, exact to 0.1 %: `10%`, `12.5 %`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Percent {
    pub(super) weight: Weight,
    pub(super) share: Share,
}

impl TryFrom<String> for Percent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let Some(number) = text.strip_suffix('%') else {
            return Err(format!(
                "is {}; give a percentage with its sign, such as `10%` or `12.5%`",
                shown(&text)
            ));
        };
        let parts = permille(number.trim_end()).and_then(|permille| {
            Some((Weight::permille(permille).ok()?, Share::permille(permille).ok()?))
        });
        let Some((weight, share)) = parts else {
            return Err(format!("is {}; give 0% to 100% in multiples of 0.1%", shown(&text)));
        };
        Ok(Self { weight, share })
    }
}
