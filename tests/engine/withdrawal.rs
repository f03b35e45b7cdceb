//! Withdrawing a delivery: what it takes back, what comes back, and that all goes on as if it had never been.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use steward::engine::{Attested, Command, Error, Import, MapChoice, Mode, Outcome, Refusal, Rows, Verb, Withdrawn};
use steward::model::table::Table;

use crate::bench::{Bench, Given};
use crate::triage::UNDO;

/// A store with a coded field `status` beside plain ones, and a policy.
fn bench(mode: &str, auto: &str, sources: &str) -> Bench {
    let mut bench = Bench::new();
    bench.policy(&[
        ("target_table", "t"),
        ("commit_mode", mode),
        ("auto_certify", auto),
        ("authoritative_sources", sources),
    ]);
    bench.codes("status", &["A", "B"]);
    bench
}

fn reviewed() -> Bench {
    bench("On Certify", "No", "HR > PAY")
}

fn written() -> Bench {
    bench("On Ingest", "Yes", "HR = PAY")
}

fn says(bench: &mut Bench, source: &str, records: &[Given]) -> i64 {
    bench.second_passes();
    let name = bench.deliver(source, "t", records).job_id;
    name.trim_start_matches("JOB-").parse().unwrap()
}

/// Whose job does not matter.
fn heard(_: i64) {}

fn withdraw(job: i64) -> Command {
    Command::Withdraw { job, reason: Some("the wrong file".into()) }
}

/// Withdraws after a preview, which must say the same.
fn withdrawn(bench: &mut Bench, job: i64) -> Outcome {
    bench.second_passes();
    bench.act_as("rita");
    let run = |bench: &mut Bench, mode: &Mode| match bench.rows_at_once {
        Some(_) => bench.engine.run_in_chunks(&withdraw(job), mode),
        None => bench.engine.run(&withdraw(job), mode),
    };
    let preview = run(bench, &Mode::DryRun).unwrap();
    let outcome = run(bench, &Mode::AsPreviewed(preview.fingerprint.clone())).unwrap();
    let bare = |outcome: &Outcome| Outcome { operation: None, fingerprint: String::new(), ..outcome.clone() };
    assert_eq!(bare(&outcome), bare(&preview));
    bench.assert_sound();
    bench.act_as("ada");
    outcome
}

/// What stands, whatever its numbers: identifiers and maps in use, entries and items with their states, by what they say.
fn standing(bench: &Bench) -> Vec<String> {
    let withdrawn: Vec<String> =
        bench.rows(Table::SyncJobs, "is:withdrawn").iter().map(|job| job.name().to_string()).collect();
    let mut lines = Vec::new();
    for row in bench.rows(Table::Identifiers, "is:active") {
        lines.push(format!("key {} {}", row.text("source_system_key"), row.text("external_key")));
    }
    for row in bench.rows(Table::ValueMaps, "active:active") {
        lines.push(format!("map {} {} {}", row.text("source_code"), row.display("state"), row.display("waiting")));
    }
    for row in bench.rows(Table::SyncItems, "") {
        if !withdrawn.contains(&row.display("integration_sync_job").into_owned()) {
            let fields = ["external_key", "field_name", "raw_value", "source_date_time", "state", "statecode"];
            let fields: Vec<String> = fields.iter().map(|field| row.display(field).into_owned()).collect();
            lines.push(format!("item {}", fields.join(" ")));
        }
    }
    for row in bench.rows(Table::Ledger, "active:active status:pending,certified") {
        let fields = ["source_system_key", "aspect_key", "value", "source_date_time", "ledger_status", "live"];
        let fields: Vec<String> = fields.iter().map(|field| row.display(field).into_owned()).collect();
        lines.push(format!("entry {}", fields.join(" ")));
    }
    for row in bench.rows(Table::Ledger, "is:current") {
        lines.push(format!("in force {} {}", row.text("aspect_key"), row.text("value")));
    }
    lines.sort();
    lines
}

