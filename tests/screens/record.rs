//! The record view: what is in force of a record, why, and where that leads.

use steward::engine::{Command, Import, ImportRow, Rows, Verb};
use steward::model::Table;
use steward::tui::event::Event;

use super::harness::{self, Harness};
use super::{LARGE, LEAST, SMALL, golden, lacks, shows};

/// The target of the first contract.
const FIRST: &str = "01900000-0000-7000-8000-000000000009";

/// The agency, where the old system has a word on the first contract too: a lower one about the amount, which somebody
/// rejected once, and the first one about its office.
fn contested(size: (u16, u16)) -> Harness {
    let mut harness = Harness::agency(size);
    let fields = [("source_system_key", "LEGACY"), ("external_key", "A-1"), ("target_table", "contract")];
    let fields = fields.into_iter().chain([("target_id", FIRST)]).map(|(name, text)| (name.into(), text.into()));
    let rows = vec![ImportRow { line: 1, fields: fields.collect() }];
    harness.elsewhere(&Command::Import { into: Import::Identifiers, rows });
    let record = |amount: &str, office: &str| {
        vec![vec![("Contract ID", "A-1".to_string()), ("Amount", amount.into()), ("Office", office.into())]]
    };
    harness::ingest(
        &mut harness.engine,
        "LEGACY",
        "contract",
        "Contract ID",
        "first.csv",
        record("12.00", "Old\nHall"),
    );
    let rejected = Command::Decide {
        verb: Verb::Reject,
        rows: Rows::Filter(format!("target:{FIRST} source:LEGACY field:Amount")),
        reason: Some("a typing error".into()),
    };
    harness.elsewhere(&rejected);
    harness::ingest(
        &mut harness.engine,
        "LEGACY",
        "contract",
        "Contract ID",
        "second.csv",
        record("13.00", "Old\nHall"),
    );
    let certified = Command::Decide {
        verb: Verb::Certify,
        rows: Rows::Filter(format!("target:{FIRST} field:Office")),
        reason: Some("seen on paper".into()),
    };
    harness.elsewhere(&certified);
    harness
}

/// The identifier of the first contract with the oldest system's key, and the record behind it.
const OPEN: &str = "1 f Ctrl+U 'key:W15-0001' Enter Enter";

#[test]
fn a_record_is_a_list_of_fields_over_why_one_of_them_is_what_it_is() {
    for (size, name) in [(LEAST, "record_view_least"), (SMALL, "record_view"), (LARGE, "record_view_large")] {
        golden(name, contested(size).keys(OPEN));
    }
    let mut harness = contested(LARGE);
    for part in [
        "In force: \"13700.50\", from FPDS.",
        "is certified by steward:engine since 2026-11-22",
        "Delivered as \"13700.50\" under the key W15-0001 in JOB-0000001",
        "POL-0000002 says On Ingest with Auto Certify, sources FPDS >",
        "LEGACY; FPDS has the rank 0, 0 is the highest.",
        "Row 1: ",
        "Not stale before 2026-12-22",
        "Would win next",
        "NOT IN FORCE, 2",
        "\"13.00\", from LEGACY, Pending, rank 1",
        "It waits for a reviewer. Row 6: a lower rank than the value in force",
        "druiz rejected it on 2026-11-22 09:14, operation",
        "\"a typing error\"",
        "ENTRIES IN TIME ORDER, 3",
    ] {
        shows(harness.keys(OPEN), part);
        harness.keys("Esc");
    }
}

#[test]
fn the_field_under_the_cursor_is_explained_and_the_detail_is_scrolled() {
    let mut harness = contested(SMALL);
    shows(harness.keys(OPEN).keys("Down"), "In force: \"Old⏎Hall\", from LEGACY.");
    shows(&harness, "It bears the note \"seen on paper\".");
    lacks(&harness, "NOT IN FORCE");
    golden("record_view_end", harness.keys("k Tab G"));
    shows(&harness, "ENTRIES IN TIME ORDER, 3");
    shows(harness.keys("g"), "In force: \"13700.50\"");
    shows(harness.keys("PgDn"), "↑");
    shows(harness.keys("PgUp j k"), "In force: \"13700.50\"");
    // Back among the fields; another field is told from its beginning.
    shows(harness.keys("G Tab Down Up"), "In force: \"13700.50\"");
    shows(harness.keys("End"), "> ? Vendor");
    shows(harness.keys("Home PgDn j"), "> ? Vendor");
}

