//! Acts on many rows in several operations: they leave what one operation leaves, are taken back as one, can be stopped
//! and go on, and heed what others do in between.

use std::sync::mpsc::{Receiver, channel};

use steward::engine::{Command, Error, Mode, Outcome, Rows, Verb};
use steward::model::table::Table;

use crate::bench::{Bench, Given};

/// Contacts whose names wait for a reviewer, so many at an operation.
fn pending(names: usize, at_once: usize) -> Bench {
    let mut bench = Bench::new();
    let names: Vec<(String, String)> = (0..names).map(|at| (format!("K{at:02}"), format!("Name {at}"))).collect();
    let fields: Vec<[(&str, &str); 1]> = names.iter().map(|(_, name)| [("name", name.as_str())]).collect();
    let records: Vec<Given> = names.iter().zip(&fields).map(|((key, _), field)| (key.as_str(), &field[..])).collect();
    bench.deliver("HR", "contact", &records);
    bench.rows_at_once = Some(at_once);
    bench.act_as("rita");
    bench
}

fn certify(filter: &str) -> Command {
    Command::Decide { verb: Verb::Certify, rows: Rows::Filter(filter.into()), reason: None }
}

const UNDO: Command = Command::Undo { operation: None };

/// Entries and items as they stand, but for their versions.
fn standing(bench: &Bench) -> Vec<String> {
    let fields =
        ["ledger_status", "statecode", "live", "value", "displaced_by", "reason", "state", "code", "new_value"];
    let rows = [Table::Ledger, Table::SyncItems].into_iter().flat_map(|table| bench.rows(table, ""));
    let line = |row: steward::model::Row| {
        let of = |field: &&str| row.display(field).into_owned();
        format!("{}: {}", row.name(), fields.iter().map(of).collect::<Vec<_>>().join(" | "))
    };
    let current = bench.rows(Table::Ledger, "is:current").into_iter().map(|row| format!("current {}", row.id));
    let jobs =
        bench.rows(Table::SyncJobs, "").into_iter().map(|job| format!("{} {}", job.name(), job.display("job_status")));
    rows.map(line).chain(current).chain(jobs).collect()
}

fn kinds(bench: &Bench, last: usize) -> Vec<String> {
    bench.reader().operations(None, last).unwrap().into_iter().map(|operation| operation.kind).collect()
}

/// Hears of each operation but the last, once it is written.
fn heard(bench: &mut Bench) -> Receiver<(i64, i64)> {
    let (send, told) = channel();
    bench.engine.on_progress(move |done, of| send.send((done, of)).unwrap());
    told
}

/// Asks to stop after so many operations.
fn stop_after(bench: &mut Bench, operations: usize) {
    let stop = bench.engine.stop();
    let mut left = operations;
    bench.engine.on_progress(move |_, _| {
        left = left.saturating_sub(1);
        if left == 0 {
            stop.stop();
        }
    });
}

/// Does something else, as somebody else, between the first operation and the next.
fn meanwhile(bench: &mut Bench, act: impl FnOnce(&mut Bench) + Send + 'static) {
    let mut other = Some((bench.beside("ada"), act));
    bench.engine.on_progress(move |_, _| {
        if let Some((mut other, act)) = other.take() {
            act(&mut other);
        }
    });
}

#[test]
fn many_rows_are_certified_in_operations_that_are_taken_back_together() {
    let mut bench = pending(10, 3);
    let before = standing(&bench);
    let dry = bench.engine.run_in_chunks(&certify("is:pending"), &Mode::DryRun).unwrap();
    assert_eq!((standing(&bench), dry.operation), (before.clone(), None));
    let told = heard(&mut bench);
    let done = bench.run(&certify("is:pending")).unwrap();
    assert_eq!((done.changed, done.values_changed, &*done.summary), (10, 10, "Certified 10 ledger entries"));
    assert_eq!((dry.changed, dry.sample, dry.spread, dry.summary), (10, done.sample, done.spread, done.summary));
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [(3, 10), (6, 10), (9, 10)]);
    assert_eq!(kinds(&bench, 4), ["part", "part", "part", "certify"]);
    let head = done.operation.unwrap();
    let first = bench.reader().operation(head).unwrap().unwrap();
    assert_eq!(first.summary, "Certified 3 ledger entries: the first of 10");
    let mut twin = pending(10, 100);
    twin.run(&certify("is:pending")).unwrap();
    assert_eq!(standing(&bench), standing(&twin));
    bench.assert_sound();

    let certified = standing(&bench);
    let part = bench.run(&Command::Undo { operation: Some(head + 1) }).unwrap_err().to_string();
    assert!(part.contains(&format!("only a part: \"Goes on with operation {head}\"")), "{part}");
    let undone = bench.run(&UNDO).unwrap();
    assert_eq!((undone.changed, standing(&bench)), (20, before));
    let said = format!("Took back operation {head} and its 3 parts, which began: {}", first.summary);
    assert_eq!(undone.summary, said);
    assert_eq!(kinds(&bench, 2), ["undo", "part"]);
    assert_eq!(bench.reader().operation(head).unwrap().unwrap().undone_by, undone.operation);
    bench.assert_sound();
    bench.run(&Command::Undo { operation: undone.operation }).unwrap();
    assert_eq!(standing(&bench), certified);
    bench.assert_sound();
}

