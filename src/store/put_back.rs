//! What taking a change back puts into its row, field by field: for who wants to see it first.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::changes::ChangedRow;
use super::logged::Logged;
use super::write::Write;
use crate::model::Table;

/// A row that an undo puts back, or takes out of use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PutBack {
    /// The store's name of the table.
    pub table: &'static str,
    pub id: i64,
    /// The row's name where it is one of the six tables.
    pub name: String,
    /// It was made by what is taken back.
    pub retired: bool,
    pub changes: Vec<FieldBack>,
}

/// A field with what it holds, and what it held before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldBack {
    pub field: String,
    pub from: Json,
    pub to: Json,
}

impl PutBack {
    fn new(table: &'static str, id: i64, retired: bool) -> PutBack {
        let name = match Table::find(table) {
            Some(table) => table.row_name(id),
            None => format!("{table} {id}"),
        };
        PutBack { table, id, name, retired, changes: Vec::new() }
    }

    pub fn retired(table: &'static str, id: i64) -> PutBack {
        PutBack::new(table, id, true)
    }

    /// An earlier change of the same row goes on to what stood before it.
    pub fn goes_on_to(&mut self, earlier: PutBack) {
        for field in earlier.changes {
            match self.changes.iter_mut().find(|known| known.field == field.field) {
                Some(known) => known.to = field.to,
                None => self.changes.push(field),
            }
        }
    }
}

impl Write<'_> {
    /// What restoring a change would put into its row as that stands.
    pub fn put_back(&self, change: &ChangedRow) -> Result<PutBack> {
        let mut back = PutBack::new(change.table, change.row, false);
        let Some(logged) = Logged::find(change.table) else { return Ok(back) };
        let before: Map<String, Json> = serde_json::from_str(&change.before)?;
        for (field, to) in before {
            // The log names no other column, and nothing else may come into a statement.
            if logged.column(&field).is_none() {
                continue;
            }
            let sql = format!("SELECT json_array({field}) FROM {} WHERE id = ?", change.table);
            let now: String = self.tx.prepare_cached(&sql)?.query_row([change.row], |row| row.get(0))?;
            let from = serde_json::from_str::<Vec<Json>>(&now)?.into_iter().next().unwrap_or(Json::Null);
            back.changes.push(FieldBack { field, from, to });
        }
        Ok(back)
    }
}
