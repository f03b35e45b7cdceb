//! Imports of setup, and what they refuse.

use steward::engine::{Command, Error, Import, Refusal};
use steward::model::table::Table;

use crate::bench::{Bench, map};

#[test]
fn a_wrong_row_refuses_the_whole_import_with_its_place() {
    let good: &[(&str, &str)] = &[("target_table", "contact"), ("commit_mode", "On Ingest")];
    for (wrong, field, part) in [
        (&[("target_table", "")][..], "target_table", "has to be given"),
        (&[("target_table", "a"), ("commit_mode", "Sometimes")], "commit_mode", "On Ingest, On Certify"),
        (&[("target_table", "a"), ("authoritative_sources", "HR > HR")], "authoritative_sources", ""),
        (&[("target_table", "a"), ("stale_after_days", "-1")], "stale_after_days", "from 0 on"),
        (&[("target_table", "a"), ("comit_mode", "On Ingest")], "comit_mode", "Did you mean commit_mode?"),
    ] {
        let mut bench = Bench::new();
        let refused = bench.import(Import::Policies, &[good, wrong]).unwrap_err();
        let Error::Refused(Refusal::Invalid { place, field: named, problem }) = &refused else { panic!("{refused}") };
        assert_eq!((place.as_str(), named.as_str()), ("Line 3, ", field));
        assert!(problem.contains(part), "{problem}");
        assert!(bench.rows(Table::CommitPolicies, "").is_empty());
        bench.assert_sound();
    }
}

#[test]
fn value_maps_need_known_lists_and_codes() {
    let mut bench = Bench::new();
    bench.codes("status", &["ACTIVE", "LEFT"]);
    let row = |list, canonical| {
        [("source_system_key", "HR"), ("code_list", list), ("source_code", "x"), ("canonical_code_value", canonical)]
    };
    let unknown = bench.import(Import::ValueMaps, &[&row("stattus", "ACTIVE")]).unwrap_err();
    assert!(unknown.to_string().contains("Did you mean status?"), "{unknown}");
    let code = bench.import(Import::ValueMaps, &[&row("status", "ACTIV")]).unwrap_err();
    assert!(code.to_string().contains("Did you mean ACTIVE?"), "{code}");
    bench.import(Import::ValueMaps, &[&row("status", "ACTIVE")]).unwrap();
    let same = bench.import(Import::ValueMaps, &[&row("status", "ACTIVE")]).unwrap();
    assert_eq!((same.changed, same.held_back[0].rows), (0, 1));
    let conflict = bench.import(Import::ValueMaps, &[&row("status", "LEFT")]).unwrap_err();
    assert!(conflict.to_string().contains("MAP-0000001 maps this code to ACTIVE already"), "{conflict}");
    // Two lines of one file that contradict each other name each other, and a label is not a code.
    let other = |canonical| [("source_code", "y"), ("code_list", "status"), ("canonical_code_value", canonical)];
    let twice = bench.import(Import::ValueMaps, &[&other("LEFT"), &other("ACTIVE")]).unwrap_err();
    assert!(twice.to_string().starts_with("Line 3, canonical_code_value: line 2 of the same file maps"), "{twice}");
    let codes: &[(&str, &str)] = &[("code", "9"), ("label", "On leave")];
    bench.import(Import::Codes { list: "status".into() }, &[codes]).unwrap();
    let label = bench.import(Import::ValueMaps, &[&other("on leave")]).unwrap_err();
    assert!(label.to_string().contains("but the label of 9. Did you mean 9?"), "{label}");
    bench.assert_sound();
}

