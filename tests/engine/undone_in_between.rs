//! Several acts taken back one after the other, the last one first: each comes back whole, since a later change that was
//! itself taken back does not count.

use std::collections::BTreeMap;

use steward::engine::{Command, Error, MapChoice, Refusal, Rows, Verb};
use steward::model::table::Table;

use crate::bench::Bench;

fn undo(bench: &mut Bench) -> String {
    bench.run(&Command::Undo { operation: None }).unwrap().summary
}

/// Two records with the codes x and y, which wait for their maps.
fn with_codes() -> Bench {
    let mut bench = Bench::new();
    bench.codes("status", &["A", "B"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "x")]), ("2", &[("status", "y")])]);
    bench
}

fn edit_note(bench: &mut Bench, map: usize, note: &str) {
    let row = &bench.rows(Table::ValueMaps, "")[map];
    let changes = BTreeMap::from([("note".to_string(), note.to_string())]);
    bench.run(&Command::EditValueMap { id: row.id, row_version: row.int("row_version").unwrap(), changes }).unwrap();
}

fn map_states(bench: &Bench) -> Vec<String> {
    bench.rows(Table::ValueMaps, "").iter().map(|map| map.display("state").into_owned()).collect()
}

#[test]
fn a_decided_code_comes_back_after_its_edit_was_taken_back() {
    let mut bench = with_codes();
    bench.map("HR", "status", "x", "A").unwrap();
    edit_note(&mut bench, 0, "looked up");
    undo(&mut bench);
    let told = undo(&mut bench);
    assert!(!told.contains("left alone"), "{told}");
    assert_eq!(map_states(&bench), ["Proposed", "Proposed"]);
    assert_eq!(bench.states(""), ["Held", "Held"]);
    bench.assert_sound();
}

#[test]
fn an_edit_that_stands_keeps_the_map_and_one_row_is_told_as_one() {
    let mut bench = with_codes();
    bench.map("HR", "status", "x", "A").unwrap();
    let mapped = bench.reader().operations(None, 1).unwrap()[0].seq;
    edit_note(&mut bench, 0, "looked up");
    let told = bench.run(&Command::Undo { operation: Some(mapped) }).unwrap().summary;
    assert!(told.ends_with("(1 row was left alone)"), "{told}");
    assert_eq!(map_states(&bench)[0], "Active");
    bench.assert_sound();
}

#[test]
fn certified_entries_come_back_after_a_revocation_was_taken_back() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")]), ("2", &[("name", "Bo")])]);
    bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    let first = bench.rows(Table::Ledger, "")[0].id;
    bench.run(&Command::Decide { verb: Verb::Revoke, rows: Rows::Ids(vec![first]), reason: None }).unwrap();
    undo(&mut bench);
    let told = undo(&mut bench);
    assert!(!told.contains("left alone"), "{told}");
    assert_eq!(bench.states(""), ["Waiting", "Waiting"]);
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 2);
    assert_eq!(bench.value("HR", "1", "name"), None);
    bench.assert_sound();
}

#[test]
fn codes_decided_together_come_back_after_one_was_edited_and_that_taken_back() {
    let mut bench = with_codes();
    let ids: Vec<i64> = bench.rows(Table::ValueMaps, "").iter().map(|map| map.id).collect();
    let choices = ids.iter().map(|map| MapChoice::of(*map, Some("A".into()))).collect();
    bench.run(&Command::MapMany { choices, reason: None, left_out: Vec::new() }).unwrap();
    edit_note(&mut bench, 1, "looked up");
    undo(&mut bench);
    let told = undo(&mut bench);
    assert!(!told.contains("left alone"), "{told}");
    assert_eq!(map_states(&bench), ["Proposed", "Proposed"]);
    assert_eq!(bench.states(""), ["Held", "Held"]);
    bench.assert_sound();
}

fn refused(bench: &mut Bench) -> String {
    match bench.run(&Command::Undo { operation: None }) {
        Err(Error::Refused(refusal @ Refusal::Undo(_))) => refusal.to_string(),
        other => format!("not refused: {other:?}"),
    }
}

#[test]
fn without_a_number_nothing_older_is_taken_back_than_what_was_done_last() {
    let mut bench = with_codes();
    bench.map("HR", "status", "x", "A").unwrap();
    let mapped = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.deliver("HR", "contact", &[("3", &[("status", "x")])]);
    let told = refused(&mut bench);
    assert!(told.starts_with(&format!("Your last operation, {}, ", mapped + 1)), "{told}");
    assert!(told.contains("cannot be taken back") && told.ends_with(&format!("steward undo {mapped}.")), "{told}");
    assert_eq!(map_states(&bench)[0], "Active");
    bench.run(&Command::Undo { operation: Some(mapped) }).unwrap();
    bench.assert_sound();
}

#[test]
fn without_a_number_nothing_of_another_day_is_taken_back() {
    let mut bench = with_codes();
    bench.map("HR", "status", "x", "A").unwrap();
    let mapped = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.days_pass(2);
    let told = refused(&mut bench);
    assert!(told.contains(", is of 20") && told.ends_with(&format!("steward undo {mapped}")), "{told}");
    assert_eq!(map_states(&bench)[0], "Active");
    bench.run(&Command::Undo { operation: Some(mapped) }).unwrap();
    bench.assert_sound();
}
