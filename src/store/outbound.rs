//! What goes out: the maps read backwards, what each receiver has, and the items that wait for an export.
//!
//! An outbound item's `new_value` is the canonical value and its `raw_value` the receiver's own form of it. It waits as
//! Queued or Held. Once sent it is Applied and has an `applied_date_time`; it waits again where its receiver did not take it,
//! and is Superseded when its receiver says something else. So the newest one that was sent tells what the receiver was sent
//! last, while that is Applied: else the receiver's own last entry tells.

use anyhow::Result;
use rusqlite::OptionalExtension;

use super::derive::FieldKey;
use super::facts::{array, item_state};
use super::logged::{ITEM, LEDGER};
use super::write::Write;
use crate::model::choice::ItemState;
use crate::model::code::{self, Code};
use crate::model::fact::ReverseMap;
use crate::model::time::Micros;

/// A field's value in force, and what one receiver has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverFact {
    pub target_id: String,
    pub field_name: String,
    pub value: Option<String>,
    /// The entry that holds the value in force, and its source.
    pub ledger: Option<i64>,
    pub supplier: Option<String>,
    /// The receiver's own key of the record.
    pub external_key: Option<String>,
    /// The item that waits to be sent, or that a person parked: a newer value takes its place, too.
    pub open: Option<OutboundItem>,
    /// The newest item that was sent.
    pub exported: Option<OutboundItem>,
    /// The value of the receiver's own newest entry, if that is active.
    pub own: Option<Option<String>>,
    /// That entry's id.
    pub own_entry: Option<i64>,
    /// A value of its own waits to be decided on.
    pub own_open: bool,
}

/// An item of an outbound job, as far as its receiver's answer matters to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundItem {
    pub id: i64,
    pub state: ItemState,
    /// The canonical value.
    pub value: Option<String>,
    /// What its receiver had before.
    pub old_value: Option<String>,
    pub exported_on: Option<Micros>,
    pub acknowledged_on: Option<Micros>,
    /// How often it was to be sent.
    pub attempt: i64,
    pub changed_on: Micros,
}

/// The newest of what there was before an operation, and when it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    pub item: i64,
    pub entry: i64,
    pub at: Micros,
}

/// An item that waits to be sent, as undo sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitsOut {
    pub item: i64,
    pub state: ItemState,
    pub receiver: String,
    pub field: FieldKey,
    pub value: Option<String>,
}

/// An item that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedItem {
    pub id: i64,
    pub job: i64,
    pub held: bool,
    pub code: Option<&'static Code>,
    pub target_table: String,
    pub target_id: String,
    pub field_name: String,
    /// The key by which the receiver knew the record when the item was queued, and that by which it does now.
    pub external_key: String,
    pub key: Option<String>,
    /// The canonical value.
    pub value: Option<String>,
}

