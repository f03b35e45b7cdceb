//! One chunk of a delivery: its records' identifiers, its values' verdicts, its items.
//!
//! Records are decided on in runs in which no target stands twice, so that the facts read at a run's beginning hold for
//! all of it; statements are counted by the run, never by the value.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anyhow::Result;

use super::cell::{MAX_MESSAGE, MAX_RAW, cut, key_of, text_of};
use super::identity::{Sender, Target, targets};
use super::ingest::{Delivery, Running};
use super::normalise::Maps;
use super::plan::{Plans, Setup};
use super::settle::{Effects, settle};
use super::spoken::Spoken;
use crate::model::choice::ItemState;
use crate::model::code::{self, Code};
use crate::model::record::{Cell, Fault, Record};
use crate::model::text::normal;
use crate::model::time::Micros;
use crate::rules::name;
use crate::store::{NewItem, Write};

/// Faults that an outcome names.
const NAMED_FAULTS: usize = 20;

/// What a chunk, or a whole delivery, took in.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken {
    pub records: i64,
    pub states: [i64; ItemState::ALL.len()],
    pub identifiers: i64,
    pub proposed_maps: i64,
    pub faults: Vec<String>,
}

impl Taken {
    pub fn add(&mut self, other: Taken) {
        self.records += other.records;
        self.states.iter_mut().zip(other.states).for_each(|(sum, n)| *sum += n);
        self.identifiers += other.identifiers;
        self.proposed_maps += other.proposed_maps;
        self.faults.extend(other.faults);
        self.faults.truncate(NAMED_FAULTS);
    }

    pub fn items(&self) -> i64 {
        self.states.iter().sum()
    }
}

/// A record with a usable key.
pub(super) struct Keyed {
    pub sequence: i64,
    pub line: u64,
    pub key: String,
    /// The values but for the key's own column.
    pub values: Vec<(Arc<str>, Cell)>,
}

/// The store's spellings of a record's fields, by their place: most records name those of the one before.
#[derive(Default)]
struct Spellings {
    last: Vec<(Arc<str>, Arc<str>)>,
}

impl Spellings {
    fn of(
        &mut self,
        write: &mut Write,
        values: impl Iterator<Item = (Arc<str>, Cell)>,
    ) -> Result<Vec<(Arc<str>, Cell)>> {
        values.enumerate().map(|(at, (name, cell))| Ok((self.at(at, &name, write)?, cell))).collect()
    }

    fn at(&mut self, at: usize, name: &Arc<str>, write: &mut Write) -> Result<Arc<str>> {
        if let Some((_, spelling)) = self.last.get(at).filter(|(last, _)| last == name) {
            return Ok(spelling.clone());
        }
        let spelling = write.spelling("field", name)?;
        let spelling = if *spelling == **name { name.clone() } else { spelling.into() };
        self.last.truncate(at);
        self.last.push((name.clone(), spelling.clone()));
        Ok(spelling)
    }
}

/// A chunk being taken in.
pub(super) struct Chunk<'j, 'w, 'a> {
    pub write: &'w mut Write<'a>,
    pub delivery: &'j Delivery,
    pub job: &'j Running,
    pub setup: &'j Setup,
    pub taken: Taken,
    pub effects: Effects,
    /// Values in force that the run at hand confirms: (target id, field, when it is stale again).
    pub confirmed: Vec<(String, Arc<str>, Option<Micros>)>,
    /// What is to be kept of the words of the run at hand.
    pub spoken: Spoken,
    /// Whether any value in force gets stale some day.
    pub clocks: bool,
}

/// Takes a chunk of a delivery in, all but the commit. `last`: the delivery ends with it.
pub(super) fn take(
    write: &mut Write,
    delivery: &Delivery,
    job: &mut Running,
    records: Vec<Result<Record, Fault>>,
    last: bool,
) -> Result<Taken> {
    let setup = Setup::read(write)?;
    let count = records.len() as i64;
    let spoken = Spoken::read(write)?;
    let clocks = write.has_clocks()?;
    let mut chunk = Chunk {
        write,
        delivery,
        job,
        setup: &setup,
        taken: Taken { records: count, ..Taken::default() },
        effects: Effects::new(&setup),
        confirmed: Vec::new(),
        spoken,
        clocks,
    };
    let keyed = chunk.keyed(records)?;
    chunk.decide(keyed)?;
    let Chunk { write, taken, mut effects, .. } = chunk;
    if !delivery.keep_unchanged {
        write.count_unchanged(job.id, taken.states[ItemState::Unchanged as usize]);
    }
    settle(write, &setup, &mut effects)?;
    job.records += count;
    write.mark_progress(job.id, job.records, last)?;
    Ok(taken)
}

