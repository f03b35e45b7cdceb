//! Reopening, recertifying, pinning, and what a rejection is remembered for.

use steward::engine::{Command, Error, Import, Refusal, Verb};
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
