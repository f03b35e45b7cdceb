//! Sync jobs: one for each delivery, with where its values stand.

use super::{Column, Link, PaneSpec, RowAct, RowAction, View, Width::*, alike, alike_and, plans};
use crate::model::Table;

pub static PANE: PaneSpec = PaneSpec {
    table: Table::SyncJobs,
    tab: ["Jobs", "Jobs"],
    columns: &[
        Column { field: "job_id", title: "Job", width: Name },
        Column { field: "submitted_date_time", title: "Submitted", width: Cells(16) },
        Column { field: "source_system_key", title: "Source", width: Fill(9) },
        Column { field: "target_table", title: "Table", width: Fill(9) },
        Column { field: "state", title: "State", width: Cells(15) },
        Column { field: "items", title: "Items", width: Cells(8) },
        Column { field: "applied", title: "Applied", width: Cells(8) },
        Column { field: "waiting", title: "Waiting", width: Cells(8) },
        Column { field: "held", title: "Held", width: Cells(7) },
        Column { field: "failed", title: "Failed", width: Cells(7) },
        Column { field: "file_name", title: "File", width: Fill(20) },
    ],
    detail: &[
        &["state", "submitted_date_time"],
        &["records", "items"],
        &["applied", "unchanged"],
        &["waiting", "held"],
        &["failed", "superseded"],
        &["file_name"],
        &["process_message"],
        &["entity_type", "direction"],
        &["delivery_id", "key_column"],
        &["delivery_sha256"],
        &["created_by", "finished_on"],
    ],
    views: &[
        View { name: "Newest first", filter: "", sort: "-id" },
        View { name: "Not all applied", filter: "-is:success -is:withdrawn", sort: "-id" },
        View { name: "Failed", filter: "is:failure", sort: "-id" },
        View { name: "Interrupted", filter: "is:interrupted", sort: "-id" },
        View { name: "Withdrawn", filter: "is:withdrawn", sort: "-id" },
        View { name: "Most held", filter: "held>0", sort: "-held" },
    ],
    links: &[
        Link {
            title: "Items not applied",
            to: Table::SyncItems,
            target: |row| alike_and(row, ITEMS, "state:held,failed is:active"),
        },
        Link { title: "All its items", to: Table::SyncItems, target: |row| alike(row, ITEMS) },
        Link {
            title: "Jobs of this source",
            to: Table::SyncJobs,
            target: |row| alike(row, &[("source", "source_system_key")]),
        },
    ],
    actions: &[RowAction { act: RowAct::Revoke, plan: plans::withdraw }],
    bulk: &[],
    advice: plans::job_advice,
    in_force: super::no_field,
    cause: super::no_cause,
    record: super::no_record,
    filled_by: "One a delivery: steward ingest FILE --source S --table T --key COLUMN",
};

const ITEMS: &[(&str, &str)] = &[("job", "job_id")];
