//! Triage: what was not applied, in groups by cause.

use steward::engine::{Command, Rows};
use steward::model::Table;
use steward::model::filter::Filter;
use steward::model::query::{Query, Sort};
use steward::tui::event::Event;

use super::harness::{self, Harness};
use super::{LARGE, LEAST, SMALL, golden, lacks, shows};

#[test]
fn what_was_not_applied_is_shown_in_groups_with_an_example() {
    for (size, name) in [(LEAST, "triage_least"), (SMALL, "triage"), (LARGE, "triage_large")] {
        golden(name, Harness::agency(size).keys("5 W"));
    }
    golden("triage_end", Harness::agency(SMALL).keys("W Tab G"));
    shows(Harness::empty(SMALL).keys("W"), "Everything that was delivered went on.");
}

/// The groups of the demo together hold what its items' view lists, each as many as its own filter finds.
#[test]
fn groups_hold_what_their_filters_find() {
    let mut harness = Harness::demo(LARGE);
    harness.keys("W");
    let found = harness.reader.triage(10_000).unwrap();
    assert!(found.whole && found.groups.len() > 5);
    let count = |filter: &str| {
        let filter = Filter::parse(Table::SyncItems, filter).unwrap();
        harness.reader.count(&Query { table: Table::SyncItems, filter, sort: Sort::OLDEST }, 10_000).unwrap().n
    };
    let items: i64 = found.groups.iter().map(|group| group.items).sum();
    assert_eq!(items, count("state:held,failed is:active"));
    assert_eq!(found.groups.iter().map(|group| group.failed).sum::<i64>(), count("is:failed"));
    assert!(!harness.reader.triage(3).unwrap().whole);
    for group in &found.groups {
        let rows = format!("{} of ", group.items);
        shows(harness.keys("Enter"), &rows);
        harness.keys("Backspace Down");
    }
}

#[test]
fn a_whole_group_is_tried_again_in_three_keys() {
    let mut harness = Harness::demo(SMALL);
    let group = "T Shift+Tab Enter";
    assert_eq!(group.split(' ').count(), 3);
    golden("triage_preview", harness.keys("W T"));
    shows(harness.keys("Esc").keys(group), "Retried ");
    // What is shown is counted again, and what was done is taken back from here too.
    shows(&harness, "Triage: ");
    shows(harness.keys("Esc u W"), "Triage: ");
}

#[test]
fn a_code_is_mapped_from_its_group_and_the_group_shrinks() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("W"), "m maps FFP: 11 items of this group");
    let before = harness.text();
    shows(harness.keys("m Esc"), "To do");
    assert_eq!(harness.text(), before);
    shows(harness.keys("m Enter"), "released");
    lacks(&harness, "m maps FFP");
    shows(harness.keys("Esc u W"), "m maps FFP");
}

/// The example is the newest item, and waits for a code of its own.
#[test]
fn the_code_that_most_items_wait_for_is_mapped_first_whatever_the_example_is() {
    let mut harness = Harness::agency(SMALL);
    let record = vec![("Contract ID", "W15-0900".to_string()), ("Type of Contract", "CPFF".into())];
    harness::ingest(&mut harness.engine, "FPDS", "contract", "Contract ID", "late.csv", vec![record]);
    harness.send(Event::StoreChanged);
    shows(harness.keys("W"), "Codes           FFP 11, T&M 8, CPFF 5");
    shows(&harness, "m maps FFP: 11 items of this group");
    shows(harness.keys("Tab End"), "\"CPFF\"");
    shows(harness.keys("g m"), "FFP");
    shows(harness.keys("Enter"), "11 items released");
    shows(&harness, "m maps T&M: 8 items of this group");
    // All of them on the map screen, from there on.
    shows(harness.keys("M"), "> ? T&M");
    shows(harness.keys("Esc"), "Triage: 19 items not applied");
}

/// What trying a group again would come to is worked out while the cursor rests, by the same command.
#[test]
fn the_effect_of_trying_again_is_told_before_the_preview() {
    let mut harness = Harness::demo(SMALL);
    shows(harness.keys("W"), "would go on now");
    let groups = harness.reader.triage(10_000).unwrap().groups.len();
    for _ in 0..groups {
        let told = harness.text();
        let mends = !told.contains("none would go on now");
        harness.keys("T");
        assert_eq!(harness.text().contains(": 0 go on"), !mends, "{told}\n{}", harness.text());
        harness.keys("Esc Down");
    }
}

