//! One candidate for the value of a field: where it came from, who decided on it, and why it is not in force.

use super::decision::decision;
use super::moment::{Moment, flag, is_active, text};
use super::replay::row_of_item;
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::fact::Entry;
use crate::model::row::Row;
use crate::model::time::Micros;
use crate::model::versions::Versions;
use crate::rules::ranking::Place;
use crate::rules::survivorship::{Difference, difference, eligible};
use crate::rules::verdict;
use crate::store::Deed;

/// A ledger entry, or a sync item that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub ledger: Option<i64>,
    pub item: Option<i64>,
    pub job: Option<i64>,
    /// None clears the field; an item may not have come to a value yet.
    pub value: Option<String>,
    /// As delivered, or as a person edited it.
    pub raw_value: Option<String>,
    pub edit: Option<Edit>,
    /// Its values are gone, by this operation.
    pub disposed: Option<Deed>,
    pub source: String,
    pub external_key: Option<String>,
    pub source_time: Micros,
    pub status: Option<LedgerStatus>,
    pub state: Option<ItemState>,
    pub live: bool,
    pub pinned: bool,
    /// 0 is the highest; an item without an entry has none.
    pub rank: Option<i64>,
    pub certified_by: Option<String>,
    pub certified_on: Option<Micros>,
    pub notes: Option<String>,
    /// Who certified it by vouching for more than this field.
    pub attested: Option<Deed>,
    /// The map and the policy as they were when they were used.
    pub map: Option<MapUsed>,
    pub policy: Option<PolicyUsed>,
    /// The row of the decision table that put it where it is, 1 to 12.
    pub row: Option<u8>,
    /// The re-evaluation that decided on it last, where one did.
    pub reevaluated: Option<Reevaluated>,
    /// What speaks of the field since, where that is something else than what decided.
    pub policy_since: Option<PolicySince>,
    pub standing: Standing,
}

/// A re-evaluation that put an entry where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reevaluated {
    pub act: Deed,
    /// Whether the table decided on it again; a certified one only gets its source's new rank.
    pub decided: bool,
}

/// The policy that would decide from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySince {
    /// Who changed it last.
    pub act: Option<Deed>,
    /// None: no policy speaks of the field; or why none can be told.
    pub now: Result<Option<PolicyUsed>, &'static str>,
    /// Where the candidate's source stands by it, if that is elsewhere than the candidate.
    pub place: Option<Place>,
}

/// An input that a person put in the place of another before it was tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What it was before.
    pub raw_value: String,
    pub act: Option<Deed>,
}

/// A value map, as far as it says where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapUsed {
    pub name: String,
    /// None: any source.
    pub source: Option<String>,
    pub code_list: String,
    pub source_code: String,
    pub canonical: Option<String>,
    pub author: Option<String>,
}

/// A commit policy, as far as it says what became of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyUsed {
    pub name: String,
    pub mode: Option<String>,
    pub auto_certify: bool,
    pub sources: Option<String>,
    pub stale_after_days: Option<i64>,
}

impl PolicyUsed {
    /// Whether it decides as another one does.
    pub(super) fn says_as(&self, other: &PolicyUsed) -> bool {
        let says = |policy: &PolicyUsed| PolicyUsed { name: String::new(), ..policy.clone() };
        says(self) == says(other)
    }
}

/// Where a candidate stands, and why it is not in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    InForce,
    /// It may hold the value, and this entry stands before it.
    Behind {
        entry: i64,
        difference: Difference,
        /// What chose that one over it.
        act: Option<Deed>,
    },
    Waits {
        /// Who had it decided on again after it was rejected.
        reopened: Option<Deed>,
        /// Who vouched for the record or the table since, and left it for a decision of its own.
        left: Option<Deed>,
    },
    Rejected {
        act: Option<Deed>,
        reason: Option<String>,
    },
    Revoked {
        act: Option<Deed>,
        reason: Option<String>,
    },
    /// Its source said something newer: this entry, or the value that was in force already.
    Superseded {
        entry: Option<i64>,
    },
    /// What was delivered was read anew by its value map or code list, and came to this entry, or to none.
    ReadAnew {
        entry: Option<i64>,
        act: Option<Deed>,
    },
    /// It was tried again, as this item.
    TriedAgain {
        item: Option<i64>,
        act: Option<Deed>,
    },
    /// It had lost for good, and was retired when its values were disposed of.
    Disposed {
        act: Option<Deed>,
    },
    /// The operation that made it was undone.
    TakenBack {
        act: Option<Deed>,
    },
    /// An item for which no entry was made; what it says of itself.
    Item {
        state: ItemState,
        message: Option<String>,
        act: Option<Deed>,
    },
}

