//! What a command would do: worked out by the same command while the cursor rests, and left off when it moves on.

use crate::engine::{Command, Error, Outcome};
use crate::model::shown;
use crate::model::text::counted;
use crate::tui::desk::Desk;

#[derive(Debug)]
pub(super) struct Effect {
    /// What it is the effect of.
    command: Option<Command>,
    asked: Option<u64>,
    told: Option<String>,
    /// Stands for the rows that it is about, where it could be worked out.
    fingerprint: Option<String>,
    /// How an outcome is said.
    say: fn(&Outcome) -> String,
}

impl Default for Effect {
    /// The effect of a decision on codes.
    fn default() -> Effect {
        Effect::said_by(releases)
    }
}

impl Effect {
    /// An effect that is said in words of its own.
    pub fn said_by(say: fn(&Outcome) -> String) -> Effect {
        Effect { command: None, asked: None, told: None, fingerprint: None, say }
    }

    /// Has the effect of another command worked out, or of none.
    pub fn follow(&mut self, wanted: Option<Command>, desk: &mut Desk) {
        let lost = self.asked.is_some_and(|ticket| !desk.is_rehearsing(ticket));
        if self.command == wanted && !lost {
            return;
        }
        self.forget();
        match wanted {
            // Where something else is written now, it is asked for again afterwards.
            Some(command) => {
                self.asked = desk.rehearse(command.clone());
                self.command = self.asked.map(|_| command);
            }
            None => desk.end_rehearsal(),
        }
    }

    /// It may have become another.
    pub fn forget(&mut self) {
        *self = Effect::said_by(self.say);
    }

    /// Takes the outcome, if it is this one's.
    pub fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>) -> bool {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        self.fingerprint = outcome.as_ref().ok().map(|outcome| outcome.fingerprint.clone());
        self.told = Some(match outcome {
            Ok(outcome) => (self.say)(outcome),
            Err(error) => shown(&error.to_string()).into_owned(),
        });
        true
    }

    /// As visible text.
    pub fn text(&self) -> Option<&str> {
        self.told.as_deref()
    }

    /// What the real run is to agree with.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }
}

fn releases(outcome: &Outcome) -> String {
    let mut text = format!(
        "releases {}, changes {}",
        counted(outcome.released, "item"),
        counted(outcome.values_changed, "current value")
    );
    if outcome.outbound > 0 {
        text += &format!(", sends {} out", counted(outcome.outbound, "value"));
    }
    for held in &outcome.held_back {
        text += &format!("; {} left alone: {}", counted(held.rows, "code"), shown(&held.reason));
    }
    text
}
