//! From likeness to a score that can be relied on, and to a reason in words.

use std::collections::HashMap;

use super::fold::{Folded, Said, Word};
use super::index::{EntryId, Index, Key, Name, NameId, Origin, Scratch, sorted};
use super::measure::{AskedWord, Cover, Kind, STOP, cover};
use super::signs::is_negation;
use super::vocabulary::WordId;
use super::{Candidate, Question, SURE, placeholder};

/// What speaks for one entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence {
    pub score: f32,
    pub kind: Kind,
    pub by: By,
    /// Whether it speaks of a part of the text alone.
    pub part: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum By {
    Code,
    Name(NameId),
}

/// The best that a suggestion may have that is not sure.
pub(super) const UNSURE: f32 = 0.89;

/// The best that a suggestion may have whose signs differ, or that says the opposite.
const OTHERWISE: f32 = 0.85;

/// From here on another entry is near.
pub(super) const RIVAL: f32 = 0.6;

/// Parts of a text that are looked at by themselves.
const PARTS: usize = 5;

/// What padding weighs beside other words.
const PADDING: f32 = 0.15;

impl Index {
    /// At most `most` candidates for a question, the best first.
    pub fn suggest(&self, question: &Question, most: usize) -> Vec<Candidate> {
        self.ask(question, most, &mut Scratch::default())
    }

