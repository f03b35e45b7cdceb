//! Reopening, recertifying, pinning, and what a rejection is remembered for.

use steward::engine::{Command, Error, Import, Refusal, Rows, Verb};
use steward::model::table::Table;

use crate::bench::Bench;

fn pin(bench: &Bench, pinned: bool) -> Command {
    let target_id = bench.rows(Table::Identifiers, "")[0].text("target_id").to_string();
    Command::Pin { target_table: "contact".into(), target_id, field_name: "name".into(), pinned, reason: None }
}

#[test]
fn a_rejected_entry_is_reopened_and_decided_on_again() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.act_as("rita").decide(Verb::Reject, "is:pending").unwrap();
    bench.decide(Verb::Reopen, "is:rejected").unwrap();
    assert_eq!(bench.states(""), ["Waiting"]);
    bench.decide(Verb::Certify, "is:pending").unwrap();
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    let again = bench.decide(Verb::Reopen, "is:certified").unwrap();
    assert_eq!((again.changed, again.held_back[0].rows), (0, 1));
    bench.assert_sound();
}

#[test]
fn a_rejected_entry_with_a_newer_rival_of_its_source_stays_rejected() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.act_as("rita").decide(Verb::Reject, "is:pending").unwrap();
    bench.act_as("ada").days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
    let outcome = bench.decide(Verb::Reopen, "is:rejected").unwrap();
    assert!(outcome.held_back[0].reason.contains("newer value"), "{outcome:?}");
    bench.assert_sound();
}

#[test]
fn of_a_sources_rejected_values_only_the_newest_is_reopened() {
    let mut bench = Bench::new();
    for name in ["Ann", "Anne", "Anna"] {
        bench.act_as("ada").deliver("HR", "contact", &[("1", &[("name", name)])]);
        bench.act_as("rita").decide(Verb::Reject, "is:pending").unwrap();
        bench.days_pass(1);
    }
    let outcome = bench.decide(Verb::Reopen, "is:rejected").unwrap();
    assert_eq!((outcome.changed, outcome.held_back[0].rows), (1, 2));
    assert_eq!(bench.states(""), ["Rejected", "Rejected", "Waiting"]);
    bench.assert_sound();
}

#[test]
fn a_stale_value_is_recertified_and_its_clock_starts_anew() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("stale_after_days", "30")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    let early = bench.decide(Verb::Recertify, "is:certified").unwrap();
    assert!(early.held_back[0].reason.contains("not stale"), "{early:?}");
    bench.days_pass(30);
    assert_eq!(bench.rows(Table::Ledger, "is:stale").len(), 1);
    assert_eq!(bench.decide(Verb::Recertify, "is:stale").unwrap().changed, 1);
    assert!(bench.rows(Table::Ledger, "is:stale").is_empty());
    bench.days_pass(30);
    assert_eq!(bench.rows(Table::Ledger, "is:stale").len(), 1);
    bench.assert_sound();
}

#[test]
fn taking_a_recertification_back_turns_the_clock_back() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("stale_after_days", "30")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    bench.days_pass(30);
    assert_eq!(bench.decide(Verb::Recertify, "is:stale").unwrap().changed, 1);
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!(bench.rows(Table::Ledger, "is:stale").len(), 1);
    bench.assert_sound();
}

#[test]
fn its_own_source_confirms_a_value_and_keeps_it_from_getting_stale() {
    let mut bench = Bench::new();
    bench.policy(&[
        ("target_table", "contact"),
        ("commit_mode", "On Ingest"),
        ("auto_certify", "Yes"),
        ("stale_after_days", "30"),
    ]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.days_pass(20);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.days_pass(20);
    assert!(bench.rows(Table::Ledger, "is:stale").is_empty());
    bench.days_pass(10);
    assert_eq!(bench.rows(Table::Ledger, "is:stale").len(), 1);
    bench.assert_sound();
}

#[test]
fn a_stale_holder_gives_way_to_a_lower_rank() {
    let mut bench = Bench::new();
    bench.policy(&[
        ("target_table", "contact"),
        ("commit_mode", "On Ingest"),
        ("auto_certify", "Yes"),
        ("authoritative_sources", "HR > *"),
        ("stale_after_days", "30"),
    ]);
    let key: &[(&str, &str)] = &[("external_key", "1"), ("target_table", "contact"), ("target_id", "t1")];
    let of = |source| [key, &[("source_system_key", source)]].concat();
    bench.import(Import::Identifiers, &[&of("HR"), &of("FIN")]).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.days_pass(29);
    bench.deliver("FIN", "contact", &[("1", &[("name", "Anna")])]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    bench.days_pass(1);
    bench.deliver("FIN", "contact", &[("1", &[("name", "Annie")])]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Annie"));
    bench.assert_sound();
}

#[test]
fn a_pinned_value_holds_until_it_is_let_go() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    let (hold, let_go) = (pin(&bench, true), pin(&bench, false));
    bench.run(&hold).unwrap();
    let twice = bench.run(&hold).unwrap_err();
    assert!(matches!(twice, Error::Refused(Refusal::Transition(_))), "{twice}");
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    let waiting = bench.rows(Table::SyncItems, "is:waiting");
    assert!(waiting[0].text("process_message").contains("pinned"), "{}", waiting[0].text("process_message"));
    bench.assert_sound();
    bench.run(&let_go).unwrap();
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Anneke")])]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Anneke"));
    bench.assert_sound();
}

