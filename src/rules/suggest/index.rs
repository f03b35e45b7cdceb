//! The index over a code list and the decisions made in it: which names are worth comparing with a question.
//!
//! A name is anything an entry goes by: its label, the parts of the label inside and outside of brackets, its code where
//! that reads like words, and every label that people decided for it. Names are found by their words, by words like
//! these, and by keys of the whole (words in order, sorted, run together, initials); only the best found are measured.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::fold::{Folded, Said, numbered};
use super::measure::{NameWord, STOP};
use super::vocabulary::{Asked, Vocabulary, WordId};
use super::{Decision, Entry};

pub type EntryId = u32;
pub type NameId = u32;

/// Names that are measured for one text.
const MEASURED: usize = 40;

/// A word of more names than this finds none by itself, unless it is the rarest word of the question that the list knows.
const COMMON: usize = 600;

/// Names of so few words and letters are compared run together, too: only these does anyone write as one word.
const JOINED_WORDS: usize = 3;
const JOINED_LETTERS: usize = 20;

/// A code list and the decisions in it, ready to be asked.
pub struct Index {
    /// The list's entries; where people decided that labels have no match, one without code stands behind them.
    pub(super) entries: Vec<Entry>,
    pub(super) no_match: Option<EntryId>,
    pub(super) names: Vec<Name>,
    pub(super) vocabulary: Vocabulary,
    /// The names that have a word, by the word's number.
    by_word: Vec<Vec<NameId>>,
    /// The names that are a word when they are run together.
    joined: HashMap<WordId, Vec<NameId>>,
    /// Hashes of keys with their names, sorted.
    pub(super) keys: Vec<(u64, NameId)>,
    /// The entries by their codes as one compares them.
    codes: HashMap<String, Vec<EntryId>>,
    /// The entries by labels and codes that have no word, such as `+`.
    wordless: HashMap<String, Vec<EntryId>>,
    pub(super) decisions: Vec<Decision>,
    /// Rejected entries by the folded label.
    pub(super) rejected: HashMap<String, Vec<(EntryId, u32)>>,
    /// What people chose for a folded label.
    pub(super) chosen: HashMap<String, Vec<(EntryId, u32)>>,
    pub(super) padding: Vec<bool>,
    /// The weight of a word that the list does not know.
    strange: f32,
    pub(super) weights: Vec<f32>,
}

/// What an entry goes by.
pub struct Name {
    pub entry: EntryId,
    pub origin: Origin,
    pub words: Box<[NameWord]>,
    pub said: Said,
    weight: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Label,
    /// The label without what stands in brackets, and what stands in them.
    Outside,
    Inside,
    Code,
    /// The decision's place.
    Decided(u32),
    /// The abbreviation in a decided label, and what it is short for.
    DecidedPart(u32),
}

/// What a key is made of.
#[derive(Debug, Clone, Copy, Hash)]
pub enum Key {
    InOrder,
    Sorted,
    Together,
    Initials,
}

/// What asking keeps between two questions.
#[derive(Default)]
pub struct Scratch {
    pub asked: Asked,
    sums: Vec<f32>,
    touched: Vec<NameId>,
}

impl Index {
    /// Reads a code list's entries and what was decided about labels of it before.
    pub fn new(entries: Vec<Entry>, decisions: &[Decision]) -> Index {
        let mut index = Index {
            entries,
            no_match: None,
            names: Vec::new(),
            vocabulary: Vocabulary::default(),
            by_word: Vec::new(),
            joined: HashMap::new(),
            keys: Vec::new(),
            codes: HashMap::new(),
            wordless: HashMap::new(),
            decisions: decisions.to_vec(),
            rejected: HashMap::new(),
            chosen: HashMap::new(),
            padding: Vec::new(),
            strange: 1.0,
            weights: Vec::new(),
        };
        index.add_entries();
        index.add_decisions();
        index.keys.sort_unstable();
        index.weigh(0, 0);
        index.find_padding();
        index
    }

