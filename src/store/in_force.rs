//! The values in force: the entries they follow from, and the table in which they are kept.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use rusqlite::{OptionalExtension, Row, params};

use super::derive::FieldKey;
use super::facts::{array, choice};
use super::reader::Reader;
use super::write::Write;
use crate::model::choice::LedgerStatus;
use crate::model::fact::Entry;
use crate::model::time::Micros;

/// A ledger entry of a field, with what the value in force needs of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFact {
    pub key: FieldKey,
    pub entry: Entry,
    pub value: Option<String>,
    pub made: Micros,
    /// When it was certified, or else made.
    pub since: Micros,
}

/// The value in force of a field as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentFact {
    pub value: Option<String>,
    pub ledger: i64,
    /// When a source last confirmed it while it held, or else when it was made. A certification stands in its entry, so
    /// that taking it back turns the clock back.
    pub confirmed_on: Micros,
    /// When its stale clock last started.
    pub counted_from: Micros,
    pub stale_on: Option<Micros>,
}

/// The value in force to be kept for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current<'a> {
    pub value: Option<&'a str>,
    pub ledger: i64,
    pub confirmed_on: Micros,
    pub counted_from: Micros,
    pub stale_on: Option<Micros>,
}

/// The columns of a ledger entry `l` as [`read_entry`] reads them.
pub(super) const ENTRY: &str =
    "l.target_table, l.target_id, l.aspect_key, l.id, l.ledger_status, l.statecode, l.live, l.pinned, l.rank,
     l.source_system_key, l.source_date_time, l.sequence, l.displaced_by, l.value,
     coalesce(l.certified_date_time, l.created_on), l.created_on";

/// How many columns [`ENTRY`] names.
pub(super) const ENTRY_COLUMNS: usize = 16;

pub(super) fn read_entry(row: &Row) -> rusqlite::Result<EntryFact> {
    Ok(EntryFact {
        key: (row.get(0)?, row.get(1)?, row.get(2)?),
        entry: Entry {
            id: row.get(3)?,
            status: choice(row.get(4)?, LedgerStatus::from_code)?,
            active: row.get::<_, i64>(5)? == 0,
            live: row.get(6)?,
            pinned: row.get(7)?,
            rank: row.get(8)?,
            source: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
            source_time: row.get(10)?,
            sequence: row.get(11)?,
            displaced_by: row.get(12)?,
        },
        value: row.get(13)?,
        since: row.get(14)?,
        made: row.get(15)?,
    })
}

/// The five columns of a value in force from a place on.
fn read_current(row: &Row, at: usize) -> rusqlite::Result<CurrentFact> {
    Ok(CurrentFact {
        value: row.get(at)?,
        ledger: row.get(at + 1)?,
        confirmed_on: row.get(at + 2)?,
        counted_from: row.get(at + 3)?,
        stale_on: row.get(at + 4)?,
    })
}

impl Reader {
    /// The value in force of a field.
    pub fn in_force(&self, key: &FieldKey) -> Result<Option<CurrentFact>> {
        let sql = "SELECT value, ledger, confirmed_on, counted_from, stale_on FROM current_value
                   WHERE target_table = ? AND target_id = ? AND field_name = ?";
        let found = self.conn.prepare_cached(sql)?.query_row((&key.0, &key.1, &key.2), |row| read_current(row, 0));
        Ok(found.optional()?)
    }
}

