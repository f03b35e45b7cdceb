//! Codes that fold alike: where a decision on one spelling holds for another, what it takes along, and what stands.

use steward::engine::{Command, Import, MapChoice, MapKey, Mode, Outcome};
use steward::model::choice::Relationship;
use steward::model::table::Table;

use crate::bench::{Bench, Given};

/// A list in which no two codes fold alike, and one field that has it.
fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.codes("status", &["A", "B"]);
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    bench
}

/// Delivers codes, each in a record of its own, from this key on.
fn deliver(bench: &mut Bench, source: &str, first: usize, codes: &[&str]) {
    let keys: Vec<String> = (first..).take(codes.len()).map(|key| key.to_string()).collect();
    let fields: Vec<[(&str, &str); 1]> = codes.iter().map(|code| [("status", *code)]).collect();
    let records: Vec<Given> = keys.iter().zip(&fields).map(|(key, fields)| (key.as_str(), &fields[..])).collect();
    bench.deliver(source, "contact", &records);
}

/// What an act would do, in as many operations as it will take.
fn dry(bench: &mut Bench, command: &Command) -> Outcome {
    match bench.rows_at_once {
        Some(_) => bench.engine.run_in_chunks(command, &Mode::DryRun).unwrap(),
        None => bench.engine.run(command, &Mode::DryRun).unwrap(),
    }
}

/// Each map in use: source, code, what it says, and how many items wait for it.
fn in_use(bench: &Bench) -> Vec<String> {
    let rows = bench.rows(Table::ValueMaps, "");
    let line = |row: &steward::model::Row| {
        let of = |field: &str| row.display(field).into_owned();
        let said = format!("{} {}", of("state"), of("canonical_code_value"));
        format!("{}:{} {} {}", of("source_system_key"), of("source_code"), said.trim(), of("waiting"))
    };
    rows.iter().filter(|row| row.int("statecode") == Some(0)).map(line).collect()
}

/// How the newest item of a key stands.
fn item(bench: &Bench, key: &str) -> String {
    let rows = bench.rows(Table::SyncItems, &format!("key:{key}"));
    rows.last().map_or(String::new(), |row| {
        format!("{} {}", row.display("state"), row.display("new_value")).trim().to_string()
    })
}

fn decide(source: &str, code: &str, canonical: Option<&str>) -> Command {
    let map = MapKey::Code { source: source.into(), list: "status".into(), code: code.into() };
    match canonical {
        Some(canonical) => Command::Map { map, canonical: canonical.into(), relationship: Relationship::Equal },
        None => Command::NoMatch { map },
    }
}

/// What a preview and the real thing have in common.
fn told(outcome: &Outcome) -> (String, i64, i64, i64) {
    (outcome.summary.clone(), outcome.changed, outcome.released, outcome.values_changed)
}

#[test]
fn a_decided_code_takes_its_twin_along_and_undo_brings_both_back() {
    for (canonical, then) in [(Some("A"), "HR:x Active A 0"), (None, "HR:x No match 0")] {
        for at_once in [None, Some(1)] {
            let mut bench = bench();
            bench.rows_at_once = at_once;
            deliver(&mut bench, "HR", 1, &["x", "X", "X", "ｘ "]);
            let before = in_use(&bench);
            assert_eq!(before, ["HR:x Proposed 1", "HR:X Proposed 2", "HR:ｘ  Proposed 1"]);
            bench.act_as("ada");
            let command = decide("HR", "x", canonical);
            let rehearsed = dry(&mut bench, &command);
            assert_eq!(in_use(&bench), before);
            let real = bench.run(&command).unwrap();
            assert_eq!(told(&rehearsed), told(&real), "{at_once:?}");
            assert_eq!(real.released, 4);
            assert!(real.summary.contains(", and 2 other proposals go by it: 4 items released"), "{}", real.summary);
            assert_eq!(in_use(&bench), [then], "{at_once:?}");
            if canonical.is_some() {
                assert_eq!(item(&bench, "2"), "Applied A");
            }
            bench.assert_sound();
            // A newer delivery of the twin goes the same way, and makes no proposal.
            deliver(&mut bench, "HR", 9, &["X"]);
            assert_eq!(in_use(&bench), [then]);
            bench.run(&Command::Undo { operation: real.operation }).unwrap();
            assert_eq!(in_use(&bench), before, "{at_once:?}");
            assert!(["1", "2", "3", "4"].iter().all(|key| item(&bench, key).starts_with("Held")));
            bench.assert_sound();
        }
    }
}

