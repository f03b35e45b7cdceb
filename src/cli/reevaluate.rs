//! `steward reevaluate`

use std::io::Write;

use crate::engine::{Command, Reevaluated};
use crate::model::table::Table;

use super::acting::act;
use super::failure::Done;
use super::report::Why;
use super::session::{Session, row_named};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Reevaluate {
    /// The fields that a commit policy governs
    ///
    /// What is certified stays certified and gets its source's new rank; what is pending is decided on again, and the
    /// stale clocks follow the policy.
    Policy {
        /// The policy's name, number or GUID
        #[arg(value_name = "POLICY")]
        name: String,
        #[command(flatten)]
        why: Why,
    },
    /// All fields of a table, or one of them
    Fields {
        /// The target table
        #[arg(value_name = "TABLE")]
        table: String,
        #[arg(value_name = "FIELD")]
        field: Option<String>,
        #[command(flatten)]
        why: Why,
    },
    /// What came of a field before it had its code list
    ///
    /// It is read by the list as if it came today: codes that have a map go through it, others wait for one. What is in
    /// force stays so until the new value is written.
    Codes {
        /// The target table
        #[arg(value_name = "TABLE")]
        table: String,
        #[arg(value_name = "FIELD")]
        field: String,
        #[command(flatten)]
        why: Why,
    },
    /// What came through a value map before it was changed
    Map {
        /// The value map's name, number or GUID
        #[arg(value_name = "MAP")]
        name: String,
        #[command(flatten)]
        why: Why,
    },
}

impl Reevaluate {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let (scope, why) = match self {
            Reevaluate::Policy { name, why } => {
                (Reevaluated::Policy(row_named(&session.reader()?, Table::CommitPolicies, name)?.id), why)
            }
            Reevaluate::Map { name, why } => {
                (Reevaluated::Map(row_named(&session.reader()?, Table::ValueMaps, name)?.id), why)
            }
            Reevaluate::Codes { table, field, why } => {
                (Reevaluated::Codes { target_table: table.clone(), field_name: field.clone() }, why)
            }
            Reevaluate::Fields { table, field, why } => {
                (Reevaluated::Fields { target_table: table.clone(), field_name: field.clone() }, why)
            }
        };
        let command = Command::Reevaluate { scope, reason: why.reason.clone() };
        let outcome = act(&command, &why.report, session)?;
        Ok(why.report.write(&outcome, out)?)
    }
}
