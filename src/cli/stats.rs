//! `steward stats`

use std::io::Write;

use serde_json::{Map, Value as Json, json};

use crate::exchange::{Column, TextTable, json_line};
use crate::model::table::Table;
use crate::model::text::{counted, grouped};
use crate::model::time;
use crate::store::{Overview, Reader, SourceJobs};

use super::failure::{Done, Failure};
use super::report;
use super::session::Session;

const TABLES: [Column; 3] = [Column::whole("Table"), Column::number("Rows"), Column::text("Of them")];

const SOURCES: [Column; 8] = [
    Column::text("Jobs of 7 days"),
    Column::text("Direction"),
    Column::number("Success"),
    Column::number("Partial"),
    Column::number("Neutral"),
    Column::number("Failure"),
    Column::number("Interrupted"),
    Column::whole("Last"),
];

#[derive(Debug, clap::Args)]
pub(super) struct Stats {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Stats {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let reader = session.reader()?;
        if self.json {
            return Ok(json_line(out, &object(&overview(&reader)?))?);
        }
        write(&reader, out)
    }
}

/// Writes the counts for people.
pub(super) fn write(reader: &Reader, out: &mut dyn Write) -> Done {
    let overview = overview(reader)?;
    let rows: Vec<_> = Table::ALL.iter().map(|table| table_cells(*table, &overview)).collect();
    TextTable::new(&mut *out, TABLES.to_vec(), report::width()).write(&rows)?;
    let rows: Vec<_> = overview.sources.iter().map(source_cells).collect();
    if !rows.is_empty() {
        writeln!(out)?;
        TextTable::new(&mut *out, SOURCES.to_vec(), report::width()).write(&rows)?;
    }
    writeln!(out)?;
    for line in queues(&overview) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// All that home shows, and to the last number: nobody waits for a frame here.
fn overview(reader: &Reader) -> Result<Overview, Failure> {
    Ok(reader.overview_up_to(time::now(), i64::MAX)?)
}

fn table_cells(table: Table, overview: &Overview) -> Vec<String> {
    let of_table = overview.counts.iter().filter(|(of, _, _)| *of == table);
    let all = of_table.clone().find(|(_, facet, _)| facet.is_empty()).map_or(0, |(_, _, n)| *n);
    let facets = of_table.filter(|(_, facet, _)| !facet.is_empty());
    let parts: Vec<String> = facets.filter_map(|(_, facet, n)| report::part(*n, facet)).collect();
    vec![table.info().title.into(), grouped(all), parts.join(" · ")]
}

fn source_cells(jobs: &SourceJobs) -> Vec<String> {
    let counts = [jobs.success, jobs.partial, jobs.indeterminate, jobs.failure, jobs.interrupted].map(grouped);
    let mut cells = vec![jobs.source.clone(), jobs.direction.clone()];
    cells.extend(counts);
    cells.push(format!("{} {}", Table::SyncJobs.row_name(jobs.last_job), time::short_local(jobs.last_created)));
    cells
}

fn queues(overview: &Overview) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(at) = overview.oldest_pending {
        lines.push(format!("The oldest pending ledger entry is of {}.", time::short_local(at)));
    }
    if overview.stale.n > 0 {
        lines.push(format!("{} stale.", counted(overview.stale.n, "certified value")));
    }
    if overview.low_confidence.n > 0 {
        lines.push(format!("{} below a confidence of 0.80.", counted(overview.low_confidence.n, "value map")));
    }
    let last = overview.last_operation_at.map(|at| format!(", the last at {}", time::short_local(at)));
    let operations = counted(overview.operations, "operation");
    lines.push(format!("{operations}{}; {} kB.", last.unwrap_or_default(), grouped(kilobytes(overview.file_bytes))));
    lines.extend(overview.read_only.iter().cloned());
    if let Some(bytes) = overview.left_log {
        lines.push(format!(
            "{} kB lie beside the file in its -wal with nobody at it: a copy of the file alone lacks them. Whoever may \
             write the store writes them back by opening it.",
            grouped(kilobytes(bytes))
        ));
    }
    lines
}

fn kilobytes(bytes: u64) -> i64 {
    i64::try_from(bytes.div_ceil(1024)).unwrap_or(i64::MAX)
}

fn object(overview: &Overview) -> Json {
    let mut tables = Map::new();
    for (table, facet, n) in &overview.counts {
        let table = tables.entry(table.info().name).or_insert_with(|| json!({}));
        table[if facet.is_empty() { "rows" } else { facet }] = json!(n);
    }
    let sources = overview.sources.iter().map(|jobs| {
        json!({
            "source_system_key": jobs.source,
            "direction": jobs.direction,
            "success": jobs.success,
            "partial_success": jobs.partial,
            "indeterminate": jobs.indeterminate,
            "failure": jobs.failure,
            "interrupted": jobs.interrupted,
            "last_job": Table::SyncJobs.row_name(jobs.last_job),
            "last_created": time::rfc3339(jobs.last_created),
        })
    });
    json!({
        "tables": tables,
        "stale": overview.stale.n,
        "oldest_pending": overview.oldest_pending.map(time::rfc3339),
        "low_confidence": overview.low_confidence.n,
        "proposed_lists": overview.proposed_lists,
        "jobs_of_seven_days": sources.collect::<Vec<_>>(),
        "operations": overview.operations,
        "last_operation_at": overview.last_operation_at.map(time::rfc3339),
        "file_bytes": overview.file_bytes,
        "left_log_bytes": overview.left_log,
        "read_only": overview.read_only,
    })
}
