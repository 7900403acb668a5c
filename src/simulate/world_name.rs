//! The names of worlds.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde::Serializer;

use super::named_world::NamedWorld;

/// A name that no world has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no world `{name}`; give one of {}", names())]
pub struct UnknownWorld {
    name: String,
}

/// Every name, with the numbers open.
fn names() -> String {
    let mut all: Vec<String> = NamedWorld::ALL.iter().map(ToString::to_string).collect();
    all.retain(|name| !name.starts_with("errors-x") && !name.starts_with("crash-after-"));
    all.splice(1..1, ["errors-x<K>".to_owned(), "crash-after-<N>m".to_owned()]);
    all.join(", ")
}

impl fmt::Display for NamedWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Healthy => "healthy",
            Self::Errors { times } => return write!(f, "errors-x{times}"),
            Self::SlowLeak => "slow-leak",
            Self::CrashAfter { minutes } => return write!(f, "crash-after-{minutes}m"),
            Self::ColdCache => "cold-cache",
            Self::NoCapacity => "no-capacity",
            Self::DependencyBlips => "dependency-blips",
            Self::Bursty => "bursty",
            Self::Night => "night",
            Self::Autoscaling => "autoscaling",
            Self::ThrottledLastStep => "throttled-last-step",
            Self::FlakyApi => "flaky-api",
            Self::LateMetrics => "late-metrics",
            Self::RevisedMetrics => "revised-metrics",
            Self::FlappingAlarm => "flapping-alarm",
        })
    }
}

impl FromStr for NamedWorld {
    type Err = UnknownWorld;

    fn from_str(name: &str) -> Result<Self, UnknownWorld> {
        let known = Self::ALL.into_iter().find(|world| world.to_string() == name);
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        let errors = || Some(Self::Errors { times: number(name.strip_prefix("errors-x")?)? });
        let crash = || {
            let minutes = name.strip_prefix("crash-after-")?.strip_suffix('m')?;
            Some(Self::CrashAfter { minutes: number(minutes)? })
        };
        let unknown = || UnknownWorld { name: name.to_owned() };
        known.or_else(errors).or_else(crash).ok_or_else(unknown)
    }
}

impl Serialize for NamedWorld {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        let open = [NamedWorld::Errors { times: 17 }, NamedWorld::CrashAfter { minutes: 90 }];
        for world in NamedWorld::ALL.into_iter().chain(open) {
            assert_eq!(world.to_string().parse(), Ok(world));
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_those_that_there_are() {
        for name in ["helthy", "errors-x0", "errors-x", "crash-after-5", ""] {
            let error = name.parse::<NamedWorld>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("there is no world `{name}`; give one of healthy,"))
            );
            assert!(error.contains("errors-x<K>") && error.ends_with("flapping-alarm"), "{error}");
        }
    }
}
