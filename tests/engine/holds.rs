//! Legal holds: what they keep from being disposed of, who sets and lifts them, and that both can be taken back.

use steward::engine::{Command, Error, HeldBack, HoldOn, Mode, Outcome, Refusal, Rows, Verb};
use steward::model::table::Table;

use crate::bench::Bench;

/// Two records with an old value each, of two deliveries that were superseded.
fn aged() -> Bench {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Old 1")])]);
    bench.second_passes();
    bench.deliver("HR", "contact", &[("2", &[("name", "Old 2")])]);
    bench.second_passes();
    bench.deliver("HR", "contact", &[("1", &[("name", "New 1")]), ("2", &[("name", "New 2")])]);
    bench.act_as("rita");
    bench
}

fn hold(on: HoldOn) -> Command {
    Command::Hold { on, reason: "the case of Doe".into() }
}

fn rows(table: Table, filter: &str) -> HoldOn {
    HoldOn::Rows { table, filter: filter.into() }
}

fn dispose(bench: &mut Bench, table: Table, mode: &Mode) -> Outcome {
    let rows = Rows::Filter("source:HR".into());
    let command = Command::Dispose { table, rows, reason: "GRS 5.2".into() };
    bench.act_as("ada").engine.run_in_chunks(&command, mode).unwrap()
}

fn old(bench: &Bench) -> Vec<String> {
    let values = bench.rows(Table::Ledger, "").into_iter().map(|row| row.text("value").to_string());
    values.filter(|value| value.starts_with("Old")).collect()
}

#[test]
fn what_is_held_is_not_disposed_of() {
    let record = |bench: &Bench| HoldOn::Record { target_table: "contact".into(), target_id: bench.target("HR", "1") };
    type On = (&'static str, fn(&Bench) -> HoldOn);
    let table: [On; 5] = [
        ("a record", record),
        ("a delivery", |_| HoldOn::File { job: 1 }),
        ("items by a filter", |_| rows(Table::SyncItems, "value:\"Old 1\"")),
        ("entries by a filter", |_| rows(Table::Ledger, "value:\"Old 1\"")),
        // The newer item holds the old value as the one before: it is not touched, so the old one stays.
        ("the row with a copy of it", |bench| {
            let newer = bench.rows(Table::SyncItems, "value:\"New 1\"")[0].text("item_id").to_string();
            rows(Table::SyncItems, &format!("name:{newer}"))
        }),
    ];
    for (what, on) in table {
        for table in [Table::SyncItems, Table::Ledger] {
            let mut bench = aged();
            bench
                .act_as("rita")
                .run(&Command::Decide { verb: Verb::Certify, rows: Rows::Filter("is:pending".into()), reason: None })
                .unwrap();
            let on = on(&bench);
            bench.run(&hold(on)).unwrap();
            let dry = dispose(&mut bench, table, &Mode::DryRun);
            let real = dispose(&mut bench, table, &Mode::Real);
            assert_eq!((real.changed, &real.held_back), (dry.changed, &dry.held_back), "{what}");
            assert_eq!((old(&bench), real.changed), (vec!["Old 1".to_string()], 1), "{what}: {real:#?}");
            let says = |held: &HeldBack| held.reason == "is under the legal hold HLD-0000001: the case of Doe";
            assert!(real.held_back.iter().any(|held| says(held) && held.rows == 1), "{what}: {real:#?}");
            bench.assert_sound();
        }
    }
}

#[test]
fn a_hold_is_lifted_and_both_are_taken_back() {
    let mut bench = aged();
    bench.run(&hold(HoldOn::File { job: 1 })).unwrap();
    let lift = |row_version| Command::LiftHold { hold: 1, row_version, reason: "the case is closed".into() };
    bench.run(&lift(1)).unwrap();
    let again = bench.run(&lift(2)).unwrap_err().to_string();
    assert_eq!(again, "HLD-0000001 was lifted before.");
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!(dispose(&mut bench, Table::Ledger, &Mode::DryRun).changed, 1, "it stands again");
    bench.act_as("rita").run(&lift(3)).unwrap();
    assert_eq!(dispose(&mut bench, Table::Ledger, &Mode::DryRun).changed, 2);
    bench.act_as("rita").run(&hold(HoldOn::File { job: 2 })).unwrap();
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!(dispose(&mut bench, Table::Ledger, &Mode::Real).changed, 2, "setting it was taken back");
    bench.assert_sound();
}

#[test]
fn who_may_hold_and_what_can_be_held() {
    let mut bench = aged();
    let on = || HoldOn::File { job: 1 };
    let refused = |bench: &mut Bench, command: Command| bench.run(&command).unwrap_err();
    assert!(matches!(refused(bench.act_as("sam"), hold(on())), Error::Refused(Refusal::Role { .. })));
    bench.act_as("rita");
    let blank = Command::Hold { on: on(), reason: " ".into() };
    for (command, says) in [
        (blank, "say why the rows are held"),
        (hold(HoldOn::File { job: 99 }), "There is no sync job"),
        (hold(rows(Table::SyncJobs, "value:x")), "only sync-items and ledger"),
        (hold(rows(Table::Ledger, "colour:red")), "colour"),
        (hold(rows(Table::Ledger, "")), "filter"),
        (Command::LiftHold { hold: 9, row_version: 1, reason: "done".into() }, "There is no legal hold 9"),
    ] {
        let said = refused(&mut bench, command).to_string();
        assert!(said.contains(says), "{said}");
    }
    bench.act_as("ada").run(&hold(on())).unwrap();
    let moved = Command::LiftHold { hold: 1, row_version: 7, reason: "done".into() };
    assert!(refused(&mut bench, moved).to_string().contains("has changed meanwhile"));
    bench.assert_sound();
}

#[test]
fn a_hold_that_somebody_sets_past_the_log_is_found() {
    let mut bench = aged();
    bench.run(&hold(HoldOn::File { job: 1 })).unwrap();
    let conn = rusqlite::Connection::open(&bench.path).unwrap();
    conn.execute_batch("UPDATE legal_hold SET active = 0").unwrap();
    assert_eq!(bench.verify().exit_code, 10);
}
