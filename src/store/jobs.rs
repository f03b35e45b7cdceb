//! Deliveries as jobs: finding one that came before, marking progress, and the items that wait in it.

use anyhow::Result;
use rusqlite::OptionalExtension;

use super::facts::choice;
use super::log::JobCounters;
use super::logged::JOB;
use super::write::{Val, Write};
use crate::model::choice::{Direction, ItemState, OverallResult};
use crate::model::time::Micros;

/// A job that is in the store already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFact {
    pub id: i64,
    pub direction: Direction,
    pub source: String,
    pub target_table: String,
    pub delivery_id: Option<String>,
    pub sha256: Option<String>,
    pub status: OverallResult,
    pub submitted: Micros,
    /// Records taken so far.
    pub records: i64,
    pub finished: bool,
    /// What is said of it as a whole.
    pub message: Option<String>,
    /// What it said counts no more.
    pub withdrawn: bool,
    pub counters: JobCounters,
}

const COLUMNS: &str =
    "id, target_table, delivery_sha256, job_status, submitted_date_time, records, finished_on IS NOT NULL,
    queued, applied, unchanged, waiting, held, failed, rejected, superseded, parked, closed, delivery_id,
    direction, source_system_key, statecode, process_message";

fn read(row: &rusqlite::Row) -> rusqlite::Result<JobFact> {
    let id = row.get(0)?;
    let mut counters = JobCounters { job: id, states: [0; ItemState::ALL.len()] };
    for (at, n) in counters.states.iter_mut().enumerate() {
        *n = row.get(7 + at)?;
    }
    const NEXT: usize = 8 + ItemState::ALL.len();
    Ok(JobFact {
        id,
        direction: choice(row.get(NEXT)?, Direction::from_code)?,
        source: row.get(NEXT + 1)?,
        withdrawn: row.get(NEXT + 2)?,
        message: row.get(NEXT + 3)?,
        target_table: row.get(1)?,
        delivery_id: row.get(7 + ItemState::ALL.len())?,
        sha256: row.get(2)?,
        status: choice(row.get(3)?, OverallResult::from_code)?,
        submitted: row.get(4)?,
        records: row.get(5)?,
        finished: row.get(6)?,
        counters,
    })
}

impl Write<'_> {
    /// The newest delivery of a source under an id, withdrawn ones left out.
    pub fn delivery_of_id(&self, source: &str, delivery_id: &str) -> Result<Option<JobFact>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM integration_sync_job
             WHERE source_system_key = ? AND delivery_id = ? AND statecode = 0 ORDER BY id DESC LIMIT 1"
        );
        Ok(self.tx.prepare_cached(&sql)?.query_row((source, delivery_id), read).optional()?)
    }

    /// The newest delivery of a source for a table by a key column, withdrawn ones left out.
    pub fn newest_delivery(&self, source: &str, table: &str, key_column: &str) -> Result<Option<JobFact>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM integration_sync_job
             WHERE source_system_key = ? AND direction = 166840000 AND target_table = ? AND key_column = ?
               AND statecode = 0 ORDER BY id DESC LIMIT 1"
        );
        Ok(self.tx.prepare_cached(&sql)?.query_row((source, table, key_column), read).optional()?)
    }

    pub fn job(&self, id: i64) -> Result<Option<JobFact>> {
        let sql = format!("SELECT {COLUMNS} FROM integration_sync_job WHERE id = ?");
        Ok(self.tx.prepare_cached(&sql)?.query_row([id], read).optional()?)
    }

    /// What is to be said of a delivery as a whole, for people who look at its job.
    pub fn say_of_job(&mut self, job: i64, said: &str) -> Result<()> {
        self.change(&JOB, job, &[("process_message", Val::Text(said))])?;
        Ok(())
    }

    /// Notes how many records of a delivery are taken, and that it is finished when it is.
    pub fn mark_progress(&mut self, job: i64, records: i64, finished: bool) -> Result<()> {
        let finished_on = finished.then_some(self.stamp.at);
        self.tx
            .prepare_cached("UPDATE integration_sync_job SET records = ?, finished_on = ? WHERE id = ?")?
            .execute((records, finished_on, job))?;
        Ok(())
    }
}