    /// The same for many questions, on as many threads as there are cores.
    pub fn suggest_all(&self, questions: &[Question], most: usize) -> Vec<Vec<Candidate>> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(questions.len() / 16 + 1);
        let share = questions.len().div_ceil(threads.max(1)).max(1);
        std::thread::scope(|scope| {
            let ask = |part: &[Question]| {
                let mut scratch = Scratch::default();
                part.iter().map(|question| self.ask(question, most, &mut scratch)).collect::<Vec<_>>()
            };
            let parts: Vec<_> = questions.chunks(share).map(|part| scope.spawn(move || ask(part))).collect();
            parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
        })
    }

    fn ask(&self, question: &Question, most: usize, scratch: &mut Scratch) -> Vec<Candidate> {
        let mut found: HashMap<EntryId, Evidence> = HashMap::new();
        let label = question.label.as_deref().filter(|label| !label.trim().is_empty());
        let code = question.code.as_deref().filter(|code| !code.trim().is_empty());
        if let Some(label) = label {
            self.ask_text(label, 1.0, &mut found, scratch);
        }
        if let Some(code) = code {
            let share = if label.is_some() { 0.9 } else { 1.0 };
            if label != Some(code) {
                self.ask_text(code, share, &mut found, scratch);
            }
        }
        self.ask_codes(code, label, &mut found);
        let exact = label.or(code).map(|text| self.exact(text, &mut found)).unwrap_or_default();
        let texts: Vec<String> = label.iter().chain(&code).map(|text| Folded::new(text).key()).collect();
        let mut found: Vec<(EntryId, Evidence)> = found.into_iter().collect();
        for (entry, evidence) in &mut found {
            self.heed_rejections(&texts, *entry, evidence);
        }
        if label.or(code).is_none_or(placeholder::says_nothing) {
            found.iter_mut().for_each(|(_, evidence)| evidence.score = evidence.score.min(0.8));
        }
        self.prefer(&exact, &mut found);
        found.sort_by(|a, b| b.1.score.total_cmp(&a.1.score).then(a.1.kind.cmp(&b.1.kind)).then(a.0.cmp(&b.0)));
        doubt_rivals(&mut found);
        found.truncate(most);
        found.into_iter().map(|(entry, evidence)| self.candidate(entry, evidence)).collect()
    }

    /// What the label says by its words, whole and in parts.
    fn ask_text(&self, text: &str, share: f32, found: &mut HashMap<EntryId, Evidence>, scratch: &mut Scratch) {
        let folded = Folded::new(text);
        self.ask_folded(&folded, share, 1.0, found, scratch);
        let parts = folded.words.last().map_or(0, |word| word.part);
        if parts == 0 {
            return;
        }
        for part in 0..=parts.min(PARTS) {
            let only = folded.only(|word| word.part == part);
            if !only.words.is_empty() && only.words.len() < folded.words.len() {
                let told = if part == 0 { 0.92 } else { 0.88 };
                self.ask_folded(&only, share * told, UNSURE, found, scratch);
            }
        }
    }

    fn ask_folded(
        &self,
        folded: &Folded,
        share: f32,
        at_most: f32,
        found: &mut HashMap<EntryId, Evidence>,
        scratch: &mut Scratch,
    ) {
        if folded.words.is_empty() {
            return;
        }
        let words = self.asked_words(folded, scratch);
        let said = folded.said();
        let together = folded.compact();
        let mut names: HashMap<NameId, (Option<Kind>, f32)> = HashMap::new();
        let mut keyed = |key: Key, text: &str, kind: Kind| {
            for name in self.with_key(key, text) {
                let known = names.entry(*name).or_default();
                known.0 = Some(known.0.map_or(kind, |known| known.min(kind)));
            }
        };
        keyed(Key::InOrder, &folded.spaced(), Kind::Same);
        if let Some(sorted) = sorted(folded) {
            keyed(Key::Sorted, &sorted, Kind::Words);
        }
        keyed(Key::Together, &together, Kind::Letters);
        if together.len() > 1 && together.len() <= 8 {
            keyed(Key::Initials, &together, Kind::Initials);
        }
        if let [Word { with_and: Some(with_and), .. }] = &folded.words[..] {
            keyed(Key::Initials, with_and, Kind::InitialsAnd);
        }
        if (3..=8).contains(&together.len()) {
            keyed(Key::Initials, &together[..together.len() - 1], Kind::MostInitials);
        }
        for initials in &folded.initials() {
            keyed(Key::Together, initials, Kind::Initials);
        }
        for (name, alike) in self.together_like(&together, scratch) {
            let known = names.entry(name).or_default();
            known.1 = known.1.max(alike);
        }
        let sharing: Vec<(&[(WordId, f32)], f32)> =
            words.iter().map(|word| (word.like.as_slice(), if word.stop { STOP } else { 1.0 })).collect();
        for name in self.sharing(&sharing, scratch) {
            names.entry(name).or_default();
        }
        // Abbreviations beside what they are short for, as one word or as a part: `FP-EPA: …`.
        let mut beside: HashMap<NameId, Vec<usize>> = HashMap::new();
        for (short, places) in abbreviations(folded) {
            for name in self.with_key(Key::Initials, &short) {
                beside.entry(*name).or_default().extend(&places);
                names.entry(*name).or_default();
            }
        }
        // In the order of the names, so that of two that say the same the same one speaks each time.
        let mut names: Vec<(NameId, (Option<Kind>, f32))> = names.into_iter().collect();
        names.sort_unstable_by_key(|(name, _)| *name);
        for (name, (kind, together)) in names {
            let short = beside.get(&name).map_or(&[][..], Vec::as_slice);
            let (kind, alike) = self.measure(&words, name, kind, together, short);
            let mut score = self.score(kind, alike, name, folded);
            if !says_the_same(kind, &said, &self.names[name as usize].said) {
                score = score.min(OTHERWISE);
            }
            let score = (score * share).min(at_most);
            let entry = self.names[name as usize].entry;
            note(found, entry, Evidence { score, kind, by: By::Name(name), part: at_most < 1.0 });
        }
    }

    fn asked_words(&self, folded: &Folded, scratch: &mut Scratch) -> Vec<AskedWord> {
        let ask = |word: &Word| {
            let id = self.vocabulary.id(&word.text);
            let padding = self.is_padding(id);
            let light = if word.stop {
                STOP
            } else if padding {
                PADDING
            } else {
                1.0
            };
            let like = if word.stop {
                id.map(|id| (id, 1.0)).into_iter().collect()
            } else {
                self.vocabulary.like(&word.text, &mut scratch.asked).to_vec()
            };
            AskedWord {
                text: word.text.clone(),
                id,
                weight: self.weight_of(id, &word.text) * light,
                stop: word.stop,
                padding,
                like,
            }
        };
        folded.words.iter().map(ask).collect()
    }

    /// The kind of likeness between a question and a name, and how much.
    fn measure(
        &self,
        words: &[AskedWord],
        name: NameId,
        kind: Option<Kind>,
        together: f32,
        short: &[usize],
    ) -> (Kind, f32) {
        if let Some(kind) = kind {
            return (kind, 1.0);
        }
        let name = &self.names[name as usize];
        let weight = |id| self.weight(id);
        let whole = cover(words, &name.words, weight);
        let alike = whole.alike().max(together * together * 0.98);
        if !short.is_empty() {
            let rest: Vec<AskedWord> =
                words.iter().enumerate().filter(|(at, _)| !short.contains(at)).map(|(_, word)| word.clone()).collect();
            let rest = cover(&rest, &name.words, weight);
            if complete(&rest) && rest.worst >= 0.96 {
                return (Kind::Both, 1.0);
            }
            return (Kind::Somewhat, alike.max(rest.alike()).max(0.75));
        }
        match whole {
            _ if complete(&whole) && whole.worst >= 1.0 && whole.padding > 0 => (Kind::Padded, 1.0),
            // The keys know the same words in every order that means nothing; these are numbers in another.
            _ if complete(&whole) && whole.worst >= 1.0 => (Kind::Spelled, 0.95),
            _ if complete(&whole) && whole.worst >= 0.96 && whole.padding == 0 => (Kind::Endings, 1.0),
            _ if complete(&whole) && whole.padding == 0 && self.is_slip(words, name) => (Kind::Slip, alike),
            _ if complete(&whole) => (Kind::Spelled, alike),
            _ if whole.name >= 0.98 => (Kind::More, alike),
            _ if whole.asked >= 0.98 => (Kind::Fewer, alike),
            _ if together >= 0.7 => (Kind::Spelled, alike),
            _ if whole.found > 0 && whole.worst >= 0.96 => (Kind::Shared, alike),
            _ => (Kind::Somewhat, alike),
        }
    }

    /// Whether all words are the same but one, a long one in which one letter differs, and no other word of the list is
    /// nearly as like it: then the difference is hardly one of meaning.
    fn is_slip(&self, words: &[AskedWord], name: &Name) -> bool {
        let known = |id: WordId| name.words.iter().any(|word| word.id == id);
        let mut strange = words.iter().filter(|word| !word.stop && word.id.is_none_or(|id| !known(id)));
        let (Some(word), None) = (strange.next(), strange.next()) else { return false };
        let rivals = word.like.iter().filter(|(id, _)| !known(*id)).map(|(_, alike)| *alike).fold(0.0, f32::max);
        let own = word.like.iter().filter(|(id, _)| known(*id)).max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((own, _)) = own.and_then(|(id, alike)| Some((self.vocabulary.form(*id)?, alike))) else {
            return false;
        };
        rivals < 0.8 && own.is_slip_of(&word.text)
    }

    fn score(&self, kind: Kind, alike: f32, name: NameId, asked: &Folded) -> f32 {
        let letters = asked.words.iter().map(|word| word.text.len()).sum::<usize>();
        let name = &self.names[name as usize];
        let score: f32 = match kind {
            Kind::Same => 0.99,
            Kind::Both => 0.97,
            Kind::Words => 0.95,
            Kind::Letters if letters >= 5 => 0.94,
            Kind::Letters => 0.85,
            Kind::Endings => 0.93,
            Kind::Padded => 0.91,
            Kind::Slip => 0.91,
            Kind::Initials => match letters {
                0..=2 => 0.8,
                3 => 0.9,
                _ => 0.93,
            },
            Kind::InitialsAnd => 0.93,
            Kind::MostInitials => 0.55,
            Kind::Spelled | Kind::More | Kind::Fewer | Kind::Shared | Kind::Somewhat => UNSURE * alike,
        };
        match name.origin {
            Origin::Label => score,
            Origin::Code => score - 0.02,
            Origin::Outside => score.min(UNSURE) - 0.01,
            Origin::Inside if kind > Kind::Padded => score * 0.5,
            Origin::Inside => (score - 0.04).min(0.85),
            Origin::Decided(_) if kind == Kind::Same && name.said == asked.said() => {
                self.decided_score(&asked.key(), name.entry)
            }
            // A word that decided labels have beside others is as rare as they are, and says less than it weighs.
            Origin::Decided(_) | Origin::DecidedPart(_) if kind == Kind::Fewer => score * 0.8,
            Origin::Decided(_) => score.min(0.95),
            Origin::DecidedPart(_) => score.min(0.94),
        }
    }

    /// How surely a label means what people chose for it: the share of the choices, less for few.
    fn decided_score(&self, label: &str, entry: EntryId) -> f32 {
        let chosen = self.chosen.get(label).map_or(&[][..], Vec::as_slice);
        let all: u32 = chosen.iter().map(|(_, times)| times).sum();
        let own = chosen.iter().find(|(of, _)| *of == entry).map_or(0, |(_, times)| *times);
        let once = match own {
            0 => return 0.0,
            1 => 0.97,
            2 => 0.98,
            _ => 0.99,
        };
        if own == all { once } else { (own as f32 / all as f32 * once).min(UNSURE) }
    }

    /// A source's code, or a label that is one, that is also the list's code.
    fn ask_codes(&self, code: Option<&str>, label: Option<&str>, found: &mut HashMap<EntryId, Evidence>) {
        let best = found.values().map(|evidence| evidence.score).fold(0.0, f32::max);
        for (text, is_code) in [(code, true), (label, false)] {
            let Some(text) = text else { continue };
            let said = Folded::new(text).said();
            for entry in self.with_code(text) {
                if Folded::new(&self.entries[*entry as usize].code).said() != said {
                    continue;
                }
                let own = found.get(entry).map_or(0.0, |evidence| evidence.score);
                let same_case = self.entries[*entry as usize].code == text.trim();
                let letters = text.chars().filter(|c| c.is_alphabetic()).count();
                let score = match (letters, label.is_some() && is_code) {
                    // The labels decide whether equal codes mean the same.
                    (_, true) if own >= 0.6 && own >= best => (own + 0.1).min(0.99),
                    (_, true) if best >= 0.6 => 0.5,
                    (0 | 1, _) => 0.75,
                    (_, true) => 0.85,
                    _ if same_case => 0.93,
                    _ => 0.8,
                };
                note(found, *entry, Evidence { score, kind: Kind::Same, by: By::Code, part: false });
            }
        }
    }

    fn heed_rejections(&self, texts: &[String], entry: EntryId, evidence: &mut Evidence) {
        for text in texts {
            let times = |kept: &HashMap<String, Vec<(EntryId, u32)>>| {
                let of = kept.get(text).and_then(|all| all.iter().find(|(of, _)| *of == entry));
                of.map_or(0, |(_, times)| *times)
            };
            let (chosen, rejected) = (times(&self.chosen), times(&self.rejected));
            if rejected > 0 {
                let share = chosen as f32 / (chosen + rejected) as f32;
                evidence.score = (evidence.score * (0.35 + 0.5 * share)).min(UNSURE);
            }
        }
    }
}

