//! Vouching for more than a field, and taking values away for good.

use std::collections::BTreeSet;

use steward::engine::Verb;
use steward::model::choice::{ItemState, LedgerStatus};

use super::setup::place;
use super::triage::standing;
use super::{Entry, Item, Name, Refused, Terms, Wider, Word, World};

impl World {
    /// Attests a record, the table or a job: certifies what is pending below it and not in dispute.
    pub fn attest(&mut self, wider: Wider, target: Name, reason: bool) -> Result<(), Refused> {
        let below = |id: usize, entry: &Entry| match wider {
            _ if entry.wider.is_some() => false,
            Wider::Record => entry.word.key.0 == target,
            Wider::Table(_) => true,
            Wider::File(job) => self.items.iter().any(|(_, item)| item.job == job && item.decided.entry == Some(id)),
        };
        let entries: Vec<usize> =
            self.entries.iter().filter(|(id, entry)| below(*id, entry)).map(|(id, _)| id).collect();
        let is_there = match wider {
            Wider::File(job) => job < self.jobs.len() && self.jobs[job].active,
            _ => !entries.is_empty(),
        };
        if !is_there {
            return Err(Refused);
        }
        let pending: Vec<usize> =
            entries.into_iter().filter(|id| self.is_open(*id) && self.is_vouched_for(*id)).collect();
        self.decide_each(Verb::Certify, &pending, reason);
        self.settle();
        let wider = match wider {
            Wider::Table(_) => Wider::Table(self.records_with_values()),
            other => other,
        };
        let word = Word { source: "", by: "", key: (target, ""), raw: "", time: self.stamp.at, sequence: 0 };
        let entry = Entry {
            wider: Some(wider),
            word,
            value: None,
            status: LedgerStatus::Certified,
            active: true,
            live: false,
            pinned: false,
            rank: 0,
            item: None,
            supersedes: None,
            displaced_by: None,
            certified: Some((self.person, self.stamp.at)),
            made: self.stamp.at,
            disposed: false,
            hands: Vec::new(),
        };
        self.entries.add(entry, self.stamp);
        Ok(())
    }

    pub fn is_open(&self, id: usize) -> bool {
        let entry = &self.entries[id];
        entry.wider.is_none() && entry.active && entry.status == LedgerStatus::Pending
    }

    /// Who vouches has read what is in force and not pinned, and what alone is proposed where nothing is.
    fn is_vouched_for(&self, id: usize) -> bool {
        let word = &self.entries[id].word;
        match self.current.get(&word.key) {
            Some(current) => current.entry == id && !self.entries[id].pinned,
            None => {
                let counts = |terms: Terms| place(terms.ranking, word.source).authoritative;
                self.policy_of(word.key.1).is_ok_and(|(_, terms)| counts(terms)) && !self.is_contested(id)
            }
        }
    }

    /// Whether another value is proposed for the same field.
    fn is_contested(&self, id: usize) -> bool {
        let own = &self.entries[id];
        let rival = |other: &Entry| other.word.key == own.word.key && other.value != own.value;
        self.entries.iter().any(|(other, entry)| self.is_open(other) && rival(entry))
    }

    fn records_with_values(&self) -> usize {
        let filled = self.current.iter().filter(|(_, current)| self.entries[current.entry].value.is_some());
        filled.map(|(key, _)| key.0).collect::<BTreeSet<Name>>().len()
    }

    /// Takes the values from the items of a source and what goes with them; who edited an input stays known as long as
    /// its value may be decided on.
    pub fn dispose_items(&mut self, source: Name) {
        let of_source = |item: &Item| item.word.source == source;
        let ids: Vec<usize> = self.items.iter().filter(|(_, item)| of_source(item)).map(|(id, _)| id).collect();
        let is_earlier = |id: usize| !self.items[id].active && self.items[id].decided.entry.is_none();
        let (earlier, others): (Vec<usize>, Vec<usize>) = ids.into_iter().partition(|id| is_earlier(*id));
        for id in others {
            let entry = self.items[id].decided.entry;
            if !self.items[id].disposed && self.may_go(Some(id), entry) {
                self.dispose(Some(id), entry);
            }
        }
        for id in earlier {
            let known = standing(&self.items, id).is_none_or(|newest| self.items[newest].disposed);
            if !self.items[id].disposed && known {
                self.dispose(Some(id), None);
            }
        }
    }

    /// The same for entries of a source.
    pub fn dispose_entries(&mut self, source: Name) {
        for id in 0..self.entries.len() {
            let entry = &self.entries[id];
            let item = entry.item;
            if entry.word.source == source && !entry.disposed && self.may_go(item, Some(id)) {
                self.dispose(item, Some(id));
            }
        }
    }

    /// Neither can be decided on or come into force any more.
    fn may_go(&self, item: Option<usize>, entry: Option<usize>) -> bool {
        let gone = |item: &Item| {
            let goes_on = [ItemState::Held, ItemState::Failed, ItemState::Parked, ItemState::Waiting];
            !item.active || !goes_on.contains(&item.decided.state)
        };
        let lost =
            |entry: &Entry| !entry.active || matches!(entry.status, LedgerStatus::Rejected | LedgerStatus::Revoked);
        entry.is_none_or(|id| !self.is_current(id) && lost(&self.entries[id]))
            && item.is_none_or(|id| gone(&self.items[id]))
    }

    fn dispose(&mut self, item: Option<usize>, entry: Option<usize>) {
        if let Some(entry) = entry.filter(|entry| !self.entries[*entry].disposed) {
            self.dispose_copies(entry);
            self.change_entry(entry, |entry| (entry.active, entry.value, entry.disposed) = (false, None, true));
        }
        if let Some(item) = item.filter(|item| !self.items[*item].disposed) {
            self.items.change(item, self.stamp, |item| {
                (item.word.raw, item.disposed) = ("", true);
                (item.decided.value, item.decided.old_value) = (None, None);
            });
            self.forget(item);
            // The attempts before go along.
            self.dispose(self.items[item].parent, None);
        }
    }

    /// Later items name an entry's value as the one before; it goes with it, unless another entry of the field has the same.
    fn dispose_copies(&mut self, id: usize) {
        let Entry { wider, word, value, item, .. } = self.entries[id].clone();
        let same = |other: &Entry| other.wider.is_none() && other.word.key == word.key && other.value == value;
        let alone = (0..self.entries.len()).all(|other| other == id || !same(&self.entries[other]));
        if wider.is_some() || value.is_none() || !alone {
            return;
        }
        let holds = |other: &Item| other.word.key == word.key && other.decided.old_value == value;
        let copies = self.items.iter().filter(|(other, found)| Some(*other) != item && holds(found));
        for copy in copies.map(|(other, _)| other).collect::<Vec<_>>() {
            self.items.change(copy, self.stamp, |item| item.decided.old_value = None);
        }
    }
}
