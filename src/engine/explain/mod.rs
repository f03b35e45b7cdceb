//! `explain`: why the value of a field is what it is, or what it was at a time, and why nothing else is.
//!
//! Everything is told from the rows' own past (see [`crate::store::FieldPast`]) by the rules that made it so: now and then
//! are the same code, at another operation of the log. Nothing is written, and nothing is read but by the reader.

mod candidate;
mod clock;
mod decision;
mod moment;
mod reigns;
mod replay;
mod sentences;
mod subject;

pub use candidate::{Candidate, Edit, MapUsed, PolicySince, PolicyUsed, Reevaluated, Standing};
pub use clock::Clock;
pub use sentences::When;
pub use subject::{find_field, find_record, record_called};

use moment::{Moment, is_active};
use reigns::Reigns;

use super::{Error, Refusal};
use crate::model::fact::Entry;
use crate::model::time::{Micros, rfc3339};
use crate::model::{Row, Shown};
use crate::rules::survivorship::{holder, order};
use crate::store::{FieldKey, FieldPast, Reader};

/// What there is to say of the value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub target_table: String,
    pub target_id: String,
    pub field_name: String,
    /// The time that was asked for; none: now.
    pub as_of: Option<Micros>,
    /// The keys of the target, as (source, external key).
    pub identifiers: Vec<(String, String)>,
    /// The value in force, and how long it will be without being confirmed.
    pub in_force: Option<Candidate>,
    pub clock: Option<Clock>,
    /// The entry that would be in force without that one.
    pub next: Option<i64>,
    /// What is not in force: first what may be, in the order in which it would win, then the newest first.
    pub losers: Vec<Candidate>,
}

/// Explains a field (see [`find_field`]) as it is, or as it was at a time.
///
/// # Errors
/// A sentence for a time that is still to come, that was before the store, or before anything was said of the field.
pub fn explain(reader: &Reader, key: &FieldKey, as_of: Option<Micros>) -> Result<Explanation, Error> {
    let past = reader.field_past(key)?;
    let operation = match as_of {
        None => past.end,
        Some(time) if time > past.now => {
            let asked = rfc3339(time);
            return Err(Refusal::Unexplained(format!("{asked} is still to come; ask for a time that was.")).into());
        }
        Some(time) => reader.operation_at(time)?.unwrap_or_default().min(past.end),
    };
    let reigns = Reigns::of(&past);
    let moment = Moment { past: &past, reigns: &reigns, operation, at: as_of.unwrap_or(past.now) };
    let candidates = candidates(moment);
    if candidates.is_empty() {
        return Err(Refusal::Unexplained(nothing_yet(&past, moment.at)).into());
    }
    Ok(explanation(moment, as_of, candidates))
}

fn explanation(moment: Moment, as_of: Option<Micros>, candidates: Vec<Candidate>) -> Explanation {
    let (in_force, losers): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|candidate| candidate.standing == Standing::InForce);
    let (target_table, target_id, field_name) = moment.past.key.clone();
    let stood_for_it =
        |row: &Row| is_active(row) && row.text("target_id") == target_id && row.text("target_table") == target_table;
    let keys = moment.rows(&moment.past.identifiers).filter(|(_, row)| stood_for_it(row));
    let identifiers = keys
        .map(|(_, row)| (row.text("source_system_key").to_string(), row.text("external_key").to_string()))
        .collect();
    Explanation {
        target_table,
        target_id,
        field_name,
        as_of,
        identifiers,
        in_force: in_force.into_iter().next(),
        clock: clock::clock(moment),
        next: next(moment),
        losers,
    }
}

/// Every entry, and every item that has none, the ones that may hold the value first.
fn candidates(moment: Moment) -> Vec<Candidate> {
    let past = moment.past;
    let mut entries = moment.entries();
    let mut candidates: Vec<Candidate> = moment
        .rows(&past.entries)
        .map(|(versions, row)| Candidate::of_entry(moment, versions, row, &entries))
        .collect();
    // An item that goes by an entry is that entry's.
    // One that went along with its key belongs to the record that the key then stood for.
    let of_record = |row: &Row| row.text("target_id") == past.key.1;
    let items = moment.rows(&past.items).filter(|(_, row)| row.int("ledger").is_none() && of_record(row));
    candidates.extend(items.filter_map(|(versions, row)| Candidate::of_item(moment, versions, row)));
    entries.sort_by(order);
    candidates.sort_by_key(|candidate| place(candidate, &entries));
    candidates
}

/// Its place among the entries that may hold the value, else by age.
fn place(candidate: &Candidate, ordered: &[Entry]) -> (usize, i64, i64) {
    let rank = match candidate.standing {
        Standing::InForce => 0,
        Standing::Behind { .. } => {
            ordered.iter().position(|entry| Some(entry.id) == candidate.ledger).map_or(usize::MAX, |at| at + 1)
        }
        _ => usize::MAX,
    };
    (rank, -candidate.source_time, -candidate.ledger.or(candidate.item).unwrap_or_default())
}

/// The entry that survivorship would put in the place of the one in force.
fn next(moment: Moment) -> Option<i64> {
    let in_force = moment.holder();
    let rest: Vec<Entry> = moment.entries().into_iter().filter(|entry| Some(entry.id) != in_force).collect();
    holder(&rest).map(|entry| entry.id)
}

fn nothing_yet(past: &FieldPast, at: Micros) -> String {
    let (table, target, field) = &past.key;
    let first = past.entries.iter().chain(&past.items).filter_map(|row| row.as_made().int("created_on")).min();
    let since = first.map_or_else(String::new, |first| format!(" The first value came on {}.", rfc3339(first)));
    format!(
        "At {} nothing had been said of {} of {} {} yet.{since}",
        rfc3339(at),
        Shown(field),
        Shown(table),
        Shown(target)
    )
}
