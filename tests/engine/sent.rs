//! What goes out, in random sequences of deliveries, decisions, exports and undos: nobody is sent what they have, what
//! waits is what is in force, an export hands over what its dry run says, and an act and its undo leave the queue alone.
//!
//! The model of the machine knows nothing of exports; these laws are told from the store's rows alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use proptest::prelude::*;
use steward::engine::{Command, Export, Import, Mode, Outcome};
use steward::model::record::{OutgoingRecord, Receiver};
use steward::model::row::Row;
use steward::model::table::Table;

use super::acts::{Act, HOUR, Operation, What, act};
use super::model::Name;
use super::{Pair, config, rehearsed};
use crate::bench::{Bench, Given};

const RECEIVERS: [Name; 2] = ["FIN", "TAX"];

#[derive(Debug, Clone)]
enum Step {
    Act(Act),
    Export(Name),
    /// A receiver delivers what it was sent last.
    Answer(Name),
    /// A receiver delivers what it said last.
    Repeat(Name),
    Backfill(Name),
    /// An operation that is taken back at once, and done again.
    ThereAndBack(Name, Operation),
}

fn step() -> impl Strategy<Value = Step> {
    let receiver = || prop::sample::select(&RECEIVERS[..]);
    prop_oneof![
        8 => act().prop_map(Step::Act),
        1 => receiver().prop_map(Step::Export),
        1 => receiver().prop_map(Step::Answer),
        1 => receiver().prop_map(Step::Repeat),
        1 => receiver().prop_map(Step::Backfill),
        2 => act().prop_filter_map("an operation", |Act { person, what }| match what {
            What::Operation(operation) => Some(Step::ThereAndBack(person, operation)),
            _ => None,
        }),
    ]
}

#[derive(Default)]
struct Kept(Vec<OutgoingRecord>);

