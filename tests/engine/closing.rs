//! Closing what did not go on, for good: what may be closed, what a closed item is still asked, and disposing of it.

use steward::engine::{Command, Error, Import, Mode, Outcome, Refusal, Rows};
use steward::model::table::Table;

use crate::bench::{Bench, Given};
use crate::triage::{UNDO, edit, items, job, park, retry, unpark, waiting_for_map, with_failed, with_held};

fn close(filter: &str) -> Command {
    Command::Close { rows: Rows::Filter(filter.into()), reason: "the source is gone".into() }
}

fn parked(mut bench: Bench) -> Bench {
    bench.run(&park("is:active")).unwrap();
    bench
}

#[test]
fn what_did_not_go_on_is_closed_with_its_evidence_and_comes_back_by_an_undo() {
    for (case, mut bench) in [
        ("held", with_held()),
        ("failed", with_failed()),
        ("held, then parked", parked(with_held())),
        ("failed, then parked", parked(with_failed())),
    ] {
        let before = items(&bench).remove(0);
        let (was, waiting) = (job(&bench), bench.rows(Table::ValueMaps, "").first().map(|map| map.int("waiting")));
        let preview = bench.engine.run(&close("is:active"), &Mode::DryRun).unwrap();
        let outcome = bench.run(&close("is:active")).unwrap();
        assert_eq!(Outcome { operation: None, ..outcome.clone() }, preview, "{case}");
        assert!(outcome.summary.starts_with("Closed ITM-000000"), "{case}: {}", outcome.summary);
        let closed = items(&bench).remove(0);
        assert_eq!((closed.display("state").as_ref(), closed.display("statecode").as_ref()), ("Closed", "Active"));
        for kept in ["code", "process_message", "raw_value", "value_map", "external_key", "source_date_time"] {
            assert_eq!(before.value(kept), closed.value(kept), "{case}: {kept}");
        }
        assert_eq!(job(&bench), "1 closed: Indeterminate (Neutral)", "{case}");
        assert_eq!((bench.states("is:closed").len(), bench.states("state:closed").len()), (1, 1), "{case}");
        assert!(bench.rows(Table::ValueMaps, "").iter().all(|map| map.int("waiting") == Some(0)), "{case}");
        let last = &bench.reader().operations(None, 1).unwrap()[0];
        assert_eq!((last.kind.as_str(), last.reason.as_deref()), ("close", Some("the source is gone")), "{case}");
        bench.assert_sound();

        bench.run(&UNDO).unwrap();
        let back = items(&bench).remove(0);
        assert_eq!((back.value("state"), job(&bench)), (before.value("state"), was), "{case}");
        assert_eq!(bench.rows(Table::ValueMaps, "").first().map(|map| map.int("waiting")), waiting, "{case}");
        bench.assert_sound();
    }
}

#[test]
fn only_what_did_not_go_on_is_closed() {
    let mut bench = with_held();
    bench.act_as("ada").policy(&[("target_table", "contact"), ("field_name", "name"), ("commit_mode", "On Ingest")]);
    let given: [Given; 2] = [("1", &[("name", "Ann"), ("mail", "a@example.org")]), ("2", &[("status", "x")])];
    bench.deliver("HR", "contact", &given);
    bench.deliver("HR", "contact", &[("1", &[("mail", "b@example.org")])]);
    let outcome = bench.act_as("sue").run(&close("created>=1970")).unwrap();
    let held_back: Vec<(&str, i64)> = outcome.held_back.iter().map(|held| (held.reason.as_str(), held.rows)).collect();
    assert_eq!(outcome.changed, 2, "{outcome:#?}");
    let waits = "waits for certification; decide its ledger entry instead";
    assert_eq!(
        held_back,
        [("is applied", 1), ("is superseded by a newer value of its source", 1), (waits, 1)],
        "{outcome:#?}"
    );
    bench.assert_sound();
}

#[test]
fn a_closed_item_is_released_tried_and_taken_up_no_more() {
    let mut bench = with_held();
    bench.run(&close("is:held")).unwrap();
    assert_eq!(waiting_for_map(&bench), Some(0));
    let item = items(&bench).remove(0);
    let one = || Rows::Ids(vec![item.id]);
    let gone = "ITM-0000001 is closed for good; undo the closing instead.";
    for (command, expected) in [
        (Command::Retry { rows: one(), reason: None }, gone),
        (edit(&item, "A"), gone),
        (Command::Park { rows: one(), reason: None }, gone),
        (Command::Unpark { rows: one() }, gone),
        (Command::Close { rows: one(), reason: "again".into() }, "ITM-0000001 is already closed."),
    ] {
        let refused = bench.run(&command).unwrap_err();
        assert_eq!(refused.to_string(), expected, "{}", command.name());
    }
    for command in [retry("created>=1970"), unpark("created>=1970"), park("created>=1970")] {
        assert_eq!(bench.run(&command).unwrap().changed, 0, "{}", command.name());
    }
    let mapped = bench.act_as("sam").map("HR", "status", "x", "A").unwrap();
    assert_eq!((mapped.released, bench.states("")), (0, vec!["Closed".to_string()]));
    // The source's next value of the field goes its own way.
    bench.second_passes();
    bench.deliver("HR", "contact", &[("1", &[("status", "A")])]);
    assert_eq!(bench.states("is:closed").len(), 1);
    bench.assert_sound();
}

