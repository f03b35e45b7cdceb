//! Which entry held the value of a field, from the first operation to the last.

use std::collections::HashMap;

use super::moment::entry;
use crate::model::fact::Entry;
use crate::rules::survivorship::holder;
use crate::store::FieldPast;

/// The holder after each operation that made or changed an entry of the field, oldest first.
#[derive(Debug)]
pub(super) struct Reigns(Vec<(i64, Option<i64>)>);

impl Reigns {
    /// Plays the entries' states once through, in the order of the log.
    pub fn of(past: &FieldPast) -> Reigns {
        let mut states: Vec<(i64, Entry)> = past
            .entries
            .iter()
            .flat_map(|versions| versions.states())
            .filter_map(|(operation, row)| Some((operation, entry(row)?)))
            .collect();
        // Stable: what a row was made as comes before what the same operation changed.
        states.sort_by_key(|(operation, _)| *operation);
        let mut entries: Vec<Entry> = Vec::new();
        let mut places: HashMap<i64, usize> = HashMap::new();
        let mut out = Vec::new();
        for of_one in states.chunk_by(|(a, _), (b, _)| a == b) {
            for (_, entry) in of_one {
                match places.get(&entry.id) {
                    Some(place) => entries[*place] = entry.clone(),
                    None => {
                        places.insert(entry.id, entries.len());
                        entries.push(entry.clone());
                    }
                }
            }
            out.push((of_one[0].0, holder(&entries).map(|entry| entry.id)));
        }
        Reigns(out)
    }

    /// The holder as an operation left the field.
    pub fn holder_at(&self, operation: i64) -> Option<i64> {
        self.0[..self.later(operation)].last().and_then(|(_, holder)| *holder)
    }

    /// The operation since which an entry has held the value without a break, as of another.
    pub fn began_by(&self, entry: i64, operation: i64) -> i64 {
        let so_far = &self.0[..self.later(operation)];
        let reign = so_far.iter().rev().take_while(|(_, holder)| *holder == Some(entry));
        reign.last().map(|(by, _)| *by).unwrap_or_default()
    }

    /// Whether an entry held the value after an operation, and after all that came later.
    pub fn holds_ever_since(&self, entry: i64, operation: i64) -> bool {
        let later = &self.0[self.later(operation)..];
        self.holder_at(operation) == Some(entry) && later.iter().all(|(_, holder)| *holder == Some(entry))
    }

    /// Whether no entry was made or changed after an operation.
    pub fn ended_by(&self, operation: i64) -> bool {
        self.later(operation) == self.0.len()
    }

    /// The place of the first operation after one.
    fn later(&self, operation: i64) -> usize {
        self.0.partition_point(|(by, _)| *by <= operation)
    }
}
