//! What an act in several operations asks: which rows belong together, what others moved meanwhile, and whether somebody
//! took it back.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::Result;

use super::facts::array;
use super::write::Write;
use crate::model::table::Table;

/// The kinds of operations that are only a part of another one, which their reason names.
pub const PARTS: [&str; 2] = ["release", "part"];

/// The reason of an operation that goes on with another.
pub fn goes_on_with(operation: i64) -> String {
    format!("{GOES_ON}{operation}")
}

/// The reason of an operation that takes a part of another one back, before the undo that ends it.
pub fn takes_back(operation: i64) -> String {
    format!("{TAKES_BACK}{operation}")
}

/// How the reason of a part of an act begins, before the number.
pub(super) const GOES_ON: &str = "Goes on with operation ";

/// How the reason of a part of an undo begins, before the number.
pub(super) const TAKES_BACK: &str = "Takes back operation ";

/// A number for what rows have in common: those of one field are never parted. Two fields with the same number are kept
/// together for nothing, which does no harm.
pub(super) fn number(key: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

impl Write<'_> {
    /// The number of the last operation before this transaction.
    pub fn last_operation(&self) -> i64 {
        self.seq - 1
    }

    /// The id of the newest row of a table.
    pub fn newest_row(&self, table: Table) -> Result<i64> {
        let sql = format!("SELECT coalesce(max(id), 0) FROM {}", table.info().sql);
        Ok(self.tx.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
    }

    /// Some ledger entries in their order, each with the number of its field.
    pub fn entry_fields(&self, entries: &[i64]) -> Result<Vec<(i64, u64)>> {
        self.rows(
            "SELECT l.id, l.target_table, l.target_id, l.aspect_key
             FROM json_each(?) AS k CROSS JOIN integration_ledger AS l ON l.id = k.value ORDER BY k.key",
            [array(entries)?],
            |row| {
                let text = |at: usize| row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from);
                Ok((row.get(0)?, number(&(text(1)?, text(2)?, text(3)?))))
            },
        )
    }

    /// Those of some rows that were changed after an operation, by none of one's own.
    pub fn moved_since(&self, table: Table, rows: &[i64], operation: i64, own: &[i64]) -> Result<HashSet<i64>> {
        let moved = self.rows(
            "SELECT c.row_id FROM json_each(?2) AS k CROSS JOIN operation_change AS c
             ON c.table_name = ?1 AND c.row_id = k.value AND c.seq > ?3
             WHERE c.seq NOT IN (SELECT value FROM json_each(?4))",
            (table.info().sql, array(rows)?, operation, array(own)?),
            |row| row.get(0),
        )?;
        Ok(moved.into_iter().collect())
    }

    /// Whether an operation was taken back, or somebody has begun to.
    pub fn is_taken_back(&self, operation: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM operation WHERE seq > ?1 AND (undoes = ?1 OR (kind = 'part' AND reason = ?2))";
        Ok(self.tx.prepare_cached(sql)?.exists((operation, takes_back(operation)))?)
    }
}
