//! What triage reads: items that did not go on by themselves, and the attempts at one delivered value.

use std::collections::HashSet;

use anyhow::Result;
use rusqlite::OptionalExtension;
use rusqlite::types::Type;

use super::facts::{array, choice, item_state};
use super::write::Write;
use crate::model::choice::{Direction, ItemState};
use crate::model::code::{self, Code};
use crate::model::table::Table;
use crate::model::time::Micros;

/// An item that a person wants to retry, park or unpark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageItem {
    pub id: i64,
    pub job: i64,
    pub direction: Direction,
    pub target_table: String,
    /// None where its key led to no one target.
    pub target_id: Option<String>,
    /// None where it stands for a whole record.
    pub field_name: Option<String>,
    pub external_key: Option<String>,
    pub source: String,
    pub raw_value: String,
    pub source_time: Micros,
    pub sequence: i64,
    pub state: ItemState,
    pub code: Option<&'static Code>,
    pub message: Option<String>,
    pub value_map: Option<i64>,
    pub attempt: i64,
    pub active: bool,
    pub row_version: i64,
    pub modified_by: String,
    /// A person typed what it is an attempt with.
    pub typed: bool,
}

/// Whether an item `i` is an attempt with what a person typed, there or at an attempt before.
pub(super) const TYPED: &str = "i.parent_item IS NOT NULL AND EXISTS (
    WITH RECURSIVE attempt (parent, raw) AS (
        SELECT i.parent_item, i.raw_value
        UNION ALL
        SELECT p.parent_item, p.raw_value
        FROM attempt CROSS JOIN integration_sync_item AS p ON p.id = attempt.parent)
    SELECT 1 FROM attempt CROSS JOIN integration_sync_item AS p ON p.id = attempt.parent
    WHERE p.raw_value IS NOT attempt.raw)";

impl Write<'_> {
    /// The first of some ids that no row of the table has.
    pub fn missing(&self, table: Table, ids: &[i64]) -> Result<Option<i64>> {
        let sql = format!(
            "SELECT k.value FROM json_each(?) AS k WHERE NOT EXISTS (SELECT 1 FROM {} AS t WHERE t.id = k.value) LIMIT 1",
            table.info().sql
        );
        Ok(self.tx.prepare_cached(&sql)?.query_row([array(ids)?], |row| row.get(0)).optional()?)
    }

    /// Some items by id in the order in which they were delivered: oldest source time first.
    pub fn oldest_first(&self, items: &[i64]) -> Result<Vec<i64>> {
        self.rows(
            "SELECT i.id FROM json_each(?) AS k CROSS JOIN integration_sync_item AS i ON i.id = k.value
             ORDER BY i.source_date_time, i.integration_sync_job, i.sequence, i.id",
            [array(items)?],
            |row| row.get(0),
        )
    }

    /// Some items by id, in the order of the ids given.
    pub fn triage_items(&self, items: &[i64]) -> Result<Vec<TriageItem>> {
        self.rows(
            &format!(
                "SELECT i.id, i.integration_sync_job, i.target_table, i.target_id, i.field_name, i.external_key,
                        i.source_system_key, i.raw_value, i.source_date_time, i.sequence, i.state, i.code,
                        i.process_message, i.value_map, i.attempt, i.statecode, i.row_version,
                        coalesce((SELECT login FROM system_user WHERE id = i.modified_by), ''), j.direction, {TYPED}
                 FROM json_each(?) AS k CROSS JOIN integration_sync_item AS i ON i.id = k.value
                 CROSS JOIN integration_sync_job AS j ON j.id = i.integration_sync_job ORDER BY k.key"
            ),
            [array(items)?],
            read,
        )
    }

    /// Those of some ledger entries whose values a person typed.
    pub fn typed_entries(&self, entries: &[i64]) -> Result<HashSet<i64>> {
        let sql = format!(
            "SELECT l.id FROM json_each(?) AS k CROSS JOIN integration_ledger AS l ON l.id = k.value
             CROSS JOIN integration_sync_item AS i ON i.id = l.sync_item WHERE {TYPED}"
        );
        Ok(self.rows(&sql, [array(entries)?], |row| row.get(0))?.into_iter().collect())
    }

    /// The one active attempt at the value that an item is an attempt at, if there is one.
    pub fn standing_attempt(&self, item: i64) -> Result<Option<i64>> {
        // Left to itself SQLite takes a chain of attempts for long, and reads all items to join them with it.
        let sql = "WITH RECURSIVE
            before (id, parent) AS (
                SELECT id, parent_item FROM integration_sync_item WHERE id = ?
                UNION ALL
                SELECT i.id, i.parent_item FROM before CROSS JOIN integration_sync_item AS i ON i.id = before.parent),
            attempts (id) AS (
                SELECT id FROM before WHERE parent IS NULL
                UNION ALL
                SELECT i.id FROM attempts CROSS JOIN integration_sync_item AS i ON i.parent_item = attempts.id)
            SELECT i.id FROM attempts CROSS JOIN integration_sync_item AS i ON i.id = attempts.id WHERE i.statecode = 0";
        Ok(self.tx.prepare_cached(sql)?.query_row([item], |row| row.get(0)).optional()?)
    }
}

fn read(row: &rusqlite::Row) -> rusqlite::Result<TriageItem> {
    let text = |at: usize| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
    Ok(TriageItem {
        id: row.get(0)?,
        job: row.get(1)?,
        target_table: text(2)?,
        target_id: row.get(3)?,
        field_name: row.get(4)?,
        external_key: row.get(5)?,
        source: text(6)?,
        raw_value: text(7)?,
        source_time: row.get(8)?,
        sequence: row.get(9)?,
        state: item_state(row.get(10)?)?,
        code: row.get::<_, Option<String>>(11)?.map(|code| known(&code)).transpose()?,
        message: row.get(12)?,
        value_map: row.get(13)?,
        attempt: row.get(14)?,
        active: row.get::<_, i64>(15)? == 0,
        row_version: row.get(16)?,
        modified_by: row.get(17)?,
        direction: choice(row.get(18)?, Direction::from_code)?,
        typed: row.get(19)?,
    })
}

/// A code that the program does not know is an error, never a default.
fn known(code: &str) -> rusqlite::Result<&'static Code> {
    code::find(code).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(11, Type::Text, format!("{code} is no code of this program").into())
    })
}
