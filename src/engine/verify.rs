//! `verify`: the log, and everything that follows from it, checked again from the beginning.
//!
//! # What is found, and by what
//!
//! | what somebody did to the file | found by |
//! | --- | --- |
//! | changed, deleted, inserted, replaced (`INSERT OR REPLACE`) a row of a logged table, or swapped in another store's | always: its leaf, or that no operation wrote it |
//! | changed, deleted or reordered operations or the changes they list | always: the chain |
//! | changed values in force, counters, statuses, counts | always: computed again from the rows |
//! | changed what a disposal left, or passed a change off as one | always: the disposal's own leaf |
//! | had changed the rest of a row before its values were disposed of | a check from before the disposal alone |
//! | dropped or added triggers, changed views, indexes or choices | always: compared with this program's |
//! | put an older copy in place, or cut the end off with all that came from it | a digest from later |
//! | rewrote operations and all hashes after them, rows and counts to match | a digest of one of them, or from later |
//! | changed row versions, `modified_on`, `modified_by` | always: the log's changes of the row |
//! | changed spellings in `vocabulary`, last words and repeats, when keys were last seen, stale clocks and confirmations, a job's `records` and `finished_on` | always, since format 6: the sum that each operation vouches for |
//! | took over a running delivery's lease (`job_lease`) | nothing: it decides only who may go on |
//! | wrote operations with a program of their own that asks for no roles | `--replay`, as far as roles and certifications go |
//!
//! So what a digest was kept of cannot be changed unnoticed, and what came after the last digest can, by whoever can
//! write the file.
//!
//! # The plain check, `--since` and `--replay`
//! The plain check hashes every row as it was made and takes it there through the before images of its changes, so that
//! the rows as they stand are what the log leads to; then it computes from these rows all that is kept beside them.
//! Playing the log forward would come to the same values once more. So `--replay` asks instead what only the order of
//! the operations can tell: that whoever is named as having certified did it, and that each operation's people were active
//! users with the role that it names *then*.
//!
//! `--since` checks the operations from there on with the rows that they created or changed, and takes the hash before
//! them as given. What follows from the rows is computed from all of them all the same.

use std::thread;

use anyhow::{Result, anyhow, bail};
use serde::Serialize;

use super::verify_derived::derived;
use super::verify_replay::replay;
use crate::model::Shown;
use crate::model::text::{counted, grouped};
use crate::model::time::{self, Micros};
use crate::store::{Chain, Digest, Finding, Reader, Store};

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

/// What is checked, and against what.
#[derive(Debug, Clone, Copy, Default)]
pub struct Check<'a> {
    /// Kept outside the store.
    pub digest: Option<&'a Digest>,
    /// Only the operations from there on; all where there is none.
    pub since: Option<Since>,
    pub replay: bool,
}

/// Where a check begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    Operation(i64),
    /// The first operation at this time or later.
    Time(Micros),
}

/// Lines that a kind of finding gets at most.
const LINES: usize = 20;

/// The plain check, and with a digest from outside also that the log goes on from it.
pub fn verify(store: &Store, digest: Option<&Digest>) -> Verification {
    Check { digest, ..Check::default() }.run(store)
}

impl Verification {
    /// A store that cannot be read is a verdict, too, not an error.
    pub fn unreadable(problem: String) -> Verification {
        verification(Verdict::Unreadable, None, vec![problem])
    }
}

fn verification(verdict: Verdict, first_bad: Option<i64>, lines: Vec<String>) -> Verification {
    Verification { verdict, exit_code: verdict as u8, first_bad, lines }
}

