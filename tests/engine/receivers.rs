//! What waits for a receiver while other things happen: acts that are taken back, values that are gone, receivers that do
//! not take what they are sent, and records whose keys move.

use steward::engine::{Command, Import, Mode, Rows, Verb};
use steward::model::row::Row;
use steward::model::table::Table;

use crate::bench::{Bench, map};
use crate::outbound::{Kept, binding, deliver, export, outbound, states, to, with_receiver};

/// HR ranks before TAX and FIN, and all three know the record; FIN receives the name, and what its binding says besides.
fn ranked(more: &[(&'static str, &'static str)]) -> Bench {
    let mut bench = with_receiver();
    bench
        .import(
            Import::Identifiers,
            &[&[("source_system_key", "TAX"), ("external_key", "t"), ("target_table", "contact"), ("target_id", "t1")]],
        )
        .unwrap();
    bench.import(Import::Bindings, &[&binding("name", more)]).unwrap();
    policy(&mut bench, "On Ingest", "HR > TAX = FIN");
    bench
}

fn policy(bench: &mut Bench, mode: &str, sources: &str) {
    bench.policy(&[
        ("target_table", "contact"),
        ("commit_mode", mode),
        ("auto_certify", if mode == "On Ingest" { "Yes" } else { "No" }),
        ("authoritative_sources", sources),
    ]);
}

