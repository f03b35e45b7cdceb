//! What a form is for: changing a row, or adding one; which fields it has, and the command that saves it.

use std::collections::BTreeMap;

use crate::engine::{Command, Import, ImportRow};
use crate::model::table::NEW_TARGET;
use crate::model::text::counted;
use crate::model::{Row, Table, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Edit,
    Add,
}

/// The fields of a row that is added; none where only deliveries add rows.
pub fn added(table: Table) -> Option<&'static [&'static str]> {
    match table {
        Table::Identifiers => {
            Some(&["source_system_key", "external_key", "target_table", "target_id", NEW_TARGET.name])
        }
        Table::ValueMaps => Some(&[
            "source_system_key", "code_list", "source_code", "source_label", "canonical_code_value", "confidence",
            "relationship", "preferred", "note",
        ]),
        Table::CommitPolicies => Some(&[
            "target_table", "field_name", "commit_mode", "auto_certify", "authoritative_sources", "stale_after_days",
        ]),
        Table::SyncJobs | Table::SyncItems | Table::Ledger => None,
    }
}

/// A row with nothing in it.
pub fn blank(table: Table) -> Row {
    Row { table, id: 0, values: vec![Value::Null; table.fields().len()] }
}

impl Purpose {
    /// What the row is about: shown above the fields, and fixed where it is none of them.
    pub fn about(self, table: Table) -> &'static [&'static str] {
        match (self, table) {
            (Purpose::Edit, Table::ValueMaps) => &["source_system_key", "code_list", "source_code"],
            (Purpose::Edit, Table::CommitPolicies) => &["target_table", "field_name"],
            (Purpose::Edit, Table::Identifiers) => &["source_system_key", "external_key", "target_table"],
            _ => &[],
        }
    }

    /// Whether a field has to be given.
    pub fn needs(table: Table, field: &str) -> bool {
        let needed = match table {
            // An identifier without a source stands for nothing; a map without one is for every source.
            Table::Identifiers => ["source_system_key", "external_key", "target_table"].as_slice(),
            Table::ValueMaps => &["code_list", "source_code"],
            Table::CommitPolicies => &["target_table"],
            Table::SyncJobs | Table::SyncItems | Table::Ledger => &[],
        };
        needed.contains(&field)
    }

    pub fn command(self, row: &Row, changes: BTreeMap<String, String>) -> Command {
        let row_version = row.int("row_version").unwrap_or_default();
        match (self, row.table) {
            (Purpose::Edit, Table::CommitPolicies) => Command::EditPolicy { id: row.id, row_version, changes },
            (Purpose::Edit, Table::Identifiers) => Command::EditIdentifier { id: row.id, row_version, changes },
            (Purpose::Edit, _) => Command::EditValueMap { id: row.id, row_version, changes },
            (Purpose::Add, table) => {
                let into = match table {
                    Table::CommitPolicies => Import::Policies,
                    Table::Identifiers => Import::Identifiers,
                    _ => Import::ValueMaps,
                };
                let given = changes.into_iter().filter(|(_, text)| !text.trim().is_empty()).collect();
                Command::Import { into, rows: vec![ImportRow { line: 0, fields: given }] }
            }
        }
    }
}

/// What people call a field of the row.
pub(super) fn title<'a>(row: &Row, name: &'a str) -> &'a str {
    row.table.field(name).map_or(name, |field| field.title)
}

pub(super) fn waits(n: i64) -> String {
    if n == 1 { "1 item waits".into() } else { format!("{} wait", counted(n, "item")) }
}