type Story = fn(&mut Bench);

/// Its name, the store, what was said and done before, who delivers what then, and what its withdrawal comes to.
type Case<'a> = (&'a str, fn() -> Bench, Story, &'a str, &'a [Given<'a>], Withdrawn);

#[test]
fn a_withdrawn_delivery_leaves_what_stood_before_it() {
    let cases: &[Case] = &[
        (
            "a new record",
            reviewed,
            |_| {},
            "HR",
            &[("1", &[("f", "x"), ("g", "y")])],
            Withdrawn { rejected: 2, closed: 2, identifiers: 1, ..Withdrawn::default() },
        ),
        (
            "a newer value of its source in force",
            written,
            |b| heard(says(b, "HR", &[("1", &[("f", "x")])])),
            "HR",
            &[("1", &[("f", "y")])],
            Withdrawn { revoked: 1, closed: 1, ..Withdrawn::default() },
        ),
        (
            "a newer candidate of its source",
            reviewed,
            |b| heard(says(b, "HR", &[("1", &[("f", "x")])])),
            "HR",
            &[("1", &[("f", "y")])],
            Withdrawn { rejected: 1, closed: 1, restored: 1, ..Withdrawn::default() },
        ),
        (
            "the value of another source gave way",
            written,
            |b| {
                says(b, "HR", &[("1", &[("f", "x")])]);
                link(b, "PAY", "1");
            },
            "PAY",
            &[("1", &[("f", "y")])],
            Withdrawn { revoked: 1, closed: 1, ..Withdrawn::default() },
        ),
        (
            "an open candidate that its source moved away from",
            reviewed,
            |b| {
                says(b, "HR", &[("1", &[("f", "x")])]);
                b.decide(Verb::Certify, "is:pending").unwrap();
                says(b, "HR", &[("1", &[("f", "y")])]);
            },
            "HR",
            &[("1", &[("f", "x")])],
            Withdrawn { restored: 1, repeats: 1, ..Withdrawn::default() },
        ),
        (
            "a code without a map",
            reviewed,
            |_| {},
            "HR",
            &[("1", &[("status", "open")])],
            Withdrawn { closed: 1, identifiers: 1, proposed_maps: 1, ..Withdrawn::default() },
        ),
        (
            "a code that waits for another delivery, too",
            reviewed,
            |b| heard(says(b, "HR", &[("2", &[("status", "open")])])),
            "HR",
            &[("1", &[("status", "open")])],
            Withdrawn { closed: 1, identifiers: 1, ..Withdrawn::default() },
        ),
        (
            "a held value that gave way",
            reviewed,
            |b| {
                b.map("HR", "status", "A", "A").unwrap();
                says(b, "HR", &[("1", &[("status", "open")])]);
            },
            "HR",
            &[("1", &[("status", "A")])],
            Withdrawn { rejected: 1, closed: 1, restored: 1, ..Withdrawn::default() },
        ),
        (
            "the same key twice",
            reviewed,
            |b| heard(says(b, "HR", &[("1", &[("f", "x")])])),
            "HR",
            &[("1", &[("f", "y")]), ("1", &[("f", "z")])],
            Withdrawn { rejected: 1, closed: 1, restored: 1, ..Withdrawn::default() },
        ),
        (
            "repeats alone",
            written,
            |b| heard(says(b, "HR", &[("1", &[("f", "x")])])),
            "HR",
            &[("1", &[("f", "x")])],
            Withdrawn { repeats: 1, ..Withdrawn::default() },
        ),
    ];
    for (case, bench, before, source, records, expected) in cases {
        for at_once in [None, Some(1)] {
            let mut bench = bench();
            bench.rows_at_once = at_once;
            before(&mut bench);
            let stood = standing(&bench);
            let job = says(&mut bench, source, records);
            let with = standing(&bench);
            let outcome = withdrawn(&mut bench, job);
            assert_eq!(outcome.withdrawn, Some(*expected), "{case}, {at_once:?}");
            assert_eq!(standing(&bench), stood, "{case}, {at_once:?}");
            let row = bench.rows(Table::SyncJobs, &format!("name:JOB-{job:07}")).remove(0);
            assert!(row.text("process_message").ends_with("Withdrawn: the wrong file"), "{case}");

            bench.act_as("rita").run(&Command::Undo { operation: outcome.operation }).unwrap();
            assert_eq!(standing(&bench), with, "{case}, {at_once:?}, taken back");
            bench.assert_sound();
            bench.second_passes();
            assert_eq!(withdrawn(&mut bench, job).withdrawn, Some(*expected), "{case}, again");
            assert_eq!(standing(&bench), stood, "{case}, again");
        }
    }
}

/// Another source's key stands for the record that HR knows by the same key.
fn link(bench: &mut Bench, source: &str, key: &str) {
    let target = bench.target("HR", key);
    let row =
        [("source_system_key", source), ("target_table", "t"), ("external_key", key), ("target_id", target.as_str())];
    bench.act_as("sam").import(Import::Identifiers, &[&row]).unwrap();
    bench.act_as("ada");
}

#[test]
fn a_withdrawn_word_is_none() {
    let mut bench = written();
    says(&mut bench, "HR", &[("1", &[("f", "x")])]);
    let job = says(&mut bench, "HR", &[("1", &[("f", "y")])]);
    withdrawn(&mut bench, job);
    // The same again is news: it was never said.
    let again = bench.deliver("HR", "t", &[("1", &[("f", "y")])]);
    assert_eq!((again.applied, bench.value("HR", "1", "f").as_deref()), (1, Some("y")));
    // What a person turned down of it does not stand in its way either.
    let mut bench = reviewed();
    let job = says(&mut bench, "HR", &[("1", &[("f", "x")])]);
    bench.decide(Verb::Reject, "is:pending").unwrap();
    withdrawn(&mut bench, job);
    bench.second_passes();
    assert_eq!(bench.deliver("HR", "t", &[("1", &[("f", "x")])]).waiting, 1);
    bench.assert_sound();
}

#[test]
fn its_source_may_speak_of_older_times_again() {
    let mut bench = written();
    let now = bench.now();
    bench.deliver_at("HR", "t", now - 10_000_000, &[("1", &[("f", "x")])]);
    let job = says(&mut bench, "HR", &[("1", &[("f", "y")])]);
    assert_eq!(bench.deliver_at("HR", "t", now - 5_000_000, &[("1", &[("f", "z")])]).superseded, 1);
    withdrawn(&mut bench, job);
    assert_eq!(bench.deliver_at("HR", "t", now - 4_000_000, &[("1", &[("f", "z")])]).applied, 1);
    bench.assert_sound();
}

#[test]
fn the_same_delivery_again_revives_its_identifiers() {
    for at_once in [None, Some(2)] {
        let mut bench = reviewed();
        bench.rows_at_once = at_once;
        let given: [Given; 3] = [("1", &[("f", "x")]), ("2", &[("f", "x")]), ("3", &[("f", "x")])];
        let job = says(&mut bench, "HR", &given);
        let targets: Vec<String> = ["1", "2", "3"].map(|key| bench.target("HR", key)).to_vec();
        withdrawn(&mut bench, job);
        assert_eq!(bench.rows(Table::Identifiers, "is:active").len(), 0, "{at_once:?}");
        bench.second_passes();
        let again = bench.deliver("HR", "t", &given);
        assert_eq!((again.identifiers, again.waiting), (0, 3), "{at_once:?}");
        assert_eq!(["1", "2", "3"].map(|key| bench.target("HR", key)).to_vec(), targets, "{at_once:?}");
        assert_eq!(bench.rows(Table::Identifiers, "").len(), 3, "{at_once:?}");
        bench.assert_sound();
    }
}

#[test]
fn an_identifier_that_somebody_used_since_stays() {
    let mut bench = reviewed();
    let job = says(&mut bench, "HR", &[("1", &[("f", "x")]), ("2", &[("f", "x")]), ("3", &[("f", "x")])]);
    // 1 is repeated by another delivery, 2 is another source's record, too.
    let repeats = says(&mut bench, "HR", &[("1", &[("f", "x")])]);
    link(&mut bench, "PAY", "2");
    let outcome = withdrawn(&mut bench, job);
    assert_eq!(outcome.withdrawn.unwrap().identifiers, 1);
    let left: Vec<(&str, i64)> = outcome.held_back.iter().map(|held| (held.reason.as_str(), held.rows)).collect();
    assert_eq!(left, [("was used since, by another delivery or by a person", 2)]);
    assert_eq!(bench.rows(Table::Identifiers, "is:active source:HR").len(), 2);
    // The repeat stands, but had nothing of its own to say.
    assert_eq!(withdrawn(&mut bench, repeats).summary, "Withdrew JOB-0000002: nothing in force changes");
}

#[test]
fn what_came_before_two_withdrawn_deliveries_comes_back_whichever_goes_first() {
    for newest_first in [true, false] {
        let mut bench = written();
        says(&mut bench, "HR", &[("1", &[("f", "x")])]);
        let stood = standing(&bench);
        let mut jobs =
            [says(&mut bench, "HR", &[("1", &[("f", "y")])]), says(&mut bench, "HR", &[("1", &[("f", "z")])])];
        if newest_first {
            jobs.reverse();
        }
        withdrawn(&mut bench, jobs[0]);
        assert_eq!(bench.value("HR", "1", "f").as_deref(), Some(if newest_first { "y" } else { "z" }));
        withdrawn(&mut bench, jobs[1]);
        assert_eq!(standing(&bench), stood, "the newest first: {newest_first}");
    }
}

#[test]
fn a_later_word_of_the_source_stands() {
    let mut bench = written();
    says(&mut bench, "HR", &[("1", &[("f", "x")])]);
    let job = says(&mut bench, "HR", &[("1", &[("f", "y")])]);
    says(&mut bench, "HR", &[("1", &[("f", "z")])]);
    let outcome = withdrawn(&mut bench, job);
    assert_eq!(outcome.withdrawn, Some(Withdrawn { revoked: 1, closed: 1, ..Withdrawn::default() }));
    assert_eq!((outcome.values_changed, bench.value("HR", "1", "f").as_deref()), (0, Some("z")));
}

#[test]
fn what_a_map_released_of_it_goes_too() {
    let mut bench = written();
    bench.map("HR", "status", "A", "A").unwrap();
    says(&mut bench, "HR", &[("1", &[("status", "A")])]);
    let job = says(&mut bench, "HR", &[("1", &[("status", "open")])]);
    bench.act_as("sam").map("HR", "status", "open", "B").unwrap();
    assert_eq!(bench.value("HR", "1", "status").as_deref(), Some("B"));
    let outcome = withdrawn(&mut bench, job);
    assert_eq!(outcome.withdrawn, Some(Withdrawn { revoked: 1, closed: 1, ..Withdrawn::default() }));
    assert_eq!(bench.value("HR", "1", "status").as_deref(), Some("A"));
    // What a person decided of the code stays.
    assert_eq!(bench.rows(Table::ValueMaps, "is:active").len(), 2);
}

#[test]
fn what_was_withdrawn_is_decided_no_more() {
    let mut bench = reviewed();
    let job = says(&mut bench, "HR", &[("1", &[("f", "x"), ("status", "open")])]);
    let outcome = withdrawn(&mut bench, job);
    let entry = || Rows::Filter("is:rejected".into());
    let reopened = bench.act_as("rita").run(&Command::Decide { verb: Verb::Reopen, rows: entry(), reason: None });
    let reasons: Vec<String> = reopened.unwrap().held_back.into_iter().map(|held| held.reason).collect();
    assert_eq!(reasons, ["is of a delivery that was withdrawn; undo the withdrawal instead"]);
    let attest = Command::Attest { scope: Attested::File { job }, reason: None };
    let refused = bench.run(&attest).unwrap_err().to_string();
    assert_eq!(refused, "JOB-0000001 was withdrawn. Undo that, or attest another delivery.");
    let refused = bench.run(&withdraw(job)).unwrap_err().to_string();
    let operation = outcome.operation.unwrap();
    assert_eq!(refused, format!("JOB-0000001 was withdrawn before. To take that back: steward undo {operation}"));
    let retry = Command::Retry { rows: Rows::Filter("created>=1970".into()), reason: None };
    assert_eq!(bench.act_as("sue").run(&retry).unwrap().changed, 0);
    // A code that is decided meanwhile releases nothing of it.
    assert_eq!(bench.act_as("sam").map("HR", "status", "open", "A").unwrap().released, 0);
    bench.assert_sound();
}

#[test]
fn an_attestation_of_it_is_revoked() {
    let mut bench = reviewed();
    let job = says(&mut bench, "HR", &[("1", &[("f", "x")])]);
    bench.act_as("rita").run(&Command::Attest { scope: Attested::File { job }, reason: None }).unwrap();
    assert_eq!(bench.rows(Table::Ledger, "is:certified").len(), 2);
    assert_eq!(withdrawn(&mut bench, job).withdrawn.unwrap().revoked, 2);
    assert_eq!(bench.rows(Table::Ledger, "is:certified").len(), 0);
}

#[test]
fn withdrawing_takes_a_reviewer_and_a_delivery() {
    for (login, may) in [("rita", true), ("ada", true), ("sam", false), ("sue", false)] {
        let mut bench = reviewed();
        let job = says(&mut bench, "HR", &[("1", &[("f", "x")])]);
        assert_eq!(bench.act_as(login).run(&withdraw(job)).is_ok(), may, "{login}");
    }
    let mut bench = reviewed();
    assert!(matches!(bench.run(&withdraw(7)), Err(Error::Refused(Refusal::NotFound { .. }))));
    let job = says(&mut bench, "HR", &[("1", &[("f", "x")])]);
    let blank = Command::Withdraw { job, reason: Some(" \t".into()) };
    assert!(matches!(bench.run(&blank), Err(Error::Refused(Refusal::Invalid { .. }))));
    let fields = [("target_table", "t"), ("field_name", "f"), ("source_system_key", "PAY"), ("outbound", "yes")];
    bench.import(Import::Bindings, &[&fields]).unwrap();
    link(&mut bench, "PAY", "1");
    bench.decide(Verb::Certify, "is:pending").unwrap();
    let out = bench.rows(Table::SyncJobs, "direction:outbound").remove(0);
    let refused = bench.run(&withdraw(out.id)).unwrap_err().to_string();
    assert!(refused.contains("went out to a source; only a delivery can be withdrawn"), "{refused}");
}

#[test]
fn what_waits_to_go_out_follows() {
    let mut bench = written();
    let fields = [("target_table", "t"), ("field_name", "f"), ("source_system_key", "PAY"), ("outbound", "yes")];
    bench.import(Import::Bindings, &[&fields]).unwrap();
    says(&mut bench, "HR", &[("1", &[("f", "x")])]);
    link(&mut bench, "PAY", "1");
    let job = says(&mut bench, "HR", &[("1", &[("f", "y")])]);
    let queued = |bench: &Bench| -> Vec<String> {
        bench.rows(Table::SyncItems, "is:queued").iter().map(|row| row.text("new_value").to_string()).collect()
    };
    assert_eq!(queued(&bench), ["y"]);
    withdrawn(&mut bench, job);
    assert_eq!(queued(&bench), ["x"]);
}

#[test]
fn what_somebody_changed_after_the_preview_is_left_alone() {
    let mut bench = reviewed();
    let given: [Given; 2] = [("1", &[("f", "x")]), ("2", &[("f", "x")])];
    let job = says(&mut bench, "HR", &given);
    bench.rows_at_once = Some(1);
    bench.act_as("rita");
    let preview = bench.engine.run_in_chunks(&withdraw(job), &Mode::DryRun).unwrap();
    let mut other = bench.beside("ada");
    other.decide(Verb::Certify, "name:LED-0000001").unwrap();
    let as_previewed = Mode::AsPreviewed(preview.fingerprint.clone());
    let outcome = bench.engine.run_in_chunks(&withdraw(job), &as_previewed).unwrap();
    assert_eq!(outcome.withdrawn.unwrap().rejected, 1, "{outcome:#?}");
    let left: Vec<(&str, i64)> = outcome.held_back.iter().map(|held| (held.reason.as_str(), held.rows)).collect();
    assert!(left.contains(&("has changed since it was looked at", 1)), "{left:?}");
    assert_eq!(bench.rows(Table::Ledger, "is:certified").len(), 1);
    // Asked for again, it goes on with what is left.
    let rest = bench.engine.run_in_chunks(&withdraw(job), &Mode::Real).unwrap();
    assert_eq!(rest.withdrawn.unwrap().revoked, 1);
    assert_eq!(bench.rows(Table::Ledger, "is:certified").len(), 0);
    bench.assert_sound();
    // In one operation the whole is refused instead.
    let mut bench = reviewed();
    let job = says(&mut bench, "HR", &given);
    let preview = bench.engine.run(&withdraw(job), &Mode::DryRun).unwrap();
    bench.beside("ada").decide(Verb::Certify, "name:LED-0000001").unwrap();
    let moved = bench.engine.run(&withdraw(job), &Mode::AsPreviewed(preview.fingerprint)).unwrap_err();
    assert!(matches!(moved, Error::Refused(Refusal::PreviewMoved)));
}

#[test]
fn a_delivery_that_is_withdrawn_while_it_is_taken_in_stops() {
    let mut bench = reviewed();
    bench.chunks = vec![1];
    bench.act_as("ada");
    let mut other = bench.beside("rita");
    let delivery = crate::bench::delivery("HR", "t", &"7".repeat(64), bench.now());
    let given: [Given; 3] = [("1", &[("f", "x")]), ("2", &[("f", "x")]), ("3", &[("f", "x")])];
    let mut records = given.iter().enumerate().map(|(at, given)| Ok(crate::bench::record(at, given)));
    let mut withdraw_now = |records: i64, _: i64| {
        if records == 2 {
            other.run(&withdraw(1)).unwrap();
        }
        true
    };
    let stopped = bench.engine.ingest(&delivery, &mut records, false, &mut withdraw_now).unwrap_err().to_string();
    assert!(stopped.contains("withdrew JOB-0000001 while it was taken in"), "{stopped}");
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 0);
    bench.assert_sound();
}