/// One word of a scenario.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A source delivers a name, a day later.
    Says(&'static str, &'static str),
    /// Ada decides on entries.
    Decides(Verb, &'static str),
    Send,
    /// From here on nothing is in force before it is certified.
    OnCertify,
    Bound(&'static [(&'static str, &'static str)]),
    /// Ada has items sent all the same.
    Retry(&'static str),
    Park,
    Unpark,
}

use Step::{Bound, Decides, OnCertify, Park, Retry, Says, Send, Unpark};

fn take(bench: &mut Bench, step: Step) {
    match step {
        Says("TAX", value) => {
            bench.days_pass(1);
            bench.deliver("TAX", "contact", &[("t", &[("name", value)])]);
        }
        Says(source, value) => deliver(bench, source, "name", value),
        Decides(verb, filter) => {
            let rows = Rows::Filter(filter.into());
            let decided = bench.run(&Command::Decide { verb, rows, reason: Some("the papers".into()) }).unwrap();
            assert!(decided.changed > 0, "{filter}: {decided:?}");
        }
        Send => {
            bench.second_passes();
            export(bench);
            bench.second_passes();
        }
        OnCertify => policy(bench, "On Certify", "HR > TAX = FIN"),
        Bound(more) => drop(bench.import(Import::Bindings, &[&binding("name", more)]).unwrap()),
        Retry(filter) => {
            let retried = bench.run(&Command::Retry { rows: Rows::Filter(filter.into()), reason: None }).unwrap();
            assert!(retried.changed > 0, "{filter}: {retried:?}");
        }
        Park => {
            drop(bench.run(&Command::Park { rows: Rows::Filter("source:FIN is:held".into()), reason: None }).unwrap())
        }
        Unpark => drop(bench.run(&Command::Unpark { rows: Rows::Filter("source:FIN state:parked".into()) }).unwrap()),
    }
}

fn scenario(more: &[(&'static str, &'static str)], steps: &[Step]) -> Bench {
    let mut bench = ranked(more);
    steps.iter().for_each(|step| take(&mut bench, *step));
    bench
}

fn waits(item: &Row) -> bool {
    ["Queued", "Held", "Parked"].contains(&item.display("state").as_ref())
}

/// What waits to go out, item by item: its name, its state and its value.
fn queue(bench: &Bench) -> Vec<(String, String, String)> {
    let items = outbound(bench).into_iter().filter(waits);
    let told =
        |item: Row| (item.name().to_string(), item.display("state").into_owned(), item.text("new_value").to_string());
    items.map(told).collect()
}

const SENDS: &[(&str, &str)] = &[("on_empty", "send")];
const HOLDS: &[(&str, &str)] = &[("on_empty", "hold")];

/// Engine page: "Undo leaves the queue as it was before".
#[test]
fn an_act_and_its_undo_leave_the_queue_as_it_was() {
    type Case = (&'static str, &'static [Step], Step, &'static [&'static str]);
    let certify_tax = Decides(Verb::Certify, "is:pending source:TAX");
    let cases: &[Case] = &[
        (
            "the receiver has a word of its own, and nothing is in force",
            &[OnCertify, Says("FIN", "u"), Says("HR", "v")],
            Decides(Verb::Certify, "source:HR"),
            &["v"],
        ),
        ("the receiver supplied it", &[OnCertify, Says("FIN", "u")], Decides(Verb::Certify, "source:FIN"), &[]),
        ("something waited", &[Says("HR", "Ann"), Says("TAX", "Bo")], certify_tax, &["Bo"]),
        ("it was sent", &[Says("HR", "Ann"), Send, Says("TAX", "Bo")], certify_tax, &["Bo"]),
        (
            "it never was: the receiver was bound later",
            &[Bound(&[("outbound", "No")]), Says("HR", "Ann"), Says("TAX", "Bo"), Bound(&[])],
            certify_tax,
            &["Bo"],
        ),
        ("it is gone", &[Bound(SENDS), Says("HR", "Ann"), Send], Decides(Verb::Revoke, "is:certified"), &[""]),
        (
            "it is gone, and that is held",
            &[Bound(HOLDS), Says("HR", "Ann"), Send],
            Decides(Verb::Revoke, "is:certified"),
            &[""],
        ),
        ("it is gone, and it waited", &[Says("HR", "Ann")], Decides(Verb::Revoke, "is:certified"), &[]),
        (
            "it goes back to the receiver",
            &[Says("HR", "Ann"), Says("FIN", "u")],
            Decides(Verb::Certify, "is:pending"),
            &[],
        ),
        (
            "what waits for a person",
            &[Says("FIN", "u"), Says("HR", "v"), Send, Says("FIN", "u"), Send, Says("FIN", "u")],
            Retry("is:held"),
            &["v"],
        ),
    ];
    for (case, before, act, waiting) in cases {
        let mut bench = scenario(&[], before);
        let was = queue(&bench);
        take(&mut bench, *act);
        let then = queue(&bench);
        assert_eq!(then.iter().map(|(_, _, value)| value.as_str()).collect::<Vec<_>>(), *waiting, "{case}");
        let undone = bench.run(&Command::Undo { operation: None }).unwrap();
        assert_eq!((queue(&bench), undone.held_back.len()), (was.clone(), 0), "{case}, taken back");
        bench.assert_sound();
        bench.run(&Command::Undo { operation: undone.operation }).unwrap();
        assert_eq!(queue(&bench), then, "{case}, done again");
        bench.assert_sound();
    }
}

/// What happened between an act and its undo is told, and nothing is missed.
#[test]
fn an_undo_tells_a_receiver_that_heard_of_the_act() {
    let certify_tax = Decides(Verb::Certify, "is:pending source:TAX");
    let cases: &[(&str, &[Step], &[&str])] = &[
        ("it was sent meanwhile", &[Send], &["Queued Ann"]),
        ("it was sent meanwhile, and took it", &[Send, Says("FIN", "Bo")], &["Queued Ann"]),
        ("another source says the same", &[Says("HR", "Bo")], &["Queued Bo"]),
        ("another source says something else", &[Says("HR", "Cy")], &["Queued Cy"]),
    ];
    for (case, between, expected) in cases {
        let mut bench = scenario(&[], &[Says("HR", "Ann"), Send, Says("TAX", "Bo")]);
        take(&mut bench, certify_tax);
        between.iter().for_each(|step| take(&mut bench, *step));
        bench.second_passes();
        bench.undo_last("certify").unwrap();
        let waiting: Vec<String> = states(&bench).into_iter().filter(|state| state.starts_with("Queued")).collect();
        assert_eq!(waiting, *expected, "{case}");
        bench.assert_sound();
    }
}

/// Engine page: "an emptied value only to a receiver that last got one from us and whose binding says so".
#[test]
fn what_becomes_of_a_value_that_is_gone() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [Step], &'static [&'static str]);
    const GONE: Step = Decides(Verb::Revoke, "source:HR is:certified");
    let cases: &[Case] = &[
        ("nothing said", &[], &[Says("HR", "Ann"), Send, GONE], &["Applied Ann"]),
        ("default", &[("on_empty", "default")], &[Says("HR", "Ann"), Send, GONE], &["Applied Ann"]),
        ("send", SENDS, &[Says("HR", "Ann"), Send, GONE], &["Applied Ann", "Queued "]),
        ("send, and it goes", SENDS, &[Says("HR", "Ann"), Send, GONE, Send], &["Applied Ann", "Applied "]),
        ("hold", HOLDS, &[Says("HR", "Ann"), Send, GONE], &["Applied Ann", "Held "]),
        ("hold, and it stays", HOLDS, &[Says("HR", "Ann"), Send, GONE, Send], &["Applied Ann", "Held "]),
        (
            "hold, until a person says so",
            HOLDS,
            &[Says("HR", "Ann"), Send, GONE, Retry("code:ST051"), Send],
            &["Applied Ann", "Applied "],
        ),
        (
            "hold, parked and taken up",
            HOLDS,
            &[Says("HR", "Ann"), Send, GONE, Park, Unpark, Send],
            &["Applied Ann", "Held "],
        ),
        (
            "hold, and the binding says send by now",
            HOLDS,
            &[Says("HR", "Ann"), Send, GONE, Bound(SENDS), Send],
            &["Applied Ann", "Applied "],
        ),
        (
            "hold, and the binding says nothing by now",
            HOLDS,
            &[Says("HR", "Ann"), Send, GONE, Bound(&[]), Send],
            &["Applied Ann", "Superseded "],
        ),
        ("it was not sent yet", SENDS, &[Says("HR", "Ann"), GONE], &["Superseded Ann"]),
        ("it was never sent", SENDS, &[Bound(&[("outbound", "No")]), Says("HR", "Ann"), Bound(SENDS), GONE], &[]),
        (
            "the receiver said it by itself",
            SENDS,
            &[Says("HR", "Ann"), Says("FIN", "Ann"), GONE],
            &["Applied Ann, acknowledged"],
        ),
        (
            "the receiver took it",
            SENDS,
            &[Says("HR", "Ann"), Send, Says("FIN", "Ann"), GONE],
            &["Applied Ann, acknowledged", "Queued "],
        ),
        (
            "the receiver says something else",
            SENDS,
            &[Says("HR", "Ann"), Send, OnCertify, Says("FIN", "u"), GONE],
            &["Superseded Ann"],
        ),
        (
            "the receiver says something else before it goes",
            SENDS,
            &[Says("HR", "Ann"), Send, GONE, OnCertify, Says("FIN", "u"), Send],
            &["Superseded Ann", "Superseded "],
        ),
        (
            "a value again",
            SENDS,
            &[Says("HR", "Ann"), Send, GONE, Says("HR", "Bo")],
            &["Applied Ann", "Superseded ", "Queued Bo"],
        ),
        (
            "another is in force then",
            SENDS,
            &[Says("TAX", "Bo"), Says("HR", "Ann"), Send, GONE],
            &["Superseded Bo", "Applied Ann", "Queued Bo"],
        ),
    ];
    for (case, more, steps, expected) in cases {
        let bench = scenario(more, steps);
        assert_eq!(states(&bench), *expected, "{case}");
        for item in outbound(&bench) {
            let held = item.display("state") == "Held";
            assert_eq!(
                (item.text("code"), item.text("process_message").starts_with("[ST051]")),
                (if held { "ST051" } else { "" }, held),
                "{case}"
            );
        }
        bench.assert_sound();
    }
}

