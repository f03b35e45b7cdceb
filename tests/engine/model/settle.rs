//! Which entry of a field is in force, and when its value is stale.

use std::cmp::Reverse;

use steward::model::choice::LedgerStatus;
use steward::model::time::{DAY, Micros};

use super::{Current, Entry, Key, Name, Terms, World};

/// What survivorship compares, the first difference first: pinned, rank, Certified, time, sequence, source, id.
type Standing = (bool, i64, bool, Reverse<Micros>, Reverse<usize>, Name, Reverse<usize>);

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
        let eligible = self.eligible(key);
        let displaced = |id: usize| self.entries[id].displaced_by.is_some_and(|by| eligible.contains(&by));
        let Some(entry) = eligible.iter().copied().min_by_key(|id| (displaced(*id), self.standing(*id))) else {
            self.current.remove(&key);
            return;
        };
        let before = self.current.get(&key).filter(|current| current.entry == entry);
        let confirmed = before.and_then(|current| current.confirmed);
        let stale_on = self.stale_on(key, entry, confirmed);
        self.current.insert(key, Current { entry, confirmed, stale_on });
    }

    /// Stale so many days after it was last certified (or else made) or confirmed, by the policy as it stands when the
    /// field's entries move.
    fn stale_on(&self, key: Key, entry: usize, confirmed: Option<Micros>) -> Option<Micros> {
        let days = self.policy_of(key.1).ok()?.1.stale_days?;
        let entry = &self.entries[entry];
        let since = entry.certified.map_or(entry.made, |(_, at)| at);
        Some(confirmed.unwrap_or(since).max(since) + days * DAY)
    }

    /// A delivery confirms the value in force; without a clock there is nothing to restart.
    pub fn confirm(&mut self, key: Key, terms: &Terms) {
        if let (Some(days), Some(current)) = (terms.stale_days, self.current.get_mut(&key)) {
            current.confirmed = Some(self.stamp.at);
            current.stale_on = Some(self.stamp.at + days * DAY);
        }
    }

    /// The entries that may be in force: active, and Certified or else written while Pending.
    fn eligible(&self, key: Key) -> Vec<usize> {
        let written = |entry: &Entry| match entry.status {
            LedgerStatus::Certified => true,
            LedgerStatus::Pending => entry.live,
            LedgerStatus::Rejected | LedgerStatus::Revoked => false,
        };
        let fits = |entry: &Entry| entry.word.key == key && entry.active && written(entry);
        self.entries.iter().filter(|(_, entry)| fits(entry)).map(|(id, _)| id).collect()
    }

    fn standing(&self, id: usize) -> Standing {
        let entry = &self.entries[id];
        let certified = entry.status == LedgerStatus::Certified;
        let word = &entry.word;
        (!entry.pinned, entry.rank, !certified, Reverse(word.time), Reverse(word.sequence), word.source, Reverse(id))
    }
}
