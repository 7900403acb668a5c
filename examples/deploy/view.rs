//! Where a deployment is shown: a live picture, plain lines, or JSON.

use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::time::Duration;

use cutover::model::Event;
use cutover::model::EventKind;
use cutover::model::Progress;

use crate::live::Live;
use crate::paint::Paint;
use crate::paint::stopwatch;
use crate::summary::Summary;
use crate::words;

/// How a deployment is shown.
#[derive(Debug)]
pub(crate) enum View {
    /// Redrawn in place, on a terminal.
    Live(Live),
    /// A line for every change.
    Plain {
        /// What the last progress line said.
        shown: String,
    },
    /// A JSON object a line.
    Json,
}

impl View {
    /// The view for this output: JSON if asked for, live on a terminal, else plain.
    pub(crate) fn for_stdout(json: bool) -> Self {
        if json {
            Self::Json
        } else if io::stdout().is_terminal() {
            Self::Live(Live::default())
        } else {
            Self::Plain { shown: String::new() }
        }
    }

    /// Whether someone watches, so that time should pass at a pace people can follow.
    pub(crate) const fn is_live(&self) -> bool {
        matches!(self, Self::Live(_))
    }

    /// The colours that suit this view.
    pub(crate) fn paint(&self) -> Paint {
        Paint::new(self.is_live())
    }

    /// Says something beside the events.
    pub(crate) fn note(&mut self, what: &str) -> io::Result<()> {
        let paint = self.paint();
        match self {
            Self::Json => Ok(()),
            Self::Live(_) | Self::Plain { .. } => {
                writeln!(io::stdout().lock(), "{}", paint.dim(what))
            }
        }
    }

    /// Announces a deployment.
    pub(crate) fn begin(&mut self, title: &str) -> io::Result<()> {
        let paint = self.paint();
        match self {
            Self::Json => Ok(()),
            Self::Live(_) | Self::Plain { .. } => {
                writeln!(io::stdout().lock(), "{}\n", paint.bold(title))
            }
        }
    }

    /// Shows one event, so long after the beginning.
    pub(crate) fn event(&mut self, since: Duration, event: &Event) -> io::Result<()> {
        let paint = self.paint();
        match self {
            Self::Json => writeln!(io::stdout().lock(), "{}", serde_json::to_string(event)?),
            Self::Live(live) => {
                live.event(since, event, paint);
                Ok(())
            }
            Self::Plain { shown } => {
                let line = match &event.kind {
                    EventKind::Progress(progress) => changed(progress, shown),
                    _ => words::line(event, paint),
                };
                line.map_or(Ok(()), |line| {
                    writeln!(io::stdout().lock(), "{}  {line}", stopwatch(since))
                })
            }
        }
    }

    /// Shows where the deployment is now, so long after the beginning.
    pub(crate) fn frame(&mut self, since: Duration, progress: &Progress) -> io::Result<()> {
        let paint = self.paint();
        match self {
            Self::Live(live) => live.frame(since, progress, paint),
            Self::Plain { .. } | Self::Json => Ok(()),
        }
    }

    /// Shows how it ended.
    pub(crate) fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let paint = self.paint();
        match self {
            Self::Json => Ok(()),
            Self::Live(live) => {
                live.clear()?;
                summary.print(paint)
            }
            Self::Plain { .. } => summary.print(paint),
        }
    }
}

/// The progress in words if they differ from what was shown last.
fn changed(progress: &Progress, shown: &mut String) -> Option<String> {
    let line = words::progress(progress);
    (line != *shown).then(|| shown.clone_from(&line)).map(|()| line)
}
