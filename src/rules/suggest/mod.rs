//! Suggestions: which entries of a code list a source's code and label may stand for, how surely, and why.
//!
//! Everything is learned from the code list itself and from what people decided in it before; the program knows no
//! list's words. A score of [`SURE`] and more means that the suggestion may be accepted unseen, under a threshold that
//! a person sets: it is given for evidence that hardly ever misleads, and where two entries have it, to neither. What differs
//! by a sign or a negation never has it, and an entry whose label or code is the text letter by letter comes before others.
//!
//! ```
//! use steward::rules::suggest::{Entry, Index, Question};
//!
//! let entries = ["Firm Fixed Price", "Time and Materials"].iter().zip(["J", "Y"]);
//! let entries = entries.map(|(label, code)| Entry { code: code.into(), label: label.to_string() }).collect();
//! let index = Index::new(entries, &[]);
//! let best = &index.suggest(&Question::label("T&M"), 9)[0];
//! assert_eq!((best.code.as_deref(), best.reason.as_str()), (Some("Y"), "abbreviation of Time and Materials"));
//! ```

mod cut;
mod exact;
mod fold;
mod index;
mod learn;
mod measure;
mod placeholder;
mod reason;
mod signs;
#[cfg(test)]
mod tests;
mod vocabulary;
mod weigh;
mod word;

pub use fold::{Folded, Said};
pub use index::Index;
pub use placeholder::says_nothing;

/// From this score on a suggestion is right in at least 98 of 100 cases.
pub const SURE: f32 = 0.90;

/// A screen has room, and a person patience, for so many.
pub const MOST: usize = 9;

/// A canonical code with its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub code: String,
    pub label: String,
}

/// What people decided about a label of this list before, whichever source it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The source's label, or its code where it has none.
    pub label: String,
    /// The canonical code; `None` where people decided that there is no match.
    pub code: Option<String>,
    /// Whether that was chosen for the label; else it was rejected.
    pub chosen: bool,
    /// How often it was decided so.
    pub times: u32,
}

/// What is asked about: a source's code, its label, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    pub code: Option<String>,
    pub label: Option<String>,
}

impl Question {
    pub fn label(label: &str) -> Question {
        Question { code: None, label: Some(label.to_string()) }
    }
}

/// One suggestion.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The canonical code; `None` where people decided before that a label like this has no match.
    pub code: Option<String>,
    pub label: String,
    /// From 0 to 1.
    pub score: f32,
    pub reason: String,
}
