//! Attesting: a reviewer vouches for a whole record, table or delivery (engine.md, "Aspects").
//!
//! An attestation is a certified ledger entry of a wider aspect. Whoever vouches for a record has read what is in force: so
//! it certifies that, by the rules of any certification, and what is proposed for a field that has nothing yet, where
//! that is of one mind. Nothing comes into force by it over something else. What it leaves is counted and told; rejected
//! and revoked entries are not touched. It has itself no part in the values in force.

use std::collections::HashMap;

use super::command::{Attested, Verb};
use super::decide::Noted;
use super::settle::settle;
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::{LedgerAspect, LedgerStatus};
use crate::model::code::Code;
use crate::model::table::Table;
use crate::model::text::counted;
use crate::store::{Below, JobFact, NewEntry, PendingEntry};

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems, Table::Ledger];

const CONTESTED: &str = "rivals another pending value of its field: certify one of them by itself";
const CHALLENGES: &str =
    "waits beside the value in force, which is what was attested: certify it by itself to put it there";
const PINNED: &str = "belongs to a field whose value a person pinned";
const NOT_AUTHORITATIVE: &str = "is of a source that is not authoritative for its field";

/// How many hex digits of its digest a table's aspect key holds.
const TABLE_DIGITS: usize = 12;

/// A field of a table, and a source.
type Place = (String, String, String);

/// Whether the source is authoritative for the field, or why that cannot be told.
type Standing = Result<bool, &'static Code>;

/// What is attested, once it is known to be there.
enum Subject {
    Record { table: String, target: String },
    Table { table: String },
    File(Box<JobFact>),
}

impl Operation<'_, '_> {
    pub(super) fn attest(&mut self, scope: &Attested, reason: Option<&str>) -> Result<Done, Error> {
        let subject = self.subject(scope)?;
        self.certify_below(subject.below(), reason)?;
        // A table is vouched for as it is with everything certified that was pending.
        settle(self.write, self.setup, &mut self.effects)?;
        let certified = self.effects.changed;
        let key = self.aspect_key(&subject)?;
        self.enter(&subject, &key, reason)?;
        self.effects.changed += 1;
        let certified = counted(certified, "ledger entry");
        let mut summary = match subject {
            // A record's key says only that all of its fields are meant.
            Subject::Record { .. } => format!("Attested {} with all its fields: certified {certified}", subject.name()),
            _ => format!("Attested {} as {key}: certified {certified}", subject.name()),
        };
        let left = self.effects.left;
        if left > 0 {
            summary.push_str(&format!(", left {}", counted(left, "entry")));
        }
        let held_back = self.effects.held_back_rows() - left;
        if held_back > 0 {
            summary.push_str(&format!(", held back {}", counted(held_back, "entry")));
        }
        Ok(Done { reason: reason.map(str::to_string), ..Done::new("attest", summary, TABLES) })
    }

    fn subject(&mut self, scope: &Attested) -> Result<Subject, Error> {
        let subject = match scope {
            Attested::File { job } => return Ok(Subject::File(Box::new(self.delivered(*job)?))),
            Attested::Record { target_table, target_id } => {
                Subject::Record { table: self.write.spelling("table", target_table)?, target: target_id.clone() }
            }
            Attested::Table { target_table } => Subject::Table { table: self.write.spelling("table", target_table)? },
        };
        if self.write.has_entries(subject.below())? {
            return Ok(subject);
        }
        let hint = " The ledger names what there is: steward list ledger".to_string();
        Err(Refusal::NotFound { what: "entry in the ledger for", name: subject.name(), hint }.into())
    }

    /// A job that took in a whole delivery.
    fn delivered(&self, id: i64) -> Result<JobFact, Error> {
        let name = Table::SyncJobs.row_name(id);
        let job = self.write.job(id)?.ok_or_else(|| Refusal::NotFound {
            what: "sync job",
            name: name.clone(),
            hint: String::new(),
        })?;
        let problem = if job.sha256.is_none() {
            "took in no file. Only a delivery can be attested"
        } else if job.withdrawn {
            "was withdrawn. Undo that, or attest another delivery"
        } else if !job.finished {
            "has not taken in its whole file yet. Deliver the file again, then attest it"
        } else {
            return Ok(job);
        };
        Err(Refusal::Transition(format!("{name} {problem}.")).into())
    }

