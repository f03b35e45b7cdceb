//! What people's operations read and change: ledger entries to decide, value maps, held items, people.

use anyhow::Result;
use rusqlite::OptionalExtension;

use super::attempts::TYPED;
use super::facts::{choice, item_state};
use super::logged::{CODE_ENTRY, ITEM, LEDGER, Logged, VALUE_MAP};
use super::sql;
use super::write::{ENGINE_USER, Val, Write};
use crate::model::choice::{ItemState, LedgerStatus, MapState, Relationship};
use crate::model::filter::Filter;
use crate::model::table::Table;
use crate::model::time::Micros;

/// A ledger entry that a person wants to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionFact {
    pub id: i64,
    pub status: LedgerStatus,
    pub active: bool,
    pub live: bool,
    pub target_table: String,
    pub target_id: String,
    pub field_name: String,
    pub source: String,
    pub value: Option<String>,
    pub item: Option<i64>,
    pub item_state: Option<ItemState>,
    /// It holds the value in force, and that is past its stale-after day.
    pub stale: bool,
    /// Its source has another entry for the field to decide on.
    pub newer_open: bool,
    /// The delivery that brought it was withdrawn.
    pub withdrawn: bool,
}

/// A value map as a decision on it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapRow {
    pub id: i64,
    pub name: String,
    pub source: Option<String>,
    pub code_list: String,
    pub source_code: String,
    pub canonical: Option<String>,
    pub confidence: Option<i64>,
    pub state: MapState,
    pub relationship: Relationship,
    pub preferred: bool,
    pub active: bool,
    pub waiting: i64,
    pub row_version: i64,
    pub modified_by: String,
}

/// A held item with what a new decision on it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingItem {
    pub id: i64,
    pub job: i64,
    pub target_table: String,
    pub target_id: String,
    pub field_name: String,
    pub source: String,
    pub raw_value: String,
    pub source_time: Micros,
    pub sequence: i64,
    /// A person typed what it is an attempt with.
    pub typed: bool,
}

/// A person as the engine sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: i64,
    pub login: String,
    pub roles: String,
    pub active: bool,
}

/// A change to a row, as a column and its new value.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<'a> {
    pub column: &'static str,
    pub value: ChangeTo<'a>,
}

/// The new value of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ChangeTo<'a> {
    Empty,
    Int(i64),
    Text(&'a str),
}

impl<'a> Change<'a> {
    pub fn int(column: &'static str, n: i64) -> Change<'a> {
        Change { column, value: ChangeTo::Int(n) }
    }

    pub fn text(column: &'static str, text: Option<&'a str>) -> Change<'a> {
        Change { column, value: text.map_or(ChangeTo::Empty, ChangeTo::Text) }
    }

    pub fn id(column: &'static str, id: Option<i64>) -> Change<'a> {
        Change { column, value: id.map_or(ChangeTo::Empty, ChangeTo::Int) }
    }
}

const MAP_COLUMNS: &str = "m.id, m.map_id, m.source_system_key, m.code_list, m.source_code, m.canonical_code_value,
    m.confidence, m.state, m.relationship, m.statecode, m.waiting, m.row_version,
    coalesce((SELECT login FROM system_user WHERE id = m.modified_by), ''), m.preferred";

fn read_map(row: &rusqlite::Row) -> rusqlite::Result<MapRow> {
    Ok(MapRow {
        id: row.get(0)?,
        name: row.get(1)?,
        source: row.get(2)?,
        code_list: row.get(3)?,
        source_code: row.get(4)?,
        canonical: row.get(5)?,
        confidence: row.get(6)?,
        state: choice(row.get(7)?, MapState::from_code)?,
        relationship: choice(row.get(8)?, Relationship::from_code)?,
        active: row.get::<_, i64>(9)? == 0,
        waiting: row.get(10)?,
        row_version: row.get(11)?,
        modified_by: row.get(12)?,
        preferred: row.get(13)?,
    })
}

impl Write<'_> {
    /// Changes columns of a row of one of the logged tables; answers whether anything was different.
    pub fn change_row(&mut self, table: &'static str, id: i64, changes: &[Change]) -> Result<bool> {
        let Some(logged) = Logged::find(table) else { anyhow::bail!("{table} is no logged table") };
        let changes: Vec<(&str, Val)> = changes
            .iter()
            .map(|change| {
                let value = match change.value {
                    ChangeTo::Empty => Val::Null,
                    ChangeTo::Int(n) => Val::Int(n),
                    ChangeTo::Text(text) => Val::Text(text),
                };
                (change.column, value)
            })
            .collect();
        self.change(logged, id, &changes)
    }