impl Receiver for Kept {
    fn take(&mut self, record: &OutgoingRecord) -> io::Result<()> {
        self.0.push(record.clone());
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A store that sends the names of contacts to two of its sources, and to one of them unseen that a name is gone.
fn sending() -> Bench {
    let mut bench = Pair::new().bench;
    for (receiver, on_empty) in RECEIVERS.into_iter().zip(["send", "hold"]) {
        let place = [("target_table", "contact"), ("field_name", "name"), ("source_system_key", receiver)];
        let binding = [&place[..], &[("outbound", "Yes"), ("on_empty", on_empty)]].concat();
        bench.import(Import::Bindings, &[&binding]).unwrap();
    }
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    bench
}

fn take(bench: &mut Bench, step: &Step) {
    match step {
        Step::Act(Act { person, what }) => take_act(bench, person, what),
        Step::Export(receiver) => export(bench, receiver),
        Step::Answer(receiver) => answer(bench, receiver),
        Step::Repeat(receiver) => repeat(bench, receiver),
        Step::Backfill(receiver) => {
            let to = Export { source: (*receiver).into(), table: None };
            let bench = bench.act_as("sue");
            let dry = bench.engine.backfill(&to, &Mode::DryRun).map(|dry| dry.changed);
            let real = bench.engine.backfill(&to, &Mode::Real).map(|real| real.changed);
            assert_eq!(dry.map_err(|error| error.to_string()), real.map_err(|error| error.to_string()));
        }
        Step::ThereAndBack(person, operation) => there_and_back(bench, person, operation),
    }
}

/// An act and its undo leave what waits as it was; done again, it is as after the act.
fn there_and_back(bench: &mut Bench, person: Name, operation: &Operation) {
    let was = waiting(bench);
    let Ok(Outcome { operation: Some(act), .. }) = rehearsed(bench.act_as(person), &operation.command()) else {
        return;
    };
    let then = waiting(bench);
    let undo = |bench: &mut Bench, operation| {
        let undone = bench.run(&Command::Undo { operation: Some(operation) }).ok();
        undone.filter(|undone| undone.held_back.is_empty()).and_then(|undone| undone.operation)
    };
    let Some(undone) = undo(bench, act) else { return };
    assert_eq!(waiting(bench), was, "{operation:?} was taken back");
    let Some(_) = undo(bench, undone) else { return };
    assert_eq!(waiting(bench), then, "{operation:?} was done again");
}

/// What waits to go out: each item with its state and its value.
fn waiting(bench: &Bench) -> Vec<(i64, String, String)> {
    let told = |item: Row| (item.id, item.display("state").into_owned(), item.text("new_value").to_string());
    outbound(bench).into_iter().filter(waits).map(told).collect()
}

fn waits(item: &Row) -> bool {
    ["Queued", "Held", "Parked"].contains(&item.display("state").as_ref())
}

/// What a receiver delivered last comes from it again.
fn repeat(bench: &mut Bench, receiver: Name) {
    let inbound: Vec<i64> = bench.rows(Table::SyncJobs, "direction:inbound").iter().map(|job| job.id).collect();
    let said = |item: &Row| {
        item.text("source_system_key") == receiver
            && item.text("field_name") == "name"
            && inbound.contains(&item.int("integration_sync_job").unwrap())
    };
    let Some(item) = bench.rows(Table::SyncItems, "").into_iter().rev().find(said) else { return };
    let (now, key, raw) = (bench.now(), item.text("external_key"), item.text("raw_value"));
    let _ = bench.act_as("ada").rehearse_and_deliver(receiver, now, &[(key, &[("name", raw)])]);
}

fn take_act(bench: &mut Bench, person: Name, what: &What) {
    match what {
        What::Deliver { source, time, values, .. } => {
            let submitted = time.at(bench.now());
            let fields: Vec<[(&str, &str); 1]> = values.iter().map(|((_, field), raw)| [(*field, *raw)]).collect();
            let records: Vec<Given> =
                values.iter().zip(&fields).map(|(((key, _), _), field)| (*key, &field[..])).collect();
            let _ = bench.act_as(person).try_deliver_at(source, "contact", submitted, &records);
        }
        What::Operation(operation) => drop(rehearsed(bench.act_as(person), &operation.command())),
        What::Again(again) => {
            if let Some(command) = again.command(bench) {
                drop(rehearsed(bench.act_as(person), &command));
            }
        }
        What::Undo => drop(rehearsed(bench.act_as(person), &Command::Undo { operation: None })),
        What::UndoEarlier(back) => {
            let seq = bench.reader().operations(None, 1).unwrap()[0].seq - *back as i64;
            drop(rehearsed(bench.act_as(person), &Command::Undo { operation: Some(seq) }));
        }
        What::Withdraw(back) => {
            let jobs = bench.rows(Table::SyncJobs, "direction:inbound");
            if let Some(job) = jobs.iter().nth_back(*back) {
                drop(rehearsed(bench.act_as(person), &super::acts::withdraw(job.id as usize - 1)));
            }
        }
        What::DaysPass(days) => bench.days_pass(*days),
        What::ClockBack { hours } => bench.clock_goes_back(hours * HOUR),
        // These need the model's rows.
        What::Edit { .. } | What::EditMap { .. } | What::Repeat { .. } => {}
    }
}

/// The dry run says what the real one does, and hands nothing over.
fn export(bench: &mut Bench, receiver: &str) {
    let export = Export { source: receiver.into(), table: None };
    let (mut none, mut kept) = (Kept::default(), Kept::default());
    let bench = bench.act_as("sue");
    let dry = bench.engine.export(&export, &Mode::DryRun, &mut none);
    let real = bench.engine.export(&export, &Mode::Real, &mut kept);
    assert!(none.0.is_empty());
    match (dry, real) {
        (Ok(mut dry), Ok(real)) => {
            dry.operation = real.operation;
            assert_eq!(dry, real);
        }
        (Err(dry), Err(real)) => assert_eq!(dry.to_string(), real.to_string()),
        (dry, real) => panic!("{dry:?} and {real:?}"),
    }
}

/// What a receiver was sent last comes back from it.
fn answer(bench: &mut Bench, receiver: Name) {
    let sent = |item: &Row| item.text("source_system_key") == receiver && item.display("state") == "Applied";
    let Some(item) = outbound(bench).into_iter().rev().find(sent) else { return };
    let (now, key, raw) = (bench.now(), item.text("external_key"), item.text("raw_value"));
    let _ = bench.act_as("ada").rehearse_and_deliver(receiver, now, &[(key, &[("name", raw)])]);
}

fn outbound(bench: &Bench) -> Vec<Row> {
    let jobs: Vec<i64> = bench.rows(Table::SyncJobs, "direction:outbound").iter().map(|job| job.id).collect();
    let items = bench.rows(Table::SyncItems, "").into_iter();
    items.filter(|item| jobs.contains(&item.int("integration_sync_job").unwrap())).collect()
}

/// (receiver, record, field)
fn place(item: &Row) -> (String, String, String) {
    let text = |name| item.text(name).to_string();
    (text("source_system_key"), text("target_id"), text("field_name"))
}

fn check(bench: &Bench, step: &Step) {
    let current = bench.rows(Table::Ledger, "is:current");
    let in_force: BTreeMap<(&str, &str), (&str, &str)> = current
        .iter()
        .map(|row| {
            let key = (row.text("target_id"), row.text("aspect_key"));
            (key, (row.text("value"), row.text("source_system_key")))
        })
        .collect();
    let mut open = BTreeMap::new();
    let mut got = BTreeSet::new();
    for item in outbound(bench) {
        let emptied = item.text("new_value").is_empty();
        if !emptied && item.int("applied_date_time").is_some() {
            got.insert(place(&item));
        }
        if !waits(&item) {
            continue;
        }
        assert!(!emptied || got.contains(&place(&item)), "{} never got a value after {step:?}", place(&item).0);
        let (receiver, target, field) = place(&item);
        let (value, supplier) = in_force.get(&(target.as_str(), field.as_str())).copied().unwrap_or_default();
        assert_eq!(item.text("new_value"), value, "what waits for {receiver} after {step:?}");
        assert_ne!(supplier, receiver, "{receiver} is sent its own word after {step:?}");
        assert!(open.insert(place(&item), item.id).is_none(), "two items wait for {receiver} after {step:?}");
    }
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn receivers_are_sent_what_is_in_force_and_nobody_their_own(steps in prop::collection::vec(step(), 1..60)) {
        let mut bench = sending();
        for step in &steps {
            take(&mut bench, step);
            check(&bench, step);
            bench.second_passes();
        }
        bench.assert_sound();
    }
}
