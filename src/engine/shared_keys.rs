//! How many records of a delivery share their key with others: each such key has the last word of several rows, and of a wrong
//! key column that is the first sign.
//!
//! # Memory
//! Eight bytes of a hash a record, in parts that grow by an eighth: 90 MB for ten million records. Two keys of ten million
//! have the same hash once in a hundred thousand deliveries, which counts two records too many.

use std::hash::BuildHasher;

use super::cell::key_of;
use crate::model::record::{Fault, Record};
use crate::model::text::counted;

/// Parts of the hashes by their highest bits: each is sorted by itself, and none is ever copied as a whole.
const PARTS: usize = 256;

/// What the keys of a whole delivery come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct SharedKeys {
    pub records_sharing_a_key: i64,
    /// The keys that several records have.
    pub keys_shared: i64,
}

impl SharedKeys {
    /// None where every record has a key of its own.
    pub fn told(&self) -> Option<String> {
        let records = counted(self.records_sharing_a_key, "record");
        (self.keys_shared > 0).then(|| format!("{records} share {}", counted(self.keys_shared, "key")))
    }
}

/// Counts keys as they come.
pub(super) struct KeyCount {
    hasher: foldhash::quality::RandomState,
    parts: Vec<Vec<u64>>,
    pub records: i64,
}

impl KeyCount {
    pub fn new() -> KeyCount {
        let hasher = foldhash::quality::RandomState::default();
        KeyCount { hasher, parts: vec![Vec::new(); PARTS], records: 0 }
    }

    pub fn add(&mut self, key: &str) {
        let hash = self.hasher.hash_one(key);
        let part = &mut self.parts[(hash >> 56) as usize];
        if part.len() == part.capacity() {
            part.reserve_exact(32.max(part.len() / 8));
        }
        part.push(hash);
        self.records += 1;
    }

    pub fn shared(&mut self) -> SharedKeys {
        let mut shared = SharedKeys::default();
        for part in &mut self.parts {
            part.sort_unstable();
            for same in part.chunk_by(|one, other| one == other).filter(|same| same.len() > 1) {
                shared.records_sharing_a_key += same.len() as i64;
                shared.keys_shared += 1;
            }
        }
        shared
    }
}

/// The records of a delivery, whose keys are counted as they pass, also of those that are passed over.
pub(super) struct Counted<'r> {
    records: &'r mut dyn Iterator<Item = Result<Record, Fault>>,
    column: &'r str,
    keys: Keys,
}

enum Keys {
    /// A look at the whole delivery counted them.
    Known(SharedKeys),
    Counted(KeyCount),
}

impl<'r> Counted<'r> {
    pub fn new(
        records: &'r mut dyn Iterator<Item = Result<Record, Fault>>,
        column: &'r str,
        known: Option<SharedKeys>,
    ) -> Counted<'r> {
        let keys = known.map_or_else(|| Keys::Counted(KeyCount::new()), Keys::Known);
        Counted { records, column, keys }
    }

    /// Of what passed so far, unless it is known of all.
    pub fn shared(&mut self) -> SharedKeys {
        match &mut self.keys {
            Keys::Known(shared) => *shared,
            Keys::Counted(keys) => keys.shared(),
        }
    }

    /// Passes over the next records.
    pub fn skip_taken(&mut self, records: i64) {
        self.take(usize::try_from(records).unwrap_or_default()).for_each(drop);
    }

    /// Of a delivery of which nothing is taken.
    pub fn shared_of_all(mut self) -> SharedKeys {
        if matches!(self.keys, Keys::Counted(_)) {
            (&mut self).for_each(drop);
        }
        self.shared()
    }
}

impl Iterator for Counted<'_> {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        if let (Keys::Counted(keys), Ok(record)) = (&mut self.keys, &record)
            && let Ok(key) = key_of(record, self.column)
        {
            keys.add(key);
        }
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_keys_are_counted_that_are_shared() {
        for (keys, records, shared) in [
            (&[][..], 0, 0),
            (&["1", "2", "3"], 0, 0),
            (&["1", "2", "1"], 2, 1),
            (&["n/a", "1", "n/a", "2", "n/a", "2"], 5, 2),
        ] {
            let mut count = KeyCount::new();
            keys.iter().for_each(|key| count.add(key));
            let found = count.shared();
            assert_eq!((found.records_sharing_a_key, found.keys_shared), (records, shared), "{keys:?}");
        }
    }

    #[test]
    fn many_keys_take_little_more_than_their_hashes() {
        let mut count = KeyCount::new();
        (0..300_000).for_each(|n| count.add(&n.to_string()));
        let reserved: usize = count.parts.iter().map(Vec::capacity).sum();
        assert!(reserved < 300_000 * 9 / 8 + PARTS * 32, "{reserved}");
        assert_eq!(count.shared(), SharedKeys::default());
    }
}
