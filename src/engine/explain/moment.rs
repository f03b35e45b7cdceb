//! A field as an operation of the log left it: its entries, its policy, its holder.

use super::reigns::Reigns;
use crate::model::choice::{CommitMode, LedgerStatus, YesNo};
use crate::model::code::Code;
use crate::model::fact::{Entry, Policy};
use crate::model::row::{Row, Value};
use crate::model::time::Micros;
use crate::model::versions::Versions;
use crate::rules::policy::{Applied, choose};
use crate::store::{Deed, FieldPast};

/// A place in the log, and the time of which is asked there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub past: &'a FieldPast,
    pub reigns: &'a Reigns,
    /// The last operation that counts.
    pub operation: i64,
    pub at: Micros,
}

impl<'a> Moment<'a> {
    /// Just before a row was made, as the operation that made it saw its time.
    pub fn before(self, row: &Versions) -> Moment<'a> {
        let at = row.as_made().int("created_on").unwrap_or_default();
        Moment { operation: row.made_by() - 1, at, ..self }
    }

    /// The rows that there are, as they are.
    pub fn rows(self, all: &'a [Versions]) -> impl Iterator<Item = (&'a Versions, &'a Row)> {
        all.iter().filter_map(move |versions| Some((versions, versions.at(self.operation)?)))
    }

    pub fn entries(self) -> Vec<Entry> {
        self.rows(&self.past.entries).filter_map(|(_, row)| entry(row)).collect()
    }

    /// The policy of the field, or the default where none can be told.
    pub fn policy(self) -> Applied {
        self.applied().unwrap_or_default()
    }

    /// The row of the policy that speaks of the field, or why none can be told.
    pub fn governing(self) -> Result<Option<&'a Row>, &'static Code> {
        let id = self.applied()?.id;
        Ok(self.rows(&self.past.policies).map(|(_, row)| row).find(|row| Some(row.id) == id))
    }

    fn applied(self) -> Result<Applied, &'static Code> {
        let policies: Vec<Policy> = self.rows(&self.past.policies).filter_map(|(_, row)| policy(row)).collect();
        choose(&policies, &self.past.key.0, &self.past.key.2)
    }

    /// The entry that holds the value in force.
    pub fn holder(self) -> Option<i64> {
        self.reigns.holder_at(self.operation)
    }

    /// The operation that gave a field of a row the value it has.
    pub fn set_by(self, versions: &Versions, field: &str) -> Option<Deed> {
        self.deed(versions.set_by(field, self.operation))
    }

    /// Who last vouched for the entry's record or table as a whole while it was pending, and left it so.
    pub fn attested_beside(self, versions: &Versions) -> Option<Deed> {
        let pending = |operation| {
            let row = versions.at(operation).filter(|row| is_active(row));
            row.is_some_and(|row| row.int("ledger_status") == Some(LedgerStatus::Pending.code()))
        };
        let stands = |(attest, row): &(&Versions, &Row)| is_active(row) && attest.made_by() > versions.made_by();
        let attests = self.rows(&self.past.attests).filter(stands).map(|(attest, _)| attest.made_by());
        attests.filter(|by| pending(by - 1) && pending(*by)).max().and_then(|by| self.deed(by))
    }

    /// The operation that disposed of a row's values, also where that came later.
    pub fn disposed_by(self, row: &Row) -> Option<Deed> {
        let disposed = self.past.disposed.iter().find(|(table, id, _)| (*table, *id) == (row.table, row.id));
        disposed.and_then(|(_, _, operation)| self.deed(*operation))
    }

    /// An operation that made or changed a row of the field, or a policy.
    pub fn deed(self, operation: i64) -> Option<Deed> {
        let place = self.past.deeds.binary_search_by_key(&operation, |deed| deed.operation).ok()?;
        self.past.deeds.get(place).cloned()
    }
}

/// A row of the ledger as survivorship takes it.
pub(super) fn entry(row: &Row) -> Option<Entry> {
    Some(Entry {
        id: row.id,
        status: LedgerStatus::from_code(row.int("ledger_status")?)?,
        live: flag(row, "live"),
        active: is_active(row),
        pinned: flag(row, "pinned"),
        rank: row.int("rank")?,
        source_time: row.int("source_date_time")?,
        sequence: row.int("sequence")?,
        source: row.text("source_system_key").to_string(),
        displaced_by: row.int("displaced_by"),
    })
}

/// An active policy as its choice takes it.
fn policy(row: &Row) -> Option<Policy> {
    is_active(row).then(|| Policy {
        id: row.id,
        target_table: row.text("target_table").to_string(),
        field_name: text(row, "field_name"),
        mode: row.int("commit_mode").and_then(CommitMode::from_code),
        auto_certify: row.int("auto_certify").and_then(YesNo::from_code),
        authoritative_sources: text(row, "authoritative_sources"),
        stale_after_days: row.int("stale_after_days"),
    })
}

pub(super) fn is_active(row: &Row) -> bool {
    row.int("statecode") == Some(0)
}

pub(super) fn flag(row: &Row, field: &str) -> bool {
    row.int(field) == Some(1)
}

/// A text, where there is one: an empty text is one.
pub(super) fn text(row: &Row, field: &str) -> Option<String> {
    match row.value(field) {
        Value::Text(text) | Value::Link(_, text) => Some(text.clone()),
        _ => None,
    }
}
