//! Which version a row has, and whose it is: what an edit that somebody began earlier is held against.

use anyhow::Result;
use rusqlite::OptionalExtension;

use super::sql::name_column;
use super::write::Write;
use crate::model::table::Table;
use crate::model::time::Micros;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowVersion {
    pub name: String,
    pub version: i64,
    pub by: String,
    pub at: Micros,
    pub active: bool,
}

impl Write<'_> {
    /// The version of a row as it stands; none where there is no such row.
    pub fn version_of(&self, table: Table, id: i64) -> Result<Option<RowVersion>> {
        let sql = format!(
            "SELECT coalesce(t.{}, ''), row_version, coalesce((SELECT login FROM system_user WHERE id = t.modified_by), ''), modified_on,
                    statecode = 0
             FROM {} AS t WHERE t.id = ?",
            name_column(table),
            table.info().sql
        );
        let read = |row: &rusqlite::Row| {
            Ok(RowVersion {
                name: row.get(0)?,
                version: row.get(1)?,
                by: row.get(2)?,
                at: row.get(3)?,
                active: row.get(4)?,
            })
        };
        Ok(self.tx.prepare_cached(&sql)?.query_row([id], read).optional()?)
    }
}
