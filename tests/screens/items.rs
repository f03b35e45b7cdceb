//! Items that did not go on: to their cause, tried again, edited, set aside.

use steward::engine::{Command, Import, Rows};
use steward::tui::event::Event;

use super::harness::{self, Harness};
use super::{LARGE, LEAST, SMALL, golden, lacks, shows};

/// The number of keys in a script without texts.
fn keys(script: &str) -> usize {
    script.split_whitespace().count()
}

/// Lists what a filter matches, with the cursor on its first row.
fn listed(size: (u16, u16), filter: &str) -> Harness {
    let mut harness = Harness::agency(size);
    harness.keys(&format!("5 f Ctrl+U '{filter}' Enter"));
    harness
}

#[test]
fn from_an_item_to_its_cause_in_one_key_and_released_in_three_more() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("5 f 'code:ST020 raw:Time/Mat.' Enter");
    let items = harness.text();
    let (there, mended) = ("w", "m Enter");
    assert!(keys(there) == 1 && keys(mended) <= 3);
    shows(harness.keys(there), "[2 Value Maps]");
    shows(&harness, "> ? MAP-");
    shows(&harness, "m map");
    shows(harness.keys(mended), "released");
    // And back to the items, where the place is kept.
    shows(harness.keys("u Backspace"), "[5 Items]");
    assert_eq!(harness.text(), items);
}

#[test]
fn each_code_leads_to_what_it_speaks_of() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("5 f Ctrl+U 'code:ST020 key:W15-0002' Enter w"), "> ? MAP-0000002");
    shows(harness.keys("Backspace f Ctrl+U 'code:ST014' Enter w"), "> ! JOB-0000003");
    // What went on leads to its entry; for what is too long to be a code there is nothing to go to.
    shows(harness.keys("Backspace f Ctrl+U 'is:waiting' Enter w"), "> ? LED-");
    shows(harness.keys("Backspace f Ctrl+U 'code:ST024' Enter w"), "w does nothing here");

    let two = |harness: &mut Harness, into, rows: [&[(&str, &str)]; 2]| {
        harness::import(&mut harness.engine, into, &rows.map(<[_]>::to_vec));
    };
    // An undone policy comes back beside the one that was made since.
    let policy = [("target_table", "contract"), ("field_name", "Office"), ("commit_mode", "On Ingest")];
    harness::import(&mut harness.engine, Import::Policies, &[policy.to_vec()]);
    harness.elsewhere(&Command::Undo { operation: None });
    let undone = harness.reader.operations(None, 1).unwrap()[0].seq;
    harness::import(&mut harness.engine, Import::Policies, &[policy.to_vec()]);
    harness.elsewhere(&Command::Undo { operation: Some(undone) });
    let strict = [("target_table", "permit"), ("source_system_key", "NEW"), ("on_unknown_key", "Hold")];
    harness::import(&mut harness.engine, Import::Bindings, &[strict.to_vec()]);
    let map = |name, source_code, code| {
        let map = [("map_id", name), ("source_system_key", "NEW"), ("code_list", "contract_type")];
        [&map[..], &[("source_code", source_code), ("canonical_code_value", code)]].concat()
    };
    two(&mut harness, Import::ValueMaps, [&map("MAP-J", "fix", "J"), &map("MAP-K", "FIX", "K")]);
    let identifier = |name, target| {
        let identifier = [("identifier_id", name), ("source_system_key", "NEW"), ("external_key", "N-2")];
        [&identifier[..], &[("target_table", "contract"), ("target_id", target), ("new_target", "Yes")]].concat()
    };
    two(&mut harness, Import::Identifiers, [&identifier("IDN-A", "target-a"), &identifier("IDN-B", "target-b")]);
    let record = |key: &str| {
        let fields = [("Contract ID", key), ("Office", "Town Hall"), ("Type of Contract", "Fix")];
        fields.map(|(name, text)| (name, text.to_string())).to_vec()
    };
    let records = vec![record("N-1"), record("N-2")];
    harness::ingest(&mut harness.engine, "NEW", "contract", "Contract ID", "new.csv", records);
    harness::ingest(&mut harness.engine, "NEW", "permit", "Contract ID", "permits.csv", vec![record("P-9")]);
    harness.send(Event::StoreChanged);
    for (filter, part) in [
        ("code:ST030 key:N-1", "Filter: table:contract,* is:active"),
        ("code:ST021 key:N-1", "Filter: normal:fix is:active"),
        ("code:ST021 key:N-1", "2 of 6 rows"),
        ("code:ST041", "Filter: key:N-2 source:NEW table:contract"),
        ("code:ST041", "2 of 32 rows"),
        ("code:ST040", "Filter: source:NEW table:permit"),
    ] {
        shows(harness.keys(&format!("5 f Ctrl+U '{filter}' Enter w")), part);
    }
}