#[test]
fn few_rows_are_one_operation() {
    let mut bench = pending(3, 3);
    bench.run(&certify("is:pending")).unwrap();
    assert_eq!(kinds(&bench, 1), ["certify"]);
    bench.assert_sound();
}

#[test]
fn rivals_for_a_field_are_decided_together() {
    let rivals = |at_once| {
        let mut bench = Bench::new();
        let of = |key, source| {
            [("external_key", key), ("target_table", "contact"), ("target_id", key), ("source_system_key", source)]
        };
        for source in ["HR", "FIN"] {
            for key in ["1", "2", "3"] {
                bench.import(steward::engine::Import::Identifiers, &[&of(key, source)]).unwrap();
            }
            let name = [("name", source)];
            let records: Vec<Given> = ["1", "2", "3"].into_iter().map(|key| (key, &name[..])).collect();
            bench.deliver(source, "contact", &records);
        }
        bench.rows_at_once = at_once;
        bench.act_as("rita").run(&certify("is:pending")).unwrap();
        bench.assert_sound();
        bench
    };
    let (parts, whole) = (rivals(Some(1)), rivals(None));
    assert_eq!(kinds(&parts, 3), ["part", "part", "certify"]);
    assert_eq!(standing(&parts), standing(&whole));
}

#[test]
fn what_was_done_before_a_stop_stands_and_is_taken_back_as_one() {
    let mut bench = pending(10, 3);
    let before = standing(&bench);
    stop_after(&mut bench, 2);
    let stopped = bench.run(&certify("is:pending")).unwrap();
    let said = "Stopped after 6 of 10 rows. Certified 6 ledger entries. The others are as they were.";
    assert!(stopped.summary.starts_with(said), "{}", stopped.summary);
    assert_eq!(bench.rows(Table::Ledger, "is:certified").len(), 6);
    bench.assert_sound();
    bench.act_as("rita").run(&UNDO).unwrap();
    assert_eq!(standing(&bench), before);
    bench.assert_sound();
}

#[test]
fn an_undo_that_was_cut_short_goes_on_when_asked_again() {
    let mut bench = pending(10, 3);
    let before = standing(&bench);
    let head = bench.run(&certify("is:pending")).unwrap().operation.unwrap();
    let certified = standing(&bench);
    stop_after(&mut bench, 2);
    let stopped = bench.run(&UNDO).unwrap();
    assert!(stopped.summary.contains(&format!("To go on: steward undo {head}")), "{}", stopped.summary);
    assert_eq!(bench.reader().operation(head).unwrap().unwrap().undone_by, None);
    bench.assert_sound();
    // The process may as well have ended: nothing is remembered but what stands in the log.
    let undone = bench.act_as("rita").run(&UNDO).unwrap();
    assert_eq!((standing(&bench), kinds(&bench, 1)), (before, vec!["undo".to_string()]));
    assert_eq!(bench.reader().operation(head).unwrap().unwrap().undone_by, undone.operation);
    let twice = bench.run(&Command::Undo { operation: Some(head) }).unwrap_err().to_string();
    assert!(twice.contains("was taken back already"), "{twice}");
    bench.assert_sound();
    bench.run(&Command::Undo { operation: undone.operation }).unwrap();
    assert_eq!(standing(&bench), certified);
    bench.assert_sound();
}

#[test]
fn rows_that_moved_since_the_preview_are_held_back_and_told() {
    let mut bench = pending(10, 3);
    let dry = bench.engine.run_in_chunks(&certify("is:pending"), &Mode::DryRun).unwrap();
    let reject = |id| Command::Decide { verb: Verb::Reject, rows: Rows::Ids(vec![id]), reason: Some("no".into()) };
    let reopen = |id| Command::Decide { verb: Verb::Reopen, rows: Rows::Ids(vec![id]), reason: None };
    let ids: Vec<i64> = bench.rows(Table::Ledger, "").iter().map(|row| row.id).collect();
    let mut other = bench.beside("ada");
    // One is gone, one was looked at by somebody else, and one came.
    [reject(ids[1]), reject(ids[4]), reopen(ids[4])].iter().for_each(|act| drop(other.run(act).unwrap()));
    other.deliver("HR", "contact", &[("NEW", &[("name", "Newcomer")])]);
    let done = bench.engine.run_in_chunks(&certify("is:pending"), &Mode::AsPreviewed(dry.fingerprint)).unwrap();
    let held: Vec<(&str, i64)> = done.held_back.iter().map(|held| (held.reason.as_str(), held.rows)).collect();
    assert_eq!(done.changed, 8);
    assert_eq!(
        held,
        [("came after the preview", 1), ("has changed since it was looked at", 1), ("is not among them any more", 1)]
    );
    bench.assert_sound();
}

