//! Value maps: what a source's code means in a code list.

use super::{Column, Link, PaneSpec, Plan, RowAct, RowAction, View, Width::*, alike, alike_and, no_advice};
use crate::model::Table;

pub static PANE: PaneSpec = PaneSpec {
    table: Table::ValueMaps,
    tab: ["Value Maps", "Maps"],
    columns: &[
        Column { field: "map_id", title: "Map", width: Cells(11) },
        Column { field: "source_code", title: "Source code", width: Fill(15) },
        Column { field: "code_list", title: "Code list", width: Cells(13) },
        Column { field: "waiting", title: "Waiting", width: Cells(8) },
        Column { field: "canonical_code_value", title: "Canonical", width: Cells(10) },
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
        RowAction { act: RowAct::Map, plan: |row| Some(Plan::Map(row.id)) },
        RowAction { act: RowAct::Edit, plan: |_| Some(Plan::Edit(EDITED)) },
    ],
    bulk: &[],
    advice: no_advice,
    filled_by: "A delivered code without a map proposes one; or: steward import value-maps FILE",
};

const ITEMS: &[(&str, &str)] = &[("map", "map_id")];

/// What the form edits, in its order.
const EDITED: &[&str] = &[
    "source_system_key",
    "code_list",
    "source_code",
    "source_label",
    "canonical_code_value",
    "confidence",
    "relationship",
    "note",
];