#[test]
fn one_item_is_tried_again_and_set_aside_at_once() {
    let mut harness = listed(SMALL, "code:ST024");
    golden("item", &harness);
    shows(harness.keys("t"), "Retried 1 item: 0 went on, 1 did not");
    // It is held as before, and parked only by hand.
    shows(harness.keys("f Ctrl+U 'is:held code:ST024' Enter z"), "Parked ITM-");
    shows(harness.keys("f Ctrl+U 'is:parked' Enter"), "> - ITM-0000082");
    shows(harness.keys("z"), "Unparked ITM-");
    shows(harness.keys("v 1"), "View: Not applied");
    shows(harness.keys("f Ctrl+U 'is:failed' Enter z"), "Parked ITM-");
    shows(&harness, "1 of 82 rows");
    shows(harness.keys("u"), "Took back operation");
    shows(&harness, "2 of 82 rows");
    // What went on is neither tried again nor set aside.
    harness.keys("f Ctrl+U 'is:applied' Enter");
    for hint in ["t retry", "z park", "E edit", "m map"] {
        lacks(&harness, hint);
    }
    shows(harness.keys("t"), "t does nothing here");
}

#[test]
fn many_items_are_tried_again_and_set_aside_by_way_of_the_preview() {
    let mut harness = listed(SMALL, "code:ST020 raw:FFP");
    let all = "Z Shift+Tab Enter";
    golden("items_park_preview", harness.keys("Z"));
    shows(harness.keys("Esc").keys(all), "Parked 11 items");
    golden("items_unpark_preview", harness.keys("v 6 Z"));
    shows(harness.keys("Shift+Tab Enter"), "Unparked 11 items");
    // Mapped past the workbench for one item's sake, the others of the group are tried again in three keys.
    harness.keys("f Ctrl+U 'is:active code:ST012,ST024' Enter");
    golden("items_retry_preview", harness.keys("T"));
    let group = "T Shift+Tab Enter";
    assert_eq!(keys(group), 3);
    shows(harness.keys("Esc").keys(group), "Retried 2 items: 0 went on, 1 did not, 1 failed the same");
    shows(harness.keys("u f Ctrl+U 'code:ST020' Enter Space Space T"), "the 2 rows you marked");
}

#[test]
fn items_are_closed_for_good_with_a_reason() {
    let mut harness = listed(SMALL, "code:ST024");
    shows(harness.keys("b"), "Why close ITM-0000058");
    shows(&harness, "The reason is kept in the history; u undoes the closing.");
    shows(harness.keys("Enter"), "A reason is needed");
    shows(harness.keys("1"), "Closed ITM-");
    shows(harness.keys("f Ctrl+U 'is:closed' Enter"), "> - ITM-0000058");
    shows(&harness, "Closed for good. It was: ");
    for key in ["t", "z", "b"] {
        shows(harness.keys(key), &format!("{key} does nothing here"));
    }
    shows(harness.keys("u v 7"), "View: Closed");
    shows(&harness, "0 of 81 rows");
    golden("items_close_preview", harness.keys("f Ctrl+U 'code:ST020 raw:FFP' Enter B"));
    shows(harness.keys("Shift+Tab Enter"), "A reason is needed; it is kept in the history.");
    shows(harness.keys("1 Enter"), "Closed 11 items");
    shows(harness.keys("u"), "Took back operation");
}

