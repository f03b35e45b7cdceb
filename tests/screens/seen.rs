//! What is decided is what was on the screen: rows that others change, frames that were not drawn yet, screens that came by
//! themselves, terminals too small to show anything, and answers that come to what lies below.

use steward::engine::{Command, Mode, Rows, Verb};
use steward::model::Table;
use steward::model::filter::Filter;
use steward::model::query::Query;
use steward::tui::event::Event;

use crate::harness::Harness;
use crate::{LARGE, SMALL, lacks, shows};

fn certify(ids: &[i64]) -> Command {
    Command::Decide { verb: Verb::Certify, rows: Rows::Ids(ids.to_vec()), reason: None }
}

/// Keys that decide on one row of the ledger.
const ON_ONE: [&str; 3] = ["c", "r 1", "E"];

#[test]
fn a_key_acts_on_no_row_that_no_frame_has_shown() {
    for key in ON_ONE {
        let mut harness = Harness::agency(SMALL);
        let log = harness.rows_of_log();
        harness.sudden = true;
        harness.keys("6").keys(key);
        assert_eq!(harness.rows_of_log(), log, "{key}");
    }
    let mut harness = Harness::agency(SMALL);
    let log = harness.rows_of_log();
    harness.sudden = true;
    shows(harness.keys("6 c"), "had not been on the screen");
    // Once it is drawn the same key does it; a row further down on the same screen was drawn, too.
    harness.app.drawn();
    harness.keys("Down Down c");
    assert_eq!(harness.rows_of_log(), log + 1);
    // The next page was not.
    harness.app.drawn();
    shows(harness.keys("PgDn PgDn PgDn c"), "had not been on the screen");
    assert_eq!(harness.rows_of_log(), log + 1);
}

#[test]
fn what_somebody_else_changed_is_refused_where_the_screen_does_not_know_it_yet() {
    for (key, said) in [("c", "LED-0000001 was changed by druiz"), ("r 1", "LED-0000001 was changed by druiz")] {
        let mut harness = Harness::agency(SMALL);
        harness.keys("6");
        shows(&harness, "> ? LED-0000001");
        // Another process writes, and the workbench has not heard of it.
        harness.engine.run(&certify(&[1]), &Mode::Real).unwrap();
        shows(harness.keys(key), said);
        let operations = harness.reader.operations(None, 10).unwrap();
        assert!(operations[0].summary.starts_with("Refused"), "{key}: {}", operations[0].summary);
    }
}

#[test]
fn a_row_that_others_change_says_so_until_the_cursor_has_moved() {
    // In a list of all rows it stays, too, and it is another one than was decided on.
    let mut harness = Harness::agency(LARGE);
    harness.keys("6 v 1");
    harness.keys("- - -");
    shows(&harness, "> ? LED-0000001");
    harness.elsewhere(&certify(&[1]));
    shows(&harness, "Certified by druiz");
    let log = harness.rows_of_log();
    shows(harness.keys("d"), "Move the cursor");
    assert!(harness.app.overlays.is_empty() && harness.rows_of_log() == log);
    harness.keys("Down Up");
    lacks(&harness, "Certified by druiz");
    shows(harness.keys("d"), "Why revoke LED-0000001");
    harness.keys("Esc");
    // What others change elsewhere leaves the row as it is.
    harness.elsewhere(&certify(&[3]));
    shows(harness.keys("d"), "Why revoke LED-0000001");
    // What one does oneself moves on at once.
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("6 c"), "> ? LED-0000003");
    shows(harness.keys("c"), "> ? LED-0000005");
}

#[test]
fn no_key_acts_while_the_terminal_is_too_small_to_show_on_what() {
    for keys in ["c", "r 1", "C Tab Tab Enter", "Down Down c", "u", "q"] {
        let mut harness = Harness::agency(SMALL);
        harness.keys("6");
        let (log, before) = (harness.rows_of_log(), harness.text());
        harness.send(Event::Resize(50, 10));
        harness.keys(keys);
        harness.send(Event::Paste("x".into()));
        assert_eq!(harness.rows_of_log(), log, "{keys}");
        harness.send(Event::Resize(SMALL.0, SMALL.1));
        assert_eq!((harness.text(), harness.ended), (before, false), "{keys}");
    }
    // What was seen before it was too small is drawn anew first.
    let mut harness = Harness::agency(SMALL);
    harness.keys("6");
    let log = harness.rows_of_log();
    harness.sudden = true;
    harness.send(Event::Resize(50, 10));
    harness.app.drawn();
    harness.send(Event::Resize(SMALL.0, SMALL.1));
    shows(harness.keys("c"), "had not been on the screen");
    assert_eq!(harness.rows_of_log(), log);
    // One can always leave.
    let mut harness = Harness::agency(SMALL);
    harness.send(Event::Resize(50, 10));
    assert!(harness.keys("Ctrl+Q").ended);
}

#[test]
fn a_screen_that_came_by_itself_is_looked_at_before_a_key_acts_on_it() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 Space Space c Tab Tab");
    harness.hold_writes = true;
    harness.keys("Enter");
    let log = harness.rows_of_log();
    harness.release_writes();
    assert_eq!((harness.rows_of_log(), harness.app.overlays.len()), (log + 1, 0));
    // The preview has gone, and what lies below came up by itself: the second Enter and a letter are for the preview.
    harness.app.drawn();
    harness.sudden = true;
    shows(harness.keys("c"), "changed by itself");
    assert_eq!(harness.rows_of_log(), log + 1);
    // Looking around is free.
    shows(harness.keys("Down"), "> ? LED-0000007");
    harness.sudden = false;
    harness.keys("c");
    assert_eq!(harness.rows_of_log(), log + 2);
}