impl Candidate {
    /// What the row of the decision table says.
    pub fn row_words(&self) -> Option<&'static str> {
        self.row.map(verdict::words)
    }

    pub(super) fn of_entry(moment: Moment, versions: &Versions, row: &Row, entries: &[Entry]) -> Candidate {
        let past = moment.past;
        let item = past.items.iter().find(|item| Some(item.id()) == row.int("sync_item"));
        // As the entry's own operation left it: the item may have been decided on anew since.
        let origin = item.and_then(|item| item.at(versions.made_by()));
        let used = Moment { operation: versions.made_by(), ..moment };
        let state = item.and_then(|item| item.at(moment.operation)).and_then(state);
        let came = Candidate::from_item(used, origin, of_entry(moment, versions, row, entries));
        let decision = decision(moment, versions, came.policy.clone());
        Candidate {
            ledger: Some(row.id),
            value: text(row, "value"),
            status: row.int("ledger_status").and_then(LedgerStatus::from_code),
            state,
            live: flag(row, "live"),
            pinned: flag(row, "pinned"),
            rank: row.int("rank"),
            certified_by: text(row, "certified_by"),
            certified_on: row.int("certified_date_time"),
            notes: text(row, "notes"),
            disposed: moment.disposed_by(row),
            attested: moment.set_by(versions, "certified_date_time").filter(|deed| deed.kind == "attest"),
            row: decision.row,
            policy: decision.policy,
            reevaluated: decision.again,
            policy_since: decision.since,
            source: row.text("source_system_key").to_string(),
            source_time: row.int("source_date_time").unwrap_or_default(),
            ..came
        }
    }

    pub(super) fn of_item(moment: Moment, versions: &Versions, row: &Row) -> Option<Candidate> {
        let state = state(row)?;
        let standing = if is_active(row) {
            let act = moment.set_by(versions, "state");
            Standing::Item { state, message: text(row, "process_message"), act }
        } else {
            given_up(moment, versions)
        };
        let value = text(row, "new_value");
        // As its map and policy were when it came to where it is.
        let used = Moment { operation: versions.set_by("state", moment.operation), ..moment };
        Some(Candidate { value, row: row_of_item(row), ..Candidate::from_item(used, Some(row), standing) })
    }

    /// What the item tells, and what it came through.
    fn from_item(used: Moment, item: Option<&Row>, standing: Standing) -> Candidate {
        let own = |field: &str| item.and_then(|item| text(item, field));
        let id = |field: &str| item.and_then(|item| item.int(field));
        let map = id("value_map").and_then(|id| used.rows(&used.past.maps).find(|(map, _)| map.id() == id));
        let policy = id("commit_policy").and_then(|id| used.rows(&used.past.policies).find(|(row, _)| row.id() == id));
        Candidate {
            ledger: None,
            item: item.map(|item| item.id),
            job: id("integration_sync_job"),
            value: None,
            raw_value: own("raw_value"),
            edit: item.and_then(|item| edited(used, item)),
            disposed: item.and_then(|item| used.disposed_by(item)),
            source: own("source_system_key").unwrap_or_default(),
            external_key: own("external_key"),
            source_time: id("source_date_time").unwrap_or_default(),
            status: None,
            state: item.and_then(state),
            live: false,
            pinned: false,
            rank: None,
            certified_by: None,
            certified_on: None,
            notes: None,
            attested: None,
            map: map.map(|(_, row)| map_used(row)),
            policy: policy.map(|(_, row)| policy_used(row)),
            row: None,
            reevaluated: None,
            policy_since: None,
            standing,
        }
    }
}

/// Where an entry stands among the entries of its field.
fn of_entry(moment: Moment, versions: &Versions, row: &Row, entries: &[Entry]) -> Standing {
    let act = |field| moment.set_by(versions, field);
    let reason = || text(row, "reason");
    let holder = moment.holder();
    if holder == Some(row.id) {
        return Standing::InForce;
    }
    match row.int("ledger_status").and_then(LedgerStatus::from_code) {
        Some(LedgerStatus::Rejected) => Standing::Rejected { act: act("ledger_status"), reason: reason() },
        Some(LedgerStatus::Revoked) => Standing::Revoked { act: act("ledger_status"), reason: reason() },
        _ if !is_active(row) => retired(moment, row, act("statecode")),
        _ => behind(row.id, holder, entries, act("displaced_by")).unwrap_or_else(|| Standing::Waits {
            reopened: act("ledger_status").filter(|act| act.kind == "reopen"),
            left: moment.attested_beside(versions),
        }),
    }
}

