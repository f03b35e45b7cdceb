//! Identifiers: which target record a source's external key stands for.

use super::plans;
use super::{Column, Link, PaneSpec, RowAct, RowAction, View, Width::*, alike, no_advice};
use crate::model::Table;

pub static PANE: PaneSpec = PaneSpec {
    table: Table::Identifiers,
    tab: ["Identifiers", "Idents"],
    columns: &[
        Column { field: "identifier_id", title: "Identifier", width: Cells(12) },
        Column { field: "external_key", title: "External key", width: Fill(16) },
        Column { field: "source_system_key", title: "Source", width: Cells(10) },
        Column { field: "target_table", title: "Table", width: Cells(12) },
        Column { field: "last_seen_date_time", title: "Last seen", width: Cells(16) },
        Column { field: "target_id", title: "Target", width: Fill(36) },
        Column { field: "first_seen_date_time", title: "First seen", width: Cells(16) },
    ],
    detail: &[
        &["external_key", "source_system_key"],
        &["target_table", "statecode"],
        &["target_id"],
        &["first_seen_date_time", "last_seen_date_time"],
    ],
    views: &[
        View { name: "Newest first", filter: "", sort: "-id" },
        View { name: "Oldest links", filter: "is:active", sort: "last_seen_date_time" },
        View { name: "By external key", filter: "", sort: "external_key" },
        View { name: "Inactive", filter: "is:inactive", sort: "-id" },
    ],
    links: &[
        Link { title: "Sync items of this record", to: Table::SyncItems, target: |row| alike(row, TARGET) },
        Link { title: "Ledger entries of this record", to: Table::Ledger, target: |row| alike(row, TARGET) },
        Link { title: "All keys of this record", to: Table::Identifiers, target: |row| alike(row, TARGET) },
        Link {
            title: "Commit policies of this table",
            to: Table::CommitPolicies,
            target: |row| alike(row, &[("table", "target_table")]),
        },
    ],
    actions: &[
        RowAction { act: RowAct::Edit, plan: plans::edit_identifier },
        RowAction { act: RowAct::Revoke, plan: plans::retire_identifier },
    ],
    bulk: &[],
    advice: no_advice,
    in_force: super::no_field,
    cause: super::no_cause,
    record: |row| super::subject(row, None),
    filled_by: "One for each key of a source; Sync Jobs says how a delivery comes in.",
};

const TARGET: &[(&str, &str)] = &[("target", "target_id"), ("table", "target_table")];
