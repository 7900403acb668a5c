//! An explanation as text, for somebody who was woken up.

use std::collections::BTreeMap;
use std::fmt;

use super::explanation::Explanation;
use super::explanation::Transition;
use crate::model::Decision;
use crate::model::GateId;
use crate::model::GateReading;
use crate::model::Human;
use crate::model::Measure;
use crate::model::Observation;
use crate::model::Role;
use crate::model::Timestamp;

/// What was last said of the day, the world and each gate: it is not said twice.
#[derive(Debug, Default)]
struct Said {
    day: String,
    world: String,
    gates: BTreeMap<GateId, String>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.title(f)?;
        self.check(f)?;
        writeln!(f, "\nWHAT HAPPENED, AND WHY")?;
        if let Some(folded) = &self.folded {
            let (entries, until) = (folded.entries, self.when(folded.until));
            writeln!(f, "the {entries} oldest decisions are folded away, the last from {until}")?;
            writeln!(f, "    only the state that they led to is kept")?;
        }
        let mut said = Said::default();
        for (index, transition) in self.transitions.iter().enumerate() {
            self.transition(f, index, transition, &mut said)?;
        }
        self.now(f)
    }
}

impl Explanation {
    fn title(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (header, progress) = (&self.header, &self.progress);
        let subject = &header.subject;
        writeln!(f, "{} of {}: {}", subject.deployment, subject.service, progress.status)?;
        let stable = subject.baseline.stable_revision.as_ref();
        let stable = stable.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        let (candidate, strategy) = (&subject.candidate, &header.plan.strategy);
        writeln!(f, "  revision  {candidate} in place of {stable}, by {strategy}")?;
        writeln!(f, "  planned   {}", self.when(header.created))?;
        let holder = self.holder.as_ref().map_or("nobody", |holder| holder.as_str());
        writeln!(f, "  driven by {holder}")?;
        if let Some(cause) = &progress.cause {
            writeln!(f, "  back for  {cause}")?;
        }
        Ok(())
    }

    fn check(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (decisions, verdicts) = (self.checked.decisions, self.checked.verdicts);
        if self.agrees() {
            let decisions = counted(decisions, "decision");
            let verdicts = counted(verdicts, "gate answer");
            return writeln!(
                f,
                "  checked   {decisions} and {verdicts} worked out again: all agree"
            );
        }
        writeln!(f, "\n!!! THE RECORD DOES NOT AGREE WITH ITSELF. DO NOT TRUST WHAT FOLLOWS.")?;
        writeln!(f, "!!! It was changed, or another version of this tool wrote it.")?;
        self.checked.divergences.iter().try_for_each(|what| writeln!(f, "!!! {what}"))
    }

    fn transition(
        &self,
        f: &mut fmt::Formatter<'_>,
        index: usize,
        transition: &Transition,
        said: &mut Said,
    ) -> fmt::Result {
        let entry = &transition.entry;
        let (day, time) = split(entry.at);
        if said.day != day {
            writeln!(f, "{day}, in UTC")?;
            said.day = day;
        }
        writeln!(f, "{time}  {:>12} ago  #{index} {}", self.age(entry.at), transition.what)?;
        reasons(f, &transition.because)?;
        let world = match entry.facts.seen() {
            Some(world) => counts(world),
            None => "could not be read".to_owned(),
        };
        if said.world != world {
            writeln!(f, "    world     {world}")?;
            said.world = world;
        }
        let turns = matches!(entry.decision, Decision::Rollback { .. });
        for reading in &entry.facts.gates {
            if !transition.watching.contains(&reading.gate) {
                continue;
            }
            let line = gate(reading);
            if turns || said.gates.get(&reading.gate) != Some(&line) {
                writeln!(f, "    gate      {line}")?;
                said.gates.insert(reading.gate.clone(), line);
            }
        }
        if entry.count > 1 {
            let (count, last) = (entry.count, self.when(entry.last));
            writeln!(f, "    repeated  {count} times; the last, with these numbers, {last}")?;
        }
        Ok(())
    }

