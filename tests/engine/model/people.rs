//! What people do: who may, and what becomes of the rows.

use steward::engine::Verb;
use steward::model::choice::{ItemState, LedgerStatus};

use super::{Entry, Key, Name, Refused, World};

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
    Decision,
    Pin,
    Triage,
    Policy,
    Undo,
}

impl Kind {
    pub fn role(self) -> Role {
        match self {
            Kind::Delivery => Role::Support,
            Kind::Map | Kind::Import | Kind::EditMap => Role::Steward,
            Kind::Decision | Kind::Pin => Role::Reviewer,
            Kind::Triage => Role::Support,
            Kind::Policy => Role::Admin,
            Kind::Undo => Role::Any,
        }
    }
}

/// The bench's people: ada is the admin with all roles, sam a steward, rita a reviewer, sue does support.
pub fn may(person: Name, role: Role) -> bool {
    match role {
        Role::Any => true,
        Role::Admin => person == "ada",
        Role::Steward => ["ada", "sam"].contains(&person),
        Role::Reviewer => ["ada", "rita"].contains(&person),
        Role::Support => ["ada", "sam", "sue"].contains(&person),
    }
}

impl World {
    /// Decides on all entries of a source; those that may not change are left alone.
    pub fn decide(&mut self, verb: Verb, source: Name, reason: bool) {
        let own = |(id, entry): (usize, &Entry)| (entry.word.source == source).then_some(id);
        let mut entries: Vec<usize> = self.entries.iter().filter_map(own).collect();
        // Of a source's rejected values the newest is its word.
        if verb == Verb::Reopen {
            entries.reverse();
        }
        for id in entries {
            if let Some(status) = self.allowed(verb, id, reason) {
                self.decide_entry(id, status);
            }
        }
    }

    /// The status that an entry gets, if it may.
    fn allowed(&self, verb: Verb, id: usize, reason: bool) -> Option<LedgerStatus> {
        let entry = &self.entries[id];
        let stale = self.is_stale(id, self.stamp.at);
        let status = match (verb, entry.status) {
            _ if !entry.active => return None,
            (Verb::Certify, LedgerStatus::Pending) => LedgerStatus::Certified,
            (Verb::Reject, LedgerStatus::Pending) => LedgerStatus::Rejected,
            (Verb::Revoke, LedgerStatus::Certified) => LedgerStatus::Revoked,
            (Verb::Reopen, LedgerStatus::Rejected) if !self.has_open(entry) => LedgerStatus::Pending,
            (Verb::Recertify, LedgerStatus::Certified) if stale => LedgerStatus::Certified,
            _ => return None,
        };
        let alone = status == LedgerStatus::Certified && self.caused(entry) && !reason;
        (!alone).then_some(status)
    }

    /// Whether the acting person decided the map that a value came through, or edited the input that it came from.
    fn caused(&self, entry: &Entry) -> bool {
        let author = self.items[entry.item].decided.map.and_then(|map| self.maps[map].author);
        [author, self.editor(entry.item)].contains(&Some(self.person))
    }

    /// Who last gave an item another input than the attempt before it had.
    fn editor(&self, item: usize) -> Option<Name> {
        let item = &self.items[item];
        let before = item.parent?;
        if self.items[before].word.raw != item.word.raw {
            return Some(item.maker);
        }
        self.editor(before)
    }

    /// Whether the entry's source has another one to decide on for the field.
    fn has_open(&self, entry: &Entry) -> bool {
        let open = |other: &Entry| other.active && other.status == LedgerStatus::Pending;
        let rival = |other: &Entry| other.word.key == entry.word.key && other.word.source == entry.word.source;
        self.entries.iter().any(|(_, other)| open(other) && rival(other))
    }

    fn decide_entry(&mut self, id: usize, status: LedgerStatus) {
        let (person, at) = (self.person, self.stamp.at);
        self.change_entry(id, |entry| {
            entry.status = status;
            entry.live = false;
            if status == LedgerStatus::Certified {
                entry.certified = Some((person, at));
            }
        });
        let (key, item) = (self.entries[id].word.key, self.entries[id].item);
        match (status, self.items[item].decided.state) {
            (LedgerStatus::Certified, ItemState::Waiting) => self.move_item(item, ItemState::Applied),
            (LedgerStatus::Pending, ItemState::Rejected) => self.move_item(item, ItemState::Waiting),
            (LedgerStatus::Rejected, ItemState::Waiting | ItemState::Applied) => {
                self.move_item(item, ItemState::Rejected);
            }
            _ => {}
        }
        if status == LedgerStatus::Certified {
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
