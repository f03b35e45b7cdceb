//! What else holds a value that is disposed of: rows that name it as the value before or as what a receiver was sent,
//! remarks of the row itself, and sentences of the log, which cannot be changed.

use std::collections::BTreeSet;

use anyhow::Result;
use rusqlite::types::Value as Sql;
use serde_json::{Map, Value as Json};

use super::facts::{array, item_state};
use super::leaves::Leaves;
use super::logged::{ITEM, Logged};
use super::write::Write;
use crate::model::choice::ItemState;

/// Values of fewer characters than this are named only as a word of their own: `A` is in every sentence.
const SHORT: usize = 4;

/// An item that holds a copy of a ledger entry's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    pub item: i64,
    /// It waits to go out: its receiver had the value before, or is to be sent it.
    pub waits: bool,
    is_before: bool,
    is_sent: bool,
}

impl Write<'_> {
    /// The items that hold copies of an entry's value, if none of its field's other entries still has the same one.
    pub fn copies_of(&self, entry: i64) -> Result<Vec<Copied>> {
        self.rows(
            "SELECT i.id, i.state, i.statecode = 0, j.direction = 166840001, i.old_value IS l.value, i.new_value IS l.value
             FROM integration_ledger AS l CROSS JOIN integration_sync_item AS i INDEXED BY sync_item_target
                ON i.target_id = l.target_id AND i.field_name = l.aspect_key AND i.target_table = l.target_table
             CROSS JOIN integration_sync_job AS j ON j.id = i.integration_sync_job
             WHERE l.id = ? AND l.value IS NOT NULL AND l.ledger_aspect = 166840000 AND i.id IS NOT l.sync_item
               AND (i.old_value = l.value OR j.direction = 166840001 AND i.new_value = l.value)
               AND NOT EXISTS (SELECT 1 FROM integration_ledger AS o
                    WHERE o.target_id = l.target_id AND o.aspect_key = l.aspect_key AND o.target_table = l.target_table
                      AND o.value = l.value AND o.id <> l.id)
             ORDER BY i.id",
            [entry],
            |row| {
                let (state, active, outbound): (ItemState, bool, bool) =
                    (item_state(row.get(1)?)?, row.get(2)?, row.get(3)?);
                let unsent = matches!(state, ItemState::Queued | ItemState::Held | ItemState::Waiting);
                Ok(Copied {
                    item: row.get(0)?,
                    waits: outbound && active && unsent,
                    is_before: row.get(4)?,
                    is_sent: outbound && row.get::<_, bool>(5)?,
                })
            },
        )
    }

    /// Takes a copy away; what else the item holds stays.
    pub fn dispose_copy(&mut self, copied: Copied) -> Result<()> {
        let mut columns = Vec::new();
        if copied.is_before {
            columns.push("old_value");
        }
        if copied.is_sent {
            // In the receiver's own code, too.
            columns.extend(["new_value", "raw_value"]);
        }
        self.dispose_columns(&ITEM, copied.item, &columns, true)
    }

    /// The earlier attempts at an item's value, the newest first.
    pub fn earlier_attempts(&self, item: i64) -> Result<Vec<i64>> {
        self.rows(
            "WITH RECURSIVE before (id, parent) AS (
                SELECT id, parent_item FROM integration_sync_item WHERE id = ?
                UNION ALL
                SELECT p.id, p.parent_item FROM before CROSS JOIN integration_sync_item AS p ON p.id = before.parent)
             SELECT b.id FROM before AS b
             WHERE b.id <> ?1 AND NOT EXISTS (SELECT 1 FROM disposed AS d
                WHERE d.table_name = 'integration_sync_item' AND d.row_id = b.id AND d.copies = 0)
             ORDER BY b.id DESC",
            [item],
            |row| row.get(0),
        )
    }

    /// Some items in their order, each with the last attempt at its value: they are never parted. The one that stands comes
    /// first, be it the last or one before an attempt that was undone: the others go once it is gone.
    pub fn last_attempts(&self, items: &[i64]) -> Result<Vec<(i64, u64)>> {
        self.rows(
            "WITH RECURSIVE later (place, first, id) AS (
                SELECT k.key, k.value, k.value FROM json_each(?) AS k
                UNION ALL
                SELECT l.place, l.first, i.id FROM later AS l CROSS JOIN integration_sync_item AS i
                ON i.parent_item = l.id AND i.parent_item IS NOT NULL)
             SELECT first, max(later.id) FROM later CROSS JOIN integration_sync_item AS own ON own.id = first
             GROUP BY place ORDER BY max(later.id) DESC, own.statecode, first DESC",
            [array(items)?],
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)),
        )
    }

    /// What a row holds in the columns that go, now.
    pub(super) fn values_held(&self, logged: &'static Logged, id: i64) -> Result<Vec<String>> {
        let sql = format!("SELECT {} FROM {} WHERE id = ?", logged.values().join(", "), logged.name);
        let mut statement = self.tx.prepare_cached(&sql)?;
        let held = statement.query_row([id], |row| {
            (0..logged.values().len()).map(|at| row.get::<_, Option<String>>(at)).collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let message = logged.values().iter().position(|column| *column == "process_message");
        let held = held.into_iter().enumerate().filter(|(at, _)| Some(*at) != message);
        Ok(held.filter_map(|(_, value)| value).filter(|value| !value.is_empty()).collect())
    }

    /// The remarks of a row that name a value, now or in a change.
    pub(super) fn naming_columns(
        &self,
        logged: &'static Logged,
        id: i64,
        values: &[String],
    ) -> Result<Vec<&'static str>> {
        let mut naming = Vec::new();
        if logged.remarks().is_empty() || values.is_empty() {
            return Ok(naming);
        }
        let mut leaves = Leaves::new(&self.tx);
        let made = leaves.as_made(logged, id)?.unwrap_or_default();
        let changes = leaves.changes_until(logged, id, self.seq)?;
        for column in logged.remarks() {
            let then = logged.column(column).and_then(|at| made.get(at));
            let mut said: Vec<String> = then.and_then(text).into_iter().collect();
            for change in &changes {
                let after: Map<String, Json> = serde_json::from_str(&change.after)?;
                said.extend(after.get(*column).and_then(Json::as_str).map(str::to_string));
            }
            if said.iter().any(|said| values.iter().any(|value| names(said, value))) {
                naming.push(*column);
            }
        }
        Ok(naming)
    }

    /// Takes note of the operations that changed a row and name a value of it in their sentence or their reason.
    pub(super) fn note_naming_operations(&mut self, logged: &'static Logged, id: i64, values: &[String]) -> Result<()> {
        if values.is_empty() {
            return Ok(());
        }
        let said: Vec<(i64, String, Option<String>)> = self.rows(
            "SELECT o.seq, o.summary, o.reason FROM operation_change AS c CROSS JOIN operation AS o ON o.seq = c.seq
             WHERE c.table_name = ? AND c.row_id = ? GROUP BY o.seq",
            (logged.name, id),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let naming = said.into_iter().filter(|(_, summary, reason)| {
            values.iter().any(|value| names(summary, value) || reason.as_ref().is_some_and(|text| names(text, value)))
        });
        self.naming.extend(naming.map(|(seq, ..)| seq));
        Ok(())
    }

    /// Takes note of the value map that spells the value of an item: it is vocabulary, and stays.
    pub(super) fn note_naming_map(&mut self, logged: &'static Logged, id: i64) -> Result<()> {
        if logged.name == ITEM.name {
            let maps: Vec<String> = self.rows(
                "SELECT m.map_id FROM integration_sync_item AS i CROSS JOIN integration_value_map AS m
                 ON m.id = i.value_map AND m.source_code = i.raw_value WHERE i.id = ?",
                [id],
                |row| row.get(0),
            )?;
            self.naming_maps.extend(maps);
        }
        Ok(())
    }

    /// The value maps that spell a value that was disposed of in this transaction.
    pub fn take_naming_maps(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.naming_maps)
    }

    /// The operations whose sentence or reason names a value that was disposed of in this transaction.
    pub fn take_naming_operations(&mut self) -> BTreeSet<i64> {
        std::mem::take(&mut self.naming)
    }
}

fn text(value: &Sql) -> Option<String> {
    match value {
        Sql::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// Whether a sentence names a value.
fn names(said: &str, value: &str) -> bool {
    if value.chars().count() >= SHORT {
        return said.contains(value);
    }
    let is_part = |c: char| c.is_alphanumeric();
    said.match_indices(value).any(|(at, _)| {
        let (before, after) = (said[..at].chars().next_back(), said[at + value.len()..].chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_value_is_named_as_a_word_alone() {
        for (said, value, named) in [
            ("Rejected: Oldname is wrong", "Oldname", true),
            ("Rejected: Oldnames", "Oldname", true),
            ("A better one came", "A", true),
            ("All of it", "A", false),
            ("it is 12, not 2", "2", true),
            ("it is 12", "2", false),
        ] {
            assert_eq!(names(said, value), named, "{said}: {value}");
        }
    }
}
