//! How a revision that was registered from outside behaves.

use std::time::Duration;

use serde_json::Value;

use super::behaviour::Behaviour;
use super::behaviour::Fate;
use super::definition::Definition;

/// The docker label that says how a revision behaves.
const LABEL: &str = "cutover.behaviour";

impl Behaviour {
    /// How a registered task definition behaves: as the docker label `cutover.behaviour` of any of its
    /// containers says. Several words are separated by commas, later ones win.
    ///
    /// | word | its tasks |
    /// |---|---|
    /// | `healthy` | start and stay healthy (as without a label) |
    /// | `never-healthy` | run, but fail every health check and request |
    /// | `crash-loop` | exit 1 s after they began to run; `crash-loop=<seconds>` after so many |
    /// | `fails-to-start` | exit before they run |
    /// | `cannot-pull` | fail with `CannotPullContainerError`; so does an image tagged `:cannot-pull` |
    /// | `unhealthy-after=<seconds>` | begin to fail after so many seconds |
    /// | `no-capacity` | are never placed |
    /// | `errors=<per mille>` | answer this share of requests with a 5xx |
    /// | `latency=<milliseconds>` | have this 99th percentile of response times |
    /// | `start=<seconds>` | take so long from launch to `RUNNING` |
    /// | `afflicted=<per mille>` | only this share of them meets the fate |
    ///
    /// A word that is not in this list is refused where the task definition is registered.
    ///
    /// # Errors
    ///
    /// The word that is not understood.
    pub fn of_definition(definition: &Definition) -> Result<Self, String> {
        let mut behaviour = Self::healthy();
        for container in definition.containers() {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            let image = text(container.get("image")).unwrap_or_default();
            if image.ends_with(":cannot-pull") {
                behaviour.fate = Fate::ImagePullError;
            }
            let label = container.get("dockerLabels").and_then(|labels| labels.get(LABEL));
            let words = text(label).unwrap_or_default();
            for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
                behaviour.take(word).ok_or_else(|| word.to_owned())?;
            }
        }
        Ok(behaviour)
    }

    fn take(&mut self, word: &str) -> Option<()> {
        let (name, value) = word.split_once('=').map_or((word, None), |(n, v)| (n, Some(v)));
        let number = || value?.parse::<u32>().ok();
        let seconds = || number().map(|seconds| Duration::from_secs(u64::from(seconds)));
        match (name, value) {
            ("healthy", None) => self.fate = Fate::Healthy,
            ("never-healthy", None) => self.fate = Fate::NeverHealthy,
            ("crash-loop", None) => self.fate = Fate::CrashesAfter(Duration::from_secs(1)),
            ("crash-loop", Some(_)) => self.fate = Fate::CrashesAfter(seconds()?),
            ("fails-to-start", None) => self.fate = Fate::FailsToStart,
            ("cannot-pull", None) => self.fate = Fate::ImagePullError,
            ("unhealthy-after", Some(_)) => self.fate = Fate::UnhealthyAfter(seconds()?),
            ("no-capacity", None) => self.placeable = false,
            ("errors", Some(_)) => self.error_permille = number()?.min(1000),
            ("latency", Some(_)) => self.latency_ms = number()?,
            ("start", Some(_)) => self.start = Some(seconds()?),
            ("afflicted", Some(_)) => self.afflicted_permille = number()?.min(1000),
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::revision;
    use super::super::settings::Settings;
    use super::*;

    fn labelled(label: &str, image: &str) -> Result<Behaviour, String> {
        let mut definition = Definition::of_scenario(&revision(1));
        let container = serde_json::json!({
            "name": "app", "image": image, "dockerLabels": { "cutover.behaviour": label }
        });
        let document = serde_json::json!({ "containerDefinitions": [container] });
        definition.document = Settings::new(&document);
        Behaviour::of_definition(&definition)
    }

    #[test]
    fn a_label_says_how_a_revision_behaves() {
        assert_eq!(labelled("", "web:1"), Ok(Behaviour::healthy()));
        let erring = Behaviour::erring(200).with_latency_ms(800);
        assert_eq!(labelled("errors=200, latency=800", "web:1"), Ok(erring));
        let crash = Behaviour::doomed(Fate::CrashesAfter(Duration::from_secs(1)));
        assert_eq!(labelled("crash-loop", "web:1"), Ok(crash));
        assert!(!labelled("no-capacity", "web:1").unwrap().placeable);
    }

    #[test]
    fn an_image_that_cannot_be_pulled_needs_no_label() {
        assert_eq!(labelled("", "web:cannot-pull").unwrap().fate, Fate::ImagePullError);
    }

    #[test]
    fn an_unknown_word_is_refused() {
        assert_eq!(labelled("helthy", "web:1"), Err("helthy".to_owned()));
        assert_eq!(labelled("errors", "web:1"), Err("errors".to_owned()));
    }
}
