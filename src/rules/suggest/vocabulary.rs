//! All words of a code list, and which of them are like a given word: an inverted index of letter groups, so that a word
//! meets those that share rare groups with it and not all of a hundred thousand.

use std::collections::HashMap;

use super::word::Form;

/// Words that share the most groups with the asked one are measured, so many at most.
const MEASURED: usize = 48;

/// Likenesses kept for one word.
const KEPT: usize = 24;

/// So many words are met at most, by way of the rarest groups first: what most words have tells none of them apart.
const MET: usize = 8000;

/// A word's number.
pub type WordId = u32;

#[derive(Debug, Default)]
pub struct Vocabulary {
    forms: Vec<Form>,
    ids: HashMap<String, WordId>,
    groups: HashMap<u32, Vec<WordId>>,
}

/// What asking needs, kept between two questions: counters, and answers for words that come again.
#[derive(Debug, Default)]
pub struct Asked {
    shared: Vec<u16>,
    touched: Vec<WordId>,
    known: HashMap<String, Vec<(WordId, f32)>>,
}

/// Answers remembered before the memory is emptied: labels of one file share most of their words.
const REMEMBERED: usize = 20_000;

impl Vocabulary {
    pub fn add(&mut self, word: &str) -> WordId {
        if let Some(id) = self.ids.get(word) {
            return *id;
        }
        let id = self.forms.len() as WordId;
        let form = Form::new(word);
        for group in groups(&form) {
            self.groups.entry(group).or_default().push(id);
        }
        self.forms.push(form);
        self.ids.insert(word.to_string(), id);
        id
    }

    pub fn id(&self, word: &str) -> Option<WordId> {
        self.ids.get(word).copied()
    }

    pub fn form(&self, id: WordId) -> Option<&Form> {
        self.forms.get(id as usize)
    }

    pub fn len(&self) -> usize {
        self.forms.len()
    }

    /// The words most like `word` with how much, the likest first; the word itself comes with 1.
    pub fn like<'a>(&self, word: &str, asked: &'a mut Asked) -> &'a [(WordId, f32)] {
        if asked.known.len() > REMEMBERED {
            asked.known.clear();
        }
        if !asked.known.contains_key(word) {
            let found = self.measure(&Form::new(word), asked);
            asked.known.insert(word.to_string(), found);
        }
        asked.known.get(word).map_or(&[], Vec::as_slice)
    }

    fn measure(&self, form: &Form, asked: &mut Asked) -> Vec<(WordId, f32)> {
        asked.shared.resize(self.forms.len(), 0);
        let mut met: Vec<&Vec<WordId>> = groups(form).iter().filter_map(|group| self.groups.get(group)).collect();
        met.sort_by_key(|words| words.len());
        let mut read = 0;
        for words in met {
            read += words.len();
            if read > MET && read > words.len() {
                break;
            }
            for id in words {
                let shared = &mut asked.shared[*id as usize];
                if *shared == 0 {
                    asked.touched.push(*id);
                }
                *shared += 1;
            }
        }
        // Of words that share equally many groups the shorter has more of them in common.
        let mut met: Vec<(u32, WordId)> = asked
            .touched
            .drain(..)
            .map(|id| {
                let shared = u32::from(std::mem::take(&mut asked.shared[id as usize]));
                let letters = self.forms[id as usize].text.len() + form.text.len();
                (shared * 10_000 / (letters as u32 + 4), id)
            })
            .collect();
        if met.len() > MEASURED {
            met.select_nth_unstable_by(MEASURED, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
            met.truncate(MEASURED);
        }
        let mut found: Vec<(WordId, f32)> = met
            .into_iter()
            .map(|(_, id)| (id, form.alike(&self.forms[id as usize])))
            .filter(|(_, alike)| *alike > 0.0)
            .collect();
        if let Some(id) = self.id(&form.text) {
            found.retain(|(other, _)| *other != id);
            found.push((id, 1.0));
        }
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(KEPT);
        // It may sit in the room of all words met, and it is kept.
        found.shrink_to_fit();
        found
    }
}

/// The letter groups by which words meet: threes of the letters with their ends, pairs of the consonants.
fn groups(form: &Form) -> Vec<u32> {
    let mut out = Vec::with_capacity(form.text.len() + form.bones.len() + 3);
    let padded = |text: &str| -> Vec<u8> { [b"^", text.as_bytes(), b"$"].concat() };
    let number = |kind: u32, letters: &[u8]| letters.iter().fold(kind, |number, c| number << 8 | u32::from(*c));
    out.extend(padded(&form.sound).windows(3).map(|three| number(0, three)));
    if form.bones.len() >= 2 {
        out.extend(padded(&form.bones).windows(2).map(|two| number(0x80, two)));
    }
    // A short form shares its first letter and its last with what it is short for.
    if let (Some(first), Some(last)) = (form.text.as_bytes().first(), form.text.as_bytes().last()) {
        out.push(number(0xff, &[*first, *last]));
    }
    out.sort_unstable();
    out.dedup();
    out
}
