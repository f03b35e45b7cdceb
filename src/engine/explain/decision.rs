//! By which decision of the table an entry stands where it does: the one that it came by, or a re-evaluation since.
//!
//! A policy that was edited since has no say in it: it is told beside, as what would count from now on.

use super::candidate::{PolicySince, PolicyUsed, Reevaluated, policy_used};
use super::moment::{Moment, entry, is_active};
use super::replay::{row_of_entry, row_of_reevaluation};
use crate::model::choice::LedgerStatus;
use crate::model::row::Row;
use crate::model::versions::Versions;

/// What a decision went by, and what changed since.
pub(super) struct Decision {
    /// The row of the table.
    pub row: Option<u8>,
    pub policy: Option<PolicyUsed>,
    pub again: Option<Reevaluated>,
    pub since: Option<PolicySince>,
}

/// What an entry stands by. `used`: the policy of the item that brought it, as it then was.
pub(super) fn decision(moment: Moment, versions: &Versions, used: Option<PolicyUsed>) -> Decision {
    let came_by = Decision { row: row_of_entry(moment, versions), policy: used, again: None, since: None };
    if versions.as_made().int("sync_item").is_none() {
        return came_by;
    }
    let mut operation = versions.made_by();
    let mut decision = match reevaluated_by(moment, versions) {
        None => came_by,
        Some(by) => {
            let before = versions.at(by - 1).and_then(|row| row.int("ledger_status"));
            let decided = before != Some(LedgerStatus::Certified.code());
            let again = moment.deed(by).map(|act| Reevaluated { act, decided });
            if decided {
                operation = by;
                let then = Moment { operation: by - 1, ..moment };
                let policy = then.governing().ok().flatten().map(policy_used);
                Decision { row: row_of_reevaluation(moment, versions, by), policy, again, since: None }
            } else {
                Decision { again, ..came_by }
            }
        }
    };
    decision.since = since(moment, versions, operation, decision.policy.as_ref());
    decision
}

/// The re-evaluation that put an entry where it stands. One that was taken back counts no more, as the entry stands again
/// where it stood before.
fn reevaluated_by(moment: Moment, versions: &Versions) -> Option<i64> {
    let placed = |row: &Row| ["rank", "live", "ledger_status"].map(|field| row.int(field));
    let mut past: Vec<([Option<i64>; 3], Option<i64>)> = Vec::new();
    for (operation, row) in versions.states().take_while(|(operation, _)| *operation <= moment.operation) {
        let place = placed(row);
        let last = past.last().copied();
        let by = match moment.deed(operation).map(|deed| deed.kind).as_deref() {
            _ if last.is_some_and(|(before, _)| before == place) => last.and_then(|(_, by)| by),
            Some("reevaluate") => Some(operation),
            Some("undo") => past.iter().rev().find(|(before, _)| *before == place).and_then(|(_, by)| *by),
            _ => last.and_then(|(_, by)| by),
        };
        past.push((place, by));
    }
    past.last().and_then(|(_, by)| *by)
}

/// What speaks of the field now, where that is another policy than a decision went by.
fn since(moment: Moment, versions: &Versions, operation: i64, then: Option<&PolicyUsed>) -> Option<PolicySince> {
    let governing = moment.governing();
    let now = governing.map(|row| row.map(policy_used));
    let same = match (&now, then) {
        (Ok(Some(now)), Some(then)) => now.says_as(then),
        (Ok(None), None) => true,
        _ => false,
    };
    if same {
        return None;
    }
    let concerned = |row: &Row| {
        governing.ok().flatten().is_some_and(|now| now.id == row.id) || then.is_some_and(|then| then.name == row.name())
    };
    let changes = moment.past.policies.iter().flat_map(|policy| policy.states());
    let since = changes.filter(|(by, row)| (operation + 1..=moment.operation).contains(by) && concerned(row));
    let act = since.map(|(by, _)| by).max().and_then(|by| moment.deed(by));
    let stands = versions.at(moment.operation).filter(|row| is_active(row)).and_then(entry);
    let place = stands.filter(|_| now.is_ok()).and_then(|stands| {
        let place = moment.policy().ranking.place(&stands.source);
        (place.rank != stands.rank || !place.authoritative).then_some(place)
    });
    Some(PolicySince { act, now: now.map_err(|code| code.cause), place })
}