#[test]
fn an_input_is_edited_with_a_reason_and_tried_again() {
    let mut harness = listed(SMALL, "code:ST024");
    golden("edit_input", harness.keys("E"));
    golden("edit_input_least", {
        harness.send(Event::Resize(LEAST.0, LEAST.1));
        &harness
    });
    harness.send(Event::Resize(SMALL.0, SMALL.1));
    shows(harness.keys("Ctrl+S"), "The input is what it was");
    shows(harness.keys("Ctrl+U 'J' Ctrl+S"), "A reason is needed");
    shows(harness.keys("Esc"), "not saved: Esc again drops it");
    // As one types: too long a value, too long a reason; and the delivered text is put back.
    harness.send(Event::Paste("x".repeat(4_000)));
    shows(&harness, "Input: 4,001 characters, at most 4,000.");
    harness.keys("Tab");
    harness.send(Event::Paste("y".repeat(501)));
    harness.keys("Shift+Tab Ctrl+R");
    shows(&harness, "Reason: 501 characters, at most 500.");
    shows(harness.keys("Ctrl+U 'FFP' Tab Ctrl+U 'from the paper file' Tab Enter"), "Edited the input of ITM-0000058");
    shows(harness.keys("f Ctrl+U 'key:W15-0020 is:held' Enter"), "FFP");
    shows(harness.keys("u f Ctrl+U 'code:ST024 is:active' Enter"), "ITM-0000058");
}

#[test]
fn an_edit_of_a_row_that_moved_is_refused_and_stays() {
    let mut harness = listed(SMALL, "code:ST024");
    harness.keys("E Ctrl+U 'FFP' Tab 'typed wrong'");
    harness.elsewhere(&Command::Park { rows: Rows::Filter("code:ST024".into()), reason: None });
    shows(harness.keys("Ctrl+S"), "meanwhile");
    shows(&harness, "typed wrong");
}

#[test]
fn support_retries_and_parks_and_does_nothing_else() {
    let mut harness = listed(LARGE, "code:ST020");
    harness.app.person.roles = "support".into();
    for hint in ["t retry", "T all", "z park", "E edit", "b close", "w why"] {
        shows(&harness, hint);
    }
    lacks(&harness, "m map");
    harness.app.person.roles = "auditor".into();
    for hint in ["t retry", "T all", "z park", "E edit", "b close", "m map"] {
        lacks(&harness, hint);
    }
    shows(&harness, "w why");
    shows(harness.keys("E"), "E takes the role support, steward or admin; yours: auditor.");
}

/// An attempt that was taken back is still held, and inactive: nobody has to do anything about it.
#[test]
fn undone_attempts_are_not_listed_as_not_applied() {
    let mut harness = listed(SMALL, "code:ST024");
    harness.keys("t u v 1");
    shows(&harness, "29 of 82 rows");
    shows(harness.keys("4 Down Down o 1"), "24 of 82 rows");
    shows(harness.keys("0"), "Sync items not applied                            29");
}

/// The first code of a list stands there by its letter: Enter takes one that is suggested, or that was chosen.
#[test]
fn a_code_is_never_mapped_to_the_first_of_the_list_by_accident() {
    let mut harness = Harness::agency(SMALL);
    let record = |key: &str, code: &str| vec![("Contract ID", key.to_string()), ("Type of Contract", code.into())];
    let records = vec![record("W15-0901", "Qwertz"), record("W15-0902", "Time & Materials")];
    harness::ingest(&mut harness.engine, "FPDS", "contract", "Contract ID", "odd.csv", records);
    harness.send(Event::StoreChanged);
    shows(harness.keys("5 f Ctrl+U 'raw:Qwertz' Enter m Enter"), "No code is suggested for this one");
    lacks(&harness, "(suggested)");
    shows(harness.keys("Down Up Enter"), "Mapped \"Qwertz\" of FPDS in contract_type to");
    shows(harness.keys("u f Ctrl+U 'raw:\"Time & Materials\"' Enter m"), "> Y");
    shows(&harness, "(suggested)");
    shows(harness.keys("Enter"), "in contract_type to Y: 1 item released");
}
