//! `verify`: the log, and everything that follows from it, checked again from the beginning.

use anyhow::Result;
use serde::Serialize;

use super::settle::counters_of;
use crate::model::Shown;
use crate::model::choice::ItemState;
use crate::model::table::Table;
use crate::model::text::{counted, grouped};
use crate::rules::status::job_status;
use crate::rules::survivorship::holder;
use crate::store::{Digest, Reader, Store};

/// What a check of a store came to; the numbers are the program's exit codes (store.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Verdict {
    Sound = 0,
    Tampered = 10,
    OlderThanDigest = 11,
    ForkedFromDigest = 12,
    Unreadable = 13,
    SoundWithoutDigest = 14,
}

/// A checked store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    pub verdict: Verdict,
    pub exit_code: u8,
    /// The first operation that does not fit.
    pub first_bad: Option<i64>,
    /// Sentences, the most important first.
    pub lines: Vec<String>,
}

/// Lines that a kind of finding gets at most.
const LINES: usize = 20;

/// Checks a store, and with a digest from outside also that the log goes on from it.
///
/// A store that cannot be read is a verdict, too, not an error.
pub fn verify(store: &Store, digest: Option<&Digest>) -> Verification {
    match check(store, digest) {
        Ok(verification) => verification,
        Err(error) => verification(Verdict::Unreadable, None, vec![format!("The store cannot be read: {error:#}")]),
    }
}

fn verification(verdict: Verdict, first_bad: Option<i64>, lines: Vec<String>) -> Verification {
    Verification { verdict, exit_code: verdict as u8, first_bad, lines }
}

fn check(store: &Store, digest: Option<&Digest>) -> Result<Verification> {
    let reader = store.reader()?;
    let faults = reader.integrity()?;
    if !faults.is_empty() {
        let lines = faults.iter().map(|fault| format!("SQLite: {}", Shown(fault))).collect();
        return Ok(verification(Verdict::Unreadable, None, lines));
    }
    if let Some(digest) = digest
        && let Some(found) = against(&reader, digest)?
    {
        return Ok(found);
    }
    let chain = reader.chain()?;
    let mut lines: Vec<String> = chain
        .findings
        .iter()
        .take(LINES)
        .map(|finding| format!("Operation {}: {}.", finding.seq, Shown(&finding.problem)))
        .collect();
    lines.extend(derived(&reader)?);
    if !lines.is_empty() {
        let first_bad = chain.findings.first().map(|finding| finding.seq);
        let said = match first_bad {
            Some(seq) => format!("TAMPERED: the first operation that does not fit is {seq}."),
            None => "TAMPERED: the log is whole, but what follows from it was changed.".to_string(),
        };
        lines.insert(0, said);
        return Ok(verification(Verdict::Tampered, first_bad, lines));
    }
    let sound = format!(
        "Sound: {} with {}, the values in force, counters and statuses are as the log says.",
        counted(chain.operations, "operation"),
        counted(chain.rows, "row")
    );
    Ok(match digest {
        Some(digest) => {
            let from = format!("The log goes on from the digest of operation {}.", grouped(digest.seq));
            verification(Verdict::Sound, None, vec![sound, from])
        }
        None => {
            let hint = "No digest from outside was given: whoever can write the file could have rewritten all of it. \
                        Keep one elsewhere (steward digest), and check against it (steward verify --digest FILE).";
            verification(Verdict::SoundWithoutDigest, None, vec![sound, hint.to_string()])
        }
    })
}

/// What a digest says against the store, if anything.
fn against(reader: &Reader, digest: &Digest) -> Result<Option<Verification>> {
    let own = reader.digest()?;
    if own.store_id != digest.store_id {
        let line = "FORKED: the digest is of another store.".to_string();
        return Ok(Some(verification(Verdict::ForkedFromDigest, None, vec![line])));
    }
    match reader.operation_hash(digest.seq)? {
        None => {
            let line = format!(
                "OLDER: the log ends with operation {}, and the digest was made at operation {}. \
                 An older copy was put in place, or the end was cut off.",
                grouped(own.seq),
                grouped(digest.seq)
            );
            Ok(Some(verification(Verdict::OlderThanDigest, None, vec![line])))
        }
        Some(hash) if hash != digest.hash => {
            let line = format!("FORKED: operation {} is not the one of the digest.", grouped(digest.seq));
            Ok(Some(verification(Verdict::ForkedFromDigest, Some(digest.seq), vec![line])))
        }
        Some(_) => Ok(None),
    }
}

/// What is kept beside the rows and does not follow from them.
fn derived(reader: &Reader) -> Result<Vec<String>> {
    let mut lines = values(reader)?;
    reader.recount_jobs(|job| {
        let name = Table::SyncJobs.row_name(job.kept.job);
        let agrees = ItemState::ALL.iter().all(|state| {
            let (kept, counted) = (job.kept.states[*state as usize], job.counted.states[*state as usize]);
            if *state == ItemState::Unchanged { kept >= counted } else { kept == counted }
        });
        if !agrees {
            lines.push(format!("{name}: its counters are not what its items say."));
        } else if job.status != job_status(&counters_of(&job.kept)) {
            lines.push(format!("{name}: its status does not follow from its counters."));
        } else if job.items != job.kept.states.iter().sum::<i64>() {
            lines.push(format!("{name}: its number of items is not the sum of its counters."));
        }
    })?;
    lines.extend(reader.recount_rows()?.into_iter().map(|line| format!("Counts: {}.", Shown(&line))));
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    if more > 0 {
        lines.push(format!("… and {} more.", grouped(more as i64)));
    }
    Ok(lines)
}

/// The values in force that are not what survivorship says of the ledger.
fn values(reader: &Reader) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    reader.each_field(|facts, kept| {
        let entries: Vec<_> = facts.iter().map(|fact| fact.entry.clone()).collect();
        let winner = holder(&entries).and_then(|winner| facts.iter().find(|fact| fact.entry.id == winner.id));
        let expected = winner.map(|winner| (winner.value.clone(), winner.entry.id));
        if expected != kept {
            let (table, target, field) = &facts[0].key;
            lines.push(format!(
                "{} {}, {}: the value in force is not the one of the ledger.",
                Shown(table),
                Shown(target),
                Shown(field)
            ));
        }
    })?;
    let unfounded = reader.unfounded_values()?;
    if unfounded > 0 {
        lines.push(format!("{} in force without a ledger entry.", counted(unfounded, "value")));
    }
    Ok(lines)
}
