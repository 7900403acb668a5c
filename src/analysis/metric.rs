//! One metric of a comparison, as settings.

use serde::Deserialize;
use serde::Serialize;

use super::counts::Counts;
use super::settings::InvalidSettings;
use super::settings::Settings;

/// Which way a metric is good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "more or fewer")]
pub enum Better {
    /// Errors, slow requests: the fewer the better.
    #[default]
    Fewer,
    /// Sign-ins, orders: the more the better. Counted where [`Counts`] says *bad*.
    More,
}

/// One metric: how it is counted and what is promised about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs and gates build it")]
pub struct MetricSettings {
    /// What people call it.
    pub name: String,
    /// Which way it is good.
    pub better: Better,
    /// Its part of α, above 0 and at most 1; the parts of all metrics sum to at most 1.
    pub budget: f64,
    /// The bad rate above which both sides at once have a common cause; none: not watched.
    pub objective: Option<f64>,
    /// What is promised, before α is divided.
    pub settings: Settings,
}

impl MetricSettings {
    /// A metric of which fewer is better, alone, with these settings.
    pub fn new(name: impl Into<String>, settings: Settings) -> Self {
        Self { name: name.into(), better: Better::Fewer, budget: 1.0, objective: None, settings }
    }

    /// The settings with this metric's part of α.
    pub(super) fn divided(&self) -> Result<Settings, InvalidSettings> {
        self.settings.check()?;
        let sensible = self.budget > 0.0 && self.budget <= 1.0;
        let objective = self.objective.is_none_or(|objective| objective > 0.0 && objective <= 1.0);
        if !sensible || !objective {
            return Err(InvalidSettings::Share(self.budget));
        }
        Ok(self.settings.with_budget(self.budget))
    }

    /// The counts with *bad* as what speaks against a side.
    pub(super) const fn against(&self, counts: Counts) -> Counts {
        match self.better {
            Better::Fewer => counts,
            Better::More => counts.exchanged(),
        }
    }
}
