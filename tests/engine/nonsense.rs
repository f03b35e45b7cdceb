//! Setup that makes no sense, and words that come too late: each gets a sentence with its place, and nothing is half done.

use steward::engine::{Command, Error, Import, Refusal, Rows, Verb};
use steward::model::table::Table;

use crate::bench::Bench;

type Row = [(&'static str, &'static str)];

/// Imports a good row and then this one; the whole import is refused for this field.
fn refused(bench: &mut Bench, into: Import, good: &Row, wrong: &Row, field: &str, part: &str) {
    let table = if into == Import::Policies { Table::CommitPolicies } else { Table::ValueMaps };
    let before = bench.rows(table, "").len();
    let error = bench.import(into, &[good, wrong]).unwrap_err();
    let Error::Refused(Refusal::Invalid { place, field: named, problem }) = &error else { panic!("{error}") };
    assert_eq!((place.as_str(), named.as_str()), ("Line 3, ", field), "{wrong:?}");
    assert!(problem.contains(part) && problem.ends_with('.'), "{wrong:?}: {problem}");
    assert_eq!(bench.rows(table, "").len(), before, "{wrong:?}");
    assert_eq!(bench.reader().operations(None, 1).unwrap()[0].kind, "refused", "{wrong:?}");
}

#[test]
fn a_policy_that_makes_no_sense_is_refused_with_its_place() {
    let mut bench = Bench::new();
    let good = [("target_table", "person"), ("commit_mode", "On Ingest")];
    let ranking = |bench: &mut Bench, ranking, part| {
        let wrong = [("target_table", "contact"), ("authoritative_sources", ranking)];
        refused(bench, Import::Policies, &good, &wrong, "authoritative_sources", part);
    };
    for circle in ["HR > FIN > HR", "HR > FIN = HR", "HR = hr", "HR, FIN, HR", "* > HR > *"] {
        ranking(&mut bench, circle, "stands in the list twice");
    }
    for gap in ["HR > > FIN", "> HR", "HR >", "HR = = FIN", ">", "="] {
        ranking(&mut bench, gap, "A source is missing");
    }
    for days in ["-1", "1.5", "many", "3652501", "99999999999999999999"] {
        let wrong = [("target_table", "contact"), ("stale_after_days", days)];
        refused(&mut bench, Import::Policies, &good, &wrong, "stale_after_days", "whole number of days");
    }
    for missing in ["", " "] {
        let wrong = [("target_table", missing), ("commit_mode", "On Ingest")];
        refused(&mut bench, Import::Policies, &good, &wrong, "target_table", "has to be given");
    }
    bench.assert_sound();
}

#[test]
fn a_map_that_makes_no_sense_is_refused_with_its_place() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    let good = [("code_list", "status"), ("source_system_key", "HR"), ("source_code", "x")];
    for confidence in ["1.01", "-0.1", "0.955", "95%", "NaN", "2"] {
        let wrong = [("code_list", "status"), ("source_code", "y"), ("confidence", confidence)];
        refused(&mut bench, Import::ValueMaps, &good, &wrong, "confidence", "a number from 0 to 1");
    }
    let preferred = |code| {
        let decided = [("canonical_code_value", "A"), ("preferred", "Yes")];
        [&[("code_list", "status"), ("source_system_key", "HR"), ("source_code", code)][..], &decided].concat()
    };
    let (one, other) = (preferred("x"), preferred("y"));
    refused(&mut bench, Import::ValueMaps, &one, &other, "preferred", "is preferred for A already");
    bench.assert_sound();
}

#[test]
fn an_undo_of_an_undo_is_refused_once_its_row_is_gone() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    let last = |bench: &Bench| bench.reader().operations(None, 1).unwrap()[0].seq;
    let undo = |seq| Command::Undo { operation: Some(seq) };
    bench.act_as("rita").decide(Verb::Reject, "is:pending").unwrap();
    let rejected = last(&bench);
    bench.run(&undo(rejected)).unwrap();
    let undone = last(&bench);
    bench.decide(Verb::Reject, "is:pending").unwrap();
    let reason = "GRS 5.2, item 020".to_string();
    bench
        .act_as("ada")
        .run(&Command::Dispose { table: Table::Ledger, rows: Rows::Filter("created>=1970".into()), reason })
        .unwrap();
    let rows = |bench: &Bench| [Table::Ledger, Table::SyncItems].map(|table| bench.rows(table, ""));
    let before = rows(&bench);
    let refused = bench.act_as("rita").run(&undo(undone)).unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::Undo(_))), "{refused}");
    assert!(refused.to_string().ends_with("has changed since."), "{refused}");
    let again = bench.run(&undo(rejected)).unwrap_err();
    assert!(again.to_string().contains("was taken back already"), "{again}");
    let nothing = bench.run(&undo(10_000)).unwrap_err();
    assert!(nothing.to_string().contains("no operation 10000"), "{nothing}");
    assert_eq!(rows(&bench), before);
    bench.assert_sound();
}
