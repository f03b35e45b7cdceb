//! Random sequences of deliveries and decisions, done in a store and in a model of it: after every act each row is what
//! the model says, a dry run says what the real run does, the log is whole and everything follows from it.
//!
//! The store is opened anew for every act.

mod acts;
mod again;
#[path = "laws.rs"]
mod laws;
mod model;
#[path = "model_alone.rs"]
mod model_alone;
mod picture;
#[path = "received.rs"]
mod received;
#[path = "retargeted.rs"]
mod retargeted;
#[path = "sent.rs"]
mod sent;
#[path = "withdrawal_laws.rs"]
mod withdrawal_laws;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use steward::engine::{Command, Error, Import, Mode, Outcome};
use steward::model::row::Row;
use steward::model::table::Table;
use steward::model::time::Micros;

use crate::bench::{Bench, Given};
use acts::{Act, HOUR, KEYS, SOURCES, What, When, act, values};
use model::people::Kind;
use model::{Model, Name, Refused, Said, World, record_of};

/// A store, and the model that is led along the same way.
struct Pair {
    bench: Bench,
    model: Model,
}

impl Pair {
    /// Two records that all sources know, by several keys each, so that their values compete.
    fn new() -> Pair {
        let mut bench = Bench::new();
        bench.codes("status", &["x", "y"]);
        for key in KEYS {
            for source in SOURCES {
                let fields = ["external_key", "target_table", "target_id", "source_system_key"];
                let row: Vec<_> = fields.into_iter().zip([key, "contact", record_of(key), source]).collect();
                bench.import(Import::Identifiers, &[&row]).unwrap();
            }
        }
        Pair { bench, model: Model::new() }
    }

    fn perform(&mut self, act: &Act) {
        let before = matches!(act.what, What::Operation(_) | What::Again(_)).then(|| certified(&self.bench));
        self.take_step(act);
        if let Some(before) = before {
            self.nobody_certified_their_own(&before);
        }
        self.compare(act);
        self.bench.second_passes();
    }

    /// After what people decide, every source delivers once more all that it said.
    fn perform_and_repeat(&mut self, act: &Act) {
        self.perform(act);
        if !act.is_of_a_person() {
            return;
        }
        for source in SOURCES {
            self.repeat("ada", source, When::HoursBack(0));
            self.compare(act);
        }
        self.bench.second_passes();
    }

    /// What was certified just now without a reason, told from the store's rows alone: neither by who decided the value's
    /// map nor by who edited its input.
    fn nobody_certified_their_own(&self, before: &[Certified]) {
        let new = certified(&self.bench).into_iter().filter(|row| !before.contains(row));
        let (items, maps) = (self.bench.rows(Table::SyncItems, ""), self.bench.rows(Table::ValueMaps, ""));
        for Certified { entry, item, by, noted, .. } in new {
            let Some(mut item) = item.map(|id| &items[id as usize - 1]).filter(|_| !noted) else { continue };
            let map = item.int("value_map").map(|id| &maps[id as usize - 1]);
            assert!(map.is_none_or(|map| map.text("author") != by), "{by} certified {entry}, of a map of theirs");
            while let Some(parent) = item.int("parent_item").map(|id| &items[id as usize - 1]) {
                if parent.text("raw_value") != item.text("raw_value") {
                    assert!(item.text("created_by") != by, "{by} certified {entry}, of an input of theirs");
                    break;
                }
                item = parent;
            }
        }
    }

    fn take_step(&mut self, act: &Act) {
        let person = act.person;
        match &act.what {
            What::Deliver { source, time, values, chunks } => {
                self.bench.chunks.clone_from(chunks);
                self.deliver_at(person, source, time.at(self.bench.now()), values);
            }
            What::Repeat { source, time, chunks } => {
                self.bench.chunks.clone_from(chunks);
                self.repeat(person, source, *time);
            }
            What::Operation(operation) => {
                let who = (person, self.bench.now());
                let expected = self.model.operate(who, operation.kind(), |world| operation.in_model(world));
                self.same(person, &operation.command(), expected);
            }
            What::Again(again) => {
                if let Some(command) = again.command(&self.bench) {
                    let who = (person, self.bench.now());
                    let expected = self.model.operate(who, again.kind(), |world| again.in_model(world));
                    self.same(person, &command, expected);
                }
            }
            What::Withdraw(back) => {
                if let Some(job) = self.model.world.jobs.len().checked_sub(back + 1) {
                    let who = (person, self.bench.now());
                    let expected = self.model.operate(who, Kind::Withdraw, |world| world.withdraw(job));
                    self.same(person, &acts::withdraw(job), expected);
                }
            }
            What::Edit { source, raw } => {
                if let Some(item) = self.model.world.stopped(source).pop() {
                    self.edit(person, item, raw);
                }
            }
            What::EditMap { source, canonical, confidence } => self.edit_map(person, source, canonical, *confidence),
            // Without anything of their own they would undo how the store was set up.
            What::Undo if self.model.has_done(person) => self.undo(person, None),
            What::Undo => {}
            What::UndoEarlier(back) => {
                if let Some(seq) = self.model.earlier(*back) {
                    self.undo(person, Some(seq));
                }
            }
            What::DaysPass(days) => self.bench.days_pass(*days),
            What::ClockBack { hours } => self.bench.clock_goes_back(hours * HOUR),
        }
    }

