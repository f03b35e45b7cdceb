//! Last words: what the keys of a source said of a field, what of it is news, and which word is late.

use steward::model::choice::{ItemState, LedgerStatus};
use steward::model::time::Micros;

use super::codes::Meaning;
use super::setup::place;
use super::triage::{root, standing};
use super::word::outdoes;
use super::{Binding, Entry, Key, Name, Word, World};

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
    /// It is kept as what its key said last, beside what entries tell: one a key and field.
    kept: bool,
    /// It is kept as what its key repeated last: one a key and field.
    again: bool,
}

/// A word that is known of a key: the saying that was news.
#[derive(Clone, Copy)]
struct Known {
    by: Name,
    news: usize,
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
    /// A word was news.
    pub fn say(&mut self, job: usize, word: Word, item: Option<usize>) {
        let told = item.is_some_and(|item| self.items[item].decided.entry.is_some());
        for id in self.kept_by(&word) {
            // What was withdrawn is not looked at where an entry tells the word.
            if !told || self.counts_still(id) {
                self.sayings[id].kept = false;
            }
        }
        self.sayings.push(Saying { word, job, item, repeats: None, kept: !told, again: false });
    }

    /// A key repeated its own last word, or that of its source, which is its own from then on.
    pub fn say_again(&mut self, job: usize, word: Word, news: usize) {
        let known = self.known(word.source, word.key);
        let own = of_key(&known, word.by).max() == Some(news);
        let since = |said: &Saying| said.again && self.jobs[said.job].active && said.job >= self.sayings[news].job;
        let last = self.sayings.iter().filter(|said| same_key(said, &word) && since(said)).map(|said| said.word.time);
        let last = last.chain([self.sayings[news].word.time]).max();
        let turned_down = matches!(self.became(news), Became::TurnedDown(_));
        let again = !turned_down && (!own || last < Some(word.time));
        for said in self.sayings.iter_mut().filter(|said| same_key(said, &word)) {
            said.kept &= own;
            said.again &= !again;
        }
        self.sayings.push(Saying { word, job, item: None, repeats: Some(news), kept: !own, again });
    }

    /// The last word that a word equals as it was delivered: of its key, or of its source on the record's field. It is the
    /// one that was news then.
    pub fn repeated(&self, word: &Word) -> Option<usize> {
        let known = self.known(word.source, word.key);
        let of_source = known.iter().map(|known| known.news).max();
        let equal = |id: &usize| self.sayings[*id].word.raw == word.raw && self.became(*id) != Became::Forgotten;
        [of_key(&known, word.by).max(), of_source].into_iter().flatten().filter(equal).max()
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
        let known = self.known(word.source, word.key);
        let counts =
            |news: usize| Some(news) != own && !matches!(self.became(news), Became::TurnedDown(_) | Became::Forgotten);
        // What was repeated is the last word that is known of the key up to then.
        let of =
            |again: &Saying| of_key(&known, again.word.by).filter(|news| self.sayings[*news].job <= again.job).max();
        let same = |said: &&Saying| (said.word.source, said.word.key) == (word.source, word.key);
        let again = self.sayings.iter().filter(same).filter(|said| said.again && self.jobs[said.job].active);
        let again = again.filter(|again| of(again).is_none_or(counts)).map(|again| again.word.time);
        let news = known.iter().filter(|known| counts(known.news)).map(|known| self.sayings[known.news].word.time);
        news.chain(again).max()
    }

    /// The saying that an item came from, or the item that it is another attempt at.
    pub fn saying_of(&self, item: usize) -> Option<usize> {
        let first = root(&self.items, item);
        self.sayings.iter().position(|said| said.item == Some(first))
    }

    /// What the keys of a source said last, each of each field: what a full delivery says again.
    pub fn last_words(&self, source: Name) -> Vec<(Key, Name)> {
        let mut last: Vec<(Key, Name)> = Vec::new();
        for Word { by, key, .. } in self.sayings.iter().map(|said| said.word).filter(|word| word.source == source) {
            if last.iter().any(|(of, _)| *of == (by, key.1)) {
                continue;
            }
            if let Some(news) = of_key(&self.known(source, key), by).max() {
                last.push(((by, key.1), self.sayings[news].word.raw));
            }
        }
        last
    }

    /// What is known of a source's words on a field, deliveries that were withdrawn left out: what entries tell, and of
    /// each key one word more.
    fn known(&self, source: Name, key: Key) -> Vec<Known> {
        let of_field = |said: &Saying| (said.word.source, said.word.key) == (source, key);
        let told = |id: usize, said: &Saying| said.repeats.is_none() && self.has_entry(id);
        let is_known =
            |id: usize, said: &Saying| of_field(said) && self.counts_still(id) && (said.kept || told(id, said));
        let known = self.sayings.iter().enumerate().filter(|(id, said)| is_known(*id, said));
        known.map(|(id, said)| Known { by: said.word.by, news: said.repeats.unwrap_or(id) }).collect()
    }

