//! Which entry of a field is in force, and when its value is stale.

use std::cmp::Reverse;

use steward::model::choice::LedgerStatus;
use steward::model::time::{DAY, Micros};

use super::{Current, Entry, Key, Name, Terms, World};

/// What survivorship compares, the first difference first: pinned, rank, Certified, time, sequence, source, id.
pub type Standing = (bool, i64, bool, Reverse<Micros>, Reverse<usize>, Name, Reverse<usize>);

impl World {
    /// Puts in force what the moved entries say.
    pub fn settle(&mut self) {
        let chosen = std::mem::take(&mut self.chosen);
        let mut touched = std::mem::take(&mut self.touched);
        touched.extend(chosen.keys());
        for key in touched {
            if let Some(entry) = chosen.get(&key) {
                self.displace(key, *entry);
            }
            self.put_in_force(key);
        }
        self.touched.clear();
    }

    /// The chosen entry goes before the rivals that would go before it.
    fn displace(&mut self, key: Key, chosen: usize) {
        let own = self.standing(chosen);
        for rival in self.eligible(key) {
            if rival != chosen && self.standing(rival) < own {
                self.change_entry(rival, |entry| entry.displaced_by = Some(chosen));
            }
        }
        self.change_entry(chosen, |entry| entry.displaced_by = None);
    }

    fn put_in_force(&mut self, key: Key) {
        let Some(entry) = self.first_of(key) else {
            self.current.remove(&key);
            return;
        };
        let before = self.current.get(&key).filter(|current| current.entry == entry);
        let confirmed = before.and_then(|current| current.confirmed);
        let row = &self.entries[entry];
        let since = row.certified.map_or(row.made, |(_, at)| at);
        // A clock that was put back does not begin before the entry was made.
        let counted_from = confirmed.unwrap_or(row.made).max(since);
        // A policy that was edited since has no say until the clock starts anew.
        let stale_on = match before {
            Some(current) if current.counted_from == counted_from => current.stale_on,
            _ => self.stale_days(key).map(|days| counted_from + days * DAY),
        };
        self.current.insert(key, Current { entry, confirmed, counted_from, stale_on });
    }

    /// The entry that is to be in force.
    pub fn first_of(&self, key: Key) -> Option<usize> {
        let eligible = self.eligible(key);
        let displaced = |id: usize| self.entries[id].displaced_by.is_some_and(|by| eligible.contains(&by));
        eligible.iter().copied().min_by_key(|id| (displaced(*id), self.standing(*id)))
    }

    fn stale_days(&self, key: Key) -> Option<i64> {
        self.policy_of(key.1).ok()?.1.stale_days
    }

    /// A delivery confirms the value in force; without a clock, before and now, there is nothing to restart.
    pub fn confirm(&mut self, key: Key, terms: &Terms) {
        let at = self.stamp.at;
        let stale_on = terms.stale_days.map(|days| at + days * DAY);
        if let Some(current) = self.current.get_mut(&key)
            && (stale_on.is_some() || current.stale_on.is_some())
        {
            *current = Current { confirmed: Some(at), counted_from: at, stale_on, ..*current };
        }
    }

    /// The entries that may be in force: active, and Certified or else written while Pending.
    fn eligible(&self, key: Key) -> Vec<usize> {
        let written = |entry: &Entry| match entry.status {
            LedgerStatus::Certified => true,
            LedgerStatus::Pending => entry.live,
            LedgerStatus::Rejected | LedgerStatus::Revoked => false,
        };
        let fits = |entry: &Entry| entry.wider.is_none() && entry.word.key == key && entry.active && written(entry);
        self.entries.iter().filter(|(_, entry)| fits(entry)).map(|(id, _)| id).collect()
    }

    pub fn standing(&self, id: usize) -> Standing {
        let entry = &self.entries[id];
        let certified = entry.status == LedgerStatus::Certified;
        let word = &entry.word;
        (!entry.pinned, entry.rank, !certified, Reverse(word.time), Reverse(word.sequence), word.source, Reverse(id))
    }
}
