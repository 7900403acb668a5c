//! The live picture: a few lines at the bottom that are redrawn, the history above them.

use std::collections::VecDeque;
use std::io;
use std::io::Write;
use std::time::Duration;

use cutover::model::Direction;
use cutover::model::Event;
use cutover::model::Progress;
use cutover::model::RoleProgress;

use crate::paint::Paint;
use crate::paint::bar;
use crate::paint::fit;
use crate::paint::span;
use crate::paint::stopwatch;
use crate::words;

/// Columns of the picture: narrow enough for any terminal.
const WIDTH: usize = 78;
/// Columns of a bar.
const BAR: usize = 36;

/// What is on the screen.
#[derive(Debug, Default)]
pub(crate) struct Live {
    drawn: usize,
    pending: VecDeque<String>,
}

impl Live {
    /// Remembers an event's line for the history; the next frame writes it.
    pub(crate) fn event(&mut self, since: Duration, event: &Event, paint: Paint) {
        if let Some(line) = words::line(event, paint) {
            self.pending.push_back(format!("{}  {line}", paint.dim(&stopwatch(since))));
        }
    }

    /// Draws the picture anew below the history.
    pub(crate) fn frame(
        &mut self,
        since: Duration,
        progress: &Progress,
        paint: Paint,
    ) -> io::Result<()> {
        let picture = picture(since, progress, paint);
        self.erase()?;
        let mut out = io::stdout().lock();
        for line in &picture {
            writeln!(out, "{line}")?;
        }
        self.drawn = picture.len();
        out.flush()
    }

    /// Takes the picture away and leaves the history.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.erase()?;
        io::stdout().lock().flush()
    }

    fn erase(&mut self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.drawn > 0 {
            write!(out, "\x1b[{}A\r\x1b[J", self.drawn)?;
        }
        self.drawn = 0;
        self.pending.drain(..).try_for_each(|line| writeln!(out, "{line}"))
    }
}

fn picture(since: Duration, progress: &Progress, paint: Paint) -> Vec<String> {
    let rule = paint.dim(&"─".repeat(WIDTH));
    let mut lines = vec![rule.clone(), steps(since, progress, paint)];
    lines.push(row("stage", progress.stage.as_str()));
    lines.extend(bake(progress, paint));
    lines.extend(traffic(progress, paint));
    if words::unseen(progress) {
        lines.push(row("tasks", &paint.yellow("not seen")));
    } else {
        lines.push(role("stable", progress.stable, progress.desired, paint));
        lines.push(role("candidate", progress.candidate, progress.desired, paint));
    }
    let gates: Vec<String> = progress.gates.iter().map(|gate| words::gate(gate, paint)).collect();
    if !gates.is_empty() {
        lines.push(row("gates", &gates.join("   ")));
    }
    if let Some(cause) = &progress.cause {
        lines.push(row("cause", &paint.red(&fit(&cause.to_string(), WIDTH - 12))));
    }
    if let Some(waiting) = &progress.waiting {
        lines.push(row("waits for", &fit(&waiting.to_string(), WIDTH - 12)));
    }
    if !progress.next.is_empty() {
        lines.push(row("next", &fit(&progress.next, WIDTH - 12)));
    }
    lines.push(rule);
    lines
}

fn row(name: &str, value: &str) -> String {
    format!("{name:>10}  {value}")
}

fn steps(since: Duration, progress: &Progress, paint: Paint) -> String {
    let back = progress.direction == Direction::Rollback;
    let (done, all) =
        (count(progress.step + usize::from(progress.status.is_ended())), count(progress.steps));
    let (filled, empty) = bar(done, all, BAR);
    let filled = if back { paint.red(&filled) } else { paint.green(&filled) };
    let place = format!("{} of {}", progress.step + 1, progress.steps);
    let name = if back { "rollback" } else { "steps" };
    row(name, &format!("{filled}{}  {place}  {}", paint.dim(&empty), paint.dim(&stopwatch(since))))
}

fn bake(progress: &Progress, paint: Paint) -> Option<String> {
    let (baked, bake) = words::baking(progress)?;
    let (filled, empty) = bar(baked, bake, BAR);
    let text = format!("{} of {}", span(progress.baked), span(progress.bake));
    Some(row("bake", &format!("{}{}  {text}", paint.yellow(&filled), paint.dim(&empty))))
}

fn traffic(progress: &Progress, paint: Paint) -> Option<String> {
    let weight = progress.weight?;
    let (candidate, stable) = bar(u64::from(weight.as_permille()), 1000, BAR);
    let text = format!("candidate {weight}, stable {}", weight.complement());
    Some(row("traffic", &format!("{}{}  {text}", paint.blue(&candidate), paint.dim(&stable))))
}

fn role(name: &str, role: RoleProgress, desired: u32, paint: Paint) -> String {
    let whole = desired.max(role.target).max(1);
    let (filled, empty) = bar(u64::from(role.healthy), u64::from(whole), BAR);
    let settled = role.healthy >= role.target;
    let filled = if settled { paint.green(&filled) } else { paint.yellow(&filled) };
    let starting = role.running.saturating_sub(role.healthy);
    let starting = if starting > 0 { format!(", {starting} not yet") } else { String::new() };
    let text = format!("{} of {} healthy{starting}", role.healthy, role.target);
    row(name, &format!("{filled}{}  {text}", paint.dim(&empty)))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
