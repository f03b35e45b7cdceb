//! `steward edit`: changes fields of one row of a setup table, as the forms of the workbench do.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use crate::engine::Command;
use crate::model::Shown;
use crate::model::table::Table;

use super::acting::act;
use super::failure::{Done, Failure};
use super::parsers;
use super::report::ReportArgs;
use super::session::{Session, row_named};
use super::value_from;

#[derive(Debug, clap::Args)]
pub(super) struct Edit {
    /// identifiers, value-maps or commit-policies
    #[arg(value_parser = parsers::table(), hide_possible_values = true)]
    table: Table,
    /// The row's name, number or GUID
    row: String,
    /// Fields with their new values; nothing after the = empties a field
    #[arg(value_name = "FIELD=VALUE", required_unless_present = "value_from", value_parser = change)]
    changes: Vec<(String, String)>,
    /// A field whose new value is what a file holds, or with - the standard input: nobody reads it in the list of processes
    #[arg(long, value_name = "FIELD=FILE", value_parser = change)]
    value_from: Vec<(String, String)>,
    #[command(flatten)]
    report: ReportArgs,
}

fn change(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("a change is written FIELD=VALUE, such as target_id=0190")?;
    Ok((field.trim().to_string(), value.to_string()))
}

impl Edit {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let outcome = act(&self.command(session)?, &self.report, session)?;
        Ok(self.report.write(&outcome, out)?)
    }

    fn command(&self, session: &Session) -> Result<Command, Failure> {
        let row = row_named(&session.reader()?, self.table, &self.row)?;
        let (id, row_version) = (row.id, row.int("row_version").unwrap_or_default());
        let changes = self.full_names()?;
        match self.table {
            Table::Identifiers => Ok(Command::EditIdentifier { id, row_version, changes }),
            Table::ValueMaps => Ok(Command::EditValueMap { id, row_version, changes }),
            Table::CommitPolicies => Ok(Command::EditPolicy { id, row_version, changes }),
            Table::SyncItems => Err(Failure::new(
                "What was delivered stays as it is. Try an item again from another value: \
                 steward retry ITEM --value TEXT --reason TEXT",
            )),
            Table::SyncJobs | Table::Ledger => {
                Err(Failure::new(format!("Nobody edits a {}: only operations change it.", self.table.info().one)))
            }
        }
    }

    /// The changes by the fields' full names; a short name will do, and what is no field is the engine's to refuse.
    fn full_names(&self) -> Result<BTreeMap<String, String>, Failure> {
        let mut changes = BTreeMap::new();
        let from_files = self.value_from.iter().map(|(name, path)| Ok((name, value_from::read(Path::new(path))?)));
        let typed = self.changes.iter().map(|(name, value)| Ok::<_, Failure>((name, value.clone())));
        for change in typed.chain(from_files) {
            let (name, value) = change?;
            let full = self.table.field(name).map_or(name.as_str(), |field| field.name);
            if changes.insert(full.to_string(), value).is_some() {
                return Err(Failure::new(format!("{} is given twice. Give it once.", Shown(name))));
            }
        }
        Ok(changes)
    }
}