#[test]
fn a_record_is_opened_from_an_identifier_an_entry_and_an_item_on_its_field() {
    let mut harness = contested(SMALL);
    harness.keys("6 f Ctrl+U 'target:01900000-0000-7000-8000-000000000009 field:Office' Enter");
    let ledger = harness.text();
    shows(harness.keys("Enter"), "> + Office");
    assert_eq!(harness.keys("Backspace").text(), ledger);
    harness.keys("5 f Ctrl+U 'key:W15-0002 field:Vendor' Enter");
    let items = harness.text();
    shows(harness.keys("Enter"), "> ? Vendor");
    lacks(&harness, "Office");
    assert_eq!(harness.keys("Esc").text(), items);
    // An item of a record that could not be read as one has no record to open: the row is shown in full.
    shows(harness.keys("f Ctrl+U 'code:ST014' Enter Enter"), "sync item ITM-0000079, in full");
    shows(harness.keys("Esc 6 P"), "in full");
    // What belongs to a row is its record too, whatever column the cursor is in.
    shows(harness.keys("Esc 5 v 5 G Right Right Right Right Right Right Right o PgDn Enter"), "> ! Type of Contract");
    shows(harness.keys("Esc : 'record of' Enter"), "Record contract FPDS:");
    lacks(harness.keys("Esc 3 o"), "The record");
}

#[test]
fn a_record_leads_on_and_is_come_back_to() {
    let mut harness = contested(SMALL);
    harness.keys(OPEN).keys("Down");
    let record = harness.text();
    golden("record_related", harness.keys("o"));
    assert_eq!(harness.keys("Esc").text(), record);
    shows(harness.keys("Enter"), "> + LED-");
    assert_eq!(harness.keys("Backspace").text(), record);
    for (choice, part) in [
        ("1", "Old⏎Hall"),
        ("2", "1 of 55 rows"),
        ("3", "[5 Items]"),
        ("4", "2 of 30 rows"),
        ("5", "> + ITM-"),
        ("6", "[4 Jobs]"),
        ("7", "POL-0000001"),
        ("8", "5 of 55 rows"),
    ] {
        shows(harness.keys("o").keys(choice), part);
        assert_eq!(harness.keys("Backspace").text(), record, "{choice}");
    }
    // The way back goes on to where the record was opened.
    shows(harness.keys("Esc"), "Filter: key:W15-0001");
}

#[test]
fn a_value_is_copied_and_pinned_where_the_role_allows() {
    let mut harness = contested(SMALL);
    shows(harness.keys(OPEN).keys("Down y"), "The value in force copied, 8 characters.");
    assert_eq!(harness.copied, ["Old\nHall"]);
    shows(&harness, "i pin");
    shows(harness.keys("i"), "Pinned Office of contract");
    shows(&harness, ">P+ Office");
    shows(&harness, "pinned by a person");
    shows(&harness, "i unpin");
    shows(harness.keys("i"), "Unpinned Office");
    lacks(&harness, "P+ Office");
    // What has no value is not copied, and nobody but a reviewer pins.
    lacks(harness.keys("G"), "y copy");
    lacks(&harness, "i pin");
    harness.keys("y i");
    assert_eq!(harness.copied.len(), 1);
    harness.keys("Esc").app.person.roles = "steward".into();
    shows(harness.keys("Enter"), "y copy");
    lacks(&harness, "i pin");
    lacks(harness.keys("i"), "Pinned");
}

#[test]
fn a_record_follows_what_others_write_with_the_cursor_on_its_field() {
    let mut harness = contested(SMALL);
    shows(harness.keys(OPEN).keys("G"), "> ? Vendor               (none)");
    let office = format!("target:{FIRST} field:Office");
    let verb = Verb::Revoke;
    harness.elsewhere(&Command::Decide { verb, rows: Rows::Filter(office), reason: Some("gone".into()) });
    let vendor = Rows::Filter(format!("target:{FIRST} field:Vendor"));
    harness.elsewhere(&Command::Decide { verb: Verb::Certify, rows: vendor, reason: None });
    shows(&harness, "> + Vendor               Vendor 01 LLC");
    shows(&harness, "In force: \"Vendor 01 LLC\", from FPDS.");
    shows(harness.keys("Up Up"), "druiz revoked it");
}

#[test]
fn keys_are_answered_while_a_record_is_read() {
    let mut harness = contested(SMALL);
    harness.keys(OPEN);
    harness.hold_reads = true;
    shows(harness.keys("Down"), "> + Office");
    shows(&harness, "reading…");
    shows(harness.keys("Up"), "In force: \"13700.50\"");
    harness.release_reads();
    shows(&harness, "In force: \"13700.50\"");
    harness.keys("Esc").hold_reads = true;
    shows(harness.keys("Enter o"), "reading…");
    shows(harness.keys("Down G Tab G i y Enter"), "reading…");
    harness.release_reads();
    shows(&harness, "In force: \"13700.50\"");
}

