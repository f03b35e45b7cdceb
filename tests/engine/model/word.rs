//! A source's word: the rows of the decision table, in their order, and what is written for each.

use steward::model::choice::{ItemState, LedgerStatus, MapState, OnBlank};
use steward::model::time::{DAY, Micros};

use super::codes::{FIXED, Meaning};
use super::setup::{Place, place};
use super::words::Repeated;
use super::{Binding, Decided, ENGINE, Entry, Item, Job, Name, Refused, Said, Terms, Word, World, record_of};

pub enum Verdict {
    Unchanged { confirms: bool },
    Wait,
    Write { certified: bool },
}

/// The item that stands for a word.
#[derive(Clone, Copy)]
pub struct Turn {
    pub item: usize,
    /// The item in whose place it is decided on, if it was before.
    pub instead_of: Option<usize>,
    /// The entry of a repeated word that gives way to it.
    pub anew: Option<usize>,
}

impl Turn {
    pub fn of(item: usize) -> Turn {
        Turn { item, instead_of: None, anew: None }
    }
}

impl World {
    /// Takes a delivery in: each word in its turn, and each finds what the ones before it left.
    pub fn deliver(&mut self, source: Name, time: Micros, values: &[Said]) -> Result<(), Refused> {
        if time > self.stamp.at + DAY {
            return Err(Refused);
        }
        let job = self.jobs.len();
        self.jobs.add(Job { source, active: true }, self.stamp);
        self.unchanged.push(0);
        for (at, ((by, field), raw)) in values.iter().enumerate() {
            if raw.is_empty() && self.ways(source, field).blank == OnBlank::Ignore {
                continue;
            }
            let word = Word { source, by, key: (record_of(by), field), raw, time, sequence: at + 1 };
            match self.repeated(&word).map(|news| (news, self.repeat(&word, news))) {
                None => self.take_news(job, &word, None),
                Some((_, Repeated::Anew(entry))) => self.take_news(job, &word, entry),
                Some((_, Repeated::Nothing)) => self.unchanged[job] += 1,
                Some((news, Repeated::Confirms)) => {
                    self.unchanged[job] += 1;
                    self.confirm_repeated(&word);
                    self.say_again(job, word, news);
                }
            }
            self.settle();
        }
        Ok(())
    }

    /// Decides on a word that is news, or is decided anew. One that comes late says nothing.
    fn take_news(&mut self, job: usize, word: &Word, anew: Option<usize>) {
        self.speaks = Some(job);
        let maps = self.maps.len();
        let decided = self.weigh(word, Turn { anew, ..Turn::of(self.items.len()) });
        for proposed in maps..self.maps.len() {
            self.maps.change(proposed, self.stamp, |map| map.of_job = Some(job));
        }
        self.speaks = None;
        let (late, unchanged) = (decided.state == ItemState::Superseded, decided.state == ItemState::Unchanged);
        let mut said = None;
        if unchanged {
            self.unchanged[job] += 1;
        } else {
            let policy = self.policy_of(word.key.1).ok().and_then(|(id, _)| id);
            let (word, maker) = (*word, self.person);
            let (active, disposed, gave_way) = (true, false, None);
            let item = Item { job, word, decided, policy, maker, parent: None, active, disposed, gave_way };
            said = Some(self.items.add(item, self.stamp));
        }
        if !late {
            self.say(job, *word, said);
        }
    }

    /// A repeated word restarts the clock of the value in force where its own is the same and it could have written it.
    fn confirm_repeated(&mut self, word: &Word) {
        let Ok((_, terms)) = self.policy_of(word.key.1) else { return };
        let Meaning::Value(value, _) = self.look_up(word.source, word.key.1, word.raw) else { return };
        let place = place(terms.ranking, word.source);
        let holder = self.current.get(&word.key).map(|current| &self.entries[current.entry]);
        if holder.is_some_and(|holder| holder.value == value && place.authoritative && place.rank <= holder.rank) {
            self.confirm(word.key, &terms);
        }
    }

