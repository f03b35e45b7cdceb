//! What counts as sent to a receiver: who was cut off in the middle of sending asks for it.

use anyhow::Result;
use rusqlite::OptionalExtension;

use super::Reader;
use crate::model::time::Micros;

/// The last operation that sent something to a receiver and was not taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub operation: i64,
    pub at: Micros,
    pub values: i64,
}

impl Reader {
    /// What was sent to a receiver last.
    pub fn last_sent(&self, receiver: &str) -> Result<Option<Sent>> {
        let Some(receiver) = self.spelling("source", receiver)? else { return Ok(None) };
        let sql = "
            SELECT o.seq, o.at,
                   (SELECT count(*) FROM operation_change AS c WHERE c.seq = o.seq
                      AND c.table_name = 'integration_sync_item' AND c.after ->> 'applied_date_time' IS NOT NULL)
            FROM operation AS o
            WHERE o.kind IN ('send', 'export')
              AND NOT EXISTS (SELECT 1 FROM operation AS u WHERE u.undoes = o.seq)
              AND EXISTS (SELECT 1 FROM operation_change AS c JOIN integration_sync_item AS i ON i.id = c.row_id
                          WHERE c.seq = o.seq AND c.table_name = 'integration_sync_item' AND i.source_system_key = ?)
            ORDER BY o.seq DESC LIMIT 1";
        let sent = |row: &rusqlite::Row| Ok(Sent { operation: row.get(0)?, at: row.get(1)?, values: row.get(2)? });
        Ok(self.conn.prepare_cached(sql)?.query_row([receiver], sent).optional()?)
    }
}
