//! What receivers hold: nobody is sent what came from them, and whoever took everything holds what is in force.
//!
//! Receivers here echo what they were sent, say again what they held before, or say nothing; they say nothing of their own.

use std::collections::BTreeMap;
use std::io;

use proptest::prelude::*;
use proptest::sample::select;
use steward::engine::{Command, Export, Import, Mode};
use steward::model::record::{OutgoingRecord, Receiver};
use steward::model::table::Table;
use steward::store::OperationRow;

use super::acts::{Act, Operation, TARGETS, What, act};
use super::laws::Told;
use super::model::Name;
use super::{Pair, config};
use crate::bench::Given;

const RECEIVERS: [Name; 2] = ["FIN", "TAX"];
const SUPPLIER: Name = "HR";

#[derive(Debug, Clone)]
enum Step {
    Supply(Vec<(Name, Name)>),
    Act(Act),
    Send(Name),
    /// A receiver delivers all that it holds.
    Echo(Name),
    /// A receiver did not take what it was sent last, and delivers what it held before.
    Refuse(Name),
}

fn step() -> impl Strategy<Value = Step> {
    let receiver = || select(&RECEIVERS[..]);
    let values = prop::collection::vec((select(&TARGETS[..]), select(&["a", "b", "c"][..])), 1..3);
    let plain = |act: &Act| {
        let of_set_up = |operation: &Operation| {
            matches!(operation, Operation::Bind { .. } | Operation::Dispose { .. } | Operation::SetRoles { .. })
        };
        !matches!(&act.what, What::Deliver { .. } | What::Repeat { .. } | What::ClockBack { .. })
            && !matches!(&act.what, What::Operation(operation) if of_set_up(operation))
    };
    prop_oneof![
        4 => values.prop_map(Step::Supply),
        4 => act().prop_filter("for what goes out", plain).prop_map(Step::Act),
        3 => receiver().prop_map(Step::Send),
        1 => receiver().prop_map(Step::Echo),
        1 => receiver().prop_map(Step::Refuse),
    ]
}

/// What a receiver holds of each record, and held before it was sent something last.
#[derive(Default)]
struct Held {
    now: BTreeMap<Name, Option<String>>,
    before: BTreeMap<Name, Option<String>>,
}

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

struct Scene {
    told: Told,
    held: BTreeMap<Name, Held>,
}

