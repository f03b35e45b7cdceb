//! What a command would do: worked out by the same command while the cursor rests, and left off when it moves on.

use crate::engine::{Command, Error, Outcome};
use crate::model::shown;
use crate::tui::desk::Desk;

#[derive(Debug, Default)]
pub(super) struct Effect {
    /// What it is the effect of.
    command: Option<Command>,
    asked: Option<u64>,
    told: Option<Result<Outcome, String>>,
}

impl Effect {
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
        *self = Effect::default();
    }

    /// Takes the outcome, if it is this one's.
    pub fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>) -> bool {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        let failed = |error: &Error| shown(&error.to_string()).into_owned();
        self.told = Some(outcome.as_ref().map_err(failed).cloned());
        true
    }

    /// As visible text, in the words that `say` has for it; none while it is not known.
    pub fn text(&self, say: impl Fn(&Outcome) -> String) -> Option<String> {
        self.told.as_ref().map(|told| told.as_ref().map_or_else(String::clone, say))
    }

    /// Whether it is still being worked out.
    pub fn is_open(&self) -> bool {
        self.asked.is_some()
    }

    /// What looks wrong about it.
    pub fn warnings(&self) -> Option<String> {
        let outcome = self.told.as_ref()?.as_ref().ok()?;
        (!outcome.warnings.is_empty()).then(|| outcome.warnings.join(" "))
    }

    /// What the real run is to agree with.
    pub fn fingerprint(&self) -> Option<&str> {
        Some(self.told.as_ref()?.as_ref().ok()?.fingerprint.as_str())
    }
}
