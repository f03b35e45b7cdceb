//! An entry that stands in the list letter by letter: whatever is only like the text comes after it.

use std::collections::HashMap;

use super::index::{EntryId, Index, Origin};
use super::measure::Kind;
use super::weigh::{By, Evidence, RIVAL, UNSURE};

/// The entries whose label or code is the text.
pub(super) type Exact = Vec<EntryId>;

/// What stands letter by letter is this much surer than what is only like it.
const AHEAD: f32 = 0.03;

/// What a text without words has that stands in the list: it is no word for nothing there.
const WORDLESS: f32 = 0.93;

impl Index {
    /// The entries whose label or code is the text itself; those without words are found by this alone.
    pub(super) fn exact(&self, text: &str, found: &mut HashMap<EntryId, Evidence>) -> Exact {
        let text = text.trim();
        for entry in self.wordless(text) {
            let evidence = Evidence { score: WORDLESS, kind: Kind::Same, by: By::Code, part: false };
            found.entry(*entry).or_insert(evidence);
        }
        let is_exact = |entry: &EntryId| {
            let entry = &self.entries[*entry as usize];
            self.no_match.is_none_or(|no_match| !std::ptr::eq(entry, &self.entries[no_match as usize]))
                && (entry.label.trim() == text || entry.code == text)
        };
        found.keys().copied().filter(is_exact).collect()
    }

    /// Puts what is only like the text behind what it is; what people decided for the text itself stands.
    pub(super) fn prefer(&self, exact: &Exact, found: &mut [(EntryId, Evidence)]) {
        let of_exact = found.iter().filter(|(entry, _)| exact.contains(entry));
        let best = of_exact.map(|(_, evidence)| evidence.score).fold(0.0, f32::max);
        if exact.is_empty() {
            return;
        }
        // People may have turned it down; then what is only like it is no surer for that.
        let at_most = if best < RIVAL { UNSURE } else { best - AHEAD };
        for (entry, evidence) in found {
            let decided = evidence.kind == Kind::Same
                && matches!(evidence.by, By::Name(name)
                    if matches!(self.names[name as usize].origin, Origin::Decided(_)));
            if !exact.contains(entry) && !decided {
                evidence.score = evidence.score.min(at_most);
            }
        }
    }
}
