//! What people do: who may, and what becomes of the rows.

use std::collections::BTreeMap;

use steward::engine::Verb;
use steward::model::choice::{ItemState, LedgerStatus};

use super::rows::Stamp;
use super::{Entry, Key, Name, Person, Refused, Rows, World};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Steward,
    Reviewer,
    Support,
    Admin,
    Any,
}

/// The kinds of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Delivery,
    Map,
    Import,
    EditMap,
    Remap,
    Decision,
    Pin,
    Triage,
    Policy,
    Reevaluation,
    Attest,
    Dispose,
    Withdraw,
    People,
    Undo,
}

impl Kind {
    pub fn can_be_taken_back(self) -> bool {
        !matches!(self, Kind::Delivery | Kind::Dispose)
    }

    pub fn role(self) -> Role {
        match self {
            Kind::Delivery => Role::Support,
            Kind::Map | Kind::Import | Kind::EditMap | Kind::Remap => Role::Steward,
            Kind::Decision | Kind::Pin | Kind::Attest | Kind::Withdraw => Role::Reviewer,
            Kind::Triage => Role::Support,
            Kind::Policy | Kind::Reevaluation | Kind::Dispose | Kind::People => Role::Admin,
            Kind::Undo => Role::Any,
        }
    }
}

pub const ALL_ROLES: &[Name] = &["steward", "reviewer", "support", "auditor", "admin"];

/// The bench's people: ada is the admin with all roles, sam a steward, rita a reviewer, sue does support.
pub fn bench() -> Rows<Person> {
    let mut people = Rows::default();
    for (login, roles) in
        [("ada", ALL_ROLES), ("sam", &["steward"][..]), ("rita", &["reviewer"]), ("sue", &["support"])]
    {
        people.add(Person { login, roles, active: true }, Stamp::START);
    }
    people
}

impl Person {
    pub fn is_admin(&self) -> bool {
        self.active && self.roles.contains(&"admin")
    }
}

impl World {
    pub fn may(&self, login: Name, role: Role) -> bool {
        let suffice: &[Name] = match role {
            Role::Any => &["steward", "reviewer", "support", "admin"],
            Role::Admin => &["admin"],
            Role::Steward => &["steward", "admin"],
            Role::Reviewer => &["reviewer", "admin"],
            Role::Support => &["support", "steward", "admin"],
        };
        let person = self.people.iter().find(|(_, person)| person.login == login).map(|(_, person)| person);
        person.is_some_and(|person| person.active && person.roles.iter().any(|role| suffice.contains(role)))
    }

    /// Gives a person other roles; somebody must stay an admin.
    pub fn set_roles(&mut self, login: Name, roles: &'static [Name]) -> Result<(), Refused> {
        let id = self.people.iter().find(|(_, person)| person.login == login).map(|(id, _)| id).ok_or(Refused)?;
        if !roles.contains(&"admin") && !self.people.iter().any(|(other, person)| other != id && person.is_admin()) {
            return Err(Refused);
        }
        self.people.change(id, self.stamp, |person| (person.roles, person.active) = (roles, !roles.is_empty()));
        Ok(())
    }

    /// Decides on all entries of a source; those that may not change are left alone.
    pub fn decide(&mut self, verb: Verb, source: Name, reason: bool) {
        let own = |(id, entry): (usize, &Entry)| (entry.word.source == source).then_some(id);
        let mut entries: Vec<usize> = self.entries.iter().filter_map(own).collect();
        // Of a source's rejected values the newest is its word.
        if verb == Verb::Reopen {
            entries.reverse();
        }
        self.decide_each(verb, &entries, reason);
    }

    pub fn decide_each(&mut self, verb: Verb, entries: &[usize], reason: bool) {
        let first = if verb == Verb::Certify { self.first_of_each(entries) } else { BTreeMap::new() };
        // A reason that is typed for others, too, lifts nothing.
        let others = |id: &&usize| self.allowed(verb, **id, true).is_some() && !self.caused(&self.entries[**id]);
        let lifts = reason && !entries.iter().any(|id| others(&id));
        for id in entries {
            let entry = &self.entries[*id];
            let before = first.get(&entry.word.key).copied().filter(|first| *first != *id && self.is_open(*id));
            // Of rivals nobody chose one.
            if before.is_some_and(|first| self.entries[first].value != entry.value) {
                continue;
            }
            if let Some(status) = self.allowed(verb, *id, lifts) {
                self.decide_entry(*id, status, before.is_none());
            }
        }
    }

