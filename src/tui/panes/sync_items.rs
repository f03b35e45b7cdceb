//! Sync items: one delivered value of one field of one record.

use super::{Column, Link, PaneSpec, Plan, RowAct, RowAction, Target, View, Width::*, alike, linked};
use crate::model::choice::{ItemState, StateCode};
use crate::model::filter::quoted;
use crate::model::text::normal;
use crate::model::{Row, Table, code};
use crate::tui::bulk::Bulk;

pub static PANE: PaneSpec = PaneSpec {
    table: Table::SyncItems,
    tab: ["Items", "Items"],
    columns: &[
        Column { field: "item_id", title: "Item", width: Cells(11) },
        Column { field: "external_key", title: "Record key", width: Cells(14) },
        Column { field: "field_name", title: "Field", width: Cells(15) },
        Column { field: "raw_value", title: "Delivered", width: Fill(14) },
        Column { field: "state", title: "State", width: Cells(9) },
        Column { field: "code", title: "Code", width: Cells(5) },
        Column { field: "source_system_key", title: "Source", width: Cells(10) },
        Column { field: "integration_sync_job", title: "Job", width: Cells(11) },
        Column { field: "value_map", title: "Map", width: Cells(11) },
        Column { field: "new_value", title: "New value", width: Fill(14) },
        Column { field: "ledger", title: "Ledger", width: Cells(11) },
    ],
    detail: &[
        &["raw_value"],
        &["new_value", "old_value"],
        &["external_key", "source_system_key"],
        &["target_table", "field_name"],
        &["target_id"],
        &["state", "source_date_time"],
        &["integration_sync_job", "applied_date_time"],
        &["value_map", "commit_policy"],
        &["ledger", "attempt"],
        &["process_message"],
    ],
    views: &[
        View { name: "Not applied", filter: "state:held,failed is:active", sort: "-id" },
        View { name: "Held", filter: "is:held", sort: "-id" },
        View { name: "Failed", filter: "is:failed", sort: "-id" },
        View { name: "Waiting for a reviewer", filter: "is:waiting", sort: "-id" },
        View { name: "All, newest first", filter: "", sort: "-id" },
        View { name: "Parked", filter: "is:parked", sort: "-id" },
    ],
    links: &[
        Link { title: "Value map", to: Table::ValueMaps, target: |row| linked(row, "value_map") },
        Link { title: "Sync job", to: Table::SyncJobs, target: |row| linked(row, "integration_sync_job") },
        Link { title: "Identifier", to: Table::Identifiers, target: |row| alike(row, KEY) },
        Link { title: "Commit policy", to: Table::CommitPolicies, target: |row| linked(row, "commit_policy") },
        Link { title: "Ledger entry", to: Table::Ledger, target: |row| linked(row, "ledger") },
        Link { title: "Ledger entries of this field", to: Table::Ledger, target: |row| alike(row, FIELD) },
        Link { title: "Items of this field", to: Table::SyncItems, target: |row| alike(row, FIELD) },
    ],
    actions: &[
        RowAction { act: RowAct::Map, plan: map },
        RowAction { act: RowAct::Retry, plan: retry },
        RowAction { act: RowAct::Park, plan: park },
        RowAction { act: RowAct::Edit, plan: edit },
    ],
    bulk: &[Bulk::Retry, Bulk::Park],
    advice,
    in_force: super::no_field,
    cause,
    record: |row| super::subject(row, Some("field_name")),
    filled_by: "One for each new or changed value of a delivery: steward ingest FILE …",
};

const KEY: &[(&str, &str)] = &[("key", "external_key"), ("source", "source_system_key"), ("table", "target_table")];
const FIELD: &[(&str, &str)] = &[("target", "target_id"), ("field", "field_name")];

/// The active row's state.
fn state(row: &Row) -> Option<ItemState> {
    let active = row.int("statecode") == Some(StateCode::Active.code());
    row.int("state").filter(|_| active).and_then(ItemState::from_code)
}

/// Whether an item did not go on, and was delivered: what is to go out is exported again instead.
fn can_be_tried(row: &Row) -> bool {
    let open = matches!(state(row), Some(ItemState::Held | ItemState::Failed | ItemState::Parked));
    open && row.text("code") != code::AMBIGUOUS_REVERSE.code
}

fn retry(row: &Row) -> Option<Plan> {
    can_be_tried(row).then_some(Plan::Retry)
}

/// An item that stands for a whole record has no field to put a value in.
fn edit(row: &Row) -> Option<Plan> {
    (can_be_tried(row) && !row.text("field_name").is_empty()).then_some(Plan::EditInput)
}

fn park(row: &Row) -> Option<Plan> {
    match state(row)? {
        ItemState::Held | ItemState::Failed => Some(Plan::Park(true)),
        ItemState::Parked => Some(Plan::Park(false)),
        _ => None,
    }
}

/// What an item's code speaks of: the map, the policy, the identifier or the delivery; of one that went on its entry.
fn cause(row: &Row) -> Option<(Table, Target)> {
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

/// The policies that may speak of the row's field.
fn policies(row: &Row) -> Option<Target> {
    let Target::Filter(table) = alike(row, &[("table", "target_table")])? else { return None };
    Some(Target::Filter(format!("{table},* is:active")))
}

/// The maps in force for the delivered code, whatever their source and list.
fn maps(row: &Row) -> Option<Target> {
    let code = normal(row.text("raw_value"));
    (!code.is_empty()).then(|| Target::Filter(format!("normal:{} is:active", quoted(&code))))
}

/// A held item that waits for a value map can have its code mapped.
fn map(row: &Row) -> Option<Plan> {
    let held = state(row) == Some(ItemState::Held);
    row.int("value_map").filter(|_| held).map(Plan::Map)
}

fn advice(row: &Row) -> Option<String> {
    code::find(row.text("code")).map(|code| format!("{} {} {}", code.code, code.cause, code.remedy))
}
