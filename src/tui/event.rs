//! What can happen to a workbench: the one channel from the keyboard, the readers and the writer carries these.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossterm::event::{KeyEvent, MouseEvent};

use super::export::Told;
use super::read::Answered;
use super::write::Done;
use crate::store::Store;

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "few events are alive at a time, and an outcome is handed on once")]
pub enum Event {
    Key(KeyEvent),
    Paste(String),
    Mouse(MouseEvent),
    Resize(u16, u16),
    Answered(Answered),
    Done(Done),
    /// What an export says of itself.
    Export(Told),
    /// So many of so many items went on by what is being decided.
    Released(i64, i64),
    /// Somebody wrote to the store, perhaps this workbench.
    StoreChanged,
    /// The store is not where it was any more; the sentence says what became of it.
    StoreLost(String),
    /// The store that was chosen on the first run, or why it could not be made.
    Made(Result<Store, String>),
    /// Somebody else than the keyboard asks the process to stop for a while (SIGTSTP).
    Suspend,
    /// The terminal is gone, or the process is asked to end.
    End,
    /// A thread died; the sentence says of what.
    Broken(String),
}

/// Runs a thread's work; if it panics, the workbench hears of it and ends instead of waiting for ever.
pub fn report_panic(sink: &impl Fn(Event), work: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string).or(panic.downcast_ref::<String>().cloned());
        sink(Event::Broken(text.unwrap_or_else(|| "a thread ended unexpectedly".into())));
    }
}