/// r16: what a person said of exactly a spelling stands, whatever is decided of its twin.
#[test]
fn what_a_person_said_of_a_spelling_stands() {
    for (said, state) in [("flag", "Flagged"), ("reject", "Rejected B"), ("no match", "No match")] {
        let mut bench = bench();
        deliver(&mut bench, "HR", 1, &["x", "X"]);
        bench.act_as("ada");
        let map = MapKey::Code { source: "HR".into(), list: "status".into(), code: "X".into() };
        bench
            .run(&match said {
                "flag" => Command::Flag { map, note: Some("ask HR".into()) },
                "reject" => Command::RejectMatch { map, canonical: "B".into(), note: None },
                _ => Command::NoMatch { map },
            })
            .unwrap();
        let waits = i64::from(said != "no match");
        let stands = format!("HR:X {state} {waits}");
        // A code that has no match is decided: it took what waited of its twin along.
        assert_eq!(bench.run(&decide("HR", "x", Some("A"))).unwrap().released, waits, "{said}");
        let mut found = in_use(&bench);
        found.sort();
        assert_eq!(found, [stands.clone(), "HR:x Active A 0".to_string()], "{said}");
        // Nor does what comes later pass it.
        deliver(&mut bench, "HR", 3, &["X"]);
        let stands = format!("HR:X {state} {}", 2 * waits);
        assert!(in_use(&bench).contains(&stands), "{said}");
        bench.assert_sound();
    }
}

/// K3: what waits for a decision of its own is not decided by another spelling's, nor in a list that tells the two apart.
#[test]
fn a_list_that_tells_spellings_apart_is_looked_up_by_the_spelling() {
    let mut bench = Bench::new();
    bench.codes("status", &["mm", "Mm", "g"]);
    deliver(&mut bench, "HR", 1, &["mm"]);
    bench.act_as("ada");
    bench.run(&decide("HR", "Mm", Some("Mm"))).unwrap();
    deliver(&mut bench, "HR", 2, &["mm", "Mm", "MM"]);
    assert_eq!(in_use(&bench), ["HR:mm Proposed 2", "HR:Mm Active Mm 0", "HR:MM Proposed 1"]);
    // Retired codes tell them apart, too; what folds to one code alone is forgiven.
    bench.run(&decide("HR", "G", Some("g"))).unwrap();
    deliver(&mut bench, "HR", 5, &["g"]);
    assert_eq!(in_use(&bench).len(), 4);
    bench.assert_sound();
}

#[test]
fn an_exact_map_of_any_source_comes_before_what_only_folds() {
    let mut bench = bench();
    bench.act_as("ada");
    bench.run(&decide("HR", "x", Some("A"))).unwrap();
    import(&mut bench, &[("", "X", "B")]);
    deliver(&mut bench, "HR", 1, &["X", "x"]);
    let values = ["1", "2"].map(|key| bench.value("HR", key, "status"));
    assert_eq!(values.map(|value| value.unwrap_or_default()), ["B", "A"]);
    bench.assert_sound();
}

fn import(bench: &mut Bench, rows: &[(&str, &str, &str)]) -> Outcome {
    let rows: Vec<[(&str, &str); 4]> = rows
        .iter()
        .map(|(source, code, canonical)| {
            [
                ("source_system_key", *source),
                ("code_list", "status"),
                ("source_code", *code),
                ("canonical_code_value", *canonical),
            ]
        })
        .collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(|row| &row[..]).collect();
    bench.import(Import::ValueMaps, &rows).unwrap()
}

#[test]
fn a_map_for_any_source_releases_what_waits_for_it() {
    let mut bench = bench();
    deliver(&mut bench, "HR", 1, &["x", "y"]);
    deliver(&mut bench, "FIN", 11, &["X", "x"]);
    bench.act_as("ada");
    let map = MapKey::Code { source: "FIN".into(), list: "status".into(), code: "x".into() };
    bench.run(&Command::Flag { map, note: None }).unwrap();
    let before = in_use(&bench);
    let imported = import(&mut bench, &[("", "x", "A")]);
    assert_eq!((imported.changed, imported.released), (1, 3), "{}", imported.summary);
    assert!(imported.summary.contains("2 proposals"), "{}", imported.summary);
    // The flag of exactly this spelling stands as a note, and its item went on by the map of exactly its code.
    assert_eq!(in_use(&bench), ["HR:y Proposed 1", "FIN:x Flagged 0", ":x Active A 0"]);
    bench.assert_sound();
    bench.run(&Command::Undo { operation: imported.operation }).unwrap();
    assert_eq!(in_use(&bench), before);
    bench.assert_sound();
}

