//! Last words (engine.md): what is no news, what it leaves alone, and what is late.

use steward::engine::{Command, Error, Import, IngestOutcome, Verb};
use steward::model::table::Table;
use steward::model::time::DAY;

use crate::bench::{Bench, NOON, delivery};

/// One record, T1, which HR knows by the keys 1 and 2, and PAY by 1.
fn bench(mode: &str, auto: &str, sources: &str, stale: &str) -> Bench {
    let mut bench = Bench::new();
    let policy = [
        ("target_table", "t"),
        ("commit_mode", mode),
        ("auto_certify", auto),
        ("authoritative_sources", sources),
        ("stale_after_days", stale),
    ];
    // What sources say is of the days after noon.
    bench.days_pass(20);
    bench.policy(&policy);
    for (source, key) in [("HR", "1"), ("HR", "2"), ("PAY", "1")] {
        let row = [("source_system_key", source), ("target_table", "t"), ("external_key", key), ("target_id", "T1")];
        bench.import(Import::Identifiers, &[&row]).unwrap();
    }
    bench
}

/// A source says a value of the field f by a key, so many days after noon.
fn says(bench: &mut Bench, source: &str, key: &str, value: &str, day: i64) -> IngestOutcome {
    bench.second_passes();
    bench.deliver_at(source, "t", NOON + day * DAY, &[(key, &[("f", value)])])
}

fn in_force(bench: &Bench) -> String {
    bench.value("HR", "1", "f").unwrap_or_default()
}

fn decide(bench: &mut Bench, verb: Verb, filter: &str) {
    bench.second_passes();
    bench.decide(verb, filter).unwrap();
}

/// All rows but jobs, as they are.
fn rows(bench: &Bench) -> Vec<String> {
    [Table::SyncItems, Table::Ledger, Table::ValueMaps]
        .iter()
        .flat_map(|table| bench.rows(*table, "").into_iter().map(|row| format!("{row:?}")))
        .collect()
}

