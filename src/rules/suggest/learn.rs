//! What the index learns from decisions: names that entries go by, what was rejected, and words that add nothing.

use std::collections::HashMap;

use super::fold::Folded;
use super::index::{EntryId, Index, Key, Origin, sorted_words};
use super::signs::adds_always;
use super::vocabulary::WordId;
use super::{Decision, Entry};

impl Index {
    /// Takes one more decision in, without reading the list again.
    pub fn learn(&mut self, decision: Decision) {
        let (words, names) = (self.weights.len(), self.names.len());
        let entry = match &decision.code {
            Some(code) => self.entries.iter().position(|entry| entry.code == *code).map(|at| at as EntryId),
            None => Some(self.no_match_entry()),
        };
        self.decisions.push(decision);
        if let Some(entry) = entry {
            let sorted = self.keys.len();
            self.learn_name(self.decisions.len() - 1, entry);
            for key in self.keys.split_off(sorted) {
                let at = self.keys.partition_point(|known| *known < key);
                self.keys.insert(at, key);
            }
        }
        self.weigh(words, names);
        self.find_padding();
    }

    /// What was decided so far.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    pub(super) fn add_decisions(&mut self) {
        let entries: HashMap<String, EntryId> =
            self.entries.iter().zip(0..).map(|(entry, at)| (entry.code.clone(), at)).collect();
        for at in 0..self.decisions.len() {
            let entry = match &self.decisions[at].code {
                Some(code) => entries.get(code).copied(),
                None => Some(self.no_match_entry()),
            };
            if let Some(entry) = entry {
                self.learn_name(at, entry);
            }
        }
    }

    /// The entry that stands for having no match, made when it is first needed.
    fn no_match_entry(&mut self) -> EntryId {
        *self.no_match.get_or_insert_with(|| {
            self.entries.push(Entry { code: String::new(), label: "no match".into() });
            self.entries.len() as EntryId - 1
        })
    }

    fn learn_name(&mut self, at: usize, entry: EntryId) {
        let decision = &self.decisions[at];
        let folded = Folded::new(&decision.label);
        let kept = if decision.chosen { &mut self.chosen } else { &mut self.rejected };
        let known = kept.entry(folded.key()).or_default();
        if let Some((_, times)) = known.iter_mut().find(|(known, _)| *known == entry) {
            *times += decision.times;
            return;
        }
        known.push((entry, decision.times));
        if decision.chosen {
            let at = at as u32;
            self.add_name(entry, Origin::Decided(at), &folded);
            let both = folded.both_spellings();
            both.iter().flatten().for_each(|one| self.add_name(entry, Origin::DecidedPart(at), one));
        }
    }

    /// A word is padding if people decided labels of three entries and more that have it beside all words of the
    /// entry's own label, and hardly ever against that label. A word that says no, or bounds a number, never is.
    pub(super) fn find_padding(&mut self) {
        let mut met: HashMap<WordId, (Vec<EntryId>, u32)> = HashMap::new();
        for name in &self.names {
            if !matches!(name.origin, Origin::Decided(_)) {
                continue;
            }
            let content: Vec<WordId> = name.words.iter().filter(|word| !word.stop).map(|word| word.id).collect();
            for from in 0..content.len().min(12) {
                for to in from + 1..=content.len().min(12) {
                    if to - from == content.len() {
                        continue;
                    }
                    let part: Vec<&str> = content[from..to].iter().filter_map(|id| self.text(*id)).collect();
                    for within in self.with_key(Key::Sorted, &sorted_words(part)) {
                        let within = &self.names[*within as usize];
                        if matches!(within.origin, Origin::Decided(_) | Origin::DecidedPart(_) | Origin::Inside) {
                            continue;
                        }
                        for extra in content[..from].iter().chain(&content[to..]) {
                            let (right, wrong) = met.entry(*extra).or_default();
                            if within.entry == name.entry {
                                right.push(name.entry);
                            } else {
                                *wrong += 1;
                            }
                        }
                    }
                }
            }
        }
        self.padding = vec![false; self.weights.len()];
        met.retain(|word, _| !self.text(*word).is_some_and(adds_always));
        for (word, (mut right, wrong)) in met {
            right.sort_unstable();
            right.dedup();
            if right.len() >= 3 && wrong as usize * 20 <= right.len() {
                self.padding[word as usize] = true;
            }
        }
    }
}
