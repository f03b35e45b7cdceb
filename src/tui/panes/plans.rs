//! What row actions would do to a row, and where the cause of what went wrong with it stands: the panes' rules.
//!
//! They stand apart from the descriptions, so that a description stays a page that one reads at a glance.

use super::{Plan, Subject, Target, alike, alike_and, linked, subject};
use crate::engine::{Attested, Verb};
use crate::model::choice::{Direction, ItemState, JobState, LedgerAspect, LedgerStatus, MapState, StateCode};
use crate::model::filter::quoted;
use crate::model::table::NEW_TARGET;
use crate::model::text::{counted, normal};
use crate::model::{Row, Table, code};
use crate::store::FieldKey;
use crate::tui::bulk::Bulk;

/// The filter's names for a source's key, with the fields of an item that hold it.
pub const KEY: &[(&str, &str)] = &[("key", "external_key"), ("source", "source_system_key"), ("table", "target_table")];

/// What makes two entries the same change.
const CHANGE: &[(&str, &str)] =
    &[("table", "target_table"), ("field", "aspect_key"), ("value", "value"), ("source", "source_system_key")];

pub fn is_active(row: &Row) -> bool {
    row.int("statecode") == Some(StateCode::Active.code())
}

// ── Ledger entries ──────────────────────────────────────────────────────────────────────────────────────────────────

/// The record of an entry that is about a field or a record, and not about a table or a delivery.
pub fn entry_record(row: &Row) -> Option<Subject> {
    match LedgerAspect::from_code(row.int("ledger_aspect")?)? {
        LedgerAspect::Field => subject(row, Some("aspect_key")),
        LedgerAspect::Record => subject(row, None),
        _ => None,
    }
}

/// The field that an entry is about, whose value in force stands beside it.
pub fn entry_field(row: &Row) -> Option<FieldKey> {
    let text = |name| row.text(name).to_string();
    Some((text("target_table"), text("target_id"), text("aspect_key")))
}

/// A decision on an active entry that stands where the decision takes it from.
pub fn decide(row: &Row, verb: Verb, from: LedgerStatus) -> Option<Plan> {
    stands(row, from).then_some(Plan::Decide(verb))
}

/// The decision on every entry that is the same change as this one: people decide those at one look.
pub fn decide_alike(row: &Row, verb: Verb, from: LedgerStatus) -> Option<Plan> {
    let condition = format!("status:{} is:active", from.label());
    match alike_and(row, CHANGE, &condition).filter(|_| stands(row, from))? {
        Target::Filter(filter) => Some(Plan::Preview(Bulk::Decide(verb), filter)),
        Target::Row(..) => None,
    }
}

fn stands(row: &Row, status: LedgerStatus) -> bool {
    is_active(row) && row.int("ledger_status") == Some(status.code())
}

pub fn pin(row: &Row, pinned: bool) -> Option<Plan> {
    let certified = row.int("ledger_status") == Some(LedgerStatus::Certified.code());
    (certified && row.int("pinned") == Some(i64::from(!pinned))).then_some(Plan::Pin(pinned))
}

// ── Attesting ───────────────────────────────────────────────────────────────────────────────────────────────────────

/// Vouching for the record that a row is about, or for the delivery that a job took in.
pub fn attest(row: &Row, record: Option<Subject>) -> Option<Plan> {
    let scope = match (row.table, record) {
        (Table::SyncJobs, _) => delivered(row).then_some(Attested::File { job: row.id })?,
        (_, Some(record)) => Attested::Record { target_table: record.table, target_id: record.target },
        (_, None) => return None,
    };
    Some(Plan::Attest(scope))
}

/// A delivery that counts, whole or not.
pub fn withdraw(row: &Row) -> Option<Plan> {
    let inbound = row.int("direction") == Some(Direction::Inbound.code());
    (inbound && is_active(row)).then_some(Plan::Withdraw(row.id))
}

/// What to do about a delivery that is not whole, or that counts no more.
pub(super) fn job_advice(row: &Row) -> Option<String> {
    if row.int("state") == Some(JobState::Interrupted.code()) {
        let taken = counted(row.int("records").unwrap_or_default(), "record");
        return Some(format!("Interrupted after {taken}. Deliver the same file again to go on, or withdraw it."));
    }
    let message = row.text("process_message");
    let dot = if message.ends_with('.') { "" } else { "." };
    (!is_active(row) && !message.is_empty())
        .then(|| format!("{message}{dot} An undo in the history takes it up again."))
}

/// A job that took in a whole file.
fn delivered(row: &Row) -> bool {
    let inbound = row.int("direction") == Some(Direction::Inbound.code());
    inbound && is_active(row) && !row.text("delivery_sha256").is_empty() && row.int("finished_on").is_some()
}

/// A policy may speak of every table.
pub fn attest_table(row: &Row) -> Option<Plan> {
    let table = row.text("target_table");
    let named = !table.is_empty() && table != "*";
    named.then(|| Plan::Attest(Attested::Table { target_table: table.into() }))
}

// ── Identifiers ─────────────────────────────────────────────────────────────────────────────────────────────────────

/// What a delivery came by keeps its key; the record that the key stands for can be put right.
pub fn edit_identifier(row: &Row) -> Option<Plan> {
    const KEY_TOO: &[&str] = &["source_system_key", "external_key", "target_table", "target_id", NEW_TARGET.name];
    let names = if row.int("last_seen_date_time").is_some() { &KEY_TOO[3..] } else { KEY_TOO };
    is_active(row).then_some(Plan::Edit(names))
}

