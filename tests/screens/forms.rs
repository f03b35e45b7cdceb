//! Forms and acts beside those of single rows: identifiers, attesting, sending out, disposing, and what an edit would do.

use steward::engine::{Command, Import, ImportRow, MapKey, Rows, Verb};
use steward::model::Table;
use steward::model::choice::Relationship;
use steward::tui::event::Event;

use super::harness::{self, Harness};
use super::{LARGE, LEAST, SMALL, golden, lacks, shows};

fn identifier(harness: &mut Harness, fields: &[(&str, &str)]) {
    let fields = fields.iter().chain(&[("new_target", "Yes")]);
    let fields = fields.map(|(name, text)| (name.to_string(), text.to_string())).collect();
    harness.elsewhere(&Command::Import { into: Import::Identifiers, rows: vec![ImportRow { line: 1, fields }] });
}

/// The record that an identifier stands for.
fn target(harness: &Harness, id: i64) -> String {
    harness.reader.row(Table::Identifiers, id).unwrap().unwrap().text("target_id").to_string()
}

/// How many rows match.
fn rows(harness: &Harness, table: Table, filter: &str) -> i64 {
    let filter = steward::model::filter::Filter::parse(table, filter).unwrap();
    let query = steward::model::query::Query { filter, ..steward::model::query::Query::all(table) };
    harness.reader.count(&query, 10_000).unwrap().n
}

#[test]
fn an_identifier_that_a_delivery_came_by_is_led_to_another_record() {
    let mut harness = Harness::agency(SMALL);
    let second = target(&harness, 2);
    harness.keys("1 f Ctrl+U 'key:W15-0001' Enter");
    golden("edit_identifier", harness.keys("E"));
    // What it would come to stands there before it is saved.
    golden("edit_identifier_effect", harness.keys("Ctrl+U 'slip'"));
    shows(harness.keys("Ctrl+S"), "no contract that the store knows is called slip");
    // What is no record that is known is new only where one says so.
    shows(harness.keys("Tab Right"), "W15-0001 of FPDS stands for the new contract slip");
    shows(harness.keys("Left Shift+Tab Ctrl+U Ctrl+S"), "W15-0001 of FPDS stands for no record; what is delivered");
    shows(harness.keys("u E Ctrl+S"), "Nothing was changed.");
    harness.keys("E Ctrl+U");
    harness.send(Event::Paste(second.clone()));
    // A source that would know a record by two keys is told of with both, and it takes a second word.
    shows(&harness, "FPDS would know one contract as W15-0002 (IDN-0000002) and as W15-0001");
    shows(harness.keys("Ctrl+S"), "Save again");
    assert_ne!(target(&harness, 1), second);
    shows(harness.keys("Ctrl+S"), "Edited IDN-0000001: W15-0001 of FPDS stands for the contract");
    assert_eq!(target(&harness, 1), second);
    harness.keys("u");
    // The record is looked up by a key of it, and picked from what is found.
    golden("edit_identifier_records", harness.keys("E Ctrl+U 'LEGACY:OLD-2'"));
    shows(harness.keys("Down Enter Ctrl+S"), "Edited IDN-0000001: W15-0001 of FPDS stands for the contract");
    assert_eq!(target(&harness, 1), target(&harness, 26));
    shows(harness.keys("u"), "Took back operation");
    // A form that somebody else was quicker than says so, and keeps the draft.
    harness.keys("E Ctrl+U 'typed meanwhile'");
    let changes = [("target_id", "another"), ("new_target", "Yes")];
    let changes = changes.map(|(name, text)| (name.to_string(), text.to_string())).into();
    let row_version = harness.reader.row(Table::Identifiers, 1).unwrap().unwrap().int("row_version").unwrap();
    harness.elsewhere(&Command::EditIdentifier { id: 1, row_version, changes });
    shows(harness.keys("Ctrl+S"), "IDN-0000001 was changed by druiz at 2026-11-22 09:14 UTC meanwhile");
    shows(&harness, "typed meanwhile");
}

