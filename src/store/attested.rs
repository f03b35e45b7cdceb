//! What an attestation of a wider aspect is about: the pending entries below it, and a table's content in one digest.

use anyhow::Result;

use super::canonical::{Canonical, Merkle, hex};
use super::write::Write;

/// The tag of a value's leaf in a table's digest.
const VALUE_TAG: &str = "steward-value-1";

/// Whose fields' entries are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below<'a> {
    Record { target_table: &'a str, target_id: &'a str },
    Table { target_table: &'a str },
    Job(i64),
}

/// An entry of a field that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEntry {
    pub id: i64,
    pub target_table: String,
    pub field_name: String,
    pub source: String,
    /// Another pending entry proposes another value for the same field.
    pub contested: bool,
    /// The entry whose value is in force, and whether it is pinned.
    pub holder: Option<(i64, bool)>,
}

/// What a table's values in force come to.
///
/// # Format
/// One leaf for each value in force that is not empty, ordered by target id, then field name, both by their UTF-8 bytes:
/// the canonical bytes (see `canonical`) of the tag `steward-value-1`, target id, field name and value. The digest is the
/// Merkle root over them. A field that was cleared and one that was never delivered are the same content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDigest {
    /// Records that have a value.
    pub rows: i64,
    /// 64 hex digits.
    pub sha256: String,
}

impl Write<'_> {
    /// Whether any field has an entry there, in whatever state.
    pub fn has_entries(&self, below: Below) -> Result<bool> {
        let (condition, params) = condition(below);
        let sql =
            format!("SELECT 1 FROM integration_ledger AS l WHERE l.ledger_aspect = 166840000 AND {condition} LIMIT 1");
        Ok(self.tx.prepare_cached(&sql)?.exists(rusqlite::params_from_iter(params))?)
    }

    /// The active entries of fields there that are pending, in the order of their ids.
    pub fn pending_entries(&self, below: Below) -> Result<Vec<PendingEntry>> {
        let (condition, params) = condition(below);
        let sql = format!(
            "SELECT l.id, l.target_table, l.aspect_key, l.source_system_key, h.id, h.pinned, EXISTS (SELECT 1 FROM integration_ledger AS r
                WHERE r.target_id = l.target_id AND r.aspect_key = l.aspect_key AND r.target_table = l.target_table
                  AND r.ledger_aspect = 166840000 AND r.ledger_status = 166840000 AND r.statecode = 0
                  AND r.value IS NOT l.value)
             FROM integration_ledger AS l
             LEFT JOIN current_value AS c
               ON c.target_table = l.target_table AND c.target_id = l.target_id AND c.field_name = l.aspect_key
             LEFT JOIN integration_ledger AS h ON h.id = c.ledger
             WHERE l.ledger_aspect = 166840000 AND l.ledger_status = 166840000 AND l.statecode = 0 AND {condition}
             ORDER BY l.id"
        );
        self.rows(&sql, rusqlite::params_from_iter(params), |row| {
            let text = |at: usize| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
            let pinned = row.get::<_, Option<bool>>(5)?.unwrap_or_default();
            Ok(PendingEntry {
                id: row.get(0)?,
                target_table: text(1)?,
                field_name: text(2)?,
                source: text(3)?,
                holder: row.get::<_, Option<i64>>(4)?.map(|holder| (holder, pinned)),
                contested: row.get(6)?,
            })
        })
    }

    /// The digest of a table's values in force as they now are.
    pub fn table_digest(&self, target_table: &str) -> Result<TableDigest> {
        // The order of the primary key, so nothing is sorted.
        let mut statement = self.tx.prepare_cached(
            "SELECT target_id, field_name, value FROM current_value
             WHERE target_table = ? AND value IS NOT NULL ORDER BY target_id, field_name",
        )?;
        let mut values = statement.query([target_table])?;
        let mut tree = Merkle::default();
        let mut canonical = Canonical::default();
        let mut rows = 0;
        let mut last = String::new();
        while let Some(value) = values.next()? {
            let target = value.get_ref(0)?.as_str()?;
            if rows == 0 || target != last {
                rows += 1;
                last = target.to_string();
            }
            let leaf = canonical.begin(VALUE_TAG).text(target).value(value.get_ref(1)?).value(value.get_ref(2)?).hash();
            tree.push(leaf);
        }
        Ok(TableDigest { rows, sha256: hex(&tree.root()) })
    }
}

fn condition(below: Below<'_>) -> (&'static str, Vec<rusqlite::types::Value>) {
    match below {
        Below::Record { target_table, target_id } => (
            "l.target_table = ? AND l.target_id = ?",
            vec![target_table.to_string().into(), target_id.to_string().into()],
        ),
        Below::Table { target_table } => ("l.target_table = ?", vec![target_table.to_string().into()]),
        Below::Job(job) => {
            ("l.id IN (SELECT ledger FROM integration_sync_item WHERE integration_sync_job = ?)", vec![job.into()])
        }
    }
}
