//! What a gate, or a part of one, asks.

use crate::model::AlarmName;
use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GatePart;
use crate::model::HealthRule;
use crate::model::InsufficientData;

use super::call_document::ProbeDocument;
use super::call_document::WebhookDocument;
use super::metric_document::AnalysisFields;
use super::metric_document::ExposureFields;
use super::metric_document::MetricFields;
use super::spec_error::shown;
use super::switch::Switch;
use super::whole::Whole;
use super::window_document::WindowDocument;

const ONE_THING: &str = "has to ask one thing; give one of `alarms: [names]`, `unhealthy_reads: 3`, \
                         `metric`, `exposure`, `analysis`, `probe`, `webhook`, `window`, `all`, `any` and \
                         `custom: true`";

/// Makes a document of whatever asks something, with fields of its own besides. (Flattened fields could
/// not be checked for misspelt ones.)
macro_rules! asking {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$of])* pub(super) $field: $type,)*
            alarms: Option<Vec<crate::model::AlarmName>>,
            accept_red_at_start: Option<String>,
            insufficient_data: Option<crate::model::InsufficientData>,
            unhealthy_reads: Option<super::whole::Whole>,
            of_reads: Option<super::whole::Whole>,
            minimum_per_zone: Option<super::whole::Whole>,
            #[serde(default)]
            custom: super::switch::Switch,
            metric: Option<super::metric_document::MetricFields>,
            exposure: Option<super::metric_document::ExposureFields>,
            analysis: Option<super::metric_document::AnalysisFields>,
            probe: Option<super::call_document::ProbeDocument>,
            webhook: Option<super::call_document::WebhookDocument>,
            window: Option<super::window_document::WindowDocument>,
            all: Option<Vec<super::asks::PartFields>>,
            any: Option<Vec<super::asks::PartFields>>,
        }

        impl $name {
            /// What it asks.
            pub(super) fn asks(&mut self) -> super::asks::Asks {
                super::asks::Asks {
                    alarms: self.alarms.take(),
                    accept_red_at_start: self.accept_red_at_start.take(),
                    insufficient_data: self.insufficient_data.take(),
                    unhealthy_reads: self.unhealthy_reads.take(),
                    of_reads: self.of_reads.take(),
                    minimum_per_zone: self.minimum_per_zone.take(),
                    custom: self.custom,
                    metric: self.metric.take(),
                    exposure: self.exposure.take(),
                    analysis: self.analysis.take(),
                    probe: self.probe.take(),
                    webhook: self.webhook.take(),
                    window: self.window.take(),
                    all: self.all.take(),
                    any: self.any.take(),
                }
            }
        }
    };
}

pub(super) use asking;

asking! {
    /// A part of a gate: what it asks, without what its answers do.
    PartFields {
        id: GateId,
    }
}

/// What a gate or a part asks, before it is known that it is one thing.
#[derive(Debug)]
pub(super) struct Asks {
    pub(super) alarms: Option<Vec<AlarmName>>,
    pub(super) accept_red_at_start: Option<String>,
    pub(super) insufficient_data: Option<InsufficientData>,
    pub(super) unhealthy_reads: Option<Whole>,
    pub(super) of_reads: Option<Whole>,
    pub(super) minimum_per_zone: Option<Whole>,
    pub(super) custom: Switch,
    pub(super) metric: Option<MetricFields>,
    pub(super) exposure: Option<ExposureFields>,
    pub(super) analysis: Option<AnalysisFields>,
    pub(super) probe: Option<ProbeDocument>,
    pub(super) webhook: Option<WebhookDocument>,
    pub(super) window: Option<WindowDocument>,
    pub(super) all: Option<Vec<PartFields>>,
    pub(super) any: Option<Vec<PartFields>>,
}

