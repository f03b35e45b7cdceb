//! What undo reads and writes: operations, the rows they changed and made, and those rows put back.

use anyhow::Result;
use rusqlite::OptionalExtension;
use rusqlite::types::Value as Sql;

use super::logged::{BINDING, CODE_ENTRY, IDENTIFIER, Logged, POLICY, SETTING, USER};
use super::sql;
use super::write::{Val, Write};
use crate::model::table::Table;

/// A row that an operation changed, with the changed columns as they were before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRow {
    pub table: String,
    pub row: i64,
    /// The row's version after the change.
    pub version: i64,
    pub before: String,
}

impl ChangedRow {
    /// Whether taking the change back makes a row active again that the operation had retired.
    pub fn revives(&self) -> bool {
        let before: Option<serde_json::Value> = serde_json::from_str(&self.before).ok();
        before.is_some_and(|before| before["statecode"] == 0)
    }
}

/// An operation as undo sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoFact {
    pub seq: i64,
    /// What was done; of an undo, what it took back or, as the undo of an undo, did again.
    pub kind: String,
    /// In whose name it was done.
    pub person: String,
    pub summary: String,
    /// Ranges of created rows: (table, first id, last id).
    pub created: Vec<(String, i64, i64)>,
    pub undone_by: Option<i64>,
}

impl UndoFact {
    /// Whether the operation made the row.
    pub fn made(&self, table: &str, id: i64) -> bool {
        self.created.iter().any(|(made, first, last)| made == table && (*first..=*last).contains(&id))
    }
}

impl Write<'_> {
    /// What an operation changed, last first: (table, row, version after it, before, after as JSON objects).
    pub fn changes_of(&self, seq: i64) -> Result<Vec<ChangedRow>> {
        self.rows(
            "SELECT table_name, row_id, row_version, before FROM operation_change WHERE seq = ? ORDER BY ordinal DESC",
            [seq],
            |row| Ok(ChangedRow { table: row.get(0)?, row: row.get(1)?, version: row.get(2)?, before: row.get(3)? }),
        )
    }

    /// An operation as undo sees it.
    pub fn operation(&self, seq: i64) -> Result<Option<UndoFact>> {
        let sql = "WITH RECURSIVE done (kind, undoes) AS (
                      SELECT kind, undoes FROM operation WHERE seq = ?1
                      UNION ALL
                      SELECT o.kind, o.undoes FROM done JOIN operation AS o ON o.seq = done.undoes)
                   SELECT seq, (SELECT kind FROM done WHERE undoes IS NULL), coalesce(on_behalf_of, actor), summary,
                          rows_created, (SELECT max(u.seq) FROM operation AS u WHERE u.undoes = o.seq)
                   FROM operation AS o WHERE seq = ?1";
        Ok(self.tx.prepare_cached(sql)?.query_row([seq], read_undo).optional()?)
    }

    /// The newest operation of a person, of one of these kinds, that was not undone.
    pub fn last_operation_of(&self, person: &str, kinds: &[&str]) -> Result<Option<UndoFact>> {
        let sql = "SELECT seq, kind, coalesce(on_behalf_of, actor), summary, rows_created, NULL FROM operation AS o
                   WHERE coalesce(on_behalf_of, actor) = ?1 AND kind IN (SELECT value FROM json_each(?2))
                     AND NOT EXISTS (SELECT 1 FROM operation AS u WHERE u.undoes = o.seq)
                   ORDER BY seq DESC LIMIT 1";
        let kinds = serde_json::to_string(kinds)?;
        Ok(self.tx.prepare_cached(sql)?.query_row((person, kinds), read_undo).optional()?)
    }

    /// The operations that released items with this reason, newest first: those that go on with a decision.
    pub fn going_on(&self, reason: &str) -> Result<Vec<UndoFact>> {
        self.rows(
            "SELECT seq, kind, coalesce(on_behalf_of, actor), summary, rows_created, NULL FROM operation
             WHERE kind = 'release' AND reason = ? ORDER BY seq DESC",
            [reason],
            read_undo,
        )
    }

    /// The version of a row of a logged table.
    pub fn row_version(&self, table: &str, id: i64) -> Result<Option<i64>> {
        let Some(logged) = Logged::find(table) else { return Ok(None) };
        let sql = format!("SELECT row_version FROM {} WHERE id = ?", logged.name);
        Ok(self.tx.prepare_cached(&sql)?.query_row([id], |row| row.get(0)).optional()?)
    }

    /// The ledger entry that an item brought.
    pub fn entry_of_item(&self, item: i64) -> Result<Option<i64>> {
        let sql = "SELECT ledger FROM integration_sync_item WHERE id = ?";
        Ok(self.tx.prepare_cached(sql)?.query_row([item], |row| row.get(0)).optional()?.flatten())
    }

    /// Puts the columns of a JSON object back into a row.
    pub fn restore(&mut self, table: &str, id: i64, before: &str) -> Result<bool> {
        let Some(logged) = Logged::find(table) else { anyhow::bail!("{table} is no logged table") };
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(before)?;
        let values: Vec<(String, Sql)> = object
            .into_iter()
            .map(|(column, value)| {
                let value = match value {
                    serde_json::Value::String(text) => Sql::Text(text),
                    serde_json::Value::Number(n) => n.as_i64().map_or(Sql::Null, Sql::Integer),
                    _ => Sql::Null,
                };
                (column, value)
            })
            .collect();
        let changes: Vec<(&str, Val)> = values
            .iter()
            .map(|(column, value)| {
                let value = match value {
                    Sql::Text(text) => Val::Text(text),
                    Sql::Integer(n) => Val::Int(*n),
                    _ => Val::Null,
                };
                (column.as_str(), value)
            })
            .collect();
        self.change(logged, id, &changes)
    }

    /// Retires a row that an undone operation had made: nothing is ever deleted.
    pub fn retire(&mut self, table: &str, id: i64) -> Result<bool> {
        let (column, value) = match Logged::find(table) {
            Some(logged) if logged.column("statecode").is_some() => ("statecode", 1),
            Some(logged) if logged.column("active").is_some() => ("active", 0),
            _ => return Ok(false),
        };
        let Some(logged) = Logged::find(table) else { return Ok(false) };
        let mut changes = vec![(column, Val::Int(value))];
        if column == "statecode" {
            changes.push(("statuscode", Val::Int(2)));
        }
        self.change(logged, id, &changes)
    }

    /// The name a person knows a row by.
    pub fn row_label(&self, table: &str, id: i64) -> Result<String> {
        let column = match table {
            t if t == CODE_ENTRY.name => "code",
            t if t == BINDING.name => "target_table",
            t if t == USER.name => "login",
            t if t == SETTING.name => "key",
            t if t == POLICY.name => "policy_id",
            t if t == IDENTIFIER.name => "identifier_id",
            t => Table::find(t).map_or("id", sql::name_column),
        };
        let sql = format!("SELECT {column} FROM {table} WHERE id = ?");
        Ok(self.tx.prepare_cached(&sql)?.query_row([id], |row| row.get(0)).optional()?.unwrap_or_default())
    }
}
fn read_undo(row: &rusqlite::Row) -> rusqlite::Result<UndoFact> {
    let created: String = row.get(4)?;
    let created = serde_json::from_str(&created)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(error)))?;
    Ok(UndoFact {
        seq: row.get(0)?,
        kind: row.get(1)?,
        person: row.get(2)?,
        summary: row.get(3)?,
        created,
        undone_by: row.get(5)?,
    })
}
