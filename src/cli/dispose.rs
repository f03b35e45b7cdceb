//! `steward dispose`

use std::io::Write;

use crate::engine::{Command, Rows};
use crate::model::table::Table;

use super::acting;
use super::failure::Done;
use super::parsers;
use super::report::ReportArgs;
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Dispose {
    /// sync-items or ledger
    #[arg(value_parser = parsers::table())]
    table: Table,
    /// Which rows, in the language of list --filter
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, value_parser = parsers::narrowing)]
    filter: String,
    /// The records schedule; it is kept in the log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    report: ReportArgs,
}

impl Dispose {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let rows = Rows::Filter(self.filter.clone());
        let command = Command::Dispose { table: self.table, rows, reason: self.reason.clone() };
        let outcome = acting::act(&command, &self.report, session)?;
        Ok(self.report.write_final(&outcome, out)?)
    }
}