    fn add_entries(&mut self) {
        for at in 0..self.entries.len() {
            let entry = at as EntryId;
            let Entry { code, label } = &self.entries[at];
            let (code, label) = (code.clone(), label.clone());
            self.codes.entry(code_key(&code)).or_default().push(entry);
            let folded = Folded::new(&label);
            for text in [&code, &label] {
                if code_key(text).is_empty() && !text.trim().is_empty() {
                    self.wordless.entry(text.trim().to_string()).or_default().push(entry);
                }
            }
            let outside = folded.only(|word| !word.bracketed);
            let inside = folded.only(|word| word.bracketed);
            self.add_name(entry, Origin::Label, &folded);
            if let Some(both) = folded.both_spellings() {
                both.iter().for_each(|one| self.add_name(entry, Origin::Label, one));
            } else if !inside.words.is_empty() && !outside.words.is_empty() {
                self.add_name(entry, Origin::Outside, &outside);
                self.add_name(entry, Origin::Inside, &inside);
            }
            let reads_like_words = code.chars().filter(|c| c.is_alphabetic()).count() >= 4;
            if reads_like_words {
                let spelled = Folded::new(&code);
                if spelled != folded {
                    self.add_name(entry, Origin::Code, &spelled);
                }
            }
        }
    }

    pub(super) fn add_name(&mut self, entry: EntryId, origin: Origin, folded: &Folded) {
        if folded.words.is_empty() {
            return;
        }
        let name = self.names.len() as NameId;
        let mut words = Vec::with_capacity(folded.words.len());
        for word in &folded.words {
            let id = self.add_word(&word.text);
            words.push(NameWord { id, stop: word.stop });
            let with = &mut self.by_word[id as usize];
            if with.last() != Some(&name) {
                with.push(name);
            }
        }
        let together = folded.compact();
        let content = folded.words.iter().filter(|word| !word.stop).count();
        if folded.words.len() > 1 && content <= JOINED_WORDS && together.len() <= JOINED_LETTERS {
            let id = self.add_word(&together);
            self.joined.entry(id).or_default().push(name);
        }
        let mut add = |key: Key, text: &str| self.keys.push((hash(key, text), name));
        add(Key::InOrder, &folded.spaced());
        if let Some(sorted) = sorted(folded) {
            add(Key::Sorted, &sorted);
        }
        add(Key::Together, &together);
        folded.initials().iter().for_each(|initials| add(Key::Initials, initials));
        self.names.push(Name { entry, origin, words: words.into_boxed_slice(), said: folded.said(), weight: 0.0 });
    }

    fn add_word(&mut self, word: &str) -> WordId {
        let id = self.vocabulary.add(word);
        if self.by_word.len() < self.vocabulary.len() {
            self.by_word.resize(self.vocabulary.len(), Vec::new());
        }
        id
    }

    /// A word weighs the more the fewer entries have it.
    fn word_weight(&self, word: WordId) -> f32 {
        let with = &self.by_word[word as usize];
        let mut entries: Vec<EntryId> = with.iter().map(|name| self.names[*name as usize].entry).collect();
        entries.sort_unstable();
        entries.dedup();
        let all = self.entries.len() as f32;
        let rare = (1.0 + all / entries.len().max(1) as f32).ln().max(0.3);
        rare * self.text(word).map_or(1.0, letters_weight)
    }

    /// Weighs the words from one on, and then the names from one on.
    pub(super) fn weigh(&mut self, words: usize, names: usize) {
        self.strange = (1.0 + self.entries.len() as f32).ln().max(0.7);
        self.weights.resize(self.by_word.len(), self.strange);
        for word in words..self.by_word.len() {
            self.weights[word] = self.word_weight(word as WordId);
        }
        for name in &mut self.names[names..] {
            let weight = |word: &NameWord| self.weights[word.id as usize] * if word.stop { STOP } else { 1.0 };
            name.weight = name.words.iter().map(weight).sum();
        }
    }

    pub(super) fn text(&self, id: WordId) -> Option<&str> {
        self.vocabulary.form(id).map(|form| form.text.as_str())
    }

    pub fn is_padding(&self, id: Option<WordId>) -> bool {
        id.is_some_and(|id| self.padding.get(id as usize).copied().unwrap_or(false))
    }

    pub fn weight(&self, id: WordId) -> f32 {
        self.weights.get(id as usize).copied().unwrap_or(self.strange)
    }

