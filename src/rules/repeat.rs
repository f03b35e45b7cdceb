//! What a repeated word does (engine.md, "Last words"): whatever became of the word, it is no news; it confirms, and two
//! kinds of words are decided anew.
//!
//! Whether a value is a repeat is told from the last words, before its text is looked up in any map. This says what then.

use super::verdict::{Action, Verdict};

/// What became of a source's last word on a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// Its entry holds the current value.
    InForce,
    /// Its entry is certified or live, and another one holds the current value.
    Standing,
    /// Its entry is open and not live.
    Waiting,
    /// Its entry gave way to a newer one of its source.
    Superseded,
    /// A person rejected it; likewise where it was closed because of that.
    Rejected,
    /// A person revoked it; likewise where it was closed because of that.
    Revoked,
    /// It made no entry: held, failed, kept, closed for good, or equal to what is another's.
    NoEntry,
}

impl Became {
    pub const ALL: [Became; 7] = [
        Became::InForce,
        Became::Standing,
        Became::Waiting,
        Became::Superseded,
        Became::Rejected,
        Became::Revoked,
        Became::NoEntry,
    ];

    /// Whether a person turned it down. Such a word leaves no time behind, nor do its repeats.
    pub fn turned_down(self) -> bool {
        matches!(self, Became::Rejected | Became::Revoked)
    }
}

/// A delivered value that equals a last word, as delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    pub became: Became,
    /// Its time is before that of its source's last word on the field.
    pub older: bool,
    /// Of a word that was turned down: its map, its policy or its binding is another one than at that decision, or was
    /// changed since. Of one that waits: its policy is another one, or was changed since its entry was made.
    pub came_by_changed: bool,
    /// What would be decided on it, if it were news.
    pub now: Verdict,
}

/// What a repeat does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing, not even to a clock.
    Nothing,
    /// The stale clock restarts where its value is the one in force and its rank is as high as the holder's; and its word
    /// counts from now on as said at its time, unless it was turned down.
    Confirms,
    /// It is decided on as if it were news.
    DecideAnew,
}

/// Tells what a repeat does. Total: every combination of facts has exactly one answer.
pub fn told(repeat: &Repeat) -> Told {
    if repeat.older {
        return Told::Nothing;
    }
    let anew = match repeat.became {
        Became::Waiting => is_let_in(repeat),
        Became::Rejected | Became::Revoked => repeat.came_by_changed,
        Became::InForce | Became::Standing | Became::Superseded | Became::NoEntry => false,
    };
    if anew { Told::DecideAnew } else { Told::Confirms }
}

/// Whether what kept a waiting word out has gone. An edited policy alone lets nothing in, that is for a re-evaluation; a
/// holder that got stale is enough in any case.
fn is_let_in(repeat: &Repeat) -> bool {
    const STALE: u8 = 7;
    let written = matches!(repeat.now.action, Action::Write { .. });
    written && (repeat.now.row == STALE || !repeat.came_by_changed)
}

#[cfg(test)]
#[path = "repeat_tests.rs"]
mod tests;
