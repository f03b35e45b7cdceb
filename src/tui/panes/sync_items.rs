//! Sync items: one delivered value of one field of one record.

use super::plans::{self, KEY};
use super::{Column, Link, PaneSpec, RowAct, RowAction, View, Width::*, alike, linked};
use crate::model::Table;
use crate::tui::bulk::Bulk;

pub static PANE: PaneSpec = PaneSpec {
    table: Table::SyncItems,
    tab: ["Items", "Items"],
    columns: &[
        Column { field: "item_id", title: "Item", width: Name },
        Column { field: "external_key", title: "External key", width: Cells(14) },
        Column { field: "field_name", title: "Field", width: Cells(15) },
        Column { field: "raw_value", title: "Raw value", width: Fill(14) },
        Column { field: "state", title: "State", width: Cells(9) },
        Column { field: "code", title: "Code", width: Cells(5) },
        Column { field: "source_system_key", title: "Source", width: Cells(10) },
        Column { field: "integration_sync_job", title: "Job", width: Name },
        Column { field: "value_map", title: "Map", width: Name },
        Column { field: "new_value", title: "New value", width: Fill(14) },
        Column { field: "ledger", title: "Ledger", width: Name },
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
        View { name: "Closed", filter: "is:closed", sort: "-id" },
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
        RowAction { act: RowAct::Map, plan: plans::map_of_item },
        RowAction { act: RowAct::Retry, plan: plans::retry },
        RowAction { act: RowAct::Park, plan: plans::park },
        RowAction { act: RowAct::Close, plan: plans::close },
        RowAction { act: RowAct::Edit, plan: plans::edit_input },
    ],
    bulk: &[Bulk::Retry, Bulk::Park, Bulk::Close],
    advice: plans::item_advice,
    in_force: super::no_field,
    cause: plans::cause_of_item,
    record: |row| super::subject(row, Some("field_name")),
    filled_by: "One for each new or changed value; Sync Jobs says how a delivery comes in.",
};

const FIELD: &[(&str, &str)] = &[("target", "target_id"), ("field", "field_name")];
