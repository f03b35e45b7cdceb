//! A code list with the decisions in it, ready to be asked for any label: what the command line uses.

use anyhow::Result;

use crate::engine::{Error, Refusal};
use crate::model::choice::MapState;
use crate::model::text::nearest;
use crate::rules::suggest::{Candidate, Decision, Entry, Index, Question};
use crate::store::Reader;

/// Suggestions for labels of one code list.
pub struct Suggester {
    list: String,
    index: Index,
}

impl Suggester {
    /// Reads a list's active entries and what was decided in it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where no such list was imported, with the name nearest to it.
    pub fn read(reader: &Reader, list: &str) -> Result<Suggester, Error> {
        let list = known_list(reader, list)?;
        let (entries, decisions) = facts(reader, &list)?;
        Ok(Suggester { index: Index::new(entries, &decisions), list })
    }

    /// The list's own spelling.
    pub fn list(&self) -> &str {
        &self.list
    }

    /// At most `most` candidates, the best first.
    pub fn suggest(&self, question: &Question, most: usize) -> Vec<Candidate> {
        self.index.suggest(question, most)
    }

    /// The same for many questions at once, in their order.
    pub fn suggest_all(&self, questions: &[Question], most: usize) -> Vec<Vec<Candidate>> {
        self.index.suggest_all(questions, most)
    }
}

pub(super) fn known_list(reader: &Reader, list: &str) -> Result<String, Error> {
    if let Some(known) = reader.code_list(list)? {
        return Ok(known);
    }
    let lists = reader.code_lists()?;
    let near = nearest(list, lists.iter().map(String::as_str)).map(|near| format!(" Did you mean {near}?"));
    let hint = near.unwrap_or_else(|| " Import it first: steward import codes FILE --list NAME".into());
    Err(Refusal::NotFound { what: "code list", name: list.into(), hint }.into())
}

/// A list's entries and decisions, as the rules take them.
pub(super) fn facts(reader: &Reader, list: &str) -> Result<(Vec<Entry>, Vec<Decision>)> {
    let entries = reader.active_entries(list)?;
    let entries = entries.into_iter().map(|(code, label)| Entry { code, label }).collect();
    let decided = reader.decided_labels(list)?;
    let decisions = decided.into_iter().filter_map(|decided| {
        let (code, chosen) = match decided.state {
            MapState::Active => (Some(decided.canonical?), true),
            MapState::NoMatch => (None, true),
            _ => (Some(decided.canonical?), false),
        };
        let times = u32::try_from(decided.times).unwrap_or(u32::MAX);
        Some(Decision { label: decided.label, code, chosen, times })
    });
    Ok((entries, decisions.collect()))
}
