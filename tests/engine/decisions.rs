//! What people decide: certify, reject, revoke, previews, four eyes, roles, undo.

use std::sync::mpsc::RecvTimeoutError;

use steward::engine::{Command, Error, Mode, Refusal, Rows, Verb};
use steward::model::table::Table;

use crate::bench::Bench;

fn with_pending() -> Bench {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")]), ("2", &[("name", "Bo")])]);
    bench
}

#[test]
fn certifying_puts_the_value_in_force_and_the_item_follows() {
    let mut bench = with_pending();
    let outcome = bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    assert_eq!((outcome.changed, outcome.values_changed), (2, 2));
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    assert_eq!(bench.states(""), ["Applied", "Applied"]);
    let entry = &bench.rows(Table::Ledger, "")[0];
    assert_eq!((entry.display("ledger_status").as_ref(), entry.text("certified_by")), ("Certified", "rita"));
    assert_eq!(bench.rows(Table::SyncJobs, "")[0].display("job_status"), "Success");
    bench.assert_sound();
}

#[test]
fn a_certified_value_goes_before_a_higher_rank_since_a_person_chose() {
    let mut bench = Bench::new();
    bench.policy(&[
        ("target_table", "contact"),
        ("commit_mode", "On Ingest"),
        ("auto_certify", "Yes"),
        ("authoritative_sources", "HR > *"),
    ]);
    let key: &[(&str, &str)] = &[("external_key", "1"), ("target_table", "contact"), ("target_id", "t1")];
    let of = |source| [key, &[("source_system_key", source)]].concat();
    bench.import(steward::engine::Import::Identifiers, &[&of("HR"), &of("FIN")]).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.deliver("FIN", "contact", &[("1", &[("name", "Anna")])]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Anna"));
    bench.assert_sound();

    // Revoking it brings the rival back.
    bench.decide(Verb::Revoke, "source:FIN is:certified").unwrap();
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    bench.assert_sound();
}

#[test]
fn rejecting_and_revoking_follow_their_transitions() {
    let mut bench = with_pending();
    bench.act_as("rita");
    let entries = bench.rows(Table::Ledger, "");
    let one = |verb, id| Command::Decide { verb, rows: Rows::Ids(vec![id]), reason: Some("wrong person".into()) };
    bench.run(&one(Verb::Reject, entries[0].id)).unwrap();
    assert_eq!(bench.states(""), ["Rejected", "Waiting"]);
    assert_eq!(bench.rows(Table::Ledger, "is:rejected")[0].text("reason"), "wrong person");
    let refused = bench.run(&one(Verb::Revoke, entries[0].id)).unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::Transition(_))), "{refused}");
    assert!(refused.to_string().starts_with("LED-0000001"), "{refused}");
    bench.run(&one(Verb::Certify, entries[1].id)).unwrap();
    bench.run(&one(Verb::Revoke, entries[1].id)).unwrap();
    assert_eq!(bench.value("HR", "2", "name"), None);
    assert_eq!(bench.rows(Table::SyncJobs, "")[0].display("job_status"), "Partial Success");
    bench.assert_sound();
}

#[test]
fn bulk_decisions_hold_back_what_may_not_change_and_say_why() {
    let mut bench = with_pending();
    bench.act_as("rita").decide(Verb::Certify, "field:name id:1").unwrap_err();
    bench.decide(Verb::Certify, "name:LED-0000001").unwrap();
    let outcome = bench.decide(Verb::Certify, "created>=1970").unwrap();
    assert_eq!((outcome.changed, outcome.held_back.len(), outcome.held_back[0].rows), (1, 1, 1));
    assert_eq!(outcome.held_back[0].examples, ["LED-0000001"]);
    let nothing = bench.decide(Verb::Certify, "source:nobody").unwrap();
    assert_eq!((nothing.changed, nothing.operation), (0, None));
    bench.assert_sound();
}

