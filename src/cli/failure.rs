//! How a command ends when it does not end well.

use std::io;

use super::report;
use crate::engine;
use crate::exchange::Unreadable;
use crate::model::filter::FilterError;

/// Why a command stops.
#[derive(Debug)]
pub(super) enum Failure {
    /// For the person: what, where, what to do. Stored text in it is already `Shown`.
    Sentence(String),
    /// Whoever read our output has had enough of it.
    BrokenPipe,
}

pub(super) type Done = Result<(), Failure>;

impl Failure {
    pub(super) fn new(sentence: impl Into<String>) -> Failure {
        Failure::Sentence(sentence.into())
    }
}

/// Only writing output gives a bare I/O error; inputs and stores wrap theirs in sentences.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
            _ => Failure::Sentence(report::unwritten(&error)),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure::Sentence(format!("{error:#}"))
    }
}

macro_rules! sentences {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Failure {
                Failure::Sentence(error.to_string())
            }
        })*
    };
}

sentences!(engine::Error, Unreadable, FilterError);