#[test]
fn closing_takes_a_reason_and_a_role() {
    for reason in ["", " \t ", &"r".repeat(501)] {
        let mut bench = with_held();
        let command = Command::Close { rows: Rows::Filter("is:held".into()), reason: reason.into() };
        assert!(matches!(bench.run(&command), Err(Error::Refused(Refusal::Invalid { .. }))), "{reason:?}");
        assert_eq!(bench.states(""), ["Held"], "{reason:?}");
    }
    for (login, may) in [("sue", true), ("sam", true), ("ada", true), ("rita", false)] {
        let mut bench = with_held();
        assert_eq!(bench.act_as(login).run(&close("is:held")).is_ok(), may, "{login}");
        bench.assert_sound();
    }
}

#[test]
fn what_was_closed_can_be_disposed_of() {
    for mut bench in [with_held(), with_failed()] {
        let dispose = Command::Dispose {
            table: Table::SyncItems,
            rows: Rows::Filter("created>=1970".into()),
            reason: "GRS".into(),
        };
        assert_eq!(bench.act_as("ada").run(&dispose).unwrap().changed, 0);
        bench.run(&close("is:active")).unwrap();
        assert_eq!(bench.run(&dispose).unwrap().changed, 1);
        let item = items(&bench).remove(0);
        assert_eq!((item.text("raw_value"), item.display("state").as_ref()), ("", "Closed"));
        // The closing is not taken back: an item without its value could not go on.
        let closing = bench.reader().operations(None, 2).unwrap()[1].seq;
        let undone = bench.run(&Command::Undo { operation: Some(closing) });
        assert!(undone.is_err() || bench.states("") == ["Closed"], "{undone:?}");
        bench.assert_sound();
    }
}

#[test]
fn what_goes_out_is_closed_and_its_next_value_goes_out_all_the_same() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    let bound =
        [("target_table", "contact"), ("field_name", "status"), ("source_system_key", "PAY"), ("outbound", "Yes")];
    bench.codes("status", &["A", "B"]);
    bench.import(Import::Bindings, &[&bound]).unwrap();
    let of = [["PAY", "P1", "A"], ["PAY", "P2", "A"], ["PAY", "P3", "B"], ["HR", "A", "A"], ["HR", "B", "B"]];
    let maps = of.map(|[source, code, canonical]| {
        [
            ("source_system_key", source),
            ("code_list", "status"),
            ("source_code", code),
            ("canonical_code_value", canonical),
        ]
    });
    let maps: Vec<&[(&str, &str)]> = maps.iter().map(|row| &row[..]).collect();
    bench.import(Import::ValueMaps, &maps).unwrap();
    bench.deliver("PAY", "contact", &[("p1", &[("name", "Ann")])]);
    let target = bench.target("PAY", "p1");
    let key =
        [("external_key", "h1"), ("source_system_key", "HR"), ("target_table", "contact"), ("target_id", &target)];
    bench.import(Import::Identifiers, &[&key]).unwrap();
    bench.deliver("HR", "contact", &[("h1", &[("status", "A")])]);
    assert_eq!(bench.states("source:PAY field:status"), ["Held"]);
    bench.run(&close("is:held")).unwrap();
    bench.second_passes();
    bench.deliver("HR", "contact", &[("h1", &[("status", "B")])]);
    assert_eq!(bench.states("source:PAY field:status"), ["Closed", "Queued"]);
    bench.assert_sound();
}

#[test]
fn many_items_are_closed_in_several_operations_and_come_back_by_one_undo() {
    let run = |at_once: Option<usize>| {
        let mut bench = Bench::new();
        bench.codes("kind", &["A"]);
        let keys: Vec<String> = (0..7).map(|at| format!("K{at}")).collect();
        let records: Vec<Given> = keys.iter().map(|key| (key.as_str(), &[("kind", "LOT")][..])).collect();
        bench.deliver("SRC", "thing", &records);
        bench.rows_at_once = at_once;
        let closed = bench.act_as("sue").run(&close("is:held")).unwrap();
        assert_eq!((closed.summary.as_str(), bench.states("is:closed").len()), ("Closed 7 items", 7));
        let kinds: Vec<String> =
            bench.reader().operations(None, 4).unwrap().into_iter().map(|operation| operation.kind).collect();
        bench.run(&Command::Undo { operation: closed.operation }).unwrap();
        assert_eq!((bench.states("is:held").len(), bench.states("is:closed").len()), (7, 0));
        bench.assert_sound();
        kinds
    };
    assert_eq!(run(None)[0], "close");
    assert_eq!(run(Some(2)), ["part", "part", "part", "close"]);
}
