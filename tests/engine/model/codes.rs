//! Bindings and value maps of the model: what a source means by a text.

use std::cmp::Reverse;

use steward::model::choice::{MapState, OnBlank, OnNoMatch, OnUnmapped};

use super::word::Turn;
use super::{Binding, How, Map, Name, Refused, Ways, World};

/// What a binding that fixes a value fixes it to.
pub const FIXED: Name = "z";

/// Maps from this confidence on are used unseen.
const CONFIDENT: i64 = 90;

impl Default for Ways {
    fn default() -> Ways {
        let (unmapped, no_match) = (OnUnmapped::Hold, OnNoMatch::Keep);
        Ways { coded: false, unmapped, blank: OnBlank::Ignore, no_match }
    }
}

/// What a text of a source means.
pub enum Meaning {
    /// None takes the value away.
    Value(Option<Name>, Option<usize>),
    /// A value that its map is not sure of.
    Unsure(Option<Name>, Option<usize>),
    /// The value in force stays.
    Keep(Option<usize>),
    Nothing,
    /// Held with this code, waiting for this map.
    Undecided(Name, Option<usize>),
    Failed(Name),
}

impl Meaning {
    pub fn map(&self) -> Option<usize> {
        match self {
            Meaning::Value(_, map) | Meaning::Unsure(_, map) | Meaning::Keep(map) | Meaning::Undecided(_, map) => *map,
            Meaning::Nothing | Meaning::Failed(_) => None,
        }
    }
}

impl World {
    /// States how a field of a source is treated.
    pub fn bind(&mut self, field: Name, source: Option<Name>, ways: Ways) {
        let here = |binding: &Binding| binding.active && (binding.field, binding.source) == (field, source);
        let known = self.bindings.iter().find(|(_, binding)| here(binding)).map(|(id, _)| id);
        match known {
            Some(id) => self.bindings.change(id, self.stamp, |binding| binding.ways = ways),
            None => {
                let maker = self.person;
                self.bindings.add(Binding { field, source, ways, maker, active: true }, self.stamp);
            }
        }
    }

    /// The source's own binding of a field, else any source's.
    pub fn ways(&self, source: Name, field: Name) -> Ways {
        let of = |source: Option<Name>| {
            let fits = |binding: &Binding| binding.active && binding.field == field && binding.source == source;
            self.bindings.iter().find(|(_, binding)| fits(binding)).map(|(_, binding)| binding.ways)
        };
        of(Some(source)).or_else(|| of(None)).unwrap_or_default()
    }

    /// What a source means by a text. A code that nobody met gets a proposed map, where it is to be held.
    pub fn meaning(&mut self, source: Name, field: Name, raw: Name) -> Meaning {
        match self.look_up(source, field, raw) {
            Meaning::Undecided("ST020", None) => Meaning::Undecided("ST020", Some(self.propose(source, raw))),
            known => known,
        }
    }

    /// The same of what is known, and nothing is proposed.
    pub fn look_up(&self, source: Name, field: Name, raw: Name) -> Meaning {
        let ways = self.ways(source, field);
        if raw.is_empty() {
            return if ways.blank == OnBlank::Clear { Meaning::Value(None, None) } else { Meaning::Nothing };
        }
        if field != "status" && !ways.coded {
            return Meaning::Value(Some(raw), None);
        }
        let exact = self.decided_maps(|map| map.source == source && map.code == raw);
        let alike = self.decided_maps(|map| map.source == source && map.code.eq_ignore_ascii_case(raw));
        // What is only like a code never passes what somebody may yet say of exactly that code.
        let barred = exact.is_empty() && !self.maps_of(source, raw).is_empty();
        let level = if exact.is_empty() { alike } else { exact };
        let level = if barred { Vec::new() } else { level };
        let Some(best) = level.iter().copied().min_by_key(|id| (Reverse(self.maps[*id].confidence), *id)) else {
            return self.unmapped(source, raw, ways.unmapped);
        };
        let meant = |id: usize| Some(self.maps[id].canonical).filter(|_| self.maps[id].state == MapState::Active);
        if level.iter().any(|id| meant(*id) != meant(best)) {
            return Meaning::Undecided("ST021", None);
        }
        match (meant(best), ways.no_match) {
            (Some(canonical), _) if self.maps[best].confidence.is_none_or(|confidence| confidence >= CONFIDENT) => {
                Meaning::Value(canonical, Some(best))
            }
            (Some(canonical), _) => Meaning::Unsure(canonical, Some(best)),
            (None, OnNoMatch::Keep) => Meaning::Keep(Some(best)),
            (None, OnNoMatch::Clear) => Meaning::Value(None, Some(best)),
            (None, OnNoMatch::Fixed) => Meaning::Value(Some(FIXED), Some(best)),
        }
    }

