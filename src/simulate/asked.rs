//! What gates ask of the world.

use crate::model::AlarmName;
use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateSpec;

/// What gates ask of the world, parts of composed ones included.
#[derive(Debug)]
pub(super) struct Asked;

impl Asked {
    /// What these gates ask, in parts.
    pub(super) fn leaves(gates: &[GateSpec]) -> impl Iterator<Item = (&GateId, &GateKind)> {
        gates.iter().flat_map(|gate| {
            let leaves = gate.kind.leaves().into_iter();
            leaves.map(|(part, kind)| (part.unwrap_or(&gate.id), kind))
        })
    }

    /// The alarms that these gates name, each once.
    pub(super) fn alarms(gates: &[GateSpec]) -> Vec<AlarmName> {
        let named = Self::leaves(gates).filter_map(|(_, kind)| match kind {
            GateKind::Alarms { names, .. } => Some(names),
            _ => None,
        });
        let mut all: Vec<AlarmName> = named.flatten().cloned().collect();
        all.sort();
        all.dedup();
        all
    }

    /// The addresses that these gates ask, up to the query: those of webhooks, which anybody answers, and
    /// those of probes, which the candidate does.
    pub(super) fn addresses(gates: &[GateSpec]) -> (Vec<String>, Vec<String>) {
        let (mut webhooks, mut probes) = (Vec::new(), Vec::new());
        for (_, kind) in Self::leaves(gates) {
            let (list, endpoint) = match kind {
                GateKind::Webhook(webhook) => (&mut webhooks, &webhook.endpoint),
                GateKind::Probe(probe) => (&mut probes, &probe.endpoint),
                _ => continue,
            };
            let place = endpoint.url.as_str().split(['?', '#']).next().unwrap_or_default();
            list.push(place.to_owned());
        }
        (webhooks, probes)
    }
}
