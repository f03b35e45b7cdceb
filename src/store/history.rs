//! The operation log as people read it.

use anyhow::Result;
use rusqlite::OptionalExtension;

use super::Reader;
use crate::model::time::Micros;

/// One row of the operation log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRow {
    pub seq: i64,
    pub kind: String,
    pub at: Micros,
    pub actor: String,
    pub role: String,
    pub on_behalf_of: Option<String>,
    pub summary: String,
    pub reason: Option<String>,
    pub undoes: Option<i64>,
    pub undone_by: Option<i64>,
    /// Rows created and changed.
    pub created: i64,
    pub changed: i64,
}

const COLUMNS: &str = "o.seq, o.kind, o.at, o.actor, o.role, o.on_behalf_of, o.summary, o.reason, o.undoes,
    (SELECT max(u.seq) FROM operation AS u WHERE u.undoes = o.seq),
    (SELECT coalesce(sum((r.value ->> 2) - (r.value ->> 1) + 1), 0) FROM json_each(o.rows_created) AS r),
    o.rows_changed";

fn read(row: &rusqlite::Row) -> rusqlite::Result<OperationRow> {
    Ok(OperationRow {
        seq: row.get(0)?,
        kind: row.get(1)?,
        at: row.get(2)?,
        actor: row.get(3)?,
        role: row.get(4)?,
        on_behalf_of: row.get(5)?,
        summary: row.get(6)?,
        reason: row.get(7)?,
        undoes: row.get(8)?,
        undone_by: row.get(9)?,
        created: row.get(10)?,
        changed: row.get(11)?,
    })
}

impl Reader {
    /// The log, newest first, below `before` if given.
    pub fn operations(&self, before: Option<i64>, limit: usize) -> Result<Vec<OperationRow>> {
        let sql = format!("SELECT {COLUMNS} FROM operation AS o WHERE o.seq < ? ORDER BY o.seq DESC LIMIT ?");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map((before.unwrap_or(i64::MAX), limit as i64), read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub fn operation(&self, seq: i64) -> Result<Option<OperationRow>> {
        let sql = format!("SELECT {COLUMNS} FROM operation AS o WHERE o.seq = ?");
        Ok(self.conn.prepare_cached(&sql)?.query_row([seq], read).optional()?)
    }
}
