//! `steward verify`

use std::io::Write;

use serde_json::json;

use crate::engine;
use crate::exchange::json_line;

use super::failure::Failure;
use super::report::{one_line, say};
use super::session::Session;

/// The exit code for a store that cannot be read (store.md).
const UNREADABLE: u8 = 13;

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Answers the exit code.
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Result<u8, Failure> {
        let there = session.path()?.exists();
        let found = session.store().and_then(|store| Ok(engine::verify(&store)?));
        let verification = match found {
            Ok(verification) => verification,
            // A script that asks whether the store is sound must not take an unreadable one for a wrong call.
            Err(Failure::Sentence(sentence)) if there => {
                say(&format!("steward: {sentence}"));
                return Ok(UNREADABLE);
            }
            Err(failure) => return Err(failure),
        };
        if self.json {
            let sound = matches!(verification.exit_code, 0 | 14);
            let object = json!({ "exit_code": verification.exit_code, "sound": sound, "lines": verification.lines });
            json_line(out, &object)?;
        } else {
            verification.lines.iter().try_for_each(|line| writeln!(out, "{}", one_line(line)))?;
        }
        Ok(verification.exit_code)
    }
}