    fn unmapped(&self, source: Name, raw: Name, then: OnUnmapped) -> Meaning {
        match then {
            OnUnmapped::Keep => Meaning::Keep(None),
            OnUnmapped::Fixed => Meaning::Value(Some(FIXED), None),
            OnUnmapped::Pass => Meaning::Value(Some(raw), None),
            OnUnmapped::Fail => Meaning::Failed("ST020"),
            OnUnmapped::Hold => {
                let mut open: Vec<usize> = self.maps_of(source, raw);
                open.sort_by_key(|id| (self.maps[*id].state != MapState::Proposed, *id));
                Meaning::Undecided("ST020", open.first().copied())
            }
        }
    }

    pub fn maps_of(&self, source: Name, code: Name) -> Vec<usize> {
        let of_code = |map: &Map| map.active && map.source == source && map.code == code;
        self.maps.iter().filter(|(_, map)| of_code(map)).map(|(id, _)| id).collect()
    }

    fn decided_maps(&self, fits: impl Fn(&Map) -> bool) -> Vec<usize> {
        let decided = |map: &Map| matches!(map.state, MapState::Active | MapState::NoMatch);
        self.maps.iter().filter(|(_, map)| map.active && decided(map) && fits(map)).map(|(id, _)| id).collect()
    }

    pub fn propose(&mut self, source: Name, code: Name) -> usize {
        let (state, canonical, confidence) = (MapState::Proposed, None, None);
        let (how, author) = (None, None);
        let (raised, of_job) = (Vec::new(), None);
        let map = Map { source, code, state, canonical, confidence, how, author, raised, active: true, of_job };
        self.maps.add(map, self.stamp)
    }

    /// The map of a code that a person is about to decide, which must not be decided already.
    fn open_map(&mut self, source: Name, code: Name) -> Result<usize, Refused> {
        let known = self.maps_of(source, code);
        if known.iter().any(|id| self.maps[*id].state == MapState::Active) {
            return Err(Refused);
        }
        Ok(known.first().copied().unwrap_or_else(|| self.propose(source, code)))
    }

    /// Decides a code: a canonical one, or none for no match. The items that wait for it go on, the oldest first.
    pub fn map(&mut self, source: Name, code: Name, canonical: Option<Name>) -> Result<(), Refused> {
        let id = self.open_map(source, code)?;
        let person = self.person;
        // Saying once more that there is no match takes nobody's authorship.
        let again = canonical.is_none() && self.maps[id].state == MapState::NoMatch;
        self.maps.change(id, self.stamp, |map| {
            if again {
                return;
            }
            (map.author, map.how, map.raised) = (Some(person), Some(How::ByHand), Vec::new());
            if canonical.is_some() {
                (map.state, map.canonical, map.confidence) = (MapState::Active, canonical, Some(100));
            } else {
                map.state = MapState::NoMatch;
            }
        });
        self.release(id);
        self.take_along(id, &[]);
        Ok(())
    }

    pub fn flag(&mut self, source: Name, code: Name) -> Result<(), Refused> {
        let id = self.open_map(source, code)?;
        self.maps.change(id, self.stamp, |map| map.state = MapState::Flagged);
        Ok(())
    }

    /// A row of an import: it adds a map, decides an open one, or says of a decided one how sure it is; it must not contradict that.
    pub fn import_map(&mut self, source: Name, code: Name, canonical: Name, confidence: i64) -> Result<(), Refused> {
        let known = self.maps_of(source, code);
        let decided = known.iter().copied().find(|id| self.maps[*id].state == MapState::Active);
        match decided {
            Some(id) if self.maps[id].canonical != Some(canonical) => return Err(Refused),
            Some(id) => {
                self.be_sure(id, Some(confidence));
                if self.maps.is_moved_by(id, self.stamp.operation) {
                    self.release(id);
                    self.take_along(id, &[]);
                }
                return Ok(());
            }
            None => {}
        }
        let is_known = !known.is_empty();
        let id = known.first().copied().unwrap_or_else(|| self.propose(source, code));
        self.decide_map(id, canonical, Some(confidence), How::Imported);
        if is_known {
            self.release(id);
        }
        self.take_along(id, &[]);
        Ok(())
    }