#[test]
fn each_hop_of_the_trace_is_a_jump_and_the_way_back_leads_here() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("W Down");
    let triage = harness.text();
    for (key, part) in [
        ("1", "> ? JOB-0000002"),
        ("2", "Filter: key:OLD-3 source:LEGACY"),
        ("3", "> ! ITM-0000077"),
        ("5", "> ? MAP-"),
        ("6", "> + POL-0000001"),
        ("7", "> ? MAP-"),
        ("w", "> ? MAP-"),
        ("Enter", "3 of 81 rows"),
    ] {
        shows(harness.keys(key), part);
        assert_eq!(harness.keys("Backspace").text(), triage, "{key}");
    }
    // The binding has no pane: it is told here, and leads on to the maps of its list.
    golden("triage_binding", harness.keys("4"));
    shows(harness.keys("Enter"), "Filter: list:contract_type");
    shows(harness.keys("Backspace"), "Binding: Type of Contract");
    assert_eq!(harness.keys("Esc").text(), triage);
    // A hop that there is not leads nowhere.
    assert_eq!(harness.keys("0 9").text(), triage);
}

#[test]
fn triage_follows_what_others_write_and_offers_what_the_roles_allow() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("W Down");
    shows(&harness, "3 in this group");
    harness.elsewhere(&Command::Park { rows: Rows::Filter("is:held source:FPDS".into()), reason: None });
    shows(&harness, "5 items not applied, 3 groups by cause");
    shows(&harness, "3 in this group");
    shows(harness.keys("Z"), "Park: check before you commit");
    harness.keys("Esc Esc").app.person.roles = "auditor".into();
    harness.keys("W");
    for hint in ["T retry all", "m map", "M map all", "Z park all"] {
        lacks(&harness, hint);
    }
    shows(harness.keys("T Z m M"), "5 items not applied");
}

#[test]
fn groups_on_their_way_come_first_where_others_write_all_the_time() {
    let mut harness = Harness::agency(SMALL);
    harness.hold_reads = true;
    shows(harness.keys("W"), "reading…");
    harness.elsewhere(&Command::Park { rows: Rows::Filter("is:held source:FPDS".into()), reason: None });
    harness.elsewhere(&Command::Park { rows: Rows::Filter("is:failed".into()), reason: None });
    shows(harness.keys("Down T m 1 w Enter Z"), "reading…");
    harness.release_reads();
    shows(&harness, "3 items not applied, 1 group by cause");
    // It led on before its groups came, and has them when one comes back to it.
    harness.hold_reads = true;
    harness.elsewhere(&Command::Unpark { rows: Rows::Filter("is:parked source:HR".into()) });
    harness.keys("Enter");
    harness.release_reads();
    shows(harness.keys("Backspace"), "5 items not applied, 3 groups by cause");
}

#[test]
fn hostile_values_are_shown_as_marks_in_triage() {
    let mut harness = Harness::agency(LARGE);
    let text = "\u{1b}[2J\u{202e}x\u{200b}\r\n".to_string() + &"\u{338}".repeat(40);
    let record = vec![("Contract ID", text.clone()), ("Type of Contract", text.clone())];
    let source = "S\u{1b}]0;\u{7}";
    harness::ingest(&mut harness.engine, source, "contract", "Contract ID", "evil-one.csv", vec![record]);
    harness.send(Event::StoreChanged);
    for script in ["W", "G", "Up", "Tab G", "Enter", "Backspace 2", "Backspace 3"] {
        let shown = harness.keys(script).text();
        let acting = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}' | '\u{202e}');
        assert!(!shown.contains(acting), "{script}\n{shown}");
    }
}

#[test]
fn what_was_done_in_triage_is_taken_back_there() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("W"), "Triage: ");
    let before = harness.text();
    shows(harness.keys("Z Shift+Tab Enter"), "Parked ");
    assert_ne!(harness.text(), before);
    shows(harness.keys("u"), "Took back operation");
    assert_eq!(harness.text().lines().nth(2), before.lines().nth(2));
}
