//! Deciding again on old entries, because their policy or their map is another one now.

use std::cmp::Reverse;

use steward::model::choice::{ItemState, LedgerStatus};
use steward::model::time::{DAY, Micros};

use super::codes::Meaning;
use super::setup::{PLACES, place};
use super::word::{commit, may_be_written};
use super::{ENGINE, Entry, Key, Name, Refused, Terms, World};

impl World {
    /// Decides again on the fields of the table, or on one of them; refused where there is nothing to decide on.
    pub fn reevaluate_fields(&mut self, field: Option<Name>) -> Result<(), Refused> {
        let fits = |name: Name| field.is_none_or(|field| field == name);
        let keys = self.decidable(fits);
        let held = self.held_for_policies(fits);
        if keys.is_empty() && held.is_empty() {
            return Err(Refused);
        }
        self.reevaluate(keys, held, None);
        Ok(())
    }

    /// Decides again on the fields that a policy governs; of one that is out of use, on those it spoke of.
    pub fn reevaluate_policy(&mut self, id: usize) {
        let (_, named) = PLACES[self.policies[id].place];
        let fits = |name: Name| named.is_empty() || named == name;
        let only = self.policies[id].active.then_some(id);
        self.reevaluate(self.decidable(fits), self.held_for_policies(fits), only);
    }

