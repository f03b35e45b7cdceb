//! `job:` as a filter of the rows that came by a job and do not name it: ledger entries and identifiers.

use steward::engine::{Command, Import, Verb};
use steward::model::filter::Filter;
use steward::model::query::{Query, Sort};
use steward::model::record::Record;
use steward::model::table::Table;

use crate::bench::{Bench, NOON, delivery, record};

fn keys(bench: &Bench, filter: &str) -> Vec<String> {
    bench.rows(Table::Identifiers, filter).iter().map(|row| row.text("external_key").to_string()).collect()
}

fn values(bench: &Bench, filter: &str) -> Vec<String> {
    let named = |row: &steward::model::row::Row| format!("{} {}", row.text("source_system_key"), row.text("value"));
    bench.rows(Table::Ledger, filter).iter().map(named).collect()
}

#[test]
fn entries_are_those_whose_values_the_job_brought() {
    let mut bench = Bench::new();
    bench.codes("state", &["OPEN"]);
    let bound = [("target_table", "contact"), ("field_name", "state"), ("code_list", "state")];
    bench.import(Import::Bindings, &[&bound]).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("state", "o")]), ("2", &[("name", "Bob")])]);
    bench.second_passes();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")]), ("2", &[("name", "Bo")])]);
    bench.second_passes();
    bench.deliver("FIN", "contact", &[("1", &[("name", "Ann")])]);
    // A code that waited comes by the job that delivered it, though a person decided what it means.
    bench.map("HR", "state", "o", "OPEN").unwrap();
    let target = bench.target("HR", "1");
    let scope = steward::engine::Attested::Record { target_table: "contact".into(), target_id: target };
    bench.run(&Command::Attest { scope, reason: Some("read against the file".into()) }).unwrap();
    for (filter, found) in [
        ("job:JOB-0000001", &["HR Ann", "HR Bob", "HR OPEN"][..]),
        ("job:job-1", &["HR Ann", "HR Bob", "HR OPEN"]),
        ("job:2", &["HR Bo"]),
        ("job:2,3", &["HR Bo", "FIN Ann"]),
        ("job:1 field:name", &["HR Ann", "HR Bob"]),
        ("-job:1 is:pending", &["HR Bo", "FIN Ann"]),
        ("job!=1 is:pending", &["HR Bo", "FIN Ann"]),
        ("job:4", &[]),
        ("job:LED-0000001", &[]),
    ] {
        let mut values = values(&bench, filter);
        values.sort_by_key(|value| found.iter().position(|other| other == value));
        assert_eq!(values, found, "{filter}");
    }
    // It is a filter of acts, too.
    let certified = bench.act_as("rita").decide(Verb::Certify, "job:3").unwrap();
    assert_eq!(certified.changed, 1);
    bench.assert_sound();
}

#[test]
fn identifiers_are_those_that_the_job_made() {
    let mut bench = Bench::new();
    let imported =
        [("external_key", "9"), ("source_system_key", "HR"), ("target_table", "contact"), ("target_id", "t-9")];
    bench.import(Import::Identifiers, &[&imported]).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")]), ("9", &[("name", "Zoe")])]);
    bench.second_passes();
    bench.deliver("FIN", "contact", &[("1", &[("name", "Ann")]), ("2", &[])]);
    bench.second_passes();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")]), ("3", &[("name", "Cy")])]);
    for (filter, found) in [
        ("job:JOB-0000001", &["1"][..]),
        ("job:2", &["1", "2"]),
        ("job:3", &["3"]),
        ("job:1,3", &["1", "3"]),
        ("-job:2", &["9", "1", "3"]),
        ("job:2 key:2", &["2"]),
        ("job:4", &[]),
    ] {
        assert_eq!(keys(&bench, filter), found, "{filter}");
    }
}

/// Two deliveries of one source, submitted at the same moment, that were stopped and went on in turns.
#[test]
fn identifiers_of_jobs_that_took_turns_are_told_apart() {
    let mut bench = Bench::new();
    let people = |first: usize| -> Vec<Record> {
        let keys: Vec<String> = (first..first + 6).map(|n| n.to_string()).collect();
        keys.iter().enumerate().map(|(at, key)| record(at, &(key, &[("name", "Ann")]))).collect()
    };
    bench.chunks = vec![2];
    bench.act_as("ada");
    let take = |bench: &mut Bench, first: usize, sha: &str, whole: bool| {
        let one = steward::engine::Delivery { delivery_id: Some(sha.into()), ..delivery("HR", "contact", sha, NOON) };
        let mut records = people(first).into_iter().map(Ok);
        bench.engine.ingest(&one, &mut records, false, &mut |_, _| whole).unwrap();
        bench.second_passes();
    };
    let (one, other) = ("a".repeat(64), "b".repeat(64));
    take(&mut bench, 10, &one, false);
    take(&mut bench, 20, &other, true);
    assert_eq!(keys(&bench, "job:1"), ["10", "11"], "a job that was stopped has what it made so far");
    assert_eq!(keys(&bench, "job:2"), ["20", "21", "22", "23", "24", "25"]);
}

#[test]
fn a_job_is_named_whole() {
    for table in [Table::Ledger, Table::Identifiers] {
        for text in ["job:", "job~3", "job>1", "job:1,"] {
            let problem = Filter::parse(table, text).unwrap_err().to_string();
            assert!(problem.contains("job:JOB-0000001"), "{text}: {problem}");
        }
        let problem = Filter::parse(table, "jo:1").unwrap_err().to_string();
        assert!(problem.contains("Did you mean job?"), "{problem}");
    }
    let sort = Sort::parse(Table::Ledger, "job").unwrap_err();
    assert!(sort.contains("no column job"), "{sort}");
    assert!(Filter::parse(Table::ValueMaps, "job:1").is_err());
}

#[test]
fn what_a_job_brought_is_found_without_reading_what_others_brought() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    let reader = bench.reader();
    for (table, sort) in [
        (Table::Ledger, Sort::OLDEST),
        (Table::Ledger, Sort::NEWEST),
        (Table::Identifiers, Sort::OLDEST),
        (Table::Identifiers, Sort::NEWEST),
    ] {
        let query = Query { table, filter: Filter::parse(table, "job:1").unwrap(), sort };
        let plan = reader.plan(&query, None).unwrap();
        assert!(plan.iter().any(|step| step.starts_with("SEARCH t USING INTEGER PRIMARY KEY")), "{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
        // Whether an operation made items of the job is one search, however many items either has.
        let made_items = "SEARCH i USING COVERING INDEX sync_item_job (integration_sync_job=? AND rowid>? AND rowid<?)";
        assert!(table == Table::Ledger || plan.iter().any(|step| step == made_items), "{plan:#?}");
        // Only the log is looked through: its rows bear times, and no index has them.
        let scans = plan.iter().filter(|step| step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE"));
        let scans: Vec<&String> = scans.filter(|step| *step != "SCAN operation").collect();
        assert_eq!(scans, Vec::<&String>::new(), "{plan:#?}");
    }
}
