//! Last words: what the keys of a source said of a field, what of it is news, and which word is late.

use steward::model::choice::{ItemState, LedgerStatus};
use steward::model::time::Micros;

use super::codes::Meaning;
use super::setup::place;
use super::triage::{root, standing};
use super::word::outdoes;
use super::{Binding, Key, Name, Word, World};

/// What a key of a source said, in the order in which it was taken in. What came late said nothing, nor did a blank that
/// is ignored.
#[derive(Debug, Clone, Copy)]
pub struct Saying {
    pub word: Word,
    pub job: usize,
    /// The item of a word that was news, where it left one.
    pub item: Option<usize>,
    /// The saying that was news and that this one repeats.
    pub repeats: Option<usize>,
}

/// What became of a word, as far as its repeats ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    /// Its entry waits to be decided on, and is not in force.
    Waits(usize),
    /// A person rejected or revoked this entry of it.
    TurnedDown(usize),
    /// Its text was disposed of.
    Forgotten,
    /// In force, displaced, superseded, held, failed, kept, or equal to what is another's.
    Settled,
}

/// What a repeated word does.
pub enum Repeated {
    Nothing,
    Confirms,
    /// It is decided on as news, and this entry of it gives way.
    Anew(Option<usize>),
}

impl World {
    /// The last word that a word equals as it was delivered: of its key, or of its source on the record's field. It is the
    /// one that was news then.
    pub fn repeated(&self, word: &Word) -> Option<usize> {
        let of_field = |said: &Saying| said.word.source == word.source && said.word.key.1 == word.key.1;
        let newest = |fits: &dyn Fn(&Saying) -> bool| self.standing_sayings().rev().find(|(_, said)| fits(said));
        let of_key = newest(&|said| of_field(said) && said.word.by == word.by);
        let of_source = newest(&|said| of_field(said) && said.word.key == word.key && said.repeats.is_none());
        let news = |(id, said): (usize, &Saying)| said.repeats.unwrap_or(id);
        let equal = |id: &usize| self.sayings[*id].word.raw == word.raw && self.became(*id) != Became::Forgotten;
        [of_key, of_source].into_iter().flatten().map(news).filter(equal).max()
    }

    /// What a delivered value does that repeats a last word.
    pub fn repeat(&self, word: &Word, news: usize) -> Repeated {
        if self.said_last(word, None).is_some_and(|last| word.time < last) {
            return Repeated::Nothing;
        }
        match self.became(news) {
            Became::Waits(entry) if self.is_let_in(word, entry) => Repeated::Anew(Some(entry)),
            Became::TurnedDown(entry) if self.came_another_way(entry) => Repeated::Anew(None),
            _ => Repeated::Confirms,
        }
    }

    /// When the source of a word last said anything of the field, by any of its keys; what people turned down does not
    /// count, nor what repeated it. A word that is decided on again is not later than itself.
    pub fn said_last(&self, word: &Word, own: Option<usize>) -> Option<Micros> {
        let same = |said: &Saying| (said.word.source, said.word.key) == (word.source, word.key);
        let counts = |id: usize, said: &Saying| {
            let news = said.repeats.unwrap_or(id);
            Some(news) != own && !matches!(self.became(news), Became::TurnedDown(_) | Became::Forgotten)
        };
        let said = self.standing_sayings().filter(|(id, said)| same(said) && counts(*id, said));
        said.map(|(_, said)| said.word.time).max()
    }

    /// The saying that an item came from, or the item that it is another attempt at.
    pub fn saying_of(&self, item: usize) -> Option<usize> {
        let first = root(&self.items, item);
        self.sayings.iter().position(|said| said.item == Some(first))
    }

    /// What the keys of a source said last, each of each field: what a full delivery says again.
    pub fn last_words(&self, source: Name) -> Vec<(Key, Name)> {
        let mut last: Vec<(Key, Name)> = Vec::new();
        for (_, said) in self.standing_sayings().filter(|(_, said)| said.word.source == source) {
            let Word { by, key: (_, field), raw, .. } = said.word;
            match last.iter_mut().find(|(key, _)| *key == (by, field)) {
                Some(known) => known.1 = raw,
                None => last.push(((by, field), raw)),
            }
        }
        last
    }

