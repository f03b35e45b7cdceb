//! One delivery after another: jobs, identifiers, codes, verdicts, statuses.

use std::collections::BTreeSet;

use steward::engine::{Command, MapKey};
use steward::engine::{Import, Mode, Verb};
use steward::model::choice::Relationship;
use steward::model::record::{Cell, Fault, Record};
use steward::model::table::Table;
use steward::model::time::DAY;

use crate::bench::{Bench, NOON, delivery, map, record};

#[test]
fn each_new_value_waits_where_no_policy_speaks() {
    let mut bench = Bench::new();
    let outcome = bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("title", "")]), ("2", &[("name", "Bo")])]);
    assert_eq!((outcome.items, outcome.waiting, outcome.identifiers), (2, 2, 2));
    assert_eq!(outcome.job_status, "Indeterminate (Neutral)");
    assert_eq!(bench.value("HR", "1", "name"), None);
    bench.assert_sound();
}

#[test]
fn policies_decide_what_is_written_at_once() {
    for (row, mode, auto, sources, state, status) in [
        ("row 1", "On Ingest", "Yes", "", "Applied", "Certified"),
        ("row 2", "On Ingest", "No", "", "Applied", "Pending"),
        ("row 3", "On Certify", "Yes", "HR > *", "Applied", "Certified"),
        ("row 4", "On Certify", "Yes", "", "Waiting", "Pending"),
        ("row 5", "On Certify", "No", "HR > *", "Waiting", "Pending"),
        ("row 8", "On Ingest", "Yes", "FIN", "Waiting", "Pending"),
    ] {
        let mut bench = Bench::new();
        bench.policy(&[
            ("target_table", "contact"),
            ("commit_mode", mode),
            ("auto_certify", auto),
            ("authoritative_sources", sources),
        ]);
        bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
        assert_eq!(bench.states(""), [state], "{row}");
        let entries = bench.rows(Table::Ledger, "");
        assert_eq!(entries[0].display("ledger_status"), status, "{row}");
        assert_eq!(bench.value("HR", "1", "name").is_some(), state == "Applied", "{row}");
        bench.assert_sound();
    }
}

#[test]
fn the_same_bytes_again_make_no_new_job() {
    let mut bench = Bench::new();
    let same = delivery("HR", "contact", &"a".repeat(64), NOON);
    let first = bench.try_deliver(&same, &[("1", &[("name", "Ann")])], false).unwrap();
    let again = bench.try_deliver(&same, &[("1", &[("name", "Ann")])], false).unwrap();
    assert!(!first.already_delivered && again.already_delivered);
    assert_eq!(again.job_id, first.job_id);
    assert_eq!(bench.rows(Table::SyncJobs, "").len(), 1);
    bench.assert_sound();
}

#[test]
fn a_delivery_id_with_other_bytes_is_refused_and_logged() {
    let mut bench = Bench::new();
    let mut first = delivery("HR", "contact", &"a".repeat(64), NOON);
    first.delivery_id = Some("D-1".into());
    let other = steward::engine::Delivery { sha256: "b".repeat(64), ..first.clone() };
    bench.try_deliver(&first, &[("1", &[("name", "Ann")])], false).unwrap();
    let refused = bench.try_deliver(&other, &[("1", &[("name", "Bo")])], false).unwrap_err();
    assert!(refused.to_string().starts_with("ST010"), "{refused}");
    assert_eq!(bench.reader().operations(None, 1).unwrap()[0].kind, "refused");
    bench.assert_sound();
}

#[test]
fn source_and_table_are_one_name_whatever_their_case() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    let again = bench.deliver("hr", "Contact", &[("1", &[("name", "Ann")])]);
    assert_eq!((again.identifiers, again.unchanged), (0, 1));
    assert_eq!(bench.rows(Table::SyncJobs, "source:hr table:CONTACT").len(), 2);
}

