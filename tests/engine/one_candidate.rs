//! A source has at most one open candidate for a field: whatever people take back, reopen or re-evaluate, what waits for a
//! decision is what the source said last.

use std::collections::HashMap;

use steward::engine::{Command, Import, Reevaluated, Rows, Verb};
use steward::model::table::Table;

use crate::bench::{Bench, map};

fn begin(mode: &str) -> Bench {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", mode)]);
    bench
}

fn says(bench: &mut Bench, value: &str) {
    bench.days_pass(1);
    bench.act_as("ada").deliver("HR", "contact", &[("1", &[("name", value)])]);
}

fn policy(bench: &mut Bench, changes: &[(&str, &str)]) {
    let policy = &bench.rows(Table::CommitPolicies, "")[0];
    let (id, row_version) = (policy.id, policy.int("row_version").unwrap());
    bench.act_as("ada").run(&Command::EditPolicy { id, row_version, changes: map(changes) }).unwrap();
}

fn reevaluate(bench: &mut Bench, scope: Reevaluated) {
    bench.act_as("ada").run(&Command::Reevaluate { scope, reason: None }).unwrap();
}

fn by_policy(bench: &mut Bench) {
    reevaluate(bench, Reevaluated::Policy(1));
}

fn decide(bench: &mut Bench, verb: Verb, value: &str) {
    let (rows, reason) = (Rows::Filter(format!("value:{value}")), Some("looked it up".into()));
    bench.act_as("rita").run(&Command::Decide { verb, rows, reason }).unwrap();
}

/// HR's Ann is written and pending, and Anne waits, since the policy was edited in between.
fn written_and_waiting() -> Bench {
    let mut bench = begin("On Ingest");
    says(&mut bench, "Ann");
    policy(&mut bench, &[("commit_mode", "On Certify")]);
    says(&mut bench, "Anne");
    assert_eq!(
        bench.rows(Table::Ledger, "is:pending is:active").len(),
        2,
        "what is in force gives way to nothing that waits"
    );
    bench
}

/// A history, the value in force after it, and the values that are still to be decided on.
type History = (&'static str, fn() -> Bench, Option<&'static str>, &'static [&'static str]);

