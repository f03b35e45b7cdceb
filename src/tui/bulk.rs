//! What can be done to many rows at once, always by way of the preview: its words, and the command that does it.

use crate::engine::{Command, Rows, Verb};

/// The usual reasons; a digit gives one.
const TO_REJECT: &[&str] = &[
    "The value is wrong.",
    "The value is out of date.",
    "It belongs to another record.",
    "This source does not decide this field.",
    "The source does not confirm it.",
];
const TO_REVOKE: &[&str] = &[
    "The value was wrong.",
    "The value holds no longer.",
    "It belongs to another record.",
    "Another source decides this field.",
    "It was certified by mistake.",
];
const TO_PARK: &[&str] = &[
    "The source is to correct it.",
    "The source is to be asked.",
    "It waits for a decision of ours.",
    "It belongs to a record that is out of use.",
    "It was delivered by mistake.",
];
const TO_CLOSE: &[&str] = &[
    "It was delivered by mistake.",
    "The source delivered it again, as it should be.",
    "It belongs to a record that is out of use.",
    "It is too old to matter.",
    "The source cannot correct it.",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bulk {
    /// A decision on ledger entries.
    Decide(Verb),
    /// These are for sync items.
    Retry,
    Park,
    Unpark,
    Close,
}

/// Whether a person says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Needed,
    /// It may be given, and is kept as a note.
    Offered,
    Unasked,
}

impl Bulk {
    /// `Certify`, for a title and a button.
    pub fn title(self) -> &'static str {
        match self {
            Bulk::Decide(Verb::Certify) => "Certify",
            Bulk::Decide(Verb::Reject) => "Reject",
            Bulk::Decide(Verb::Revoke) => "Revoke",
            Bulk::Decide(Verb::Reopen) => "Reopen",
            Bulk::Decide(Verb::Recertify) => "Recertify",
            Bulk::Retry => "Retry",
            Bulk::Park => "Park",
            Bulk::Unpark => "Unpark",
            Bulk::Close => "Close",
        }
    }

    /// What is being done, in a word for the message line.
    pub fn doing(self) -> &'static str {
        match self {
            Bulk::Decide(Verb::Certify) => "Certifying",
            Bulk::Decide(Verb::Reject) => "Rejecting",
            Bulk::Decide(Verb::Revoke) => "Revoking",
            Bulk::Decide(Verb::Reopen) => "Reopening",
            Bulk::Decide(Verb::Recertify) => "Recertifying",
            Bulk::Retry => "Retrying",
            Bulk::Park => "Parking",
            Bulk::Unpark => "Unparking",
            Bulk::Close => "Closing",
        }
    }

    /// What one of the rows is called.
    pub fn row(self) -> &'static str {
        if self.is_decision() { "ledger entry" } else { "sync item" }
    }

    pub fn is_decision(self) -> bool {
        matches!(self, Bulk::Decide(_))
    }

    pub fn reason(self) -> Reason {
        match self {
            Bulk::Decide(Verb::Certify | Verb::Recertify) | Bulk::Retry | Bulk::Park => Reason::Offered,
            Bulk::Decide(_) | Bulk::Close => Reason::Needed,
            Bulk::Unpark => Reason::Unasked,
        }
    }

    /// The reasons that people usually have, in the order of their digits.
    pub fn listed(self) -> &'static [&'static str] {
        match self {
            Bulk::Decide(Verb::Reject) => TO_REJECT,
            Bulk::Decide(Verb::Revoke) => TO_REVOKE,
            Bulk::Park => TO_PARK,
            Bulk::Close => TO_CLOSE,
            _ => &[],
        }
    }

    pub fn command(self, rows: Rows, reason: Option<String>) -> Command {
        match self {
            Bulk::Decide(verb) => Command::Decide { verb, rows, reason },
            Bulk::Retry => Command::Retry { rows, reason },
            Bulk::Park => Command::Park { rows, reason },
            Bulk::Unpark => Command::Unpark { rows },
            // What is only counted has no reason yet.
            Bulk::Close => Command::Close { rows, reason: reason.unwrap_or_else(|| "preview".into()) },
        }
    }
}