    /// Whether the delivery in which a saying was news stands.
    fn counts_still(&self, id: usize) -> bool {
        let news = self.sayings[id].repeats.unwrap_or(id);
        self.jobs[self.sayings[news].job].active
    }

    fn has_entry(&self, news: usize) -> bool {
        let first = self.sayings[news].item;
        self.entries.iter().filter_map(|(_, entry)| entry.item).any(|item| Some(root(&self.items, item)) == first)
    }

    /// What is kept as the last word of the key that says a word.
    fn kept_by(&self, word: &Word) -> Vec<usize> {
        let kept = |said: &Saying| said.kept && same_key(said, word);
        self.sayings.iter().enumerate().filter(|(_, said)| kept(said)).map(|(id, _)| id).collect()
    }

    /// The news of what is kept of a source's field, and stands.
    pub fn kept_words(&self, (source, key): (Name, Key)) -> impl Iterator<Item = usize> {
        let of_field = move |said: &Saying| (said.word.source, said.word.key) == (source, key);
        let kept = self.sayings.iter().enumerate().filter(move |(_, said)| said.kept && of_field(said));
        kept.filter(|(id, _)| self.counts_still(*id)).map(|(id, said)| said.repeats.unwrap_or(id))
    }

    /// The fields of which a delivery said what is kept.
    pub fn kept_fields_of(&self, job: usize) -> Vec<(Name, Key)> {
        let news = |id: usize, said: &Saying| self.sayings[said.repeats.unwrap_or(id)].job;
        let own = self.sayings.iter().enumerate().filter(|(id, said)| said.kept && news(*id, said) == job);
        own.map(|(_, said)| (said.word.source, said.word.key)).collect()
    }

    /// After a delivery was withdrawn, or that was taken back: each key's newest word that left an item is kept, where no
    /// entry tells it and nothing newer is kept.
    pub fn keep_words_of_items(&mut self, source: Name, key: Key) {
        let said: Vec<Word> =
            self.sayings.iter().map(|said| said.word).filter(|word| (word.source, word.key) == (source, key)).collect();
        for word in said {
            let left = |said: &Saying| said.item.is_some_and(|item| self.is_word(item, &self.items[item]));
            let newest = self.sayings.iter().rposition(|said| same_key(said, &word) && left(said));
            let kept = self.kept_by(&word);
            let newer = |news: usize| {
                kept.iter().any(|id| self.counts_still(*id) && self.sayings[*id].repeats.unwrap_or(*id) >= news)
            };
            let disposed = |news: usize| self.sayings[news].item.is_some_and(|item| self.items[item].disposed);
            if let Some(news) = newest.filter(|news| !self.has_entry(*news) && !newer(*news) && !disposed(*news)) {
                kept.into_iter().for_each(|id| self.sayings[id].kept = false);
                self.sayings[news].kept = true;
            }
        }
    }

    /// What an item brought is kept no more, by whichever key.
    pub fn forget(&mut self, item: usize) {
        let news = self.saying_of(item);
        for id in 0..self.sayings.len() {
            if Some(self.sayings[id].repeats.unwrap_or(id)) == news {
                self.sayings[id].kept = false;
            }
        }
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
        let same = |entry: &Entry| {
            let texts = [entry.word.raw, self.delivered(entry)];
            (entry.word.source, entry.word.key) == (word.source, word.key) && texts.contains(&word.raw)
        };
        let down = |status| matches!(status, LedgerStatus::Rejected | LedgerStatus::Revoked);
        let fits = self.entries.iter().filter(|(_, entry)| entry.active && down(entry.status) && same(entry));
        let fits = fits.filter(|(_, entry)| !self.is_withdrawn(entry));
        fits.map(|(id, _)| id).collect()
    }

    /// The text that was delivered for an entry, whatever it was edited to.
    fn delivered(&self, entry: &Entry) -> Name {
        entry.item.map_or(entry.word.raw, |item| self.items[root(&self.items, item)].word.raw)
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
        // Of what a person edited its own map is asked alone.
        let delivered = self.delivered(&self.entries[entry]) == raw;
        let map_now = self.look_up(source, field, raw).map().filter(|now| delivered && map != Some(*now));
        let policy_now = self.policy_of(field).map(|(policy, _)| policy);
        let edited = map.is_some_and(|map| self.maps.moved_at(map) > since)
            || map_now.is_some_and(|map| self.maps.moved_at(map) > since)
            || policy.is_some_and(|policy| self.policies.moved_at(policy) > since);
        edited || policy_now != Ok(policy) || self.bound_otherwise(source, field, since)
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

/// Whether a saying is by the same key of the same field.
fn same_key(said: &Saying, word: &Word) -> bool {
    (said.word.source, said.word.by, said.word.key) == (word.source, word.by, word.key)
}

fn of_key(known: &[Known], by: Name) -> impl Iterator<Item = usize> {
    known.iter().filter(move |known| known.by == by).map(|known| known.news)
}