const HISTORIES: &[History] = &[
    (
        "re-evaluated to wait: the older one was in force",
        || {
            let mut bench = written_and_waiting();
            by_policy(&mut bench);
            bench
        },
        None,
        &["Anne"],
    ),
    (
        "re-evaluated by field",
        || {
            let mut bench = written_and_waiting();
            let scope = Reevaluated::Fields { target_table: "contact".into(), field_name: Some("name".into()) };
            reevaluate(&mut bench, scope);
            bench
        },
        None,
        &["Anne"],
    ),
    (
        "re-evaluated to be written: the newer one takes the older one's place",
        || {
            let mut bench = written_and_waiting();
            policy(&mut bench, &[("commit_mode", "On Ingest")]);
            by_policy(&mut bench);
            bench
        },
        Some("Anne"),
        &["Anne"],
    ),
    (
        "and that taken back",
        || {
            let mut bench = written_and_waiting();
            policy(&mut bench, &[("commit_mode", "On Ingest")]);
            by_policy(&mut bench);
            bench.undo_last("reevaluate").unwrap();
            bench
        },
        Some("Ann"),
        &["Ann", "Anne"],
    ),
    (
        "a re-evaluation that wrote a value is not taken back where its source said something newer since",
        || {
            let mut bench = begin("On Certify");
            says(&mut bench, "Ann");
            policy(&mut bench, &[("commit_mode", "On Ingest")]);
            by_policy(&mut bench);
            policy(&mut bench, &[("commit_mode", "On Certify")]);
            says(&mut bench, "Anne");
            let refused = bench.undo_last("reevaluate").unwrap_err().to_string();
            assert!(refused.contains("has a newer value of its source to decide on"), "{refused}");
            bench
        },
        Some("Ann"),
        &["Ann", "Anne"],
    ),
    (
        "two rejected ones, the older reopened first",
        || {
            let mut bench = begin("On Certify");
            says(&mut bench, "Ann");
            decide(&mut bench, Verb::Reject, "Ann");
            says(&mut bench, "Anne");
            decide(&mut bench, Verb::Reject, "Anne");
            decide(&mut bench, Verb::Reopen, "Ann");
            decide(&mut bench, Verb::Reopen, "Anne");
            bench
        },
        None,
        &["Ann"],
    ),
    (
        "two rejected ones reopened at once: the newer is the source's word",
        || {
            let mut bench = begin("On Certify");
            says(&mut bench, "Ann");
            decide(&mut bench, Verb::Reject, "Ann");
            says(&mut bench, "Anne");
            decide(&mut bench, Verb::Reject, "Anne");
            decide(&mut bench, Verb::Reopen, "Ann,Anne");
            bench
        },
        None,
        &["Anne"],
    ),
    (
        "a rejection taken back once the source said something newer",
        || {
            let mut bench = begin("On Certify");
            says(&mut bench, "Ann");
            decide(&mut bench, Verb::Reject, "Ann");
            says(&mut bench, "Anne");
            bench.undo_last("reject").unwrap_err();
            bench
        },
        None,
        &["Anne"],
    ),
    (
        "a certification taken back once the source said something newer",
        || {
            let mut bench = begin("On Certify");
            says(&mut bench, "Ann");
            decide(&mut bench, Verb::Certify, "Ann");
            says(&mut bench, "Anne");
            bench.undo_last("certify").unwrap_err();
            bench
        },
        Some("Ann"),
        &["Anne"],
    ),
    (
        "a map given another code, with its source's next code waiting",
        || {
            let mut bench = coded();
            let row = &bench.rows(Table::ValueMaps, "code:y")[0];
            let (id, row_version) = (row.id, row.int("row_version").unwrap());
            let changes = map(&[("canonical_code_value", "C")]);
            bench.run(&Command::EditValueMap { id, row_version, changes }).unwrap();
            reevaluate(&mut bench, Reevaluated::Map(id));
            bench
        },
        Some("A"),
        &["A", "C"],
    ),
    (
        "and its policy re-evaluated",
        || {
            let mut bench = coded();
            by_policy(&mut bench);
            bench
        },
        None,
        &["B"],
    ),
    (
        "a field that got its code list later",
        || {
            let mut bench = begin("On Ingest");
            says(&mut bench, "x");
            policy(&mut bench, &[("commit_mode", "On Certify")]);
            says(&mut bench, "y");
            bench.codes("status", &["A", "B"]);
            let row = [("target_table", "contact"), ("field_name", "name"), ("code_list", "status")];
            bench.import(Import::Bindings, &[&row]).unwrap();
            for (code, canonical) in [("x", "A"), ("y", "B")] {
                bench.map("HR", "status", code, canonical).unwrap();
            }
            let (target_table, field_name) = ("contact".to_string(), "name".to_string());
            reevaluate(&mut bench, Reevaluated::Codes { target_table, field_name });
            bench
        },
        Some("x"),
        &["x", "B"],
    ),
];

/// HR's x is written as A and pending, its y waits as B.
fn coded() -> Bench {
    let mut bench = begin("On Ingest");
    bench.codes("status", &["A", "B", "C"]);
    let row = [("target_table", "contact"), ("field_name", "name"), ("code_list", "status")];
    bench.import(Import::Bindings, &[&row]).unwrap();
    for (code, canonical) in [("x", "A"), ("y", "B")] {
        bench.map("HR", "status", code, canonical).unwrap();
    }
    says(&mut bench, "x");
    policy(&mut bench, &[("commit_mode", "On Certify")]);
    says(&mut bench, "y");
    bench
}

#[test]
fn a_source_has_one_open_candidate_for_a_field() {
    for (name, history, in_force, open) in HISTORIES {
        let bench = history();
        bench.assert_sound();
        assert_eq!(bench.value("HR", "1", "name").as_deref(), *in_force, "{name}");
        let rows = bench.rows(Table::Ledger, "is:pending is:active");
        let values: Vec<&str> = rows.iter().map(|row| row.text("value")).collect();
        assert_eq!(values, *open, "{name}");
        // What is in force counts for itself; of all others there is one.
        let current = bench.rows(Table::Ledger, "is:current").first().map(|row| row.id);
        let mut of_source: HashMap<String, usize> = HashMap::new();
        for row in rows.iter().filter(|row| Some(row.id) != current) {
            *of_source.entry(row.text("source_system_key").to_string()).or_default() += 1;
        }
        assert!(of_source.values().all(|n| *n == 1), "{name}: {of_source:?}");
        // The items went where their entries went.
        for row in bench.rows(Table::SyncItems, "is:waiting") {
            assert!(rows.iter().any(|entry| Some(entry.id) == row.int("ledger")), "{name}: {}", row.name());
        }
    }
}
