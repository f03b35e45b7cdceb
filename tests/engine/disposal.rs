//! Disposal under a records schedule: values go for good, and the log still proves the rest.

use rusqlite::Connection;
use steward::engine::{Command, Error, Import, Mode, Outcome, Refusal, Rows, Verb};
use steward::model::table::Table;

use crate::bench::Bench;

/// Operations: 1 init, 2 to 4 users, 5 policy, 6 and 7 deliveries of which the second supersedes, 8 a rejection.
fn aged() -> Bench {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Certify")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Oldname"), ("mail", "old@example.org")])]);
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Newname")])]);
    bench.act_as("rita").decide(Verb::Reject, "value:old@example.org").unwrap();
    bench.act_as("ada");
    bench
}

fn dispose(bench: &mut Bench, table: Table, filter: &str) -> Result<Outcome, Error> {
    bench.run(&command(table, filter))
}

/// A filter that every row matches.
const ALL: &str = "created>=1970";

fn command(table: Table, filter: &str) -> Command {
    Command::Dispose { table, rows: Rows::Filter(filter.into()), reason: "GRS 5.2, item 020".into() }
}

#[test]
fn values_of_lost_rows_go_and_the_log_still_holds() {
    let mut bench = aged();
    let items = dispose(&mut bench, Table::SyncItems, ALL).unwrap();
    assert_eq!((items.changed, items.held_back[0].rows), (2, 1), "{items:#?}");
    assert!(items.held_back[0].reason.contains("still be decided on"), "{items:#?}");
    bench.assert_sound();
    // An item and its entry go together.
    let again = dispose(&mut bench, Table::Ledger, ALL).unwrap();
    assert_eq!((again.changed, again.operation), (0, None));
    let kept: Vec<String> = bench.rows(Table::Ledger, "").iter().map(|row| row.text("value").to_string()).collect();
    assert_eq!(kept, ["", "", "Newname"]);
    // What is left changes and is checked as before.
    bench.act_as("rita").decide(Verb::Certify, "value:Newname").unwrap();
    bench.act_as("rita").run(&Command::Undo { operation: Some(8) }).unwrap_err();
    assert_eq!(bench.decide(Verb::Reopen, "name:LED-0000002").unwrap().changed, 0);
    bench.assert_sound();
}

