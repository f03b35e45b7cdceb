//! New rows of each table, as the engine states them.

use anyhow::Result;

use super::logged::{BINDING, CODE_ENTRY, IDENTIFIER, ITEM, JOB, LEDGER, Logged, POLICY, SETTING, USER, VALUE_MAP};
use super::write::{Val, Write};
use crate::model::choice::{
    CommitMode, Direction, ItemState, Justification, LedgerAspect, LedgerStatus, MapState, OnBlank, OnEmpty, OnNoMatch,
    OnUnknownKey, OnUnmapped, OverallResult, Relationship, YesNo,
};
use crate::model::time::Micros;

/// A delivery that begins, or values that are to go out.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    pub direction: Direction,
    pub entity_type: Option<&'a str>,
    pub source: &'a str,
    pub submitted: Micros,
    pub target_table: &'a str,
    pub key_column: Option<&'a str>,
    pub delivery_id: Option<&'a str>,
    pub sha256: Option<&'a str>,
    pub file_name: Option<&'a str>,
}

#[derive(Debug, Clone)]
pub struct NewIdentifier<'a> {
    /// The name an import gave it; one of the store's own if none.
    pub name: Option<&'a str>,
    pub external_key: &'a str,
    pub source: &'a str,
    pub target_table: &'a str,
    pub target_id: Option<&'a str>,
    pub first_seen: Option<Micros>,
    pub last_seen: Option<Micros>,
}

#[derive(Debug, Clone)]
pub struct NewValueMap<'a> {
    pub name: Option<&'a str>,
    pub source: Option<&'a str>,
    pub code_list: &'a str,
    pub source_code: &'a str,
    /// The source code as lookups compare it.
    pub normal_code: &'a str,
    pub source_label: Option<&'a str>,
    pub canonical: Option<&'a str>,
    /// Hundredths.
    pub confidence: Option<i64>,
    pub state: MapState,
    pub relationship: Relationship,
    pub justification: Option<Justification>,
    pub author: Option<i64>,
    pub note: Option<&'a str>,
    /// Of several codes of the source for one canonical code, the one that the source is sent.
    pub preferred: bool,
}

impl<'a> NewValueMap<'a> {
    /// A code that waits for somebody to decide what it means.
    pub fn proposed(source: &'a str, code_list: &'a str, code: &'a str, normal_code: &'a str) -> NewValueMap<'a> {
        NewValueMap {
            name: None,
            source: Some(source),
            code_list,
            source_code: code,
            normal_code,
            source_label: Some(code),
            canonical: None,
            confidence: None,
            state: MapState::Proposed,
            relationship: Relationship::Equal,
            justification: None,
            author: None,
            note: None,
            preferred: false,
        }
    }
}

#[derive(Debug, Clone)]
pub struct NewPolicy<'a> {
    pub name: Option<&'a str>,
    pub target_table: &'a str,
    pub field_name: Option<&'a str>,
    pub commit_mode: Option<CommitMode>,
    pub auto_certify: Option<YesNo>,
    pub authoritative_sources: Option<&'a str>,
    pub stale_after_days: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct NewBinding<'a> {
    pub target_table: &'a str,
    pub field_name: Option<&'a str>,
    pub source: Option<&'a str>,
    pub code_list: Option<&'a str>,
    pub on_unmapped: OnUnmapped,
    pub on_blank: OnBlank,
    pub on_no_match: OnNoMatch,
    pub on_unknown_key: OnUnknownKey,
    pub fixed_value: Option<&'a str>,
    pub outbound: bool,
    pub on_empty: OnEmpty,
}

/// A sync item as it is when it is made.
#[derive(Debug, Clone)]
pub struct NewItem<'a> {
    pub job: i64,
    pub target_table: &'a str,
    pub target_id: Option<&'a str>,
    pub field_name: Option<&'a str>,
    pub external_key: Option<&'a str>,
    pub source: &'a str,
    pub raw_value: Option<&'a str>,
    pub new_value: Option<&'a str>,
    pub old_value: Option<&'a str>,
    pub applied: Option<Micros>,
    pub message: Option<&'a str>,
    pub source_time: Micros,
    pub sequence: i64,
    pub state: ItemState,
    pub code: Option<&'a str>,
    pub value_map: Option<i64>,
    pub policy: Option<i64>,
    /// The id of the entry that is written in the same transaction.
    pub ledger: Option<i64>,
    /// From 1; a retry is a new attempt at the same delivered value.
    pub attempt: i64,
    /// The attempt before.
    pub parent: Option<i64>,
}

