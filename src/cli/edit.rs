//! `steward edit`: changes fields of one row of a setup table, as the forms of the workbench do.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use crate::engine::Command;
use crate::engine::explain::record_called;
use crate::model::Shown;
use crate::model::choice::YesNo;
use crate::model::table::{NEW_TARGET, Table};
use crate::store::Reader;

use super::agreed::Careful;
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
    /// Of an identifier: its target_id may be a record that the store does not know; an empty one makes a record
    #[arg(long)]
    new: bool,
    /// Do it without a question where it looks like a mistake
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    report: ReportArgs,
}

fn change(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("a change is written FIELD=VALUE, such as target_id=0190")?;
    Ok((field.trim().to_string(), value.to_string()))
}

impl Edit {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let command = self.command(session)?;
        let careful = Careful { report: &self.report, yes: self.yes, input: None };
        let outcome = careful.run(&mut session.engine()?, &command, out)?;
        Ok(self.report.write(&outcome, out)?)
    }

    fn command(&self, session: &Session) -> Result<Command, Failure> {
        let reader = session.reader()?;
        let row = row_named(&reader, self.table, &self.row)?;
        let (id, row_version) = (row.id, row.int("row_version").unwrap_or_default());
        let mut changes = self.full_names()?;
        if self.new && self.table != Table::Identifiers {
            return Err(Failure::new("--new speaks of the record of an identifier."));
        }
        match self.table {
            Table::Identifiers => {
                self.name_target(&reader, row.text("target_table"), &mut changes)?;
                Ok(Command::EditIdentifier { id, row_version, changes })
            }
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

    /// Puts the id of a record in the place of its name. What is no record the engine refuses, unless it is said to be new.
    fn name_target(&self, reader: &Reader, table: &str, changes: &mut BTreeMap<String, String>) -> Result<(), Failure> {
        let table = changes.get("target_table").map_or(table, String::as_str).to_string();
        if let Some(target) = changes.get_mut("target_id")
            && let Some(named) = record_called(reader, &table, target)?
        {
            *target = named;
        }
        if self.new {
            changes.insert(NEW_TARGET.name.into(), YesNo::Yes.label().into());
        }
        Ok(())
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