/// What may be an abbreviation beside other words, with the places of its words: each short word, and each part of
/// several short words.
fn abbreviations(folded: &Folded) -> Vec<(String, Vec<usize>)> {
    let words = &folded.words;
    if words.len() < 3 {
        return Vec::new();
    }
    let short = |text: &str| (2..=8).contains(&text.len()) && !is_negation(text);
    let single = words.iter().enumerate().filter(|(_, word)| short(&word.text));
    let mut out: Vec<(String, Vec<usize>)> = single.map(|(at, word)| (word.text.clone(), vec![at])).collect();
    let parts = words.last().map_or(0, |word| word.part);
    for part in 0..=parts.min(PARTS) {
        let places: Vec<usize> = (0..words.len()).filter(|at| words[*at].part == part).collect();
        let together: String = places.iter().map(|at| words[*at].text.as_str()).collect();
        if places.len() > 1 && places.len() < words.len() && short(&together) {
            out.push((together, places));
        }
    }
    out
}

/// Whether a question and a name say the same by what is no word. Letters that a name is short for have neither its signs
/// between words nor its words that say no.
fn says_the_same(kind: Kind, asked: &Said, name: &Said) -> bool {
    match kind {
        Kind::Same | Kind::Words => asked == name,
        Kind::Initials | Kind::InitialsAnd | Kind::MostInitials => {
            let signs = |said: &Said| said.signs.chars().filter(|sign| !matches!(sign, '/' | 'a')).collect::<String>();
            signs(asked) == signs(name)
        }
        _ => asked.signs == name.signs && asked.negated == name.negated,
    }
}

/// Whether all that both sides say was found.
fn complete(cover: &Cover) -> bool {
    cover.lost == 0 && cover.found > 0
}

/// Keeps the better evidence for an entry; a second one supports it a little.
fn note(found: &mut HashMap<EntryId, Evidence>, entry: EntryId, evidence: Evidence) {
    match found.get_mut(&entry) {
        Some(known) if known.score >= evidence.score => {}
        Some(known) => *known = evidence,
        None => {
            found.insert(entry, evidence);
        }
    }
}

/// Where two entries would be sure, the weaker is not, and neither is if they are about as strong. What rests on words that
/// add nothing, or on one letter, is doubted where another entry is anywhere near.
fn doubt_rivals(found: &mut [(EntryId, Evidence)]) {
    let [(_, best), (_, second), ..] = &found[..] else { return };
    let near = match best.kind {
        Kind::Padded | Kind::Slip => RIVAL,
        _ => best.score - 0.02,
    };
    let close = second.score > near;
    for (at, (_, evidence)) in found.iter_mut().enumerate() {
        if evidence.score >= SURE && (at > 0 || close) {
            evidence.score = UNSURE - at as f32 * 0.001;
        }
    }
}
