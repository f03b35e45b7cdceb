//! What people do: who may, and what becomes of the rows.

use steward::engine::Verb;
use steward::model::choice::{ItemState, LedgerStatus};

use super::rows::{Span, Taken};
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
    Decision,
    Pin,
    Policy,
    Undo,
}

impl Kind {
    pub fn role(self) -> Role {
        match self {
            Kind::Delivery => Role::Support,
            Kind::Map => Role::Steward,
            Kind::Decision | Kind::Pin => Role::Reviewer,
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
    pub fn decide(&mut self, person: Name, verb: Verb, source: Name, reason: bool) {
        let own = |(id, entry): (usize, &Entry)| (entry.word.source == source).then_some(id);
        let mut entries: Vec<usize> = self.entries.iter().filter_map(own).collect();
        // Of a source's rejected values the newest is its word.
        if verb == Verb::Reopen {
            entries.reverse();
        }
        for id in entries {
            if let Some(status) = self.allowed(person, verb, id, reason) {
                self.decide_entry(person, id, status);
            }
        }
    }

    /// The status that an entry gets, if it may.
    fn allowed(&self, person: Name, verb: Verb, id: usize, reason: bool) -> Option<LedgerStatus> {
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
        let author = self.items[entry.item].decided.map.and_then(|map| self.maps[map].author);
        let alone = status == LedgerStatus::Certified && author == Some(person) && !reason;
        (!alone).then_some(status)
    }

    /// Whether the entry's source has another one to decide on for the field.
    fn has_open(&self, entry: &Entry) -> bool {
        let open = |other: &Entry| other.active && other.status == LedgerStatus::Pending;
        let rival = |other: &Entry| other.word.key == entry.word.key && other.word.source == entry.word.source;
        self.entries.iter().any(|(_, other)| open(other) && rival(other))
    }

    fn decide_entry(&mut self, person: Name, id: usize, status: LedgerStatus) {
        let at = self.stamp.at;
        self.change_entry(id, |entry| {
            entry.status = status;
            entry.live = false;
            if status == LedgerStatus::Certified {
                entry.certified = Some((person, at));
            }
        });
        let (key, item) = (self.entries[id].word.key, self.entries[id].item);
        match (status, self.items[item].decided.state) {
            (LedgerStatus::Certified, ItemState::Waiting) => self.change_item(item, ItemState::Applied),
            (LedgerStatus::Pending, ItemState::Rejected) => self.change_item(item, ItemState::Waiting),
            (LedgerStatus::Rejected, ItemState::Waiting | ItemState::Applied) => {
                self.change_item(item, ItemState::Rejected);
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

    /// Takes an operation back, given the world before and after it; refused where all of its rows have moved since.
    pub fn take_back(&mut self, operation: usize, before: &World, after: &World) -> Result<(), Refused> {
        macro_rules! span {
            ($rows:ident) => {
                Span { operation, before: &before.$rows, after: &after.$rows }
            };
        }
        let taken: [Taken; 4] = [
            self.items.take_back(span!(items), self.stamp, |_| {}),
            self.entries.take_back(span!(entries), self.stamp, |entry| entry.active = false),
            self.maps.take_back(span!(maps), self.stamp, |map| map.active = false),
            self.policies.take_back(span!(policies), self.stamp, |policy| policy.active = false),
        ];
        for id in &taken[1].back {
            self.touched.insert(self.entries[*id].word.key);
        }
        if taken.iter().all(|taken| taken.back.is_empty()) && taken.iter().any(|taken| taken.left_alone > 0) {
            return Err(Refused);
        }
        Ok(())
    }
}
