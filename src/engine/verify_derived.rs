//! What is kept beside the rows, computed again from them: values in force, counters, statuses, counts.

use anyhow::Result;

use super::settle::counters_of;
use crate::model::Shown;
use crate::model::choice::ItemState;
use crate::model::table::Table;
use crate::model::text::{counted, grouped};
use crate::rules::status::job_status;
use crate::rules::survivorship::holder;
use crate::store::Reader;

/// Rows of a kind that are named at most.
pub(super) const ROWS: usize = 20;

/// Where it does not follow from the rows, a sentence each.
pub(super) fn derived(reader: &Reader) -> Result<Vec<String>> {
    let mut lines = values(reader)?;
    reader.recount_jobs(|job| {
        let name = Table::SyncJobs.row_name(job.kept.job);
        let agrees = ItemState::ALL.iter().all(|state| {
            let (kept, counted) = (job.kept.states[*state as usize], job.counted.states[*state as usize]);
            if *state == ItemState::Unchanged { kept >= counted } else { kept == counted }
        });
        if !agrees {
            lines.push(format!("{name}: its counters are not what its items say."));
        } else if job.status != job_status(&counters_of(&job.kept)) {
            lines.push(format!("{name}: its status does not follow from its counters."));
        } else if job.items != job.kept.states.iter().sum::<i64>() {
            lines.push(format!("{name}: its number of items is not the sum of its counters."));
        } else if let Some((taken, first, last)) = job.records.filter(|(taken, first, last)| *first < 1 || last > taken)
        {
            lines.push(format!(
                "{name}: it took {} in, and has items of the records {} to {}.",
                counted(taken, "record"),
                grouped(first),
                grouped(last)
            ));
        }
    })?;
    lines.extend(reader.recount_rows()?.into_iter().map(|line| format!("Counts: {}.", Shown(&line))));
    lines.extend(reader.unlike_their_changes(ROWS)?.into_iter().map(|line| format!("Changes: {}.", Shown(&line))));
    Ok(lines)
}

/// The values in force that are not what survivorship says of the ledger.
fn values(reader: &Reader) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    reader.each_field(|facts, kept| {
        let entries: Vec<_> = facts.iter().map(|fact| fact.entry.clone()).collect();
        let winner = holder(&entries).and_then(|winner| facts.iter().find(|fact| fact.entry.id == winner.id));
        let expected = winner.map(|winner| (winner.value.clone(), winner.entry.id));
        if expected != kept {
            let (table, target, field) = &facts[0].key;
            lines.push(format!(
                "{} {}, {}: the value in force is not the one of the ledger.",
                Shown(table),
                Shown(target),
                Shown(field)
            ));
        }
    })?;
    let unfounded = reader.unfounded_values()?;
    if unfounded > 0 {
        lines.push(format!("{} in force without a ledger entry.", counted(unfounded, "value")));
    }
    Ok(lines)
}