#[test]
fn values_that_say_nothing_new_are_only_counted() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("title", "Clerk")])]);
    bench.days_pass(1);
    let next = bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("title", "Chief")])]);
    assert_eq!((next.unchanged, next.applied, next.items), (1, 1, 2));
    assert_eq!(next.job_status, "Success");
    assert_eq!(bench.rows(Table::SyncItems, "").len(), 3);
    assert_eq!(bench.value("HR", "1", "title").as_deref(), Some("Chief"));
    let identifier = &bench.rows(Table::Identifiers, "")[0];
    assert_eq!(identifier.int("first_seen_date_time"), Some(NOON));
    assert_eq!(identifier.int("last_seen_date_time"), Some(NOON + DAY));
    bench.assert_sound();
}

#[test]
fn a_newer_value_supersedes_the_open_one_of_its_source() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
    assert_eq!(bench.states(""), ["Superseded", "Waiting"]);
    let entries = bench.rows(Table::Ledger, "");
    assert_eq!(entries[0].display("statecode"), "Inactive");
    assert_eq!(entries[1].text("supersedes"), entries[0].name());
    bench.assert_sound();
}

#[test]
fn an_older_value_of_the_same_source_comes_too_late() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
    let late = bench.deliver_at("HR", "contact", NOON - DAY, &[("1", &[("name", "Ann")])]);
    assert_eq!(late.superseded, 1);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Anne"));
    let identifier = &bench.rows(Table::Identifiers, "")[0];
    assert_eq!(identifier.int("last_seen_date_time"), Some(NOON));
    bench.assert_sound();
}

#[test]
fn a_key_twice_in_a_delivery_is_taken_in_order() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    let outcome = bench.deliver(
        "HR",
        "contact",
        &[("1", &[("name", "Ann")]), ("2", &[("name", "Bo")]), ("1", &[("name", "Anne")]), ("1", &[("name", "Anne")])],
    );
    assert_eq!((outcome.identifiers, outcome.unchanged), (2, 1));
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Anne"));
    bench.assert_sound();
}

#[test]
fn fields_are_the_same_ones_however_sources_write_their_names() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("authoritative_sources", "HR > FIN")]);
    bench.deliver("HR", "contact", &[("1", &[("Name", "Ann"), ("TOWN", "Oslo")])]);
    let target = bench.target("HR", "1");
    bench
        .import(
            Import::Identifiers,
            &[&[
                ("external_key", "a"),
                ("source_system_key", "FIN"),
                ("target_table", "contact"),
                ("target_id", &target),
            ]],
        )
        .unwrap();
    bench.days_pass(1);
    let outcome = bench.deliver("FIN", "CONTACT", &[("a", &[("town", "Oslo"), ("NAME", "Anna")])]);
    // Not a field of its own, but a value that a better source stands before.
    assert_eq!((outcome.applied, outcome.unchanged, outcome.waiting), (0, 1, 1), "{outcome:?}");
    let names: Vec<String> =
        bench.rows(Table::Ledger, "").iter().map(|row| row.text("aspect_key").to_string()).collect();
    assert_eq!(names, ["Name", "TOWN", "Name"]);
    assert_eq!(bench.rows(Table::Ledger, "field:name").len(), 2);
    bench.assert_sound();
}

#[test]
fn codes_wait_for_one_map_each_and_go_on_when_it_is_decided() {
    let mut bench = Bench::new();
    bench.codes("status", &["A", "B"]);
    bench
        .import(Import::Bindings, &[&[("target_table", "contact"), ("field_name", "status"), ("code_list", "status")]])
        .unwrap();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    let outcome = bench.deliver(
        "HR",
        "contact",
        &[("1", &[("status", "x")]), ("2", &[("status", "y")]), ("3", &[("status", "x")]), ("4", &[("status", "X")])],
    );
    assert_eq!((outcome.held, outcome.proposed_maps), (4, 3));
    assert_eq!(bench.rows(Table::ValueMaps, "code:x is:proposed")[0].int("waiting"), Some(2));

    let preview = bench.engine.run(&map_command("x", "A"), &Mode::DryRun).unwrap();
    assert_eq!((preview.released, preview.values_changed, preview.operation), (3, 3, None));
    let real = bench.map("HR", "status", "x", "A").unwrap();
    assert_eq!((real.released, real.values_changed), (3, 3));
    assert_eq!(preview.fingerprint, real.fingerprint);
    assert_eq!(bench.value("HR", "3", "status").as_deref(), Some("A"));
    // The other spelling had a row of its own, which went by the same decision.
    assert_eq!(bench.value("HR", "4", "status").as_deref(), Some("A"));
    assert_eq!(bench.states("is:held").len(), 1);

    // From now on both spellings are understood.
    bench.days_pass(1);
    let next = bench.deliver("HR", "contact", &[("5", &[("status", "X")]), ("1", &[("status", "x")])]);
    assert_eq!((next.applied, next.unchanged, next.held), (1, 1, 0));
    bench.assert_sound();
}