impl Check<'_> {
    pub fn run(&self, store: &Store) -> Verification {
        self.try_run(store)
            .unwrap_or_else(|error| Verification::unreadable(format!("The store cannot be read: {error:#}")))
    }

    fn try_run(&self, store: &Store) -> Result<Verification> {
        let [reader, beside] = at_one_moment(store)?;
        let (checked, faults, kept) = thread::scope(|scope| {
            // The log is checked on a thread of its own; what SQLite finds in the file comes first all the same.
            let log = scope.spawn(move || (self.log(&reader), reader));
            let faults = beside.integrity();
            let kept = if faults.as_ref().is_ok_and(Vec::is_empty) { derived(&beside) } else { Ok(Vec::new()) };
            (log.join(), faults, kept)
        });
        let faults = faults?;
        if !faults.is_empty() {
            let lines = faults.iter().map(|fault| format!("SQLite: {}", Shown(fault))).collect();
            return Ok(verification(Verdict::Unreadable, None, lines));
        }
        let (checked, reader) = checked.map_err(|_| anyhow!("the check of the log ended unexpectedly"))?;
        let (since, chain) = match checked? {
            Log::Checked { since, chain } => (since, chain),
            Log::NotTheDigests(found) => return Ok(found),
        };
        let mut lines: Vec<String> = chain.findings.iter().take(LINES).map(sentence).collect();
        lines.extend(few(reader.misshapen()?.iter().map(|line| format!("Schema: {}.", Shown(line))).collect()));
        lines.extend(few(kept?));
        if self.replay {
            lines.extend(few(replay(&reader)?));
        }
        if !lines.is_empty() {
            let first_bad = chain.findings.first().and_then(|finding| finding.seq);
            lines.insert(0, tampered(first_bad));
            lines.extend(times_go_back(&reader, since)?);
            return Ok(verification(Verdict::Tampered, first_bad, lines));
        }
        let mut sound = vec![format!(
            "Sound: {} with {}, the values in force, counters and statuses are as the log says.",
            counted(chain.operations, "operation"),
            counted(chain.rows, "row")
        )];
        if chain.operations == 0 {
            sound[0] = "No operation was checked: the log ends before that.".into();
        }
        sound.extend(times_go_back(&reader, since)?);
        sound.extend(self.bounds(since));
        Ok(self.sound(sound))
    }

    /// The chain, from where it is to be checked on, unless the digest already says that it is another.
    fn log(&self, reader: &Reader) -> Result<Log> {
        if let Some(digest) = self.digest
            && let Some(found) = against(reader, digest)?
        {
            return Ok(Log::NotTheDigests(found));
        }
        let since = self.first_operation(reader)?;
        Ok(Log::Checked { since, chain: reader.chain(since)? })
    }

    /// A digest vouches for the operations up to its own only, so a check against one leaves no gap after it.
    fn first_operation(&self, reader: &Reader) -> Result<i64> {
        let behind_the_last = || Ok::<_, anyhow::Error>(reader.digest()?.seq + 1);
        let asked = match self.since {
            None => 1,
            Some(Since::Operation(seq)) => seq.min(behind_the_last()?),
            Some(Since::Time(time)) => match reader.first_operation_from(time)? {
                Some(seq) => seq,
                None => behind_the_last()?,
            },
        };
        let latest = self.digest.map_or(i64::MAX, |digest| digest.seq + 1);
        Ok(asked.clamp(1, latest))
    }

    /// What was left out of the check or added to it.
    fn bounds(&self, since: i64) -> Vec<String> {
        let mut lines = Vec::new();
        if since > 1 {
            let given = match self.digest {
                Some(digest) if digest.seq + 1 == since => "is the digest's",
                _ => "was taken as given",
            };
            let (first, before) = (grouped(since), grouped(since - 1));
            lines.push(format!(
                "Only operations from {first} on were checked; the hash of operation {before} {given}, \
                 and the rows of earlier operations were not looked at unless these changed them."
            ));
        }
        if self.replay {
            let line = "Replayed: versions, last changes, certifications and people's roles are as the log went on.";
            lines.push(line.to_string());
        }
        lines
    }

    fn sound(&self, mut lines: Vec<String>) -> Verification {
        match self.digest {
            Some(digest) => {
                lines.push(format!("The log goes on from the digest of operation {}.", grouped(digest.seq)));
                verification(Verdict::Sound, None, lines)
            }
            None => {
                let hint = "No digest from outside was given: whoever can write the file could have rewritten all of it. \
                            Keep one elsewhere (steward digest), and check against it (steward verify --digest FILE).";
                lines.push(hint.to_string());
                verification(Verdict::SoundWithoutDigest, None, lines)
            }
        }
    }
}

/// That times of the log are not in order, if so. A clock that was set back is no tampering, and who reads the log is to know.
fn times_go_back(reader: &Reader, since: i64) -> Result<Option<String>> {
    let Some((n, first)) = reader.clock_went_back(since)? else { return Ok(None) };
    let were = if n == 1 { "was" } else { "were" };
    Ok(Some(format!(
        "{} {were} written by a clock that was behind the operation before; the first is {}. Times around there are not in \
         order.",
        counted(n, "operation"),
        grouped(first)
    )))
}

/// What came of checking the log.
enum Log {
    Checked { since: i64, chain: Chain },
    NotTheDigests(Verification),
}

/// Two readers that see the same store, whatever others write: every write is an operation, so the last one tells.
fn at_one_moment(store: &Store) -> Result<[Reader; 2]> {
    const TRIES: usize = 100;
    for _ in 0..TRIES {
        let readers = [store.reader()?, store.reader()?];
        readers.iter().try_for_each(Reader::hold_still)?;
        let [one, other] = [readers[0].last_seq()?, readers[1].last_seq()?];
        if one == other {
            return Ok(readers);
        }
    }
    bail!("others write to it without a pause; check it again later, or a copy of it")
}

/// What a digest says against the store, if anything.
fn against(reader: &Reader, digest: &Digest) -> Result<Option<Verification>> {
    let own = reader.digest()?;
    if own.store_id != digest.store_id {
        let line = "FORKED: the digest is of another store.".to_string();
        return Ok(Some(verification(Verdict::ForkedFromDigest, None, vec![line])));
    }
    let hash = reader.operation_hash(digest.seq)?;
    if hash.as_ref() != Some(&digest.hash)
        && let Some((restore, at)) = reader.restored_before(digest.seq)?
    {
        let line = format!(
            "FORKED: the digest was made at operation {} of the log as it was before a restore. Operation {} of {} put a \
             backup in its place, and from there on the log is another one.",
            grouped(digest.seq),
            grouped(restore),
            time::rfc3339(at)
        );
        return Ok(Some(verification(Verdict::ForkedFromDigest, Some(restore), vec![line])));
    }
    match hash {
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

fn sentence(finding: &Finding) -> String {
    match finding.seq {
        Some(seq) => format!("Operation {seq}: {}.", Shown(&finding.problem)),
        None => format!("Besides the log: {}.", Shown(&finding.problem)),
    }
}

fn tampered(first_bad: Option<i64>) -> String {
    match first_bad {
        Some(seq) => format!("TAMPERED: the first operation that does not fit is {seq}."),
        None => "TAMPERED: every operation fits, but not all that is in the store follows from them.".to_string(),
    }
}

fn few(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    if more > 0 {
        lines.push(format!("… and {} more.", grouped(more as i64)));
    }
    lines
}