    /// What a word that may be unknown weighs.
    pub fn weight_of(&self, id: Option<WordId>, text: &str) -> f32 {
        match id {
            Some(id) if !self.by_word[id as usize].is_empty() => self.weight(id),
            _ => self.strange * letters_weight(text),
        }
    }

    /// The names that have a key.
    pub fn with_key(&self, key: Key, text: &str) -> impl Iterator<Item = &NameId> {
        let wanted = hash(key, text);
        let from = self.keys.partition_point(|(hash, _)| *hash < wanted);
        self.keys[from..].iter().take_while(move |(hash, _)| *hash == wanted).map(|(_, name)| name)
    }

    /// The entries whose code is the text but for case and signs.
    pub fn with_code(&self, code: &str) -> &[EntryId] {
        let key = code_key(code);
        self.codes.get(&key).filter(|_| !key.is_empty()).map_or(&[], Vec::as_slice)
    }

    /// The entries that have no word and are written like this.
    pub fn wordless(&self, text: &str) -> &[EntryId] {
        self.wordless.get(text.trim()).map_or(&[], Vec::as_slice)
    }

    /// The names that are a word like this one when they are run together, and how much like it.
    pub fn together_like(&self, together: &str, scratch: &mut Scratch) -> Vec<(NameId, f32)> {
        let mut out = Vec::new();
        for (id, alike) in self.vocabulary.like(together, &mut scratch.asked) {
            let joined = self.joined.get(id).into_iter().flatten();
            let single = self.by_word[*id as usize].iter().filter(|name| self.names[**name as usize].words.len() == 1);
            out.extend(joined.chain(single).take(MEASURED).map(|name| (*name, *alike)));
        }
        out
    }

    /// The names that share the most with some words and words like them.
    pub fn sharing(&self, words: &[(&[(WordId, f32)], f32)], scratch: &mut Scratch) -> Vec<NameId> {
        scratch.sums.resize(self.names.len(), 0.0);
        let known = words.iter().flat_map(|(like, _)| like.iter().filter(|(_, alike)| *alike >= 1.0));
        let fewest = known.map(|(id, _)| self.by_word[*id as usize].len()).filter(|n| *n > 0).min().unwrap_or(0);
        let too_common = COMMON.max(fewest);
        for (like, share) in words {
            for (id, alike) in *like {
                let with = &self.by_word[*id as usize];
                if with.len() > too_common {
                    continue;
                }
                let worth = self.weight(*id) * alike * alike * share;
                for name in with {
                    let sum = &mut scratch.sums[*name as usize];
                    if *sum == 0.0 {
                        scratch.touched.push(*name);
                    }
                    *sum += worth;
                }
            }
        }
        let mut met: Vec<(f32, NameId)> = scratch
            .touched
            .drain(..)
            .map(|name| {
                let sum = std::mem::take(&mut scratch.sums[name as usize]);
                (sum / (self.names[name as usize].weight + self.strange).sqrt(), name)
            })
            .collect();
        if met.len() > MEASURED {
            met.select_nth_unstable_by(MEASURED, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            met.truncate(MEASURED);
        }
        met.into_iter().map(|(_, name)| name).collect()
    }
}

/// Single letters tell little apart, single digits much.
fn letters_weight(text: &str) -> f32 {
    match text.len() {
        _ if text.bytes().any(|c| c.is_ascii_digit()) => 1.0,
        1 => 0.5,
        2 => 0.75,
        _ => 1.0,
    }
}

/// The words that say something in the order of letters; none where two numbers or letters stand, whose order means
/// something.
pub fn sorted(folded: &Folded) -> Option<String> {
    let content = || folded.words.iter().filter(|word| !word.stop);
    let ordered = content().filter(|word| word.text.len() == 1 || numbered(word)).count() > 1;
    (!ordered).then(|| sorted_words(content().map(|word| word.text.as_str()).collect()))
}

pub(super) fn sorted_words(mut words: Vec<&str>) -> String {
    words.sort_unstable();
    words.join(" ")
}

fn code_key(code: &str) -> String {
    code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn hash(key: Key, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (key, text).hash(&mut hasher);
    hasher.finish()
}
