//! The verdict on a candidate: the twelve rows of engine.md, step 6, in the order 12, 9, 8, 10, 11, 6, 7, 1–5.
//!
//! With two exceptions. A repeat of the source's own open candidate or held item is row 10 right after row 12: the
//! first delivery already was row 9, 8, 11 or 6, and a file that is delivered twice must leave what one delivery leaves.
//! And a value equal to the current one, from a source that stands before the holder's and would have been written, is
//! written with an entry of its own: else a lower rank could write over what the higher one said, and what is in force
//! would depend on who said it first.

use super::name;
use super::ranking::Place;
use crate::model::choice::CommitMode;
use crate::model::time::Micros;
use std::cmp::Ordering;

/// A total order of candidates of equal rank: source time, then sequence, then source key (A before Z wins).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age<'a> {
    /// UTC microseconds; the job's submitted time where the source gave none.
    pub source_time: Micros,
    /// The record's place in its delivery, from 1.
    pub sequence: i64,
    pub source: &'a str,
}

impl Age<'_> {
    /// False for two that are equal in all three: what is there stays.
    pub fn newer_than(&self, other: &Age) -> bool {
        self.order(other).is_gt()
    }

    fn order(&self, other: &Age) -> Ordering {
        (self.source_time, self.sequence)
            .cmp(&(other.source_time, other.sequence))
            .then_with(|| name::order(other.source, self.source))
    }
}

/// The entry that holds the current value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder<'a> {
    /// When the entry was made; 0 is the highest.
    pub rank: i64,
    pub age: Age<'a>,
    /// Now ≥ last certified or confirmed + `stale_after_days`.
    pub stale: bool,
    pub pinned: bool,
    /// The source's value changed since the pin.
    pub changed_since_pin: bool,
}

/// All that the verdict on a candidate depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts<'a> {
    pub mode: CommitMode,
    pub auto_certify: bool,
    /// A person typed the value in the place of the delivered one: the engine alone does not certify it.
    pub typed: bool,
    /// Where the candidate's source stands.
    pub place: Place,
    /// The map's confidence reaches the setting, or no map was needed.
    pub confident: bool,
    pub age: Age<'a>,
    /// The newest source time this source has delivered for the field, if any.
    pub own_last: Option<Micros>,
    /// Equals this source's own open candidate or held item.
    pub repeats_own: bool,
    pub equals_current: bool,
    /// None: the field has no value yet.
    pub holder: Option<Holder<'a>>,
}

/// What becomes of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// No entry; the item is Superseded.
    Supersede,
    /// No entry; the item is Held (`ST023`).
    Hold,
    /// No new entry; the item is Unchanged. `restart_clock`: its source confirms the current value.
    Unchanged { restart_clock: bool },
    /// Written now, with an entry that is Certified by the engine's user, or else Pending and live.
    Write { certified: bool },
    /// A Pending entry that is not written. `challenger`: of low priority; `conflict`: against a pin that is outdated.
    Wait { challenger: bool, conflict: bool },
}

/// The row of the table that applies, and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// 1 to 12.
    pub row: u8,
    pub action: Action,
}

/// The table's rows in words, row 1 first.
const ROWS: [&str; 12] = [
    "On Ingest with Auto Certify: written at once and certified by the engine",
    "On Ingest without Auto Certify, or typed by a person: written at once, and a reviewer decides",
    "On Certify with Auto Certify, from a source that is listed by name: written at once and certified by the engine",
    "On Certify with Auto Certify, from a source that is not listed by name: a reviewer decides before it is written",
    "On Certify without Auto Certify, or typed by a person: a reviewer decides before it is written",
    "a lower rank than the value in force, or the same rank and older: a challenger, for a reviewer",
    "the value in force was stale, so rank and age did not protect it",
    "the source is not authoritative for the field: a challenger, for a reviewer",
    "the value map's confidence is too low: held for a steward",
    "equal to the value in force or to what the source said last: nothing new",
    "a person pinned the value in force: a challenger, for a reviewer",
    "older than what the same source delivered before: superseded",
];

