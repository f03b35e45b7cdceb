//! Deciding codes many at once: families, accepted suggestions, rejected matches, retired maps; and what a deck shows.

use steward::engine::suggest::{Deck, SURE};
use steward::engine::{Command, Error, Import, MapChoice, MapKey, Mode, Refusal};
use steward::model::choice::Relationship;
use steward::model::table::Table;

use crate::bench::{Bench, Given};

const LIST: &str = "contract_type";

/// Contracts whose types wait for a decision: three spellings of one type, a near one, an abbreviation and others.
fn contracts() -> Bench {
    let mut bench = Bench::new();
    let codes: [&[(&str, &str)]; 3] = [
        &[("code", "J"), ("label", "Firm Fixed Price")],
        &[("code", "Y"), ("label", "Time and Materials")],
        &[("code", "3"), ("label", "Other")],
    ];
    bench.import(Import::Codes { list: LIST.into() }, &codes).unwrap();
    bench
        .import(Import::Bindings, &[&[("target_table", "contract"), ("field_name", "type"), ("code_list", LIST)]])
        .unwrap();
    bench.policy(&[("target_table", "contract"), ("commit_mode", "On Ingest"), ("auto_certify", "No")]);
    let types = [
        "Fixed, firm", "firm fixed", "FIXED-FIRM", "Fixed, firm", "Fixed fierm", "T&M", "Time & Materials", "TBD",
        "Fixed, firm",
    ];
    let records: Vec<(String, [(&str, &str); 2])> =
        types.iter().zip(1..).map(|(kind, id)| (id.to_string(), [("type", *kind), ("agency", "NASA")])).collect();
    let records: Vec<Given> = records.iter().map(|(key, fields)| (key.as_str(), &fields[..])).collect();
    bench.deliver("FPDS", "contract", &records);
    bench.act_as("sam");
    bench
}

fn deck(bench: &Bench) -> Deck {
    Deck::read(&bench.reader(), LIST).unwrap()
}

fn card(deck: &Deck, code: &str) -> i64 {
    deck.cards().iter().find(|card| card.code == code).map(|card| card.map).unwrap()
}

fn many(maps: &[i64], canonical: Option<&str>) -> Command {
    let choices = maps.iter().map(|map| MapChoice::of(*map, canonical.map(String::from))).collect();
    Command::MapMany { choices, reason: None, left_out: Vec::new() }
}

/// All that a decision brings about, without the numbers of rows, which a second decision counts on.
fn standing(bench: &Bench) -> Vec<String> {
    let row = |table, filter: &str, fields: &[&str]| {
        let rows = bench.rows(table, filter);
        let line =
            |row: &steward::model::Row| fields.iter().map(|field| row.display(field)).collect::<Vec<_>>().join(" | ");
        rows.iter().map(line).collect::<Vec<_>>()
    };
    let mut out = row(
        Table::ValueMaps,
        "",
        &[
            "map_id", "source_code", "canonical_code_value", "state", "confidence", "machine_score", "justification",
            "author", "relationship", "waiting", "statecode",
        ],
    );
    out.extend(row(
        Table::SyncItems,
        "",
        &["item_id", "state", "code", "new_value", "old_value", "value_map", "statecode"],
    ));
    out.extend(row(Table::SyncJobs, "", &["job_id", "job_status", "held", "waiting", "applied", "unchanged"]));
    let mut entries =
        row(Table::Ledger, "is:active", &["aspect_key", "target_id", "value", "ledger_status", "live", "sync_item"]);
    entries.extend(row(Table::Ledger, "is:current", &["aspect_key", "target_id", "value", "ledger_status"]));
    entries.sort();
    out.extend(entries);
    out
}