#[test]
fn an_answer_reaches_what_lies_below() {
    // Help over a preview that counts.
    let mut harness = Harness::agency(SMALL);
    harness.hold_writes = true;
    harness.keys("6 C F1");
    harness.release_writes();
    shows(harness.keys("Esc"), "[ Certify 25 ]");
    lacks(&harness, "counting");
    // Help over an act that runs: the preview has gone with it, and its help too.
    harness.keys("Tab Tab");
    harness.hold_writes = true;
    harness.keys("Enter F1");
    harness.release_writes();
    assert!(harness.app.overlays.is_empty(), "{}", harness.text());
    shows(&harness, "Certified 25 ledger entries");
}

#[test]
fn marks_are_what_the_keys_for_one_row_are_for() {
    for (at, mark, key, title) in [
        ("6", "Space Down Space", "c", "Certify: check"),
        ("6", "Space Down Space", "r", "Reject: check"),
        ("6 v 3", "Space", "d", "Revoke: check"),
        ("5", "Space Space", "t", "Retry: check"),
        ("5", "Space Space", "z", "Park: check"),
        ("5", "Space Space", "b", "Close: check"),
    ] {
        let mut harness = Harness::demo(SMALL);
        let log = harness.rows_of_log();
        harness.keys(at).keys(mark);
        shows(harness.keys(key), title);
        assert_eq!(harness.rows_of_log(), log, "{key}");
        shows(&harness, if mark == "Space" { "the 1 row you marked" } else { "the 2 rows you marked" });
    }
    // What is for one row says so, and does nothing.
    for (at, key) in [("6", "i"), ("6", "A"), ("5", "E"), ("5", "e"), ("2", "E"), ("2", "d"), ("1", "e")] {
        let mut harness = Harness::demo(SMALL);
        harness.keys(at).keys("Space Up").keys(key);
        assert!(harness.app.overlays.is_empty(), "{at} {key}: {}", harness.text());
    }
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("6 Space Space Space"), "c certify 3");
    shows(harness.keys("i"), "X clears them");
    // Once it is done its rows are marked no more; where nothing was done they still are.
    shows(harness.keys("c Esc"), "3 marked");
    shows(harness.keys("c Tab Tab Enter"), "Certified 3 ledger entries");
    lacks(&harness, "marked");
    shows(harness.keys("Down"), "c certify ");
}

#[test]
fn what_was_taken_back_is_done_again_by_one_key_while_nothing_moved() {
    let mut harness = Harness::agency(SMALL);
    let certified = |harness: &Harness| {
        let filter = Filter::parse(Table::Ledger, "is:certified").unwrap();
        harness.reader.count(&Query { filter, ..Query::all(Table::Ledger) }, 1_000).unwrap().n
    };
    let before = certified(&harness);
    shows(harness.keys("Ctrl+Y"), "Nothing was taken back here");
    harness.keys("6 c c");
    assert_eq!(certified(&harness), before + 2);
    harness.keys("u u");
    assert_eq!(certified(&harness), before);
    shows(harness.keys("Ctrl+Y"), "Did operation");
    harness.keys("Ctrl+Y");
    assert_eq!(certified(&harness), before + 2);
    shows(harness.keys("Ctrl+Y"), "Nothing was taken back here");
    // And taken back once more; what is new ends it.
    harness.keys("u");
    assert_eq!(certified(&harness), before + 1);
    harness.keys("Down Down");
    let row = harness.app.pane().and_then(|pane| pane.selected()).unwrap().id;
    harness.keys("c");
    shows(harness.keys("Ctrl+Y"), "Nothing was taken back here");
    // What somebody else changed meanwhile is refused.
    harness.keys("u");
    harness.engine.run(&certify(&[row]), &Mode::Real).unwrap();
    let log = harness.rows_of_log();
    harness.keys("Ctrl+Y");
    shows(&harness, "cannot be taken back");
    assert_eq!(harness.rows_of_log(), log + 1);
}

#[test]
fn esc_leads_back_from_where_one_went_on_to() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("5 f 'code:ST020' Enter");
    let before = harness.text();
    shows(harness.keys("w"), "[2 Value Maps]");
    assert_eq!(harness.keys("Esc").text(), before);
    // Where one did not go on from anywhere, it does nothing.
    assert_eq!(harness.keys("Esc Esc").text(), before);
}

#[test]
fn home_and_end_go_to_the_ends_of_every_list() {
    for keys in ["U", ":", "5 F", "5 v", "5 |", "5 o"] {
        let mut harness = Harness::demo(SMALL);
        harness.keys(keys);
        let first = harness.keys("Home").text();
        let last = harness.keys("End").text();
        assert_ne!(first, last, "{keys}");
        assert_eq!(harness.keys("Down").text(), last, "{keys}");
        assert_eq!(harness.keys("Home").text(), first, "{keys}");
    }
}

#[test]
fn a_row_s_history_is_one_key_away() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("6 - - - H"), "History of LED-0000001");
    lacks(&harness, "Certified");
    harness.keys("Esc c H");
    shows(&harness, "Certified LED-");
    shows(harness.keys("End"), "records 1 to");
}
