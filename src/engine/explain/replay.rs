//! Which row of the decision table put a candidate where it is.
//!
//! The row is not recorded, but all that it followed from is. So the same pure decision is taken once more, on the field
//! as it was just before. The one thing that may not be known, whether the value in force was stale, shows in what was
//! done: a verdict that would have done something else is not the one that was given.

use super::clock::clock;
use super::moment::{Moment, entry, is_active, text};
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::code;
use crate::model::fact::Entry;
use crate::model::row::Row;
use crate::model::versions::Versions;
use crate::rules::reevaluation::{Standing, reevaluate};
use crate::rules::survivorship::holder;
use crate::rules::verdict::{Action, Age, Facts, Holder, decide};

/// The row for a ledger entry; `None` for a value that a person stated, and where nothing fits.
pub(super) fn row_of_entry(moment: Moment, versions: &Versions) -> Option<u8> {
    let typed = typed(moment, versions.as_made().int("sync_item")?);
    let made = entry(versions.as_made())?;
    let moment = moment.before(versions);
    let policy = moment.policy();
    let rivals = rivals(moment, versions);
    let holder = holder(&rivals);
    let stale = clock(moment).and_then(|clock| clock.stale).unwrap_or(false);
    let verdict = |stale| {
        decide(&Facts {
            mode: policy.mode,
            auto_certify: policy.auto_certify,
            typed,
            place: policy.ranking.place(&made.source),
            confident: true,
            age: age(&made),
            own_last: None,
            repeats_own: false,
            equals_current: false,
            holder: holder.map(|holder| Holder {
                rank: holder.rank,
                age: age(holder),
                stale,
                pinned: holder.pinned,
                changed_since_pin: false,
            }),
        })
    };
    let fitting = [stale, !stale].into_iter().map(verdict).find(|verdict| fits(verdict.action, &made));
    fitting.map(|verdict| verdict.row)
}

/// The row by which a re-evaluation put a pending entry where it stands; `None` where nothing fits.
pub(super) fn row_of_reevaluation(moment: Moment, versions: &Versions, operation: i64) -> Option<u8> {
    let after = entry(versions.at(operation)?)?;
    let at = moment.deed(operation).map_or(moment.at, |deed| deed.on);
    let then = Moment { operation: operation - 1, at, ..moment };
    let policy = then.policy();
    let stood = |row: &&Row| {
        let status = row.int("ledger_status").and_then(LedgerStatus::from_code);
        is_active(row) && matches!(status, Some(LedgerStatus::Certified | LedgerStatus::Pending))
    };
    let rows: Vec<&Row> = then.rows(&then.past.entries).map(|(_, row)| row).filter(stood).collect();
    let values: Vec<Option<String>> = rows.iter().map(|row| text(row, "value")).collect();
    let standing: Vec<Standing> = rows
        .iter()
        .zip(&values)
        .filter_map(|(row, value)| {
            let entry = entry(row)?;
            let typed = row.int("sync_item").is_some_and(|item| typed(then, item));
            Some(Standing { value: value.as_deref(), place: policy.ranking.place(&entry.source), typed, entry })
        })
        .collect();
    let (holder, known) = (then.holder(), clock(then).and_then(|clock| clock.stale).unwrap_or(false));
    [known, !known].into_iter().find_map(|stale| {
        let again = reevaluate(&standing, &policy, |rival| stale && Some(rival.id) == holder);
        let renewed = again.renewed.iter().find(|renewed| renewed.id == after.id)?;
        let fits = renewed.live == after.live && renewed.certified == (after.status == LedgerStatus::Certified);
        again.rows.iter().find(|(id, _)| fits && *id == after.id).map(|(_, row)| *row)
    })
}

/// Whether a person typed what an item was an attempt with, there or at an attempt before.
fn typed(moment: Moment, item: i64) -> bool {
    let found = |id: i64| moment.past.items.iter().find(|versions| versions.id() == id).map(Versions::as_made);
    let mut attempt = found(item);
    while let Some(row) = attempt {
        let before = row.int("parent_item").and_then(found);
        if before.is_some_and(|before| text(before, "raw_value") != text(row, "raw_value")) {
            return true;
        }
        attempt = before;
    }
    false
}

/// The row for an item that has no entry; `None` where it never came to the table.
pub(super) fn row_of_item(row: &Row) -> Option<u8> {
    let code = text(row, "code");
    let said = row.text("raw_value").is_empty() || text(row, "new_value").is_some();
    match row.int("state").and_then(ItemState::from_code)? {
        _ if code.as_deref() == Some(code::LOW_CONFIDENCE.code) => Some(9),
        ItemState::Superseded if code.is_none() && is_active(row) => Some(12),
        ItemState::Unchanged if said => Some(10),
        _ => None,
    }
}

/// The entries that an entry met: the older ones, as its operation found or made them.
fn rivals(moment: Moment, versions: &Versions) -> Vec<Entry> {
    let older = moment.past.entries.iter().filter(|other| other.id() < versions.id());
    let found = older.map(|other| other.at(moment.operation).unwrap_or(other.as_made()));
    found.filter_map(entry).collect()
}

fn fits(action: Action, made: &Entry) -> bool {
    match action {
        Action::Write { certified: true } => made.status == LedgerStatus::Certified,
        Action::Write { certified: false } => made.status == LedgerStatus::Pending && made.live,
        Action::Wait { .. } => made.status == LedgerStatus::Pending && !made.live,
        Action::Supersede | Action::Hold | Action::Unchanged { .. } => false,
    }
}

fn age(entry: &Entry) -> Age<'_> {
    Age { source_time: entry.source_time, sequence: entry.sequence, source: &entry.source }
}
