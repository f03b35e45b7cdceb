//! Running a command that may be about very many rows: in several operations, with a bar of how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use signal_hook::consts::SIGINT;

use super::failure::Failure;
use super::report::ReportArgs;
use super::session::Session;
use crate::engine::{Command, Engine, Outcome};
use crate::model::text::grouped;

pub(super) fn act(command: &Command, report: &ReportArgs, session: &Session) -> Result<Outcome, Failure> {
    let mut engine = session.engine()?;
    let outcome = watched(&mut engine, |engine| engine.run_in_chunks(command, &report.mode()))??;
    let erasing_stopped = outcome.erased.as_ref().is_some_and(|erased| erased.stopped);
    STOPPED.store(outcome.stopped || erasing_stopped, Ordering::Relaxed);
    Ok(outcome)
}

/// Does something that an engine writes: Ctrl-C stops it at a part, which is then told, and a bar shows how far it is.
pub(super) fn watched<T>(engine: &mut Engine, act: impl FnOnce(&mut Engine) -> T) -> Result<T, Failure> {
    let bar = progress_bar();
    engine.on_progress({
        let bar = bar.clone();
        move |done, of| {
            bar.set_length(of.unsigned_abs());
            bar.set_position(done.unsigned_abs());
        }
    });
    stop_on_interrupt(engine.stop().flag())?;
    let outcome = act(engine);
    bar.finish_and_clear();
    Ok(outcome)
}

/// Whether an act was stopped on the way: it was not done whole, whatever was.
pub(super) fn was_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}

static STOPPED: AtomicBool = AtomicBool::new(false);

/// The first Ctrl-C asks for an end after what is being written; a second one ends the program at once, and SQLite takes
/// the open operation back.
pub(super) fn stop_on_interrupt(flag: Arc<AtomicBool>) -> Result<(), Failure> {
    const ENDED_BY_INTERRUPT: i32 = 130;
    signal_hook::flag::register_conditional_shutdown(SIGINT, ENDED_BY_INTERRUPT, flag.clone())
        .and_then(|_| signal_hook::flag::register(SIGINT, flag))
        .map(drop)
        .map_err(|error| Failure::new(format!("Ctrl-C could not be set up: {error}.")))
}

/// Hidden by indicatif where stderr is no terminal.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {percent:>3} %  {human_pos} of {human_len} rows  {rate}/s  {eta} left")
    {
        bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // Where it cannot be written the bar has no rate.
            let _ = out.write_str(&grouped(state.per_sec() as i64));
        }));
    }
    bar
}
