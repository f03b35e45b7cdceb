//! What an operation answers: the same shape for a dry run and for the real one.

use std::collections::BTreeSet;

use serde::Serialize;

use super::decide::OWN_NAMED;
use crate::model::Shown;
use crate::model::choice::ItemState;
use crate::model::code::{self, Code};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::store::{PutBack, told};

/// What an operation did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Outcome {
    /// The operation's number in the log; none in a dry run, or where there was nothing to do.
    pub operation: Option<i64>,
    /// One sentence for the person.
    pub summary: String,
    /// The one row that it is about and what stands in it: to be told, and not kept in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What an undo would put back, row by row; only where it is no more than shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub put_back: Vec<PutBack>,
    /// Rows asked for that changed: ledger entries decided, rows imported or edited.
    pub changed: i64,
    /// Of those that changed: certified by the person whose map or input they came about by.
    pub own: i64,
    /// Entries that were left alone since the person had a hand in them, the first of them: to be decided by themselves.
    #[serde(skip)]
    pub own_held: Vec<i64>,
    /// Entries below an attestation that it does not vouch for: they wait, and none is in force. Their reasons stand among
    /// those of the rows that are held back.
    pub left: i64,
    /// Rows asked for that were left alone, by reason.
    pub held_back: Vec<HeldBack>,
    /// Held items that went on.
    pub released: i64,
    /// Items tried again that failed the same way and were set aside.
    pub parked: i64,
    /// Current values that changed.
    pub values_changed: i64,
    /// Values that are to go out to receivers.
    pub outbound: i64,
    /// The first of the changed values, at most [`SAMPLE`].
    pub sample: Vec<ValueChange>,
    /// Rows asked for that would change, by target table and source, most first.
    pub spread: Vec<Spread>,
    /// The tables whose rows changed.
    pub tables: Vec<Table>,
    /// What looks like a mistake, in sentences: whoever does it is asked first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What the one item that was tried again from another input came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub came: Option<Came>,
    /// What the withdrawal of a delivery came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
    /// It was stopped on the way, as somebody asked: what the sentence says is done, and the rest is not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
    /// What names values that were disposed of, and stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named: Option<Box<Named>>,
    /// What became of the bytes of what was disposed of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased: Option<Box<Erased>>,
    /// The one row that was imported, if it was one alone: where it is to be looked at.
    #[serde(skip)]
    pub imported: Option<(Table, i64)>,
    /// Stands for exactly the rows this outcome is about, at their versions.
    pub fingerprint: String,
}

impl Outcome {
    /// What was done, with the row that it was about. Not yet `Shown`.
    pub fn told(&self) -> String {
        told(&self.summary, self.about.as_deref())
    }

    /// Adds what a further operation of the same act did. Its sentence is that of the last one.
    pub(super) fn add(&mut self, next: Outcome) {
        self.operation = next.operation.or(self.operation);
        self.summary = next.summary;
        self.about = None;
        self.put_back.extend(next.put_back);
        self.changed += next.changed;
        self.own += next.own;
        self.own_held.extend(next.own_held);
        self.own_held.truncate(OWN_NAMED);
        self.left += next.left;
        self.released += next.released;
        self.parked += next.parked;
        self.values_changed += next.values_changed;
        self.outbound += next.outbound;
        if let Some(next) = next.withdrawn {
            self.withdrawn.get_or_insert_default().add(next);
        }
        if let Some(next) = next.named {
            self.named.get_or_insert_default().add(*next);
        }
        self.erased = next.erased.or(self.erased.take());
        self.sample.extend(next.sample);
        self.sample.truncate(SAMPLE);
        for held in next.held_back {
            match self.held_back.iter_mut().find(|known| known.reason == held.reason) {
                Some(known) => {
                    known.rows += held.rows;
                    known.examples.extend(held.examples);
                    known.examples.truncate(EXAMPLES);
                }
                None => self.held_back.push(held),
            }
        }
        for part in next.spread {
            let same = |known: &&mut Spread| {
                known.target_table == part.target_table && known.source_system_key == part.source_system_key
            };
            match self.spread.iter_mut().find(same) {
                Some(known) => known.rows += part.rows,
                None => self.spread.push(part),
            }
        }
        self.in_order();
    }

    /// What is held back and where it all is, the most first.
    pub(super) fn in_order(&mut self) {
        self.held_back.sort_by(|one, next| (-one.rows, &one.reason).cmp(&(-next.rows, &next.reason)));
        let key = |part: &Spread| (-part.rows, part.target_table.clone(), part.source_system_key.clone());
        self.spread.sort_by_cached_key(key);
    }
}