    /// The fields with entries that stand: certified, or still to be decided on.
    fn decidable(&self, fits: impl Fn(Name) -> bool) -> Vec<Key> {
        let of_field = |entry: &Entry| fits(entry.word.key.1) && stands(entry);
        let mut keys: Vec<Key> =
            self.entries.iter().filter(|(_, entry)| of_field(entry)).map(|(_, entry)| entry.word.key).collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// The items that wait because their field had two policies.
    fn held_for_policies(&self, fits: impl Fn(Name) -> bool) -> Vec<usize> {
        self.items_in(ItemState::Held, |item| item.decided.code == Some("ST030") && fits(item.word.key.1))
    }

    fn reevaluate(&mut self, keys: Vec<Key>, held: Vec<usize>, only: Option<usize>) {
        // What has two policies, or a closer one than is meant, is left as it is.
        let governed = |world: &World, field: Name| {
            let (policy, terms) = world.policy_of(field).ok()?;
            (only.is_none() || policy == only).then_some((policy, terms))
        };
        for key in keys {
            if let Some((policy, terms)) = governed(self, key.1) {
                self.decide_again(key, policy, &terms);
                self.settle();
            }
        }
        let ready = held.into_iter().filter(|id| governed(self, self.items[*id].word.key.1).is_some()).collect();
        self.try_again(ready);
    }

    /// Decides again on what stands in a field: what is in force or was, then what waits, the oldest first.
    fn decide_again(&mut self, key: Key, policy: Option<usize>, terms: &Terms) {
        self.renew_clock(key, terms);
        let standing: Vec<usize> =
            self.entries.iter().filter(|(_, entry)| entry.word.key == key && stands(entry)).map(|(id, _)| id).collect();
        for id in &standing {
            let rank = place(terms.ranking, self.entries[*id].word.source).rank;
            self.change_entry(*id, |entry| entry.rank = rank);
        }
        let proposals: Vec<usize> = standing.iter().copied().filter(|id| is_proposal(&self.entries[*id])).collect();
        let open = |world: &World, live: bool| -> Vec<usize> {
            let is_open = |entry: &Entry| is_proposal(entry) && entry.active && entry.live == live;
            standing.iter().copied().filter(|id| is_open(&world.entries[*id])).collect()
        };
        for id in open(self, false) {
            self.give_way(id, &proposals);
        }
        let (live, mut waiting) = (open(self, true), open(self, false));
        for id in live {
            let place = place(terms.ranking, self.entries[id].word.source);
            let terms = self.terms_for(*terms, self.was_typed(id));
            let written = commit(&terms, place).certified().filter(|_| place.authoritative);
            self.renew(id, written, policy);
        }
        waiting.sort_by_key(|id| {
            let word = &self.entries[*id].word;
            (word.time, word.sequence, Reverse(word.source), *id)
        });
        let mut chosen = None;
        for id in waiting {
            let holder = chosen.or_else(|| self.first_of(key));
            let protected = holder.is_some_and(|holder| !self.is_past(holder, terms));
            let own = self.terms_for(*terms, self.was_typed(id));
            let entry = &self.entries[id];
            let against = holder.map(|holder| &self.entries[holder]);
            if let Some(certified) = may_be_written(&entry.word, entry.value, &own, against, protected) {
                self.renew(id, Some(certified), policy);
                chosen = Some(id);
            }
        }
        for id in proposals.iter().copied() {
            let entry = &self.entries[id];
            let holds = chosen.or_else(|| self.first_of(key)) == Some(id);
            let written = self.newer_proposal(id, &proposals).is_some_and(|newer| {
                let newer = &self.entries[newer];
                newer.live || newer.status == LedgerStatus::Certified
            });
            if entry.active && is_proposal(entry) && (written || !holds) {
                self.give_way(id, &proposals);
            }
        }
        if let Some(chosen) = chosen {
            self.chosen.insert(key, chosen);
        }
    }

    /// The newest of a source's proposals that is newer than one of them.
    fn newer_proposal(&self, id: usize, proposals: &[usize]) -> Option<usize> {
        let age = |id: usize| (self.entries[id].word.time, self.entries[id].word.sequence, id);
        let same = |other: usize| self.entries[other].word.source == self.entries[id].word.source;
        let newer = proposals.iter().copied().filter(|other| same(*other) && age(*other) > age(id));
        newer.max_by_key(|other| age(*other))
    }

    fn was_typed(&self, id: usize) -> bool {
        self.entries[id].item.is_some_and(|item| self.editor(item).is_some())
    }

    /// An older proposal gives way to a newer one of its source, if there is one.
    fn give_way(&mut self, id: usize, proposals: &[usize]) {
        let Some(newer) = self.newer_proposal(id, proposals) else { return };
        self.change_entry(id, |entry| (entry.active, entry.live) = (false, false));
        if let Some(item) = self.entries[id].item {
            self.speaks = self.entries[newer].item.map(|item| self.items[item].job);
            self.gives_way(item);
            self.speaks = None;
        }
    }

    /// An entry is written, and certified by the engine or not, or else waits.
    fn renew(&mut self, id: usize, written: Option<bool>, policy: Option<usize>) {
        let at = self.stamp.at;
        let was_live = self.entries[id].live;
        self.change_entry(id, |entry| {
            entry.live = written == Some(false);
            if written == Some(true) {
                (entry.status, entry.certified) = (LedgerStatus::Certified, Some((ENGINE, at)));
            }
        });
        let Some(item) = self.entries[id].item else { return };
        let state = match self.items[item].decided.state {
            ItemState::Waiting if written.is_some() => ItemState::Applied,
            ItemState::Applied if was_live && written.is_none() => ItemState::Waiting,
            _ => return,
        };
        self.move_item(item, state);
        self.items.change(item, self.stamp, |item| item.policy = policy);
    }

    /// The value in force gets stale when the policy says so now.
    fn renew_clock(&mut self, key: Key, terms: &Terms) {
        let Some(current) = self.current.get_mut(&key) else { return };
        let stale_on = terms.stale_days.map(|days| current.counted_from + days * DAY);
        self.clocks_moved |= current.stale_on != stale_on;
        current.stale_on = stale_on;
    }

    /// Whether an entry, were it in force, would be stale.
    fn is_past(&self, id: usize, terms: &Terms) -> bool {
        terms.stale_days.is_some_and(|days| self.stamp.at >= self.fresh_since(id) + days * DAY)
    }

    /// When an entry was last certified, or confirmed while in force.
    fn fresh_since(&self, id: usize) -> Micros {
        let entry = &self.entries[id];
        let since = entry.certified.map_or(entry.made, |(_, at)| at.max(entry.made));
        let current = self.current.get(&entry.word.key).filter(|current| current.entry == id);
        current.map_or(since, |current| current.counted_from.max(since))
    }

    /// Decides again on what came through a map, where the delivered text means something else now.
    pub fn reevaluate_map(&mut self, map: usize) {
        let came = |state: ItemState| {
            self.items_in(state, |item| {
                item.decided.map == Some(map) && item.decided.entry.is_some_and(|entry| stands(&self.entries[entry]))
            })
        };
        let came: Vec<usize> = [ItemState::Applied, ItemState::Waiting].into_iter().flat_map(came).collect();
        let mut again = Vec::new();
        for item in self.oldest_first(came) {
            if self.means_another(item) {
                again.push(item);
            }
        }
        self.try_again(again);
    }

    /// Whether an item is to be tried again. What was certified goes only where a person takes it away, and what is in
    /// force only for another value; a proposal without a value to put in its place is taken back.
    fn means_another(&mut self, item: usize) -> bool {
        let word = self.items[item].word;
        let Some(id) = self.items[item].decided.entry else { return false };
        if word.key.1 != "status" && !self.ways(word.source, word.key.1).coded {
            return false;
        }
        let value = self.entries[id].value;
        let (in_force, certified) = (self.is_current(id), self.entries[id].status == LedgerStatus::Certified);
        match self.meaning(word.source, word.key.1, word.raw) {
            Meaning::Value(now, _) | Meaning::Unsure(now, _) if now == value => false,
            Meaning::Value(..) => in_force || !certified,
            _ if in_force || certified => false,
            _ => {
                self.change_entry(id, |entry| entry.active = false);
                true
            }
        }
    }
}

/// What a newer word of its source takes the place of.
fn is_proposal(entry: &Entry) -> bool {
    entry.status == LedgerStatus::Pending && !entry.pinned
}

fn stands(entry: &Entry) -> bool {
    let status = matches!(entry.status, LedgerStatus::Certified | LedgerStatus::Pending);
    entry.wider.is_none() && entry.active && status
}
