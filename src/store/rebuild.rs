//! Writing anew what is kept beside the rows and does not follow from them any more: counts, counters, values in force.
//!
//! Only `doctor --fix` does this. Everything else adds to what is kept, and never asks whether it was right.

use anyhow::Result;

use super::log::JobCounters;
use super::recount::Miscount;
use super::write::Write;
use crate::model::choice::{ItemState, OverallResult};

/// The items that wait for a map, as they are counted.
const WAITING: &str = "SELECT m.id, m.map_id, m.waiting, coalesce(w.n, 0) FROM integration_value_map AS m
    LEFT JOIN (SELECT value_map, count(*) AS n FROM integration_sync_item
               WHERE state = 4 AND statecode = 0 AND value_map IS NOT NULL GROUP BY value_map) AS w ON w.value_map = m.id
    WHERE m.waiting <> coalesce(w.n, 0)";

/// A value in force that no entry of its field stands behind.
const UNFOUNDED: &str = "NOT EXISTS (SELECT 1 FROM integration_ledger AS l
    WHERE l.target_id = c.target_id AND l.aspect_key = c.field_name AND l.target_table = c.target_table
    AND l.ledger_aspect = 166840000)";

impl Write<'_> {
    /// Keeps the count that the rows say.
    pub fn put_count(&mut self, miscount: &Miscount) -> Result<()> {
        let Miscount { table, facet, counted, .. } = miscount;
        match counted {
            Some(counted) => self.tx.execute(
                "INSERT INTO row_count (table_name, facet, n) VALUES (?, ?, ?)
                 ON CONFLICT (table_name, facet) DO UPDATE SET n = excluded.n",
                (table, facet, counted),
            )?,
            None => self.tx.execute("DELETE FROM row_count WHERE table_name = ? AND facet = ?", (table, facet))?,
        };
        Ok(())
    }

    /// Counts the items anew that wait for each map; answers map, kept and counted of those that were wrong.
    pub fn recount_waiting(&mut self) -> Result<Vec<(String, i64, i64)>> {
        let wrong: Vec<(i64, String, i64, i64)> =
            self.rows(WAITING, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        for (id, _, _, counted) in &wrong {
            self.tx.execute("UPDATE integration_value_map SET waiting = ? WHERE id = ?", (counted, id))?;
        }
        Ok(wrong.into_iter().map(|(_, map, kept, counted)| (map, kept, counted)).collect())
    }

    /// Keeps a job's counters, their sum and the status that follows.
    pub fn put_counters(&mut self, counters: &JobCounters, status: OverallResult) -> Result<()> {
        let sets: Vec<String> = ItemState::ALL
            .iter()
            .map(|state| format!("{} = {}", state.label().to_lowercase(), counters.states[*state as usize]))
            .collect();
        let items: i64 = counters.states.iter().sum();
        let sql =
            format!("UPDATE integration_sync_job SET {}, items = ?, job_status = ? WHERE id = ?", sets.join(", "));
        self.tx.execute(&sql, (items, status.code(), counters.job))?;
        Ok(())
    }

    /// Removes values in force that no entry stands behind; answers their fields.
    pub fn remove_unfounded(&mut self) -> Result<Vec<(String, String, String)>> {
        let sql = format!("SELECT target_table, target_id, field_name FROM current_value AS c WHERE {UNFOUNDED}");
        let fields: Vec<(String, String, String)> =
            self.rows(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        for key in &fields {
            self.set_current(key, None)?;
        }
        Ok(fields)
    }
}