#[test]
fn a_deck_shows_what_a_person_decides_by() {
    let bench = contracts();
    let deck = deck(&bench);
    assert_eq!(deck.headline(0), "7 codes hold 9 items; 3 decisions, families as one, release 77 %");
    // Of what once waited: of 20 items 11 went on, and 14 are to.
    assert_eq!(deck.headline(20), "7 codes hold 9 items; 1 decision more, families as one, make it 80 %");
    let first = &deck.cards()[0];
    assert_eq!((first.code.as_str(), first.waiting, first.source.as_deref()), ("Fixed, firm", 3, Some("FPDS")));
    let codes =
        |cards: Vec<&steward::store::WaitingCode>| cards.iter().map(|card| card.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes(deck.family(first.map)), ["firm fixed", "FIXED-FIRM"]);
    assert_eq!(codes(deck.look_alikes(first.map)), ["Fixed fierm"]);
    let best = deck.candidates(card(&deck, "T&M"));
    assert_eq!((best[0].code.as_deref(), best[0].score >= SURE), (Some("Y"), true));
    let samples = deck.samples(&bench.reader(), first.map, 2).unwrap();
    assert_eq!(samples.len(), 2);
    assert_eq!((samples[0].external_key.as_str(), samples[0].raw_value.as_str()), ("1", "Fixed, firm"));
    assert_eq!(samples[0].beside, [("agency".to_string(), "NASA".to_string())]);
    let lists = bench.reader().waiting_lists().unwrap();
    assert_eq!((lists.len(), lists[0].name.as_str(), lists[0].codes, lists[0].items), (1, LIST, 7, 9));
    assert!(matches!(Deck::read(&bench.reader(), "contract"), Err(Error::Refused(Refusal::NotFound { .. }))));
}

#[test]
fn a_family_is_one_operation_and_one_undo() {
    let mut bench = contracts();
    let mut deck = deck(&bench);
    let first = card(&deck, "Fixed, firm");
    let maps: Vec<i64> = deck.family(first).iter().map(|card| card.map).chain([first]).collect();
    let command = deck.decide(&maps, Some("J"));
    let before = standing(&bench);
    let dry = bench.engine.run(&command, &Mode::DryRun).unwrap();
    assert_eq!(standing(&bench), before);
    let real = bench.run(&command).unwrap();
    assert_eq!((real.changed, real.released, real.values_changed), (3, 5, 5));
    assert_eq!((dry.released, dry.values_changed, &dry.summary), (5, 5, &real.summary));
    assert_eq!(bench.value("FPDS", "3", "type").as_deref(), Some("J"));
    deck.forget(&maps, Some("J"));
    assert_eq!(deck.cards().len(), 4);
    // The deck's memory and the store's are the same, and both know the look-alike by now.
    let near = card(&deck, "Fixed fierm");
    let again = Deck::read(&bench.reader(), LIST).unwrap();
    let best = |deck: &Deck| deck.candidates(near).remove(0);
    assert_eq!((best(&deck).code, best(&deck).score), (best(&again).code, best(&again).score));
    assert!(!deck.decided_alike(near).is_empty());
    assert_eq!(deck.candidates(near)[0].code.as_deref(), Some("J"));
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!(standing(&bench), before);
    bench.assert_sound();
}

#[test]
fn deciding_undoing_and_deciding_again_is_deciding_once() {
    let (mut once, mut twice) = (contracts(), contracts());
    let maps = |bench: &Bench| {
        let deck = deck(bench);
        let first = card(&deck, "Fixed, firm");
        (deck.decide(&[first, card(&deck, "firm fixed")], Some("J")), deck.decide(&[card(&deck, "TBD")], None))
    };
    let (family, nothing) = maps(&once);
    once.run(&family).unwrap();
    once.run(&nothing).unwrap();
    twice.run(&family).unwrap();
    twice.run(&Command::Undo { operation: None }).unwrap();
    twice.run(&nothing).unwrap();
    twice.run(&family).unwrap();
    // The targets' ids are drawn at the delivery; a store is told by what hangs on them.
    let of = |bench: &Bench| {
        let mut lines = standing(bench);
        for key in 1..=9 {
            let target = bench.target("FPDS", &key.to_string());
            lines.iter_mut().for_each(|line| *line = line.replace(&target, &format!("record {key}")));
        }
        lines.sort();
        lines
    };
    assert_eq!(of(&once), of(&twice));
    once.assert_sound();
    twice.assert_sound();
}

