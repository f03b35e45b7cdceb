//! What goes out, in random sequences of deliveries, decisions, exports and undos: nobody is sent what they have, what
//! waits is what is in force, and an export hands over what its dry run says.
//!
//! The model of the machine knows nothing of exports; these laws are told from the store's rows alone.

use std::collections::BTreeMap;
use std::io;

use proptest::prelude::*;
use steward::engine::{Command, Export, Import, Mode};
use steward::model::record::{OutgoingRecord, Receiver};
use steward::model::row::Row;
use steward::model::table::Table;

use super::acts::{Act, HOUR, What, act};
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
}

fn step() -> impl Strategy<Value = Step> {
    let receiver = || prop::sample::select(&RECEIVERS[..]);
    prop_oneof![
        8 => act().prop_map(Step::Act),
        1 => receiver().prop_map(Step::Export),
        1 => receiver().prop_map(Step::Answer),
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

/// A store that sends the names of contacts to two of its sources.
fn sending() -> Bench {
    let mut bench = Pair::new().bench;
    for receiver in RECEIVERS {
        let binding =
            [("target_table", "contact"), ("field_name", "name"), ("source_system_key", receiver), ("outbound", "Yes")];
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
    }
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
    for item in outbound(bench) {
        if !["Queued", "Held", "Parked"].contains(&item.display("state").as_ref()) {
            continue;
        }
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