fn map_command(code: &str, canonical: &str) -> Command {
    let map = MapKey::Code { source: "HR".into(), list: "status".into(), code: code.into() };
    Command::Map { map, canonical: canonical.into(), relationship: Relationship::Equal }
}

#[test]
fn held_values_delivered_again_are_unchanged_and_newer_ones_take_their_place() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "x")])]);
    bench.days_pass(1);
    let again = bench.deliver("HR", "contact", &[("1", &[("status", "x")])]);
    assert_eq!((again.unchanged, again.held), (1, 0));
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("status", "y")])]);
    assert_eq!(bench.states(""), ["Superseded", "Held"]);
    assert_eq!(bench.rows(Table::ValueMaps, "code:x")[0].int("waiting"), Some(0));
    bench.assert_sound();
}

#[test]
fn a_map_with_too_low_a_confidence_holds_its_values() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    let row: &[(&str, &str)] = &[
        ("source_system_key", "HR"),
        ("code_list", "status"),
        ("source_code", "x"),
        ("canonical_code_value", "A"),
        ("confidence", "0.8"),
    ];
    bench.import(Import::ValueMaps, &[row]).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("status", "x")])]);
    let held = bench.rows(Table::SyncItems, "is:held");
    assert_eq!(held[0].text("code"), "ST023");
    assert!(held[0].text("process_message").starts_with("[ST023] "));
    bench.days_pass(1);
    assert_eq!(bench.deliver("HR", "contact", &[("1", &[("status", "x")])]).unchanged, 1);

    let map = &bench.rows(Table::ValueMaps, "")[0];
    let changes = crate::bench::map(&[("confidence", "0.95")]);
    let edit = Command::EditValueMap { id: map.id, row_version: map.int("row_version").unwrap(), changes };
    assert_eq!(bench.run(&edit).unwrap().released, 1);
    assert_eq!(bench.states(""), ["Waiting"]);
    bench.assert_sound();
}

#[test]
fn what_cannot_be_taken_is_a_failed_item_and_the_rest_goes_on() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    let long = "x".repeat(4001);
    let long_code = "y".repeat(101);
    let text = |name: &str, value: &str| (name.into(), Cell::Text(value.to_string()));
    let records = vec![
        Ok(record(0, &("1", &[("name", &long), ("title", "Clerk"), ("status", &long_code)]))),
        Ok(record(1, &("", &[("name", "Nobody")]))),
        Ok(record(2, &(&"k".repeat(101), &[("name", "Long")]))),
        Err(Fault { line: 5, problem: "it has 2 cells where the header has 3.".into(), raw: "a,b".into() }),
        Ok(Record { line: 6, fields: vec![text("id", "2"), ("name".into(), Cell::NotText(b"caf\xe9".to_vec()))] }),
        Ok(Record { line: 7, fields: vec![text("id", "3"), text("name", "a\0b")] }),
        Ok(record(6, &("4", &[("name", "Dee")]))),
    ];
    let outcome = bench.ingest(&delivery("HR", "contact", &"c".repeat(64), NOON), records);
    assert_eq!((outcome.failed, outcome.held, outcome.waiting, outcome.items), (6, 1, 2, 9));
    assert_eq!(outcome.faults.len(), 3);
    let failed = bench.rows(Table::SyncItems, "is:failed");
    let codes: Vec<&str> = failed.iter().map(|row| row.text("code")).collect();
    assert_eq!(codes.iter().filter(|code| **code == "ST014").count(), 2);
    assert!(["ST011", "ST012", "ST013"].iter().all(|code| codes.contains(code)), "{codes:?}");
    let of = |code: &str| failed.iter().find(|row| row.text("code") == code).unwrap();
    assert_eq!(of("ST012").text("raw_value"), long);
    assert_eq!(of("ST011").text("raw_value"), "a,b");
    assert!(of("ST011").text("process_message").contains("Line 5"));
    let not_text: Vec<&str> =
        failed.iter().filter(|r| r.text("code") == "ST013").map(|r| r.text("raw_value")).collect();
    assert_eq!(not_text, ["caf\\xE9", "a\\x00b"]);
    let held = bench.rows(Table::SyncItems, "is:held");
    assert_eq!((held[0].text("code"), held[0].text("raw_value")), ("ST024", long_code.as_str()));
    bench.assert_sound();
}

