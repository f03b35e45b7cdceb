//! Counting again what the store keeps counts of, for `verify`.

use anyhow::Result;

use super::audit::lines;
use super::facts::choice;
use super::in_force::{ENTRY, ENTRY_COLUMNS, read_entry};
use super::log::JobCounters;
use super::reader::Reader;
use crate::model::choice::{ItemState, LedgerStatus, MapState, OverallResult};
use crate::store::EntryFact;

/// A job's counters as they are kept and as its items' rows tell them; unchanged values have rows only where wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recount {
    pub kept: JobCounters,
    pub counted: JobCounters,
    pub status: OverallResult,
    pub finished: bool,
    pub items: i64,
}

impl Reader {
    /// Calls `check` with each job's counters.
    pub fn recount_jobs(&self, mut check: impl FnMut(&Recount)) -> Result<()> {
        let columns: Vec<String> = ItemState::ALL.iter().map(|state| state.label().to_lowercase()).collect();
        let sums: Vec<String> =
            ItemState::ALL.iter().map(|state| format!("coalesce(sum(i.state = {}), 0)", state.code())).collect();
        let sql = format!(
            "SELECT j.id, j.job_status, j.finished_on IS NOT NULL, j.items, {}, {}
             FROM integration_sync_job AS j LEFT JOIN integration_sync_item AS i
             ON i.integration_sync_job = j.id AND i.statecode = 0
             GROUP BY j.id",
            columns.iter().map(|column| format!("j.{column}")).collect::<Vec<_>>().join(", "),
            sums.join(", ")
        );
        let mut statement = self.conn.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let job = row.get(0)?;
            let mut kept = JobCounters { job, states: [0; ItemState::ALL.len()] };
            let mut counted = kept;
            for at in 0..ItemState::ALL.len() {
                kept.states[at] = row.get(4 + at)?;
                counted.states[at] = row.get(4 + ItemState::ALL.len() + at)?;
            }
            let status = choice(row.get(1)?, OverallResult::from_code)?;
            check(&Recount { kept, counted, status, finished: row.get(2)?, items: row.get(3)? });
        }
        Ok(())
    }

    /// Kept row counts and waiting counts that are not what the rows say, a line each.
    pub fn recount_rows(&self) -> Result<Vec<String>> {
        let mut parts = Vec::new();
        for (table, column, labels) in [
            ("integration_sync_item", "state", ItemState::SET),
            ("integration_value_map", "state", MapState::SET),
            ("integration_ledger", "ledger_status", LedgerStatus::SET),
        ] {
            let label = format!(
                "CASE WHEN statecode = 1 THEN 'Inactive' ELSE (SELECT label FROM choice WHERE choice_set = '{}' AND code = {column}) END",
                labels.name
            );
            parts.push(format!("SELECT '{table}' AS t, {label} AS f, count(*) AS n FROM {table} GROUP BY 2"));
        }
        for table in crate::model::Table::ALL {
            let name = table.info().sql;
            parts.push(format!("SELECT '{name}', '', count(*) FROM {name}"));
        }
        let counted = parts.join(" UNION ALL ");
        let tables: Vec<String> =
            crate::model::Table::ALL.iter().map(|table| format!("'{}'", table.info().sql)).collect();
        let mut out = lines(
            self,
            &format!(
                "WITH counted AS ({counted})
                 SELECT printf('%s %s: %d kept, %d counted', t, f, coalesce(k.n, 0), c.n)
                 FROM counted AS c LEFT JOIN row_count AS k ON k.table_name = c.t AND k.facet = c.f
                 WHERE coalesce(k.n, 0) <> c.n
                 UNION ALL
                 SELECT printf('%s %s: %d kept, none counted', table_name, facet, n) FROM row_count AS k
                 WHERE n <> 0 AND table_name IN ({})
                   AND NOT EXISTS (SELECT 1 FROM counted AS c WHERE c.t = k.table_name AND c.f = k.facet)",
                tables.join(", ")
            ),
        )?;
        out.extend(lines(
            self,
            "SELECT printf('%s: %d items kept as waiting, %d counted', m.map_id, m.waiting, coalesce(w.n, 0))
             FROM integration_value_map AS m
             LEFT JOIN (SELECT value_map, count(*) AS n FROM integration_sync_item
                        WHERE state = 4 AND statecode = 0 AND value_map IS NOT NULL GROUP BY value_map) AS w ON w.value_map = m.id
             WHERE m.waiting <> coalesce(w.n, 0)",
        )?);
        Ok(out)
    }

    /// Calls `check` with all entries of each field and the (value, entry) that is kept as in force, if one is.
    pub fn each_field(&self, mut check: impl FnMut(&[EntryFact], Option<(Option<String>, i64)>)) -> Result<()> {
        let mut statement = self.conn.prepare(&format!(
            "SELECT {ENTRY}, c.ledger, c.value
             FROM integration_ledger AS l LEFT JOIN current_value AS c
             ON c.target_table = l.target_table AND c.target_id = l.target_id AND c.field_name = l.aspect_key
             WHERE l.ledger_aspect = 166840000
             ORDER BY l.target_id, l.aspect_key, l.target_table",
        ))?;
        let mut rows = statement.query([])?;
        let mut group: Vec<EntryFact> = Vec::new();
        let mut kept = None;
        while let Some(row) = rows.next()? {
            let fact = read_entry(row)?;
            if group.first().is_some_and(|first| first.key != fact.key) {
                check(&group, kept.take());
                group.clear();
            }
            kept = row
                .get::<_, Option<i64>>(ENTRY_COLUMNS)?
                .map(|ledger| Ok::<_, rusqlite::Error>((row.get(ENTRY_COLUMNS + 1)?, ledger)))
                .transpose()?;
            group.push(fact);
        }
        if !group.is_empty() {
            check(&group, kept);
        }
        Ok(())
    }

    /// Values kept as in force without any entry of their field.
    pub fn unfounded_values(&self) -> Result<i64> {
        Ok(self.conn.query_row(
            "SELECT count(*) FROM current_value AS c WHERE NOT EXISTS (SELECT 1 FROM integration_ledger AS l
             WHERE l.target_id = c.target_id AND l.aspect_key = c.field_name AND l.target_table = c.target_table
             AND l.ledger_aspect = 166840000)",
            [],
            |row| row.get(0),
        )?)
    }
}
