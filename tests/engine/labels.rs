//! What identifies a record for people: the keys and the label that ledger entries are shown, filtered and searched by.

use steward::engine::{Command, Error, Import, Rows, Verb, find_field};
use steward::model::filter::Filter;
use steward::model::query::{Query, Sort};
use steward::model::table::Table;

use crate::bench::Bench;

fn label(bench: &mut Bench, table: &str, fields: &str) -> Result<String, String> {
    let command = Command::Set { key: format!("label.{table}"), value: fields.into() };
    match bench.run(&command) {
        Ok(outcome) => Ok(outcome.summary),
        Err(Error::Refused(refusal)) => Err(refusal.to_string()),
        Err(Error::Failed(error)) => panic!("{error:#}"),
    }
}

/// Two people whom HR and FIN know, a case of the same id as one of them, and an attestation.
fn people() -> Bench {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "*"), ("commit_mode", "On Ingest")]);
    let key = |source, table, key, target| {
        [("source_system_key", source), ("target_table", table), ("external_key", key), ("target_id", target)]
    };
    let keys = [
        key("HR", "contact", "1", "t1"),
        key("HR", "contact", "2", "t2"),
        key("FIN", "contact", "f:1", "t1"),
        key("HR", "case", "c", "t1"),
    ];
    bench.import(Import::Identifiers, &keys.each_ref().map(|key| &key[..])).unwrap();
    bench.deliver(
        "HR",
        "contact",
        &[("1", &[("first", "Ann"), ("last", "Nguyễn")]), ("2", &[("first", "Bo"), ("last", "")])],
    );
    bench.deliver("FIN", "contact", &[("f:1", &[("mail", "a_n@example.org")])]);
    bench.deliver("HR", "case", &[("c", &[("title", "Ann")])]);
    bench
}

fn found(bench: &Bench, filter: &str) -> Vec<i64> {
    let mut ids: Vec<i64> = bench.rows(Table::Ledger, filter).iter().map(|row| row.id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn entries_are_shown_filtered_and_searched_by_key_and_label() {
    let mut bench = people();
    assert_eq!(label(&mut bench, "CONTACT", "first, LAST").unwrap(), "Set label.contact to first,last; it was nothing");
    let of = |filter: &str| found(&bench, filter);
    let (ann, bo, case) = (of("target:t1 table:contact"), of("target:t2"), of("table:case"));
    let all = of("");
    let but = |some: &[i64]| all.iter().copied().filter(|id| !some.contains(id)).collect::<Vec<_>>();
    for (filter, expected) in [
        ("key:1", &ann),
        ("key:HR:1", &ann),
        ("key:hr:1", &ann),
        ("key:FIN:1", &vec![]),
        ("key:f:1", &ann),
        ("key:\"FIN:f:1\"", &ann),
        ("key:c", &case),
        ("key:1,2", &but(&case)),
        ("-key:1", &but(&ann)),
        ("key:", &vec![]),
        ("key~F:", &ann),
        ("label:\"Ann Nguyễn\"", &ann),
        ("label:Ann", &vec![]),
        ("label~nguy", &ann),
        ("label~\"n ng\"", &ann),
        ("label:Bo", &bo),
        ("label:", &case),
        ("label!=Bo", &but(&bo)),
        ("nguy source:FIN", &of("source:FIN")),
        ("\"f:1\"", &ann),
        ("source:FIN key:1", &of("source:FIN")),
        ("label~%", &vec![]),
    ] {
        assert_eq!(&found(&bench, filter), expected, "{filter}");
        let query = Query { filter: Filter::parse(Table::Ledger, filter).unwrap(), ..Query::all(Table::Ledger) };
        assert_eq!(bench.reader().count(&query, 100).unwrap().n, expected.len() as i64, "{filter}, counted");
    }
    let shown = |filter: &str| {
        let row = bench.rows(Table::Ledger, filter).remove(0);
        (row.text("external_key").to_string(), row.text("label").to_string())
    };
    assert_eq!(shown("source:HR target:t1 table:contact"), ("1".into(), "Ann Nguyễn".into()));
    assert_eq!(shown("source:FIN"), ("f:1".into(), "Ann Nguyễn".into()));
    assert_eq!(shown("target:t2"), ("2".into(), "Bo".into()));
    assert_eq!(shown("table:case"), ("c".into(), String::new()));
    // An act takes the same filters.
    let rows = Rows::Filter("is:pending label~nguyễn".into());
    let certified = bench.run(&Command::Decide { verb: Verb::Certify, rows, reason: None }).unwrap();
    assert_eq!(certified.changed, ann.len() as i64);
    // The label follows its values, and is gone with its rule.
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("2", &[("last", "Ek")])]);
    assert_eq!(found(&bench, "label:\"Bo Ek\""), found(&bench, "target:t2"));
    label(&mut bench, "contact", "").unwrap();
    assert_eq!(found(&bench, "label~a"), [0; 0]);
    bench.assert_sound();
}

