//! The `traffic` of a spec.

use serde::Deserialize;

use crate::model::Finite;
use crate::model::Load;

use super::number::FinePercent;
use super::number::Number;

/// The ratio of error rates that is to be seen where a spec names none.
const SEES: u32 = 5;

/// The largest ratio that can be looked for.
const LARGEST: f64 = 1000.0;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    rps: Number,
    error_rate: FinePercent,
    sees: Option<Number>,
}

/// What the service serves, and how bad a revision has to be to be seen.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "Fields")]
pub(super) struct TrafficDocument {
    pub(super) load: Load,
    pub(super) sees: Finite,
}

impl TrafficDocument {
    /// The ratio that is to be seen where nothing is said of it.
    pub(super) fn usual() -> Finite {
        Finite::from(SEES)
    }
}

impl TryFrom<Fields> for TrafficDocument {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let load = Load::new(fields.rps.0.get(), fields.error_rate.fraction().get());
        let load = load.map_err(|error| error.to_string())?;
        let sees = fields.sees.map_or_else(Self::usual, |sees| sees.0);
        if sees.get() > 1.0 && sees.get() <= LARGEST {
            return Ok(Self { load, sees });
        }
        let sees = sees.get();
        Err(format!("`sees` is {sees}; give a ratio of error rates, above 1 and at most {LARGEST}"))
    }
}