    /// A delivery that was withdrawn said nothing.
    fn standing_sayings(&self) -> impl DoubleEndedIterator<Item = (usize, &Saying)> {
        self.sayings.iter().enumerate().filter(|(_, said)| !self.jobs[said.job].withdrawn)
    }

    /// What became of a word that was news: of the attempt at it that stands, else of the newest.
    fn became(&self, news: usize) -> Became {
        let Some(first) = self.sayings[news].item else { return Became::Settled };
        let attempts = self.items.iter().filter(|(id, _)| root(&self.items, *id) == first);
        if attempts.clone().any(|(_, item)| item.disposed) {
            return Became::Forgotten;
        }
        let Some(attempt) = standing(&self.items, first).or(attempts.map(|(id, _)| id).max()) else {
            return Became::Settled;
        };
        let item = &self.items[attempt];
        let Some(id) = item.decided.entry else {
            // Closed at once, because of what a person decided before.
            let closed = item.decided.state == ItemState::Rejected;
            let decided = || self.turned_down(&item.word).last().copied();
            return closed.then(decided).flatten().map_or(Became::Settled, Became::TurnedDown);
        };
        let entry = &self.entries[id];
        match entry.status {
            LedgerStatus::Rejected | LedgerStatus::Revoked => Became::TurnedDown(id),
            LedgerStatus::Pending if entry.active && !entry.live && !self.is_current(id) => Became::Waits(id),
            LedgerStatus::Pending | LedgerStatus::Certified => Became::Settled,
        }
    }

    /// What people rejected or revoked of a source's text for a field.
    pub fn turned_down(&self, word: &Word) -> Vec<usize> {
        let same = |other: &Word| (other.source, other.key, other.raw) == (word.source, word.key, word.raw);
        let down = |status| matches!(status, LedgerStatus::Rejected | LedgerStatus::Revoked);
        let fits = self.entries.iter().filter(|(_, entry)| entry.active && down(entry.status) && same(&entry.word));
        fits.map(|(id, _)| id).collect()
    }

    /// Whether a waiting word would be written now, and not for an edited policy alone. That its holder is stale is
    /// enough in any case.
    fn is_let_in(&self, word: &Word, entry: usize) -> bool {
        let Ok((policy, terms)) = self.policy_of(word.key.1) else { return false };
        let Meaning::Value(value, _) = self.look_up(word.source, word.key.1, word.raw) else { return false };
        if self.verdict(word, value, &terms, Some(entry)).certified().is_none() {
            return false;
        }
        let stale = self.current.get(&word.key).is_some_and(|current| {
            let rank = place(terms.ranking, word.source).rank;
            self.is_stale(current.entry, self.stamp.at) && !outdoes(word, rank, &self.entries[current.entry])
        });
        let (_, came_by) = self.way_of(&self.entries[entry]);
        let edited = policy.is_some_and(|policy| self.policies.moved_at(policy) > self.entries[entry].made);
        stale || (came_by == policy && !edited)
    }

    /// Whether what a person turned down would come another way now: its map, its policy or its binding is another one, or
    /// was changed after the decision.
    pub fn came_another_way(&self, entry: usize) -> bool {
        let since = self.entries.moved_at(entry);
        let Word { source, key: (_, field), raw, .. } = self.entries[entry].word;
        let (map, policy) = self.way_of(&self.entries[entry]);
        let map_now = self.look_up(source, field, raw).map();
        let policy_now = self.policy_of(field).map(|(policy, _)| policy);
        let edited = map.is_some_and(|map| self.maps.moved_at(map) > since)
            || policy.is_some_and(|policy| self.policies.moved_at(policy) > since);
        edited || map_now != map || policy_now != Ok(policy) || self.bound_otherwise(source, field, since)
    }

    /// Whether the binding of a field that a source's words come by was changed, made or taken out of use since.
    fn bound_otherwise(&self, source: Name, field: Name, since: Micros) -> bool {
        for of in [Some(source), None] {
            let here = |binding: &Binding| (binding.field, binding.source) == (field, of);
            let mut bindings = self.bindings.iter().filter(|(_, binding)| here(binding));
            if bindings.clone().any(|(id, _)| self.bindings.moved_at(id) > since) {
                return true;
            }
            if bindings.any(|(_, binding)| binding.active) {
                return false;
            }
        }
        false
    }
}
