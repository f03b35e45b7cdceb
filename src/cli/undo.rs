//! `steward undo`

use std::io::Write;

use crate::engine::Command;

use super::acting;
use super::failure::Done;
use super::report::ReportArgs;
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Undo {
    /// The operation's number, as steward history lists it [default: your last one, if it can be taken back and is not older than a day]
    operation: Option<i64>,
    #[command(flatten)]
    report: ReportArgs,
}

impl Undo {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let outcome = acting::act(&Command::Undo { operation: self.operation }, &self.report, session)?;
        Ok(self.report.write(&outcome, out)?)
    }
}
