//! One identifier as its editing needs it, the others of its key, and whether a target record is known at all.

use anyhow::Result;
use rusqlite::OptionalExtension;

use super::facts::array;
use super::write::Write;
use crate::model::choice::ItemState;
use crate::model::time::Micros;

/// What an active identifier says: that a source's key stands for a record of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierRow {
    pub source: String,
    pub target_table: String,
    pub external_key: String,
    /// None where the key stands for no record, so that its deliveries are held.
    pub target_id: Option<String>,
    /// None until a delivery comes by it.
    pub last_seen: Option<Micros>,
}

impl IdentifierRow {
    /// Whether both speak of the same key.
    pub fn has_key_of(&self, other: &IdentifierRow) -> bool {
        let key = |row: &IdentifierRow| (row.source.clone(), row.target_table.clone(), row.external_key.clone());
        key(self) == key(other)
    }
}

impl Write<'_> {
    /// An active identifier by its id.
    pub fn identifier(&self, id: i64) -> Result<Option<IdentifierRow>> {
        let sql = "SELECT source_system_key, target_table, external_key, target_id, last_seen_date_time
                   FROM integration_identifier WHERE id = ? AND statecode = 0";
        let read = |row: &rusqlite::Row| {
            Ok(IdentifierRow {
                source: row.get(0)?,
                target_table: row.get(1)?,
                external_key: row.get(2)?,
                target_id: row.get(3)?,
                last_seen: row.get(4)?,
            })
        };
        Ok(self.tx.prepare_cached(sql)?.query_row([id], read).optional()?)
    }

    /// The names and targets of the other active identifiers of a key.
    pub fn others_of_key(&self, id: i64, row: &IdentifierRow) -> Result<Vec<(String, Option<String>)>> {
        self.rows(
            "SELECT identifier_id, target_id FROM integration_identifier
             WHERE external_key = ?1 AND source_system_key = ?2 AND target_table = ?3 AND statecode = 0 AND id <> ?4
             ORDER BY id",
            (&row.external_key, &row.source, &row.target_table, id),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The names and keys of the other active identifiers by which the source of one knows its record, the oldest first.
    pub fn other_keys(&self, id: i64, row: &IdentifierRow) -> Result<Vec<(String, String)>> {
        self.rows(
            "SELECT identifier_id, external_key FROM integration_identifier
             WHERE target_id = ?1 AND source_system_key = ?2 AND target_table = ?3 AND external_key <> ?4
               AND statecode = 0 AND id <> ?5
             ORDER BY id",
            (&row.target_id, &row.source, &row.target_table, &row.external_key, id),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The delivered items of a key that lead to its target and were not decided: held, failed or parked ones, each with
    /// whether it is held.
    pub fn undecided_of_key(&self, row: &IdentifierRow) -> Result<Vec<(i64, bool)>> {
        let sql = format!(
            "SELECT i.id, i.state = {} FROM integration_sync_item AS i
             WHERE i.target_id = ?1 AND i.external_key = ?2 AND i.source_system_key = ?3 AND i.target_table = ?4
               AND i.statecode = 0 AND i.state IN ({})
               AND (SELECT direction FROM integration_sync_job WHERE id = i.integration_sync_job) = 166840000
             ORDER BY i.id",
            ItemState::Held.code(),
            undecided()
        );
        let key = (&row.target_id, &row.external_key, &row.source, &row.target_table);
        self.rows(&sql, key, |found| Ok((found.get(0)?, found.get(1)?)))
    }

    /// Those of some delivered items that were not decided, and lead to another record than their key: each with whether it
    /// is held, and with the record of its key. Where a key has several, none is meant.
    pub fn undecided_elsewhere(&self, items: &[i64]) -> Result<Vec<(i64, bool, Option<String>)>> {
        let sql = format!(
            "SELECT i.id, i.state = {}, max(n.target_id) FROM json_each(?) AS k
             CROSS JOIN integration_sync_item AS i ON i.id = k.value
             CROSS JOIN integration_identifier AS n ON n.external_key = i.external_key
                AND n.source_system_key = i.source_system_key AND n.target_table = i.target_table AND n.statecode = 0
             WHERE i.target_id IS NOT NULL AND i.statecode = 0 AND i.state IN ({})
               AND (SELECT direction FROM integration_sync_job WHERE id = i.integration_sync_job) = 166840000
             GROUP BY i.id HAVING count(*) = 1 AND max(n.target_id) IS NOT i.target_id ORDER BY i.id",
            ItemState::Held.code(),
            undecided()
        );
        self.rows(&sql, [array(items)?], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    /// Whether deliveries came by an identifier after an operation. By a key with two targets none comes.
    pub fn key_used_since(&self, id: i64, operation: i64) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM integration_identifier AS n
                       JOIN integration_sync_job AS j ON j.source_system_key = n.source_system_key
                         AND j.target_table = n.target_table AND j.direction = 166840000
                         AND j.created_on >= (SELECT at FROM operation WHERE seq = ?2)
                       WHERE n.id = ?1 AND n.statecode = 0 AND n.last_seen_date_time IS NOT NULL
                         AND NOT EXISTS (SELECT 1 FROM integration_identifier AS o
                             WHERE o.external_key = n.external_key AND o.source_system_key = n.source_system_key
                               AND o.target_table = n.target_table AND o.statecode = 0
                               AND o.target_id IS NOT n.target_id))";
        Ok(self.tx.prepare_cached(sql)?.query_row((id, operation), |row| row.get(0))?)
    }

    /// Whether anything but the identifier `id` speaks of a target record.
    pub fn knows_target(&self, id: i64, table: &str, target: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM integration_identifier
                          WHERE target_id = ?2 AND target_table = ?1 AND id <> ?3)
                       OR EXISTS (SELECT 1 FROM integration_ledger WHERE target_id = ?2 AND target_table = ?1)
                       OR EXISTS (SELECT 1 FROM integration_sync_item WHERE target_id = ?2 AND target_table = ?1)";
        Ok(self.tx.prepare_cached(sql)?.query_row((table, target, id), |row| row.get(0))?)
    }
}

/// The states of items that were not decided.
fn undecided() -> String {
    [ItemState::Held, ItemState::Failed, ItemState::Parked].map(|state| state.code().to_string()).join(", ")
}