#[test]
fn hostile_values_are_shown_as_marks() {
    let mut harness = Harness::agency(LARGE);
    let text = "\u{1b}[2J\u{202e}x\u{200b}\r\n".to_string() + &"\u{338}".repeat(40);
    let record = vec![("Contract ID", "EVIL".to_string()), ("Amount", text.clone()), ("F\u{202e}ield", text.clone())];
    let source = "S\u{1b}]0;\u{7}";
    harness::ingest(&mut harness.engine, source, "contract", "Contract ID", "evil-one.csv", vec![record]);
    harness.send(Event::StoreChanged);
    for size in [LARGE, SMALL, LEAST] {
        harness.send(Event::Resize(size.0, size.1));
        for script in ["1 f Ctrl+U 'key:EVIL' Enter Enter", "G", "Tab G", "o", "Esc Esc"] {
            let shown = harness.keys(script).text();
            let acting = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}' | '\u{202e}');
            assert!(!shown.contains(acting), "{script}\n{shown}");
        }
    }
}

/// Support staff see at once why a field is empty, and are there in one key.
#[test]
fn a_field_without_a_value_says_what_holds_it_and_since_when() {
    let mut harness = Harness::agency(SMALL);
    harness.keys(OPEN);
    golden("record_view_held", harness.keys("Down"));
    shows(&harness, "ST020 since 2026-11-22");
    shows(&harness, "may, once what holds it is mended");
    shows(harness.keys("Enter"), "> ! ITM-");
    harness.keys("z Backspace");
    shows(&harness, "Parked");
    harness.app.person.roles = "support".into();
    shows(harness.keys("Enter z"), "Unparked ITM-");
}

/// Whose value it is was read here, so here it is decided: open, decide, back.
#[test]
fn an_entry_is_decided_from_its_record_in_three_keys() {
    for size in [SMALL, LARGE] {
        let mut harness = Harness::agency(size);
        let of = |harness: &Harness, id: i64| {
            harness.reader.row(Table::Ledger, id).unwrap().unwrap().display("ledger_status").into_owned()
        };
        shows(harness.keys("6 Enter"), "c certify");
        shows(&harness, "(none) → Vendor 01 LLC");
        shows(harness.keys("c"), "Certified LED-0000001: contract FPDS:W15-0001 Vendor 'Vendor 01 LLC'");
        shows(&harness, "> + Vendor ");
        assert_eq!(of(&harness, 1), "Certified");
        // Still there: revoked with a reason, and taken back.
        shows(harness.keys("d"), "Why revoke LED-0000001");
        shows(harness.keys("'too early' Enter"), "Revoked LED-0000001");
        assert_eq!(of(&harness, 1), "Revoked");
        shows(harness.keys("u"), "Took back operation");
        assert_eq!(of(&harness, 1), "Certified");
        shows(harness.keys("Esc"), "[6 Ledger");
        // The code that a field waits for is mapped from here, too.
        harness.keys("1 f Ctrl+U 'key:W15-0002' Enter Enter Down");
        shows(&harness, "m map");
        shows(harness.keys("m"), "Map the code of");
        lacks(harness.keys("Esc r"), "Why reject");
    }
}

#[test]
fn which_of_several_entries_is_meant_is_asked() {
    let mut harness = contested(SMALL);
    // The list shows what is in force; what waits beside it is said before it is certified.
    golden("record_which", harness.keys(OPEN).keys("c"));
    shows(harness.keys("1"), "Certified LED-");
    shows(&harness, "> + Amount               13.00");
    shows(harness.keys("u"), "Took back operation");
    shows(harness.keys("r 1"), "Why reject LED-");
    shows(harness.keys("'no' Enter"), "Rejected LED-");
    // From the entry itself it is that one.
    harness.keys("u Esc 6 f Ctrl+U 'is:pending source:LEGACY field:Amount' Enter Enter");
    shows(harness.keys("c"), "Certified LED-");
    // Somebody else is quicker: what was read is not what is decided on.
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 Enter");
    harness.hold_reads = true;
    let rows = Rows::Filter("name:LED-0000001".into());
    harness.elsewhere(&Command::Decide { verb: Verb::Reject, rows, reason: Some("a slip".into()) });
    shows(harness.keys("c"), "LED-0000001 was changed by druiz");
    harness.release_reads();
    lacks(&harness, "c certify");
    // Who may only map decides on no entry.
    harness.keys("Esc").app.person.roles = "steward".into();
    lacks(harness.keys("Enter"), "c certify");
    lacks(harness.keys("c"), "Certified LED-");
}