/// A step of a random history.
#[derive(Debug, Clone)]
enum Turn {
    /// A source delivers values of the fields f and status for one of two keys.
    Says {
        source: usize,
        key: usize,
        f: usize,
        status: usize,
    },
    Certify,
    Reject,
    /// Decides the code `open`.
    Map,
}

const SOURCES: [&str; 2] = ["HR", "PAY"];
const KEYS: [&str; 2] = ["1", "2"];
const TEXTS: [&str; 3] = ["x", "y", ""];
const CODES: [&str; 3] = ["A", "open", ""];

fn act(bench: &mut Bench, turn: &Turn) {
    bench.second_passes();
    match turn {
        Turn::Says { source, key, f, status } => {
            let fields = [("f", TEXTS[*f]), ("status", CODES[*status])];
            bench.deliver(SOURCES[*source], "t", &[(KEYS[*key], &fields)]);
        }
        Turn::Certify => drop(bench.decide(Verb::Certify, "is:pending is:active")),
        Turn::Reject => drop(bench.decide(Verb::Reject, "is:pending is:active")),
        Turn::Map => {
            let ids: Vec<i64> = bench.rows(Table::ValueMaps, "is:proposed").iter().map(|row| row.id).collect();
            let choices: Vec<MapChoice> = ids.into_iter().map(|id| MapChoice::of(id, Some("B".into()))).collect();
            if !choices.is_empty() {
                bench.run(&Command::MapMany { choices, reason: None, left_out: Vec::new() }).unwrap();
            }
        }
    }
}

