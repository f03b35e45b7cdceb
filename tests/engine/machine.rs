//! Random sequences of deliveries and decisions: whatever people do, the log stays whole, everything follows from it, a
//! dry run says what the real run does, and nobody certifies alone what they caused.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::test_runner::Config;
use steward::engine::{Command, Error, Import, MapKey, Mode, Rows, Verb};
use steward::model::choice::Relationship;
use steward::model::row::Row;
use steward::model::table::Table;

use crate::bench::{Bench, Given};

const SOURCES: [&str; 3] = ["HR", "FIN", "TAX"];
const FIELDS: [&str; 3] = ["name", "status", "title"];
const VALUES: [&str; 4] = ["a", "b", "c", "A"];
const PEOPLE: [&str; 2] = ["ada", "rita"];
const EDITORS: [&str; 2] = ["ada", "sue"];

#[derive(Debug, Clone)]
enum Act {
    /// A delivery of (key, field, value) triples by a source, some hours back.
    Deliver {
        source: usize,
        hours_back: i64,
        values: Vec<(usize, usize, usize)>,
    },
    Map {
        source: usize,
        code: usize,
        canonical: usize,
    },
    NoMatch {
        source: usize,
        code: usize,
    },
    Decide {
        person: usize,
        verb: usize,
        source: usize,
    },
    Policy {
        on_ingest: bool,
        auto: bool,
        ranking: usize,
    },
    Pin {
        key: usize,
        field: usize,
        pinned: bool,
    },
    Retry {
        source: usize,
    },
    /// Another value for the newest open item of a source.
    EditRetry {
        person: usize,
        source: usize,
        value: usize,
    },
    Park {
        source: usize,
        parked: bool,
    },
    Undo,
    /// Takes back one of the last operations, whoever did it.
    UndoEarlier {
        back: i64,
    },
    DayPasses,
}

fn act() -> impl Strategy<Value = Act> {
    let values = prop::collection::vec((0..2usize, 0..3usize, 0..4usize), 1..6);
    prop_oneof![
        6 => (0..3usize, 0..30i64, values).prop_map(|(source, hours_back, values)| Act::Deliver { source, hours_back, values }),
        2 => (0..3usize, 0..4usize, 0..2usize).prop_map(|(source, code, canonical)| Act::Map { source, code, canonical }),
        1 => (0..3usize, 0..4usize).prop_map(|(source, code)| Act::NoMatch { source, code }),
        4 => (0..2usize, 0..5usize, 0..3usize).prop_map(|(person, verb, source)| Act::Decide { person, verb, source }),
        1 => (any::<bool>(), any::<bool>(), 0..3usize).prop_map(|(on_ingest, auto, ranking)| Act::Policy { on_ingest, auto, ranking }),
        1 => (0..2usize, 0..3usize, any::<bool>()).prop_map(|(key, field, pinned)| Act::Pin { key, field, pinned }),
        2 => (0..3usize).prop_map(|source| Act::Retry { source }),
        2 => (0..2usize, 0..3usize, 0..4usize).prop_map(|(person, source, value)| Act::EditRetry { person, source, value }),
        2 => (0..3usize, any::<bool>()).prop_map(|(source, parked)| Act::Park { source, parked }),
        2 => Just(Act::Undo),
        1 => (0..6i64).prop_map(|back| Act::UndoEarlier { back }),
        1 => Just(Act::DayPasses),
    ]
}

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.codes("status", &["x", "y"]);
    // Two records that all sources know, so that their values compete.
    for key in ["0", "1"] {
        let of = |source| {
            [("external_key", key), ("target_table", "contact"), ("target_id", key), ("source_system_key", source)]
        };
        bench.import(Import::Identifiers, &[&of("HR"), &of("FIN"), &of("TAX")]).unwrap();
    }
    bench
}