#[test]
fn a_binding_says_what_becomes_of_a_value_that_is_gone() {
    let mut bench = with_receiver();
    let mut import = |more: &[(&'static str, &'static str)]| bench.import(Import::Bindings, &[&binding("name", more)]);
    assert_eq!(import(&[("on_empty", "default")]).unwrap().changed, 0, "it is what a binding says that says nothing");
    assert_eq!(import(&[("on_empty", "Hold")]).unwrap().changed, 1);
    assert_eq!(import(&[("on_empty", "send")]).unwrap().changed, 1);
    assert_eq!(import(&[]).unwrap().changed, 1);
    let wrong = import(&[("on_empty", "keep")]).unwrap_err().to_string();
    assert!(wrong.contains("hold, default, send"), "{wrong}");
    let inbound =
        [("target_table", "contact"), ("field_name", "name"), ("source_system_key", "FIN"), ("on_empty", "send")];
    let refused = bench.import(Import::Bindings, &[&inbound]).unwrap_err().to_string();
    assert!(refused.contains("outbound is Yes"), "{refused}");
    bench.assert_sound();
}

/// Engine page: "one that repeats the receiver's old value has it sent once more, then held (`ST052`)".
#[test]
fn a_receiver_that_does_not_take_the_value_is_sent_it_once_more() {
    const ONCE: &[Step] = &[Says("FIN", "u"), Says("HR", "v"), Send, Says("FIN", "u")];
    const TWICE: &[Step] = &[ONCE[0], ONCE[1], ONCE[2], ONCE[3], Send, Says("FIN", "u")];
    const SENT: &[Step] = &[ONCE[0], ONCE[1], ONCE[2]];
    type Case = (&'static str, &'static [Step], &'static [Step], &'static [&'static str]);
    let cases: &[Case] = &[
        ("it repeats its old value", ONCE, &[], &["Queued v"]),
        ("it takes the second", ONCE, &[Send, Says("FIN", "v")], &["Applied v, acknowledged"]),
        ("it takes the first after all", ONCE, &[Says("FIN", "v")], &["Applied v, acknowledged"]),
        ("it repeats it again before it is sent", ONCE, &[Says("FIN", "u")], &["Queued v"]),
        ("it repeats it after the second", TWICE, &[], &["Held v"]),
        ("what is held stays", TWICE, &[Send, Says("FIN", "u"), Send], &["Held v"]),
        ("it takes what is held", TWICE, &[Says("FIN", "v")], &["Applied v, acknowledged"]),
        ("a person has it sent", TWICE, &[Retry("code:ST052"), Send], &["Applied v"]),
        ("and it is held again", TWICE, &[Retry("code:ST052"), Send, Says("FIN", "u")], &["Held v"]),
        ("a person sets it aside", TWICE, &[Park, Send], &["Parked v"]),
        ("a newer value", TWICE, &[Says("HR", "w"), Send], &["Superseded v", "Applied w"]),
        ("a newer value before the second", ONCE, &[Says("HR", "w")], &["Superseded v", "Queued w"]),
        ("its own value comes into force", ONCE, &[Decides(Verb::Revoke, "source:HR is:certified")], &["Superseded v"]),
        ("it says something else", SENT, &[Says("FIN", "x")], &["Superseded v"]),
        ("it took it, and went back", SENT, &[Says("FIN", "v"), Says("FIN", "u")], &["Superseded v, acknowledged"]),
    ];
    for (case, first, then, expected) in cases {
        let mut bench = scenario(&[], first);
        then.iter().for_each(|step| take(&mut bench, *step));
        assert_eq!(states(&bench), *expected, "{case}");
        for item in outbound(&bench).iter().filter(|item| ["Held", "Parked"].contains(&item.display("state").as_ref()))
        {
            let told = (item.text("code"), item.text("process_message").starts_with("[ST052]"));
            assert_eq!(told, ("ST052", true), "{case}");
        }
        bench.assert_sound();
    }
    // What was said before it was sent is no answer to it.
    let mut bench = scenario(&[], SENT);
    let before = bench.now() - 3_600_000_000;
    bench.deliver_at("FIN", "contact", before, &[("f1", &[("name", "u")])]);
    assert_eq!(states(&bench), ["Applied v"]);
    bench.assert_sound();
}

/// What is held for a person is told each time that something is sent.
#[test]
fn what_is_held_for_a_person_is_told() {
    let mut bench = scenario(HOLDS, &[Says("HR", "Ann"), Send, Decides(Verb::Revoke, "is:certified")]);
    let (outcome, records) = export(&mut bench);
    assert_eq!((outcome.changed, records.len(), outcome.operation), (0, 0, None));
    assert!(outcome.held_back[0].reason.starts_with("[ST051]"), "{outcome:?}");
    let item = outbound(&bench).pop().unwrap();
    let edit = Command::EditRetry {
        item: item.id,
        row_version: item.int("row_version").unwrap(),
        raw: "x".into(),
        reason: "y".into(),
    };
    let refused = bench.run(&edit).unwrap_err().to_string();
    assert!(refused.contains("send again instead"), "{refused}");
    bench.assert_sound();
}

/// Engine page: "The receiver's key is looked up when it is sent".
#[test]
fn the_key_is_looked_up_when_a_value_is_sent() {
    #[derive(Clone, Copy)]
    enum Key {
        Retired,
        Moved,
        Added(&'static str),
    }
    use Key::{Added, Moved, Retired};
    type Case = (&'static str, &'static [Key], Option<&'static str>, &'static str, &'static str);
    let cases: &[Case] = &[
        ("as it was queued", &[], Some("f1"), "Sent 1 value of 1 record to FIN", "Applied Ann"),
        (
            "of two keys the one it was queued for",
            &[Added("f0")],
            Some("f1"),
            "Sent 1 value of 1 record to FIN",
            "Applied Ann",
        ),
        (
            "retired",
            &[Retired],
            None,
            "dropped, since the receiver knows the record by no key any more",
            "Superseded Ann",
        ),
        ("moved to another record", &[Moved], None, "dropped, since", "Superseded Ann"),
        ("another in its place", &[Added("f2"), Retired], Some("f2"), "1 value to another key", "Applied Ann"),
    ];
    for (case, keys, expected, said, state) in cases {
        let mut bench = scenario(&[], &[Says("HR", "Ann")]);
        let row = bench.rows(Table::Identifiers, "source:FIN").remove(0);
        let row_version = row.int("row_version").unwrap();
        for key in *keys {
            let command = match key {
                Retired => Command::RetireIdentifier { id: row.id, row_version, reason: "gone".into() },
                Moved => {
                    let changes = map(&[("target_id", "t2"), ("new_target", "Yes")]);
                    Command::EditIdentifier { id: row.id, row_version, changes }
                }
                Added(key) => {
                    let own = [
                        ("source_system_key", "FIN"),
                        ("target_table", "contact"),
                        ("target_id", "t1"),
                        ("external_key", key),
                    ];
                    bench.import(Import::Identifiers, &[&own]).unwrap();
                    continue;
                }
            };
            bench.run(&command).unwrap();
        }
        let mut preview = bench.engine.export(&to("FIN"), &Mode::DryRun, &mut Kept::default()).unwrap();
        let (outcome, records) = export(&mut bench);
        preview.operation = outcome.operation;
        assert_eq!(preview, outcome, "{case}");
        assert_eq!(records.first().map(|record| record.external_key.as_str()), *expected, "{case}");
        assert!(outcome.summary.contains(said), "{case}: {}", outcome.summary);
        assert_eq!(states(&bench), [*state], "{case}");
        let item = outbound(&bench).remove(0);
        assert_eq!(item.text("external_key"), expected.unwrap_or("f1"), "{case}");
        assert_eq!(
            item.text("process_message").is_empty(),
            outcome.summary == "Sent 1 value of 1 record to FIN",
            "{case}"
        );
        bench.assert_sound();
        // What was sent comes back as it was; there is still nobody to send the other to.
        bench.run(&Command::Undo { operation: outcome.operation }).unwrap();
        let back = if expected.is_some() { "Queued Ann" } else { "Superseded Ann" };
        let item = outbound(&bench).remove(0);
        assert_eq!((states(&bench), item.text("external_key")), (vec![back.to_string()], "f1"), "{case}");
        bench.assert_sound();
    }
}