/// A ledger entry as it is when it is made.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    pub aspect: LedgerAspect,
    pub target_table: &'a str,
    pub target_id: &'a str,
    /// The field's name for the aspect Field; what the wider aspects have instead is in engine.md, "Aspects".
    pub aspect_key: &'a str,
    /// None where a person vouches and no source supplied anything.
    pub source: Option<&'a str>,
    pub value: Option<&'a str>,
    pub status: LedgerStatus,
    pub certified: Option<(i64, Micros)>,
    pub live: bool,
    pub rank: i64,
    pub item: Option<i64>,
    pub supersedes: Option<i64>,
    pub notes: Option<&'a str>,
    pub source_time: Micros,
    pub sequence: i64,
}

/// What the platform's columns of a new row hold before and after the table's own.
struct Platform {
    guid: [u8; 16],
}

impl Platform {
    fn row<'v>(&'v self, write: &Write, own: &[Val<'v>], derived: &[Val<'v>]) -> Vec<Val<'v>> {
        let stamp = write.stamp;
        let mut values = Vec::with_capacity(own.len() + derived.len() + 8);
        values.push(Val::Blob(&self.guid));
        values.extend_from_slice(own);
        values.extend([Val::Int(0), Val::Int(1), Val::Int(stamp.at), Val::Int(stamp.user), Val::Int(stamp.user)]);
        values.extend([Val::Int(stamp.at), Val::Int(stamp.user)]);
        values.extend_from_slice(derived);
        values
    }
}

