//! Which rows an operation changed, as a tree of their own: `operation.touched` is its root. Each leaf is of one row that was
//! there before, in the order of table and id, with the version that the operation left it at. So that an operation did
//! *not* change a row can be proved: by the two rows between which it would stand (see [`super::proof`]).

use anyhow::Result;
use rusqlite::Connection;

use super::canonical::{Canonical, Hash};

/// The tag of a leaf.
pub(super) const TOUCHED_TAG: &str = "steward-touched-1";

/// A row that an operation changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Touched {
    pub table: String,
    pub row: i64,
    /// None where its values were disposed of.
    pub version: Option<i64>,
}

impl Touched {
    /// Its leaf; the canonical bytes are left in the buffer.
    pub fn leaf(&self, canonical: &mut Canonical) -> Hash {
        canonical.begin(TOUCHED_TAG).text(&self.table).int(self.row).optional_int(self.version).hash()
    }
}

/// The rows that an operation changed or disposed of, by table and id. Tables' names compare bytewise.
pub(super) fn touched(conn: &Connection, seq: i64) -> Result<Vec<Touched>> {
    let mut statement = conn.prepare_cached(
        "SELECT table_name, row_id, iif(sum(version IS NULL), NULL, max(version))
         FROM (SELECT table_name, row_id, row_version AS version FROM operation_change WHERE seq = ?1
               UNION ALL SELECT table_name, row_id, NULL FROM disposed WHERE seq = ?1)
         GROUP BY table_name, row_id ORDER BY table_name, row_id",
    )?;
    let rows =
        statement.query_map([seq], |row| Ok(Touched { table: row.get(0)?, row: row.get(1)?, version: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The rows of some changes (table, row and new version), as [`touched`] finds them where nothing was disposed of.
pub(super) fn newest(changes: &[(&'static str, i64, i64)]) -> Vec<Touched> {
    let mut changes = changes.to_vec();
    changes.sort_unstable();
    let rows = changes.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1)).filter_map(|of_row| of_row.last());
    rows.map(|(table, row, version)| Touched { table: table.to_string(), row: *row, version: Some(*version) }).collect()
}

/// Their leaves.
pub(super) fn leaves(rows: &[Touched]) -> Vec<Hash> {
    let mut canonical = Canonical::default();
    rows.iter().map(|row| row.leaf(&mut canonical)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_changed_row_the_newest_version_counts_in_the_order_of_tables_and_rows() {
        let of = |table: &str, row, version| Touched { table: table.into(), row, version: Some(version) };
        assert_eq!(newest(&[]), []);
        let changes = [("b", 2, 5), ("a", 10, 2), ("b", 2, 6), ("b", 1, 3), ("a", 9, 2)];
        assert_eq!(newest(&changes), [of("a", 9, 2), of("a", 10, 2), of("b", 1, 3), of("b", 2, 6)]);
    }
}