#[test]
fn what_a_person_decided_is_left_alone() {
    let mut bench = contracts();
    let deck = deck(&bench);
    let (first, tbd, near) = (card(&deck, "Fixed, firm"), card(&deck, "TBD"), card(&deck, "Fixed fierm"));
    bench.run(&many(&[first], Some("Y"))).unwrap();
    bench.run(&many(&[tbd], None)).unwrap();
    let all: Vec<i64> = deck.cards().iter().map(|card| card.map).collect();
    let outcome = bench.run(&many(&all, Some("J"))).unwrap();
    assert_eq!((outcome.changed, outcome.held_back[0].rows), (5, 2));
    assert_eq!(outcome.held_back[0].reason, "was decided already");
    let decided = |code: &str| {
        bench.rows(Table::ValueMaps, &format!("code:\"{code}\""))[0].display("canonical_code_value").into_owned()
    };
    assert_eq!(
        (decided("Fixed, firm").as_str(), decided("TBD").as_str(), decided("Fixed fierm").as_str()),
        ("Y", "", "J")
    );
    let nothing = bench.run(&many(&[first, near], Some("J"))).unwrap();
    assert_eq!((nothing.changed, nothing.operation, nothing.held_back[0].rows), (0, None, 2));
    bench.assert_sound();
}

#[test]
fn suggestions_are_accepted_in_bulk_exactly_as_previewed() {
    let mut bench = contracts();
    let deck = deck(&bench);
    let bulk = deck.accept_from(SURE);
    let mut codes: Vec<&str> = bulk.accepted.iter().map(|(_, code, _)| code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["T&M", "Time & Materials"]);
    let preview = bench.engine.run(&bulk.command, &Mode::DryRun).unwrap();
    // Somebody else decides one of them meanwhile.
    bench.run(&many(&[card(&deck, "T&M")], Some("3"))).unwrap();
    let refused = bench.engine.run(&bulk.command, &Mode::AsPreviewed(preview.fingerprint)).unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::PreviewMoved)), "{refused}");
    let preview = bench.engine.run(&bulk.command, &Mode::DryRun).unwrap();
    assert_eq!((preview.changed, preview.held_back[0].rows), (1, 1));
    bench.engine.run(&bulk.command, &Mode::AsPreviewed(preview.fingerprint)).unwrap();
    let map = &bench.rows(Table::ValueMaps, "code:\"Time & Materials\"")[0];
    assert_eq!((map.display("justification").as_ref(), map.display("machine_score").as_ref()), ("lexical", "0.99"));
    assert_eq!(map.display("confidence"), "0.99");
    bench.assert_sound();
}

/// What is shown with a score is accepted from that score on, whatever the score is behind its second decimal.
#[test]
fn what_is_accepted_from_a_score_on_is_what_is_shown_with_it() {
    let bench = contracts();
    let deck = deck(&bench);
    let shown: Vec<u8> = deck
        .best()
        .into_iter()
        .flatten()
        .map(|best| format!("{:.2}", best.score).replace('.', "").parse().unwrap())
        .collect();
    assert!(shown.len() > 3, "{shown:?}");
    for from in 0..=100 {
        let accepted = deck.accept_from(f32::from(from) / 100.0).accepted.len();
        assert_eq!(accepted, shown.iter().filter(|score| **score >= from).count(), "from {from}");
    }
}

#[test]
fn a_rejected_match_is_heeded_and_the_items_go_on_waiting() {
    let mut bench = contracts();
    let map = card(&deck(&bench), "Fixed fierm");
    let best = |bench: &Bench| deck(bench).candidates(map).into_iter().find(|best| best.code.as_deref() == Some("J"));
    let before = best(&bench).unwrap();
    let reject = |map| Command::RejectMatch { map: MapKey::Id(map), canonical: "J".into(), note: None };
    bench.run(&reject(map)).unwrap();
    assert!(best(&bench).is_none_or(|best| best.score < before.score / 2.0), "{before:?}");
    assert_eq!(deck(&bench).card(map).map(|card| card.waiting), Some(1));
    bench.run(&many(&[map], Some("3"))).unwrap();
    assert_eq!(bench.value("FPDS", "5", "type").as_deref(), Some("3"));
    assert!(matches!(bench.run(&reject(map)), Err(Error::Refused(Refusal::Transition(_)))));
    bench.assert_sound();
}