#[test]
fn a_record_is_found_by_its_name() {
    let mut bench = people();
    label(&mut bench, "contact", "first,last").unwrap();
    let target = |bench: &Bench, record: &str| {
        find_field(&bench.reader(), "contact", record, "first")
            .map(|(_, target, _)| target)
            .map_err(|error| error.to_string())
    };
    assert_eq!(target(&bench, "ann nguyễn"), Ok("t1".into()));
    assert_eq!(target(&bench, "Bo"), Ok("t2".into()));
    assert!(target(&bench, "Ann").unwrap_err().contains("Its label will do"));
    bench.deliver("HR", "contact", &[("3", &[("first", "Bo")])]);
    let several = target(&bench, "bo").unwrap_err();
    assert_eq!(several, "bo is the name of several records; name one: HR:2, HR:3.");
    let names = |text: &str| {
        let found = bench.reader().records_like("contact", text, 10).unwrap();
        found.iter().map(|record| record.called()).collect::<Vec<_>>()
    };
    for (text, expected) in [
        ("", &["HR:1", "HR:2", "HR:3"][..]),
        ("bo", &["HR:2", "HR:3"]),
        ("nguy ann", &["HR:1"]),
        ("t1", &["HR:1"]),
        ("FIN:f:1", &["HR:1"]),
        ("%", &[]),
    ] {
        assert_eq!(names(text), expected, "{text}");
    }
}

#[test]
fn a_label_names_a_table_and_fields_that_there_are() {
    let mut bench = people();
    for (table, fields, part) in [
        ("contct", "first", "Did you mean contact?"),
        ("contact", "frist", "Did you mean first?"),
        ("contact", "first;last", "no field that the store knows is called first;last"),
    ] {
        let refusal = label(&mut bench, table, fields).unwrap_err();
        assert!(refusal.contains(part), "{refusal}");
    }
    assert!(bench.act_as("sam").run(&Command::Set { key: "label.contact".into(), value: "first".into() }).is_err());
    let near =
        bench.act_as("ada").run(&Command::Set { key: "lable.contact".into(), value: "first".into() }).unwrap_err();
    assert!(near.to_string().contains("no setting lable.contact"), "{near}");
    assert_eq!(bench.reader().label_rules().unwrap(), []);
    label(&mut bench, "contact", "last,first,last").unwrap();
    assert_eq!(bench.reader().label_rules().unwrap(), [("label.contact".to_string(), "last,first".to_string())]);
    bench.run(&Command::Undo { operation: None }).unwrap();
    bench.assert_sound();
    // Nothing is sorted by what is looked up.
    for name in ["key", "label"] {
        assert!(Sort::parse(Table::Ledger, name).unwrap_err().contains("filter by it"));
        assert!(Filter::parse(Table::Ledger, &format!("{name}>a")).unwrap_err().to_string().contains("has no order"));
    }
}
