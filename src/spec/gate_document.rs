//! The `gates` and `hooks` of a spec.

use std::time::Duration;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::model::AlarmName;
use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::HealthRule;
use crate::model::HookAction;
use crate::model::HookId;
use crate::model::HookSpec;
use crate::model::Inconclusive;
use crate::model::Stage;

use super::metric_document::AnalysisFields;
use super::metric_document::ExposureFields;
use super::metric_document::MetricFields;
use super::spec_error::shown;
use super::switch::Switch;
use super::time_span::TimeSpan;
use super::whole::Whole;

/// `hold 30m`, `wait`, `rollback` or `continue`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Policy(Inconclusive);

impl TryFrom<String> for Policy {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let hold = || {
            let span = text.strip_prefix("hold ")?.trim_start().to_owned();
            Some(Inconclusive::Hold { limit: TimeSpan::try_from(span).ok()?.0 })
        };
        match text.as_str() {
            "rollback" => Ok(Self(Inconclusive::Rollback)),
            "continue" => Ok(Self(Inconclusive::Continue)),
            "wait" => Ok(Self(Inconclusive::Wait)),
            _ => hold().map(Self).ok_or_else(|| {
                format!("is {}; give `hold 30m`, `wait`, `rollback` or `continue`", shown(&text))
            }),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GateFields {
    id: Spanned<GateId>,
    alarms: Option<Vec<AlarmName>>,
    accept_red_at_start: Option<String>,
    unhealthy_reads: Option<Whole>,
    of_reads: Option<Whole>,
    minimum_per_zone: Option<Whole>,
    #[serde(default)]
    custom: Switch,
    metric: Option<MetricFields>,
    exposure: Option<ExposureFields>,
    analysis: Option<AnalysisFields>,
    mode: Option<GateMode>,
    inconclusive: Option<Policy>,
    #[serde(default = "yes")]
    always: Switch,
}

const fn yes() -> Switch {
    Switch(true)
}

/// One gate as a spec gives it.
#[derive(Debug, Deserialize)]
#[serde(try_from = "GateFields")]
pub(super) struct GateDocument {
    pub(super) id: Spanned<GateId>,
    kind: GateKind,
    mode: GateMode,
    policy: Option<Policy>,
    pub(super) always: bool,
}

impl TryFrom<GateFields> for GateDocument {
    type Error = String;

    fn try_from(fields: GateFields) -> Result<Self, String> {
        let reason = fields.accept_red_at_start;
        if reason.is_some() && fields.alarms.is_none() {
            return Err(
                "is not an alarm gate, but has `accept_red_at_start`; leave that out".into()
            );
        }
        if reason.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
            return Err("has no reason in `accept_red_at_start`; say why, it is recorded".into());
        }
        let is_health = fields.unhealthy_reads.is_some();
        if !is_health && (fields.of_reads.is_some() || fields.minimum_per_zone.is_some()) {
            return Err("has `of_reads` or `minimum_per_zone`, but no `unhealthy_reads`; \
                        give that too: `unhealthy_reads: 3`"
                .into());
        }
        let mut asked = [
            fields.alarms.map(|names| alarms(names, reason)),
            fields.unhealthy_reads.map(|reads| {
                let rule = health(reads, fields.of_reads, fields.minimum_per_zone);
                rule.map(GateKind::TargetHealth)
            }),
            fields.custom.0.then_some(Ok(GateKind::Custom)),
            fields.metric.map(|metric| metric.rule().map(GateKind::Metric)),
            fields.exposure.map(|exposure| exposure.cap().map(GateKind::Exposure)),
            fields.analysis.map(|analysis| analysis.rule().map(GateKind::Analysis)),
        ]
        .into_iter()
        .flatten();
        let (Some(kind), None) = (asked.next(), asked.next()) else {
            return Err(ONE_THING.to_owned());
        };
        let kind = kind?;
        let mode = fields.mode.unwrap_or(GateMode::Blocking);
        Ok(Self { id: fields.id, kind, mode, policy: fields.inconclusive, always: fields.always.0 })
    }
}

const ONE_THING: &str = "has to ask one thing; give one of `alarms: [names]`, `unhealthy_reads: 3`, \
                         `metric: {…}`, `exposure: {…}`, `analysis: {…}` and `custom: true`";

fn alarms(names: Vec<AlarmName>, accept_red_at_start: Option<String>) -> Result<GateKind, String> {
    if names.is_empty() {
        return Err("has no name in `alarms`; give one at least".into());
    }
    Ok(GateKind::Alarms { names, accept_red_at_start })
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

impl GateDocument {
    /// The gate, holding for `hold_limit` where the spec says nothing else.
    pub(super) fn spec(&self, hold_limit: Duration) -> GateSpec {
        GateSpec {
            id: self.id.value.clone(),
            kind: self.kind.clone(),
            mode: self.mode,
            inconclusive: self
                .policy
                .map_or(Inconclusive::Hold { limit: hold_limit }, |policy| policy.0),
            always: self.always,
        }
    }
}

/// One hook as a spec gives it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HookDocument {
    pub(super) id: Spanned<HookId>,
    stages: Vec<Stage>,
    #[serde(default = "quarter")]
    timeout: TimeSpan,
    #[serde(default = "back")]
    default: HookAction,
}

/// As long as ECS waits for a Lambda function.
const fn quarter() -> TimeSpan {
    TimeSpan(Duration::from_mins(15))
}

/// ECS's default action of a hook, and of an approval.
pub(super) const fn back() -> HookAction {
    HookAction::Rollback
}

impl HookDocument {
    pub(super) fn spec(&self) -> HookSpec {
        HookSpec {
            id: self.id.value.clone(),
            stages: self.stages.clone(),
            timeout: self.timeout.0,
            default: self.default,
        }
    }
}
