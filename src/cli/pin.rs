//! `steward pin` and `steward unpin`

use std::io::Write;

use crate::engine::Command;
use crate::engine::find_field;

use super::failure::Done;
use super::report::ReportArgs;
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Pin {
    /// The target table
    #[arg(value_name = "TABLE")]
    table: String,
    /// The target record's id, or a source's key for it, as SOURCE:KEY
    #[arg(value_name = "TARGET_ID")]
    target: String,
    /// The field whose value in force is meant
    #[arg(value_name = "FIELD")]
    field: String,
    /// Why; it is kept in the log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
}

impl Pin {
    pub(super) fn run(&self, pinned: bool, session: &Session, out: &mut dyn Write) -> Done {
        let (target_table, target_id, field_name) =
            find_field(&session.reader()?, &self.table, &self.target, &self.field)?;
        let command = Command::Pin { target_table, target_id, field_name, pinned, reason: self.reason.clone() };
        let outcome = session.engine()?.run(&command, &self.report.mode())?;
        Ok(self.report.write(&outcome, out)?)
    }
}