impl Write<'_> {
    fn platform(&self) -> Platform {
        Platform { guid: self.new_guid().into_bytes() }
    }

    /// The ids that the next item and the next ledger entry will get, so that each can name the other.
    pub fn next_item_and_entry(&mut self) -> Result<(i64, i64)> {
        Ok((self.next_id(&ITEM)?, self.next_id(&LEDGER)?))
    }

    pub fn insert_job(&mut self, new: &NewJob) -> Result<i64> {
        let platform = self.platform();
        let own = [
            Val::Int(new.direction.code()),
            Val::text(new.entity_type),
            Val::Text(new.source),
            Val::Int(new.submitted),
            Val::Text(new.target_table),
            Val::text(new.key_column),
            Val::text(new.delivery_id),
            Val::text(new.sha256),
            Val::text(new.file_name),
        ];
        let mut values = platform.row(self, &own, &[Val::Int(OverallResult::Indeterminate.code())]);
        // The message: nobody withdrew it yet.
        values.push(Val::Null);
        self.insert(&JOB, &values)
    }

    pub fn insert_identifier(&mut self, new: &NewIdentifier) -> Result<i64> {
        let platform = self.platform();
        let given = self.given_or_own_name(&IDENTIFIER, new.name, "IDN")?;
        let own = [
            Val::Text(&given),
            Val::Text(new.external_key),
            Val::int(new.first_seen),
            Val::Text(new.source),
            Val::text(new.target_id),
            Val::Text(new.target_table),
        ];
        let values = platform.row(self, &own, &[Val::int(new.last_seen)]);
        let id = self.insert(&IDENTIFIER, &values)?;
        if new.last_seen != new.first_seen {
            self.keep_seen(id, Val::int(new.last_seen));
        }
        Ok(id)
    }

    pub fn insert_value_map(&mut self, new: &NewValueMap) -> Result<i64> {
        let platform = self.platform();
        let given = self.given_or_own_name(&VALUE_MAP, new.name, "MAP")?;
        let own = [
            Val::Text(&given),
            Val::text(new.canonical),
            Val::Text(new.code_list),
            Val::int(new.confidence),
            Val::Text(new.source_code),
            Val::text(new.source_label),
            Val::text(new.source),
            Val::Int(new.state.code()),
            Val::Int(new.relationship.code()),
            Val::int(new.justification.map(Justification::code)),
            Val::Null,
            Val::int(new.author),
            Val::Null,
            Val::text(new.note),
            Val::Text(new.normal_code),
            Val::Int(i64::from(new.preferred)),
        ];
        let values = platform.row(self, &own, &[]);
        self.deltas.value_map(new.state, true, 1);
        self.insert(&VALUE_MAP, &values)
    }

    pub fn insert_policy(&mut self, new: &NewPolicy) -> Result<i64> {
        let platform = self.platform();
        let given = self.given_or_own_name(&POLICY, new.name, "POL")?;
        let own = [
            Val::Text(&given),
            Val::text(new.authoritative_sources),
            Val::int(new.auto_certify.map(YesNo::code)),
            Val::int(new.commit_mode.map(CommitMode::code)),
            Val::text(new.field_name),
            Val::int(new.stale_after_days),
            Val::Text(new.target_table),
        ];
        let values = platform.row(self, &own, &[]);
        self.insert(&POLICY, &values)
    }

    pub fn insert_binding(&mut self, new: &NewBinding) -> Result<i64> {
        let values = [
            Val::Text(new.target_table),
            Val::text(new.field_name),
            Val::text(new.source),
            Val::text(new.code_list),
            Val::Int(new.on_unmapped.code()),
            Val::Int(new.on_blank.code()),
            Val::Int(new.on_no_match.code()),
            Val::Int(new.on_unknown_key.code()),
            Val::text(new.fixed_value),
            Val::Int(i64::from(new.outbound)),
            Val::Int(1),
            Val::int(new.on_empty.stored()),
        ];
        let id = self.insert(&BINDING, &values)?;
        self.note_binding_change(id)?;
        Ok(id)
    }

    pub fn insert_code(&mut self, list: &str, code: &str, label: Option<&str>) -> Result<i64> {
        self.insert(&CODE_ENTRY, &[Val::Text(list), Val::Text(code), Val::text(label), Val::Int(1)])
    }

    pub fn insert_user(&mut self, login: &str, full_name: Option<&str>, roles: &str) -> Result<i64> {
        self.insert(&USER, &[Val::Text(login), Val::text(full_name), Val::Text(roles), Val::Int(1)])
    }

    pub fn insert_setting(&mut self, key: &str, value: &str) -> Result<i64> {
        self.insert(&SETTING, &[Val::Text(key), Val::Text(value)])
    }

    pub fn insert_item(&mut self, new: &NewItem) -> Result<i64> {
        let platform = self.platform();
        let own = [
            Val::int(new.applied),
            Val::text(new.field_name),
            Val::Int(new.job),
            Val::text(new.new_value),
            Val::text(new.message),
            Val::text(new.target_id),
            Val::Text(new.target_table),
            Val::text(new.external_key),
            Val::Text(new.source),
            Val::text(new.raw_value),
            Val::text(new.old_value),
            Val::Int(new.source_time),
            Val::Int(new.sequence),
            Val::Int(new.state.code()),
            Val::text(new.code),
            Val::Int(new.attempt),
            Val::int(new.parent),
            Val::int(new.value_map),
            Val::int(new.policy),
            Val::int(new.ledger),
            Val::Null,
        ];
        let values = platform.row(self, &own, &[]);
        self.deltas.item(new.job, new.state, true, new.value_map, 1);
        self.insert(&ITEM, &values)
    }

    pub fn insert_entry(&mut self, new: &NewEntry) -> Result<i64> {
        let platform = self.platform();
        let (by, on) = new.certified.unzip();
        let own = [
            Val::Text(new.aspect_key),
            Val::int(by),
            Val::int(on),
            Val::Int(new.aspect.code()),
            Val::Int(new.status.code()),
            Val::text(new.notes),
            Val::text(new.source),
            Val::Text(new.target_id),
            Val::Text(new.target_table),
            Val::text(new.value),
            Val::int(new.item),
            Val::int(new.supersedes),
            Val::Null,
            Val::Int(i64::from(new.live)),
            Val::Int(0),
            Val::Int(new.rank),
            Val::Null,
            Val::Int(new.source_time),
            Val::Int(new.sequence),
        ];
        let values = platform.row(self, &own, &[]);
        self.deltas.ledger(new.status, true, 1);
        self.insert(&LEDGER, &values)
    }

    /// The given name, or the prefix and the id that the row will get. A given name may look like an own one: then the
    /// own one takes the next free number behind a point.
    fn given_or_own_name(&mut self, logged: &'static Logged, given: Option<&str>, prefix: &str) -> Result<String> {
        match given {
            Some(name) => Ok(name.to_string()),
            None => Ok(format!("{prefix}-{:07}", self.next_id(logged)?)),
        }
    }
}