type Story = fn(&mut Bench);
type Policy = (&'static str, &'static str, &'static str);

/// Its name, the policy, what was said and done, who says what then, and what is in force all the time.
type Case = (&'static str, Policy, Story, (&'static str, &'static str), &'static str);

const RANKED: Policy = ("On Ingest", "Yes", "HR > PAY");
const EQUAL: Policy = ("On Ingest", "Yes", "HR = PAY");
const REVIEWED: Policy = ("On Certify", "No", "HR > PAY");

#[test]
fn a_repeated_word_is_no_news_whatever_became_of_it() {
    let cases: &[Case] = &[
        ("in force", RANKED, |b| drop(says(b, "HR", "1", "A", 0)), ("HR", "A"), "A"),
        (
            "displaced by a person",
            RANKED,
            |b| {
                says(b, "HR", "1", "A", 0);
                says(b, "PAY", "1", "B", 1);
                decide(b, Verb::Certify, "is:pending");
            },
            ("HR", "A"),
            "B",
        ),
        (
            "displaced by an equal source",
            EQUAL,
            |b| {
                says(b, "HR", "1", "A", 0);
                says(b, "PAY", "1", "B", 1);
            },
            ("HR", "A"),
            "B",
        ),
        (
            "rejected",
            REVIEWED,
            |b| {
                says(b, "HR", "1", "A", 0);
                decide(b, Verb::Reject, "is:pending");
            },
            ("HR", "A"),
            "",
        ),
        (
            "revoked",
            RANKED,
            |b| {
                says(b, "HR", "1", "A", 0);
                decide(b, Verb::Revoke, "is:certified");
            },
            ("HR", "A"),
            "",
        ),
        ("waiting", REVIEWED, |b| drop(says(b, "HR", "1", "A", 0)), ("HR", "A"), ""),
        (
            "a challenger that is still kept out",
            RANKED,
            |b| {
                says(b, "HR", "1", "A", 0);
                says(b, "PAY", "1", "B", 1);
            },
            ("PAY", "B"),
            "A",
        ),
        (
            "equal to another source's",
            RANKED,
            |b| {
                says(b, "HR", "1", "A", 0);
                says(b, "PAY", "1", "A", 1);
                says(b, "HR", "1", "B", 2);
            },
            ("PAY", "A"),
            "B",
        ),
        (
            "closed since it was rejected before",
            REVIEWED,
            |b| {
                says(b, "HR", "1", "A", 0);
                decide(b, Verb::Reject, "is:pending");
                says(b, "HR", "1", "B", 1);
                says(b, "HR", "1", "A", 2);
            },
            ("HR", "A"),
            "",
        ),
        (
            "held, by another key than the newest word of its source",
            RANKED,
            |b| {
                b.codes("f", &["A", "B"]);
                b.map("HR", "f", "B", "B").ok();
                says(b, "HR", "1", "x", 0);
                says(b, "HR", "2", "y", 1);
            },
            ("HR", "x"),
            "",
        ),
        ("failed", RANKED, |b| drop(says(b, "HR", "1", &"x".repeat(4_001), 0)), ("HR", ""), ""),
    ];
    for (case, (mode, auto, sources), story, (source, value), expected) in cases {
        let mut bench = bench(mode, auto, sources, "");
        story(&mut bench);
        assert_eq!(in_force(&bench), *expected, "{case}");
        let before = rows(&bench);
        let value = if value.is_empty() { "x".repeat(4_001) } else { value.to_string() };
        for day in 10..13 {
            let told = says(&mut bench, source, "1", &value, day);
            assert_eq!((told.unchanged, told.items), (1, 1), "{case}: {told:?}");
            assert_eq!(in_force(&bench), *expected, "{case}");
            assert_eq!(rows(&bench), before, "{case}");
        }
        bench.assert_sound();
    }
}

#[test]
fn a_waiting_word_is_decided_anew_once_what_kept_it_out_has_gone() {
    let pin = |bench: &mut Bench, pinned: bool| {
        bench.second_passes();
        let (target_table, target_id, field_name) = ("t".into(), "T1".into(), "f".into());
        bench.run(&Command::Pin { target_table, target_id, field_name, pinned, reason: None }).unwrap();
    };
    // The holder was revoked.
    let mut revoked = bench("On Ingest", "Yes", "HR > PAY", "");
    says(&mut revoked, "HR", "1", "A", 0);
    says(&mut revoked, "PAY", "1", "B", 1);
    decide(&mut revoked, Verb::Revoke, "is:certified");
    assert_eq!(in_force(&revoked), "");
    assert_eq!(says(&mut revoked, "PAY", "1", "B", 2).applied, 1);
    assert_eq!(in_force(&revoked), "B");
    // It is stale.
    let mut stale = bench("On Ingest", "Yes", "HR > PAY", "5");
    says(&mut stale, "HR", "1", "A", 0);
    says(&mut stale, "PAY", "1", "B", 1);
    stale.days_pass(6);
    assert_eq!(says(&mut stale, "PAY", "1", "B", 6).applied, 1);
    assert_eq!(in_force(&stale), "B");
    // Its pin was lifted.
    let mut pinned = bench("On Ingest", "Yes", "HR > PAY", "");
    says(&mut pinned, "PAY", "1", "A", 0);
    pin(&mut pinned, true);
    says(&mut pinned, "HR", "1", "B", 1);
    assert_eq!(says(&mut pinned, "HR", "1", "B", 2).unchanged, 1);
    pin(&mut pinned, false);
    assert_eq!(says(&mut pinned, "HR", "1", "B", 3).applied, 1);
    assert_eq!(in_force(&pinned), "B");
    // A policy that would write it by now lets it in by a re-evaluation alone.
    let mut edited = bench("On Certify", "No", "HR > PAY", "");
    says(&mut edited, "HR", "1", "A", 0);
    edited.second_passes();
    edited.policy(&[("target_table", "t"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    assert_eq!(says(&mut edited, "HR", "1", "A", 1).unchanged, 1);
    assert_eq!(in_force(&edited), "");
    for bench in [revoked, stale, pinned, edited] {
        bench.assert_sound();
    }
}

#[test]
fn a_word_that_was_turned_down_is_decided_anew_after_a_change_of_what_it_came_by() {
    type Change = (&'static str, fn(&mut Bench));
    let changes: [Change; 3] = [
        ("its policy", |b| {
            b.policy(&[("target_table", "t"), ("commit_mode", "On Ingest"), ("stale_after_days", "9")]);
        }),
        ("a binding of its field", |b| {
            let binding = [("target_table", "t"), ("field_name", "f"), ("on_blank", "clear")];
            b.import(Import::Bindings, &[&binding]).unwrap();
        }),
        ("nothing", |_| {}),
    ];
    for (verb, filter, mode) in
        [(Verb::Reject, "is:pending", "On Certify"), (Verb::Revoke, "is:certified", "On Ingest")]
    {
        for (what, change) in changes {
            let mut bench = bench(mode, if mode == "On Ingest" { "Yes" } else { "No" }, "HR > PAY", "");
            says(&mut bench, "HR", "1", "A", 0);
            decide(&mut bench, verb, filter);
            assert_eq!(says(&mut bench, "HR", "1", "A", 1).unchanged, 1, "{verb:?} {what}");
            bench.second_passes();
            change(&mut bench);
            let told = says(&mut bench, "HR", "1", "A", 2);
            assert_eq!(told.unchanged, i64::from(what == "nothing"), "{verb:?} {what}: {told:?}");
            bench.assert_sound();
        }
    }
}

#[test]
fn a_revoked_word_is_remembered_like_a_rejected_one() {
    let mut bench = bench("On Ingest", "Yes", "HR > PAY", "");
    says(&mut bench, "HR", "1", "A", 0);
    decide(&mut bench, Verb::Revoke, "is:certified");
    says(&mut bench, "HR", "1", "B", 1);
    let told = says(&mut bench, "HR", "1", "A", 2);
    assert_eq!((told.rejected, told.applied), (1, 0));
    let item = &bench.rows(Table::SyncItems, "is:rejected")[0];
    assert!(item.text("process_message").starts_with("Revoked before by ada on "), "{item:?}");
    assert_eq!(in_force(&bench), "B");
    bench.assert_sound();
}

/// (what was said: source key value day; what is said then; whether it is late)
#[test]
fn late_is_what_is_older_than_any_word_of_its_source_that_counts() {
    type Said = (&'static str, &'static str, &'static str, i64);
    type Then = fn(&mut Bench);
    let nothing: Then = |_| {};
    let reject: Then = |b| decide(b, Verb::Revoke, "value:B");
    let cases: &[(&str, &[Said], Then, Said, bool)] = &[
        ("after its last word", &[("HR", "1", "A", 1)], nothing, ("HR", "1", "C", 2), false),
        ("at its time", &[("HR", "1", "A", 1)], nothing, ("HR", "1", "C", 1), false),
        ("before it", &[("HR", "1", "A", 1)], nothing, ("HR", "1", "C", 0), true),
        ("before a repeat of it", &[("HR", "1", "A", 1), ("HR", "1", "A", 9)], nothing, ("HR", "1", "C", 5), true),
        ("before another key's word", &[("HR", "2", "A", 9)], nothing, ("HR", "1", "C", 5), true),
        (
            "before another key's repeat",
            &[("HR", "2", "A", 1), ("HR", "2", "A", 9)],
            nothing,
            ("HR", "1", "C", 5),
            true,
        ),
        ("before another source's word", &[("PAY", "1", "A", 9)], nothing, ("HR", "1", "C", 5), false),
        ("before a word that was revoked", &[("HR", "1", "B", 9)], reject, ("HR", "1", "C", 5), false),
        (
            "before a repeat of a word that was revoked",
            &[("HR", "1", "B", 1), ("HR", "1", "B", 9)],
            reject,
            ("HR", "1", "C", 5),
            false,
        ),
        (
            "before a word that came before one that was revoked",
            &[("HR", "1", "A", 7), ("HR", "1", "B", 9)],
            reject,
            ("HR", "1", "C", 5),
            true,
        ),
    ];
    for (case, said, then, (source, key, value, day), late) in cases {
        let mut bench = bench("On Ingest", "Yes", "HR > PAY", "");
        for (source, key, value, day) in *said {
            says(&mut bench, source, key, value, *day);
        }
        then(&mut bench);
        let told = says(&mut bench, source, key, value, *day);
        assert_eq!((told.superseded, told.unchanged), (i64::from(*late), 0), "{case}: {told:?}");
        bench.assert_sound();
    }
}

#[test]
fn a_repeat_that_is_late_restarts_no_clock() {
    let mut bench = bench("On Ingest", "Yes", "HR > PAY", "30");
    says(&mut bench, "HR", "1", "A", 0);
    says(&mut bench, "HR", "1", "A", 10);
    let stale_on = |bench: &Bench| bench.reader().in_force(&("t".into(), "T1".into(), "f".into())).unwrap();
    let before = stale_on(&bench);
    bench.days_pass(1);
    says(&mut bench, "HR", "1", "A", 5);
    assert_eq!(stale_on(&bench), before);
    says(&mut bench, "HR", "1", "A", 11);
    assert_ne!(stale_on(&bench), before);
    bench.assert_sound();
}

#[test]
fn each_key_of_a_record_repeats_its_own_word() {
    let mut bench = bench("On Ingest", "Yes", "HR > PAY", "");
    let both = |bench: &mut Bench, day: i64| {
        bench.second_passes();
        bench.deliver_at("HR", "t", NOON + day * DAY, &[("1", &[("f", "A")]), ("2", &[("f", "B")])])
    };
    assert_eq!(both(&mut bench, 0).applied, 2);
    let before = rows(&bench);
    for day in 1..4 {
        assert_eq!(both(&mut bench, day).unchanged, 2);
        assert_eq!(rows(&bench), before);
    }
    // What the source said last is no news by any of its keys.
    assert_eq!(says(&mut bench, "HR", "1", "B", 5).unchanged, 1);
    assert_eq!(in_force(&bench), "B");
    bench.assert_sound();
}

#[test]
fn a_sources_own_newer_value_is_never_a_challenger_to_its_older_one() {
    let mut bench = bench("On Ingest", "Yes", "HR > PAY", "");
    says(&mut bench, "HR", "1", "A", 0);
    bench.second_passes();
    bench.policy(&[
        ("target_table", "t"),
        ("commit_mode", "On Ingest"),
        ("auto_certify", "Yes"),
        ("authoritative_sources", "PAY > HR"),
    ]);
    assert_eq!(says(&mut bench, "HR", "1", "B", 1).applied, 1);
    assert_eq!(in_force(&bench), "B");
    bench.assert_sound();
}

#[test]
fn a_key_that_leads_to_no_record_says_what_it_says_once() {
    let mut bench = Bench::new();
    bench.import(Import::Bindings, &[&[("target_table", "t"), ("on_unknown_key", "hold")]]).unwrap();
    for (value, held) in [("A", 1), ("A", 0), ("B", 1), ("B", 0), ("A", 1)] {
        bench.second_passes();
        assert_eq!(bench.deliver("HR", "t", &[("9", &[("f", value)])]).held, held, "{value}");
    }
    bench.assert_sound();
}

#[test]
fn where_chunks_end_decides_nothing() {
    let records: Vec<(String, String)> = (0..40).map(|n| ((n % 7).to_string(), format!("v{}", (n * n) % 5))).collect();
    let mut seen: Vec<Vec<String>> = Vec::new();
    for sizes in [vec![40], vec![1], vec![3, 1, 5], vec![7, 2]] {
        let mut bench = bench("On Ingest", "No", "HR > PAY", "3");
        bench.chunks = sizes;
        bench.act_as("ada");
        for (source, day) in [("HR", 3), ("PAY", 4), ("HR", 1), ("HR", 5)] {
            let mut given: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
            for (key, value) in &records {
                given.push((key, vec![("f", value)]));
            }
            let given: Vec<(&str, &[(&str, &str)])> =
                given.iter().map(|(key, values)| (*key, values.as_slice())).collect();
            bench.deliver_at(source, "t", NOON + day * DAY, &given);
        }
        let facts = |table: Table, fields: &[&str]| -> Vec<String> {
            let of = |row: &steward::model::row::Row| {
                fields.iter().map(|field| row.display(field).into_owned()).collect::<Vec<_>>().join(" ")
            };
            bench.rows(table, "").iter().map(of).collect()
        };
        let mut all = facts(Table::SyncItems, &["id", "external_key", "source_system_key", "raw_value", "state"]);
        all.extend(facts(Table::Ledger, &["id", "source_system_key", "value", "ledger_status", "statecode"]));
        seen.push(all);
        bench.assert_sound();
    }
    assert!(seen.iter().all(|one| *one == seen[0]));
}

#[test]
fn a_time_far_ahead_is_refused() {
    let mut bench = bench("On Ingest", "Yes", "HR > PAY", "");
    let ahead = delivery("HR", "t", &"a".repeat(64), bench.now() + DAY + 1);
    let refused = bench.try_deliver(&ahead, &[("1", &[("f", "A")])], false).unwrap_err();
    assert!(matches!(refused, Error::Refused(_)) && refused.to_string().contains("ST015"), "{refused}");
    assert!(bench.rows(Table::SyncJobs, "").is_empty());
    let just = delivery("HR", "t", &"a".repeat(64), bench.now() + DAY);
    assert_eq!(bench.try_deliver(&just, &[("1", &[("f", "A")])], false).unwrap().applied, 1);
}

#[test]
fn the_same_bytes_repeat_the_newest_delivery_alone() {
    let mut bench = bench("On Ingest", "Yes", "HR > PAY", "");
    let deliver = |bench: &mut Bench, value: &str, again: bool| {
        bench.second_passes();
        let sha256 = value.repeat(64);
        let mut delivery = delivery("HR", "t", &sha256, bench.now());
        delivery.again = again;
        bench.try_deliver(&delivery, &[("1", &[("f", value)])], false).unwrap()
    };
    assert_eq!(deliver(&mut bench, "a", false).applied, 1);
    assert!(deliver(&mut bench, "a", false).already_delivered);
    assert_eq!(deliver(&mut bench, "b", false).applied, 1);
    assert_eq!(deliver(&mut bench, "a", false).applied, 1, "the source went back");
    assert_eq!(in_force(&bench), "a");
    let again = deliver(&mut bench, "a", true);
    assert_eq!((again.already_delivered, again.unchanged), (false, 1));
    assert_eq!(bench.rows(Table::SyncJobs, "").len(), 4);
    // Of another table it is no repetition.
    let other = delivery("HR", "u", &"a".repeat(64), bench.now());
    assert!(!bench.try_deliver(&other, &[("1", &[("f", "a")])], false).unwrap().already_delivered);
    bench.assert_sound();
}

#[test]
fn a_clock_that_was_set_back_is_noted_and_told() {
    let mut bench = bench("On Ingest", "Yes", "HR > PAY", "");
    says(&mut bench, "HR", "1", "A", 0);
    bench.days_pass(-2);
    says(&mut bench, "HR", "1", "B", 0);
    let last = bench.reader().operations(None, 1).unwrap().remove(0);
    assert!(last.summary.contains("the clock is behind"), "{}", last.summary);
    let told = bench.verify();
    assert!(told.lines.iter().any(|line| line.contains("1 operation was written by a clock")), "{:?}", told.lines);
    bench.assert_sound();
}

#[test]
fn an_edited_attempt_leaves_the_word_as_it_was_delivered() {
    let mut bench = bench("On Ingest", "Yes", "HR > PAY", "");
    says(&mut bench, "HR", "1", &"x".repeat(4_001), 0);
    let failed = bench.rows(Table::SyncItems, "").remove(0);
    let (item, version) = (failed.id, failed.int("row_version").unwrap());
    bench.second_passes();
    bench.run(&Command::EditRetry { item, row_version: version, raw: "A".into(), reason: "cut".into() }).unwrap();
    assert_eq!(in_force(&bench), "A");
    let rows_before = rows(&bench);
    assert_eq!(says(&mut bench, "HR", "1", &"x".repeat(4_001), 1).unchanged, 1);
    assert_eq!(rows(&bench), rows_before);
    bench.assert_sound();
}

#[test]
fn a_map_decided_since_is_another_way_for_what_came_by_none() {
    let mut bench = bench("On Certify", "No", "HR > PAY", "");
    bench.codes("f", &["A"]);
    let passes = [("target_table", "t"), ("field_name", "f"), ("code_list", "f"), ("on_unmapped", "pass")];
    bench.import(Import::Bindings, &[&passes]).unwrap();
    bench.second_passes();
    assert_eq!(says(&mut bench, "HR", "1", "a", 1).waiting, 1);
    decide(&mut bench, Verb::Reject, "is:pending");
    assert_eq!(says(&mut bench, "HR", "1", "a", 2).unchanged, 1);
    bench.second_passes();
    bench.map("HR", "f", "a", "A").unwrap();
    assert_eq!(says(&mut bench, "HR", "1", "a", 3).waiting, 1);
    assert_eq!(bench.rows(Table::Ledger, "is:pending")[0].text("value"), "A");
    // And once that was rejected, it is what it was.
    decide(&mut bench, Verb::Reject, "is:pending");
    assert_eq!(says(&mut bench, "HR", "1", "a", 4).unchanged, 1);
    bench.assert_sound();
}

/// Another key of the record proposes the same by now: that is the source's word already.
#[test]
fn a_turned_down_word_that_is_decided_anew_is_no_second_proposal_of_a_value() {
    let (mode, auto, sources) = REVIEWED;
    let mut bench = bench(mode, auto, sources, "");
    bench.codes("f", &["A"]);
    for code in ["x", "y"] {
        bench.map("HR", "f", code, "A").unwrap();
    }
    says(&mut bench, "HR", "1", "x", 0);
    decide(&mut bench, Verb::Reject, "is:pending");
    says(&mut bench, "HR", "2", "y", 1);
    bench.second_passes();
    let changes = crate::bench::map(&[("stale_after_days", "30")]);
    bench.run(&Command::EditPolicy { id: 1, row_version: 1, changes }).unwrap();
    assert_eq!(says(&mut bench, "HR", "1", "x", 2).unchanged, 1);
    let open = bench.rows(Table::Ledger, "is:pending is:active");
    assert_eq!(open.iter().map(|row| row.id).collect::<Vec<_>>(), [2]);
    bench.assert_sound();
}

/// Another key's repeat of a word that was closed at once is turned down with it, and so makes nothing late.
#[test]
fn what_another_key_repeats_of_a_closed_word_is_turned_down_too() {
    let (mode, auto, sources) = RANKED;
    let mut bench = bench(mode, auto, sources, "");
    says(&mut bench, "HR", "1", "A", 0);
    says(&mut bench, "HR", "1", "C", 1);
    decide(&mut bench, Verb::Revoke, "is:certified");
    decide(&mut bench, Verb::Revoke, "is:certified");
    says(&mut bench, "HR", "1", "A", 3);
    assert_eq!(bench.rows(Table::SyncItems, "")[2].display("state"), "Rejected");
    assert_eq!(says(&mut bench, "HR", "2", "A", 4).unchanged, 1);
    says(&mut bench, "HR", "2", "C", 2);
    let items = bench.rows(Table::SyncItems, "");
    assert_eq!(items.last().unwrap().display("state"), "Rejected", "older than a word that does not count");
    bench.assert_sound();
}