    pub fn change_entry(&mut self, id: i64, changes: &[Change]) -> Result<bool> {
        self.change_row(LEDGER.name, id, changes)
    }

    pub fn change_item(&mut self, id: i64, changes: &[Change]) -> Result<bool> {
        self.change_row(ITEM.name, id, changes)
    }

    pub fn change_value_map(&mut self, id: i64, changes: &[Change]) -> Result<bool> {
        self.change_row(VALUE_MAP.name, id, changes)
    }

    pub fn change_code(&mut self, id: i64, changes: &[Change]) -> Result<bool> {
        self.change_row(CODE_ENTRY.name, id, changes)
    }

    /// The ids of the rows that match a filter now, in the order of their ids.
    pub fn matching(&self, table: Table, filter: &Filter) -> Result<Vec<i64>> {
        let condition = sql::condition(table, filter, self.stamp.at);
        let sql = format!("SELECT t.id FROM {} AS t WHERE {} ORDER BY t.id", table.info().sql, condition.sql);
        self.rows(&sql, rusqlite::params_from_iter(condition.values), |row| row.get(0))
    }

    /// Some ledger entries by id, in the order of their ids.
    pub fn decisions(&self, ids: &[i64]) -> Result<Vec<DecisionFact>> {
        self.rows(
            "SELECT l.id, l.ledger_status, l.statecode, l.live, l.target_table, l.target_id, l.aspect_key,
                    l.source_system_key, l.value, l.sync_item, i.state,
                    EXISTS (SELECT 1 FROM current_value AS c WHERE c.ledger = l.id AND c.stale_on <= ?2),
                    l.ledger_status = 166840002 AND EXISTS (SELECT 1 FROM integration_ledger AS o
                        WHERE o.target_id = l.target_id AND o.aspect_key = l.aspect_key
                          AND o.target_table = l.target_table AND o.source_system_key = l.source_system_key
                          AND o.ledger_status = 166840000 AND o.statecode = 0),
                    coalesce((SELECT j.statecode FROM integration_sync_job AS j WHERE j.id = i.integration_sync_job), 0)
             FROM json_each(?1) AS k CROSS JOIN integration_ledger AS l ON l.id = k.value
             LEFT JOIN integration_sync_item AS i ON i.id = l.sync_item
             ORDER BY l.id",
            (serde_json::to_string(ids)?, self.stamp.at),
            |row| {
                Ok(DecisionFact {
                    id: row.get(0)?,
                    status: choice(row.get(1)?, LedgerStatus::from_code)?,
                    active: row.get::<_, i64>(2)? == 0,
                    live: row.get(3)?,
                    target_table: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
                    target_id: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                    field_name: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                    source: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
                    value: row.get(8)?,
                    item: row.get(9)?,
                    item_state: row.get::<_, Option<i64>>(10)?.map(item_state).transpose()?,
                    stale: row.get(11)?,
                    newer_open: row.get(12)?,
                    withdrawn: row.get(13)?,
                })
            },
        )
    }

    pub fn value_map(&self, id: i64) -> Result<Option<MapRow>> {
        let sql = format!("SELECT {MAP_COLUMNS} FROM integration_value_map AS m WHERE m.id = ?");
        Ok(self.tx.prepare_cached(&sql)?.query_row([id], read_map).optional()?)
    }

    /// The active row for exactly this source, list and code; the decided one first where there are several.
    pub fn value_map_of(&self, source: Option<&str>, list: &str, code: &str, normal: &str) -> Result<Option<MapRow>> {
        let sql = format!(
            "SELECT {MAP_COLUMNS} FROM integration_value_map AS m
             WHERE m.code_list = ?1 AND m.normal_code = ?2 AND m.source_code = ?3 AND m.source_system_key IS ?4
                AND m.statecode = 0
             ORDER BY m.state = 1 DESC, m.id LIMIT 1"
        );
        Ok(self.tx.prepare_cached(&sql)?.query_row((list, normal, code, source), read_map).optional()?)
    }

    /// The held items that wait for a value map, oldest source time first. All at once: each page of them by time would
    /// sort those that are left again.
    pub fn waiting_ids(&self, map: i64) -> Result<Vec<i64>> {
        self.rows(
            "SELECT id FROM integration_sync_item WHERE value_map = ? AND state = 4 AND statecode = 0
             ORDER BY source_date_time, id",
            [map],
            |row| row.get(0),
        )
    }

