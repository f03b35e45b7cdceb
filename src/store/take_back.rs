//! What undo reads and writes: operations, the rows they changed and made, and those rows put back.

use std::collections::HashMap;

use anyhow::Result;
use rusqlite::OptionalExtension;
use rusqlite::types::Value as Sql;

use super::changes::{ChangedRow, Changes, known};
use super::chunks::{PARTS, goes_on_with, number, takes_back};
use super::facts::array;
use super::logged::{
    BINDING, CODE_ENTRY, IDENTIFIER, ITEM, JOB, LEDGER, LEGAL_HOLD, Logged, POLICY, SETTING, USER, VALUE_MAP,
};
use super::sql;
use super::write::{Val, Write};
use crate::model::choice::LedgerStatus;
use crate::model::table::Table;
use crate::model::time::Micros;

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
    pub created: Vec<(&'static str, i64, i64)>,
    pub undone_by: Option<i64>,
    /// What an undo took back.
    pub undoes: Option<i64>,
    pub reason: Option<String>,
}

impl UndoFact {
    /// Whether the operation made the row.
    pub fn made(&self, table: &str, id: i64) -> bool {
        self.created.iter().any(|(made, first, last)| *made == table && (*first..=*last).contains(&id))
    }
}

/// A row as it stands, with what undo asks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub version: i64,
    /// The entry that an item brought.
    pub entry: Option<i64>,
    /// An outbound job, or an item of one.
    pub outbound: bool,
    /// How far an entry is from a decision.
    pub proposal: Option<Proposal>,
    /// Of an entry or an item: the delivery that brought it was withdrawn.
    pub withdrawn: bool,
}

/// An entry's status, whether it is active, and whether it is written although still pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    status: i64,
    statecode: i64,
    live: i64,
}

impl Proposal {
    fn is_open(self) -> bool {
        self.status == LedgerStatus::Pending.code() && self.statecode == 0
    }

    fn waits(self) -> bool {
        self.is_open() && self.live == 0
    }
}

/// A row with the number of what it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouped {
    pub row: i64,
    /// None for an item that led to no record.
    pub group: Option<u64>,
    /// The attempt before an item.
    pub parent: Option<i64>,
}

