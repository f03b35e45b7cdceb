//! Running a command that may be about very many rows: in several operations, with a bar of how far it is.

use indicatif::{ProgressBar, ProgressStyle};

use super::failure::Failure;
use super::report::ReportArgs;
use super::session::Session;
use crate::engine::{Command, Outcome};

pub(super) fn act(command: &Command, report: &ReportArgs, session: &Session) -> Result<Outcome, Failure> {
    let mut engine = session.engine()?;
    let bar = progress_bar();
    engine.on_progress({
        let bar = bar.clone();
        move |done, of| {
            bar.set_length(of.unsigned_abs());
            bar.set_position(done.unsigned_abs());
        }
    });
    let outcome = engine.run_in_chunks(command, &report.mode());
    bar.finish_and_clear();
    Ok(outcome?)
}

/// Hidden by indicatif where stderr is no terminal.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {human_pos} of {human_len} rows") {
        bar.set_style(style);
    }
    bar
}
