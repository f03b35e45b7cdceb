//! No byte of a value that was disposed of stays: the file, what lies beside it, and every place of the store that can hold
//! one are looked through as bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use steward::engine::{Command, Import, Mode, Outcome, Rows, Verb};
use steward::model::table::Table;
use steward::store::{Store, said};

use crate::bench::Bench;
use crate::outbound::{binding, export};
use crate::triage::edit;

/// Records of each kind.
const EACH: usize = 80;

const EVERYTHING: &str = "created>=1970";

/// A value by its kind and number, which no other text of a store holds. Some are long, so that they fill pages of their own.
fn value(kind: &str, at: usize) -> String {
    let long = if at.is_multiple_of(10) { "~".repeat(700 * (at % 30 / 10 + 1)) } else { String::new() };
    format!("«{kind}-{at:04}»{long}")
}

fn dispose(bench: &mut Bench, table: Table, filter: &str) -> Outcome {
    let rows = Rows::Filter(filter.into());
    let command = Command::Dispose { table, rows, reason: "GRS 5.2".into() };
    bench.act_as("ada").engine.run_in_chunks(&command, &Mode::Real).unwrap()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    format!("{}{suffix}", path.display()).into()
}

/// The file and what lies beside it.
fn bytes(path: &Path) -> BTreeMap<&'static str, Vec<u8>> {
    ["", "-wal", "-shm"].into_iter().map(|part| (part, std::fs::read(beside(path, part)).unwrap_or_default())).collect()
}

/// How a value begins, up to its number, and the place where each of its kind ends.
fn mark(value: &str) -> &str {
    &value[..value.find('»').map_or(value.len(), |at| at + '»'.len_utf8())]
}

/// Which of some values are found, and where.
fn found(path: &Path, values: &[String]) -> BTreeSet<String> {
    let wanted: BTreeSet<&str> = values.iter().map(|value| mark(value)).collect();
    let mut out = BTreeSet::new();
    for (part, bytes) in &bytes(path) {
        let mut rest = bytes.as_slice();
        while let Some(at) = rest.iter().position(|byte| *byte == 0xAB) {
            let text = &rest[at.saturating_sub(1)..rest.len().min(at + 30)];
            let text = String::from_utf8_lossy(text);
            if wanted.contains(mark(&text)) {
                out.insert(format!("{} in the file{part}", mark(&text)));
            }
            rest = &rest[at + 1..];
        }
    }
    out
}

fn assert_gone(bench: &Bench, gone: &[String]) {
    let left = found(&bench.path, gone);
    let some: Vec<&String> = left.iter().step_by(left.len() / 10 + 1).collect();
    assert!(left.is_empty(), "{} of {} stayed: {some:?}", left.len(), gone.len());
}

fn records<'a>(values: &'a [(String, String)], field: &'a str) -> Vec<(String, Vec<(&'a str, &'a str)>)> {
    values.iter().map(|(key, value)| (key.clone(), vec![(field, value.as_str())])).collect()
}

fn deliver(bench: &mut Bench, source: &str, field: &str, kind: &str) -> Vec<String> {
    let values: Vec<(String, String)> = (0..EACH).map(|at| (format!("K{at}"), value(kind, at))).collect();
    let records = records(&values, field);
    let given: Vec<(&str, &[(&str, &str)])> =
        records.iter().map(|(key, fields)| (key.as_str(), fields.as_slice())).collect();
    bench.second_passes();
    bench.deliver(source, "contact", &given);
    values.into_iter().map(|(_, value)| value).collect()
}