fn deliver(bench: &mut Bench, source: usize, hours_back: i64, values: &[(usize, usize, usize)]) {
    let fields: Vec<[(&str, &str); 1]> =
        values.iter().map(|(_, field, value)| [(FIELDS[*field], VALUES[*value])]).collect();
    let keys: Vec<String> = values.iter().map(|(key, _, _)| key.to_string()).collect();
    let records: Vec<Given> = keys.iter().zip(&fields).map(|(key, fields)| (key.as_str(), &fields[..])).collect();
    let submitted = bench.now() - hours_back * 3_600_000_000;
    bench.deliver_at(SOURCES[source], "contact", submitted, &records);
}

/// Runs a command after its dry run; both must say the same, and a refusal must be one in both.
fn rehearsed(bench: &mut Bench, command: &Command) {
    let dry = bench.engine.run(command, &Mode::DryRun);
    let real = bench.run(command);
    match (dry, real) {
        (Ok(mut dry), Ok(real)) => {
            dry.operation = real.operation;
            assert_eq!(dry, real, "{command:?}");
        }
        (Err(Error::Refused(dry)), Err(Error::Refused(real))) => assert_eq!(dry, real, "{command:?}"),
        (dry, real) => panic!("{command:?}: {dry:?} and {real:?}"),
    }
}

fn perform(bench: &mut Bench, act: &Act) {
    match act {
        Act::Deliver { source, hours_back, values } => deliver(bench.act_as("ada"), *source, *hours_back, values),
        Act::Map { source, code, canonical } => {
            let map = code_key(*source, *code);
            let canonical = ["x", "y"][*canonical].to_string();
            rehearsed(bench.act_as("ada"), &Command::Map { map, canonical, relationship: Relationship::Equal });
        }
        Act::NoMatch { source, code } => {
            rehearsed(bench.act_as("ada"), &Command::NoMatch { map: code_key(*source, *code) });
        }
        Act::Decide { person, verb, source } => {
            let rows = Rows::Filter(format!("source:{}", SOURCES[*source]));
            let command = Command::Decide { verb: Verb::ALL[*verb], rows, reason: None };
            rehearsed(bench.act_as(PEOPLE[*person]), &command);
        }
        Act::Policy { on_ingest, auto, ranking } => {
            bench.act_as("ada").policy(&[
                ("target_table", "contact"),
                ("commit_mode", if *on_ingest { "On Ingest" } else { "On Certify" }),
                ("auto_certify", if *auto { "Yes" } else { "No" }),
                ("authoritative_sources", ["", "HR > FIN = TAX", "FIN > HR"][*ranking]),
                ("stale_after_days", "1"),
            ]);
        }
        Act::Pin { key, field, pinned } => {
            let command = Command::Pin {
                target_table: "contact".into(),
                target_id: key.to_string(),
                field_name: FIELDS[*field].into(),
                pinned: *pinned,
                reason: None,
            };
            rehearsed(bench.act_as("rita"), &command);
        }
        Act::Retry { source } => {
            let rows = Rows::Filter(format!("source:{} state:held,failed,parked", SOURCES[*source]));
            rehearsed(bench.act_as("ada"), &Command::Retry { rows, reason: None });
        }
        Act::EditRetry { person, source, value } => {
            let filter = format!("source:{} state:held,failed,parked is:active", SOURCES[*source]);
            if let Some(item) = bench.rows(Table::SyncItems, &filter).last() {
                let row_version = item.int("row_version").unwrap();
                let (raw, reason) = (VALUES[*value].into(), "read wrongly".into());
                let command = Command::EditRetry { item: item.id, row_version, raw, reason };
                rehearsed(bench.act_as(EDITORS[*person]), &command);
            }
        }
        Act::Park { source, parked } => {
            let rows = Rows::Filter(format!("source:{} is:active", SOURCES[*source]));
            let command = if *parked { Command::Park { rows, reason: None } } else { Command::Unpark { rows } };
            rehearsed(bench.act_as("ada"), &command);
        }
        Act::Undo => rehearsed(bench.act_as("ada"), &Command::Undo { operation: None }),
        Act::UndoEarlier { back } => {
            let last = bench.reader().operations(None, 1).unwrap()[0].seq;
            rehearsed(bench.act_as("ada"), &Command::Undo { operation: Some(last - back) });
        }
        Act::DayPasses => bench.days_pass(1),
    }
    bench.second_passes();
}

