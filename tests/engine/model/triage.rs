//! Items that did not go on: tried again, with another input, or set aside.

use steward::model::choice::ItemState;

use super::word::Turn;
use super::{Decided, Item, Name, Refused, Rows, World};

impl World {
    /// The active items of a source that did not go on.
    pub fn stopped(&self, source: Name) -> Vec<usize> {
        let states = [ItemState::Held, ItemState::Failed, ItemState::Parked];
        let mut found: Vec<usize> =
            states.iter().flat_map(|state| self.items_in(*state, |item| item.word.source == source)).collect();
        found.sort();
        found
    }

    /// Tries all of them again, the oldest first.
    pub fn retry(&mut self, source: Name) {
        self.try_again(self.stopped(source));
    }

    /// Tries items again from what was delivered, the oldest first.
    pub fn try_again(&mut self, ids: Vec<usize>) {
        for id in self.oldest_first(ids) {
            self.attempt(id, self.items[id].word.raw);
        }
    }

    pub fn oldest_first(&self, mut ids: Vec<usize>) -> Vec<usize> {
        ids.sort_by_key(|id| {
            let item = &self.items[*id];
            (item.word.time, item.job, item.word.sequence, *id)
        });
        ids
    }

    /// Tries one again with another input.
    pub fn edit(&mut self, id: usize, raw: Name) -> Result<(), Refused> {
        if self.items[id].word.raw == raw {
            return Err(Refused);
        }
        self.attempt(id, raw);
        Ok(())
    }

    /// A new attempt takes the place of the one before; one that fails with the same code again is parked,
    /// and what was parked stays so.
    fn attempt(&mut self, before: usize, raw: Name) {
        let old = self.items[before].clone();
        let word = super::Word { raw, ..old.word };
        self.speaks = Some(old.job);
        let mut decided = self.weigh(&word, Turn { instead_of: Some(before), ..Turn::of(self.items.len()) });
        self.speaks = None;
        let stays = decided.state == ItemState::Held && old.decided.state == ItemState::Parked;
        if (decided.state == ItemState::Failed || stays) && decided.code == old.decided.code {
            decided.state = ItemState::Parked;
        }
        let policy = self.policy_of(word.key.1).ok().and_then(|(id, _)| id);
        let (job, maker) = (old.job, self.person);
        let (active, disposed, gave_way) = (true, false, None);
        let attempt = Item { job, word, decided, policy, maker, parent: Some(before), active, disposed, gave_way };
        self.items.add(attempt, self.stamp);
        self.items.change(before, self.stamp, |item| {
            item.decided.state = ItemState::Superseded;
            item.active = false;
        });
        self.settle();
    }

    /// Closes for good what is stopped.
    pub fn close(&mut self, source: Name) {
        for id in self.stopped(source) {
            self.move_item(id, ItemState::Closed);
        }
    }

    /// Parks what is stopped, or takes up what is parked.
    pub fn park(&mut self, source: Name, parked: bool) {
        let stopped = if parked { vec![ItemState::Held, ItemState::Failed] } else { vec![ItemState::Parked] };
        let in_state = |state: ItemState| self.items_in(state, |item| item.word.source == source);
        let ids: Vec<usize> = stopped.into_iter().flat_map(in_state).collect();
        for id in ids {
            let Decided { code, map, .. } = self.items[id].decided;
            let to = match code {
                _ if parked => ItemState::Parked,
                // A code without a map is held until somebody decides it, unless its binding fails it.
                Some("ST020") if map.is_none() => ItemState::Failed,
                _ => ItemState::Held,
            };
            self.move_item(id, to);
        }
    }
}

/// Whether one of the attempts at the value of an item stands.
pub fn stands(items: &Rows<Item>, id: usize) -> bool {
    standing(items, id).is_some()
}

/// The one of the attempts at the value of an item that stands.
pub fn standing(items: &Rows<Item>, id: usize) -> Option<usize> {
    items.iter().find(|(other, item)| item.active && root(items, *other) == root(items, id)).map(|(id, _)| id)
}

/// The first attempt.
pub fn root(items: &Rows<Item>, id: usize) -> usize {
    items[id].parent.map_or(id, |parent| root(items, parent))
}
