//! The ledger: who vouches for which value.

use super::plans::{self, decide, decide_alike, pin};
use super::{Column, Link, PaneSpec, RowAct, RowAction, View, Width::*, alike, linked, no_advice};
use crate::engine::Verb;
use crate::model::Table;
use crate::model::choice::LedgerStatus;
use crate::tui::bulk::Bulk;

pub static PANE: PaneSpec = PaneSpec {
    table: Table::Ledger,
    tab: ["Ledger", "Ledger"],
    columns: &[
        Column { field: "ledger_id", title: "Entry", width: Name },
        Column { field: "ledger_status", title: "Status", width: Cells(9) },
        Column { field: "external_key", title: "Key", width: Cells(12) },
        Column { field: "aspect_key", title: "Field", width: Cells(16) },
        Column { field: "value", title: "Value", width: Fill(22) },
        Column { field: "source_system_key", title: "Source", width: Cells(9) },
        Column { field: "label", title: "Label", width: Cells(20) },
        Column { field: "target_table", title: "Table", width: Cells(12) },
        Column { field: "live", title: "Live", width: Cells(4) },
        Column { field: "created_on", title: "Created", width: Cells(16) },
        Column { field: "certified_by", title: "By", width: Cells(10) },
        Column { field: "target_id", title: "Target", width: Fill(36) },
    ],
    detail: &[
        &["value"],
        &["reason"],
        &["target_table", "aspect_key"],
        &["external_key", "label"],
        &["target_id"],
        &["ledger_status", "live"],
        &["source_system_key", "source_date_time"],
        &["certified_by", "certified_date_time"],
        &["sync_item", "rank"],
        &["supersedes", "displaced_by"],
        &["notes"],
    ],
    views: &[
        View { name: "Pending", filter: "is:pending", sort: "id" },
        View { name: "Certified", filter: "is:certified", sort: "-id" },
        View { name: "Stale", filter: "is:stale", sort: "id" },
        View { name: "Rejected or revoked", filter: "status:rejected,revoked", sort: "-id" },
        View { name: "Current values", filter: "is:current", sort: "-id" },
        View { name: "All, newest first", filter: "", sort: "-id" },
    ],
    links: &[
        Link { title: "Sync item", to: Table::SyncItems, target: |row| linked(row, "sync_item") },
        Link { title: "Entries of this field", to: Table::Ledger, target: |row| alike(row, FIELD) },
        Link { title: "Entries of this record", to: Table::Ledger, target: |row| alike(row, RECORD) },
        Link { title: "Identifiers of this record", to: Table::Identifiers, target: |row| alike(row, RECORD) },
        Link { title: "Policies of this table", to: Table::CommitPolicies, target: |row| alike(row, &RECORD[1..]) },
        Link { title: "Entry that it supersedes", to: Table::Ledger, target: |row| linked(row, "supersedes") },
        Link { title: "Entry put in front of it", to: Table::Ledger, target: |row| linked(row, "displaced_by") },
    ],
    actions: &[
        RowAction { act: RowAct::Certify, plan: |row| decide(row, Verb::Certify, LedgerStatus::Pending) },
        RowAction { act: RowAct::CertifyAlike, plan: |row| decide_alike(row, Verb::Certify, LedgerStatus::Pending) },
        RowAction { act: RowAct::Reject, plan: |row| decide(row, Verb::Reject, LedgerStatus::Pending) },
        RowAction { act: RowAct::Revoke, plan: |row| decide(row, Verb::Revoke, LedgerStatus::Certified) },
        RowAction { act: RowAct::Reopen, plan: |row| decide(row, Verb::Reopen, LedgerStatus::Rejected) },
        RowAction { act: RowAct::Recertify, plan: |row| decide(row, Verb::Recertify, LedgerStatus::Certified) },
        RowAction { act: RowAct::Pin, plan: |row| pin(row, true) },
        RowAction { act: RowAct::Unpin, plan: |row| pin(row, false) },
    ],
    bulk: &[Bulk::Decide(Verb::Certify), Bulk::Decide(Verb::Reject), Bulk::Decide(Verb::Revoke)],
    advice: no_advice,
    in_force: plans::entry_field,
    cause: super::no_cause,
    record: plans::entry_record,
    filled_by: "One for each value that somebody vouches for; Sync Jobs says how a delivery comes in.",
};

const FIELD: &[(&str, &str)] = &[("target", "target_id"), ("field", "aspect_key")];
const RECORD: &[(&str, &str)] = &[("target", "target_id"), ("table", "target_table")];