#[test]
fn what_others_do_between_two_operations_is_heeded() {
    let mut bench = pending(10, 3);
    let last = bench.rows(Table::Ledger, "").last().unwrap().id;
    meanwhile(&mut bench, move |other| {
        let reject = Command::Decide { verb: Verb::Reject, rows: Rows::Ids(vec![last]), reason: Some("no".into()) };
        other.run(&reject).unwrap();
    });
    let done = bench.run(&certify("is:pending")).unwrap();
    assert_eq!((done.changed, done.held_back[0].rows), (9, 1));
    bench.assert_sound();
    // Likewise in an undo: what was certified, and revoked meanwhile, stays.
    let first = bench.rows(Table::Ledger, "")[0].id;
    meanwhile(&mut bench, move |other| {
        let revoke = Command::Decide { verb: Verb::Revoke, rows: Rows::Ids(vec![first]), reason: Some("no".into()) };
        other.run(&revoke).unwrap();
    });
    let undone = bench.run(&UNDO).unwrap();
    assert_eq!(undone.held_back.iter().map(|held| held.rows).sum::<i64>(), 2, "{:?}", undone.held_back);
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 8);
    bench.assert_sound();
}

#[test]
fn an_act_that_somebody_takes_back_meanwhile_ends() {
    let mut bench = pending(10, 3);
    meanwhile(&mut bench, |other| {
        let head = other.reader().operations(None, 1).unwrap()[0].seq;
        other.run(&Command::Undo { operation: Some(head) }).unwrap();
    });
    let ended = bench.run(&certify("is:pending")).unwrap_err().to_string();
    assert!(ended.contains("3 of 10 rows") && ended.contains("taken operation"), "{ended}");
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 10);
    bench.assert_sound();
}

#[test]
fn two_people_do_not_take_the_same_back_at_once() {
    let mut bench = pending(10, 3);
    let head = bench.run(&certify("is:pending")).unwrap().operation;
    meanwhile(&mut bench, move |other| drop(other.run(&Command::Undo { operation: head }).unwrap()));
    let ended = bench.run(&UNDO).unwrap_err().to_string();
    assert!(ended.contains("Somebody else is taking"), "{ended}");
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 10);
    bench.assert_sound();
}

#[test]
fn held_items_are_retried_and_parked_in_parts() {
    let run = |at_once: Option<usize>| {
        let mut bench = Bench::new();
        bench.codes("kind", &["A"]);
        let keys: Vec<String> = (0..7).map(|at| format!("K{at}")).collect();
        let records: Vec<Given> = keys.iter().map(|key| (key.as_str(), &[("kind", "LOT")][..])).collect();
        bench.deliver("SRC", "thing", &records);
        bench.rows_at_once = at_once;
        let mut outcomes: Vec<Outcome> = Vec::new();
        let (held, parked) = (Rows::Filter("is:held".into()), Rows::Filter("is:parked".into()));
        for command in [
            Command::Park { rows: held.clone(), reason: Some("later".into()) },
            Command::Unpark { rows: parked },
            Command::Retry { rows: held, reason: None },
        ] {
            outcomes.push(bench.act_as("sue").run(&command).unwrap());
        }
        outcomes.push(bench.run(&UNDO).unwrap());
        bench.assert_sound();
        let told: Vec<String> = outcomes[..3].iter().map(|outcome| outcome.summary.clone()).collect();
        (told, standing(&bench))
    };
    let (told, parts) = run(Some(2));
    assert_eq!(told, ["Parked 7 items", "Unparked 7 items", "Retried 7 items: 0 went on, 7 did not"]);
    assert_eq!((told, parts), run(None));
}

#[test]
fn a_failed_part_is_told_with_what_stands() {
    let mut bench = pending(10, 3);
    meanwhile(&mut bench, |other| {
        other.run(&Command::SetRoles { login: "rita".into(), roles: vec!["auditor".into()] }).unwrap();
    });
    match bench.run(&certify("is:pending")) {
        Err(Error::Failed(error)) => assert!(error.to_string().contains("3 of 10 rows"), "{error}"),
        other => panic!("{other:?}"),
    }
    bench.assert_sound();
}

#[test]
fn a_certification_that_is_put_back_in_parts_keeps_whose_it_was() {
    let mut bench = pending(3, 1);
    bench.run(&certify("is:pending")).unwrap();
    bench.act_as("ada");
    let certified = bench.reader().operations(None, 3).unwrap().last().unwrap().seq;
    bench.run(&Command::Undo { operation: Some(certified) }).unwrap();
    let undone = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.run(&Command::Undo { operation: Some(undone) }).unwrap();
    let certifiers: Vec<String> =
        bench.rows(Table::Ledger, "is:certified").iter().map(|row| row.display("certified_by").into_owned()).collect();
    assert_eq!(certifiers, ["rita", "rita", "rita"]);
    assert_eq!(kinds(&bench, 2), ["undo", "part"]);
    bench.assert_sound();
}
