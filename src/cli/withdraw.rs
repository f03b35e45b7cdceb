//! `steward withdraw`

use std::io::Write;

use super::acting;
use super::failure::Done;
use super::report::Why;
use super::session::{Session, row_named};
use crate::engine::Command;
use crate::model::table::Table;

#[derive(Debug, clap::Args)]
pub(super) struct Withdraw {
    /// The job that took the delivery in: its name (JOB-0000001), number or GUID
    job: String,
    #[command(flatten)]
    why: Why,
}

impl Withdraw {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let job = row_named(&session.reader()?, Table::SyncJobs, &self.job)?.id;
        let command = Command::Withdraw { job, reason: self.why.reason.clone() };
        let outcome = acting::act(&command, &self.why.report, session)?;
        Ok(self.why.report.write(&outcome, out)?)
    }
}
