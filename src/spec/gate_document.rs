//! The `gates` and `hooks` of a spec.

use std::time::Duration;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::HookAction;
use crate::model::HookId;
use crate::model::HookSpec;
use crate::model::Inconclusive;
use crate::model::Stage;

use super::approval_document::back;
use super::asks::asking;
use super::spec_error::shown;
use super::switch::Switch;
use super::time_span::TimeSpan;

/// `hold 30m`, `wait`, `rollback` or `continue`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Policy(Inconclusive);

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

asking! {
    /// A gate with what its answers do.
    GateFields {
        id: Spanned<GateId>,
        mode: Option<GateMode>,
        inconclusive: Option<Policy>,
        #[serde(default = "yes")]
        always: Switch,
    }
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

    fn try_from(mut fields: GateFields) -> Result<Self, String> {
        let kind = fields.asks().kind()?;
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