impl Chunk<'_, '_, '_> {
    /// The records that have a key; what has none becomes a failed item.
    fn keyed(&mut self, records: Vec<Result<Record, Fault>>) -> Result<Vec<Keyed>> {
        let mut out = Vec::with_capacity(records.len());
        let mut spellings = Spellings::default();
        for (at, record) in records.into_iter().enumerate() {
            let sequence = self.job.records + at as i64 + 1;
            match record {
                Ok(record) => match key_of(&record, &self.delivery.key_column) {
                    Ok(key) => {
                        let key = key.to_string();
                        let column = &self.delivery.key_column;
                        let values = record.fields.into_iter().filter(|(field, _)| !name::same(field, column));
                        let values = spellings.of(self.write, values)?;
                        out.push(Keyed { sequence, line: record.line, key, values });
                    }
                    Err(problem) => self.without_key(&record, sequence, &problem)?,
                },
                Err(fault) => self.unreadable(&fault, sequence)?,
            }
        }
        Ok(out)
    }

    fn without_key(&mut self, record: &Record, sequence: i64, problem: &str) -> Result<()> {
        let object: serde_json::Map<String, serde_json::Value> =
            record.fields.iter().map(|(name, cell)| (name.to_string(), text_of(cell).0.into())).collect();
        let raw = serde_json::Value::Object(object).to_string();
        let said = format!("[{}] Line {}: {problem} {}", code::KEY_MISSING.code, record.line, code::KEY_MISSING.remedy);
        self.failed_record(sequence, code::KEY_MISSING, &said, &raw)
    }

    fn unreadable(&mut self, fault: &Fault, sequence: i64) -> Result<()> {
        let said = format!("[{}] Line {}: {}", code::UNREADABLE.code, fault.line, fault.problem);
        self.failed_record(sequence, code::UNREADABLE, &said, &fault.raw)
    }

    fn failed_record(&mut self, sequence: i64, code: &Code, said: &str, raw: &str) -> Result<()> {
        if self.taken.faults.len() < NAMED_FAULTS {
            self.taken.faults.push(said.to_string());
        }
        self.taken.states[ItemState::Failed as usize] += 1;
        let raw = cut(raw, MAX_RAW);
        self.write.insert_item(&NewItem {
            message: Some(cut(said, MAX_MESSAGE)),
            code: Some(code.code),
            raw_value: Some(raw),
            ..item(self.job, sequence, ItemState::Failed)
        })?;
        Ok(())
    }

    /// Decides on all values of a chunk's records.
    fn decide(&mut self, records: Vec<Keyed>) -> Result<()> {
        let targets = self.targets(&records)?;
        let mut plans = Plans::new(self.setup, &self.job.table, &self.job.source);
        let mut maps = Maps::read(self.write, &codes(&records, &mut plans))?;
        let mut met: HashSet<String> = HashSet::new();
        let mut run: Vec<(Keyed, Target)> = Vec::new();
        let mut in_run: HashSet<String> = HashSet::new();
        for record in records {
            let target = targets[&record.key].clone();
            // What leads to no record is told apart by its key, which no id is like.
            let id = target.id().map_or_else(|| format!("\0{}", record.key), str::to_string);
            if in_run.contains(&id) {
                self.decide_run(std::mem::take(&mut run), &mut met, &mut plans, &mut maps)?;
                in_run.clear();
            }
            in_run.insert(id);
            run.push((record, target));
        }
        self.decide_run(run, &mut met, &mut plans, &mut maps)?;
        self.taken.proposed_maps += maps.proposed;
        Ok(())
    }

    /// Where the records' keys lead; new keys get a target and an identifier.
    fn targets(&mut self, records: &[Keyed]) -> Result<HashMap<String, Target>> {
        let job = self.job;
        let sender = Sender { source: &job.source, table: &job.table, at: job.submitted };
        let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
        let targets = targets(self.write, self.setup, &sender, &keys)?;
        self.taken.identifiers += targets.values().filter(|target| matches!(target, Target::New { .. })).count() as i64;
        Ok(targets)
    }
}

/// An item of a job with nothing in it yet.
pub(super) fn item(job: &Running, sequence: i64, state: ItemState) -> NewItem<'_> {
    NewItem {
        job: job.id,
        target_table: &job.table,
        target_id: None,
        field_name: None,
        external_key: None,
        source: &job.source,
        raw_value: None,
        new_value: None,
        old_value: None,
        applied: None,
        message: None,
        source_time: job.submitted,
        sequence,
        state,
        code: None,
        value_map: None,
        policy: None,
        ledger: None,
        attempt: 1,
        parent: None,
    }
}

/// The codes that a chunk's values may have maps for, in their normal form, by code list.
fn codes(records: &[Keyed], plans: &mut Plans) -> HashMap<String, HashSet<String>> {
    let mut out: HashMap<String, HashSet<String>> = HashMap::new();
    for (field, cell) in records.iter().flat_map(|record| &record.values) {
        if let (Some(list), Cell::Text(raw)) = (&plans.of(field).code_list, cell) {
            out.entry(list.clone()).or_default().insert(normal(raw));
        }
    }
    out
}