/// What a row of the table says, for a sentence; rows count from 1.
pub fn words(row: u8) -> &'static str {
    ROWS.get(usize::from(row).wrapping_sub(1)).copied().unwrap_or_default()
}

/// Decides on a candidate. Total: every combination of facts has exactly one verdict.
pub fn decide(facts: &Facts) -> Verdict {
    if facts.own_last.is_some_and(|last| facts.age.source_time < last) {
        return Verdict::new(12, Action::Supersede);
    }
    if facts.repeats_own {
        return unchanged(facts);
    }
    if !facts.confident {
        return Verdict::new(9, Action::Hold);
    }
    if !facts.place.authoritative {
        return Verdict::new(8, CHALLENGE);
    }
    if facts.equals_current && !vouches(facts) {
        return unchanged(facts);
    }
    match &facts.holder {
        Some(holder) => against(facts, holder),
        None => commit(facts),
    }
}

const CHALLENGE: Action = Action::Wait { challenger: true, conflict: false };

impl Verdict {
    const fn new(row: u8, action: Action) -> Verdict {
        Verdict { row, action }
    }
}

/// Rows 11, 6 and 7, else 1 to 5. A stale holder loses row 6's protection whole: against an older candidate of its own
/// rank too, not only against a lower rank.
fn against(facts: &Facts, holder: &Holder) -> Verdict {
    if holder.pinned {
        return Verdict::new(11, Action::Wait { challenger: true, conflict: holder.changed_since_pin });
    }
    if outdoes(facts, holder) {
        return commit(facts);
    }
    if holder.stale {
        return Verdict { row: 7, ..commit(facts) };
    }
    Verdict::new(6, CHALLENGE)
}

/// Whether another source says what the holder's says, and stands before it: by its rank, or among equals of one time by
/// the order that holds for them. Of different times the holder's stays: a daily delivery costs what changed.
fn vouches(facts: &Facts) -> bool {
    let Some(holder) = &facts.holder else { return false };
    let (age, other) = (&facts.age, &holder.age);
    let stands_before = match facts.place.rank.cmp(&holder.rank) {
        Ordering::Less => true,
        Ordering::Equal => age.source_time == other.source_time && age.newer_than(other),
        Ordering::Greater => false,
    };
    let written = matches!(commit(facts).action, Action::Write { .. });
    stands_before && written && !holder.pinned && !name::same(age.source, other.source)
}

/// Row 1's "higher rank, or equal and newer". A source's own newer word outdoes its older one, whatever the ranks say by now.
/// Of one source at one time the later arrival is the newer word: sources often know no more of the time than the day.
fn outdoes(facts: &Facts, holder: &Holder) -> bool {
    let (age, other) = (&facts.age, &holder.age);
    match facts.place.rank.cmp(&holder.rank) {
        Ordering::Less => true,
        _ if name::same(age.source, other.source) => age.source_time >= other.source_time,
        Ordering::Equal => age.newer_than(other),
        Ordering::Greater => false,
    }
}

/// Row 10. A source may confirm only what it could have written: a repeat that was row 8 or 9 the first time did not
/// restart the clock then, and does not now.
fn unchanged(facts: &Facts) -> Verdict {
    let as_high = facts.holder.is_some_and(|holder| facts.place.rank <= holder.rank);
    let restart_clock = facts.equals_current && as_high && facts.confident && facts.place.authoritative;
    Verdict::new(10, Action::Unchanged { restart_clock })
}

/// Rows 1 to 5: nothing stands in the candidate's way but the policy.
fn commit(facts: &Facts) -> Verdict {
    let waits = Action::Wait { challenger: false, conflict: false };
    match (facts.mode, facts.auto_certify && !facts.typed) {
        (CommitMode::OnIngest, true) => Verdict::new(1, Action::Write { certified: true }),
        (CommitMode::OnIngest, false) => Verdict::new(2, Action::Write { certified: false }),
        (CommitMode::OnCertify, true) if facts.place.by_name => Verdict::new(3, Action::Write { certified: true }),
        (CommitMode::OnCertify, true) => Verdict::new(4, waits),
        (CommitMode::OnCertify, false) => Verdict::new(5, waits),
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