    fn now(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let progress = &self.progress;
        if progress.status.is_ended() {
            writeln!(f, "\nIT HAS ENDED: {}", progress.status)?;
            return writeln!(f, "nothing happens any more");
        }
        writeln!(f, "\nWHY IT WAITS NOW")?;
        if self.holder.is_none() {
            writeln!(f, "nobody drives it: nothing happens before a process resumes it")?;
        }
        match (self.transitions.last(), &progress.waiting) {
            (None, _) => writeln!(f, "nothing has been decided yet")?,
            (Some(last), Some(reason)) => {
                writeln!(f, "{reason}, since {}", self.when(last.entry.at))?;
                reasons(f, &last.because)?;
                writeln!(f, "    as of     {}", self.when(last.entry.last))?;
            }
            (Some(last), None) => {
                let (stage, at) = (progress.stage, self.when(last.entry.at));
                writeln!(f, "it is at work on {stage}; the last decision is from {at}")?;
            }
        }
        for request in self.requests.iter().filter(|request| request.answer.is_none()) {
            let by = request.by.as_ref().map_or("somebody", |by| by.as_str());
            writeln!(f, "asked by {by}, not taken yet: {:?}", request.operator)?;
        }
        writeln!(f, "\nWHAT WOULD CHANGE THAT")?;
        let times = self.outlook.allowances.iter();
        for allowance in times.filter(|it| it.runs || !it.used.is_zero()) {
            writeln!(f, "{allowance}")?;
        }
        for turns in &self.outlook.turns {
            writeln!(f, "{turns}")?;
        }
        writeln!(f, "\nWHAT COMES NEXT, WHEN NOTHING GOES WRONG\n{}", self.outlook.next)
    }

    /// A time of the wall clock and how long ago that was.
    fn when(&self, at: Timestamp) -> String {
        let (day, time) = split(at);
        format!("{day} {time} ({} ago)", self.age(at))
    }

    fn age(&self, at: Timestamp) -> String {
        Human(self.explained_at.since(at)).whole().to_string()
    }
}

/// The day and the time of day in UTC, to the second.
fn split(at: Timestamp) -> (String, String) {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    let (time, _) = time.split_once('.').unwrap_or((time, ""));
    (day.to_owned(), format!("{time}Z"))
}

fn reasons(f: &mut fmt::Formatter<'_>, because: &[String]) -> fmt::Result {
    let words = ["because"].into_iter().chain(std::iter::repeat(""));
    words.zip(because).try_for_each(|(word, reason)| writeln!(f, "    {word:<8}  {reason}"))
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The counts and the weight that a decision was made from.
fn counts(world: &Observation) -> String {
    let mut parts = vec![format!("{} desired", world.fleet.desired)];
    for role in [Role::Stable, Role::Candidate] {
        parts.push(match world.role(role) {
            None => format!("{role} not there"),
            Some(seen) => {
                let failed = match seen.failed {
                    0 => String::new(),
                    failed => format!(", {failed} failed"),
                };
                format!("{role} {} of {} healthy{failed}", seen.healthy, seen.target)
            }
        });
    }
    if let Some(router) = &world.router {
        let (low, high) = (router.lowest(), router.highest());
        let weight = if low == high { low.to_string() } else { format!("{low} to {high}") };
        parts.push(format!("weight {weight}"));
    }
    parts.join("; ")
}

/// A gate's answer and its numbers, a line each.
fn gate(reading: &GateReading) -> String {
    let answer = format!("{}: {}", reading.gate, reading.verdict);
    let numbers = reading.grounds.measures.iter().map(|Measure { what, value, bound }| {
        let bound = bound.map_or_else(String::new, |bound| format!(", {bound}"));
        format!("{what}: {value}{bound}")
    });
    let lines: Vec<String> = [answer].into_iter().chain(numbers).collect();
    lines.join("\n                ")
}