impl Write<'_> {
    /// What some operations changed, which come last first.
    pub fn changes_of(&self, operations: &[i64]) -> Result<Changes> {
        let rows = self.rows(
            "SELECT table_name, row_id, row_version, before FROM operation_change
             WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq DESC, ordinal DESC",
            [array(operations)?],
            |row| {
                let table = known(row.get_ref(0)?.as_str()?)?;
                Ok(ChangedRow { table, row: row.get(1)?, version: row.get(2)?, before: row.get(3)? })
            },
        )?;
        Ok(Changes::of(rows))
    }

    /// An operation as undo sees it.
    pub fn operation(&self, seq: i64) -> Result<Option<UndoFact>> {
        let sql = "WITH RECURSIVE done (kind, undoes) AS (
                      SELECT kind, undoes FROM operation WHERE seq = ?1
                      UNION ALL
                      SELECT o.kind, o.undoes FROM done CROSS JOIN operation AS o ON o.seq = done.undoes)
                   SELECT seq, (SELECT kind FROM done WHERE undoes IS NULL), coalesce(on_behalf_of, actor), summary,
                          rows_created, (SELECT max(u.seq) FROM operation AS u WHERE u.undoes = o.seq), undoes, reason
                   FROM operation AS o WHERE seq = ?1";
        Ok(self.tx.prepare_cached(sql)?.query_row([seq], read_undo).optional()?)
    }

    /// Whether an operation moved no row: a re-evaluation that only set the days on which values get stale.
    pub fn only_set_clocks(&self, seq: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM operation
                   WHERE seq = ? AND kind = 'reevaluate' AND rows_changed = 0 AND rows_created = '[]'";
        Ok(self.tx.prepare_cached(sql)?.exists([seq])?)
    }

    /// The newest operation of a person, of one of these kinds, that was not undone and that moved rows.
    pub fn last_operation_of(&self, person: &str, kinds: &[&str]) -> Result<Option<UndoFact>> {
        let sql = "SELECT seq, kind, coalesce(on_behalf_of, actor), summary, rows_created, NULL, undoes, reason FROM operation AS o
                   WHERE coalesce(on_behalf_of, actor) = ?1 AND kind IN (SELECT value FROM json_each(?2))
                     AND NOT EXISTS (SELECT 1 FROM operation AS u WHERE u.undoes = o.seq)
                     AND NOT (kind = 'reevaluate' AND rows_changed = 0 AND rows_created = '[]')
                   ORDER BY seq DESC LIMIT 1";
        let kinds = serde_json::to_string(kinds)?;
        Ok(self.tx.prepare_cached(sql)?.query_row((person, kinds), read_undo).optional()?)
    }

    /// When an operation was done.
    pub fn done_at(&self, seq: i64) -> Result<Micros> {
        Ok(self.tx.prepare_cached("SELECT at FROM operation WHERE seq = ?")?.query_row([seq], |row| row.get(0))?)
    }

    /// The newest operation of a person after another one that is of none of these kinds, and was not undone: its number
    /// and what it did.
    pub fn later_operation_of(&self, person: &str, after: i64, kinds: &[&str]) -> Result<Option<(i64, String)>> {
        let sql = "SELECT seq, summary FROM operation AS o
                   WHERE seq > ?1 AND coalesce(on_behalf_of, actor) = ?2 AND kind NOT IN (SELECT value FROM json_each(?3))
                     AND NOT EXISTS (SELECT 1 FROM operation AS u WHERE u.undoes = o.seq)
                   ORDER BY seq DESC LIMIT 1";
        let found = self
            .tx
            .prepare_cached(sql)?
            .query_row((after, person, array(kinds)?), |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(found.optional()?)
    }

    /// The operations that are parts of another one, newest first: those that go on with it, or of an undo, those that took
    /// rows back before it.
    pub fn parts_of(&self, operation: &UndoFact) -> Result<Vec<UndoFact>> {
        match operation.undoes {
            Some(undone) => self.parts(undone, &takes_back(undone), operation.seq),
            None => self.parts(operation.seq, &goes_on_with(operation.seq), self.seq),
        }
    }

    /// The operations in which somebody has begun to take an operation back, newest first.
    pub fn begun_to_take_back(&self, operation: i64) -> Result<Vec<i64>> {
        let parts = self.parts(operation, &takes_back(operation), self.seq)?;
        Ok(parts.into_iter().map(|part| part.seq).collect())
    }

    /// Whether somebody took rows of an operation back after another one, or ended that.
    pub fn taken_back_further(&self, operation: i64, after: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM operation WHERE seq > ?1 AND (undoes = ?2 OR reason = ?3 AND kind = 'part')";
        Ok(self.tx.prepare_cached(sql)?.exists((after, operation, takes_back(operation)))?)
    }

    fn parts(&self, after: i64, reason: &str, before: i64) -> Result<Vec<UndoFact>> {
        self.rows(
            "SELECT seq, kind, coalesce(on_behalf_of, actor), summary, rows_created, NULL, undoes, reason FROM operation
             WHERE seq > ? AND seq < ? AND kind IN (SELECT value FROM json_each(?)) AND reason = ? ORDER BY seq DESC",
            (after, before, array(&PARTS)?, reason),
            read_undo,
        )
    }

    /// How some rows stand now.
    pub fn standing(&self, table: &'static str, rows: &[i64]) -> Result<HashMap<i64, Standing>> {
        let columns = match table {
            t if t == ITEM.name => {
                "t.ledger, (SELECT direction FROM integration_sync_job WHERE id = t.integration_sync_job) = 166840001,
                 NULL, NULL, NULL, EXISTS (SELECT 1 FROM integration_sync_job AS j
                    WHERE j.id = t.integration_sync_job AND j.direction = 166840000 AND j.statecode = 1)"
            }
            t if t == LEDGER.name => {
                "NULL, 0, t.ledger_status, t.statecode, t.live,
                 coalesce((SELECT j.statecode FROM integration_sync_item AS i CROSS JOIN integration_sync_job AS j
                           ON j.id = i.integration_sync_job WHERE i.id = t.sync_item), 0)"
            }
            t if t == JOB.name => "NULL, t.direction = 166840001, NULL, NULL, NULL, 0",
            _ => "NULL, 0, NULL, NULL, NULL, 0",
        };
        let sql = format!(
            "SELECT t.id, t.row_version, {columns} FROM json_each(?) AS k CROSS JOIN {table} AS t ON t.id = k.value"
        );
        let found = self.rows(&sql, [array(rows)?], |row| {
            let status: Option<i64> = row.get(4)?;
            let standing = Standing {
                version: row.get(1)?,
                entry: row.get(2)?,
                outbound: row.get(3)?,
                proposal: status
                    .map(|status| {
                        Ok::<_, rusqlite::Error>(Proposal { status, statecode: row.get(5)?, live: row.get(6)? })
                    })
                    .transpose()?,
                withdrawn: row.get(7)?,
            };
            Ok((row.get(0)?, standing))
        })?;
        Ok(found.into_iter().collect())
    }

    /// The fields that some items or ledger entries are about, as numbers.
    pub fn grouped(&self, table: &'static str, rows: &[i64]) -> Result<Vec<Grouped>> {
        let columns = match table {
            t if t == LEDGER.name => "t.target_table, t.target_id, t.aspect_key, NULL",
            _ => "t.target_table, t.target_id, t.field_name, t.parent_item",
        };
        let sql = format!("SELECT t.id, {columns} FROM json_each(?) AS k CROSS JOIN {table} AS t ON t.id = k.value");
        self.rows(&sql, [array(rows)?], |row| {
            let text = |at: usize| row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from);
            let target = text(2)?;
            let group = target.map(|target| Ok::<_, rusqlite::Error>(number(&(text(1)?, Some(target), text(3)?))));
            Ok(Grouped { row: row.get(0)?, group: group.transpose()?, parent: row.get(4)? })
        })
    }

    /// Whether taking changes of an operation back (last first) would open an entry again that stands so now, or have a
    /// written one wait again, beside another one of its source that was made after `newest`, the operation's newest
    /// entry, or moved since.
    pub fn reopens_beside(
        &self,
        (entry, now): (i64, Proposal),
        changes: &Changes,
        operation: i64,
        newest: i64,
    ) -> Result<bool> {
        let mut then = now;
        for change in changes.of_row(LEDGER.name, entry) {
            then.status = change.was("ledger_status").unwrap_or(then.status);
            then.statecode = change.was("statecode").unwrap_or(then.statecode);
            then.live = change.was("live").unwrap_or(then.live);
        }
        let opens = then.is_open() && !now.is_open() || then.waits() && !now.waits();
        Ok(opens && self.has_newer_rival(entry, operation, newest)?)
    }

    /// Whether taking changes of a value map back (last first) would prefer it beside another map of its source and canonical
    /// code.
    pub fn prefers_beside(&self, map: i64, changes: &Changes) -> Result<bool> {
        let mut then: Option<bool> = None;
        for change in changes.of_row(VALUE_MAP.name, map) {
            let before: serde_json::Value = serde_json::from_str(&change.before)?;
            then = before["preferred"].as_i64().map(|preferred| preferred == 1).or(then);
        }
        let sql = "SELECT 1 FROM integration_value_map AS m JOIN integration_value_map AS o
                   ON o.code_list = m.code_list AND o.source_system_key IS m.source_system_key AND o.id <> m.id
                   WHERE m.id = ? AND m.preferred = 0 AND o.preferred = 1 AND o.statecode = 0 AND o.state = 1
                     AND o.canonical_code_value IS m.canonical_code_value";
        Ok(then == Some(true) && self.tx.prepare_cached(sql)?.exists([map])?)
    }

    /// Whether retiring a person, or taking changes of theirs back (last first), would leave the store without an admin.
    pub fn takes_last_admin(&self, table: &'static str, person: i64, changes: &Changes) -> Result<bool> {
        if table != USER.name || self.other_admins(person)? > 0 {
            return Ok(false);
        }
        let mut then: Option<(String, i64)> = None;
        for change in changes.of_row(table, person) {
            let (roles, active) = match then.take() {
                Some(then) => then,
                None => {
                    let sql = "SELECT roles, active FROM system_user WHERE id = ?";
                    self.tx.query_row(sql, [person], |row| Ok((row.get(0)?, row.get(1)?)))?
                }
            };
            let before: serde_json::Value = serde_json::from_str(&change.before)?;
            let roles = before["roles"].as_str().map_or(roles, str::to_string);
            then = Some((roles, before["active"].as_i64().unwrap_or(active)));
        }
        let is_admin = |(roles, active): (String, i64)| active == 1 && roles.split(',').any(|role| role == "admin");
        Ok(!then.is_some_and(is_admin))
    }

    /// The id of the newest ledger entry that there was when an operation was done.
    pub fn newest_entry_at(&self, operation: i64) -> Result<i64> {
        self.newest_at(LEDGER.name, operation)
    }

    /// The id of the newest row of a table that there was when an operation was done; 0 for none.
    pub(super) fn newest_at(&self, table: &str, operation: i64) -> Result<i64> {
        let sql = "SELECT m.value ->> 2 FROM operation AS o, json_each(o.rows_created) AS m
                   WHERE o.seq <= ? AND m.value ->> 0 = ? ORDER BY o.seq DESC LIMIT 1";
        let newest = self.tx.prepare_cached(sql)?.query_row((operation, table), |row| row.get(0)).optional()?;
        Ok(newest.unwrap_or(0))
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
            t if t == LEGAL_HOLD.name => "'HLD-' || printf('%07d', id)",
            t => Table::find(t).map_or("id", sql::name_column),
        };
        let sql = format!("SELECT {column} FROM {table} WHERE id = ?");
        Ok(self.tx.prepare_cached(&sql)?.query_row([id], |row| row.get(0)).optional()?.unwrap_or_default())
    }
}

fn read_undo(row: &rusqlite::Row) -> rusqlite::Result<UndoFact> {
    let created: String = row.get(4)?;
    let created: Vec<(String, i64, i64)> = serde_json::from_str(&created)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(error)))?;
    let known = |(table, first, last): (String, i64, i64)| Ok((known(&table)?, first, last));
    Ok(UndoFact {
        seq: row.get(0)?,
        kind: row.get(1)?,
        person: row.get(2)?,
        summary: row.get(3)?,
        created: created.into_iter().map(known).collect::<rusqlite::Result<_>>()?,
        undone_by: row.get(5)?,
        undoes: row.get(6)?,
        reason: row.get(7)?,
    })
}