#[test]
fn no_byte_of_a_disposed_value_stays_in_the_file() {
    let mut bench = aged();
    let holds = |bench: &Bench, value: &str| {
        Connection::open(&bench.path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        std::fs::read(&bench.path).unwrap().windows(value.len()).any(|bytes| bytes == value.as_bytes())
    };
    assert!(holds(&bench, "Oldname"));
    dispose(&mut bench, Table::SyncItems, ALL).unwrap();
    assert!(!holds(&bench, "Oldname") && holds(&bench, "Newname"));
}

#[test]
fn a_value_in_force_and_one_that_waits_stay() {
    let mut bench = aged();
    bench.act_as("rita").decide(Verb::Certify, "value:Newname").unwrap();
    bench.act_as("ada");
    for (table, changed) in [(Table::Ledger, 2), (Table::SyncItems, 0)] {
        let outcome = dispose(&mut bench, table, "source:HR").unwrap();
        assert_eq!(outcome.changed, changed, "{outcome:#?}");
        assert!(outcome.held_back.iter().any(|held| held.reason.contains("behind a value in force")), "{outcome:#?}");
    }
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Newname"));
    bench.assert_sound();
}

#[test]
fn only_an_admin_disposes_and_names_the_schedule() {
    let mut bench = aged();
    let mut refused = |login: &str, command: &Command| bench.act_as(login).run(command).unwrap_err();
    assert!(matches!(refused("rita", &command(Table::Ledger, ALL)), Error::Refused(Refusal::Role { .. })));
    let nameless = Command::Dispose { table: Table::Ledger, rows: Rows::Filter("".into()), reason: " ".into() };
    assert!(refused("ada", &nameless).to_string().contains("records schedule"));
    assert!(refused("ada", &command(Table::SyncJobs, ALL)).to_string().contains("only sync-items and ledger"));
}

#[test]
fn a_dry_run_says_what_the_real_one_does() {
    let mut bench = aged();
    let dry = bench.engine.run(&command(Table::Ledger, ALL), &Mode::DryRun).unwrap();
    bench.days_pass(1);
    bench.codes("other", &["A"]);
    let expected = Mode::AsPreviewed(dry.fingerprint.clone());
    let real = bench.engine.run(&command(Table::Ledger, ALL), &expected).unwrap();
    assert!(real.erased.is_some());
    assert_eq!(Outcome { operation: None, erased: None, ..real }, dry);
}

#[test]
fn what_a_disposal_left_cannot_be_changed_and_none_can_be_faked() {
    let off = "PRAGMA foreign_keys = OFF; DROP TRIGGER disposed_no_update; DROP TRIGGER disposed_no_delete;
               DROP TRIGGER disposed_change_no_update; DROP TRIGGER operation_change_no_update;";
    // 9 disposes of the entries 1, which 7 superseded, and 2, which 8 rejected.
    for (sql, first_bad) in [
        ("UPDATE integration_ledger SET source_system_key = 'HX' WHERE id = 1", Some(9)),
        ("UPDATE integration_ledger SET value = 'other' WHERE id = 1", Some(9)),
        ("UPDATE operation_change SET after = '{}' WHERE seq = 8", Some(8)),
        ("UPDATE disposed SET leaf = zeroblob(32) WHERE row_id = 1", Some(6)),
        ("UPDATE disposed SET seq = 99", Some(9)),
        ("DELETE FROM disposed WHERE row_id = 1", Some(6)),
        ("INSERT INTO disposed_change SELECT seq, ordinal, zeroblob(32) FROM operation_change WHERE seq = 7", Some(7)),
        ("INSERT INTO disposed VALUES ('integration_ledger', 3, 9, 9, zeroblob(32), 0)", Some(7)),
        ("INSERT INTO disposed VALUES ('integration_ledger', 99, 99, 1, zeroblob(32), 0)", None),
    ] {
        let mut bench = aged();
        dispose(&mut bench, Table::Ledger, ALL).unwrap();
        Connection::open(&bench.path).unwrap().execute_batch(&format!("{off} {sql}")).unwrap();
        let found = bench.verify();
        assert_eq!((found.exit_code, found.first_bad), (10, first_bad), "{sql}: {found:#?}");
    }
}

#[test]
fn a_row_without_its_values_is_not_proved_and_others_are() {
    let mut bench = aged();
    dispose(&mut bench, Table::Ledger, ALL).unwrap();
    let refused = bench.reader().prove(Table::Ledger, 1, None).unwrap_err();
    assert!(refused.to_string().contains("disposed of"), "{refused}");
    bench.reader().prove(Table::Ledger, 3, None).unwrap();
}

/// Who edited an input is told by the attempts before it: as long as the value may be certified they stay.
#[test]
fn an_earlier_attempt_goes_with_the_newest() {
    let mut bench = Bench::new();
    bench.run(&Command::SetRoles { login: "rita".into(), roles: vec!["reviewer".into(), "support".into()] }).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", &"n".repeat(4001))])]);
    let failed = &bench.rows(Table::SyncItems, "")[0];
    bench.act_as("rita").run(&crate::triage::edit(failed, "Ann")).unwrap();
    let early = dispose(bench.act_as("ada"), Table::SyncItems, ALL).unwrap();
    assert_eq!((early.changed, early.operation), (0, None));
    assert!(early.held_back.iter().any(|held| held.reason.contains("who edited the input")), "{early:#?}");
    let own = bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    assert!(own.held_back[0].reason.contains("an input that you edited"), "{own:#?}");
    bench.decide(Verb::Reject, "is:pending").unwrap();
    assert_eq!(dispose(bench.act_as("ada"), Table::SyncItems, ALL).unwrap().changed, 2);
    bench.assert_sound();
}

/// An attempt that was undone goes once the value that it was an attempt at is gone, in one act, however the rows are ordered.
#[test]
fn an_attempt_that_was_undone_goes_with_the_one_that_stands() {
    let mut bench = Bench::new();
    bench.codes("status", &["x"]);
    bench
        .import(Import::Bindings, &[&[("target_table", "contact"), ("field_name", "status"), ("code_list", "status")]])
        .unwrap();
    bench.deliver("HR", "contact", &[("1", &[("status", "a")])]);
    let held = bench.rows(Table::SyncItems, "").remove(0);
    let edited = bench.run(&crate::triage::edit(&held, "b")).unwrap();
    bench.run(&Command::Undo { operation: edited.operation }).unwrap();
    bench.second_passes();
    bench.deliver("HR", "contact", &[("1", &[("status", "c")])]);
    let states: Vec<String> = bench.rows(Table::SyncItems, "").iter().map(|row| row.display("state").into()).collect();
    assert_eq!(states, ["Superseded", "Held", "Held"]);
    let outcome = dispose(&mut bench, Table::SyncItems, "source:HR").unwrap();
    assert_eq!((outcome.changed, outcome.held_back.len()), (2, 1), "{outcome:#?}");
    let left: Vec<String> = bench.rows(Table::SyncItems, "").iter().map(|row| row.text("raw_value").into()).collect();
    assert_eq!(left, ["", "", "c"]);
    bench.assert_sound();
}
