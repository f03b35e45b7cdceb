//! The look at a delivery before it is taken: what it finds, and that it asks only about what is new.

use steward::engine::{Delivery, DoubtKind, Engine, Import, Look};
use steward::model::record::{Cell, Record};
use steward::model::table::Table;

use crate::bench::{Bench, NOON, delivery};

/// Records with these columns.
fn rows(columns: &[&str], rows: &[Vec<String>]) -> Vec<Record> {
    let cells = |row: &Vec<String>| {
        columns.iter().zip(row).map(|(name, value)| ((*name).into(), Cell::Text(value.clone()))).collect()
    };
    rows.iter().enumerate().map(|(at, row)| Record { line: at as u64 + 2, fields: cells(row) }).collect()
}

/// So many people, each with an id, a mail address of their own from a number on, and one of three units.
fn people(count: usize, first: usize) -> Vec<Record> {
    let row = |n: usize| vec![n.to_string(), format!("mail{n}"), format!("unit{}", n % 3)];
    rows(&["id", "mail", "unit"], &(first..first + count).map(row).collect::<Vec<_>>())
}

fn by(key: &str, source: &str, sha: char) -> Delivery {
    Delivery { key_column: key.into(), ..delivery(source, "contact", &sha.to_string().repeat(64), NOON) }
}

fn look(engine: &mut Engine, delivery: &Delivery, records: &[Record]) -> Look {
    engine.look_at_delivery(delivery, &mut records.iter().cloned().map(Ok)).unwrap()
}

fn take(bench: &mut Bench, delivery: &Delivery, records: &[Record]) {
    bench.ingest(delivery, records.iter().cloned().map(Ok).collect());
}

fn found(look: &Look) -> Vec<(DoubtKind, Option<&str>)> {
    look.doubts.iter().map(|doubt| (doubt.doubt, doubt.instead.as_deref())).collect()
}

#[test]
fn a_key_column_is_doubted_where_it_looks_wrong() {
    use DoubtKind::{KeysShared, KeysUnknown};
    let mut bench = Bench::new();
    take(&mut bench, &by("id", "HR", 'a'), &people(30, 0));
    for (rule, delivery, records, expected) in [
        ("the usual column, known keys", by("id", "HR", 'b'), people(30, 0), &[][..]),
        ("the usual column, new keys", by("ID", "HR", 'b'), people(30, 500), &[]),
        ("another column, unknown keys", by("mail", "HR", 'b'), people(30, 0), &[(KeysUnknown, Some("id"))]),
        ("of fewer than 20 records nothing is said", by("mail", "HR", 'b'), people(19, 0), &[]),
        ("another source brings the table as it likes", by("mail", "FIN", 'b'), people(30, 0), &[]),
        (
            "shared keys, of a source that never came",
            by("unit", "FIN", 'b'),
            people(30, 0),
            &[(KeysShared, Some("id"))],
        ),
        (
            "both, where the usual column is the likely one",
            by("unit", "HR", 'b'),
            people(30, 0),
            &[(KeysUnknown, Some("id")), (KeysShared, Some("id"))],
        ),
        (
            "a file that has not the usual column",
            by("mail", "HR", 'b'),
            rows(&["mail"], &(0..20).map(|n| vec![format!("mail{n}")]).collect::<Vec<_>>()),
            &[(KeysUnknown, None)],
        ),
        (
            "another column whose keys are known in part",
            by("code", "HR", 'b'),
            rows(&["code"], &(20..40).map(|n| vec![n.to_string()]).collect::<Vec<_>>()),
            &[],
        ),
    ] {
        assert_eq!(found(&look(&mut bench.engine, &delivery, &records)), expected, "{rule}");
    }
    assert_eq!(bench.rows(Table::SyncJobs, "").len(), 1, "a look writes nothing");
    bench.assert_sound();
}