    /// Decides on a word that an item stands for, or will.
    pub fn weigh(&mut self, word: &Word, turn: Turn) -> Decided {
        let meaning = self.meaning(word.source, word.key.1, word.raw);
        // Row 12: older than the same source's last.
        let own = turn.instead_of.and_then(|item| self.saying_of(item));
        if self.said_last(word, own).is_some_and(|last| word.time < last) {
            return self.decided(word, ItemState::Superseded);
        }
        match meaning {
            Meaning::Undecided(code, map) => self.hold(word, turn, code, map),
            Meaning::Failed(code) => Decided { code: Some(code), ..self.decided(word, ItemState::Failed) },
            Meaning::Nothing => self.decided(word, ItemState::Unchanged),
            Meaning::Keep(map) => {
                self.supersede_held(word, turn);
                let open = self.outdone(word, false);
                self.supersede(&open);
                Decided { map, ..self.decided(word, ItemState::Unchanged) }
            }
            Meaning::Unsure(value, map) => self.weigh_unsure(word, turn, value, map),
            Meaning::Value(value, map) => self.weigh_value(word, turn, value, map),
        }
    }

    /// Row 9, and row 10 where the source said the same before. What it proposed stands until a steward decided.
    fn weigh_unsure(&mut self, word: &Word, turn: Turn, value: Option<Name>, map: Option<usize>) -> Decided {
        if self.policy_of(word.key.1).is_err() {
            return self.hold(word, turn, "ST030", map);
        }
        let repeats_open = self.open(word).iter().any(|id| self.entries[*id].value == value);
        let repeats_held = self.held(word, turn).iter().any(|id| self.items[*id].word.raw == word.raw);
        if repeats_open && !repeats_held {
            self.supersede_held(word, turn);
            let mut others = self.outdone(word, false);
            others.retain(|id| self.entries[*id].value != value);
            self.supersede(&others);
            return Decided { value, map, ..self.decided(word, ItemState::Unchanged) };
        }
        let held = self.hold(word, turn, "ST023", map);
        Decided { value, map, ..held }
    }

    fn weigh_value(&mut self, word: &Word, turn: Turn, value: Option<Name>, map: Option<usize>) -> Decided {
        let Ok((_, terms)) = self.policy_of(word.key.1) else {
            return self.hold(word, turn, "ST030", map);
        };
        let terms = self.terms_for(terms, self.is_typed(word, turn));
        let verdict = self.verdict(word, value, &terms, turn.anew);
        let equal = self.current.get(&word.key).is_some_and(|current| self.entries[current.entry].value == value);
        self.supersede_held(word, turn);
        let decided = |world: &World, state| Decided { value, map, ..world.decided(word, state) };
        match verdict {
            Verdict::Unchanged { confirms } => {
                let mut others = self.outdone(word, false);
                others.retain(|id| self.entries[*id].value != value);
                self.supersede(&others);
                // A source that is decided on again says nothing new by it.
                if confirms && turn.instead_of.is_none() {
                    self.confirm(word.key, &terms);
                }
                decided(self, ItemState::Unchanged)
            }
            // What is in force already is not closed: it is nothing new.
            _ if equal && self.turned_down_before(word, value, map) => {
                let mut others = self.outdone(word, false);
                others.retain(|id| self.entries[*id].value != value);
                self.supersede(&others);
                decided(self, ItemState::Unchanged)
            }
            _ if self.turned_down_before(word, value, map) => {
                let open = self.outdone(word, false);
                self.supersede(&open);
                decided(self, ItemState::Rejected)
            }
            Verdict::Wait => {
                let decided = decided(self, ItemState::Waiting);
                let entry = self.enter(word, turn, (value, map), &terms, None);
                Decided { entry: Some(entry), ..decided }
            }
            Verdict::Write { certified } => {
                let decided = decided(self, ItemState::Applied);
                let entry = self.enter(word, turn, (value, map), &terms, Some(certified));
                self.chosen.insert(word.key, entry);
                Decided { entry: Some(entry), ..decided }
            }
        }
    }

