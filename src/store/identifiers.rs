//! One identifier as its editing needs it, the others of its key, and whether a target record is known at all.

use anyhow::Result;
use rusqlite::OptionalExtension;

use super::write::Write;
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

    /// Whether anything but the identifier `id` speaks of a target record.
    pub fn knows_target(&self, id: i64, table: &str, target: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM integration_identifier
                          WHERE target_id = ?2 AND target_table = ?1 AND id <> ?3 AND statecode = 0)
                       OR EXISTS (SELECT 1 FROM integration_ledger WHERE target_id = ?2 AND target_table = ?1)";
        Ok(self.tx.prepare_cached(sql)?.query_row((table, target, id), |row| row.get(0))?)
    }
}