    /// The newest map of a source that is in use.
    pub fn newest_map(&self, source: Name) -> Option<usize> {
        self.maps.iter().rev().find(|(_, map)| map.active && map.source == source).map(|(id, _)| id)
    }

    /// Edits a map: another canonical code, and a confidence where one is given.
    pub fn edit_map(&mut self, id: usize, canonical: Name, confidence: Option<i64>) {
        let map = &self.maps[id];
        let confidence = confidence.or(map.confidence);
        if map.state == MapState::Active && map.canonical == Some(canonical) {
            self.be_sure(id, confidence);
        } else {
            self.decide_map(id, canonical, confidence, How::ByHand);
        }
        if self.maps.is_moved_by(id, self.stamp.operation) {
            self.release(id);
            self.take_along(id, &[]);
        }
    }

    fn decide_map(&mut self, id: usize, canonical: Name, confidence: Option<i64>, how: How) {
        let author = Some(self.person);
        self.maps.change(id, self.stamp, |map| {
            (map.state, map.canonical) = (MapState::Active, Some(canonical));
            (map.confidence, map.how, map.author, map.raised) = (confidence, Some(how), author, Vec::new());
        });
    }

    /// Says how sure a decided map is. Whoever raises that has a hand in it, until it is lowered to where they began.
    fn be_sure(&mut self, id: usize, confidence: Option<i64>) {
        let person = self.person;
        self.maps.change(id, self.stamp, |map| {
            let (from, to) = (map.confidence.unwrap_or(101), confidence.unwrap_or(101));
            map.confidence = confidence;
            map.raised.retain(|(low, _)| *low < to);
            if from < to {
                map.raised.push((from, person));
            }
        });
    }

    /// Proposals of other spellings that a decided code speaks for are closed, and their items go on; none of those codes
    /// that the same act decides by name.
    pub fn take_along(&mut self, decided: usize, named: &[(Name, Name)]) {
        let (source, code) = (self.maps[decided].source, self.maps[decided].code);
        let twin = |map: &Map| map.active && map.source == source && map.code.eq_ignore_ascii_case(code);
        let is_named = |map: &Map| named.contains(&(map.source, map.code));
        let twins: Vec<usize> = self.maps.iter().filter(|(_, map)| twin(map)).map(|(id, _)| id).collect();
        let (mut closed, mut released) = (Vec::new(), Vec::new());
        for id in twins {
            let map = &self.maps[id];
            let exact = self.decided_maps(|other| other.source == source && other.code == map.code);
            let alike = self.decided_maps(twin);
            let proposed = map.state == MapState::Proposed && !is_named(map);
            let open = |other: usize| {
                let other = &self.maps[other];
                let decided = matches!(other.state, MapState::Active | MapState::NoMatch);
                !decided && (other.state != MapState::Proposed || is_named(other))
            };
            let barred = self.maps_of(source, map.code).into_iter().any(open);
            let level = if exact.is_empty() { alike } else { exact.clone() };
            let meant = |id: usize| Some(self.maps[id].canonical).filter(|_| self.maps[id].state == MapState::Active);
            let agree = !level.is_empty() && level.iter().all(|id| meant(*id) == meant(level[0]));
            if proposed && agree && (!exact.is_empty() || !barred) {
                closed.push(id);
            } else if open(id) && !is_named(map) && agree && !exact.is_empty() {
                released.push(id);
            }
        }
        for id in &closed {
            self.maps.change(*id, self.stamp, |map| map.active = false);
        }
        closed.into_iter().chain(released).for_each(|id| self.release(id));
    }

    pub fn release(&mut self, map: usize) {
        let mut held = self.waiting_for(map);
        held.sort_by_key(|id| (self.items[*id].word.time, *id));
        for id in held {
            let word = self.items[id].word;
            self.speaks = Some(self.items[id].job);
            let mut decided = self.weigh(&word, Turn { instead_of: Some(id), ..Turn::of(id) });
            decided.map = decided.map.or(Some(map));
            let policy = self.policy_of(word.key.1).ok().and_then(|(id, _)| id);
            self.items.change(id, self.stamp, |item| {
                item.decided = decided;
                item.policy = policy;
            });
            self.settle();
        }
        self.speaks = None;
    }
}
