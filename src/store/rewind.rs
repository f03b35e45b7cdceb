//! Taking rows back: from a row as it is through the before images of its changes, newest first, to what it was.
//!
//! The audit goes back to the row as it was made and checks each step; `explain` stops at any operation on the way.

use std::collections::HashMap;

use anyhow::Result;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row};
use serde_json::{Map, Value as Json};

use super::logged::Logged;

/// A change of a row as the log holds it, without its place.
pub(super) struct LoggedChange {
    pub seq: i64,
    pub row: i64,
    pub before: String,
    pub after: String,
}

impl LoggedChange {
    /// Reads `seq, row_id, before, after`.
    pub fn read(row: &Row) -> rusqlite::Result<LoggedChange> {
        Ok(LoggedChange { seq: row.get(0)?, row: row.get(1)?, before: row.get(2)?, after: row.get(3)? })
    }
}

/// Selects the id and the columns of the images of a table's rows.
pub(super) fn select(logged: &Logged) -> String {
    let columns: Vec<&str> = logged.columns().collect();
    format!("SELECT id, {} FROM {}", columns.join(", "), logged.name)
}

/// The image of a row that was selected with [`select`].
pub(super) fn image(logged: &Logged, row: &Row) -> rusqlite::Result<Vec<Sql>> {
    (1..=logged.width()).map(|at| row.get(at)).collect()
}

/// The changes of the rows of a range, by row, newest first.
pub(super) fn changes_of(
    conn: &Connection,
    logged: &Logged,
    first: i64,
    last: i64,
) -> Result<HashMap<i64, Vec<LoggedChange>>> {
    let mut statement = conn.prepare_cached(
        "SELECT seq, row_id, before, after FROM operation_change
         WHERE table_name = ? AND row_id BETWEEN ? AND ? ORDER BY row_id, seq DESC, ordinal DESC",
    )?;
    by_row(statement.query_map((logged.name, first, last), LoggedChange::read)?)
}

/// Changes by their rows, in the order in which they come.
pub(super) fn by_row(
    changes: impl Iterator<Item = rusqlite::Result<LoggedChange>>,
) -> Result<HashMap<i64, Vec<LoggedChange>>> {
    let mut out: HashMap<i64, Vec<LoggedChange>> = HashMap::new();
    for change in changes {
        let change = change?;
        out.entry(change.row).or_default().push(change);
    }
    Ok(out)
}

/// Whether a row holds what a JSON image says.
pub(super) fn holds(logged: &Logged, image: &[Sql], json: &str) -> bool {
    let Ok(object) = serde_json::from_str::<Map<String, Json>>(json) else { return false };
    object.iter().all(|(column, value)| logged.column(column).is_some_and(|at| image[at] == sql_value(value)))
}

/// Puts what a JSON image says into a row.
pub(super) fn put(logged: &Logged, image: &mut [Sql], json: &str) {
    let object: Map<String, Json> = serde_json::from_str(json).unwrap_or_default();
    for (column, value) in &object {
        if let Some(at) = logged.column(column) {
            image[at] = sql_value(value);
        }
    }
}

fn sql_value(value: &Json) -> Sql {
    match value {
        Json::String(text) => Sql::Text(text.clone()),
        Json::Number(n) => n.as_i64().map_or(Sql::Null, Sql::Integer),
        _ => Sql::Null,
    }
}
