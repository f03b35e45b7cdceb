//! Commit policies: when a delivered value is written, and who must certify it.

use super::plans::is_active;
use super::{Column, Link, PaneSpec, Plan, RowAct, RowAction, View, Width::*, alike, no_advice};
use crate::engine::Reevaluated;
use crate::model::{Row, Table};

pub static PANE: PaneSpec = PaneSpec {
    table: Table::CommitPolicies,
    tab: ["Policies", "Policies"],
    columns: &[
        Column { field: "policy_id", title: "Policy", width: Name },
        Column { field: "target_table", title: "Table", width: Cells(12) },
        Column { field: "field_name", title: "Field", width: Fill(14) },
        Column { field: "commit_mode", title: "Mode", width: Cells(10) },
        Column { field: "auto_certify", title: "Auto", width: Cells(5) },
        Column { field: "authoritative_sources", title: "Sources", width: Fill(14) },
        Column { field: "stale_after_days", title: "Stale", width: Cells(6) },
        Column { field: "statecode", title: "State", width: Cells(8) },
    ],
    detail: &[
        &["target_table", "field_name"],
        &["commit_mode", "auto_certify"],
        &["authoritative_sources"],
        &["stale_after_days", "statecode"],
        &["modified_on", "modified_by"],
    ],
    views: &[
        View { name: "All", filter: "", sort: "target_table" },
        View { name: "Newest first", filter: "", sort: "-id" },
        View { name: "Inactive", filter: "is:inactive", sort: "-id" },
    ],
    links: &[
        Link { title: "Ledger entries it rules", to: Table::Ledger, target: ruled },
        Link { title: "Sync items it rules", to: Table::SyncItems, target: ruled },
        Link {
            title: "Policies of this table",
            to: Table::CommitPolicies,
            target: |row| alike(row, &[("table", "target_table")]),
        },
    ],
    actions: &[
        RowAction { act: RowAct::Edit, plan: |row| is_active(row).then_some(Plan::Edit(EDITED)) },
        RowAction { act: RowAct::Reevaluate, plan: |row| Some(Plan::Reevaluate(Reevaluated::Policy(row.id))) },
    ],
    bulk: &[],
    advice: no_advice,
    in_force: super::no_field,
    cause: super::no_cause,
    record: super::no_record,
    filled_by: "From a file: steward import policies FILE",
};

/// What the form edits, in its order: table and field are the policy's place.
const EDITED: &[&str] = &["commit_mode", "auto_certify", "authoritative_sources", "stale_after_days"];

/// The rows of the policy's field; of the whole table where it speaks of every field.
fn ruled(row: &Row) -> Option<super::Target> {
    let every_field = matches!(row.text("field_name"), "" | "*");
    let pairs = [("table", "target_table"), ("field", "field_name")];
    alike(row, if every_field { &pairs[..1] } else { &pairs })
}
