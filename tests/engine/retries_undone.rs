//! Taking retries back: the attempt goes with what it brought, and of all attempts at a value exactly one stands.

use steward::engine::{Command, Error, Import, Refusal, Verb};
use steward::model::table::Table;

use crate::bench::{Bench, NOON};
use crate::triage::{UNDO, edit, items, job, retry, retry_one, waiting_for_map, with_failed, with_held};

#[test]
fn values_of_several_deliveries_are_tried_oldest_first() {
    let mut bench = Bench::new();
    bench.import(Import::Bindings, &[&[("target_table", "contact"), ("on_unknown_key", "hold")]]).unwrap();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    let later = NOON + 60_000_000;
    bench.deliver_at("HR", "contact", later, &[("1", &[("name", "Anne")])]);
    bench.deliver_at("HR", "contact", NOON, &[("1", &[("name", "Ann")])]);
    let key = [("external_key", "1"), ("source_system_key", "HR"), ("target_table", "contact"), ("target_id", "t1")];
    bench.import(Import::Identifiers, &[&key]).unwrap();
    bench.act_as("sue").run(&retry("is:held")).unwrap();
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Anne"));
    let active = bench.rows(Table::SyncItems, "is:active");
    let states: Vec<_> = active.iter().map(|row| (row.text("raw_value"), row.display("state").into_owned())).collect();
    assert_eq!(states, [("Ann", "Superseded".to_string()), ("Anne", "Applied".to_string())]);
    bench.assert_sound();
    // The first of the two attempts changed in the operation that made it, and goes with it.
    bench.run(&UNDO).unwrap();
    assert_eq!(bench.states("is:active"), ["Held", "Held"]);
    assert!(bench.rows(Table::Ledger, "is:active").is_empty());
    bench.assert_sound();
}

#[test]
fn undo_of_a_retry_retires_the_attempt_and_the_old_one_stands_again() {
    let mut bench = with_failed();
    bench.run(&edit(&items(&bench)[0], "Ann")).unwrap();
    assert_eq!(job(&bench), "1 waiting: Indeterminate (Neutral)");
    bench.run(&UNDO).unwrap();
    let all = items(&bench);
    assert_eq!((all[0].display("state").as_ref(), all[0].display("statecode").as_ref()), ("Failed", "Active"));
    assert_eq!(all[1].display("statecode"), "Inactive");
    assert_eq!(job(&bench), "1 failed: Failure");
    assert!(bench.rows(Table::SyncItems, "is:waiting").is_empty());
    assert!(bench.rows(Table::Ledger, "is:pending").is_empty());
    bench.assert_sound();
    let refused = bench.run(&retry_one(2)).unwrap_err();
    assert_eq!(refused.to_string(), "ITM-0000002 (now ITM-0000001) is not the newest attempt.");

    // The undo is taken back in its turn, and again.
    for state in ["1 waiting: Indeterminate (Neutral)", "1 failed: Failure"] {
        let last = bench.reader().operations(None, 2).unwrap();
        let undo = last.iter().find(|operation| operation.kind == "undo").unwrap().seq;
        bench.run(&Command::Undo { operation: Some(undo) }).unwrap();
        assert_eq!(job(&bench), state);
        bench.assert_sound();
    }
    // A new attempt follows the one that stands.
    bench.run(&edit(&items(&bench)[0], "Anna")).unwrap();
    assert_eq!(items(&bench)[2].text("parent_item"), "ITM-0000001");
    assert_eq!(job(&bench), "1 waiting: Indeterminate (Neutral)");
    bench.assert_sound();
}

#[test]
fn an_undone_attempt_is_nobodys_held_value() {
    let mut bench = with_held();
    bench.run(&edit(&items(&bench)[0], &"y".repeat(101))).unwrap();
    bench.run(&UNDO).unwrap();
    assert_eq!((bench.states("is:held").len(), waiting_for_map(&bench)), (1, Some(1)));
    assert_eq!(bench.act_as("sam").map("HR", "status", "x", "A").unwrap().released, 1);
    assert_eq!(job(&bench), "1 waiting: Indeterminate (Neutral)");
    bench.assert_sound();
}

#[test]
fn an_attempt_that_moved_on_stays_and_so_does_the_one_before() {
    for (case, filter, verb) in [("certified", "is:pending", Verb::Certify), ("rejected", "is:pending", Verb::Reject)] {
        let mut bench = with_failed();
        bench.run(&edit(&items(&bench)[0], "Ann")).unwrap();
        let retried = bench.reader().operations(None, 1).unwrap()[0].seq;
        bench.act_as("rita").decide(verb, filter).unwrap();
        let counted = job(&bench);
        let refused = bench.act_as("sue").run(&Command::Undo { operation: Some(retried) }).unwrap_err();
        assert!(matches!(refused, Error::Refused(Refusal::Undo(_))), "{case}: {refused}");
        assert_eq!(job(&bench), counted, "{case}");
        bench.assert_sound();
    }
}

#[test]
fn an_attempt_goes_only_with_its_entry() {
    let mut bench = with_failed();
    bench.act_as("ada").policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    bench.run(&edit(&items(&bench)[0], "Ann")).unwrap();
    let retried = bench.reader().operations(None, 1).unwrap()[0].seq;
    // Revoking moves the entry alone: the item stays applied, since it was.
    bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    bench.decide(Verb::Revoke, "is:certified").unwrap();
    let refused = bench.act_as("ada").run(&Command::Undo { operation: Some(retried) }).unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::Undo(_))), "{refused}");
    assert_eq!(job(&bench), "1 applied: Success");
    bench.assert_sound();
}

#[test]
fn an_earlier_retry_stays_while_the_later_one_stands() {
    let mut bench = with_held();
    bench.run(&retry("is:held")).unwrap();
    let first = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.run(&retry("is:held")).unwrap();
    let refused = bench.run(&Command::Undo { operation: Some(first) }).unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::Undo(_))), "{refused}");
    assert_eq!(job(&bench), "1 held: Indeterminate (Neutral)");
    bench.run(&UNDO).unwrap();
    assert_eq!(job(&bench), "1 held: Indeterminate (Neutral)");
    // Once the later one is taken back, the earlier one is the last.
    bench.run(&Command::Undo { operation: Some(first) }).unwrap();
    assert_eq!(job(&bench), "1 held: Indeterminate (Neutral)");
    bench.assert_sound();
}