/// A store in which old values lie in each place that can hold one; and these values.
fn full() -> (Bench, Vec<String>) {
    let mut bench = Bench::new();
    bench.run(&Command::SetRoles { login: "rita".into(), roles: vec!["reviewer".into(), "support".into()] }).unwrap();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    bench.policy(&[("target_table", "contact"), ("field_name", "mail"), ("commit_mode", "On Certify")]);
    bench.codes("status", &["A", "B"]);
    let mut gone = Vec::new();
    // Superseded, with the value before in the items after them, and what a receiver was sent.
    gone.extend(deliver(&mut bench, "HR", "name", "first"));
    let identifiers: Vec<[(&str, String); 4]> = (0..EACH)
        .map(|at| {
            let target = bench.target("HR", &format!("K{at}"));
            [
                ("source_system_key", "FIN".to_string()),
                ("external_key", format!("f{at}")),
                ("target_table", "contact".into()),
                ("target_id", target),
            ]
        })
        .collect();
    let rows: Vec<Vec<(&str, &str)>> =
        identifiers.iter().map(|row| row.iter().map(|(name, value)| (*name, value.as_str())).collect()).collect();
    bench.import(Import::Identifiers, &rows.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
    bench.import(Import::Bindings, &[&binding("name", &[])]).unwrap();
    gone.extend(deliver(&mut bench, "HR", "name", "second"));
    export(&mut bench);
    gone.extend(deliver(&mut bench, "HR", "name", "third"));
    // Rejected for a reason that names it.
    let rejected = deliver(&mut bench, "HR", "mail", "rejected");
    for value in &rejected[1..10] {
        let rows = Rows::Filter(format!("value:\"{value}\""));
        let reason = Some(format!("{value} is no address"));
        bench.act_as("rita").run(&Command::Decide { verb: Verb::Reject, rows, reason }).unwrap();
    }
    bench.act_as("rita").decide(Verb::Reject, "is:pending field:mail").unwrap();
    gone.extend(rejected[10..].iter().cloned());
    // Too long to be taken, edited, and closed after that.
    bench.act_as("ada");
    let long = format!("«failed-0001»{}", "x".repeat(4001));
    bench.deliver("HR", "contact", &[("K1", &[("note", &long)])]);
    let failed = bench.rows(Table::SyncItems, "is:failed").pop().unwrap();
    let edited = "«edited-0001»".to_string();
    bench.act_as("rita").run(&edit(&failed, &edited)).unwrap();
    bench.decide(Verb::Reject, &format!("value:{edited}")).ok();
    gone.extend([long, edited]);
    bench.act_as("ada");
    // In force afterwards, which stays.
    deliver(&mut bench, "HR", "name", "kept");
    export(&mut bench);
    (bench, gone)
}

#[test]
fn no_byte_of_what_was_disposed_of_stays() {
    let (mut bench, gone) = full();
    assert!(found(&bench.path, &gone).len() > 2 * EACH, "they are there before");
    for table in [Table::SyncItems, Table::Ledger] {
        let outcome = dispose(&mut bench, table, EVERYTHING);
        assert!(outcome.erased.is_none_or(|erased| erased.log_left == 0 && !erased.stopped));
    }
    assert_gone(&bench, &gone);
    let kept: Vec<String> = (0..EACH).map(|at| value("kept", at)).collect();
    assert_eq!(bench.rows(Table::Ledger, "is:current field:name").len(), EACH);
    assert!(found(&bench.path, &kept).len() >= EACH, "what is in force stays");
    bench.assert_sound();
}

/// Of a word that no entry stands for eight bytes of its hash are kept.
#[test]
fn no_word_is_remembered_of_what_was_disposed_of() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "«held-0001»")])]);
    let hash = said("«held-0001»").to_be_bytes();
    let holds = |bench: &Bench| bytes(&bench.path).values().any(|bytes| bytes.windows(8).any(|bytes| bytes == hash));
    assert!(holds(&bench));
    let rows = Rows::Filter("is:held".into());
    bench.act_as("sue").run(&Command::Close { rows, reason: "the source is gone".into() }).unwrap();
    let outcome = dispose(&mut bench, Table::SyncItems, EVERYTHING);
    // The proposal for its code is vocabulary.
    assert_eq!(outcome.changed, 1);
    assert!(outcome.named.unwrap().value_maps.contains("MAP-0000001"));
    assert!(!holds(&bench));
    bench.assert_sound();
}

/// In several operations it ends as in one, and in between others get in.
#[test]
fn in_parts_it_is_the_same() {
    let (mut bench, gone) = full();
    bench.rows_at_once = Some(50);
    let rows = Rows::Filter(EVERYTHING.into());
    let command = Command::Dispose { table: Table::SyncItems, rows, reason: "GRS 5.2".into() };
    let dry = bench.act_as("ada").engine.run_in_chunks(&command, &Mode::DryRun).unwrap();
    let real = bench.engine.run_in_chunks(&command, &Mode::AsPreviewed(dry.fingerprint.clone())).unwrap();
    assert!(bench.reader().operations(None, 3).unwrap().iter().all(|operation| operation.kind == "part"));
    assert_eq!((real.changed, &real.held_back), (dry.changed, &dry.held_back));
    assert_gone(&bench, &gone);
    bench.assert_sound();
}