/// What was rejected for a code adds up, also over a decision that was taken back, until it is itself taken back.
#[test]
fn a_second_rejected_match_does_not_bring_the_first_one_back() {
    let mut bench = contracts();
    let map = card(&deck(&bench), "Fixed fierm");
    let score = |bench: &Bench, code: &str| {
        let candidates = deck(bench).candidates(map);
        candidates.iter().find(|best| best.code.as_deref() == Some(code)).map_or(0.0, |best| best.score)
    };
    let before = score(&bench, "J");
    assert!(before > 0.5, "{before}");
    let reject =
        |canonical: &str| Command::RejectMatch { map: MapKey::Id(map), canonical: canonical.into(), note: None };
    for canonical in ["J", "Y", "3"] {
        bench.run(&reject(canonical)).unwrap();
        assert!(score(&bench, "J") < before / 2.0, "after {canonical}: {}", score(&bench, "J"));
    }
    bench.run(&many(&[map], Some("Y"))).unwrap();
    bench.undo_last("map").unwrap();
    assert!(score(&bench, "J") < before / 2.0);
    // One that was taken back counts no more; those that stand do.
    let undo = |bench: &mut Bench| {
        let operations = bench.reader().operations(None, 50).unwrap();
        let last = operations.iter().find(|done| done.kind == "reject match" && done.undone_by.is_none());
        bench.run(&Command::Undo { operation: last.map(|last| last.seq) }).unwrap();
    };
    undo(&mut bench);
    undo(&mut bench);
    assert!(score(&bench, "J") < before / 2.0);
    undo(&mut bench);
    assert_eq!(score(&bench, "J"), before);
    bench.assert_sound();
}

#[test]
fn a_retired_map_is_proposed_anew_at_the_next_delivery() {
    let mut bench = contracts();
    let map = card(&deck(&bench), "T&M");
    bench.run(&many(&[map], Some("Y"))).unwrap();
    let row_version = bench.rows(Table::ValueMaps, "code:T&M")[0].int("row_version").unwrap();
    let retire = |row_version| Command::RetireMap { id: map, row_version, reason: "wrong list".into() };
    assert!(matches!(bench.run(&retire(row_version - 1)), Err(Error::Refused(Refusal::RowMoved { .. }))));
    bench.run(&retire(row_version)).unwrap();
    assert_eq!(bench.value("FPDS", "6", "type").as_deref(), Some("Y"));
    bench.second_passes();
    bench.deliver("FPDS", "contract", &[("60", &[("type", "T&M")])]);
    assert_eq!(deck(&bench).cards().iter().filter(|card| card.code == "T&M").count(), 1);
    bench.assert_sound();
}

#[test]
fn only_stewards_decide_codes() {
    let mut bench = contracts();
    let map = card(&deck(&bench), "T&M");
    bench.act_as("rita");
    assert!(matches!(bench.run(&many(&[map], Some("Y"))), Err(Error::Refused(Refusal::Role { .. }))));
    bench.act_as("sam");
    assert!(matches!(bench.run(&many(&[map], Some("Q"))), Err(Error::Refused(Refusal::Invalid { .. }))));
    assert!(matches!(bench.run(&many(&[9999], Some("Y"))), Err(Error::Refused(Refusal::NotFound { .. }))));
    assert_eq!(deck(&bench).cards().len(), 7);
}

#[test]
fn a_long_release_tells_how_far_it_is() {
    let mut bench = contracts();
    let keys: Vec<String> = (0..1200).map(|at| format!("B{at}")).collect();
    let records: Vec<Given> = keys.iter().map(|key| (key.as_str(), &[("type", "LOT")][..])).collect();
    bench.deliver("BIG", "contract", &records);
    let map = card(&deck(&bench), "LOT");
    let (send, told) = std::sync::mpsc::channel();
    bench.engine.on_progress(move |released, of| send.send((released, of)).unwrap());
    assert_eq!(bench.run(&many(&[map], Some("J"))).unwrap().released, 1200);
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [(0, 1200), (500, 1200), (1000, 1200)]);
    bench.assert_sound();
}