fn retired(moment: Moment, row: &Row, act: Option<Deed>) -> Standing {
    match act.as_ref().map(|act| act.kind.as_str()) {
        Some("undo") => return Standing::TakenBack { act },
        Some("dispose") => return Standing::Disposed { act },
        _ => {}
    }
    let named = moment.rows(&moment.past.entries).find(|(_, other)| other.int("supersedes") == Some(row.id));
    let named = named.map(|(_, row)| row);
    match act.as_ref().map(|act| act.kind.as_str()) {
        // Its source said nothing since: its own word was read anew.
        Some("remap") if named.is_none_or(|named| age(named) == age(row)) => {
            Standing::ReadAnew { entry: named.map(|named| named.id), act }
        }
        Some("reevaluate") => {
            Standing::Superseded { entry: named.or_else(|| newer_word(moment, row)).map(|row| row.id) }
        }
        _ => Standing::Superseded { entry: named.map(|named| named.id) },
    }
}

/// The newest word of a source on the field that is newer than its entry, where there is one.
fn newer_word<'a>(moment: Moment<'a>, row: &Row) -> Option<&'a Row> {
    let same = |other: &&Row| other.text("source_system_key") == row.text("source_system_key");
    let rows = moment.rows(&moment.past.entries).map(|(_, row)| row).filter(same);
    rows.max_by_key(|row| age(row)).filter(|newest| age(newest) > age(row))
}

fn age(row: &Row) -> (Option<i64>, Option<i64>) {
    (row.int("source_date_time"), row.int("sequence"))
}

/// An attempt that is no longer the newest, or whose operation was undone.
fn given_up(moment: Moment, versions: &Versions) -> Standing {
    let act = moment.set_by(versions, "statecode");
    if act.as_ref().is_some_and(|act| act.kind == "undo") {
        return Standing::TakenBack { act };
    }
    let mut next = moment.rows(&moment.past.items);
    let next = next.find(|(_, row)| row.int("parent_item") == Some(versions.id())).map(|(_, row)| row.id);
    Standing::TriedAgain { item: next, act }
}

fn behind(id: i64, holder: Option<i64>, entries: &[Entry], chose: Option<Deed>) -> Option<Standing> {
    let of = |id: i64| entries.iter().find(|entry| entry.id == id);
    let (rival, holder) = (of(id)?, of(holder?)?);
    if !eligible(rival) {
        return None;
    }
    let difference = difference(holder, rival, entries);
    let before = match difference {
        Difference::Displaced => rival.displaced_by.unwrap_or(holder.id),
        _ => holder.id,
    };
    let act = chose.filter(|_| difference == Difference::Displaced);
    Some(Standing::Behind { entry: before, difference, act })
}

/// The last edit on the way to an attempt.
fn edited(moment: Moment, item: &Row) -> Option<Edit> {
    let row_of = |id: i64| moment.past.items.iter().find(|other| other.id() == id);
    let mut attempt = row_of(item.id)?;
    loop {
        let before = row_of(attempt.as_made().int("parent_item")?)?;
        let raw_value = before.as_made().text("raw_value");
        if attempt.as_made().text("raw_value") != raw_value {
            return Some(Edit { raw_value: raw_value.to_string(), act: moment.set_by(attempt, "raw_value") });
        }
        attempt = before;
    }
}

fn state(item: &Row) -> Option<ItemState> {
    item.int("state").and_then(ItemState::from_code)
}

fn map_used(row: &Row) -> MapUsed {
    MapUsed {
        name: row.name().to_string(),
        source: text(row, "source_system_key"),
        code_list: row.text("code_list").to_string(),
        source_code: row.text("source_code").to_string(),
        canonical: text(row, "canonical_code_value"),
        author: text(row, "author"),
    }
}

pub(super) fn policy_used(row: &Row) -> PolicyUsed {
    let mode = row.display("commit_mode");
    PolicyUsed {
        name: row.name().to_string(),
        mode: (!mode.is_empty()).then(|| mode.into_owned()),
        auto_certify: row.display("auto_certify") == "Yes",
        sources: text(row, "authoritative_sources"),
        stale_after_days: row.int("stale_after_days"),
    }
}
