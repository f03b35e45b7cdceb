//! Value maps: what a source's code means in a code list.

use super::plans::{self, is_active, map_is_decided};
use super::{Column, Link, PaneSpec, Plan, RowAct, RowAction, View, Width::*, alike, alike_and, no_advice};
use crate::engine::Reevaluated;
use crate::model::Table;

pub static PANE: PaneSpec = PaneSpec {
    table: Table::ValueMaps,
    tab: ["Value Maps", "Maps"],
    columns: &[
        Column { field: "map_id", title: "Map", width: Name },
        Column { field: "source_code", title: "Source code", width: Fill(15) },
        Column { field: "code_list", title: "Code list", width: Cells(13) },
        Column { field: "waiting", title: "Waiting", width: Cells(9) },
        Column { field: "canonical_code_value", title: "Canonical", width: Cells(11) },
        Column { field: "confidence", title: "Conf.", width: Cells(6) },
        Column { field: "state", title: "State", width: Cells(9) },
        Column { field: "source_system_key", title: "Source", width: Cells(10) },
        Column { field: "source_label", title: "Label", width: Fill(16) },
    ],
    detail: &[
        &["source_code"],
        &["source_label"],
        &["source_system_key", "code_list"],
        &["canonical_code_value", "confidence"],
        &["state", "waiting"],
        &["relationship", "justification"],
        &["note"],
        &["author", "modified_on"],
    ],
    views: &[
        View { name: "Unmapped first", filter: "is:proposed", sort: "-waiting" },
        View { name: "Mapped", filter: "is:active", sort: "-id" },
        View { name: "Low confidence", filter: "confidence<0.8", sort: "confidence" },
        View { name: "Flagged", filter: "is:flagged", sort: "-waiting" },
        View { name: "No match", filter: "state:\"No match\"", sort: "-id" },
        View { name: "All, newest first", filter: "", sort: "-id" },
        View { name: "In conflict", filter: "is:conflict", sort: "source_code" },
        View { name: "Canonical code retired", filter: "is:retired-code", sort: "-id" },
        View { name: "Out of use", filter: "is:inactive", sort: "-id" },
    ],
    links: &[
        Link {
            title: "Items that wait for this map",
            to: Table::SyncItems,
            target: |row| row.int("waiting").filter(|n| *n > 0).and_then(|_| alike_and(row, ITEMS, "is:held")),
        },
        Link { title: "Items that met this map", to: Table::SyncItems, target: |row| alike(row, ITEMS) },
        Link {
            title: "Maps of this code list",
            to: Table::ValueMaps,
            target: |row| alike(row, &[("list", "code_list")]),
        },
    ],
    actions: &[
        RowAction { act: RowAct::Map, plan: plans::map },
        RowAction { act: RowAct::Edit, plan: |row| is_active(row).then_some(Plan::Edit(EDITED)) },
        RowAction { act: RowAct::Revoke, plan: plans::retire },
        RowAction {
            act: RowAct::Reevaluate,
            plan: |row| map_is_decided(row).then_some(Plan::Reevaluate(Reevaluated::Map(row.id))),
        },
        RowAction { act: RowAct::Past, plan: |row| Some(Plan::Past(row.id)) },
    ],
    bulk: &[],
    advice: no_advice,
    in_force: super::no_field,
    cause: super::no_cause,
    record: super::no_record,
    filled_by: "One for each new code; or from a file: steward import value-maps FILE",
};

const ITEMS: &[(&str, &str)] = &[("map", "map_id")];

/// What the form edits, in its order: source, list and code are what the map is about.
const EDITED: &[&str] = &["source_label", "canonical_code_value", "confidence", "relationship", "preferred", "note"];