#[test]
fn very_many_items_are_released_in_operations_that_are_taken_back_together() {
    let mut bench = contracts();
    let keys: Vec<String> = (0..4500).map(|at| format!("B{at}")).collect();
    let records: Vec<Given> = keys.iter().map(|key| (key.as_str(), &[("type", "LOT")][..])).collect();
    bench.deliver("BIG", "contract", &records);
    let map = card(&deck(&bench), "LOT");
    let before = standing(&bench);
    bench.engine.rows_at_once(2000);
    let dry = bench.engine.run(&many(&[map], Some("J")), &Mode::DryRun).unwrap();
    let (send, told) = std::sync::mpsc::channel();
    bench.engine.on_progress(move |released, of| send.send((released, of)).unwrap());
    let done = bench.engine.run_in_chunks(&many(&[map], Some("J")), &Mode::Real).unwrap();
    assert_eq!((done.released, done.values_changed, &done.summary), (4500, 4500, &dry.summary));
    assert_eq!((&done.sample, done.changed), (&dry.sample, 1));
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [(2000, 4500), (4000, 4500)]);
    let decided = done.operation.unwrap();
    let kinds: Vec<String> =
        bench.reader().operations(None, 3).unwrap().into_iter().map(|operation| operation.kind).collect();
    assert_eq!(kinds, ["release", "release", "map"]);
    let all_at_once = standing(&bench);
    bench.assert_sound();

    let part = bench.run(&Command::Undo { operation: Some(decided + 1) }).unwrap_err();
    assert!(part.to_string().contains("Take back that decision"), "{part}");
    let undone = bench.run(&Command::Undo { operation: None }).unwrap().operation;
    assert_eq!(standing(&bench), before);
    bench.assert_sound();
    // Done again by taking the undo back, it stands as before.
    bench.run(&Command::Undo { operation: undone }).unwrap();
    assert_eq!(standing(&bench), all_at_once);
    bench.assert_sound();
}

#[test]
fn what_was_decided_is_said_in_words() {
    let mut bench = contracts();
    let map = |bench: &Bench, code: &str| card(&deck(bench), code);
    let (fixed, tm) = (map(&bench, "Fixed, firm"), map(&bench, "T&M"));
    let said = bench.run(&many(&[fixed], None)).unwrap().summary;
    assert_eq!(said, "Decided \"Fixed, firm\" of FPDS in contract_type as having no match: 3 items released");
    let command =
        Command::MapMany { choices: vec![MapChoice::of(tm, Some("Y".into()))], reason: None, left_out: Vec::new() };
    let said = bench.engine.run_in_chunks(&command, &Mode::Real).unwrap().summary;
    assert_eq!(said, "Decided \"T&M\" of FPDS in contract_type as Y: 1 item released");
    // How exact it is is said where it is not the same.
    let (near, whole) = (map(&bench, "Fixed fierm"), map(&bench, "Time & Materials"));
    let choice = MapChoice { relationship: Relationship::Narrower, ..MapChoice::of(near, Some("J".into())) };
    let said =
        bench.run(&Command::MapMany { choices: vec![choice], reason: None, left_out: Vec::new() }).unwrap().summary;
    assert!(said.starts_with("Decided \"Fixed fierm\" of FPDS in contract_type as J, meant narrower: "), "{said}");
    let command = Command::Map { map: MapKey::Id(whole), canonical: "Y".into(), relationship: Relationship::Inexact };
    let said = bench.run(&command).unwrap().summary;
    assert!(said.starts_with("Mapped \"Time & Materials\" of FPDS in contract_type to Y, meant inexactly: "), "{said}");
    // A code that had no match may get one; what went on without it is not touched.
    let said = bench.map("FPDS", "contract_type", "Fixed, firm", "J").unwrap().summary;
    let stays = "(what went on without a match before stays until it is re-evaluated): 0 items released";
    assert_eq!(said, format!("Mapped \"Fixed, firm\" of FPDS in contract_type to J {stays}"));
    let row = bench.rows(Table::ValueMaps, "code:T&M").remove(0);
    let mut edit = |fields: &[(&str, &str)]| {
        let row_version = bench.rows(Table::ValueMaps, "code:T&M")[0].int("row_version").unwrap();
        let changes = crate::bench::map(fields);
        bench.run(&Command::EditValueMap { id: row.id, row_version, changes }).unwrap().summary
    };
    let name = Table::ValueMaps.row_name(row.id);
    let about = "\"T&M\" of FPDS in contract_type";
    assert_eq!(edit(&[("note", "seen")]), format!("Edited {name}, {about} (Note \"seen\"): 0 items released"));
    let stays = "(what came through it before stays until it is re-evaluated)";
    assert_eq!(
        edit(&[("canonical_code_value", "J")]),
        format!("Edited {name}, {about} as J {stays}: 0 items released")
    );
    let set = "(Confidence \"0.75\", no Note)";
    let fields = [("confidence", "0.75"), ("note", "")];
    assert_eq!(edit(&fields), format!("Edited {name}, {about} {set}: 0 items released"));
}
