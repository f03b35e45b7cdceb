//! Which entries of a field need be looked at when a delivered value takes the place of the one in force.
//!
//! A field that changes each day has a long history, and nearly all of it stands behind the value in force. So where the
//! new entry stands before the holder, these decide: the new one, the holder, and the entries that a decision once put
//! another in front of, with those others. Every other entry that counts stands behind the holder, or would be in force
//! itself. What that takes does not grow with the history.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;

use crate::rules::survivorship::before;
use crate::store::{EntryFact, FieldKey, Write};

/// A new entry of a field, and the entry behind the value in force.
pub(super) struct Succession<'a> {
    pub key: &'a FieldKey,
    pub entry: i64,
    pub holder: i64,
}

/// The entries that decide, of those fields whose new entry stands before the holder.
pub(super) fn foremost(write: &Write, fields: Vec<Succession>) -> Result<HashMap<FieldKey, Vec<EntryFact>>> {
    if fields.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<i64> = fields.iter().flat_map(|field| [field.entry, field.holder]).collect();
    let read: HashMap<i64, EntryFact> = by_id(write, &ids)?;
    let mut found: HashMap<&FieldKey, BTreeMap<i64, EntryFact>> = HashMap::new();
    for field in &fields {
        if let (Some(new), Some(holder)) = (read.get(&field.entry), read.get(&field.holder))
            && before(&new.entry, &holder.entry)
        {
            found.insert(field.key, [new, holder].map(|fact| (fact.entry.id, fact.clone())).into());
        }
    }
    let keys: Vec<&FieldKey> = found.keys().copied().collect();
    let displaced = write.displaced_entries(&keys)?;
    let in_front: Vec<i64> = displaced.iter().filter_map(|fact| fact.entry.displaced_by).collect();
    for fact in displaced.into_iter().chain(by_id(write, &in_front)?.into_values()) {
        if let Some(entries) = found.get_mut(&fact.key) {
            entries.insert(fact.entry.id, fact);
        }
    }
    Ok(found.into_iter().map(|(key, entries)| (key.clone(), entries.into_values().collect())).collect())
}

fn by_id(write: &Write, ids: &[i64]) -> Result<HashMap<i64, EntryFact>> {
    Ok(write.entries_by_id(ids)?.into_iter().map(|fact| (fact.entry.id, fact)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Actor, Command, Context, Delivery, Engine, Import, ImportRow, Mode};
    use crate::model::record::{Cell, Record};
    use crate::store::Change;

    fn deliver(engine: &mut Engine, source: &str, n: usize) {
        let delivery = Delivery {
            source: source.into(),
            table: "contact".into(),
            key_column: "id".into(),
            entity: None,
            delivery_id: Some(n.to_string()),
            sha256: format!("{n:064}"),
            file_name: None,
            submitted: Some(n as i64),
            keep_unchanged: false,
            again: false,
        };
        let fields = vec![("id".into(), Cell::Text("1".into())), ("f".into(), Cell::Text(format!("value {n}")))];
        let mut records = std::iter::once(Ok(Record { line: 2, fields }));
        engine.ingest(&delivery, &mut records, false, &mut |_, _| true).unwrap();
    }

    #[test]
    fn of_a_long_history_only_the_new_entry_and_the_holder_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut engine = Engine::create(&folder.path().join("test.db"), Context::new(Actor::new("ada"))).unwrap();
        let policy = [("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")];
        let fields = policy.map(|(name, value)| (name.to_string(), value.to_string())).into();
        let rows = vec![ImportRow { line: 2, fields }];
        engine.run(&Command::Import { into: Import::Policies, rows }, &Mode::Real).unwrap();
        (1..=20).for_each(|n| deliver(&mut engine, "HR", n));
        let mut write = engine.writer.begin(1).unwrap();
        let key = write.entries_by_id(&[1]).unwrap().remove(0).key;
        let all = write.entries(&[&key]).unwrap();
        assert_eq!(all.iter().filter(|fact| fact.entry.active).count(), 20, "all of them count");
        let of = |write: &Write, entry, holder| {
            foremost(write, vec![Succession { key: &key, entry, holder }])
                .unwrap()
                .remove(&key)
                .map(|found| found.iter().map(|fact| fact.entry.id).collect::<Vec<_>>())
        };
        assert_eq!(of(&write, 20, 19), Some(vec![19, 20]));
        assert_eq!(of(&write, 18, 19), None, "it does not stand before the holder");
        write.change_entry(5, &[Change::id("displaced_by", Some(3))]).unwrap();
        assert_eq!(of(&write, 20, 19), Some(vec![3, 5, 19, 20]));
    }
}