#[test]
fn an_identifier_that_a_person_added_is_put_right_in_any_column() {
    let mut harness = Harness::agency(SMALL);
    let first = target(&harness, 1);
    // With nothing typed there is nothing to add yet, and the form stays.
    shows(harness.keys("1 a Ctrl+S"), "Source System Key has to be given.");
    shows(harness.keys("Tab 'P-77' Ctrl+S"), "Source System Key has to be given.");
    shows(harness.keys("'H' Down Enter Tab 'contrct'"), "new to the store");
    golden("add_identifier", harness.keys("Tab 'one'"));
    shows(harness.keys("Ctrl+S"), "no contrct that the store knows is called one");
    shows(harness.keys("Tab Right Ctrl+S"), "Imported 1 identifier");
    harness.keys("g");
    golden("edit_identifier_added", harness.keys("E"));
    golden("edit_identifier_least", {
        harness.send(Event::Resize(LEAST.0, LEAST.1));
        &harness
    });
    harness.send(Event::Resize(SMALL.0, SMALL.1));
    // In the cell: the form begins in the column under the cursor.
    harness.keys("Esc Right Right Right");
    shows(harness.keys("F2"), "> Target Table          [ contrct");
    shows(harness.keys("Ctrl+U 'contr' Down Enter Tab Right Ctrl+S"), "P-77 of HR stands for the new contract one");
    shows(harness.keys("Right Right e"), "> Target ID");
    harness.keys("Ctrl+U");
    harness.send(Event::Paste(first));
    shows(harness.keys("Ctrl+S"), "P-77 of HR stands for the contract");
    // What is out of use is neither edited nor taken out of use again.
    golden("retire_identifier", harness.keys("d"));
    shows(harness.keys("Tab Tab Enter"), "A reason is needed");
    shows(harness.keys("Shift+Tab 'typed twice' Tab Enter"), "Retired IDN-0000030: P-77 of HR is unknown now;");
    shows(harness.keys("v 4 E"), "E does nothing here");
    shows(harness.keys("d"), "d does nothing here");
    shows(harness.keys("u v 1"), "IDN-0000030");
    harness.app.person.roles = "reviewer,support".into();
    shows(harness.keys("E"), "E takes the role steward or admin; yours: reviewer,support.");
    lacks(&harness, "d retire");
}

#[test]
fn a_record_a_delivery_and_a_table_are_attested_by_way_of_the_preview() {
    let mut harness = Harness::agency(SMALL);
    golden("attest_record", harness.keys("6 A"));
    golden("attest_record_large", {
        harness.send(Event::Resize(LARGE.0, LARGE.1));
        &harness
    });
    harness.send(Event::Resize(SMALL.0, SMALL.1));
    shows(harness.keys("Tab 'read against the file' Tab Enter"), "Attested the record");
    assert_eq!(rows(&harness, Table::Ledger, "aspect:Record"), 1);
    shows(harness.keys("u"), "Took back operation");
    assert_eq!(rows(&harness, Table::Ledger, "aspect:Record is:active"), 0);
    shows(harness.keys("4 A"), "all that the delivery of JOB-0000003 brought");
    shows(harness.keys("Shift+Tab Enter"), "Attested the delivery of JOB-0000003");
    shows(harness.keys("1 : 'attest the whole' Enter"), "every record of the table contact");
    shows(harness.keys("Shift+Tab Enter"), "Attested the table contact as rows=");
    // From the record itself; what nobody has an entry of is said.
    shows(harness.keys("1 v 2 g Enter A"), "You chose     the record");
    shows(harness.keys("Esc"), "Record contract");
    harness.app.person.roles = "steward".into();
    for script in ["Esc 6 A", "4 A", "1 A"] {
        shows(harness.keys(script), "A takes the role reviewer or admin; yours: steward.");
    }
    lacks(harness.keys("6 Enter"), "A attest");
}

#[test]
fn a_delivery_is_withdrawn_by_way_of_the_preview() {
    let mut harness = Harness::agency(SMALL);
    golden("withdraw", harness.keys("4 d"));
    shows(harness.keys("Tab 'the wrong file' Tab Enter"), "Withdrew JOB-0000003: ");
    assert_eq!(rows(&harness, Table::SyncJobs, "is:withdrawn"), 1);
    shows(harness.keys("v 5"), "Withdrawn: the wrong file");
    shows(harness.keys("d"), "d does nothing here");
    shows(harness.keys("A"), "A does nothing here");
    shows(harness.keys("u"), "Took back operation");
    assert_eq!(rows(&harness, Table::SyncJobs, "is:withdrawn"), 0);
    harness.app.person.roles = "steward".into();
    shows(harness.keys("v 1 d"), "d takes the role reviewer or admin; yours: steward.");
}

