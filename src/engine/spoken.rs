//! What is kept of a run's words: those that no entry stands for, those that one stands for again, and what was repeated.

use std::sync::Arc;

use anyhow::Result;

use super::weigh::Decided;
use crate::model::choice::ItemState;
use crate::rules::last_word::Place;
use crate::store::{FieldSets, NewSaid, Write, said};

/// Words on their way into the store.
#[derive(Default)]
pub(super) struct Spoken {
    pub sets: FieldSets,
    said: Vec<NewSaid>,
    /// (identifier, set of the field)
    forgotten: Vec<(i64, i64)>,
    /// (identifier, set of fields)
    repeated: Vec<(i64, i64)>,
    /// The fields that one record repeats, and those of the record before with their set.
    record: Vec<Arc<str>>,
    before: (Vec<Arc<str>>, Option<i64>),
}

/// What a key says of a field, at its place where it is news.
#[derive(Clone, Copy)]
pub(super) struct Saying<'s> {
    pub identifier: i64,
    pub place: Place,
    pub field: &'s str,
    pub raw: &'s str,
}

impl Spoken {
    pub fn read(write: &Write) -> Result<Spoken> {
        Ok(Spoken { sets: write.field_sets()?, ..Spoken::default() })
    }

    /// Takes note of a word that was news. `row`: the set of the field, where a row said what the key said last.
    pub fn news(&mut self, write: &mut Write, saying: Saying, decided: &Decided, row: Option<i64>) -> Result<()> {
        // What came too late is no word.
        if decided.state == ItemState::Superseded {
            return Ok(());
        }
        if decided.ledger.is_some() {
            self.forgotten.extend(row.map(|set| (saying.identifier, set)));
            return Ok(());
        }
        self.say(write, saying, decided.state == ItemState::Rejected)
    }

    /// Keeps a word that no entry of its key stands for. `closed`: since a person had turned the same down before.
    pub fn say(&mut self, write: &mut Write, saying: Saying, closed: bool) -> Result<()> {
        let Saying { identifier, place: Place { job, sequence }, field, raw } = saying;
        let Some(set) = write.field_set(&mut self.sets, &[field])? else { return Ok(()) };
        self.said.push(NewSaid { identifier, field: set, said: said(raw), job, sequence, closed });
        Ok(())
    }

    /// Takes note of a field of the record at hand whose word was repeated, and counts from now on as said now.
    pub fn repeats(&mut self, field: &Arc<str>) {
        self.record.push(field.clone());
    }

    /// The record at hand is done.
    pub fn record_ends(&mut self, write: &mut Write, identifier: i64) -> Result<()> {
        if self.record.is_empty() {
            return Ok(());
        }
        let mut record = std::mem::take(&mut self.record);
        if record != self.before.0 {
            let mut names: Vec<&str> = record.iter().map(|name| &**name).collect();
            names.sort_unstable();
            names.dedup();
            let set = write.field_set(&mut self.sets, &names)?;
            self.before = (record.clone(), set);
        }
        match self.before.1 {
            Some(set) => self.repeated.push((identifier, set)),
            None => {
                for field in &record {
                    if let Some(set) = write.field_set(&mut self.sets, &[field])? {
                        self.repeated.push((identifier, set));
                    }
                }
            }
        }
        record.clear();
        self.record = record;
        Ok(())
    }

    /// The run at hand is done: the next one reads what it said.
    pub fn run_ends(&mut self, write: &mut Write, job: i64) -> Result<()> {
        if !self.said.is_empty() {
            write.keep_said(&std::mem::take(&mut self.said))?;
        }
        if !self.forgotten.is_empty() {
            write.forget_said(&std::mem::take(&mut self.forgotten))?;
        }
        if !self.repeated.is_empty() {
            write.keep_repeats(job, &std::mem::take(&mut self.repeated))?;
        }
        Ok(())
    }
}
