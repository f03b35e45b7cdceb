//! Policies and rankings of the model, and the maps that codes have.

use steward::model::choice::MapState;

use super::word::Turn;
use super::{Map, Name, Policy, Refused, Terms, World};

/// What policies speak of, the closest first: (table, field).
pub const PLACES: [(Name, Name); 3] = [("contact", "name"), ("contact", ""), ("*", "")];

/// Rankings as policies state them, and the sources of each place.
pub const RANKINGS: [(Name, &[&[Name]]); 4] = [
    ("", &[]),
    ("HR > FIN = TAX", &[&["HR"], &["FIN", "TAX"]]),
    ("FIN > HR", &[&["FIN"], &["HR"]]),
    ("TAX > *", &[&["TAX"], &["*"]]),
];

/// Where a source stands in a ranking.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub authoritative: bool,
    pub rank: i64,
    pub by_name: bool,
}

pub fn place(ranking: usize, source: Name) -> Place {
    let (text, places) = RANKINGS[ranking];
    let rank_of = |name: Name| places.iter().position(|names| names.contains(&name)).map(|at| at as i64);
    match (rank_of(source), rank_of("*")) {
        _ if text.is_empty() => Place { authoritative: true, rank: 0, by_name: false },
        (Some(rank), _) => Place { authoritative: true, rank, by_name: true },
        (None, Some(rank)) => Place { authoritative: true, rank, by_name: false },
        (None, None) => Place { authoritative: false, rank: places.len() as i64, by_name: false },
    }
}

/// What the maps say of a code.
pub enum Meaning {
    Value(Name, Option<usize>),
    /// No match: the value in force stays.
    Keep(Option<usize>),
    /// Held with this code, waiting for this map.
    Undecided(Name, Option<usize>),
}

impl World {
    /// States the policy of a place.
    pub fn policy(&mut self, place: usize, terms: Terms) {
        let known = self.policies.iter().find(|(_, policy)| policy.active && policy.place == place).map(|(id, _)| id);
        match known {
            Some(id) => self.policies.change(id, self.stamp, |policy| policy.terms = terms),
            None => {
                self.policies.add(Policy { place, terms, active: true }, self.stamp);
            }
        }
    }

    /// The policy of a field with its row; an error where two stand at the closest place.
    pub fn policy_of(&self, field: Name) -> Result<(Option<usize>, Terms), Refused> {
        for (at, (_, named)) in PLACES.iter().enumerate() {
            if !named.is_empty() && *named != field {
                continue;
            }
            let mut here = self.policies.iter().filter(|(_, policy)| policy.active && policy.place == at);
            match (here.next(), here.next()) {
                (None, _) => {}
                (Some((id, policy)), None) => return Ok((Some(id), policy.terms)),
                (Some(_), Some(_)) => return Err(Refused),
            }
        }
        Ok((None, Terms::default()))
    }

    /// What a source means by a text. Only statuses are codes; a code that nobody met gets a proposed map.
    pub fn meaning(&mut self, source: Name, field: Name, raw: Name) -> Meaning {
        if field != "status" {
            return Meaning::Value(raw, None);
        }
        let exact = self.decided_maps(|map| map.source == source && map.code == raw);
        let alike = self.decided_maps(|map| map.source == source && map.code.eq_ignore_ascii_case(raw));
        let level = if exact.is_empty() { alike } else { exact };
        let Some(first) = level.first() else {
            let open = self.maps.iter().find(|(_, map)| map.active && map.source == source && map.code == raw);
            let open = open.map(|(id, _)| id);
            return Meaning::Undecided("ST020", Some(open.unwrap_or_else(|| self.propose(source, raw))));
        };
        if level.iter().any(|id| self.maps[*id].canonical != self.maps[*first].canonical) {
            return Meaning::Undecided("ST021", None);
        }
        match self.maps[*first].canonical {
            Some(canonical) => Meaning::Value(canonical, Some(*first)),
            None => Meaning::Keep(Some(*first)),
        }
    }

    fn decided_maps(&self, fits: impl Fn(&Map) -> bool) -> Vec<usize> {
        let decided = |map: &Map| matches!(map.state, MapState::Active | MapState::NoMatch);
        self.maps.iter().filter(|(_, map)| map.active && decided(map) && fits(map)).map(|(id, _)| id).collect()
    }

    fn propose(&mut self, source: Name, code: Name) -> usize {
        let map = Map { source, code, state: MapState::Proposed, canonical: None, author: None, active: true };
        self.maps.add(map, self.stamp)
    }

    /// Decides a code: a canonical one, or none for no match. The items that wait for it go on, the oldest first.
    pub fn map(&mut self, source: Name, code: Name, canonical: Option<Name>) -> Result<(), Refused> {
        let of_code = |map: &Map| map.active && map.source == source && map.code == code;
        let known: Vec<usize> = self.maps.iter().filter(|(_, map)| of_code(map)).map(|(id, _)| id).collect();
        if known.iter().any(|id| self.maps[*id].state == MapState::Active) {
            return Err(Refused);
        }
        let id = known.first().copied();
        let id = id.unwrap_or_else(|| self.propose(source, code));
        let person = self.person;
        self.maps.change(id, self.stamp, |map| {
            map.state = if canonical.is_some() { MapState::Active } else { MapState::NoMatch };
            map.canonical = canonical;
            map.author = Some(person);
        });
        self.release(id);
        Ok(())
    }

    fn release(&mut self, map: usize) {
        let mut held = self.waiting_for(map);
        held.sort_by_key(|id| (self.items[*id].word.time, *id));
        for id in held {
            let word = self.items[id].word;
            let mut decided = self.weigh(&word, Turn { item: id, instead_of: Some(id) });
            decided.map = decided.map.or(Some(map));
            let policy = self.policy_of(word.key.1).ok().and_then(|(id, _)| id);
            self.items.change(id, self.stamp, |item| {
                item.decided = decided;
                item.policy = policy;
            });
            self.settle();
        }
    }
}
