//! A source's own word: which of its values stand, give way or come back, and what an edited policy has no say in.

use steward::engine::{Command, Import, Verb};
use steward::model::table::Table;
use steward::model::time::DAY;

use crate::bench::{Bench, NOON};

const UNDO: Command = Command::Undo { operation: None };

fn status(bench: &mut Bench, code: &str) {
    bench.second_passes();
    bench.deliver("HR", "contact", &[("1", &[("status", code)])]);
}

fn map(bench: &mut Bench, code: &str, canonical: &str, confidence: &str) {
    let row = [
        ("code_list", "status"),
        ("source_system_key", "HR"),
        ("source_code", code),
        ("canonical_code_value", canonical),
        ("confidence", confidence),
    ];
    bench.import(Import::ValueMaps, &[&row]).unwrap();
}

/// `HR A Pending Active`, oldest first.
fn entries(bench: &Bench) -> Vec<String> {
    let of = |row: &steward::model::row::Row| {
        let (status, active) = (row.display("ledger_status"), row.display("statecode"));
        format!("{} {status} {active}", row.text("value"))
    };
    bench.rows(Table::Ledger, "").iter().map(of).collect()
}

#[test]
fn a_repeated_value_of_low_confidence_leaves_what_its_source_proposed() {
    let mut bench = Bench::new();
    bench.codes("status", &["A", "B"]);
    map(&mut bench, "a", "A", "1");
    map(&mut bench, "b", "B", "0.5");
    for code in ["a", "b", "b"] {
        status(&mut bench, code);
        assert_eq!(entries(&bench), ["A Pending Active"], "{code}");
    }
    assert_eq!(bench.states(""), ["Waiting", "Held"]);
    bench.assert_sound();
}

#[test]
fn a_newer_word_without_a_value_takes_the_place_of_what_its_source_proposed() {
    type Then = fn(&mut Bench);
    let no_match: Then = |bench| {
        let code = steward::engine::MapKey::Code { source: "HR".into(), list: "status".into(), code: "n".into() };
        bench.run(&Command::NoMatch { map: code }).unwrap();
    };
    let keep: Then = |bench| {
        let binding = [("target_table", "contact"), ("field_name", "status"), ("on_unmapped", "keep")];
        bench.import(Import::Bindings, &[&binding]).unwrap();
    };
    for (case, then) in [("no match", no_match), ("on_unmapped = keep", keep)] {
        let mut bench = Bench::new();
        bench.codes("status", &["A", "B"]);
        map(&mut bench, "a", "A", "1");
        map(&mut bench, "b", "B", "0.5");
        for code in ["a", "b"] {
            status(&mut bench, code);
        }
        then(&mut bench);
        status(&mut bench, "n");
        assert_eq!(entries(&bench), ["A Pending Inactive"], "{case}");
        assert_eq!(bench.states(""), ["Superseded", "Superseded"], "{case}");
        bench.assert_sound();
    }
}

#[test]
fn what_was_rejected_before_takes_the_place_of_what_its_source_proposed_since() {
    let mut bench = Bench::new();
    let name = |bench: &mut Bench, name: &str| {
        bench.second_passes();
        bench.act_as("ada").deliver("HR", "contact", &[("1", &[("name", name)])])
    };
    name(&mut bench, "Ann");
    bench.act_as("rita").decide(Verb::Reject, "is:pending").unwrap();
    name(&mut bench, "Anne");
    assert_eq!(name(&mut bench, "Ann").rejected, 1);
    assert_eq!(entries(&bench), ["Ann Rejected Active", "Anne Pending Inactive"]);
    assert_eq!(bench.states(""), ["Rejected", "Superseded", "Rejected"]);
    bench.assert_sound();
}

#[test]
fn undo_opens_no_second_candidate_of_a_source() {
    for verb in [Verb::Reject, Verb::Certify] {
        let mut bench = Bench::new();
        bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("town", "Bonn")])]);
        bench.act_as("rita").decide(verb, "is:pending").unwrap();
        let decided = bench.reader().operations(None, 1).unwrap()[0].seq;
        bench.days_pass(1);
        bench.act_as("ada").deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
        let (before, states) = (entries(&bench), bench.states(""));
        let undone = bench.act_as("rita").run(&Command::Undo { operation: Some(decided) }).unwrap();
        assert_eq!(undone.held_back[0].reason, "has a newer value of its source to decide on", "{verb:?}");
        assert_eq!((undone.changed, undone.held_back[0].rows), (2, 2), "{verb:?}: {undone:?}");
        let after = entries(&bench);
        assert_eq!((&after[0], after[1].as_str(), &after[2]), (&before[0], "Bonn Pending Active", &before[2]));
        assert_eq!((&bench.states("")[0], bench.states("")[1].as_str()), (&states[0], "Waiting"), "{verb:?}");
        bench.assert_sound();
    }
}

#[test]
fn undo_of_a_map_leaves_an_item_whose_entry_was_revoked_since() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    status(&mut bench, "x");
    bench.map("HR", "status", "x", "A").unwrap();
    let mapped = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.decide(Verb::Revoke, "is:certified").unwrap();
    bench.run(&Command::Undo { operation: Some(mapped) }).unwrap();
    assert_eq!(entries(&bench), ["A Revoked Active"]);
    assert_eq!(bench.states(""), ["Applied"]);
    bench.assert_sound();
}

#[test]
fn an_edited_policy_has_no_say_in_a_clock_that_runs() {
    let policy = |bench: &mut Bench, days: &str| {
        let mode = [("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")];
        bench.policy(&[&mode[..], &[("authoritative_sources", "HR > *"), ("stale_after_days", days)]].concat());
    };
    let mut bench = Bench::new();
    let key = [("external_key", "1"), ("target_table", "contact"), ("target_id", "t1")];
    let of = |source| [&key[..], &[("source_system_key", source)]].concat();
    bench.import(Import::Identifiers, &[&of("HR"), &of("FIN")]).unwrap();
    let stale_on =
        |bench: &Bench| bench.reader().record("contact", "t1").unwrap()[0].in_force.clone().unwrap().stale_on;
    policy(&mut bench, "30");
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    policy(&mut bench, "5");
    // A challenger moves the field's entries, and so do its rejection and a pin; the holder stays as it was.
    bench.deliver("FIN", "contact", &[("1", &[("name", "Anna")])]);
    assert_eq!(stale_on(&bench), Some(NOON + 30 * DAY));
    bench.act_as("rita").decide(Verb::Reject, "is:pending").unwrap();
    let (target_table, target_id) = ("contact".into(), "t1".into());
    let pin = Command::Pin { target_table, target_id, field_name: "name".into(), pinned: true, reason: None };
    bench.run(&pin).unwrap();
    bench.run(&UNDO).unwrap();
    assert_eq!(stale_on(&bench), Some(NOON + 30 * DAY));
    // A confirmation starts the clock anew, by the policy as it stands then: also by one without days.
    bench.days_pass(2);
    bench.act_as("ada").deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!(stale_on(&bench), Some(NOON + 7 * DAY));
    policy(&mut bench, "");
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!(stale_on(&bench), None);
    bench.assert_sound();
}
