//! What fields of a spec ask of each other.

use std::collections::BTreeSet;

use serde_saphyr::Location;

use super::document::Document;
use super::gate_document::GateDocument;
use super::spec_error::SpecError;
use super::spec_error::shown;

/// A field that does not fit the others.
struct Misfit {
    place: Location,
    field: String,
    why: String,
}

/// Refuses ids that are used twice, gates that a bake names but nobody defines, and gates that would
/// never watch.
pub(super) fn cross_check(document: &Document, source_name: &str) -> Result<(), SpecError> {
    unique(document).and_then(|()| named(document)).and_then(|()| watching(document)).map_err(
        |Misfit { place, field, why }| SpecError {
            source_name: source_name.to_owned(),
            line: place.line(),
            column: place.column(),
            field,
            why,
        },
    )
}

fn unique(document: &Document) -> Result<(), Misfit> {
    let twice = |list: &str, index: usize, id: &str, place: Location| Misfit {
        place,
        field: format!("{list}[{index}].id"),
        why: format!("is {} a second time; give each an id of its own", shown(id)),
    };
    let shorthand = document.alarms.gate.iter().map(|(id, _)| id);
    let mut gates: BTreeSet<_> = shorthand.collect();
    for (index, gate) in document.gates.iter().enumerate() {
        if !gates.insert(&gate.id.value) {
            return Err(twice("gates", index, gate.id.value.as_str(), gate.id.referenced));
        }
    }
    let mut hooks = BTreeSet::new();
    for (index, hook) in document.hooks.iter().enumerate() {
        if !hooks.insert(&hook.id.value) {
            return Err(twice("hooks", index, hook.id.value.as_str(), hook.id.referenced));
        }
    }
    Ok(())
}

fn named(document: &Document) -> Result<(), Misfit> {
    let defined: BTreeSet<_> = document
        .gates
        .iter()
        .map(|gate| &gate.id.value)
        .chain(document.alarms.gate.iter().map(|(id, _)| id))
        .collect();
    for (step, gates) in document.strategy.bake_gates() {
        for (index, gate) in gates.iter().enumerate() {
            if !defined.contains(&gate.value) {
                return Err(Misfit {
                    place: gate.referenced,
                    field: format!("strategy.steps[{step}].bake.gates[{index}]"),
                    why: format!(
                        "is {}, which is no gate of this file; define it under `gates`",
                        shown(gate.value.as_str())
                    ),
                });
            }
        }
    }
    Ok(())
}

fn watching(document: &Document) -> Result<(), Misfit> {
    let named: BTreeSet<_> = document
        .strategy
        .bake_gates()
        .flat_map(|(_, gates)| gates.iter().map(|gate| &gate.value))
        .collect();
    let idle = |(_, gate): &(usize, &GateDocument)| !gate.always && !named.contains(&gate.id.value);
    document.gates.iter().enumerate().find(idle).map_or(Ok(()), |(index, gate)| {
        Err(Misfit {
            place: gate.id.referenced,
            field: format!("gates[{index}].always"),
            why: format!(
                "is `false`, but no bake names {}, so it would never watch; name it or leave `always` out",
                shown(gate.id.value.as_str())
            ),
        })
    })
}
