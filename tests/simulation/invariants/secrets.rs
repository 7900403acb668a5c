//! No secret leaks (design, section 4, first in the order; reliability S15): every error of the ports
//! carries a cause with a secret in it, and no event, record or error text shows it.

use cutover::adapters::sim::World;

use crate::history::History;
use crate::probe::CANARY;

use super::Invariant;

/// Nothing that is shown or stored holds the secret.
#[derive(Debug, Default)]
pub(crate) struct NoSecrets;

impl Invariant for NoSecrets {
    fn rule(&self) -> &'static str {
        "no secret is shown or stored"
    }

    fn check(&mut self, _world: &World, _history: &History) -> Result<(), String> {
        Ok(())
    }

    fn finish(&mut self, _world: &World, history: &History) -> Result<(), String> {
        for told in &history.told {
            let text = serde_json::to_string(&told.event).unwrap();
            if text.contains(CANARY) {
                return Err(format!("an event shows it: {text}"));
            }
            let debug = format!("{:?}", told.event);
            if debug.contains(CANARY) {
                return Err(format!("an event's debug form shows it: {debug}"));
            }
        }
        if let Some(text) = history.texts.iter().find(|text| text.contains(CANARY)) {
            return Err(format!("an error shows it: {text}"));
        }
        if String::from_utf8_lossy(&history.body).contains(CANARY) {
            return Err("the record holds it".to_owned());
        }
        Ok(())
    }
}
