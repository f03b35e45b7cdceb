//! Target records: which there are, their identifiers, and the fields of one with the values in force.

use std::collections::HashMap;

use anyhow::Result;
use rusqlite::{OptionalExtension, Params};

use super::Reader;
use super::facts::{choice, item_state};
use super::sql::folded;
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::time::Micros;
use crate::model::{Row, Table};

/// A field of a target record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordField {
    pub name: String,
    /// None: the field was delivered, and no value is in force.
    pub in_force: Option<InForce>,
    /// Entries that wait for a reviewer.
    pub pending: i64,
    /// The newest item that did not go on, and its row.
    pub stopped: Option<StoppedItem>,
    pub item: Option<Row>,
    /// What can be decided on, the newest first: the entry in force, and those that wait.
    pub open: Vec<Row>,
}

/// An item of a field that is held, failed or parked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedItem {
    pub item: i64,
    pub state: ItemState,
    pub code: Option<String>,
    pub source: String,
    /// The source's time.
    pub since: Micros,
}

/// The value in force of a field, and who vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    pub value: Option<String>,
    pub ledger: i64,
    pub source: String,
    pub status: LedgerStatus,
    pub certified_by: Option<String>,
    pub certified_on: Option<Micros>,
    pub pinned: bool,
    pub stale_on: Option<Micros>,
    pub stale: bool,
}

/// Entries of one record that are read to be decided on.
const OPEN: i64 = 500;

/// Names that are read to find the one a person may have meant.
const HINTS: i64 = 200;