#[test]
fn an_edited_map_for_any_source_releases_what_waits_for_it() {
    let mut bench = bench();
    import(&mut bench, &[("", "x", "")]);
    deliver(&mut bench, "HR", 1, &["x"]);
    assert_eq!(in_use(&bench), [":x Proposed 0", "HR:x Proposed 1"]);
    bench.act_as("ada");
    let row = bench.rows(Table::ValueMaps, "").remove(0);
    let changes = [("canonical_code_value".to_string(), "A".to_string())].into();
    let edit = Command::EditValueMap { id: row.id, row_version: row.int("row_version").unwrap(), changes };
    assert_eq!(bench.run(&edit).unwrap().released, 1);
    assert_eq!(in_use(&bench), [":x Active A 0"]);
    bench.assert_sound();
}

/// Whoever decides twins by name in one act has each of them decided, in one operation as in several.
#[test]
fn twins_that_an_act_names_are_decided_by_their_own_choice() {
    for at_once in [None, Some(1)] {
        let mut bench = bench();
        bench.rows_at_once = at_once;
        deliver(&mut bench, "HR", 1, &["x", "X", "ｘ"]);
        bench.act_as("ada");
        let choice = |code: &str, canonical: &str| MapChoice {
            map: MapKey::Code { source: "HR".into(), list: "status".into(), code: code.into() },
            canonical: Some(canonical.into()),
            relationship: Relationship::Equal,
            score: None,
        };
        let command =
            Command::MapMany { choices: vec![choice("x", "A"), choice("X", "B")], reason: None, left_out: Vec::new() };
        let rehearsed = dry(&mut bench, &command);
        let real = bench.run(&command).unwrap();
        assert_eq!(told(&rehearsed), told(&real), "{at_once:?}");
        assert_eq!((real.changed, in_use(&bench)), (2, vec!["HR:x Active A 0".into(), "HR:X Active B 0".into()]));
        bench.assert_sound();
    }
    let mut bench = bench();
    deliver(&mut bench, "HR", 1, &["x", "X"]);
    let imported = import(&mut bench, &[("HR", "x", "A"), ("HR", "X", "B")]);
    assert_eq!((imported.changed, imported.released), (2, 2));
    assert_eq!(in_use(&bench), ["HR:x Active A 0", "HR:X Active B 0"]);
}

/// What a person leaves out of a family, or of suggestions, is not taken along all the same.
#[test]
fn what_a_person_left_out_waits_on() {
    for at_once in [None, Some(1)] {
        let mut bench = bench();
        bench.rows_at_once = at_once;
        deliver(&mut bench, "HR", 1, &["x", "x", "X", "ｘ"]);
        bench.act_as("ada");
        let map = |bench: &Bench, code: &str| {
            let rows = bench.rows(Table::ValueMaps, "");
            rows.iter().find(|row| row.text("source_code") == code).map(|row| row.id).unwrap()
        };
        let choices = vec![MapChoice::of(map(&bench, "x"), Some("A".into()))];
        let command = Command::MapMany { choices, reason: None, left_out: vec![map(&bench, "X")] };
        let rehearsed = dry(&mut bench, &command);
        let real = bench.run(&command).unwrap();
        assert_eq!((told(&rehearsed), real.released), (told(&real), 3), "{at_once:?}");
        assert_eq!(in_use(&bench), ["HR:x Active A 0", "HR:X Proposed 1"]);
        bench.assert_sound();
    }
}

/// A code that nobody met before, decided while many items wait for its twin: the preview in parts makes it anew each time.
#[test]
fn a_new_code_takes_along_what_waits_for_its_twin() {
    let mut bench = bench();
    bench.rows_at_once = Some(1);
    deliver(&mut bench, "HR", 1, &["X", "X", "X"]);
    bench.act_as("ada");
    let command = decide("HR", "x", Some("A"));
    let rehearsed = dry(&mut bench, &command);
    let real = bench.run(&command).unwrap();
    assert_eq!((told(&rehearsed), real.released), (told(&real), 3));
    assert_eq!(in_use(&bench), ["HR:x Active A 0"]);
    bench.assert_sound();
}

#[test]
fn a_decision_on_one_source_leaves_the_proposals_of_another() {
    let mut bench = bench();
    bench.act_as("ada").run(&decide("HR", "x", Some("A"))).unwrap();
    let map = bench.rows(Table::ValueMaps, "").remove(0);
    let retire = Command::RetireMap { id: map.id, row_version: map.int("row_version").unwrap(), reason: "gone".into() };
    let retired = bench.run(&retire).unwrap();
    deliver(&mut bench, "HR", 1, &["X"]);
    bench.run(&Command::Undo { operation: retired.operation }).unwrap();
    let (decided, waits) = ("HR:x Active A 0", "HR:X Proposed 1");
    bench.run(&decide("PAY", "x", Some("B"))).unwrap();
    assert_eq!(in_use(&bench), [decided, waits, "PAY:x Active B 0"]);
    bench.assert_sound();
}