impl Write<'_> {
    /// All entries of some fields, whatever their state. Entries of wider aspects have no part in the value in force.
    pub fn entries(&self, keys: &[&FieldKey]) -> Result<Vec<EntryFact>> {
        self.rows(
            &format!(
                "SELECT {ENTRY} FROM json_each(?1) AS k CROSS JOIN integration_ledger AS l
             ON l.target_id = k.value ->> 1 AND l.aspect_key = k.value ->> 2 AND l.target_table = k.value ->> 0
             WHERE l.ledger_aspect = 166840000"
            ),
            [array(keys)?],
            read_entry,
        )
    }

    /// The entries of some fields that a decision once put another in front of.
    pub fn displaced_entries(&self, keys: &[&FieldKey]) -> Result<Vec<EntryFact>> {
        self.rows(
            &format!(
                "SELECT {ENTRY} FROM json_each(?1) AS k CROSS JOIN integration_ledger AS l INDEXED BY ledger_displaced
             ON l.target_id = k.value ->> 1 AND l.aspect_key = k.value ->> 2 AND l.target_table = k.value ->> 0
             WHERE l.ledger_aspect = 166840000 AND l.displaced_by IS NOT NULL"
            ),
            [array(keys)?],
            read_entry,
        )
    }

    /// Some entries by their ids.
    pub fn entries_by_id(&self, ids: &[i64]) -> Result<Vec<EntryFact>> {
        self.rows(
            &format!("SELECT {ENTRY} FROM json_each(?1) AS k CROSS JOIN integration_ledger AS l ON l.id = k.value"),
            [array(ids)?],
            read_entry,
        )
    }

    /// Keeps what is most often the first value in force of a field, with the rows that are gathered.
    pub fn put_first_current(&mut self, key: (&str, &str, &str), current: &Current) -> Result<()> {
        self.gather_current(key, current)?;
        if self.gathered.is_on() { Ok(()) } else { self.put_gathered_so_far() }
    }

    /// Keeps the value in force of a field, or removes it.
    pub fn set_current(&mut self, key: &FieldKey, current: Option<&Current>) -> Result<()> {
        let (table, target, field) = key;
        match current {
            Some(current) => {
                let times = (current.confirmed_on, current.counted_from, current.stale_on);
                let replaced = self
                    .tx
                    .prepare_cached(
                        "UPDATE current_value SET value = ?, ledger = ?, confirmed_on = ?, counted_from = ?, stale_on = ?
                         WHERE target_table = ? AND target_id = ? AND field_name = ?",
                    )?
                    .execute(params![current.value, current.ledger, times.0, times.1, times.2, table, target, field])?;
                if replaced == 0 {
                    self.tx
                        .prepare_cached(
                            "INSERT INTO current_value (target_table, target_id, field_name, value, ledger, confirmed_on,
                                counted_from, stale_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        )?
                        .execute(params![table, target, field, current.value, current.ledger, times.0, times.1, times.2])?;
                    self.keep_clock(key)?;
                }
                replaced
            }
            None => self
                .tx
                .prepare_cached(
                    "DELETE FROM current_value WHERE target_table = ? AND target_id = ? AND field_name = ?",
                )?
                .execute((table, target, field))?,
        };
        Ok(())
    }

    /// Whether any value in force gets stale some day.
    pub fn has_clocks(&self) -> Result<bool> {
        let sql = "SELECT 1 FROM current_value INDEXED BY current_value_stale WHERE stale_on IS NOT NULL LIMIT 1";
        Ok(self.tx.prepare_cached(sql)?.exists([])?)
    }

    /// The values in force of some fields.
    pub fn currents(&self, keys: &[FieldKey]) -> Result<HashMap<FieldKey, CurrentFact>> {
        let found = self.rows(
            "SELECT c.target_table, c.target_id, c.field_name, c.value, c.ledger, c.confirmed_on, c.counted_from,
                    c.stale_on
             FROM json_each(?1) AS k CROSS JOIN current_value AS c
             ON c.target_table = k.value ->> 0 AND c.target_id = k.value ->> 1 AND c.field_name = k.value ->> 2",
            [array(keys)?],
            |row| Ok(((row.get(0)?, row.get(1)?, row.get(2)?), read_current(row, 3)?)),
        )?;
        Ok(found.into_iter().collect())
    }

    /// Restarts the stale clock of some fields: (target id, field, when it is stale again).
    pub fn confirm(&mut self, table: &str, fields: &[(String, Arc<str>, Option<Micros>)]) -> Result<()> {
        let mut statement = self.tx.prepare_cached(
            "UPDATE current_value SET confirmed_on = ?1, counted_from = ?1, stale_on = ?2
             WHERE target_table = ?3 AND target_id = ?4 AND field_name = ?5",
        )?;
        for (target, field, stale_on) in fields {
            statement.execute((self.stamp.at, stale_on, table, target, &**field))?;
        }
        Ok(())
    }
}