fn turns(most: usize) -> impl Strategy<Value = Vec<Turn>> {
    let says = (0..2usize, 0..2usize, 0..3usize, 0..3usize).prop_map(|(source, key, f, status)| Turn::Says {
        source,
        key,
        f,
        status,
    });
    let turn = prop_oneof![6 => says, 1 => Just(Turn::Certify), 1 => Just(Turn::Reject), 1 => Just(Turn::Map)];
    proptest::collection::vec(turn, 0..most)
}

/// Two keys that both sources know.
fn linked(written_at_once: bool) -> Bench {
    let mut bench = if written_at_once { written() } else { reviewed() };
    for (source, key) in [("HR", "1"), ("PAY", "1"), ("HR", "2"), ("PAY", "2")] {
        let target = format!("T{key}");
        let row =
            [("source_system_key", source), ("target_table", "t"), ("external_key", key), ("target_id", &*target)];
        bench.import(Import::Identifiers, &[&row]).unwrap();
    }
    bench
}

/// After some history a delivery is taken in, its code perhaps decided, and withdrawn: what stands then is what stood
/// before, and as far as items tell what was said, whatever is done from there on comes to the same as if it had never been
/// delivered.
#[test]
fn all_goes_on_as_if_it_had_never_been_delivered() {
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[13; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let says = (0..2usize, 0..2usize, 0..3usize, 0..3usize);
    let strategy = (any::<bool>(), turns(8), says, turns(5));
    let result = runner.run(&strategy, |(written_at_once, before, (source, key, f, status), after)| {
        let (mut with, mut without) = (linked(written_at_once), linked(written_at_once));
        for turn in &before {
            act(&mut with, turn);
            act(&mut without, turn);
        }
        act(&mut with, &Turn::Says { source, key, f, status });
        let job = with.rows(Table::SyncJobs, "").last().map_or(0, |job| job.id);
        without.second_passes();
        with.second_passes();
        without.second_passes();
        with.run(&withdraw(job)).unwrap();
        prop_assert_eq!(standing(&with), standing(&without), "withdrawn");
        // What repeated something, or said what was in force, left no item to tell it by: that it was said is not known.
        let told = without.rows(Table::SyncJobs, "").iter().all(|job| job.int("unchanged") == Some(0));
        for turn in after.iter().filter(|_| told) {
            act(&mut with, turn);
            act(&mut without, turn);
            prop_assert_eq!(standing(&with), standing(&without), "after {:?}", turn);
        }
        with.assert_sound();
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn a_withdrawal_is_somebodys_last_act() {
    let mut bench = reviewed();
    let job = says(&mut bench, "HR", &[("1", &[("f", "x")])]);
    withdrawn(&mut bench, job);
    bench.act_as("rita").run(&UNDO).unwrap();
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 1);
    bench.assert_sound();
}

#[test]
fn an_undo_of_something_else_brings_nothing_of_it_back() {
    type Case = (&'static str, (&'static str, &'static str), fn(&mut Bench) -> Outcome);
    let cases: [Case; 3] = [
        ("rejected", ("f", "x"), |b| b.decide(Verb::Reject, "is:pending").unwrap()),
        ("closed", ("status", "open"), |b| {
            let rows = Rows::Filter("is:held".into());
            b.run(&Command::Close { rows, reason: "nobody mends it".into() }).unwrap()
        }),
        ("tried again, and rejected", ("status", "open"), |b| {
            let item = b.rows(Table::SyncItems, "is:held").remove(0);
            let tried = b.run(&crate::triage::edit(&item, "closed")).unwrap();
            b.map("HR", "status", "closed", "A").unwrap();
            b.decide(Verb::Reject, "is:pending").unwrap();
            tried
        }),
    ];
    for (case, field, act) in cases {
        let mut bench = reviewed();
        let job = says(&mut bench, "HR", &[("1", &[field])]);
        let done = act(&mut bench);
        let stood = standing(&bench);
        let withdrawal = withdrawn(&mut bench, job);
        let without = standing(&bench);
        drop(bench.run(&Command::Undo { operation: done.operation }));
        assert_eq!(standing(&bench), without, "{case}");
        let stands = bench.rows(Table::SyncItems, "state:held,waiting,applied,failed,parked is:active");
        assert!(stands.is_empty(), "{case}: {stands:?}");
        bench.run(&Command::Undo { operation: withdrawal.operation }).unwrap();
        assert_eq!(standing(&bench), stood, "{case}, taken back");
        bench.assert_sound();
    }
}

#[test]
fn what_was_disposed_of_does_not_come_back() {
    for fields in [("f", "x", "y"), ("status", "open", "A")] {
        let (field, first, then) = fields;
        let mut bench = reviewed();
        says(&mut bench, "HR", &[("1", &[(field, first)])]);
        let job = says(&mut bench, "HR", &[("1", &[(field, then)])]);
        let rows = Rows::Filter("source:HR".into());
        bench.run(&Command::Dispose { table: Table::SyncItems, rows, reason: "GRS".into() }).unwrap();
        let outcome = withdrawn(&mut bench, job);
        assert_eq!(outcome.withdrawn.unwrap().restored, 0, "{first}");
        assert_eq!(bench.rows(Table::Ledger, "is:pending is:active").len(), 0, "{first}");
        assert_eq!(bench.rows(Table::SyncItems, "is:held").len(), 0, "{first}");
    }
}

#[test]
fn what_gave_way_to_another_word_before_stays() {
    for at_once in [None, Some(1)] {
        let mut bench = reviewed();
        bench.rows_at_once = at_once;
        says(&mut bench, "HR", &[("1", &[("f", "x")])]);
        link(&mut bench, "PAY", "1");
        says(&mut bench, "PAY", &[("1", &[("f", "y")])]);
        bench.decide(Verb::Certify, "source:PAY is:pending").unwrap();
        // What HR proposed gives way to what is in force already, which leaves no item.
        says(&mut bench, "HR", &[("1", &[("f", "y")])]);
        let stood = standing(&bench);
        let job = says(&mut bench, "HR", &[("1", &[("f", "z")])]);
        withdrawn(&mut bench, job);
        assert_eq!(standing(&bench), stood, "{at_once:?}");
    }
}

#[test]
fn a_withdrawal_that_was_stopped_before_its_end_goes_on() {
    // Of three items the first operations close them, and the last ones retire what the delivery made.
    for after in 1..6 {
        let mut bench = reviewed();
        let given: [Given; 3] = [("1", &[("f", "x")]), ("2", &[("f", "x")]), ("3", &[("status", "open")])];
        let job = says(&mut bench, "HR", &given);
        bench.rows_at_once = Some(1);
        bench.act_as("rita");
        let stop = bench.engine.stop();
        bench.engine.on_progress(move |done, _| {
            if done >= after {
                stop.stop();
            }
        });
        bench.run(&withdraw(job)).unwrap();
        bench.act_as("rita");
        bench.run(&withdraw(job)).unwrap();
        let left = [Table::Identifiers, Table::ValueMaps].map(|table| bench.rows(table, "active:active").len());
        assert_eq!(left, [0, 0], "stopped after {after} rows");
        assert!(matches!(bench.run(&withdraw(job)), Err(Error::Refused(Refusal::Transition(_)))), "{after}");
        bench.assert_sound();
    }
}
