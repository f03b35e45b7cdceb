//! How alike a question's words and a name's words are, and of which kind the likeness is.

use super::vocabulary::WordId;

/// What kind of likeness was found; the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The same words in the same order, apart from case, accents and signs.
    Same,
    /// An abbreviation beside the words it is short for: `FFP: Firm Fixed Price`.
    Both,
    /// The same words in another order, or with other words that say nothing.
    Words,
    /// The same letters, together or apart.
    Letters,
    /// The same words but for an ending.
    Endings,
    /// First letters with the "and" between them: `T&M`.
    InitialsAnd,
    /// First letters.
    Initials,
    /// One letter differs in a long text.
    Slip,
    /// All words of the name, and others that earlier decisions show to say nothing.
    Padded,
    /// Each word has one that is like it.
    Spelled,
    /// All words of the name, and others.
    More,
    /// Some words of the name, and no others.
    Fewer,
    /// Some words are the same, and both have others.
    Shared,
    /// First letters, but for the last.
    MostInitials,
    /// Something in common.
    Somewhat,
}

/// A question's word: what it weighs, and which words of the list are like it.
#[derive(Debug, Clone)]
pub struct AskedWord {
    pub text: String,
    pub id: Option<WordId>,
    pub weight: f32,
    pub stop: bool,
    /// A word that decisions show to add nothing.
    pub padding: bool,
    pub like: Vec<(WordId, f32)>,
}

/// A name's word.
#[derive(Debug, Clone, Copy)]
pub struct NameWord {
    pub id: WordId,
    pub stop: bool,
}

/// How much of each side the other covers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cover {
    pub name: f32,
    pub asked: f32,
    /// The worst likeness among the words that found each other.
    pub worst: f32,
    /// Words that say something and found none, on either side; padding aside.
    pub lost: u32,
    /// Words of padding that found none.
    pub padding: u32,
    /// Words that found one.
    pub found: u32,
}

impl Cover {
    /// From 0 to 1: what the name has counts more than what the question has beside it.
    pub fn alike(&self) -> f32 {
        let named = self.name * (0.62 + 0.38 * self.asked);
        let asked = self.asked * (0.45 + 0.55 * self.name);
        named.max(asked)
    }
}

/// Lets each word of the name find the word of the question that is most like it; none is found twice.
pub fn cover(asked: &[AskedWord], name: &[NameWord], weight: impl Fn(WordId) -> f32) -> Cover {
    let mut taken = 0_u64;
    let mut cover = Cover { worst: 1.0, ..Cover::default() };
    let (mut all_name, mut got_name, mut got_asked) = (0.0, 0.0, 0.0);
    for word in name {
        let weight = weight(word.id) * if word.stop { STOP } else { 1.0 };
        all_name += weight;
        let mut best: Option<(usize, f32)> = None;
        for (at, other) in asked.iter().enumerate().take(64) {
            if taken & (1 << at) != 0 {
                continue;
            }
            let alike = match other.id {
                Some(id) if id == word.id => 1.0,
                _ => other.like.iter().find(|(id, _)| *id == word.id).map_or(0.0, |(_, alike)| *alike),
            };
            if alike > best.map_or(0.0, |(_, best)| best) {
                best = Some((at, alike));
            }
        }
        match best {
            Some((at, alike)) => {
                taken |= 1 << at;
                // Half alike is worth less than half: most words share half their letters with some other.
                let worth = alike * alike;
                got_name += weight * worth;
                got_asked += asked[at].weight * worth;
                if !word.stop {
                    cover.worst = cover.worst.min(alike);
                    cover.found += 1;
                }
            }
            None if !word.stop => cover.lost += 1,
            None => {}
        }
    }
    for (at, word) in asked.iter().enumerate() {
        if !word.stop && (at >= 64 || taken & (1 << at) == 0) {
            if word.padding { cover.padding += 1 } else { cover.lost += 1 }
        }
    }
    let all_asked: f32 = asked.iter().map(|word| word.weight).sum();
    cover.name = if all_name > 0.0 { got_name / all_name } else { 0.0 };
    cover.asked = if all_asked > 0.0 { (got_asked / all_asked).min(1.0) } else { 0.0 };
    cover
}

/// What a word that says nothing weighs beside others.
pub const STOP: f32 = 0.1;