    /// The rows of the table after 12: 10 for the source's own candidate, 8, 10, 11, 6 and 7, 1 to 5. An entry of the
    /// word itself is no candidate beside it.
    pub fn verdict(&self, word: &Word, value: Option<Name>, terms: &Terms, own: Option<usize>) -> Verdict {
        let place = place(terms.ranking, word.source);
        let holder = self.current.get(&word.key).map(|current| (&self.entries[current.entry], current));
        let equal = holder.is_some_and(|(entry, _)| entry.value == value);
        let repeats = self.open(word).iter().any(|id| Some(*id) != own && self.entries[*id].value == value);
        let vouches = holder.is_some_and(|(entry, _)| vouches(word, terms, place, entry));
        if repeats || (equal && place.authoritative && !vouches) {
            let as_high = holder.is_some_and(|(entry, _)| place.rank <= entry.rank);
            return Verdict::Unchanged { confirms: equal && as_high && place.authoritative };
        }
        if !place.authoritative {
            return Verdict::Wait;
        }
        let Some((holder, current)) = holder else { return commit(terms, place) };
        let stale = current.stale_on.is_some_and(|on| self.stamp.at >= on);
        if !holder.pinned && (stale || outdoes(word, place.rank, holder)) {
            return commit(terms, place);
        }
        Verdict::Wait
    }

    /// A value that cannot be decided on yet is held, once.
    fn hold(&mut self, word: &Word, turn: Turn, code: Name, map: Option<usize>) -> Decided {
        let (same, others): (Vec<usize>, Vec<usize>) =
            self.held(word, turn).into_iter().partition(|held| self.items[*held].word.raw == word.raw);
        for held in others {
            self.gives_way(held);
        }
        if !same.is_empty() {
            return self.decided(word, ItemState::Unchanged);
        }
        Decided { code: Some(code), map, ..self.decided(word, ItemState::Held) }
    }

    /// Writes an entry: in force and certified or not, or waiting. What the source proposed before gives way.
    fn enter(
        &mut self,
        word: &Word,
        turn: Turn,
        (value, map): (Option<Name>, Option<usize>),
        terms: &Terms,
        written: Option<bool>,
    ) -> usize {
        let open = self.outdone(word, written.is_some());
        self.supersede(&open);
        let certified = written == Some(true);
        let entry = Entry {
            wider: None,
            word: *word,
            value,
            status: if certified { LedgerStatus::Certified } else { LedgerStatus::Pending },
            active: true,
            live: written == Some(false),
            pinned: false,
            rank: place(terms.ranking, word.source).rank,
            item: Some(turn.item),
            supersedes: open.last().copied(),
            displaced_by: None,
            certified: certified.then_some((ENGINE, self.stamp.at)),
            made: self.stamp.at,
            disposed: false,
            hands: self.hands(word, value, map),
        };
        self.entries.add(entry, self.stamp)
    }

    /// The engine alone does not certify what a person typed.
    pub fn terms_for(&self, terms: Terms, typed: bool) -> Terms {
        Terms { auto: terms.auto && !typed, ..terms }
    }

    fn is_typed(&self, word: &Word, turn: Turn) -> bool {
        turn.instead_of.is_some_and(|before| self.items[before].word.raw != word.raw || self.editor(before).is_some())
    }

    /// Who had a hand in a value besides whoever edited its input.
    fn hands(&self, word: &Word, value: Option<Name>, map: Option<usize>) -> Vec<Name> {
        let map = map.map(|map| &self.maps[map]);
        let raised = map.into_iter().flat_map(|map| map.raised.iter().map(|(_, who)| *who));
        let fixed = value == Some(FIXED) && map.is_none_or(|map| map.state == MapState::NoMatch);
        let here = |binding: &Binding| {
            let source = binding.source.is_none_or(|source| source == word.source);
            fixed && binding.active && binding.field == word.key.1 && source
        };
        let fixed = self.bindings.iter().filter(|(_, binding)| here(binding)).map(|(_, binding)| binding.maker);
        map.and_then(|map| map.author).into_iter().chain(raised).chain(fixed).collect()
    }

    fn supersede(&mut self, entries: &[usize]) {
        for id in entries {
            self.change_entry(*id, |entry| entry.active = false);
            if let Some(item) = self.entries[*id].item {
                self.gives_way(item);
            }
        }
    }

    fn supersede_held(&mut self, word: &Word, turn: Turn) {
        for held in self.held(word, turn) {
            self.gives_way(held);
        }
    }