#[test]
fn unknown_keys_wait_where_the_binding_says_so() {
    let mut bench = Bench::new();
    bench.import(Import::Bindings, &[&[("target_table", "contact"), ("on_unknown_key", "hold")]]).unwrap();
    let outcome = bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!((outcome.held, outcome.identifiers), (1, 0));
    assert_eq!(bench.rows(Table::SyncItems, "")[0].text("code"), "ST040");
    bench.assert_sound();
}

#[test]
fn a_key_with_two_targets_is_held() {
    let mut bench = Bench::new();
    let row = |target| {
        [("external_key", "1"), ("source_system_key", "HR"), ("target_table", "contact"), ("target_id", target)]
    };
    bench.import(Import::Identifiers, &[&row("t1"), &row("t2")]).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!(bench.rows(Table::SyncItems, "")[0].text("code"), "ST041");
    bench.assert_sound();
}

#[test]
fn an_interrupted_delivery_goes_on_where_it_stopped() {
    let mut bench = Bench::new();
    let delivery = delivery("HR", "contact", &"d".repeat(64), NOON);
    let records: Vec<_> = (0..600).map(|n| Ok(record(n, &(n.to_string().as_str(), &[("name", "Ann")])))).collect();
    let stopped = bench.engine.ingest(&delivery, &mut records.clone().into_iter(), false, &mut |_, _| false).unwrap();
    assert!(stopped.stopped && stopped.records < 600, "{stopped:?}");
    bench.assert_sound();
    let done = bench.ingest(&delivery, records);
    assert_eq!((done.items, done.waiting, done.records), (600, 600, 600));
    assert_eq!(bench.rows(Table::SyncJobs, "").len(), 1);
    bench.assert_sound();
}

#[test]
fn a_dry_run_says_what_the_real_run_does_and_leaves_nothing() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    let delivery = delivery("HR", "contact", &"e".repeat(64), NOON);
    let records: &[crate::bench::Given] = &[("1", &[("name", "Ann"), ("status", "x")])];
    let dry = bench.try_deliver(&delivery, records, true).unwrap();
    assert!(bench.rows(Table::SyncJobs, "").is_empty());
    let real = bench.try_deliver(&delivery, records, false).unwrap();
    assert_eq!(dry.job_status, real.job_status);
    assert_eq!((dry.items, dry.held, dry.waiting), (real.items, real.held, real.waiting));
    assert_eq!((dry.identifiers, dry.proposed_maps), (real.identifiers, real.proposed_maps));
    bench.assert_sound();
}

#[test]
fn a_source_that_goes_back_to_the_value_in_force_withdraws_its_proposal() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.decide(Verb::Certify, "is:pending").unwrap();
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!(bench.states(""), ["Applied", "Superseded"]);
    assert!(bench.rows(Table::Ledger, "is:pending").is_empty());
    bench.assert_sound();
}

#[test]
fn of_two_deliveries_of_one_source_at_one_time_the_later_arrival_counts() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    bench.deliver("HR", "contact", &[("2", &[("name", "Bo")]), ("1", &[("name", "Ann")])]);
    // The same day as its time, and an earlier line.
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Anne"));
    bench.assert_sound();
}