    /// A full delivery of what a source said last.
    fn repeat(&mut self, person: Name, source: Name, time: When) {
        let values = self.model.world.last_words(source);
        self.deliver_at(person, source, time.at(self.bench.now()), &values);
    }

    fn deliver_at(&mut self, person: Name, source: Name, submitted: Micros, values: &[Said]) {
        let body = |world: &mut World| world.deliver(source, submitted, values);
        let expected = self.model.operate((person, self.bench.now()), Kind::Delivery, body);
        let fields: Vec<[(&str, &str); 1]> = values.iter().map(|((_, field), raw)| [(*field, *raw)]).collect();
        let records: Vec<Given> = values.iter().zip(&fields).map(|(((key, _), _), field)| (*key, &field[..])).collect();
        let real = self.bench.act_as(person).rehearse_and_deliver(source, submitted, &records);
        assert_eq!(real.is_ok(), expected.is_ok(), "a delivery by {person}");
        if real.is_ok() {
            let seq = self.bench.reader().operations(None, 1).unwrap()[0].seq;
            self.model.number_last(Some(seq));
        }
    }

    fn edit(&mut self, person: Name, item: usize, raw: Name) {
        let who = (person, self.bench.now());
        let expected = self.model.operate(who, Kind::Triage, |world| world.edit(item, raw));
        let row = &self.bench.rows(Table::SyncItems, "")[item];
        let row_version = row.int("row_version").unwrap();
        let (raw, reason) = (raw.to_string(), "read wrongly".to_string());
        self.same(person, &Command::EditRetry { item: row.id, row_version, raw, reason }, expected);
    }

    /// The newest map of a source that there is.
    fn edit_map(&mut self, person: Name, source: Name, canonical: Name, confidence: Option<i64>) {
        let Some(map) = self.model.world.newest_map(source) else { return };
        let body = |world: &mut World| {
            world.edit_map(map, canonical, confidence);
            Ok(())
        };
        let expected = self.model.operate((person, self.bench.now()), Kind::EditMap, body);
        let row = &self.bench.rows(Table::ValueMaps, "")[map];
        let mut changes = crate::bench::map(&[("canonical_code_value", canonical)]);
        if let Some(confidence) = confidence {
            changes.insert("confidence".into(), acts::hundredths(confidence));
        }
        let edit = Command::EditValueMap { id: row.id, row_version: row.int("row_version").unwrap(), changes };
        self.same(person, &edit, expected);
    }

    fn undo(&mut self, person: Name, seq: Option<i64>) {
        let expected = self.model.undo((person, self.bench.now()), seq);
        self.same(person, &Command::Undo { operation: seq }, expected);
    }

    /// The store refuses what the model refuses, and has an operation in its log where the model has.
    fn same(&mut self, person: Name, command: &Command, expected: Result<bool, Refused>) {
        let real = rehearsed(self.bench.act_as(person), command);
        let wrote = real.as_ref().map(|outcome| outcome.operation.is_some());
        assert_eq!(wrote.ok(), expected.ok(), "{person}: {command:?}: {:?}", real.as_ref().err());
        if let Ok(outcome) = real {
            self.model.number_last(outcome.operation);
        }
    }

    fn compare(&self, act: &Act) {
        let real = picture::of_store(&self.bench.reader());
        let expected = picture::of_model(&self.model.world, self.bench.now());
        let only = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|line| !those.contains(line)).cloned().collect()
        };
        let (in_store, in_model) = (only(&real, &expected), only(&expected, &real));
        assert!(real == expected, "after {act:?}\nthe store says {in_store:#?}\nthe model says {in_model:#?}");
    }
}

/// An entry that somebody certified, and when.
#[derive(PartialEq)]
struct Certified {
    entry: i64,
    item: Option<i64>,
    by: String,
    on: Option<i64>,
    /// It has a reason or a mark.
    noted: bool,
}

fn certified(bench: &Bench) -> Vec<Certified> {
    let rows = bench.rows(Table::Ledger, "is:certified").into_iter();
    let of = |row: Row| Certified {
        entry: row.id,
        item: row.int("sync_item"),
        by: row.text("certified_by").to_string(),
        on: row.int("certified_date_time"),
        noted: !row.text("notes").is_empty(),
    };
    rows.map(of).collect()
}