/// What a file says of a code that is known is written, decided or not; what it leaves out stays.
#[test]
fn a_file_of_maps_loses_nothing_that_it_says_of_known_codes() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "x")])]);
    let about = [("source_system_key", "HR"), ("code_list", "status"), ("source_code", "x")];
    let mut state = |more: &[(&str, &str)]| {
        let row: Vec<_> = about.iter().chain(more).copied().collect();
        let outcome = bench.import(Import::ValueMaps, &[&row]).unwrap();
        let map = bench.rows(Table::ValueMaps, "code:x").remove(0);
        let said = ["canonical_code_value", "confidence", "relationship", "source_label", "note", "state"];
        (outcome.changed, outcome.released, said.map(|name| map.display(name).into_owned()).join("|"))
    };
    assert_eq!(state(&[("note", "asked HR")]), (1, 0, "||equal|x|asked HR|Proposed".into()));
    let decided = [("canonical_code_value", "A"), ("source_label", "ex"), ("confidence", "0.9")];
    assert_eq!(state(&decided), (1, 1, "A|0.90|equal|ex|asked HR|Active".into()));
    let narrower = [("canonical_code_value", "A"), ("relationship", "narrower")];
    assert_eq!(state(&narrower), (1, 0, "A|0.90|narrower|ex|asked HR|Active".into()));
    assert_eq!(state(&narrower), (0, 0, "A|0.90|narrower|ex|asked HR|Active".into()));
    bench.assert_sound();
}

#[test]
fn importing_maps_releases_what_waits_for_them() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "x")])]);
    let row: &[(&str, &str)] =
        &[("source_system_key", "HR"), ("code_list", "status"), ("source_code", "x"), ("canonical_code_value", "A")];
    let outcome = bench.import(Import::ValueMaps, &[row]).unwrap();
    assert_eq!((outcome.changed, outcome.released), (1, 1));
    bench.assert_sound();
}

#[test]
fn importing_the_same_setup_again_changes_nothing() {
    let mut bench = Bench::new();
    let policy: &[(&str, &str)] = &[("target_table", "contact"), ("commit_mode", "On Ingest")];
    bench.import(Import::Policies, &[policy]).unwrap();
    let again = bench.import(Import::Policies, &[policy]).unwrap();
    assert_eq!((again.changed, again.operation), (0, None));
    bench.codes("status", &["A"]);
    bench.codes("status", &["A"]);
    assert_eq!(bench.rows(Table::CommitPolicies, "").len(), 1);
    bench.assert_sound();
}

#[test]
fn an_edit_of_a_row_that_moved_is_refused() {
    let mut bench = Bench::new();
    bench.codes("status", &["A", "B"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "x")])]);
    let row = &bench.rows(Table::ValueMaps, "")[0];
    let version = row.int("row_version").unwrap();
    bench.map("HR", "status", "x", "A").unwrap();
    let edit = |version, canonical| Command::EditValueMap {
        id: row.id,
        row_version: version,
        changes: map(&[("canonical_code_value", canonical)]),
    };
    let moved = bench.run(&edit(version, "B")).unwrap_err();
    assert!(matches!(moved, Error::Refused(Refusal::RowMoved { .. })), "{moved}");
    let version = bench.rows(Table::ValueMaps, "")[0].int("row_version").unwrap();
    bench.run(&edit(version, "B")).unwrap();
    assert_eq!(bench.rows(Table::ValueMaps, "")[0].text("canonical_code_value"), "B");
    let wrong = bench.run(&edit(version + 1, "C")).unwrap_err();
    assert!(wrong.to_string().contains("not in the code list"), "{wrong}");
    bench.assert_sound();
}

#[test]
fn mapping_refuses_what_makes_no_sense() {
    let mut bench = Bench::new();
    bench.codes("status", &["A", "B"]);
    for (list, code, canonical, part) in [
        ("nolist", "x", "A", "no code list"),
        ("status", "x", "Z", "not in the code list"),
        ("status", "", "A", "1 to 100 characters"),
    ] {
        let refused = bench.map("HR", list, code, canonical).unwrap_err();
        assert!(refused.to_string().contains(part), "{refused}");
    }
    bench.map("HR", "status", "x", "A").unwrap();
    let again = bench.map("HR", "STATUS", "x", "B").unwrap_err();
    assert!(again.to_string().contains("mapped to A already"), "{again}");
    bench.assert_sound();
}
