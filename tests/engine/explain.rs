//! Why a value is in force and why others are not: each way a candidate loses, and the same told as of any time.

use std::fmt::Write;

use steward::engine::explain::{Candidate, Explanation, explain, find_field};
use steward::engine::{Command, Error, Import, Rows, Verb};
use steward::model::choice::LedgerStatus;
use steward::model::record::Cell;
use steward::model::table::Table;
use steward::model::time::{DAY, Micros, rfc3339};
use steward::store::FieldKey;

use crate::bench::{Bench, Given, NOON, delivery, map, record};

const RANKED: &[(&str, &str)] = &[
    ("target_table", "contact"),
    ("commit_mode", "On Ingest"),
    ("auto_certify", "Yes"),
    ("authoritative_sources", "HR > *"),
    ("stale_after_days", "30"),
];

fn key() -> FieldKey {
    ("contact".into(), "t1".into(), "name".into())
}

/// A store in which HR and FIN know the target t1 as 1 and 7, with a policy for its table.
fn bench(policy: &[(&str, &str)]) -> Bench {
    let mut bench = Bench::new();
    let of = |source, key| {
        [("external_key", key), ("source_system_key", source), ("target_table", "contact"), ("target_id", "t1")]
    };
    bench.import(Import::Identifiers, &[&of("HR", "1"), &of("FIN", "7")]).unwrap();
    if !policy.is_empty() {
        bench.policy(policy);
    }
    bench
}

fn policy<'a>(mode: &'a str, auto: &'a str, sources: &'a str) -> [(&'a str, &'a str); 4] {
    [("target_table", "contact"), ("commit_mode", mode), ("auto_certify", auto), ("authoritative_sources", sources)]
}

/// Delivers a name, a day after what was before.
fn name(bench: &mut Bench, source: &str, value: &str) {
    bench.days_pass(1);
    let key = if source == "HR" { "1" } else { "7" };
    bench.act_as("ada").deliver(source, "contact", &[(key, &[("name", value)])]);
}

fn decide(bench: &mut Bench, verb: Verb, filter: &str, reason: &str) {
    bench.days_pass(1);
    let reason = (!reason.is_empty()).then(|| reason.to_string());
    let outcome =
        bench.act_as("rita").run(&Command::Decide { verb, rows: Rows::Filter(filter.into()), reason }).unwrap();
    assert_eq!(outcome.changed, 1, "{filter}: {outcome:?}");
}

fn pin(bench: &mut Bench, pinned: bool) {
    bench.days_pass(1);
    let (target_table, target_id, field_name) = key();
    bench.act_as("rita").run(&Command::Pin { target_table, target_id, field_name, pinned, reason: None }).unwrap();
}

fn codes(bench: &mut Bench) {
    bench.codes("status", &["A"]);
    let row: &[(&str, &str)] = &[("target_table", "contact"), ("field_name", "name"), ("code_list", "status")];
    bench.import(Import::Bindings, &[row]).unwrap();
}

fn told(bench: &Bench, as_of: Option<Micros>) -> Result<Explanation, Error> {
    explain(&bench.reader(), &key(), as_of)
}

/// The loser with this value, or this one as delivered; the last delivered of several.
fn the_loser<'a>(explanation: &'a Explanation, value: &str) -> &'a Candidate {
    let is = |loser: &&Candidate| [&loser.value, &loser.raw_value].contains(&&Some(value.to_string()));
    explanation.losers.iter().find(is).unwrap_or_else(|| panic!("{value} is no loser in {explanation:#?}"))
}