impl Write<'_> {
    /// The active, decided maps of a code list that lead to some canonical codes.
    pub fn reverse_maps(&self, list: &str, canonicals: &[&str]) -> Result<Vec<ReverseMap>> {
        self.rows(
            "SELECT m.id, m.map_id, m.source_system_key, m.source_code, m.canonical_code_value, m.preferred
             FROM integration_value_map AS m
             WHERE m.code_list = ?1 AND m.state = 1 AND m.statecode = 0
               AND m.canonical_code_value IN (SELECT value FROM json_each(?2))
             ORDER BY m.id",
            (list, array(canonicals)?),
            |row| {
                Ok(ReverseMap {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    source: row.get(2)?,
                    code: row.get(3)?,
                    canonical: row.get(4)?,
                    preferred: row.get(5)?,
                })
            },
        )
    }

    /// What a receiver has of some (target id, field) of a table.
    pub fn receiver_facts(&self, receiver: &str, table: &str, fields: &[(&str, &str)]) -> Result<Vec<ReceiverFact>> {
        self.rows(
            "WITH asked AS (SELECT value ->> 0 AS target, value ->> 1 AS field FROM json_each(?3)),
             found AS (SELECT target, field,
                (SELECT n.external_key FROM integration_identifier AS n WHERE n.target_id = target
                    AND n.source_system_key = ?1 AND n.target_table = ?2 AND n.statecode = 0 ORDER BY n.id LIMIT 1) AS key,
                (SELECT max(i.id) FROM integration_sync_item AS i JOIN integration_sync_job AS j
                    ON j.id = i.integration_sync_job AND j.direction = 166840001 WHERE i.target_id = target
                    AND i.field_name = field AND i.source_system_key = ?1 AND i.target_table = ?2
                    AND i.state IN (0, 4, 8)) AS open,
                (SELECT max(i.id) FROM integration_sync_item AS i JOIN integration_sync_job AS j
                    ON j.id = i.integration_sync_job AND j.direction = 166840001 WHERE i.target_id = target
                    AND i.field_name = field AND i.source_system_key = ?1 AND i.target_table = ?2
                    AND i.applied_date_time IS NOT NULL) AS exported,
                (SELECT max(l.id) FROM integration_ledger AS l WHERE l.target_id = target AND l.aspect_key = field
                    AND l.target_table = ?2 AND l.source_system_key = ?1 AND l.ledger_aspect = 166840000) AS own,
                EXISTS (SELECT 1 FROM integration_ledger AS l WHERE l.target_id = target AND l.aspect_key = field
                    AND l.ledger_status = 166840000 AND l.statecode = 0
                    AND l.target_table = ?2 AND l.source_system_key = ?1 AND l.ledger_aspect = 166840000) AS own_open
                FROM asked)
             SELECT f.target, f.field, c.value, c.ledger, h.source_system_key, f.key, w.statecode = 0, w.value, f.own,
                    f.own_open,
                    o.id, o.state, o.new_value, o.old_value, o.applied_date_time, o.acknowledged_on, o.attempt, o.modified_on,
                    e.id, e.state, e.new_value, e.old_value, e.applied_date_time, e.acknowledged_on, e.attempt, e.modified_on
             FROM found AS f
             LEFT JOIN current_value AS c ON c.target_table = ?2 AND c.target_id = f.target AND c.field_name = f.field
             LEFT JOIN integration_ledger AS h ON h.id = c.ledger
             LEFT JOIN integration_ledger AS w ON w.id = f.own
             LEFT JOIN integration_sync_item AS o ON o.id = f.open
             LEFT JOIN integration_sync_item AS e ON e.id = f.exported
             ORDER BY f.target, f.field",
            (receiver, table, array(fields)?),
            |row| {
                Ok(ReceiverFact {
                    target_id: row.get(0)?,
                    field_name: row.get(1)?,
                    value: row.get(2)?,
                    ledger: row.get(3)?,
                    supplier: row.get(4)?,
                    external_key: row.get(5)?,
                    own: if row.get::<_, Option<bool>>(6)? == Some(true) { Some(row.get(7)?) } else { None },
                    own_entry: row.get(8)?,
                    own_open: row.get(9)?,
                    open: outbound_item(row, 10)?,
                    exported: outbound_item(row, 18)?,
                })
            },
        )
    }

    /// The outbound job of a receiver and table that takes further items: one that was never exported.
    pub fn open_outbound_job(&self, receiver: &str, table: &str) -> Result<Option<i64>> {
        let sql = "SELECT id FROM integration_sync_job WHERE source_system_key = ? AND target_table = ?
                     AND direction = 166840001 AND finished_on IS NULL AND statecode = 0 ORDER BY id LIMIT 1";
        Ok(self.tx.prepare_cached(sql)?.query_row((receiver, table), |row| row.get(0)).optional()?)
    }

    /// The items that wait to be sent to a receiver, record by record.
    pub fn queued_for(&self, receiver: &str, table: Option<&str>) -> Result<Vec<i64>> {
        // Two terms, each with an index of its own.
        let waiting = |state: i64| {
            format!(
                "SELECT i.id, i.target_table, i.target_id, i.field_name FROM integration_sync_item AS i
                 JOIN integration_sync_job AS j ON j.id = i.integration_sync_job AND j.direction = 166840001
                 WHERE i.state = {state} AND i.source_system_key = ?1 AND i.target_table = coalesce(?2, i.target_table)"
            )
        };
        let sql = format!(
            "SELECT id FROM ({} UNION ALL {}) ORDER BY target_table, target_id, field_name, id",
            waiting(ItemState::Queued.code()),
            waiting(ItemState::Held.code())
        );
        self.rows(&sql, (receiver, table), |row| row.get(0))
    }

    /// Some items that wait to be sent, in the order of the ids given. Of several keys of a record the one is meant that the
    /// item was queued for, as long as it stands for the record.
    pub fn queued_items(&self, ids: &[i64]) -> Result<Vec<QueuedItem>> {
        self.rows(
            "SELECT i.id, i.integration_sync_job, i.state = 4, i.target_table, i.target_id, i.field_name,
                    i.external_key, i.new_value, i.code,
                    (SELECT n.external_key FROM integration_identifier AS n WHERE n.target_id = i.target_id
                        AND n.source_system_key = i.source_system_key AND n.target_table = i.target_table AND n.statecode = 0
                        ORDER BY n.external_key IS NOT i.external_key, n.id LIMIT 1)
             FROM json_each(?) AS k CROSS JOIN integration_sync_item AS i ON i.id = k.value ORDER BY k.key",
            [array(ids)?],
            |row| {
                let text = |at: usize| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
                Ok(QueuedItem {
                    id: row.get(0)?,
                    job: row.get(1)?,
                    held: row.get(2)?,
                    target_table: text(3)?,
                    target_id: text(4)?,
                    field_name: text(5)?,
                    external_key: text(6)?,
                    value: row.get(7)?,
                    code: row.get_ref(8)?.as_str_or_null()?.and_then(code::find),
                    key: row.get(9)?,
                })
            },
        )
    }

    /// Notes that records of an outbound job were sent: what changes from here on goes into another job.
    pub fn mark_exported(&mut self, job: i64, records: i64) -> Result<()> {
        self.tx
            .prepare_cached(
                "UPDATE integration_sync_job SET records = records + ?, finished_on = coalesce(finished_on, ?)
                 WHERE id = ?",
            )?
            .execute((records, self.stamp.at, job))?;
        Ok(())
    }

    /// An item that waits to be sent, or was parked on the way; none if it does neither.
    pub fn waits_to_go_out(&self, item: i64) -> Result<Option<WaitsOut>> {
        let sql = "SELECT state, source_system_key, target_table, target_id, field_name, new_value
                   FROM integration_sync_item WHERE id = ? AND state IN (0, 4, 8)";
        let found = self.tx.prepare_cached(sql)?.query_row([item], |row| {
            Ok(WaitsOut {
                item,
                state: item_state(row.get(0)?)?,
                receiver: row.get(1)?,
                field: (row.get(2)?, row.get(3)?, row.get(4)?),
                value: row.get(5)?,
            })
        });
        Ok(found.optional()?)
    }

    /// Whether the receiver of an item has a value of its own of the field that waits to be decided on.
    pub fn own_word_waits(&self, item: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM integration_sync_item AS i JOIN integration_ledger AS l ON l.target_id = i.target_id
                     AND l.aspect_key = i.field_name AND l.target_table = i.target_table
                     AND l.source_system_key = i.source_system_key AND l.ledger_aspect = 166840000
                   WHERE i.id = ? AND l.ledger_status = 166840000 AND l.statecode = 0";
        Ok(self.tx.prepare_cached(sql)?.exists([item])?)
    }

    /// What there was before an operation.
    pub fn before(&self, operation: i64) -> Result<Before> {
        let sql = "SELECT at FROM operation WHERE seq = ?";
        Ok(Before {
            item: self.newest_at(ITEM.name, operation - 1)?,
            entry: self.newest_at(LEDGER.name, operation - 1)?,
            at: self.tx.prepare_cached(sql)?.query_row([operation], |row| row.get(0))?,
        })
    }

    /// The records that a source knows by keys of its own, from one identifier on: each identifier with its record.
    pub fn known_records(&self, source: &str, table: &str, after: i64, at_most: usize) -> Result<Vec<(i64, String)>> {
        self.rows(
            "SELECT id, target_id FROM integration_identifier
             WHERE id > ?3 AND source_system_key = ?1 AND target_table = ?2 AND statecode = 0 AND target_id IS NOT NULL
             ORDER BY id LIMIT ?4",
            (source, table, after, at_most as i64),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// Whether besides an outbound item another one waits to go out of the same field to the same receiver.
    pub fn another_waits(&self, item: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM integration_sync_item AS i
                   JOIN integration_sync_job AS j ON j.id = i.integration_sync_job AND j.direction = 166840001
                   CROSS JOIN integration_sync_item AS o ON o.target_id = i.target_id AND o.field_name = i.field_name
                     AND o.target_table = i.target_table AND o.source_system_key = i.source_system_key
                   JOIN integration_sync_job AS k ON k.id = o.integration_sync_job AND k.direction = 166840001
                   WHERE i.id = ? AND o.id <> i.id AND o.state IN (0, 4, 8)";
        Ok(self.tx.prepare_cached(sql)?.exists([item])?)
    }

    /// The items that wait for receivers who are bound to receive the field no more.
    pub fn unbound_items(&self) -> Result<Vec<i64>> {
        self.rows(
            "SELECT i.id FROM integration_sync_job AS j JOIN integration_sync_item AS i ON i.integration_sync_job = j.id
             WHERE j.direction = 166840001 AND i.state IN (0, 4, 8) AND i.statecode = 0
                AND NOT EXISTS (SELECT 1 FROM code_binding AS b WHERE b.active = 1 AND b.outbound = 1
                    AND b.target_table = i.target_table AND b.field_name = i.field_name
                    AND b.source_system_key = i.source_system_key)",
            [],
            |row| row.get(0),
        )
    }

    /// The field whose value an outbound item sends.
    pub fn field_sent(&self, table: &str, id: i64) -> Result<Option<FieldKey>> {
        if table != ITEM.name {
            return Ok(None);
        }
        let sql = "SELECT target_table, target_id, field_name FROM integration_sync_item WHERE id = ?";
        let field = self.tx.prepare_cached(sql)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        Ok(field.optional()?)
    }
}

/// The columns of an outbound item from a place on, if there is one.
fn outbound_item(row: &rusqlite::Row, at: usize) -> rusqlite::Result<Option<OutboundItem>> {
    let Some(id) = row.get(at)? else { return Ok(None) };
    Ok(Some(OutboundItem {
        id,
        state: item_state(row.get(at + 1)?)?,
        value: row.get(at + 2)?,
        old_value: row.get(at + 3)?,
        exported_on: row.get(at + 4)?,
        acknowledged_on: row.get(at + 5)?,
        attempt: row.get(at + 6)?,
        changed_on: row.get(at + 7)?,
    }))
}
