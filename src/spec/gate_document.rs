//! The `gates` and `hooks` of a spec.

use std::time::Duration;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::model::AlarmName;
use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateMode;
use crate::model::GatePart;
use crate::model::GateSpec;
use crate::model::HookAction;
use crate::model::HookId;
use crate::model::HookSpec;
use crate::model::Inconclusive;
use crate::model::Stage;

use super::call_document::ProbeDocument;
use super::call_document::WebhookDocument;
use super::spec_error::shown;
use super::switch::Switch;
use super::time_span::TimeSpan;
use super::whole::Whole;
use super::window_document::WindowDocument;

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
    #[serde(default)]
    custom: Switch,
    probe: Option<ProbeDocument>,
    webhook: Option<WebhookDocument>,
    window: Option<WindowDocument>,
    all: Option<Vec<PartFields>>,
    any: Option<Vec<PartFields>>,
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

/// A part of a gate: what it asks, without what its answers do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartFields {
    id: GateId,
    alarms: Option<Vec<AlarmName>>,
    accept_red_at_start: Option<String>,
    unhealthy_reads: Option<Whole>,
    #[serde(default)]
    custom: Switch,
    probe: Option<ProbeDocument>,
    webhook: Option<WebhookDocument>,
    window: Option<WindowDocument>,
    all: Option<Vec<Self>>,
    any: Option<Vec<Self>>,
}

/// What a gate or a part asks, before it is known that it is one thing.
#[derive(Debug)]
struct Asks {
    alarms: Option<Vec<AlarmName>>,
    accept_red_at_start: Option<String>,
    unhealthy_reads: Option<Whole>,
    custom: bool,
    probe: Option<ProbeDocument>,
    webhook: Option<WebhookDocument>,
    window: Option<WindowDocument>,
    all: Option<Vec<PartFields>>,
    any: Option<Vec<PartFields>>,
}

impl Asks {
    fn kind(self) -> Result<GateKind, String> {
        let reason = self.accept_red_at_start;
        if reason.is_some() && self.alarms.is_none() {
            return Err(
                "is not an alarm gate, but has `accept_red_at_start`; leave that out".into()
            );
        }
        if reason.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
            return Err("has no reason in `accept_red_at_start`; say why, it is recorded".into());
        }
        if self.alarms.as_ref().is_some_and(Vec::is_empty) {
            return Err("has no name in `alarms`; give one at least".into());
        }
        if matches!(self.unhealthy_reads, Some(Whole(0))) {
            return Err("has `unhealthy_reads` of 0; give 1 or more".into());
        }
        let alarms =
            self.alarms.map(|names| GateKind::Alarms { names, accept_red_at_start: reason });
        let health = self.unhealthy_reads.map(|Whole(unhealthy_reads)| GateKind::TargetHealth {
            unhealthy_reads,
            minimum_healthy_percent: 100,
        });
        let asked = [
            alarms,
            health,
            self.custom.then_some(GateKind::Custom),
            self.probe.map(|probe| GateKind::Probe(probe.probe())),
            self.webhook.map(|webhook| GateKind::Webhook(webhook.webhook())),
            self.window.map(|window| GateKind::Window(window.calendar())),
            self.all.map(|all| parts(all).map(GateKind::All)).transpose()?,
            self.any.map(|any| parts(any).map(GateKind::Any)).transpose()?,
        ];
        let mut asked = asked.into_iter().flatten();
        let (Some(kind), None) = (asked.next(), asked.next()) else {
            return Err(
                "has to ask one thing; give one of `alarms: [names]`, `unhealthy_reads: 3`, \
                        `custom: true`, `probe`, `webhook`, `window`, `all` and `any`"
                    .into(),
            );
        };
        match kind.fault() {
            Some((field, why)) => Err(format!("has `{field}` that {why}")),
            None => Ok(kind),
        }
    }
}

fn parts(given: Vec<PartFields>) -> Result<Vec<GatePart>, String> {
    let part = |fields: PartFields| {
        let PartFields {
            id,
            alarms,
            accept_red_at_start,
            unhealthy_reads,
            custom,
            probe,
            webhook,
            window,
            all,
            any,
        } = fields;
        let custom = custom.0;
        let asks = Asks {
            alarms,
            accept_red_at_start,
            unhealthy_reads,
            custom,
            probe,
            webhook,
            window,
            all,
            any,
        };
        let kind =
            asks.kind().map_err(|why| format!("has a part {} that {why}", shown(id.as_str())))?;
        Ok(GatePart { id, kind })
    };
    given.into_iter().map(part).collect()
}

impl TryFrom<GateFields> for GateDocument {
    type Error = String;

    fn try_from(fields: GateFields) -> Result<Self, String> {
        let asks = Asks {
            alarms: fields.alarms,
            accept_red_at_start: fields.accept_red_at_start,
            unhealthy_reads: fields.unhealthy_reads,
            custom: fields.custom.0,
            probe: fields.probe,
            webhook: fields.webhook,
            window: fields.window,
            all: fields.all,
            any: fields.any,
        };
        let kind = asks.kind()?;
        let mode = fields.mode.unwrap_or(GateMode::Blocking);
        Ok(Self { id: fields.id, kind, mode, policy: fields.inconclusive, always: fields.always.0 })
    }
}

impl GateDocument {
    /// The gate, holding for `hold_limit` where the spec says nothing else; a window waits.
    pub(super) fn spec(&self, hold_limit: Duration) -> GateSpec {
        GateSpec {
            id: self.id.value.clone(),
            kind: self.kind.clone(),
            mode: self.mode,
            inconclusive: match (self.policy, &self.kind) {
                (Some(policy), _) => policy.0,
                // who shuts a window does not ask for a rollback
                (None, GateKind::Window(_)) => Inconclusive::Wait,
                (None, _) => Inconclusive::Hold { limit: hold_limit },
            },
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