    /// The pending entry of each field that stands before the others of some.
    fn first_of_each(&self, entries: &[usize]) -> BTreeMap<Key, usize> {
        let mut first = BTreeMap::new();
        for id in entries.iter().copied().filter(|id| self.is_open(*id)) {
            let best = first.entry(self.entries[id].word.key).or_insert(id);
            if self.standing(id) < self.standing(*best) {
                *best = id;
            }
        }
        first
    }

    /// The status that an entry gets, if it may.
    fn allowed(&self, verb: Verb, id: usize, lifts: bool) -> Option<LedgerStatus> {
        let entry = &self.entries[id];
        let stale = self.is_stale(id, self.stamp.at);
        let status = match (verb, entry.status) {
            _ if !entry.active => return None,
            (Verb::Certify, LedgerStatus::Pending) => LedgerStatus::Certified,
            (Verb::Reject, LedgerStatus::Pending) => LedgerStatus::Rejected,
            (Verb::Revoke, LedgerStatus::Certified) => LedgerStatus::Revoked,
            (Verb::Reopen, LedgerStatus::Rejected) if !self.has_open(entry) && !self.is_withdrawn(entry) => {
                LedgerStatus::Pending
            }
            (Verb::Recertify, LedgerStatus::Certified) if stale => LedgerStatus::Certified,
            _ => return None,
        };
        let alone = status == LedgerStatus::Certified && self.caused(entry) && !lifts;
        (!alone).then_some(status)
    }

    /// Whether the acting person had a hand in a value: its map as it was then or is now, its input, a fixed value.
    fn caused(&self, entry: &Entry) -> bool {
        let Some(item) = entry.item else { return false };
        let author = self.items[item].decided.map.and_then(|map| self.maps[map].author);
        [author, self.editor(item)].contains(&Some(self.person)) || entry.hands.contains(&self.person)
    }

    /// Who last gave an item another input than the attempt before it had.
    pub fn editor(&self, item: usize) -> Option<Name> {
        let item = &self.items[item];
        let before = item.parent?;
        if self.items[before].word.raw != item.word.raw {
            return Some(item.maker);
        }
        self.editor(before)
    }

    /// Whether the delivery that brought it was.
    pub fn is_withdrawn(&self, entry: &Entry) -> bool {
        entry.item.is_some_and(|item| !self.jobs[self.items[item].job].active)
    }

    /// Whether the entry's source has another one to decide on for the field.
    fn has_open(&self, entry: &Entry) -> bool {
        let open = |other: &Entry| other.active && other.status == LedgerStatus::Pending;
        let rival = |other: &Entry| other.word.key == entry.word.key && other.word.source == entry.word.source;
        self.entries.iter().any(|(_, other)| open(other) && rival(other))
    }

    fn decide_entry(&mut self, id: usize, status: LedgerStatus, chosen: bool) {
        let (person, at) = (self.person, self.stamp.at);
        self.change_entry(id, |entry| {
            entry.status = status;
            entry.live = false;
            if status == LedgerStatus::Certified {
                entry.certified = Some((person, at));
            }
        });
        let key = self.entries[id].word.key;
        let Some(item) = self.entries[id].item else { return };
        match (status, self.items[item].decided.state) {
            (LedgerStatus::Certified, ItemState::Waiting) => self.move_item(item, ItemState::Applied),
            (LedgerStatus::Pending, ItemState::Rejected) => self.move_item(item, ItemState::Waiting),
            (LedgerStatus::Rejected, ItemState::Waiting | ItemState::Applied) => {
                self.move_item(item, ItemState::Rejected);
            }
            _ => {}
        }
        if status == LedgerStatus::Certified && chosen {
            self.chosen.insert(key, id);
        }
    }

    /// Pins the value in force, or lets it go.
    pub fn pin(&mut self, key: Key, pinned: bool) -> Result<(), Refused> {
        let current = self.current.get(&key).ok_or(Refused)?.entry;
        if self.entries[current].pinned == pinned {
            return Err(Refused);
        }
        self.change_entry(current, |entry| entry.pinned = pinned);
        Ok(())
    }
}
