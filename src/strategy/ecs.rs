//! Strategies from the parameters of ECS's own `deploymentConfiguration`, with its bounds and defaults.

use std::time::Duration;

use crate::model::Weight;

use super::blue_green::BlueGreen;
use super::canary::Canary;
use super::linear::Linear;
use super::permille::permille;
use super::plan_error::PlanError;

fn out_of_bounds(field: &str, value: &dyn ToString, bounds: &str) -> PlanError {
    let (field, value) = (field.to_owned(), value.to_string());
    PlanError::OutOfBounds { field, value, bounds: bounds.to_owned() }
}

fn percent(field: &str, text: &str, least: u32, bounds: &str) -> Result<Weight, PlanError> {
    permille(text)
        .filter(|permille| *permille >= least)
        .and_then(|permille| Weight::permille(permille).ok())
        .ok_or_else(|| out_of_bounds(field, &format!("`{text}`"), bounds))
}

fn minutes(field: &str, minutes: u32) -> Result<Duration, PlanError> {
    if minutes > 1440 {
        return Err(out_of_bounds(field, &minutes, "0 to 1440"));
    }
    Ok(Duration::from_mins(minutes.into()))
}

impl BlueGreen {
    /// ECS's `BLUE_GREEN`: `bakeTimeInMinutes` 0 to 1440.
    pub fn from_ecs(bake_time_in_minutes: u32) -> Result<Self, PlanError> {
        Ok(Self { bake: minutes("bakeTimeInMinutes", bake_time_in_minutes)?, ..Self::default() })
    }
}

impl Canary {
    /// ECS's `CANARY`: `canaryPercent` 0.1 to 100.0 in multiples of 0.1, by default 5, as decimal text
    /// so that it is exact; `canaryBakeTimeInMinutes` 0 to 1440, by default 10; `bakeTimeInMinutes` 0
    /// to 1440.
    pub fn from_ecs(
        canary_percent: Option<&str>,
        canary_bake_time_in_minutes: Option<u32>,
        bake_time_in_minutes: u32,
    ) -> Result<Self, PlanError> {
        let bounds = "0.1 to 100.0 in multiples of 0.1";
        Ok(Self {
            weight: percent("canaryPercent", canary_percent.unwrap_or("5.0"), 1, bounds)?,
            bake: minutes("canaryBakeTimeInMinutes", canary_bake_time_in_minutes.unwrap_or(10))?,
            final_bake: minutes("bakeTimeInMinutes", bake_time_in_minutes)?,
        })
    }
}

impl Linear {
    /// ECS's `LINEAR`: `stepPercent` 3.0 to 100.0 in multiples of 0.1, by default 10, as decimal text so
    /// that it is exact; `stepBakeTimeInMinutes` 0 to 1440, by default 6; `bakeTimeInMinutes` 0 to 1440.
    pub fn from_ecs(
        step_percent: Option<&str>,
        step_bake_time_in_minutes: Option<u32>,
        bake_time_in_minutes: u32,
    ) -> Result<Self, PlanError> {
        let bounds = "3.0 to 100.0 in multiples of 0.1";
        Ok(Self {
            step: percent("stepPercent", step_percent.unwrap_or("10.0"), 30, bounds)?,
            interval: minutes("stepBakeTimeInMinutes", step_bake_time_in_minutes.unwrap_or(6))?,
            final_bake: minutes("bakeTimeInMinutes", bake_time_in_minutes)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_ecs() {
        let canary = Canary::from_ecs(None, None, 15).unwrap();
        assert_eq!((canary.weight, canary.bake), (Weight::at_most(50), Duration::from_mins(10)));
        assert_eq!(canary.final_bake, Duration::from_mins(15));
        let linear = Linear::from_ecs(None, None, 0).unwrap();
        assert_eq!((linear.step, linear.interval), (Weight::at_most(100), Duration::from_mins(6)));
        assert_eq!(BlueGreen::from_ecs(1440).unwrap().bake, Duration::from_hours(24));
    }

    #[test]
    fn the_bounds_are_those_of_ecs() {
        for good in ["3", "3.0", "33.3", "100", "100.0"] {
            assert!(Linear::from_ecs(Some(good), None, 0).is_ok(), "{good}");
        }
        for bad in ["2.9", "100.1", "10.05", "-5", "ten", "10%", ""] {
            let error = Linear::from_ecs(Some(bad), None, 0).unwrap_err().to_string();
            let wanted = format!("`stepPercent` is `{bad}`; give 3.0 to 100.0 in multiples of 0.1");
            assert_eq!(error, wanted);
        }
        assert!(Canary::from_ecs(Some("0.1"), Some(1440), 1440).is_ok());
        for (bad, wanted) in [
            (
                Canary::from_ecs(Some("0.0"), None, 0),
                "`canaryPercent` is `0.0`; give 0.1 to 100.0 in multiples of 0.1",
            ),
            (
                Canary::from_ecs(None, Some(1441), 0),
                "`canaryBakeTimeInMinutes` is 1441; give 0 to 1440",
            ),
            (Canary::from_ecs(None, None, 1441), "`bakeTimeInMinutes` is 1441; give 0 to 1440"),
        ] {
            assert_eq!(bad.unwrap_err().to_string(), wanted);
        }
        let error = Linear::from_ecs(None, Some(1441), 0).unwrap_err().to_string();
        assert_eq!(error, "`stepBakeTimeInMinutes` is 1441; give 0 to 1440");
    }
}