#[test]
fn a_source_is_doubted_that_is_new_and_spelt_nearly_as_a_known_one() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("authoritative_sources", "HR > LICENSING > *")]);
    let bound = [("target_table", "contact"), ("field_name", "name"), ("source_system_key", "PROCUREMENT")];
    bench.import(Import::Bindings, &[&bound]).unwrap();
    take(&mut bench, &by("id", "PAYROLL", 'a'), &people(1, 0));
    for (rule, source, meant) in [
        ("one that delivered", "PAYROL", Some("PAYROLL")),
        ("one that is bound", "PROCUREMNT", Some("PROCUREMENT")),
        ("one that a policy names", "LICENCING", Some("LICENSING")),
        ("a blank more", "HR ", Some("HR")),
        ("the known one itself", "payroll", None),
        ("one that a policy expects", "licensing", None),
        ("another name", "GIS", None),
    ] {
        let expected: Vec<_> = meant.iter().map(|meant| (DoubtKind::SourceSpelling, Some(*meant))).collect();
        assert_eq!(found(&look(&mut bench.engine, &by("id", source, 'b'), &people(1, 0))), expected, "{rule}");
    }
    // Whoever took it for right is not asked again.
    take(&mut bench, &by("id", "PAYROL", 'c'), &people(1, 0));
    assert_eq!(found(&look(&mut bench.engine, &by("id", "PAYROL", 'd'), &people(2, 0))), []);
}

#[test]
fn what_came_before_is_not_doubted_again() {
    let mut bench = Bench::new();
    bench.chunks = vec![5];
    bench.act_as("ada");
    let (wrong, records) = (by("unit", "HR", 'a'), people(30, 0));
    assert_eq!(look(&mut bench.engine, &wrong, &records).doubts.len(), 1);
    let mut stopped = records.iter().cloned().map(Ok);
    bench.engine.ingest(&wrong, &mut stopped, false, &mut |_, _| false).unwrap();
    let goes_on = look(&mut bench.engine, &wrong, &records);
    assert_eq!((goes_on.doubts.len(), goes_on.keys.records_sharing_a_key), (0, 30), "it goes on where it stopped");
    take(&mut bench, &wrong, &records);
    assert_eq!(look(&mut bench.engine, &wrong, &records).doubts, [], "an unchanged repetition");
    let again = Delivery { again: true, ..wrong.clone() };
    assert_eq!(look(&mut bench.engine, &again, &records).doubts, [], "a repetition that is wanted");
    assert_eq!(look(&mut bench.engine, &by("unit", "HR", 'b'), &records).doubts.len(), 1, "other bytes");
    // What is refused anyway is left to the ingest, which logs who tried it.
    assert_eq!(look(&mut bench.act_as("rita").engine, &by("unit", "HR", 'b'), &records).doubts, []);
}

#[test]
fn shared_keys_are_counted_over_the_whole_delivery() {
    let mut bench = Bench::new();
    let records = [("1", &[("name", "Ann")][..]), ("2", &[]), ("1", &[("name", "Bob")]), ("n/a", &[]), ("n/a", &[])];
    let records: Vec<Record> = records.iter().enumerate().map(|(at, given)| crate::bench::record(at, given)).collect();
    bench.chunks = vec![2];
    bench.act_as("ada");
    let delivery = by("id", "HR", 'a');
    let shared =
        |outcome: &steward::engine::IngestOutcome| (outcome.keys.records_sharing_a_key, outcome.keys.keys_shared);
    let mut take = |dry_run: bool, go_on: bool| {
        let mut records = records.iter().cloned().map(Ok);
        bench.engine.ingest(&delivery, &mut records, dry_run, &mut |_, _| go_on).unwrap()
    };
    assert_eq!(shared(&take(true, true)), (4, 2), "in a dry run");
    assert_eq!(shared(&take(false, false)), (0, 0), "of what was taken before it stopped");
    assert_eq!(shared(&take(false, true)), (4, 2), "of what was taken before, too");
    let again = take(false, true);
    assert!(again.already_delivered);
    assert_eq!(shared(&again), (4, 2), "of a repetition");
    let look = look(&mut bench.engine, &by("id", "HR", 'b'), &records);
    let mut records = records.iter().cloned().map(Ok);
    let other = by("id", "HR", 'b');
    let outcome = bench.engine.ingest_looked_at(&other, &look, &mut records, false, &mut |_, _| true).unwrap();
    assert_eq!(shared(&outcome), (4, 2), "after a look");
    let said: Vec<String> =
        bench.rows(Table::SyncJobs, "").iter().map(|job| job.text("process_message").to_string()).collect();
    assert_eq!(said, ["4 records share 2 keys", "4 records share 2 keys"]);
    bench.deliver("FIN", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!(bench.rows(Table::SyncJobs, "source:FIN")[0].text("process_message"), "");
    bench.assert_sound();
}
