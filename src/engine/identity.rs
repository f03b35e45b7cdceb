//! Where a record's external key leads: its identifiers' one target, a new one, or none (engine.md, step 3).
//!
//! A delivery asks for its records, a retry again for the items that had no one target.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;

use super::normalise::Normalised;
use super::plan::Setup;
use super::weigh::Decided;
use crate::model::choice::{ItemState, OnUnknownKey};
use crate::model::code;
use crate::model::table::Table;
use crate::model::time::Micros;
use crate::store::{Change, NewIdentifier, Spoken, Write};

/// Where a key leads.
#[derive(Clone)]
pub(super) enum Target {
    /// `last_seen`: when the source delivered this key last.
    Known {
        target: String,
        identifier: i64,
        last_seen: Option<Micros>,
    },
    New {
        target: String,
        identifier: i64,
    },
    /// Where an item led when it was delivered.
    Kept {
        target: String,
    },
    Unknown,
    Several,
}

/// Whose keys are looked up, and when it delivered them.
pub(super) struct Sender<'a> {
    pub source: &'a str,
    pub table: &'a str,
    pub at: Micros,
}

impl Target {
    /// The record's id and its key's identifier.
    pub fn known(&self) -> Option<(&str, i64)> {
        match self {
            Target::Known { target, identifier, .. } | Target::New { target, identifier } => {
                Some((target, *identifier))
            }
            Target::Kept { .. } | Target::Unknown | Target::Several => None,
        }
    }

    pub fn id(&self) -> Option<&str> {
        match self {
            Target::Known { target, .. } | Target::New { target, .. } | Target::Kept { target } => Some(target),
            Target::Unknown | Target::Several => None,
        }
    }
}

/// Where some keys lead. New keys get a target and an identifier in the order in which they stand, unless the table's
/// binding holds them.
pub(super) fn targets(
    write: &mut Write,
    setup: &Setup,
    sender: &Sender,
    keys: &[&str],
) -> Result<HashMap<String, Target>> {
    let wanted: Vec<&str> = keys.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let mut targets: HashMap<String, Target> = HashMap::new();
    let mut seen = Vec::new();
    for fact in write.identifiers(sender.source, sender.table, &wanted)? {
        seen.push(fact.id);
        let target = match (targets.get(&fact.external_key), fact.target_id) {
            (None, Some(target)) => Target::Known { target, identifier: fact.id, last_seen: fact.last_seen },
            (Some(Target::Known { target, .. }), Some(other)) if *target == other => continue,
            (None, None) => Target::Unknown,
            (Some(_), _) => Target::Several,
        };
        targets.insert(fact.external_key, target);
    }
    write.raise_last_seen(&seen, sender.at)?;
    let revived = revive(write, sender, &wanted, &mut targets)?;
    write.raise_last_seen(&revived, sender.at)?;
    let hold = setup.on_unknown_key(sender.table, sender.source) == OnUnknownKey::Hold;
    write.gather();
    for key in keys {
        if !targets.contains_key(*key) {
            let target = if hold { Target::Unknown } else { new_target(write, sender, key)? };
            targets.insert(key.to_string(), target);
        }
    }
    write.put_gathered()?;
    Ok(targets)
}

/// Keys that went out of use with a withdrawn delivery stand for their records again once their source delivers them. Answers
/// their identifiers.
fn revive(
    write: &mut Write,
    sender: &Sender,
    keys: &[&str],
    targets: &mut HashMap<String, Target>,
) -> Result<Vec<i64>> {
    let unknown: Vec<&str> = keys.iter().copied().filter(|key| !targets.contains_key(*key)).collect();
    if unknown.is_empty() || write.withdrawn(sender.source)?.is_empty() {
        return Ok(Vec::new());
    }
    let spoken = Spoken { source: sender.source, table: sender.table };
    let found: HashMap<String, i64> = write.withdrawn_keys(spoken, &unknown)?.into_iter().collect();
    let mut revived: Vec<i64> = found.into_values().collect();
    revived.sort_unstable();
    for identifier in &revived {
        let active = [Change::int("statecode", 0), Change::int("statuscode", 1)];
        write.change_row(Table::Identifiers.info().sql, *identifier, &active)?;
        let Some(row) = write.identifier(*identifier)? else { continue };
        let (identifier, last_seen) = (*identifier, row.last_seen);
        let target = row.target_id.map_or(Target::Unknown, |target| Target::Known { target, identifier, last_seen });
        targets.insert(row.external_key, target);
    }
    Ok(revived)
}

fn new_target(write: &mut Write, sender: &Sender, key: &str) -> Result<Target> {
    let target = write.new_id().to_string();
    let identifier = write.insert_identifier(&NewIdentifier {
        name: None,
        external_key: key,
        source: sender.source,
        target_table: sender.table,
        target_id: Some(&target),
        first_seen: Some(sender.at),
        last_seen: Some(sender.at),
    })?;
    Ok(Target::New { target, identifier })
}

/// What becomes of a value whose record has no one target.
pub(super) fn without_target(normalised: Normalised, target: &Target) -> Decided {
    match (normalised, target) {
        (Normalised::Failed { code }, _) => Decided::stopped(ItemState::Failed, code),
        (_, Target::Several) => Decided::stopped(ItemState::Held, code::TWO_TARGETS),
        _ => Decided::stopped(ItemState::Held, code::UNKNOWN_KEY),
    }
}