impl Scene {
    /// A store that sends the names of contacts to two of its sources.
    fn new() -> Scene {
        let mut bench = Pair::new().bench;
        for receiver in RECEIVERS {
            let place = [("target_table", "contact"), ("field_name", "name"), ("source_system_key", receiver)];
            bench.import(Import::Bindings, &[&[&place[..], &[("outbound", "Yes")]].concat()]).unwrap();
        }
        bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
        Scene { told: Told::of(bench), held: RECEIVERS.map(|receiver| (receiver, Held::default())).into() }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Supply(values) => {
                let values: Vec<_> = values.iter().map(|(record, value)| ((*record, "name"), *value)).collect();
                self.told.deliver("ada", SUPPLIER, &values);
            }
            Step::Act(Act { what: What::Undo, .. }) => self.take_back(0),
            Step::Act(Act { what: What::UndoEarlier(back), .. }) => self.take_back(*back),
            Step::Act(Act { person, what }) => self.told.decide(person, what),
            Step::Send(receiver) => self.send(receiver),
            Step::Echo(receiver) => {
                self.answer(receiver);
                // It took what it was sent, and goes back to nothing before that.
                self.held.entry(receiver).or_default().before.clear();
            }
            Step::Refuse(receiver) => {
                if let Some(held) = self.held.get_mut(receiver) {
                    // Of what it never had it cannot say that it has it still.
                    let had = held.before.iter().filter(|(_, before)| before.is_some());
                    let had: Vec<_> = had.map(|(record, before)| (*record, before.clone())).collect();
                    held.now.extend(had);
                }
                self.answer(receiver);
            }
        }
        self.told.bench.second_passes();
    }

    /// Takes an act back that was no sending: whoever takes a send back says that its receiver never got it, and here each
    /// got what it was sent.
    fn take_back(&mut self, back: usize) {
        let operations = self.told.bench.reader().operations(None, 1_000).unwrap();
        let can_be = |operation: &&OperationRow| {
            operation.seq > self.told.set_up && !["ingest", "send"].contains(&operation.kind.as_str())
        };
        let operation = operations.iter().filter(can_be).nth(back).map(|operation| operation.seq);
        if operation.is_some() {
            let _ = self.told.bench.act_as("ada").run(&Command::Undo { operation });
        }
    }

    /// The value in force of a record's name, and whose it is.
    fn in_force(&self, record: &str) -> Option<(String, String)> {
        let row = self.told.bench.rows(Table::Ledger, &format!("is:current target:{record} field:name")).pop()?;
        Some((row.text("value").to_string(), row.text("source_system_key").to_string()))
    }

    fn send(&mut self, receiver: Name) {
        let supplied: Vec<&str> = TARGETS
            .into_iter()
            .filter(|record| self.in_force(record).is_some_and(|(_, source)| source == receiver))
            .collect();
        let export = Export { source: receiver.into(), table: None };
        let mut kept = Kept(Vec::new());
        self.told.bench.act_as("sue").engine.export(&export, &Mode::Real, &mut kept).unwrap();
        let Some(held) = self.held.get_mut(receiver) else { return };
        for record in kept.0 {
            let of = super::acts::KEYS.into_iter().find(|key| *key == record.external_key).unwrap();
            let of = super::model::record_of(of);
            assert!(!supplied.contains(&of), "{receiver} is sent {record:?}, which is its own");
            for (_, value) in record.values {
                let before = held.now.insert(of, value).unwrap_or_default();
                held.before.insert(of, before);
            }
        }
    }

    fn answer(&mut self, receiver: Name) {
        let held = &self.held[receiver];
        let values: Vec<(Name, String)> =
            held.now.iter().filter_map(|(record, value)| Some((*record, value.clone()?))).collect();
        let fields: Vec<[(&str, &str); 1]> = values.iter().map(|(_, value)| [("name", value.as_str())]).collect();
        let records: Vec<Given> = values.iter().zip(&fields).map(|((key, _), field)| (*key, &field[..])).collect();
        let now = self.told.bench.now();
        let _ = self.told.bench.act_as("ada").try_deliver_at(receiver, "contact", now, &records);
    }

    /// Whether something for a receiver waits for a person: its code is not known, or it does not take the value.
    fn waits_for_a_person(&self, receiver: &str, record: &str) -> bool {
        let rows = self
            .told
            .bench
            .rows(Table::SyncItems, &format!("source:{receiver} target:{record} state:held,parked,closed"));
        let jobs = self.told.bench.rows(Table::SyncJobs, "direction:outbound");
        rows.iter().any(|row| jobs.iter().any(|job| row.int("integration_sync_job") == Some(job.id)))
    }

    /// Of what was emptied nothing is said here: whether it is sent is for the receiver's binding. Nor of what a receiver
    /// supplied: it is never sent that, not even where it was sent something else in between.
    fn all_hold_what_is_in_force(&self) {
        for (receiver, held) in &self.held {
            for record in TARGETS {
                let own = |source: &str| source == *receiver;
                let told = |(value, source): &(String, String)| !value.is_empty() && !own(source);
                let Some((value, _)) = self.in_force(record).filter(told) else { continue };
                let holds = held.now.get(record).cloned().flatten();
                let waits = self.waits_for_a_person(receiver, record);
                assert!(waits || holds.as_ref() == Some(&value), "{receiver} holds {holds:?} of {record}, not {value}");
            }
        }
    }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn whoever_took_everything_holds_what_is_in_force(steps in prop::collection::vec(step(), 1..40)) {
        let mut scene = Scene::new();
        for step in &steps {
            scene.take(step);
        }
        for receiver in RECEIVERS {
            scene.send(receiver);
        }
        scene.all_hold_what_is_in_force();
        scene.told.bench.assert_sound();
    }
}