/// Runs a command after its dry run; both must say the same, and a refusal must be one in both.
fn rehearsed(bench: &mut Bench, command: &Command) -> Result<Outcome, Error> {
    if bench.rows_at_once.is_some() {
        return bench.run(command);
    }
    let dry = bench.engine.run(command, &Mode::DryRun);
    let real = bench.run(command);
    match (dry, &real) {
        (Ok(mut dry), Ok(real)) => {
            // What an undo would put back is listed beforehand alone: afterwards the log has it.
            (dry.operation, dry.erased, dry.put_back) = (real.operation, real.erased.clone(), real.put_back.clone());
            assert_eq!(dry, *real, "{command:?}");
        }
        (Err(Error::Refused(dry)), Err(Error::Refused(real))) => assert_eq!(dry, *real, "{command:?}"),
        (dry, real) => panic!("{command:?}: {dry:?} and {real:?}"),
    }
    real
}

/// The same sequences at each run, so that a red test is about the change at hand; `PROPTEST_CASES` asks for more, and
/// for other ones each time.
fn config(cases: u32) -> Config {
    let mut defaults = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_MAX_SHRINK_ITERS").is_none() {
        defaults.max_shrink_iters = 300;
    }
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => defaults,
        None => Config { cases, rng_seed: RngSeed::Fixed(SEED), ..defaults },
    }
}

const SEED: u64 = 20_261_122;

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn every_row_is_what_the_model_says(acts in prop::collection::vec(act(), 1..80)) {
        let mut pair = Pair::new();
        for act in &acts {
            pair.perform(act);
        }
        pair.bench.assert_sound();
    }
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn full_deliveries_after_each_decision_leave_what_the_model_says(acts in prop::collection::vec(act(), 1..40)) {
        let mut pair = Pair::new();
        for act in &acts {
            pair.perform_and_repeat(act);
        }
        pair.bench.assert_sound();
    }
}

proptest! {
    #![proptest_config(config(20))]

    #[test]
    fn acts_in_several_operations_leave_what_one_leaves(
        acts in prop::collection::vec(act(), 1..60), at_once in 1..4_usize,
    ) {
        let mut pair = Pair::new();
        pair.bench.rows_at_once = Some(at_once);
        for act in &acts {
            pair.perform(act);
        }
        pair.bench.assert_sound();
    }
}

proptest! {
    #![proptest_config(config(16))]

    #[test]
    fn a_delivery_twice_is_a_delivery_once(
        before in prop::collection::vec(act(), 0..10),
        source in prop::sample::select(&SOURCES[..]),
        values in values(),
    ) {
        // A key that stands twice in a delivery with two values says two things, and twice says them in turn.
        let mut met = std::collections::HashSet::new();
        let values: Vec<_> = values.into_iter().filter(|(key, _)| met.insert(*key)).collect();
        let mut pair = Pair::new();
        for act in &before {
            pair.perform(act);
        }
        pair.deliver_at("ada", source, pair.bench.now(), &values);
        let ledger = |pair: &Pair| -> Vec<String> {
            let rows = pair.bench.rows(Table::Ledger, "");
            let current = pair.bench.rows(Table::Ledger, "is:current");
            rows.iter().chain(&current).map(|row| row.json().to_string()).collect()
        };
        let once = ledger(&pair);
        pair.deliver_at("ada", source, pair.bench.now(), &values);
        prop_assert_eq!(once, ledger(&pair));
        pair.bench.assert_sound();
    }
}

proptest! {
    #![proptest_config(config(32))]

    #[test]
    fn deliveries_of_one_time_may_come_in_any_order(
        (terms, words, order) in (acts::terms(), acts::words(), Just(SOURCES.to_vec()).prop_shuffle()),
    ) {
        let in_order = |sources: &[Name]| {
            let mut pair = Pair::new();
            let policy = acts::Operation::Policy { place: 1, terms };
            pair.perform(&Act { person: "ada", what: What::Operation(policy) });
            let submitted = pair.bench.now();
            for source in sources {
                pair.deliver_at("ada", source, submitted, &words[source]);
                pair.bench.second_passes();
            }
            pair.bench.assert_sound();
            let current = pair.bench.rows(Table::Ledger, "is:current");
            let of = |row: &Row| format!("{} {} {}", row.text("target_id"), row.text("aspect_key"), row.text("value"));
            let mut values: Vec<String> = current.iter().map(of).collect();
            values.sort();
            values
        };
        prop_assert_eq!(in_order(&SOURCES), in_order(&order));
    }
}
