//! What a gate knows before a deployment begins.

use super::alarm_rules::AlarmRules;
use super::composite::Memory;
use super::judge::written;
use crate::model::GateKind;
use crate::model::GateMemory;
use crate::ports::AlarmReading;

/// What a gate remembers of a look at the alarms before the deployment begins: what happens to them from
/// then on is found at its first look. None for a gate that asks for no alarm, its parts included.
pub(crate) fn begun(kind: &GateKind, readings: &[AlarmReading]) -> Option<GateMemory> {
    match kind {
        GateKind::Alarms { names, .. } => {
            Some(GateMemory(written(&AlarmRules::begun(names, readings)).into()))
        }
        GateKind::All(parts) | GateKind::Any(parts) => {
            let known = parts
                .iter()
                .filter_map(|part| Some((part.id.clone(), begun(&part.kind, readings)?)));
            let mut known = known.peekable();
            known.peek()?;
            Some(GateMemory(written(&Memory::begun(known)).into()))
        }
        _ => None,
    }
}