/// A way to lose: what happens, who loses, the row that put it there, and a part of the reason.
type Way = (&'static str, fn() -> Bench, &'static str, Option<u8>, &'static str);

const WAYS: &[Way] = &[
    ("a lower rank than a value written later", lower_rank, "Fin", Some(1), "LED-0000002 has a higher rank"),
    ("an older value of its source", older, "Ann", Some(1), "LED-0000002 is newer"),
    ("a person chose another", chosen_over, "Ann", Some(1), "LED-0000002 was chosen over it"),
    ("only written, against a certified one", not_certified, "Ann", Some(2), "is certified, and this one is not yet"),
    ("a source later in the alphabet", later_source, "Ann", Some(1), "first from A to Z"),
    ("earlier in one delivery", earlier_in_delivery, "Ann", Some(1), "stands later in its delivery"),
    ("row 4", waits_row_4, "Ann", Some(4), "waits for a reviewer"),
    ("row 5", waits_row_5, "Ann", Some(5), "waits for a reviewer"),
    ("row 6", challenger, "Fin", Some(6), "waits for a reviewer"),
    ("row 7", stale_holder, "Ann", Some(1), "LED-0000002 was chosen over it"),
    ("row 8", not_authoritative, "Fin", Some(8), "waits for a reviewer"),
    ("row 9", low_confidence, "x", Some(9), "[ST023]"),
    ("row 10", unchanged, "Ann", Some(10), "nothing new"),
    ("row 11", against_a_pin, "Anne", Some(11), "waits for a reviewer"),
    ("row 12", late, "Old", Some(12), "came later than a newer value"),
    (
        "rejected",
        rejected,
        "Ann",
        Some(5),
        "rita rejected it on 2026-11-24T12:00:00Z, operation 7: \"no such person\".",
    ),
    ("revoked", revoked, "Ann", Some(5), "rita revoked it on 2026-11-25T12:00:00Z, operation 8: \"left\"."),
    ("rejected before", rejected_before, "Ann", None, "Rejected before by rita on 2026-11-24"),
    ("superseded by its source", superseded, "Ann", Some(5), "said something newer, LED-0000002"),
    ("its source went back", went_back, "Anne", Some(5), "went back to the value in force"),
    ("held without a map", held, "x", None, "It is held. [ST020]"),
    ("held, then superseded", held_then_superseded, "x", None, "a newer value of its source took its place"),
    ("failed", failed, r"caf\xE9", None, "It failed. [ST013]"),
    ("tried again", tried_again, "x", None, "sue tried it again as ITM-0000002 on 2026-11-24T12:00:00Z"),
    ("set aside", parked, "x", None, "sue parked it on 2026-11-24T12:00:00Z"),
    ("taken back", taken_back, "A", Some(5), "sam took it back on"),
];

fn lower_rank() -> Bench {
    let mut bench = bench(RANKED);
    name(&mut bench, "FIN", "Fin");
    name(&mut bench, "HR", "Ann");
    bench
}

fn older() -> Bench {
    let mut bench = bench(RANKED);
    name(&mut bench, "HR", "Ann");
    name(&mut bench, "HR", "Anne");
    bench
}

fn chosen_over() -> Bench {
    let mut bench = challenger();
    decide(&mut bench, Verb::Certify, "is:pending", "");
    bench
}

fn not_certified() -> Bench {
    let mut bench = bench(&policy("On Ingest", "No", ""));
    name(&mut bench, "HR", "Ann");
    name(&mut bench, "FIN", "Fin");
    decide(&mut bench, Verb::Certify, "source:FIN", "");
    bench
}

fn later_source() -> Bench {
    let mut bench = bench(&policy("On Ingest", "Yes", ""));
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.deliver("FIN", "contact", &[("7", &[("name", "Fin")])]);
    bench
}

fn earlier_in_delivery() -> Bench {
    let mut bench = bench(RANKED);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")]), ("1", &[("name", "Anne")])]);
    bench
}

fn waits_row_4() -> Bench {
    let mut bench = bench(&policy("On Certify", "Yes", "FIN > *"));
    name(&mut bench, "HR", "Ann");
    bench
}

fn waits_row_5() -> Bench {
    let mut bench = bench(&[]);
    name(&mut bench, "HR", "Ann");
    bench
}

fn challenger() -> Bench {
    let mut bench = bench(RANKED);
    name(&mut bench, "HR", "Ann");
    name(&mut bench, "FIN", "Fin");
    bench
}

fn stale_holder() -> Bench {
    let mut bench = bench(RANKED);
    name(&mut bench, "HR", "Ann");
    bench.days_pass(30);
    name(&mut bench, "FIN", "Fin");
    bench
}

fn not_authoritative() -> Bench {
    let mut bench = bench(&policy("On Ingest", "Yes", "HR"));
    name(&mut bench, "FIN", "Fin");
    bench
}

fn low_confidence() -> Bench {
    let mut bench = bench(&[]);
    codes(&mut bench);
    let row = [
        ("source_system_key", "HR"),
        ("code_list", "status"),
        ("source_code", "x"),
        ("canonical_code_value", "A"),
        ("confidence", "0.5"),
    ];
    bench.import(Import::ValueMaps, &[&row]).unwrap();
    name(&mut bench, "HR", "x");
    bench
}

fn unchanged() -> Bench {
    let mut bench = bench(RANKED);
    name(&mut bench, "HR", "Ann");
    bench.days_pass(1);
    let mut again = delivery("HR", "contact", &"f".repeat(64), NOON + 2 * DAY);
    again.keep_unchanged = true;
    bench.try_deliver(&again, &[("1", &[("name", "Ann")])], false).unwrap();
    bench
}

fn against_a_pin() -> Bench {
    let mut bench = bench(RANKED);
    name(&mut bench, "HR", "Ann");
    pin(&mut bench, true);
    name(&mut bench, "HR", "Anne");
    bench
}

fn late() -> Bench {
    let mut bench = bench(RANKED);
    name(&mut bench, "HR", "Ann");
    bench.deliver_at("HR", "contact", NOON - DAY, &[("1", &[("name", "Old")])]);
    bench
}

fn rejected() -> Bench {
    let mut bench = waits_row_5();
    decide(&mut bench, Verb::Reject, "is:pending", "no such person");
    bench
}

fn revoked() -> Bench {
    let mut bench = waits_row_5();
    decide(&mut bench, Verb::Certify, "is:pending", "");
    decide(&mut bench, Verb::Revoke, "is:certified", "left");
    bench
}

fn rejected_before() -> Bench {
    let mut bench = rejected();
    name(&mut bench, "HR", "Anne");
    name(&mut bench, "HR", "Ann");
    bench
}

fn superseded() -> Bench {
    let mut bench = waits_row_5();
    name(&mut bench, "HR", "Anne");
    bench
}

fn went_back() -> Bench {
    let mut bench = waits_row_5();
    decide(&mut bench, Verb::Certify, "is:pending", "");
    name(&mut bench, "HR", "Anne");
    name(&mut bench, "HR", "Ann");
    bench
}

fn held() -> Bench {
    let mut bench = bench(&[]);
    codes(&mut bench);
    name(&mut bench, "HR", "x");
    bench
}

fn held_then_superseded() -> Bench {
    let mut bench = held();
    name(&mut bench, "HR", "y");
    bench
}

fn failed() -> Bench {
    let mut bench = bench(&[]);
    let mut bytes = record(0, &("1", &[]));
    bytes.fields.push(("name".into(), Cell::NotText(b"caf\xe9".to_vec())));
    bench.ingest(&delivery("HR", "contact", &"a".repeat(64), NOON), vec![Ok(bytes)]);
    bench
}

fn tried_again() -> Bench {
    let mut bench = held();
    edit_retry(&mut bench, "z");
    bench
}

fn edit_retry(bench: &mut Bench, raw: &str) {
    bench.days_pass(1);
    let row_version = bench.rows(Table::SyncItems, "")[0].int("row_version").unwrap();
    let edit = Command::EditRetry { item: 1, row_version, raw: raw.into(), reason: "a typing error".into() };
    bench.act_as("sue").run(&edit).unwrap();
}

fn parked() -> Bench {
    let mut bench = held();
    bench.days_pass(1);
    bench.act_as("sue").run(&Command::Park { rows: Rows::Ids(vec![1]), reason: None }).unwrap();
    bench
}

fn taken_back() -> Bench {
    let mut bench = held();
    bench.days_pass(1);
    bench.act_as("sam").map("HR", "status", "x", "A").unwrap();
    bench.days_pass(1);
    bench.run(&Command::Undo { operation: None }).unwrap();
    bench
}

/// A long undo is done in several operations, and each row is taken back by one of them.
#[test]
fn what_was_taken_back_in_parts_is_told_as_taken_back() {
    let mut bench = held();
    bench.deliver("FIN", "contact", &[("7", &[("name", "y")]), ("8", &[("name", "z")])]);
    bench.rows_at_once = Some(1);
    bench.act_as("sue").run(&Command::Retry { rows: Rows::Filter("is:held".into()), reason: None }).unwrap();
    bench.run(&Command::Undo { operation: None }).unwrap();
    let (explanation, mut attempts) = (told(&bench, None).unwrap(), 0);
    for loser in explanation.losers.iter().filter(|loser| loser.item > Some(2)) {
        let why = loser.why(&rfc3339);
        assert!(why.starts_with("sue took it back on"), "{why}");
        assert_eq!(loser.status_label(), "Taken back");
        attempts += 1;
    }
    assert_eq!(attempts, 2, "{explanation:#?}");
    let last = bench.reader().operations(None, 2).unwrap();
    assert!(last.iter().any(|operation| operation.summary.starts_with("Took back 4 rows of operation")), "{last:?}");
}

#[test]
fn each_way_to_lose_is_told_with_its_row() {
    let mut wrong = String::new();
    for (way, build, value, row, part) in WAYS {
        let bench = build();
        bench.assert_sound();
        let explanation = told(&bench, None).unwrap();
        let loser = the_loser(&explanation, value);
        let reason = loser.reason(&rfc3339);
        if loser.row != *row || !reason.contains(part) {
            writeln!(wrong, "{way}: row {:?}, {reason}", loser.row).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_value_that_took_a_stale_ones_place_is_row_7() {
    let explanation = told(&stale_holder(), None).unwrap();
    let in_force = explanation.in_force.unwrap();
    assert_eq!((in_force.value.as_deref(), in_force.row), (Some("Fin"), Some(7)));
    assert_eq!(explanation.next, Some(1));
}

#[test]
fn an_edited_input_is_told_with_what_it_was_and_who_edited_it() {
    let mut bench = held();
    bench.act_as("sam").map("HR", "status", "z", "A").unwrap();
    edit_retry(&mut bench, "z");
    bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    let in_force = told(&bench, None).unwrap().in_force.unwrap();
    assert_eq!((in_force.value.as_deref(), in_force.raw_value.as_deref()), (Some("A"), Some("z")));
    let edit = in_force.edit.unwrap();
    assert_eq!((edit.raw_value.as_str(), edit.act.unwrap().by.as_str()), ("x", "sue"));
}

#[test]
fn the_value_in_force_is_told_with_all_it_came_through() {
    let mut bench = held();
    bench.policy(RANKED);
    bench.days_pass(1);
    bench.act_as("sam").map("HR", "status", "x", "A").unwrap();
    let explanation = told(&bench, None).unwrap();
    let in_force = explanation.in_force.clone().unwrap();
    assert_eq!((in_force.value.as_deref(), in_force.raw_value.as_deref()), (Some("A"), Some("x")));
    assert_eq!((in_force.source.as_str(), in_force.external_key.as_deref()), ("HR", Some("1")));
    assert_eq!((in_force.status, in_force.rank, in_force.row), (Some(LedgerStatus::Certified), Some(0), Some(1)));
    assert_eq!(in_force.certified_by.as_deref(), Some("steward:engine"));
    let used = in_force.map.unwrap();
    assert_eq!((used.source_code.as_str(), used.canonical.as_deref()), ("x", Some("A")));
    assert_eq!(used.author.as_deref(), Some("sam"));
    assert_eq!(in_force.policy.unwrap().sources.as_deref(), Some("HR > *"));
    let clock = explanation.clock.unwrap();
    assert_eq!((clock.stale, clock.stale_on), (Some(false), Some(NOON + 32 * DAY)));
    let known = [("HR".to_string(), "1".to_string()), ("FIN".to_string(), "7".to_string())];
    assert_eq!(explanation.identifiers, known);

    // The map as it was used, not as it was edited to since.
    let row = &bench.rows(Table::ValueMaps, "")[0];
    bench.act_as("ada").codes("status", &["B"]);
    let changes = map(&[("canonical_code_value", "B")]);
    bench.run(&Command::EditValueMap { id: row.id, row_version: row.int("row_version").unwrap(), changes }).unwrap();
    assert_eq!(told(&bench, None).unwrap().in_force.unwrap().map.unwrap().canonical.as_deref(), Some("A"));
}

#[test]
fn every_state_that_was_is_told_as_it_was() {
    let mut bench = bench(RANKED);
    let mut remembered: Vec<(Micros, Explanation)> = Vec::new();
    let undo = |bench: &mut Bench| {
        bench.days_pass(1);
        // The newest that is neither a delivery nor taken back: what is taken back here may be older than both.
        let of_person = |operation: &&steward::store::OperationRow| {
            !matches!(operation.kind.as_str(), "ingest" | "undo") && operation.undone_by.is_none()
        };
        let operation = bench.reader().operations(None, 50).unwrap().iter().find(of_person).map(|found| found.seq);
        bench.run(&Command::Undo { operation }).unwrap();
    };
    let steps: &[&dyn Fn(&mut Bench)] = &[
        &|bench| name(bench, "HR", "Ann"),
        &|bench| name(bench, "FIN", "Fin"),
        &|bench| decide(bench, Verb::Certify, "source:FIN", "seen the passport"),
        &|bench| name(bench, "HR", "Anne"),
        &undo,
        &|bench| decide(bench, Verb::Revoke, "source:HR is:certified name:LED-0000001", "left"),
        &|bench| name(bench, "HR", "Anneke"),
        &|bench| pin(bench, true),
        &|bench| name(bench, "HR", "Annie"),
        &|bench| decide(bench, Verb::Reject, "value:Annie", "a typing error"),
        &undo,
        &|bench| pin(bench, false),
        &|bench| bench.days_pass(40),
        &|bench| {
            bench.days_pass(1);
            bench.act_as("ada").policy(&[
                ("target_table", "contact"),
                ("field_name", "name"),
                ("stale_after_days", "3"),
            ])
        },
        &|bench| name(bench, "FIN", "Finn"),
        &|bench| decide(bench, Verb::Certify, "value:Finn", ""),
        &|bench| decide(bench, Verb::Revoke, "value:Finn", "gone"),
        &undo,
    ];
    for step in steps {
        step(&mut bench);
        bench.assert_sound();
        remembered.push((bench.now(), told(&bench, None).unwrap()));
    }
    assert!(remembered.iter().any(|(_, then)| then.clock.is_some_and(|clock| clock.stale == Some(true))));
    for (at, (time, then)) in remembered.iter().enumerate() {
        for time in [*time, time + 1] {
            let again = told(&bench, Some(time.min(bench.now()))).unwrap();
            assert_eq!(Explanation { as_of: None, ..again }, *then, "step {at}");
        }
    }
}

#[test]
fn a_confirmation_that_is_not_kept_is_said_to_be_unknown() {
    let mut bench = bench(RANKED);
    name(&mut bench, "HR", "Ann");
    let stale = |bench: &Bench, time| told(bench, Some(time)).unwrap().clock.unwrap().stale;
    let certified = bench.now();
    bench.days_pass(19);
    name(&mut bench, "HR", "Ann");
    let confirmed = bench.now();
    bench.days_pass(29);
    let clock = told(&bench, None).unwrap().clock.unwrap();
    assert_eq!((clock.confirmed_on, clock.stale), (confirmed, Some(false)));
    bench.days_pass(1);
    assert_eq!(told(&bench, None).unwrap().clock.unwrap().stale, Some(true));
    // The last confirmation is kept, so all after it is known.
    assert_eq!(stale(&bench, confirmed + 29 * DAY), Some(false));
    // Another value came: of the confirmations before it nothing is left.
    name(&mut bench, "HR", "Anne");
    assert_eq!(stale(&bench, certified + 29 * DAY), Some(false));
    assert_eq!(stale(&bench, confirmed + 29 * DAY), None);
}

#[test]
fn a_value_that_was_disposed_of_is_said_to_be_gone_from_its_past_too() {
    let mut bench = rejected();
    name(&mut bench, "HR", "Anne");
    name(&mut bench, "HR", "Anneke");
    let then = bench.now();
    bench.days_pass(1);
    let reason = "GRS 5.2, item 020".to_string();
    bench.run(&Command::Dispose { table: Table::Ledger, rows: Rows::Filter("created>=1970".into()), reason }).unwrap();
    for as_of in [None, Some(then)] {
        let explanation = told(&bench, as_of).unwrap();
        let why: Vec<String> = explanation.losers.iter().map(|loser| loser.why(&rfc3339)).collect();
        let gone = "Its values were disposed of on 2026-11-27T12:00:00Z.";
        assert!(why[0].starts_with("It waits for a reviewer.") && !why[0].contains(gone), "{why:#?}");
        assert!(
            why[1].starts_with("Its source said something newer, LED-0000003.") && why[1].ends_with(gone),
            "{why:#?}"
        );
        assert!(why[2].starts_with("rita rejected it") && why[2].ends_with(gone), "{why:#?}");
    }
}

#[test]
fn what_goes_out_to_a_receiver_is_no_candidate() {
    let mut bench = bench(RANKED);
    let row = [("target_table", "contact"), ("field_name", "name"), ("source_system_key", "FIN"), ("outbound", "Yes")];
    bench.import(Import::Bindings, &[&row]).unwrap();
    name(&mut bench, "HR", "Ann");
    assert_eq!(bench.rows(Table::SyncItems, "").len(), 2);
    assert!(told(&bench, None).unwrap().losers.is_empty());
}

#[test]
fn what_cannot_be_told_is_a_sentence() {
    let bench = challenger();
    let cases = [
        (told(&bench, Some(NOON - DAY)), "nothing had been said of name of contact t1"),
        (told(&bench, Some(NOON)), "The first value came on 2026-11-23T12:00:00Z."),
        (told(&bench, Some(bench.now() + 1)), "is still to come"),
    ];
    for (result, part) in cases {
        let said = result.unwrap_err().to_string();
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_field_is_found_by_its_targets_id_or_by_a_sources_key() {
    let bench = challenger();
    let reader = bench.reader();
    for (table, record, field) in [("contact", "t1", "name"), ("CONTACT", "hr:1", "Name"), ("contact", "FIN:7", "name")]
    {
        assert_eq!(find_field(&reader, table, record, field).unwrap(), key());
    }
    for (table, record, field, part) in [
        ("contakt", "t1", "name", "no target table contakt. Did you mean contact?"),
        ("contact", "t2", "name", "no record t2. Did you mean t1?"),
        ("contact", "zz", "name", "A record is named by its target id or by a source's key, as SOURCE:KEY."),
        ("contact", "HRR:1", "name", "no source HRR. Did you mean HR?"),
        ("contact", "HR:9", "name", "no key 9."),
        ("contact", "t1", "nam", "no field nam. Did you mean name?"),
        ("contact", "t1", "zzz", "The fields of contact t1: name."),
    ] {
        let said = find_field(&reader, table, record, field).unwrap_err().to_string();
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_record_tells_its_fields_with_the_values_in_force() {
    let mut bench = challenger();
    let title: Given = ("1", &[("title", "Chief")]);
    bench.policy(&[("target_table", "contact"), ("field_name", "title"), ("commit_mode", "On Certify")]);
    bench.deliver("HR", "contact", &[title]);
    let fields = bench.reader().record("contact", "t1").unwrap();
    assert_eq!(fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["name", "title"]);
    let held = fields[0].in_force.as_ref().unwrap();
    assert_eq!((held.value.as_deref(), held.source.as_str(), held.stale), (Some("Ann"), "HR", false));
    assert_eq!((fields[0].pending, fields[1].pending, &fields[1].in_force), (1, 1, &None));
    bench.days_pass(30);
    assert!(bench.reader().record("contact", "t1").unwrap()[0].in_force.as_ref().unwrap().stale);
    assert!(bench.reader().record("contact", "t9").unwrap().is_empty());
}