/// A disposal that was cut off before the file was overwritten is ended by the next one, whatever that finds to do.
#[test]
fn what_was_cut_off_is_ended_by_the_next_disposal() {
    let (mut bench, gone) = full();
    dispose(&mut bench, Table::SyncItems, EVERYTHING);
    let marked = |bench: &Bench| -> i64 {
        let conn = Connection::open(&bench.path).unwrap();
        conn.query_row("SELECT seq FROM erasure", [], |row| row.get(0)).unwrap()
    };
    let last = marked(&bench);
    Connection::open(&bench.path).unwrap().execute_batch("DELETE FROM erasure").unwrap();
    let nothing = dispose(&mut bench, Table::SyncItems, "value:nobody");
    assert_eq!((nothing.changed, nothing.operation), (0, None));
    assert!(nothing.erased.is_some());
    assert_eq!(marked(&bench), last);
    assert!(dispose(&mut bench, Table::SyncItems, "value:nobody").erased.is_none(), "and then there is nothing to end");
    assert_gone(&bench, &gone);
}

#[test]
fn a_log_that_others_read_is_told_and_goes_with_them() {
    let (mut bench, gone) = full();
    let other = Connection::open(&bench.path).unwrap();
    other.execute_batch("BEGIN; SELECT count(*) FROM setting").unwrap();
    let erased = dispose(&mut bench, Table::SyncItems, EVERYTHING).erased.unwrap();
    assert!(erased.log_left > 0);
    assert!(erased.notes()[0].contains("its -wal still holds pages as they were"), "{:?}", erased.notes());
    other.execute_batch("COMMIT").unwrap();
    drop(other);
    Connection::open(&bench.path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    assert_gone(&bench, &gone);
}

#[test]
fn copies_beside_the_store_are_named_and_stay_as_they_are() {
    let (mut bench, gone) = full();
    let copy = |name: &str| bench.path.with_file_name(name);
    let (own, mut copies) = (bench.path.clone(), vec![copy("k.db"), copy("test.db.format5"), copy("weekly?#%.db")]);
    for path in &copies {
        steward::engine::backup::back_up(&Store::open(&own).unwrap(), path).unwrap();
    }
    std::fs::write(copy("notes.txt"), "no store").unwrap();
    Bench::new();
    let another = Bench::new();
    std::fs::copy(&another.path, copy("another.db")).unwrap();
    let before: Vec<Vec<u8>> = copies.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let files = |path: &Path| std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    let count = files(&own);
    let erased = dispose(&mut bench, Table::SyncItems, EVERYTHING).erased.unwrap();
    copies.sort();
    let named: Vec<PathBuf> = erased.copies.iter().map(PathBuf::from).collect();
    assert_eq!(named, copies);
    copies =
        vec![own.with_file_name("k.db"), own.with_file_name("test.db.format5"), own.with_file_name("weekly?#%.db")];
    assert!(copies.iter().zip(before).all(|(path, before)| std::fs::read(path).unwrap() == before));
    assert_eq!(files(&own), count, "nothing is made beside them");
    assert!(!found(&copies[0], &gone).is_empty());
}

/// What the log's own sentences say is held by its hashes: it is told, not changed.
#[test]
fn operations_that_name_a_value_are_told() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Certify")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Oldname")]), ("2", &[("name", "Other")])]);
    let reject = |value: &str, reason: &str| Command::Decide {
        verb: Verb::Reject,
        rows: Rows::Filter(format!("value:{value}")),
        reason: Some(reason.into()),
    };
    let named = bench.act_as("rita").run(&reject("Oldname", "Oldname left")).unwrap().operation.unwrap();
    bench.run(&reject("Other", "as agreed")).unwrap();
    let outcome = dispose(&mut bench, Table::Ledger, EVERYTHING);
    assert!(outcome.named.unwrap().operations.into_iter().eq([named]));
    let reasons: Vec<String> = bench.rows(Table::Ledger, "").iter().map(|row| row.text("reason").to_string()).collect();
    assert_eq!(reasons, ["", "as agreed"], "a reason that names the value goes with it");
    bench.assert_sound();
}