#[test]
fn old_values_are_disposed_of_only_with_a_schedule_and_their_number() {
    let mut harness = Harness::agency(SMALL);
    harness.elsewhere(&Command::Decide {
        verb: Verb::Reject,
        rows: Rows::Ids(vec![1]),
        reason: Some("not on file".into()),
    });
    golden("dispose", harness.keys("6 v 4 Delete"));
    golden("dispose_least", {
        harness.send(Event::Resize(LEAST.0, LEAST.1));
        &harness
    });
    harness.send(Event::Resize(SMALL.0, SMALL.1));
    shows(harness.keys("Shift+Tab Enter"), "The records schedule is needed");
    shows(harness.keys("Tab Tab 'GRS 5.2, item 020' Tab Tab Enter"), "Type the number of rows that will change: 1.");
    shows(harness.keys("Shift+Tab '1' Tab Enter"), "Disposed of the values of 1 ledger entry");
    assert_eq!(harness.reader.row(Table::Ledger, 1).unwrap().unwrap().text("value"), "");
    shows(harness.keys("u"), "cannot be taken back");
    assert_eq!(harness.reader.row(Table::Ledger, 1).unwrap().unwrap().text("value"), "", "there is no way back");
    // Marked rows alone, and only where an admin looks at values.
    shows(harness.keys("v 6 Space Space Delete"), "the 2 rows you marked");
    shows(harness.keys("Esc 4 Delete"), "Delete does nothing here");
    harness.app.person.roles = "steward,reviewer,support".into();
    shows(harness.keys("6 Delete"), "Delete takes the role admin; yours:");
}

/// An agency whose old system is sent vendors, and for which one waits.
fn receiving(size: (u16, u16)) -> Harness {
    let mut harness = Harness::agency(size);
    let first = target(&harness, 1);
    let key = [("source_system_key", "LEGACY"), ("external_key", "L-1"), ("target_table", "contract")];
    identifier(&mut harness, &[&key[..], &[("target_id", first.as_str())]].concat());
    let binding =
        [("target_table", "contract"), ("field_name", "Vendor"), ("source_system_key", "LEGACY"), ("outbound", "Yes")];
    harness::import(&mut harness.engine, Import::Bindings, &[binding.to_vec()]);
    let rows = Rows::Filter("is:pending field:Vendor".into());
    harness.elsewhere(&Command::Decide { verb: Verb::Certify, rows, reason: None });
    harness
}

#[test]
fn what_waits_for_a_receiver_is_sent_into_a_file() {
    let mut harness = receiving(SMALL);
    golden("send", harness.keys("O"));
    golden("send_least", {
        harness.send(Event::Resize(LEAST.0, LEAST.1));
        &harness
    });
    harness.send(Event::Resize(SMALL.0, SMALL.1));
    shows(harness.keys("Ctrl+U 'LEGCY'"), "LEGCY is sent nothing: no binding makes it a receiver.");
    golden("send_completed", harness.keys("Ctrl+U 'leg'"));
    shows(harness.keys("Down Enter 'contr'"), "contract");
    harness.keys("Down Enter Tab Tab");
    golden("send_preview", harness.keys("Shift+Tab Shift+Tab Ctrl+U 'out.ndjson' Ctrl+S"));
    // Back to the form, with what was typed, and there again.
    shows(harness.keys("Esc"), "out.ndjson");
    shows(harness.keys("Ctrl+S Tab Enter"), "Sent 1 value of 1 record to LEGACY");
    assert!(harness.app.overlays.is_empty());
    let text = harness.file("out.ndjson").unwrap();
    assert!(text.contains(r#""external_key":"L-1","values":{"Vendor":"Vendor 01 LLC"}"#), "{text}");
    // Nothing waits now; a file that is there is never written over; and undo queues it again.
    shows(harness.keys("O Tab Tab Ctrl+U 'out.ndjson' Ctrl+S"), "There is such a file already.");
    shows(harness.keys("Esc Tab Shift+Tab Ctrl+U 'more.csv' Ctrl+S"), "0 values");
    shows(harness.keys("Esc Esc u O Ctrl+S"), "1 value");
}

#[test]
fn an_export_that_was_previewed_is_counted_again_where_values_moved() {
    let mut harness = receiving(SMALL);
    harness.keys("O Ctrl+S");
    let revoke = Rows::Filter(format!("is:certified field:Vendor target:{}", target(&harness, 1)));
    let reason = Some("wrong".to_string());
    harness.elsewhere(&Command::Decide { verb: Verb::Revoke, rows: revoke, reason });
    shows(harness.keys("Tab Enter"), "The rows have changed since the preview");
    assert!(harness.file("LEGACY-2026-11-22.csv").is_none());
}

#[test]
fn without_a_receiver_the_form_says_how_one_is_made() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("O"), "No source is sent values: a binding with outbound = Yes makes one");
    shows(harness.keys("Ctrl+S"), "No source is sent values");
    harness.app.person.roles = "reviewer,auditor".into();
    shows(harness.keys("Esc O"), "O takes the role support, steward or admin; yours: reviewer,auditor.");
}