/// Of several pending entries of a field that are certified at once, rank and time decide which one is.
#[test]
fn of_rivals_that_are_certified_at_once_the_first_is_certified() {
    // The ranking, what the sources say in their order, an hour apart; whose is certified, and whose is in force.
    type Case =
        (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static [&'static str], &'static str);
    let cases: [Case; 7] = [
        ("alone", "HR > FIN > TAX", &[("HR", "A")], &["HR"], "A"),
        ("rank", "HR > FIN > TAX", &[("HR", "A"), ("FIN", "B")], &["HR"], "A"),
        ("rank, though older", "TAX > FIN > HR", &[("TAX", "A"), ("HR", "B"), ("FIN", "C")], &["TAX"], "A"),
        ("time", "", &[("HR", "A"), ("FIN", "B")], &["FIN"], "B"),
        ("of one mind", "HR > FIN > TAX", &[("HR", "A"), ("FIN", "A")], &["FIN", "HR"], "A"),
        (
            "of one mind against a third",
            "HR > FIN > TAX",
            &[("TAX", "A"), ("FIN", "B"), ("HR", "A")],
            &["HR", "TAX"],
            "A",
        ),
        ("not authoritative", "HR > FIN", &[("TAX", "C"), ("FIN", "B")], &["FIN"], "B"),
    ];
    for (case, ranking, words, certified, in_force) in cases {
        for (at_once, by_marks) in [(None, false), (None, true), (Some(1), false), (Some(2), true)] {
            let mut bench = Bench::new();
            let mode = ("commit_mode", "On Certify");
            bench.policy(&[("target_table", "contact"), mode, ("authoritative_sources", ranking)]);
            for (source, key) in ["HR", "FIN", "TAX"].into_iter().flat_map(|source| [(source, "1"), (source, "2")]) {
                let row = [("external_key", key), ("target_table", "contact"), ("source_system_key", source)];
                let row: Vec<_> = row.into_iter().chain([("target_id", key)]).collect();
                bench.import(steward::engine::Import::Identifiers, &[&row]).unwrap();
            }
            for (source, value) in words {
                bench.act_as("sue").deliver(source, "contact", &[("1", &[("name", value)]), ("2", &[("name", value)])]);
                bench.second_passes();
            }
            bench.rows_at_once = at_once;
            let ids = bench.rows(Table::Ledger, "is:pending").iter().map(|row| row.id).collect();
            let rows = if by_marks { Rows::Ids(ids) } else { Rows::Filter("is:pending".into()) };
            let command = Command::Decide { verb: Verb::Certify, rows, reason: None };
            let dry = bench.act_as("rita").engine.run_in_chunks(&command, &Mode::DryRun).unwrap();
            let real = bench.engine.run_in_chunks(&command, &Mode::Real).unwrap();
            let counts = |outcome: &steward::engine::Outcome| (outcome.changed, outcome.held_back.clone());
            assert_eq!(counts(&dry), counts(&real), "{case}, {at_once:?}");
            let contested = (2 * (words.len() - certified.len())) as i64;
            let told: i64 = real.held_back.iter().map(|held| held.rows).sum();
            assert_eq!(told, contested, "{case}, {at_once:?}: {real:?}");
            assert!(real.held_back.iter().all(|held| held.reason.starts_with("rivals another")), "{case}: {real:?}");
            for key in ["1", "2"] {
                let rows = bench.rows(Table::Ledger, &format!("is:certified target:{key}"));
                let mut sources: Vec<_> = rows.iter().map(|row| row.text("source_system_key")).collect();
                sources.sort_unstable();
                assert_eq!(sources, certified, "{case}, {at_once:?}");
                assert_eq!(bench.value("HR", key, "name").as_deref(), Some(in_force), "{case}, {at_once:?}");
            }
            bench.assert_sound();
        }
    }
}

#[test]
fn a_preview_is_exactly_the_real_run_or_refused() {
    let mut bench = with_pending();
    bench.act_as("rita");
    let command = Command::Decide { verb: Verb::Certify, rows: Rows::Filter("is:pending".into()), reason: None };
    let preview = bench.engine.run(&command, &Mode::DryRun).unwrap();
    bench.decide(Verb::Reject, "name:LED-0000002").unwrap();
    let moved = bench.engine.run(&command, &Mode::AsPreviewed(preview.fingerprint)).unwrap_err();
    assert!(matches!(moved, Error::Refused(Refusal::PreviewMoved)), "{moved}");
    let mut preview = bench.engine.run(&command, &Mode::DryRun).unwrap();
    let real = bench.engine.run(&command, &Mode::AsPreviewed(preview.fingerprint.clone())).unwrap();
    preview.operation = real.operation;
    assert_eq!(preview, real);
    bench.assert_sound();
}

#[test]
fn nobody_certifies_what_came_through_their_own_map_without_a_reason() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "x")])]);
    bench.map("HR", "status", "x", "A").unwrap();
    let outcome = bench.decide(Verb::Certify, "is:pending").unwrap();
    assert_eq!((outcome.changed, outcome.held_back[0].rows), (0, 1));
    let rows = Rows::Filter("is:pending".into());
    let reason = Some("nobody else is here".to_string());
    bench.run(&Command::Decide { verb: Verb::Certify, rows, reason }).unwrap();
    let entry = &bench.rows(Table::Ledger, "")[0];
    assert!(entry.text("notes").contains("author of its value map"), "{}", entry.text("notes"));
    bench.assert_sound();
}

