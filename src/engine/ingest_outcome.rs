//! What is said of a delivery: its outcome, and the sentence of each chunk.

use super::chunk::Taken;
use super::ingest::Running;
use super::shared_keys::SharedKeys;
use crate::model::choice::{ItemState, JobState};
use crate::model::table::Table;
use crate::model::text::grouped;
use crate::store::JobFact;

/// What an ingest did, or would do.
#[derive(Debug, Clone, PartialEq, serde::Serialize, Default)]
pub struct IngestOutcome {
    pub job_id: String,
    pub job_status: String,
    /// The same bytes were delivered before and nothing was done; the numbers are the old job's.
    pub already_delivered: bool,
    /// The delivery was stopped before its end; the same delivery given again goes on.
    pub stopped: bool,
    pub records: i64,
    /// Values delivered: the sum of the states below.
    pub items: i64,
    pub applied: i64,
    pub unchanged: i64,
    pub waiting: i64,
    pub held: i64,
    pub failed: i64,
    pub rejected: i64,
    pub superseded: i64,
    /// Of the whole delivery.
    #[serde(flatten)]
    pub keys: SharedKeys,
    /// New identifiers and new proposed value maps.
    pub identifiers: i64,
    pub proposed_maps: i64,
    pub seconds: f64,
    /// Sentences about parts of the input that could not be read, the first few.
    pub faults: Vec<String>,
}

/// The sentence of a chunk for the log.
pub(super) fn summary(job: &Running, from: i64, taken: &Taken) -> String {
    let mut parts = Vec::new();
    for state in ItemState::ALL {
        let n = taken.states[*state as usize];
        if n > 0 {
            parts.push(format!("{} {}", grouped(n), state.label().to_lowercase()));
        }
    }
    let values = if parts.is_empty() { "no values".into() } else { parts.join(", ") };
    let job_name = Table::SyncJobs.row_name(job.id);
    if taken.records == 0 {
        return format!("{job_name}: no records from {} for {}", job.source, job.table);
    }
    format!(
        "{job_name}: records {} to {} from {} for {}: {values}",
        grouped(from + 1),
        grouped(job.records),
        job.source,
        job.table
    )
}

/// Of a delivery that was whole before.
pub(super) fn already(job: &JobFact, keys: SharedKeys) -> IngestOutcome {
    IngestOutcome { already_delivered: true, ..outcome(job, Taken::default(), false, keys) }
}

/// The job as it stands; the numbers are the whole job's, also where this run only went on with it.
pub(super) fn outcome(job: &JobFact, taken: Taken, stopped: bool, keys: SharedKeys) -> IngestOutcome {
    let of = |state: ItemState| job.counters.states[state as usize];
    IngestOutcome {
        job_id: Table::SyncJobs.row_name(job.id),
        job_status: if stopped { JobState::Interrupted.label() } else { job.status.label() }.to_string(),
        already_delivered: false,
        stopped,
        records: job.records,
        items: job.counters.states.iter().sum(),
        applied: of(ItemState::Applied),
        unchanged: of(ItemState::Unchanged),
        waiting: of(ItemState::Waiting),
        held: of(ItemState::Held),
        failed: of(ItemState::Failed),
        rejected: of(ItemState::Rejected),
        superseded: of(ItemState::Superseded),
        keys,
        identifiers: taken.identifiers,
        proposed_maps: taken.proposed_maps,
        seconds: 0.0,
        faults: taken.faults,
    }
}
