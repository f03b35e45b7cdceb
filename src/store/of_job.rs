//! What came by a job, of rows that do not name it: `job:` as a filter of ledger entries and of identifiers.
//!
//! An entry came by the job whose item brought its value, be it at once, after a map was decided or by a further attempt.
//! An identifier was made by a job where its key was new in that delivery; what an import or a person made, no job made.
//!
//! # Performance
//! Neither table has an index by job, for that would cost every ingest and serve this filter alone. Of entries the job's own
//! items tell which they are: it costs what the job has of them, whatever else the store holds. Of identifiers the log tells
//! the span of ids that the job's operations made: one look through the operations' times, some tenths of a microsecond for
//! each, and then that span.

use rusqlite::types::Value as Sql;

use super::sql::{Fragment, id_in_name};
use crate::model::filter::Operand;
use crate::model::table::Table;

/// The WHERE term of the rows that came by a job.
pub(super) fn of_job(table: Table, job: &Operand) -> Fragment {
    let id = match job {
        Operand::Name(name) => id_in_name(Table::SyncJobs, name),
        _ => None,
    };
    match (table, id) {
        (Table::Ledger, Some(id)) => Fragment::of(ENTRIES, [Sql::Integer(id), Sql::Integer(id)]),
        (Table::Identifiers, Some(id)) => Fragment::of(
            format!("t.id BETWEEN {} AND {} AND {FIRST_SEEN_IN}", made("min", 1), made("max", 2)),
            [Sql::Integer(id), Sql::Integer(id), Sql::Integer(id)],
        ),
        _ => Fragment::of("0", []),
    }
}

/// What goes out to a receiver has an item that names the entry, too, but did not bring it.
const ENTRIES: &str = "t.id IN (SELECT ledger FROM integration_sync_item WHERE integration_sync_job = ?)
     AND (SELECT integration_sync_job FROM integration_sync_item WHERE id = t.sync_item) = ?";

/// Other jobs of the same source may take records in at the same time, but hardly ones submitted at the same moment.
const FIRST_SEEN_IN: &str = "EXISTS (SELECT 1 FROM integration_sync_job AS j WHERE j.id = ?
     AND j.source_system_key = t.source_system_key AND j.target_table = t.target_table
     AND j.submitted_date_time = t.first_seen_date_time)";

/// The first (`min`, 1) or last (`max`, 2) id among the identifiers that a job's operations made. These stand between the one
/// that made the job and the one that finished it; one that made items made some of its own job's.
fn made(which: &str, place: u8) -> String {
    format!(
        "(WITH j AS (SELECT id, created_on, finished_on FROM integration_sync_job WHERE id = ?)
          SELECT {which}(n.value ->> {place}) FROM j CROSS JOIN operation AS o CROSS JOIN json_each(o.rows_created) AS n
          WHERE o.seq >= (SELECT min(seq) FROM operation WHERE at = j.created_on)
            AND (j.finished_on IS NULL OR o.seq <= (SELECT max(seq) FROM operation WHERE at = j.finished_on))
            AND o.kind = 'ingest' AND n.value ->> 0 = 'integration_identifier'
            AND (NOT EXISTS (SELECT 1 FROM json_each(o.rows_created) AS m WHERE m.value ->> 0 = 'integration_sync_item')
              OR EXISTS (SELECT 1 FROM json_each(o.rows_created) AS m CROSS JOIN integration_sync_item AS i
                    ON i.integration_sync_job = j.id AND i.id BETWEEN m.value ->> 1 AND m.value ->> 2
                    WHERE m.value ->> 0 = 'integration_sync_item')))"
    )
}