#[test]
fn roles_allow_what_they_say_and_refusals_are_logged() {
    for (login, allowed) in [("sam", false), ("rita", true), ("sue", false), ("ada", true)] {
        let mut bench = with_pending();
        let result = bench.act_as(login).decide(Verb::Certify, "is:pending");
        assert_eq!(result.is_ok(), allowed, "{login}");
        let last = &bench.reader().operations(None, 1).unwrap()[0];
        assert_eq!((last.kind.as_str(), last.actor.as_str()), (if allowed { "certify" } else { "refused" }, login));
    }
    let mut bench = with_pending();
    let refused = bench.act_as("mallory").decide(Verb::Certify, "is:pending").unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::UnknownUser { .. })), "{refused}");
    bench.assert_sound();
}

#[test]
fn undo_takes_a_decision_back_and_can_be_undone() {
    let mut bench = with_pending();
    bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    let undo = Command::Undo { operation: None };
    bench.run(&undo).unwrap();
    assert_eq!(bench.states(""), ["Waiting", "Waiting"]);
    assert_eq!(bench.value("HR", "1", "name"), None);
    bench.assert_sound();
    let undone = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.run(&Command::Undo { operation: Some(undone) }).unwrap();
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    bench.assert_sound();
    let refused = bench.run(&Command::Undo { operation: Some(undone) }).unwrap_err();
    assert!(refused.to_string().contains("taken back already"), "{refused}");
}

#[test]
fn undo_of_a_map_holds_its_items_again() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "x")]), ("2", &[("status", "x")])]);
    bench.map("HR", "status", "x", "A").unwrap();
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!(bench.states(""), ["Held", "Held"]);
    let map = &bench.rows(Table::ValueMaps, "")[0];
    assert_eq!((map.display("state").as_ref(), map.int("waiting")), ("Proposed", Some(2)));
    assert!(bench.rows(Table::Ledger, "is:pending").is_empty());
    bench.assert_sound();
    bench.map("HR", "status", "x", "A").unwrap();
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 2);
    bench.assert_sound();
}

#[test]
fn undo_leaves_alone_what_moved_since() {
    let mut bench = with_pending();
    bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    let certified = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.decide(Verb::Revoke, "name:LED-0000001").unwrap();
    let outcome = bench.run(&Command::Undo { operation: Some(certified) }).unwrap();
    assert!(outcome.held_back.iter().any(|held| held.examples.contains(&"LED-0000001".to_string())), "{outcome:?}");
    assert_eq!(bench.rows(Table::Ledger, "is:revoked").len(), 1);
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 1);
    bench.assert_sound();
}

#[test]
fn a_delivery_is_not_undone() {
    let mut bench = with_pending();
    let ingest = bench.reader().operations(None, 1).unwrap()[0].seq;
    let refused = bench.run(&Command::Undo { operation: Some(ingest) }).unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::Undo(_))), "{refused}");
}

#[test]
fn what_was_refused_has_nothing_to_take_back() {
    let mut bench = with_pending();
    bench.act_as("sam").decide(Verb::Certify, "is:pending").unwrap_err();
    let seq = bench.reader().operations(None, 1).unwrap()[0].seq;
    let said = bench.act_as("ada").run(&Command::Undo { operation: Some(seq) }).unwrap_err().to_string();
    assert_eq!(said, format!("Operation {seq} was refused, so there is nothing to take back."));
}

#[test]
fn a_running_operation_can_be_stopped_and_is_taken_back_whole() {
    let mut bench = Bench::new();
    let keys: Vec<String> = (0..20_000).map(|n| n.to_string()).collect();
    let records: Vec<crate::bench::Given> = keys.iter().map(|key| (key.as_str(), &[("name", "Ann")][..])).collect();
    bench.deliver("HR", "contact", &records);
    let stop = bench.engine.stop();
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    // Asked again and again, so that it does not matter when the operation begins.
    let stopper = std::thread::spawn(move || {
        while is_done
            .recv_timeout(std::time::Duration::from_millis(1))
            .is_err_and(|error| error == RecvTimeoutError::Timeout)
        {
            stop.stop();
        }
    });
    let stopped = bench.decide(Verb::Certify, "is:pending").unwrap_err();
    drop(done);
    stopper.join().unwrap();
    assert!(stopped.to_string().contains("Stopped"), "{stopped}");
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 20_000);
    bench.assert_sound();
}

#[test]
fn whoever_takes_back_what_they_may_not_do_is_refused() {
    let mut bench = with_pending();
    let last = |bench: &Bench| bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    let policy = last(&bench);
    bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    bench.run(&Command::Undo { operation: None }).unwrap();
    let certified_no_more = last(&bench);
    for (login, operation) in [("sam", policy), ("sam", certified_no_more), ("sue", certified_no_more)] {
        let refused = bench.act_as(login).run(&Command::Undo { operation: Some(operation) }).unwrap_err();
        assert!(matches!(refused, Error::Refused(Refusal::Role { .. })), "{login}: {refused}");
    }
    bench.act_as("rita").run(&Command::Undo { operation: Some(certified_no_more) }).unwrap();
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    bench.assert_sound();
}
