//! Why the engine does not do what it was asked: typed, and each a sentence with its remedy.

use crate::model::Shown;
use crate::model::text::shell_word;
use crate::model::time::{Micros, rfc3339};
use crate::store::Untouched;

/// The engine's answer when it does not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store could not be read or written; the message says what happened to the operation.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

impl Error {
    /// Why a step of several ended, as a sentence: that it changed nothing is not true of the whole.
    pub(super) fn step(&self) -> String {
        let untouched = match self {
            Error::Failed(error) => error.downcast_ref::<Untouched>(),
            Error::Refused(_) => None,
        };
        let said = untouched.map_or_else(|| self.to_string(), Untouched::step);
        if said.ends_with('.') { said } else { format!("{said}.") }
    }
}

/// A refusal: nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "\"{}\" is not a user of this store. An admin can add them: steward user add {} --roles steward",
        Shown(login),
        shell_word(&Shown(login).to_string())
    )]
    UnknownUser { login: String },
    #[error("Only an admin may act as somebody else; \"{}\" is no admin.", Shown(login))]
    NotAnAdmin { login: String },
    #[error("\"{}\" may not {action}: that takes the role {role}. An admin can give it.", Shown(login))]
    Role { login: String, action: &'static str, role: &'static str },
    #[error(
        "This user is one of a user namespace (mapped from {outside}), in which whoever may write the store could act as any \
         of its people. Nothing was written. Work outside of it; or an admin outside of it allows it, if all who can write \
         the store are trusted to say who they are: steward rules set mapped_users allow"
    )]
    Mapped { outside: String },
    #[error("There is no {what} {}.{hint}", Shown(name))]
    NotFound { what: &'static str, name: String, hint: String },
    #[error("{place}{field}: {problem}")]
    Invalid { place: String, field: String, problem: String },
    #[error("{} was changed by {} at {} meanwhile; look at it again before you change it.", Shown(row), Shown(by), minute(*at))]
    RowMoved { row: String, by: String, at: Micros },
    #[error("The rows have changed since the preview: look at the new numbers before you go on.")]
    PreviewMoved,
    #[error("{0}")]
    Transition(String),
    #[error("{}", Shown(.0))]
    Delivery(String),
    #[error("{0}")]
    Undo(String),
    #[error("{0}")]
    Unexplained(String),
    #[error(transparent)]
    Filter(#[from] crate::model::filter::FilterError),
}

/// `2026-11-22 09:14 UTC`
pub(super) fn minute(at: Micros) -> String {
    format!("{} UTC", rfc3339(at).chars().take(16).collect::<String>().replace('T', " "))
}
