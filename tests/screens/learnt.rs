//! One code for several value maps, and legal holds: acts that the workbench learnt from the command line.

use super::harness::{Harness, import};
use super::{LARGE, SMALL, golden, lacks, shows};
use steward::engine::Import;
use steward::model::Table;
use steward::model::query::{Position, Query};

#[test]
fn marked_value_maps_are_given_one_code_by_way_of_the_preview() {
    for (size, name) in [(SMALL, "map_marked"), (LARGE, "map_marked_large")] {
        let mut harness = Harness::agency(size);
        harness.keys("2 g Space Space");
        shows(&harness, "m map 2");
        golden(name, harness.keys("m 'firm'"));
        // Nothing is done before its numbers are there.
        golden(&format!("{name}_preview"), harness.keys("Enter"));
        shows(&harness, "the 2 value maps you marked, all to J");
        let before = harness.rows_of_log();
        shows(harness.keys("Tab Tab Enter"), "Decided 2 codes");
        assert_eq!(harness.rows_of_log(), before + 1);
        assert!(harness.app.overlays.is_empty(), "{}", harness.text());
        lacks(&harness, "2 marked");
        // One undo takes both back.
        harness.keys("u");
        let filter = "is:proposed";
        let query = Query {
            filter: steward::model::filter::Filter::parse(Table::ValueMaps, filter).unwrap(),
            ..Query::all(Table::ValueMaps)
        };
        assert_eq!(harness.reader.page(&query, &Position::First, 100).unwrap().rows.len(), 4);
    }
}

#[test]
fn marked_maps_of_two_lists_are_given_no_code() {
    let mut harness = Harness::agency(SMALL);
    import(&mut harness.engine, Import::Codes { list: "color".into() }, &[vec![("code", "R"), ("label", "Red")]]);
    let map = [("code_list", "color"), ("source_code", "r"), ("canonical_code_value", "R"), ("confidence", "1")];
    import(&mut harness.engine, Import::ValueMaps, &[map.to_vec()]);
    harness.send(steward::tui::event::Event::StoreChanged);
    shows(harness.keys("2 f Ctrl+U Enter Ctrl+A m"), "are of 2 code lists (color, contract_type)");
    shows(harness.keys("'x' Enter"), "are of 2 code lists");
    // Editing is for one row, and says so.
    shows(harness.keys("Esc E"), "E is for one row, and there are marks; X clears them.");
}

#[test]
fn a_legal_hold_is_set_seen_and_lifted() {
    for (size, name) in [(SMALL, "legal_hold"), (LARGE, "legal_hold_large")] {
        let mut harness = Harness::agency(size);
        golden(name, harness.keys("6 : 'legal' Enter"));
        shows(harness.keys("Enter"), "A reason is needed");
        shows(harness.keys("'case 12' Enter"), "Set the legal hold HLD-0000001");
        golden(&format!("{name}_seen"), &harness);
        shows(&harness, "HLD-0000001: case 12; on the record");
        // The record's items are held with it, others are not.
        shows(harness.keys(": 'legal' Enter"), "Lift HLD-0000001");
        shows(harness.keys("End Down Down 'closed' Enter"), "Lifted");
        lacks(&harness, "HLD-0000001: case 12");
        // Taking it back sets it again.
        shows(harness.keys("u"), "HLD-0000001: case 12");
        lacks(harness.keys("Down Down"), "HLD-0000001: case 12");
    }
}