fn code_key(source: usize, code: usize) -> MapKey {
    MapKey::Code { source: SOURCES[source].into(), list: "status".into(), code: VALUES[code].into() }
}

/// Of the attempts at one delivered value exactly one stands.
fn assert_one_attempt_stands(bench: &Bench) {
    let items = bench.rows(Table::SyncItems, "");
    let mut first: HashMap<&str, &str> = HashMap::new();
    let mut standing: HashMap<&str, i64> = HashMap::new();
    for item in &items {
        let parent = item.text("parent_item");
        let root = first.get(parent).copied().unwrap_or(item.name());
        first.insert(item.name(), root);
        *standing.entry(root).or_default() += i64::from(item.display("statecode") == "Active");
    }
    assert!(standing.values().all(|n| *n == 1), "{standing:?}");
}

/// Nobody certified alone, without a reason, what came through a map of their own or an input that they edited.
fn assert_four_eyes(bench: &Bench) {
    for entry in bench.rows(Table::Ledger, "is:certified -by:steward:engine") {
        let item = bench.rows(Table::SyncItems, &format!("name:{}", entry.text("sync_item")));
        assert_ne!(editor(bench, &item[0]).as_deref(), Some(entry.text("certified_by")), "{}", entry.name());
        let map = item[0].text("value_map");
        if map.is_empty() {
            continue;
        }
        let author = bench.rows(Table::ValueMaps, &format!("name:{map}"))[0].text("author").to_string();
        assert_ne!(author, entry.text("certified_by"), "{}", entry.name());
    }
}

/// Who last gave an item another input than the attempt before it had.
fn editor(bench: &Bench, item: &Row) -> Option<String> {
    let before = bench.rows(Table::SyncItems, &format!("name:{}", item.text("parent_item"))).into_iter().next()?;
    if before.text("raw_value") != item.text("raw_value") {
        return Some(item.text("created_by").to_string());
    }
    editor(bench, &before)
}

proptest! {
    #![proptest_config(Config { cases: 48, max_shrink_iters: 200, ..Config::default() })]

    #[test]
    fn whatever_people_do_everything_follows_from_the_log(acts in prop::collection::vec(act(), 1..25)) {
        let mut bench = bench();
        for act in &acts {
            perform(&mut bench, act);
        }
        bench.assert_sound();
        assert_four_eyes(&bench);
        assert_one_attempt_stands(&bench);
    }

    #[test]
    fn a_delivery_twice_is_a_delivery_once(
        before in prop::collection::vec(act(), 0..10),
        source in 0..3usize,
        values in prop::collection::vec((0..2usize, 0..3usize, 0..4usize), 1..6),
    ) {
        // A record that stands twice in a delivery with two values says two things, and twice says them in turn.
        let mut met = std::collections::HashSet::new();
        let values: Vec<_> = values.into_iter().filter(|(key, field, _)| met.insert((*key, *field))).collect();
        let mut bench = bench();
        for act in &before {
            perform(&mut bench, act);
        }
        bench.act_as("ada");
        deliver(&mut bench, source, 0, &values);
        let picture = |bench: &Bench| {
            let entries: Vec<String> = bench.rows(Table::Ledger, "").iter().map(|row| row.json().to_string()).collect();
            let current: Vec<i64> = bench.rows(Table::Ledger, "is:current").iter().map(|row| row.id).collect();
            (entries, current)
        };
        let once = picture(&bench);
        deliver(&mut bench, source, 0, &values);
        prop_assert_eq!(once, picture(&bench));
        bench.assert_sound();
    }
}
