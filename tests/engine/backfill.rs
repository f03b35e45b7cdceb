//! Queueing what a receiver never got: it was bound, or came to know a record, after the value came into force.

use steward::engine::{Command, Error, Import, Mode, Outcome, Refusal};
use steward::model::table::Table;

use crate::bench::Bench;
use crate::outbound::{binding, deliver, export, outbound, states, to, with_receiver};

fn key(source: &'static str, key: &'static str, target: &'static str) -> [(&'static str, &'static str); 4] {
    [("source_system_key", source), ("external_key", key), ("target_table", "contact"), ("target_id", target)]
}

/// A dry run says what the real one then does.
fn backfill(bench: &mut Bench) -> Outcome {
    let before = bench.reader().digest().unwrap().seq;
    let mut preview = bench.engine.backfill(&to("FIN"), &Mode::DryRun).unwrap();
    assert_eq!(bench.reader().digest().unwrap().seq, before, "a dry run writes nothing");
    let outcome = bench.engine.backfill(&to("FIN"), &Mode::Real).unwrap();
    preview.operation = outcome.operation;
    assert_eq!(preview, outcome);
    outcome
}

fn unbound(bench: &mut Bench, outbound: &'static str) {
    bench.import(Import::Bindings, &[&[&binding("name", &[])[..3], &[("outbound", outbound)]].concat()]).unwrap();
}

#[test]
fn a_receiver_that_came_later_gets_what_is_in_force() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);
    let cases: &[Case] = &[
        ("it was bound later", &[("no", ""), ("HR", "Ann"), ("yes", "")], &["Queued Ann"]),
        (
            "it says something else of its own",
            &[("no", ""), ("FIN", "Bo"), ("HR", "Ann"), ("yes", "")],
            &["Queued Ann"],
        ),
        ("it supplied it", &[("no", ""), ("FIN", "Ann"), ("yes", "")], &[]),
        ("it has it", &[("no", ""), ("FIN", "Ann"), ("HR", "Bo"), ("HR", "Ann"), ("yes", "")], &[]),
        ("it waits already", &[("HR", "Ann")], &["Queued Ann"]),
        ("it got it", &[("HR", "Ann"), ("send", "")], &["Applied Ann"]),
        (
            "it got it, and says something else",
            &[("HR", "Ann"), ("send", ""), ("FIN", "Bo"), ("HR", "Anna"), ("send", "")],
            &["Superseded Ann", "Applied Anna"],
        ),
        ("nothing is in force", &[], &[]),
        ("it is not bound", &[("HR", "Ann"), ("no", "")], &["Superseded Ann"]),
    ];
    for (case, steps, expected) in cases {
        let mut bench = with_receiver();
        for (what, value) in *steps {
            match *what {
                "no" => unbound(&mut bench, "No"),
                "yes" => unbound(&mut bench, "Yes"),
                "send" => drop(export(&mut bench)),
                source => deliver(&mut bench, source, "name", value),
            }
        }
        let before = states(&bench);
        let outcome = backfill(&mut bench);
        assert_eq!(states(&bench), *expected, "{case}");
        assert_eq!(outcome.changed, (expected.len() - before.len()) as i64, "{case}");
        assert_eq!(outcome.operation.is_some(), outcome.changed > 0, "{case}");
        assert_eq!(backfill(&mut bench).changed, 0, "{case}, once more");
        bench.assert_sound();
    }
}

#[test]
fn a_record_that_a_receiver_comes_to_know_is_sent_once_it_is_asked_for() {
    let mut bench = with_receiver();
    bench.import(Import::Identifiers, &[&key("HR", "2", "t2")]).unwrap();
    bench.deliver("HR", "contact", &[("2", &[("name", "Bo")])]);
    assert_eq!(backfill(&mut bench).changed, 0);
    // A second key of the record makes no second item.
    bench.import(Import::Identifiers, &[&key("FIN", "f2", "t2"), &key("FIN", "f2b", "t2")]).unwrap();
    let outcome = backfill(&mut bench);
    assert_eq!((outcome.changed, outcome.summary.as_str()), (1, "Queued 1 value that FIN never got"));
    assert_eq!(outbound(&bench)[0].text("external_key"), "f2");
    bench.assert_sound();
}

/// So many that it takes several operations, which undo takes back as one.
#[test]
fn many_are_queued_in_parts_and_taken_back_at_once() {
    let mut bench = with_receiver();
    let names: Vec<[String; 3]> = (10..17).map(|n| [format!("h{n}"), format!("f{n}"), format!("r{n}")]).collect();
    for [hr, fin, target] in &names {
        let of = |source: &'static str, key: &str| {
            let key = key.to_string();
            (source, key)
        };
        for (source, key) in [of("HR", hr), of("FIN", fin)] {
            let row = [
                ("source_system_key", source),
                ("external_key", key.as_str()),
                ("target_table", "contact"),
                ("target_id", target.as_str()),
            ];
            bench.import(Import::Identifiers, &[&row]).unwrap();
        }
    }
    unbound(&mut bench, "No");
    for [hr, ..] in &names {
        bench.deliver("HR", "contact", &[(hr.as_str(), &[("name", "Ann")])]);
    }
    unbound(&mut bench, "Yes");
    bench.engine.rows_at_once(3);
    let outcome = backfill(&mut bench);
    assert_eq!((outcome.changed, states(&bench).len()), (7, 7));
    let kinds: Vec<String> = bench.reader().operations(None, 3).unwrap().into_iter().map(|one| one.kind).collect();
    assert_eq!(kinds, ["part", "part", "backfill"]);
    bench.assert_sound();
    let undone = bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!((undone.changed, states(&bench)), (7, vec!["Superseded Ann".to_string(); 7]));
    bench.assert_sound();
    assert_eq!(backfill(&mut bench).changed, 7, "what was taken back was never sent");
    // What was sent since stays as it is.
    export(&mut bench);
    let refused = bench.undo_last("backfill").unwrap_err().to_string();
    assert!(refused.contains("was sent since"), "{refused}");
    bench.assert_sound();
}

#[test]
fn what_is_queued_for_a_receiver_has_its_refusals() {
    let mut bench = with_receiver();
    let mut refused =
        |login: &str, source: &str| bench.act_as(login).engine.backfill(&to(source), &Mode::Real).unwrap_err();
    assert!(refused("sue", "FINN").to_string().contains("no receiver FINN. Did you mean FIN?"));
    assert!(matches!(refused("rita", "FIN"), Error::Refused(Refusal::Role { .. })));
    assert_eq!(bench.reader().operations(None, 1).unwrap()[0].kind, "refused");
    assert!(bench.rows(Table::SyncItems, "").is_empty());
    bench.assert_sound();
}