impl Reader {
    /// The fields of a target record, A to Z; empty for an unknown record.
    pub fn record(&self, table: &str, target: &str) -> Result<Vec<RecordField>> {
        let mut statement = self.conn.prepare_cached(
            "WITH named AS (
                SELECT aspect_key AS field FROM integration_ledger
                WHERE target_id = ?2 AND target_table = ?1 AND ledger_aspect = 166840000
                UNION SELECT field_name FROM integration_sync_item
                WHERE target_id = ?2 AND target_table = ?1 AND field_name IS NOT NULL)
             SELECT n.field, c.ledger, c.value, l.source_system_key, l.ledger_status,
                    (SELECT login FROM system_user WHERE id = l.certified_by), l.certified_date_time, l.pinned, c.stale_on,
                    (SELECT count(*) FROM integration_ledger AS p WHERE p.target_id = ?2 AND p.aspect_key = n.field
                     AND p.target_table = ?1 AND p.ledger_status = 166840000 AND p.statecode = 0)
             FROM named AS n
             LEFT JOIN current_value AS c ON c.target_table = ?1 AND c.target_id = ?2 AND c.field_name = n.field
             LEFT JOIN integration_ledger AS l ON l.id = c.ledger
             ORDER BY n.field",
        )?;
        let now = self.now();
        let rows = statement.query_map((table, target), |row| {
            let in_force = match row.get(1)? {
                Some(ledger) => Some(in_force(row, ledger, now)?),
                None => None,
            };
            Ok(RecordField {
                name: row.get(0)?,
                in_force,
                pending: row.get(9)?,
                stopped: None,
                item: None,
                open: Vec::new(),
            })
        })?;
        let mut fields = rows.collect::<Result<Vec<_>, _>>()?;
        let mut stopped = self.stopped_items(table, target)?;
        for field in &mut fields {
            field.stopped = stopped.remove(&field.name);
            let item = field.stopped.as_ref().map(|stopped| self.row(Table::SyncItems, stopped.item));
            field.item = item.transpose()?.flatten();
        }
        for (name, id) in self.open_entries(table, target)? {
            if let Some(field) = fields.iter_mut().find(|field| field.name == name) {
                field.open.extend(self.row(Table::Ledger, id)?);
            }
        }
        Ok(fields)
    }

    /// The entries of a record that wait or are in force, each with its field, the newest first.
    fn open_entries(&self, table: &str, target: &str) -> Result<Vec<(String, i64)>> {
        self.collect(
            "SELECT l.aspect_key, l.id FROM integration_ledger AS l
             WHERE l.target_id = ?2 AND l.target_table = ?1 AND l.ledger_aspect = 166840000 AND l.statecode = 0
               AND (l.ledger_status = 166840000 OR EXISTS (SELECT 1 FROM current_value WHERE ledger = l.id))
             ORDER BY l.source_date_time DESC, l.id DESC LIMIT ?3",
            (table, target, OPEN),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The newest item of each field of a record that did not go on.
    fn stopped_items(&self, table: &str, target: &str) -> Result<HashMap<String, StoppedItem>> {
        let states = [ItemState::Held, ItemState::Failed, ItemState::Parked].map(|state| state.code().to_string());
        let sql = format!(
            "SELECT field_name, id, state, code, source_system_key, source_date_time FROM integration_sync_item
             WHERE target_id = ?2 AND target_table = ?1 AND field_name IS NOT NULL AND statecode = 0
               AND state IN ({}) ORDER BY source_date_time, id",
            states.join(", ")
        );
        let items = self.collect(&sql, (table, target), |row| {
            let item = StoppedItem {
                item: row.get(1)?,
                state: item_state(row.get(2)?)?,
                code: row.get(3)?,
                source: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
                since: row.get::<_, Option<Micros>>(5)?.unwrap_or_default(),
            };
            Ok((row.get::<_, String>(0)?, item))
        })?;
        // Of several of one field the last is kept.
        Ok(items.into_iter().collect())
    }

    /// Whether anything was ever said of a target record.
    pub fn has_target(&self, table: &str, target: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM integration_identifier WHERE target_id = ?2 AND target_table = ?1)
                OR EXISTS (SELECT 1 FROM integration_ledger WHERE target_id = ?2 AND target_table = ?1)
                OR EXISTS (SELECT 1 FROM integration_sync_item WHERE target_id = ?2 AND target_table = ?1)";
        Ok(self.conn.prepare_cached(sql)?.query_row((table, target), |row| row.get(0))?)
    }

    /// The targets that a source's key has now: one, unless two identifiers contradict each other.
    pub fn targets_of_key(&self, table: &str, source: &str, key: &str) -> Result<Vec<String>> {
        self.texts(
            "SELECT DISTINCT target_id FROM integration_identifier WHERE external_key = ?3 AND source_system_key = ?2
             AND target_table = ?1 AND statecode = 0 AND target_id IS NOT NULL ORDER BY 1",
            (table, source, key),
        )
    }

    /// The store's own spelling of a name of a kind (`table`, `source`), whatever its case.
    pub fn spelling(&self, kind: &str, name: &str) -> Result<Option<String>> {
        let sql = "SELECT spelling FROM vocabulary WHERE kind = ? AND folded = ?";
        Ok(self.conn.prepare_cached(sql)?.query_row((kind, folded(name)), |row| row.get(0)).optional()?)
    }

    /// The sources that have delivered anything, or were sent it.
    pub fn delivering_sources(&self) -> Result<Vec<String>> {
        self.texts("SELECT DISTINCT source_system_key FROM integration_sync_job ORDER BY 1", [])
    }

    /// The names of a kind (`source`, `table`, `field` or `code_list`) that the store knows.
    pub fn names(&self, kind: &str) -> Result<Vec<String>> {
        self.texts("SELECT spelling FROM vocabulary WHERE kind = ? ORDER BY folded", [kind])
    }

    /// Some keys of a source that begin like `key`.
    pub fn keys_like(&self, table: &str, source: &str, key: &str) -> Result<Vec<String>> {
        let (from, to) = range(key);
        self.texts(
            "SELECT external_key FROM integration_identifier
             WHERE external_key >= ?3 AND external_key < ?4 AND source_system_key = ?2 AND target_table = ?1 LIMIT ?5",
            (table, source, from, to, HINTS),
        )
    }

    /// Some target ids that begin like `target`.
    pub fn targets_like(&self, table: &str, target: &str) -> Result<Vec<String>> {
        let (from, to) = range(target);
        self.texts(
            "SELECT DISTINCT target_id FROM integration_identifier
             WHERE target_id >= ?2 AND target_id < ?3 AND target_table = ?1 LIMIT ?4",
            (table, from, to, HINTS),
        )
    }

    /// The sources that are sent values of any field.
    pub fn receivers(&self) -> Result<Vec<String>> {
        self.texts(
            "SELECT DISTINCT source_system_key FROM code_binding
             WHERE outbound = 1 AND active = 1 AND source_system_key IS NOT NULL ORDER BY 1",
            [],
        )
    }

    /// The codes of all lists that are in use, at most `limit`.
    pub fn all_codes(&self, limit: usize) -> Result<Vec<String>> {
        self.texts("SELECT DISTINCT code FROM code_list_entry WHERE active = 1 ORDER BY code LIMIT ?", [limit as i64])
    }

    fn texts(&self, sql: &str, params: impl Params) -> Result<Vec<String>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(statement.query_map(params, |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

fn in_force(row: &rusqlite::Row, ledger: i64, now: Micros) -> rusqlite::Result<InForce> {
    let stale_on: Option<Micros> = row.get(8)?;
    Ok(InForce {
        value: row.get(2)?,
        ledger,
        source: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
        status: choice(row.get(4)?, LedgerStatus::from_code)?,
        certified_by: row.get(5)?,
        certified_on: row.get(6)?,
        pinned: row.get(7)?,
        stale_on,
        stale: stale_on.is_some_and(|stale_on| now >= stale_on),
    })
}

/// The texts that begin with the first half of a name, as an index finds them.
fn range(name: &str) -> (String, String) {
    let half = name.chars().count().div_ceil(2);
    let from: String = name.chars().take(half).collect();
    let to = format!("{from}\u{10ffff}");
    (from, to)
}
