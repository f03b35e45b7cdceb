//! Values that go out to a receiver: the file that the person named, written by the writing thread as part of the operation.
//!
//! The file has its name before the values count as sent, and a rehearsal makes none; it only finds out whether one could
//! be made.

use anyhow::anyhow;

use super::export::resolved;
use crate::engine::{Engine, Error, Export, Mode, Outcome};
use crate::exchange::{Format, OutgoingFile, file_problem};

/// What is to go out where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    pub export: Export,
    /// The file, as the person typed it; its ending says what is written into it.
    pub path: String,
}

/// Writes the values out, or says what would go.
pub fn run(engine: &mut Engine, sending: &Sending, mode: &Mode) -> Result<Outcome, Error> {
    let path = resolved(&sending.path);
    // What was chosen is named beside the sentence.
    let mut file = OutgoingFile::create(&path, Format::guess(&path)).map_err(|error| anyhow!(file_problem(&error)))?;
    engine.export(&sending.export, mode, &mut file)
}