pub fn retire_identifier(row: &Row) -> Option<Plan> {
    is_active(row).then_some(Plan::Retire(row.id, row.int("row_version")?))
}

// ── Sync items ──────────────────────────────────────────────────────────────────────────────────────────────────────

/// The active item's state.
fn state(row: &Row) -> Option<ItemState> {
    row.int("state").filter(|_| is_active(row)).and_then(ItemState::from_code)
}

/// Whether an item did not go on, and may be tried again: what goes out is sent again instead, unless it waits for a
/// person's word.
fn can_be_tried(row: &Row) -> bool {
    let open = matches!(state(row), Some(ItemState::Held | ItemState::Failed | ItemState::Parked));
    open && row.text("code") != code::AMBIGUOUS_REVERSE.code
}

pub fn retry(row: &Row) -> Option<Plan> {
    can_be_tried(row).then_some(Plan::Retry)
}

/// An item that stands for a whole record has no field to put a value in.
pub fn edit_input(row: &Row) -> Option<Plan> {
    let delivered = !code::find(row.text("code")).is_some_and(code::Code::waits_for_word);
    (can_be_tried(row) && delivered && !row.text("field_name").is_empty()).then_some(Plan::EditInput)
}

pub fn park(row: &Row) -> Option<Plan> {
    match state(row)? {
        ItemState::Held | ItemState::Failed => Some(Plan::Park(true)),
        ItemState::Parked => Some(Plan::Park(false)),
        _ => None,
    }
}

/// What did not go on can be closed for good, and once.
pub fn close(row: &Row) -> Option<Plan> {
    matches!(state(row)?, ItemState::Held | ItemState::Failed | ItemState::Parked).then_some(Plan::Close)
}

/// A held item that waits for a value map can have its code mapped.
pub fn map_of_item(row: &Row) -> Option<Plan> {
    let held = state(row) == Some(ItemState::Held);
    row.int("value_map").filter(|_| held).map(Plan::Map)
}

/// What an item's code speaks of: the map, the policy, the identifier or the delivery; of one that went on its entry.
pub fn cause_of_item(row: &Row) -> Option<(Table, Target)> {
    let Some(code) = code::find(row.text("code")) else { return Some((Table::Ledger, linked(row, "ledger")?)) };
    Some(match code {
        _ if code.of_input() => (Table::SyncJobs, linked(row, "integration_sync_job")?),
        code if code == code::TWO_POLICIES || code == code::BAD_RANKING => (Table::CommitPolicies, policies(row)?),
        code if code == code::TWO_TARGETS => (Table::Identifiers, alike(row, KEY)?),
        // There is none for the key itself: those of its source show what its keys look like.
        code if code == code::UNKNOWN_KEY => (Table::Identifiers, alike(row, &KEY[1..])?),
        code if code == code::AMBIGUOUS_REVERSE => (Table::ValueMaps, alike(row, &[("canonical", "new_value")])?),
        code if code == code::TOO_LONG_FOR_CODE => return None,
        _ => (Table::ValueMaps, linked(row, "value_map").or_else(|| maps(row))?),
    })
}

/// The policies that may speak of the item's field.
fn policies(row: &Row) -> Option<Target> {
    let Target::Filter(table) = alike(row, &[("table", "target_table")])? else { return None };
    Some(Target::Filter(format!("{table},* is:active")))
}

/// The maps in force for the delivered code, whatever their source and list.
fn maps(row: &Row) -> Option<Target> {
    let code = normal(row.text("raw_value"));
    (!code.is_empty()).then(|| Target::Filter(format!("normal:{} is:active", quoted(&code))))
}

// ── Value maps ──────────────────────────────────────────────────────────────────────────────────────────────────────

/// Of a retired map, too, what came through it is decided on again.
pub fn map_is_decided(row: &Row) -> bool {
    let decided = [MapState::Active, MapState::NoMatch].map(|state| Some(state.code()));
    !is_active(row) || decided.contains(&row.int("state"))
}

pub fn retire(row: &Row) -> Option<Plan> {
    (is_active(row) && map_is_decided(row)).then_some(Plan::Retire(row.id, row.int("row_version")?))
}

/// A map that is in force is changed in the form, where its old code stands beside the new.
pub fn map(row: &Row) -> Option<Plan> {
    let open = row.int("state") != Some(MapState::Active.code());
    (open && is_active(row)).then_some(Plan::Map(row.id))
}

/// What is wrong with this item, with its line where it has one, and what to do.
pub(super) fn item_advice(row: &Row) -> Option<String> {
    let code = code::find(row.text("code"))?;
    let message = row.text("process_message");
    let said = message.strip_prefix(&format!("[{}] ", code.code)).filter(|said| !said.is_empty());
    let said = match said {
        Some(said) if said.contains(code.remedy) => said.to_string(),
        Some(said) => format!("{said} {}", code.remedy),
        None => format!("{} {}", code.cause, code.remedy),
    };
    let aside = match row.int("state").and_then(ItemState::from_code) {
        Some(ItemState::Closed) => return Some(format!("{} Closed for good. It was: {said}", code.code)),
        Some(ItemState::Parked) if !said.contains("Parked: ") => {
            "Parked: nothing releases it until it is taken up again. "
        }
        _ => "",
    };
    Some(format!("{} {aside}{said}", code.code))
}
