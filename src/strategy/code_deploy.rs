//! CodeDeploy's predefined deployment configurations for ECS, by name.

use std::time::Duration;

use crate::model::Weight;

use super::all_at_once::AllAtOnce;
use super::canary::Canary;
use super::contract::Strategy;
use super::linear::Linear;
use super::plan_error::PlanError;

const PREFIX: &str = "CodeDeployDefault.";

const NAMES: [&str; 5] = [
    "ECSAllAtOnce",
    "ECSCanary10Percent5Minutes",
    "ECSCanary10Percent15Minutes",
    "ECSLinear10PercentEvery1Minutes",
    "ECSLinear10PercentEvery3Minutes",
];

/// The strategy behind a name such as `CodeDeployDefault.ECSCanary10Percent5Minutes`.
///
/// CodeDeploy's wait before the old tasks are terminated (`terminationWaitTimeInMinutes`) belongs to
/// its deployment group and not to the configuration, so the final bake is this crate's default: five
/// minutes, and none for `ECSAllAtOnce`.
pub fn named(name: &str) -> Result<Box<dyn Strategy>, PlanError> {
    let canary = |minutes| Canary {
        weight: Weight::at_most(100),
        bake: Duration::from_mins(minutes),
        ..Canary::default()
    };
    let linear = |minutes| Linear {
        step: Weight::at_most(100),
        interval: Duration::from_mins(minutes),
        ..Linear::default()
    };
    Ok(match name.strip_prefix(PREFIX) {
        Some("ECSAllAtOnce") => Box::new(AllAtOnce::default()),
        Some("ECSCanary10Percent5Minutes") => Box::new(canary(5)),
        Some("ECSCanary10Percent15Minutes") => Box::new(canary(15)),
        Some("ECSLinear10PercentEvery1Minutes") => Box::new(linear(1)),
        Some("ECSLinear10PercentEvery3Minutes") => Box::new(linear(3)),
        _ => {
            let known: Vec<String> = NAMES.iter().map(|name| format!("{PREFIX}{name}")).collect();
            let (name, known) = (name.to_owned(), known.join(", "));
            return Err(PlanError::UnknownConfiguration { name, known });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::shape;
    use super::super::fixture::words;
    use super::*;

    #[test]
    fn all_five_names_give_the_plan_they_say() {
        let bakes = |name: &str| {
            let plan = named(name).unwrap().plan(&shape(4)).unwrap();
            (words(&plan).len(), words(&plan)[2].clone())
        };
        let table = [
            ("ECSAllAtOnce", (3, "bake 0s")),
            ("ECSCanary10Percent5Minutes", (5, "bake 5m")),
            ("ECSCanary10Percent15Minutes", (5, "bake 15m")),
            ("ECSLinear10PercentEvery1Minutes", (21, "bake 1m")),
            ("ECSLinear10PercentEvery3Minutes", (21, "bake 3m")),
        ];
        assert_eq!(table.map(|(name, _)| name), NAMES);
        for (name, (steps, bake)) in table {
            assert_eq!(bakes(&format!("{PREFIX}{name}")), (steps, bake.to_owned()), "{name}");
        }
    }

    #[test]
    fn another_name_is_refused_with_the_ones_there_are() {
        for name in ["", "ECSAllAtOnce", "CodeDeployDefault.OneAtATime"] {
            let error = named(name).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{name}` is not one of")), "{error}");
            assert!(error.contains("CodeDeployDefault.ECSLinear10PercentEvery3Minutes"), "{error}");
        }
    }
}