    /// The source's own candidates that a newer word takes the place of: what is in force gives way only to what is
    /// written.
    fn outdone(&self, word: &Word, written: bool) -> Vec<usize> {
        let in_force = self.current.get(&word.key).map(|current| current.entry);
        self.open(word).into_iter().filter(|id| written || Some(*id) != in_force).collect()
    }

    /// The source's own entries for the field that are to be decided on.
    fn open(&self, word: &Word) -> Vec<usize> {
        let own = |entry: &Entry| entry.word.source == word.source && entry.word.key == word.key;
        let open = |entry: &Entry| entry.active && entry.status == LedgerStatus::Pending;
        self.entries.iter().filter(|(_, entry)| own(entry) && open(entry)).map(|(id, _)| id).collect()
    }

    /// The source's own held items for the field, but for the one that is decided on.
    fn held(&self, word: &Word, turn: Turn) -> Vec<usize> {
        let own = |item: &Item| item.word.source == word.source && item.word.key == word.key;
        let mut held = self.items_in(ItemState::Held, own);
        held.retain(|id| turn.instead_of != Some(*id));
        held
    }

    /// Somebody rejected or revoked the same value, and it came the same way as it would now.
    fn turned_down_before(&self, word: &Word, value: Option<Name>, map: Option<usize>) -> bool {
        let same = |id: &usize| {
            let entry = &self.entries[*id];
            (entry.value, self.way_of(entry).0) == (value, map) && !self.came_another_way(*id)
        };
        self.turned_down(word).iter().any(same)
    }

    /// The map and the policy that an entry came through.
    pub fn way_of(&self, entry: &Entry) -> (Option<usize>, Option<usize>) {
        entry.item.map_or((None, None), |item| (self.items[item].decided.map, self.items[item].policy))
    }

    fn decided(&self, word: &Word, state: ItemState) -> Decided {
        let old_value = self.current.get(&word.key).and_then(|current| self.entries[current.entry].value);
        Decided { state, code: None, value: None, old_value, map: None, entry: None }
    }
}

impl Verdict {
    /// Whether it is certified, if it is written.
    pub fn certified(&self) -> Option<bool> {
        match self {
            Verdict::Write { certified } => Some(*certified),
            Verdict::Unchanged { .. } | Verdict::Wait => None,
        }
    }
}

/// Rows 8, 10, 11, 6 and 7, 1 to 5 for a word that waits: whether it may be written, and if it is certified then.
pub fn may_be_written(
    word: &Word,
    value: Option<Name>,
    terms: &Terms,
    holder: Option<&Entry>,
    protected: bool,
) -> Option<bool> {
    let place = place(terms.ranking, word.source);
    if !place.authoritative {
        return None;
    }
    if let Some(holder) = holder {
        let repeats = holder.value == value && !vouches(word, terms, place, holder);
        let kept = protected && !outdoes(word, place.rank, holder);
        if repeats || holder.pinned || kept {
            return None;
        }
    }
    commit(terms, place).certified()
}

/// Rows 1 to 5.
pub fn commit(terms: &Terms, place: Place) -> Verdict {
    match (terms.on_ingest, terms.auto) {
        (true, certified) => Verdict::Write { certified },
        (false, true) if place.by_name => Verdict::Write { certified: true },
        (false, _) => Verdict::Wait,
    }
}

/// Another source says the same, stands before the holder's, and would have been written.
fn vouches(word: &Word, terms: &Terms, place: Place, holder: &Entry) -> bool {
    let other = &holder.word;
    let before = place.rank < holder.rank
        || (place.rank == holder.rank && word.time == other.time && outdoes(word, place.rank, holder));
    word.source != other.source && before && !holder.pinned && matches!(commit(terms, place), Verdict::Write { .. })
}

/// Higher rank, or equal and newer. Of one source at one time the later word is the newer, and its newer word takes the
/// place of its older one whatever the ranks.
pub fn outdoes(word: &Word, rank: i64, holder: &Entry) -> bool {
    let other = &holder.word;
    if word.source == other.source && word.time >= other.time {
        return true;
    }
    if rank != holder.rank {
        return rank < holder.rank;
    }
    if word.source == other.source {
        return false;
    }
    (word.time, word.sequence) > (other.time, other.sequence)
        || ((word.time, word.sequence) == (other.time, other.sequence) && word.source < other.source)
}