    /// Those of some items that still wait for a value map, in the given order.
    pub fn waiting_items(&self, map: i64, ids: &[i64]) -> Result<Vec<WaitingItem>> {
        self.rows(
            &format!(
                "SELECT i.id, i.integration_sync_job, i.target_table, i.target_id, i.field_name, i.source_system_key,
                        i.raw_value, i.source_date_time, i.sequence, {TYPED}
                 FROM json_each(?2) AS k CROSS JOIN integration_sync_item AS i ON i.id = k.value
                 WHERE i.value_map = ?1 AND i.state = 4 AND i.statecode = 0 ORDER BY k.key"
            ),
            (map, serde_json::to_string(ids)?),
            |row| {
                let text = |at: usize| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
                Ok(WaitingItem {
                    id: row.get(0)?,
                    job: row.get(1)?,
                    target_table: text(2)?,
                    target_id: text(3)?,
                    field_name: text(4)?,
                    source: text(5)?,
                    raw_value: text(6)?,
                    source_time: row.get(7)?,
                    sequence: row.get(8)?,
                    typed: row.get(9)?,
                })
            },
        )
    }

    /// The entries of a code list that hold `part` in code or label, for a hint; at most `limit`.
    pub fn code_hints(&self, list: &str, limit: usize) -> Result<Vec<String>> {
        self.rows(
            "SELECT code FROM code_list_entry WHERE code_list = ? AND active = 1 ORDER BY code LIMIT ?",
            (list, limit as i64),
            |row| row.get(0),
        )
    }

    /// The active code of a list that has this label, in capitals or not.
    pub fn code_of_label(&self, list: &str, label: &str) -> Result<Option<String>> {
        let sql = "SELECT code FROM code_list_entry
                   WHERE code_list = ? AND active = 1 AND label = ? COLLATE NOCASE ORDER BY code LIMIT 1";
        Ok(self.tx.prepare_cached(sql)?.query_row((list, label), |row| row.get(0)).optional()?)
    }

    /// The entry of a code list: its id, label and whether it is active.
    pub fn code_entry(&self, list: &str, code: &str) -> Result<Option<(i64, Option<String>, bool)>> {
        let sql = "SELECT id, label, active FROM code_list_entry WHERE code_list = ? AND code = ?";
        let found =
            self.tx.prepare_cached(sql)?.query_row((list, code), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        Ok(found.optional()?)
    }

    /// Whether a row of a setup table has this name already.
    pub fn name_taken(&self, table: Table, name: &str) -> Result<bool> {
        let sql = format!("SELECT 1 FROM {} WHERE {} = ?", table.info().sql, sql::name_column(table));
        Ok(self.tx.prepare_cached(&sql)?.exists([name])?)
    }

    pub fn person(&self, login: &str) -> Result<Option<Person>> {
        let sql = "SELECT id, login, roles, active FROM system_user WHERE login = ?";
        let found = self.tx.prepare_cached(sql)?.query_row([login], |row| {
            Ok(Person { id: row.get(0)?, login: row.get(1)?, roles: row.get(2)?, active: row.get(3)? })
        });
        Ok(found.optional()?)
    }

    /// How many active admins there are besides a person.
    pub fn other_admins(&self, person: i64) -> Result<i64> {
        let sql = "SELECT count(*) FROM system_user
                   WHERE active = 1 AND id <> ? AND ',' || roles || ',' LIKE '%,admin,%'";
        Ok(self.tx.prepare_cached(sql)?.query_row([person], |row| row.get(0))?)
    }

    /// How many people may act; the engine's own user is none.
    pub fn active_people(&self) -> Result<i64> {
        let sql = "SELECT count(*) FROM system_user WHERE active = 1 AND id <> ?";
        Ok(self.tx.prepare_cached(sql)?.query_row([ENGINE_USER], |row| row.get(0))?)
    }

    /// A setting's row and value.
    pub fn setting_row(&self, key: &str) -> Result<Option<(i64, String)>> {
        let sql = "SELECT id, value FROM setting WHERE key = ?";
        let found = self.tx.prepare_cached(sql)?.query_row([key], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(found.optional()?)
    }

    /// A setting of the store by its key.
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        let sql = "SELECT value FROM setting WHERE key = ?";
        Ok(self.tx.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?)
    }
}
