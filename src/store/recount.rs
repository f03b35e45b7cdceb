//! Counting again what the store keeps counts of, for `verify`.

use std::collections::BTreeMap;

use anyhow::Result;

use super::audit::lines;
use super::facts::choice;
use super::in_force::{ENTRY, ENTRY_COLUMNS, read_entry};
use super::log::JobCounters;
use super::reader::Reader;
use crate::model::Table;
use crate::model::choice::{ChoiceSet, ItemState, LedgerStatus, MapState, OverallResult};
use crate::store::EntryFact;

/// A job's counters as they are kept and as its items' rows tell them; unchanged values have rows only where wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recount {
    pub kept: JobCounters,
    pub counted: JobCounters,
    pub status: OverallResult,
    pub finished: bool,
    pub items: i64,
    /// Of a delivery: the records taken, and the places of the first and the last of them that left an item.
    pub records: Option<(i64, i64, i64)>,
}

/// A kept count of rows that is not what the rows say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miscount {
    pub table: &'static str,
    /// The label of a choice; empty of all rows.
    pub facet: String,
    pub kept: i64,
    /// None where no rows are counted so.
    pub counted: Option<i64>,
}

impl std::fmt::Display for Miscount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Miscount { table, facet, kept, counted } = self;
        match counted {
            Some(counted) => write!(f, "{table} {facet}: {kept} kept, {counted} counted"),
            None => write!(f, "{table} {facet}: {kept} kept, none counted"),
        }
    }
}

/// A table whose active rows are counted by a choice.
type Faceted = (Table, &'static str, &'static ChoiceSet);

const FACETED: [Faceted; 3] = [
    (Table::SyncItems, "state", ItemState::SET),
    (Table::ValueMaps, "state", MapState::SET),
    (Table::Ledger, "ledger_status", LedgerStatus::SET),
];

impl Reader {
    /// Calls `check` with each job's counters.
    pub fn recount_jobs(&self, mut check: impl FnMut(&Recount)) -> Result<()> {
        let columns: Vec<String> = ItemState::ALL.iter().map(|state| state.label().to_lowercase()).collect();
        let sums: Vec<String> =
            ItemState::ALL.iter().map(|state| format!("coalesce(sum(i.state = {}), 0)", state.code())).collect();
        let sql = format!(
            "SELECT j.id, j.job_status, j.finished_on IS NOT NULL, j.items, {}, {},
                    iif(j.direction = 166840000, j.records, NULL), coalesce(min(i.sequence), 1), coalesce(max(i.sequence), 0)
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
            let behind = 4 + 2 * ItemState::ALL.len();
            let taken: Option<i64> = row.get(behind)?;
            let (first, last) = (row.get(behind + 1)?, row.get(behind + 2)?);
            let records = taken.map(|taken| (taken, first, last));
            check(&Recount { kept, counted, status, finished: row.get(2)?, items: row.get(3)?, records });
        }
        Ok(())
    }

    /// Kept row counts and waiting counts that are not what the rows say, a line each.
    pub fn recount_rows(&self) -> Result<Vec<String>> {
        let mut out: Vec<String> = self.miscounts()?.iter().map(ToString::to_string).collect();
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

    /// Kept row counts that are not what the rows say.
    pub fn miscounts(&self) -> Result<Vec<Miscount>> {
        let mut out = Vec::new();
        for table in Table::ALL {
            self.recount_table(table.info().sql, FACETED.iter().find(|(of, ..)| *of == table), &mut out)?;
        }
        Ok(out)
    }

    /// All counts of a table in one look at each row: sums take no memory, as groups of millions of rows would.
    fn recount_table(&self, table: &'static str, faceted: Option<&Faceted>, out: &mut Vec<Miscount>) -> Result<()> {
        let mut counts = vec![(String::new(), "count(*)".to_string())];
        if let Some((_, column, choices)) = faceted {
            counts.push(("Inactive".into(), "coalesce(sum(statecode = 1), 0)".into()));
            let of = |code| format!("coalesce(sum(statecode = 0 AND {column} = {code}), 0)");
            counts.extend(choices.options.iter().map(|option| (option.label.to_string(), of(option.code))));
        }
        let sums: Vec<&str> = counts.iter().map(|(_, sum)| sum.as_str()).collect();
        let counted: Vec<i64> =
            self.conn.query_row(&format!("SELECT {} FROM {table}", sums.join(", ")), [], |row| {
                (0..counts.len()).map(|at| row.get(at)).collect()
            })?;
        let mut statement = self.conn.prepare_cached("SELECT facet, n FROM row_count WHERE table_name = ?")?;
        let mut kept: BTreeMap<String, i64> =
            statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        for ((facet, _), counted) in counts.into_iter().zip(counted) {
            let kept = kept.remove(&facet).unwrap_or(0);
            if kept != counted {
                out.push(Miscount { table, facet, kept, counted: Some(counted) });
            }
        }
        let others = kept.into_iter().filter(|(_, kept)| *kept != 0);
        out.extend(others.map(|(facet, kept)| Miscount { table, facet, kept, counted: None }));
        Ok(())
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