/// How many rows each reason for holding back names.
pub(super) const EXAMPLES: usize = 3;

/// How many changes an outcome carries as examples.
pub const SAMPLE: usize = 20;

/// What an item that was tried again came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Came {
    /// The state's label.
    pub state: &'static str,
    /// The code that it did not go on for.
    pub code: Option<&'static str>,
}

impl Came {
    pub(super) fn to(state: ItemState, code: Option<&'static Code>) -> Came {
        Came { state: state.label(), code: code.map(|code| code.code) }
    }

    /// `applied`, or `held: [ST020] The code has no value map`
    pub fn words(&self) -> String {
        let state = self.state.to_lowercase();
        match self.code.and_then(code::find) {
            Some(code) => format!("{state}: [{}] {}", code.code, code.cause.trim_end_matches('.')),
            None if self.state == ItemState::Waiting.label() => "waiting for a reviewer".into(),
            None => state,
        }
    }
}

/// What was taken back with a delivery, in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
pub struct Withdrawn {
    /// Its pending entries.
    pub rejected: i64,
    /// Its certified entries.
    pub revoked: i64,
    /// Its items.
    pub closed: i64,
    /// Earlier values of its source that had given way to it and came back.
    pub restored: i64,
    /// Identifiers and proposed value maps that it alone had made.
    pub identifiers: i64,
    pub proposed_maps: i64,
    /// Values of it that repeated what was known.
    pub repeats: i64,
}

impl Withdrawn {
    fn add(&mut self, next: Withdrawn) {
        self.rejected += next.rejected;
        self.revoked += next.revoked;
        self.closed += next.closed;
        self.restored += next.restored;
        self.identifiers += next.identifiers;
        self.proposed_maps += next.proposed_maps;
        self.repeats += next.repeats;
    }

    /// What a withdrawal cannot take back, in sentences.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.repeats > 0 {
            notes.push(format!(
                "{} repeated what was known: the clocks of those stay as they are.",
                counted(self.repeats, "value")
            ));
        }
        if self.restored > 0 {
            notes.push(
                "What is back has the time of its item: when its source repeated it since is not known.".to_string(),
            );
        }
        notes
    }
}

/// What names values that were disposed of, and stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Named {
    /// Operations whose sentence or reason does: the log's hashes hold them as they are.
    pub operations: BTreeSet<i64>,
    /// Value maps that spell one, by name: they are vocabulary.
    pub value_maps: BTreeSet<String>,
}

impl Named {
    fn add(&mut self, next: Named) {
        self.operations.extend(next.operations);
        self.value_maps.extend(next.value_maps);
    }

    /// None where there is nothing to tell.
    pub(super) fn told(self) -> Option<Box<Named>> {
        (!self.operations.is_empty() || !self.value_maps.is_empty()).then(|| Box::new(self))
    }
}

/// What became of the bytes of what was disposed of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Erased {
    /// Pages in which something was overwritten.
    pub pages: i64,
    /// It was stopped before its end: the same command again goes on.
    pub stopped: bool,
    /// Bytes of the log beside the file that could not be emptied, since others read it; it goes with the last of them.
    pub log_left: u64,
    /// Those others, as far as this machine tells.
    pub log_held_by: Vec<String>,
    /// Copies of the store that lie beside it and are as they were.
    pub copies: Vec<String>,
}

impl Erased {
    /// What is left to do, in sentences.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.stopped {
            notes.push(
                "Stopped before all that was freed in the file was overwritten. To go on: the same command again."
                    .into(),
            );
        }
        if self.log_left > 0 {
            let by = match self.log_held_by.as_slice() {
                [] => "Another program".to_string(),
                holders => Shown(&holders.join(", ")).to_string(),
            };
            notes.push(format!(
                "{by} has the store open, so its -wal still holds pages as they were. It goes when the last one closes the \
                 store; or end that, then the same command again."
            ));
        }
        if !self.copies.is_empty() {
            let copies: Vec<String> = self.copies.iter().map(|copy| Shown(copy).to_string()).collect();
            notes.push(format!(
                "Copies of the store are as they were and may hold what was disposed of: {}.",
                copies.join(", ")
            ));
        }
        notes
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldBack {
    pub reason: String,
    pub rows: i64,
    /// The names of the first few.
    pub examples: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spread {
    pub target_table: String,
    pub source_system_key: String,
    pub rows: i64,
}

/// A current value before and after; `None` is no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueChange {
    pub target_table: String,
    pub target_id: String,
    pub field_name: String,
    pub before: Option<String>,
    pub after: Option<String>,
}
