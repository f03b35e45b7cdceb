//! Withdrawing a delivery: what it brought is turned down, and what had given way to it comes back.

use std::collections::BTreeSet;

use steward::model::choice::{ItemState, LedgerStatus, MapState};

use super::{Item, Key, Name, Refused, Wider, World};

/// What took the place of a value that its source said before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GaveWay {
    /// The delivery of the newer word.
    to: usize,
    was: ItemState,
    /// The items that there were.
    items: usize,
}

/// States in which nothing of an item stands.
const GONE: [ItemState; 3] = [ItemState::Rejected, ItemState::Superseded, ItemState::Closed];

impl World {
    /// An item gives way to the word that is decided on.
    pub fn gives_way(&mut self, id: usize) {
        let (speaks, items) = (self.speaks, self.items.len());
        self.items.change(id, self.stamp, |item| {
            item.gave_way = speaks.map(|to| GaveWay { to, was: item.decided.state, items });
            item.decided.state = ItemState::Superseded;
        });
    }

    /// The source and the field of an item.
    pub fn field_of(&self, item: usize) -> (Name, Key) {
        let word = &self.items[item].word;
        (word.source, word.key)
    }

    pub fn withdraw(&mut self, job: usize) -> Result<(), Refused> {
        if job >= self.jobs.len() {
            return Err(Refused);
        }
        let items: Vec<usize> =
            self.items.iter().filter(|(_, item)| item.job == job && item.active).map(|(id, _)| id).collect();
        let stands = |id: &usize| !GONE.contains(&self.items[*id].decided.state);
        if !self.jobs[job].active && !items.iter().any(stands) {
            return Err(Refused);
        }
        self.jobs.change(job, self.stamp, |job| job.active = false);
        let attested = |entry: &super::Entry| entry.wider == Some(Wider::File(job));
        let attested: Vec<usize> = self.entries.iter().filter(|(_, entry)| attested(entry)).map(|(id, _)| id).collect();
        attested.into_iter().for_each(|entry| self.turn_down(entry));
        let mut fields: BTreeSet<(Name, Key)> = items.iter().map(|item| self.field_of(*item)).collect();
        fields.extend(self.kept_fields_of(job));
        for id in items {
            if let Some(entry) = self.items[id].decided.entry {
                self.turn_down(entry);
            }
            if !GONE.contains(&self.items[id].decided.state) {
                self.move_item(id, ItemState::Closed);
            }
        }
        for (source, key) in fields {
            self.bring_back(source, key);
            self.keep_words_of_items(source, key);
        }
        self.close_proposals(job);
        Ok(())
    }

    fn turn_down(&mut self, entry: usize) {
        self.change_entry(entry, |entry| {
            let status = match entry.status {
                LedgerStatus::Pending if entry.active => LedgerStatus::Rejected,
                LedgerStatus::Certified if entry.active => LedgerStatus::Revoked,
                _ => return,
            };
            (entry.status, entry.live) = (status, false);
        });
    }

    /// What gave way to a word that is withdrawn is as it was, unless its source said something since.
    fn bring_back(&mut self, source: Name, key: Key) {
        let gone: Vec<(usize, GaveWay)> = self
            .items
            .iter()
            .filter(|(id, item)| self.field_of(*id) == (source, key) && item.active && !item.disposed)
            .filter(|(_, item)| self.jobs[item.job].active && item.decided.state == ItemState::Superseded)
            .filter_map(|(id, item)| Some((id, item.gave_way?)))
            .filter(|(id, gave)| !self.jobs[gave.to].active && !self.spoke_since(*id, gave))
            .collect();
        for (id, GaveWay { was, .. }) in gone {
            match self.items[id].decided.entry {
                Some(entry) => {
                    let status = self.entries[entry].status;
                    if self.entries[entry].active || !matches!(status, LedgerStatus::Pending | LedgerStatus::Certified)
                    {
                        continue;
                    }
                    self.change_entry(entry, |entry| entry.active = true);
                }
                None if was != ItemState::Held => continue,
                None => {}
            }
            self.items.change(id, self.stamp, |item| (item.decided.state, item.gave_way) = (was, None));
        }
    }

    /// Whether the source of an item said a word of its field that stands after that gave way: one that left an item, or is
    /// kept otherwise.
    fn spoke_since(&self, id: usize, gave: &GaveWay) -> bool {
        let field = self.field_of(id);
        let left = |other: usize, item: &Item| {
            other != id && other >= gave.items && self.field_of(other) == field && self.is_word(other, item)
        };
        let own = self.saying_of(id);
        self.items.iter().any(|(other, item)| left(other, item)) || self.kept_words(field).any(|news| Some(news) > own)
    }

    /// Whether an item is of a word that stands, and not of another attempt at one.
    pub fn is_word(&self, id: usize, item: &Item) -> bool {
        let known_already = item.decided.state == ItemState::Unchanged;
        let late = self.saying_of(id).is_none();
        item.parent.is_none() && self.jobs[item.job].active && !known_already && !late
    }

    /// Proposed maps that a delivery made go, where nobody decided them and no value of another one waits.
    fn close_proposals(&mut self, job: usize) {
        for id in 0..self.maps.len() {
            let map = &self.maps[id];
            let made = map.of_job == Some(job) && map.active && map.state == MapState::Proposed;
            if made && self.waiting_for(id).is_empty() {
                self.maps.change(id, self.stamp, |map| map.active = false);
            }
        }
    }
}
