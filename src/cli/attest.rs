//! `steward attest`

use std::io::Write;

use crate::engine::find_record;
use crate::engine::{Attested, Command};
use crate::model::table::Table;

use super::acting::act;
use super::failure::Done;
use super::report::Why;
use super::session::{Session, row_named};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Attest {
    /// One record, with all of its fields
    Record {
        /// The target table
        #[arg(value_name = "TABLE")]
        table: String,
        /// The target record's id, or a source's key for it, as SOURCE:KEY
        #[arg(value_name = "TARGET_ID")]
        target: String,
        #[command(flatten)]
        why: Why,
    },
    /// A whole table: the entry's key tells its records and values, so that a later change shows
    Table {
        /// The target table
        #[arg(value_name = "TABLE")]
        table: String,
        #[command(flatten)]
        why: Why,
    },
    /// All that a delivery brought
    File {
        /// The job that took it in: its name (JOB-0000001), number or GUID
        #[arg(value_name = "JOB")]
        job: String,
        #[command(flatten)]
        why: Why,
    },
}

impl Attest {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let (scope, why) = match self {
            Attest::Record { table, target, why } => {
                let (target_table, target_id) = find_record(&session.reader()?, table, target)?;
                (Attested::Record { target_table, target_id }, why)
            }
            Attest::Table { table, why } => (Attested::Table { target_table: table.clone() }, why),
            Attest::File { job, why } => {
                (Attested::File { job: row_named(&session.reader()?, Table::SyncJobs, job)?.id }, why)
            }
        };
        let command = Command::Attest { scope, reason: why.reason.clone() };
        let outcome = act(&command, &why.report, session)?;
        Ok(why.report.write(&outcome, out)?)
    }
}