#[test]
fn what_was_rejected_before_is_closed_until_something_changed() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Certify"), ("authoritative_sources", "HR > *")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.act_as("rita").decide(Verb::Reject, "is:pending").unwrap();
    bench.act_as("ada").days_pass(1);
    // The same again is no news; after another word it is closed by what was decided on it.
    let again = bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!((again.rejected, again.waiting, again.unchanged), (0, 0, 1));
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Bo")])]);
    bench.days_pass(1);
    let again = bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!((again.rejected, again.waiting), (1, 0));
    let item = &bench.rows(Table::SyncItems, "is:rejected")[1];
    assert!(
        item.text("process_message").starts_with("Rejected before by rita on 2026-"),
        "{}",
        item.text("process_message")
    );
    bench.assert_sound();

    // Another value, or another policy, is another question.
    bench.days_pass(1);
    assert_eq!(bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]).waiting, 1);
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("authoritative_sources", "HR > *")]);
    bench.days_pass(1);
    assert_eq!(bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]).applied, 1);
    bench.assert_sound();
}

/// What happens between two deliveries.
type Change<'a> = &'a dyn Fn(&mut Bench);

#[test]
fn a_value_in_force_that_nobody_certified_stays_while_its_sources_next_one_waits() {
    let on_ingest = [("target_table", "contact"), ("commit_mode", "On Ingest")];
    let pinned = |bench: &mut Bench| {
        bench.run(&pin(bench, true)).unwrap();
    };
    let on_certify = |bench: &mut Bench| bench.policy(&[("target_table", "contact"), ("commit_mode", "On Certify")]);
    let not_listed = |bench: &mut Bench| bench.policy(&[on_ingest[0], on_ingest[1], ("authoritative_sources", "FIN")]);
    let cases: [(&str, Change); 3] = [("pinned", &pinned), ("on certify", &on_certify), ("not listed", &not_listed)];
    for (case, then) in cases {
        let mut bench = Bench::new();
        bench.policy(&on_ingest);
        bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
        then(&mut bench);
        for name in ["Anne", "Anna"] {
            bench.days_pass(1);
            bench.deliver("HR", "contact", &[("1", &[("name", name)])]);
        }
        assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"), "{case}");
        assert_eq!(bench.states(""), ["Applied", "Superseded", "Waiting"], "{case}");
        bench.assert_sound();
    }
}

#[test]
fn what_two_policies_hold_is_held_once() {
    let mut bench = Bench::new();
    let policy = [("target_table", "contact"), ("commit_mode", "On Ingest")];
    // An undone policy comes back beside the one that was made since.
    bench.policy(&policy);
    let made = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.run(&Command::Undo { operation: Some(made) }).unwrap();
    let undone = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.policy(&policy);
    bench.run(&Command::Undo { operation: Some(undone) }).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.second_passes();
    assert_eq!(bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]).unchanged, 1);
    assert_eq!(bench.rows(Table::SyncItems, "is:held code:ST030").len(), 1);
    bench.assert_sound();
}

#[test]
fn all_that_is_held_of_a_source_gives_way_to_its_newer_value() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    for (code, aside) in [("x", true), ("y", false)] {
        bench.deliver("HR", "contact", &[("1", &[("status", code)])]);
        bench.second_passes();
        if aside {
            bench.run(&Command::Park { rows: Rows::Filter("is:held".into()), reason: None }).unwrap();
        }
    }
    bench.run(&Command::Unpark { rows: Rows::Filter("is:active".into()) }).unwrap();
    assert_eq!(bench.states(""), ["Held", "Held"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "z")])]);
    assert_eq!(bench.states(""), ["Superseded", "Superseded", "Held"]);
    bench.assert_sound();
}