impl Asks {
    /// The one thing that it asks.
    pub(super) fn kind(self) -> Result<GateKind, String> {
        let reason = self.accept_red_at_start;
        let of_alarms = [
            ("accept_red_at_start", reason.is_some()),
            ("insufficient_data", self.insufficient_data.is_some()),
        ];
        if let (Some((field, _)), None) = (of_alarms.iter().find(|(_, is)| *is), &self.alarms) {
            return Err(format!("is not an alarm gate, but has `{field}`; leave that out"));
        }
        let insufficient_data = self.insufficient_data.unwrap_or_default();
        if reason.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
            return Err("has no reason in `accept_red_at_start`; say why, it is recorded".into());
        }
        let is_health = self.unhealthy_reads.is_some();
        if !is_health && (self.of_reads.is_some() || self.minimum_per_zone.is_some()) {
            return Err("has `of_reads` or `minimum_per_zone`, but no `unhealthy_reads`; \
                        give that too: `unhealthy_reads: 3`"
                .into());
        }
        let mut asked = [
            self.alarms.map(|names| alarms(names, reason, insufficient_data)),
            self.unhealthy_reads.map(|reads| {
                let rule = health(reads, self.of_reads, self.minimum_per_zone);
                rule.map(GateKind::TargetHealth)
            }),
            self.custom.0.then_some(Ok(GateKind::Custom)),
            self.metric.map(|metric| metric.rule().map(GateKind::Metric)),
            self.exposure.map(|exposure| exposure.cap().map(GateKind::Exposure)),
            self.analysis.map(|analysis| analysis.rule().map(GateKind::Analysis)),
            self.probe.map(|probe| Ok(GateKind::Probe(probe.probe()))),
            self.webhook.map(|webhook| Ok(GateKind::Webhook(webhook.webhook()))),
            self.window.map(|window| Ok(GateKind::Window(window.calendar()))),
            self.all.map(|all| parts(all).map(GateKind::All)),
            self.any.map(|any| parts(any).map(GateKind::Any)),
        ]
        .into_iter()
        .flatten();
        let (Some(kind), None) = (asked.next(), asked.next()) else {
            return Err(ONE_THING.to_owned());
        };
        let kind = kind?;
        match kind.fault() {
            Some((field, why)) => Err(format!("has `{field}` that {why}")),
            None => Ok(kind),
        }
    }
}

fn parts(given: Vec<PartFields>) -> Result<Vec<GatePart>, String> {
    let part = |mut fields: PartFields| {
        let asks = fields.asks();
        let id = fields.id;
        let kind =
            asks.kind().map_err(|why| format!("has a part {} that {why}", shown(id.as_str())))?;
        Ok(GatePart { id, kind })
    };
    given.into_iter().map(part).collect()
}

fn alarms(
    names: Vec<AlarmName>,
    accept_red_at_start: Option<String>,
    insufficient_data: InsufficientData,
) -> Result<GateKind, String> {
    if names.is_empty() {
        return Err("has no name in `alarms`; give one at least".into());
    }
    Ok(GateKind::Alarms { names, accept_red_at_start, insufficient_data })
}

/// The rule of a target-health gate.
fn health(
    Whole(unhealthy_reads): Whole,
    of_reads: Option<Whole>,
    per_zone: Option<Whole>,
) -> Result<HealthRule, String> {
    if unhealthy_reads == 0 {
        return Err("has `unhealthy_reads` of 0; give 1 or more".into());
    }
    let most = HealthRule::MOST_READS;
    let of_reads = of_reads.map_or(unhealthy_reads, |Whole(of_reads)| of_reads);
    if of_reads < unhealthy_reads || of_reads > most {
        return Err(format!(
            "has `unhealthy_reads` of {unhealthy_reads} and `of_reads` of {of_reads}; \
             give `of_reads` from {unhealthy_reads} to {most}"
        ));
    }
    let minimum_per_zone = per_zone.map(|Whole(least)| least).filter(|least| *least > 0);
    Ok(HealthRule { of_reads, minimum_per_zone, ..HealthRule::in_a_row(unhealthy_reads) })
}