#[test]
fn files_of_several_sources_at_one_time_give_the_same_values_in_any_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut seen = std::collections::BTreeSet::new();
    for order in orders {
        let mut bench = Bench::new();
        bench.policy(&[
            ("target_table", "contact"),
            ("commit_mode", "On Ingest"),
            ("authoritative_sources", "HR = FIN > TAX"),
        ]);
        let of = |source| {
            [("external_key", "1"), ("target_table", "contact"), ("target_id", "t1"), ("source_system_key", source)]
        };
        bench.import(Import::Identifiers, &[&of("HR"), &of("FIN"), &of("TAX")]).unwrap();
        for source in order.map(|at| ["HR", "FIN", "TAX"][at]) {
            bench.deliver(source, "contact", &[("1", &[("name", source), ("title", "Clerk")])]);
        }
        bench.assert_sound();
        seen.insert(["name", "title"].map(|field| bench.value("HR", "1", field)));
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[test]
fn a_record_three_times_in_a_delivery_is_decided_on_each_time_as_it_then_stood() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    let of = |title| [("title", title)];
    let outcome =
        bench.deliver("HR", "contact", &[("1", &of("c")[..]), ("1", &of("a")), ("1", &of("c")), ("1", &of("b"))]);
    assert_eq!((outcome.applied, outcome.unchanged), (4, 0));
    let items = bench.rows(Table::SyncItems, "");
    let old: Vec<&str> = items.iter().map(|item| item.text("old_value")).collect();
    assert_eq!(old, ["", "c", "a", "c"]);
    assert_eq!(bench.value("HR", "1", "title").as_deref(), Some("b"));
    bench.assert_sound();
}

#[test]
fn a_record_that_stands_twice_in_a_delivery_says_its_values_in_turn() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.second_passes();
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")]), ("1", &[("name", "Ann")])]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    bench.assert_sound();
}

/// engine.md, "Stale values": a value that a delivery repeats restarts the clock for what the same delivery says next.
#[test]
fn what_a_delivery_confirms_counts_for_its_next_record_whatever_the_chunks() {
    for days in ["0", "1"] {
        let mut seen = BTreeSet::new();
        for chunks in [vec![], vec![1]] {
            let mut bench = Bench::new();
            bench.policy(&[("target_table", "contact"), ("commit_mode", "On Certify"), ("auto_certify", "No")]);
            bench.deliver("HR", "contact", &[("1", &[("name", "b")])]);
            bench.decide(Verb::Certify, "is:pending").unwrap();
            let target = bench.target("HR", "1");
            let key = [("external_key", "1"), ("source_system_key", "FIN"), ("target_table", "contact")];
            let key: Vec<(&str, &str)> = key.into_iter().chain([("target_id", target.as_str())]).collect();
            bench.import(Import::Identifiers, &[&key]).unwrap();
            let changes = map(&[("commit_mode", "On Ingest"), ("stale_after_days", days)]);
            let policy = bench.rows(Table::CommitPolicies, "")[0].clone();
            let row_version = policy.int("row_version").unwrap();
            bench.run(&Command::EditPolicy { id: policy.id, row_version, changes }).unwrap();
            bench.second_passes();
            bench.chunks = chunks;
            bench.act_as("ada");
            // What is older than the value in force takes its place only where that is stale.
            let submitted = bench.now() - DAY / 24;
            bench.deliver_at("FIN", "contact", submitted, &[("1", &[("name", "b")]), ("1", &[("name", "c")])]);
            let entries = bench.rows(Table::Ledger, "source:FIN");
            seen.insert((
                bench.value("HR", "1", "name"),
                entries[0].display("ledger_status").into_owned(),
                entries.len(),
            ));
            bench.assert_sound();
        }
        let value = if days == "0" { "c" } else { "b" };
        assert_eq!(seen, BTreeSet::from([(Some(value.to_string()), "Pending".to_string(), 1)]), "{days} days");
    }
}