fn listed(size: (u16, u16), filter: &str) -> Harness {
    let mut harness = Harness::agency(size);
    let map = MapKey::Code { source: "FPDS".into(), list: "contract_type".into(), code: "FFP".into() };
    harness.elsewhere(&Command::Map { map, canonical: "J".into(), relationship: Relationship::Equal });
    harness.keys(&format!("5 f Ctrl+U '{filter}' Enter"));
    harness
}

#[test]
fn an_edited_input_shows_what_it_would_come_to_before_it_is_written() {
    let mut harness = listed(SMALL, "code:ST024");
    let before = harness.reader.last_operation().unwrap().0;
    lacks(harness.keys("E"), "Would be");
    golden("edit_input_effect", harness.keys("Ctrl+U 'F'"));
    shows(&harness, "Would be        held: [ST020] The code has no value map; no value in force");
    golden("edit_input_codes", harness.keys("Down"));
    shows(harness.keys("Enter"), "Would be        waiting for a reviewer; no value in force changes");
    golden("edit_input_effect_least", {
        harness.send(Event::Resize(LEAST.0, LEAST.1));
        harness.keys("Shift+Tab Down");
        &harness
    });
    harness.send(Event::Resize(SMALL.0, SMALL.1));
    assert_eq!(harness.reader.last_operation().unwrap().0, before, "nothing is written before it is saved");
    shows(harness.keys("Enter 'from the paper file' Ctrl+S"), "It is waiting for");
    assert_eq!(harness.reader.last_operation().unwrap().0, before + 1);
}

#[test]
fn no_key_waits_for_the_effect_of_an_edit_and_the_last_one_counts() {
    let mut harness = listed(SMALL, "code:ST024");
    harness.keys("E");
    harness.hold_writes = true;
    shows(harness.keys("Ctrl+U 'FF'"), "Would be        …");
    lacks(&harness, "Working");
    shows(harness.keys("'P'"), "[ FFP");
    harness.release_writes();
    shows(&harness, "Would be        waiting for a reviewer");
    // What others wrote meanwhile is in the effect; an edit that cannot be done any more says why.
    harness.elsewhere(&Command::Park { rows: Rows::Filter("code:ST024".into()), reason: None });
    shows(&harness, "Would be        ITM-0000058 was changed by druiz");
    shows(harness.keys("Ctrl+R"), "A type of contract");
    lacks(&harness, "Would be");
}

#[test]
fn forms_complete_and_check_each_name_that_the_store_knows() {
    let mut harness = Harness::agency(SMALL);
    // A ranking names several sources, and each is completed where it stands.
    golden("edit_policy_sources", harness.keys("3 E Tab Tab 'fp'"));
    shows(harness.keys("Down Enter Shift+Tab ' > leg' Down Enter"), "[ FPDS > LEGACY");
    shows(harness.keys("Shift+Tab '> '"), "Authoritative Sources: A source is missing");
    shows(harness.keys("Tab '9999999'"), "Stale After Days: a whole number of days");
    // A list that is none, a preferred map, and codes in the filter.
    shows(harness.keys("Esc Esc 2 a Tab 'kontract'"), "! no such code list");
    shows(harness.keys("Tab Tab Tab Tab Tab Tab Right"), "< No");
    shows(harness.keys("Esc Esc f Ctrl+U 'canonical:' Tab"), "canonical:J");
    shows(harness.keys("Esc 5 f Ctrl+U 'code:st02' Tab"), "code:ST020");
}