    fn certify_below(&mut self, below: Below, reason: Option<&str>) -> Result<(), Error> {
        let mut ids = Vec::new();
        let mut standing = HashMap::new();
        for entry in self.write.pending_entries(below)? {
            match self.left(&entry, &mut standing) {
                Some(why) => self.effects.leave(why, Table::Ledger.row_name(entry.id)),
                None => ids.push(entry.id),
            }
        }
        let noted = Noted { reason, own_alone: self.is_for_own_alone(Verb::Certify, &ids, reason)? };
        self.decide_each(Verb::Certify, &ids, noted)
    }

    /// Why an entry is none of what is vouched for, if it is none.
    fn left(&self, entry: &PendingEntry, standing: &mut HashMap<Place, Standing>) -> Option<String> {
        match entry.holder {
            Some((_, true)) => return Some(PINNED.into()),
            Some((holder, false)) if holder == entry.id => return None,
            Some(_) => return Some(CHALLENGES.into()),
            None => {}
        }
        let PendingEntry { target_table, field_name, source, .. } = entry;
        let place = (target_table.clone(), field_name.clone(), source.clone());
        let standing = standing.entry(place).or_insert_with(|| {
            let plan = self.setup.field(target_table, field_name, source);
            plan.policy.map(|(_, place)| place.authoritative)
        });
        match standing {
            Err(code) => Some(code.message()),
            Ok(false) => Some(NOT_AUTHORITATIVE.into()),
            Ok(true) => entry.contested.then(|| CONTESTED.into()),
        }
    }

    fn aspect_key(&self, subject: &Subject) -> Result<String, Error> {
        Ok(match subject {
            Subject::Record { .. } => "*".into(),
            Subject::Table { table } => {
                let digest = self.write.table_digest(table)?;
                format!("rows={};sha256={}", digest.rows, &digest.sha256[..TABLE_DIGITS])
            }
            Subject::File(job) => format!("sha256:{}", job.sha256.as_deref().unwrap_or_default()),
        })
    }

    fn enter(&mut self, subject: &Subject, key: &str, reason: Option<&str>) -> Result<(), Error> {
        let stamp = self.write.stamp();
        self.write.insert_entry(&NewEntry {
            aspect: subject.aspect(),
            target_table: subject.table(),
            target_id: &subject.target(),
            aspect_key: key,
            source: None,
            value: None,
            status: LedgerStatus::Certified,
            certified: Some((stamp.user, stamp.at)),
            live: false,
            rank: 0,
            item: None,
            supersedes: None,
            notes: reason,
            source_time: stamp.at,
            sequence: 0,
        })?;
        Ok(())
    }
}

impl Subject {
    fn aspect(&self) -> LedgerAspect {
        match self {
            Subject::Record { .. } => LedgerAspect::Record,
            Subject::Table { .. } => LedgerAspect::Table,
            Subject::File(_) => LedgerAspect::File,
        }
    }

    fn below(&self) -> Below<'_> {
        match self {
            Subject::Record { table, target } => Below::Record { target_table: table, target_id: target },
            Subject::Table { table } => Below::Table { target_table: table },
            Subject::File(job) => Below::Job(job.id),
        }
    }

    fn table(&self) -> &str {
        match self {
            Subject::Record { table, .. } | Subject::Table { table } => table,
            Subject::File(job) => &job.target_table,
        }
    }

    /// The record's id, the table's name, or the delivery's id: the job's name where the source gave it none.
    fn target(&self) -> String {
        match self {
            Subject::Record { target, .. } => target.clone(),
            Subject::Table { table } => table.clone(),
            Subject::File(job) => job.delivery_id.clone().unwrap_or_else(|| Table::SyncJobs.row_name(job.id)),
        }
    }

    /// In a sentence.
    fn name(&self) -> String {
        match self {
            Subject::Record { table, target } => format!("the record {target} of {table}"),
            Subject::Table { table } => format!("the table {table}"),
            Subject::File(job) => format!("the delivery of {}", Table::SyncJobs.row_name(job.id)),
        }
    }
}
