//! Cuts a legible text into words, each with its signs and with what parts it from the word before.

use super::fold::Word;
use super::signs::{Side, groups_digits, is_unit_slash, sign_at};

/// What stands between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Space,
    /// A point without space: `U.S.A.`
    Point,
    /// `&`, `+`, `/` or the word "and".
    And,
}

/// A text as it is cut.
struct Cut {
    text: Vec<char>,
    words: Vec<(Gap, Word)>,
    gap: Gap,
    /// Signs that belong to the next word.
    before: String,
    parted: bool,
    /// Where the word that is being read began.
    open: Option<usize>,
    part: usize,
    depth: i32,
}

/// The words of a legible text; of one without any, its signs.
pub fn cut(legible: &str) -> (Vec<Word>, String) {
    let mut cut = Cut {
        text: legible.chars().collect(),
        words: Vec::new(),
        gap: Gap::Space,
        before: String::new(),
        parted: false,
        open: None,
        part: 0,
        depth: 0,
    };
    let mut at = 0;
    while at < cut.text.len() {
        at += cut.next(at);
    }
    cut.close(at);
    match cut.words.last_mut() {
        Some((_, last)) => last.after.push_str(&cut.before),
        None => return (Vec::new(), cut.before),
    }
    (joined_letters(cut.words), String::new())
}

impl Cut {
    /// Reads what stands at a place; answers how many characters it took.
    fn next(&mut self, at: usize) -> usize {
        let c = self.text[at];
        if c.is_ascii_alphanumeric() {
            self.letter(c, at);
            return 1;
        }
        let sign = sign_at(&self.text, at);
        // Apostrophes and the marks that transliteration leaves stand within words.
        if sign.is_none() && matches!(c, '\'' | '`' | '@') {
            return 1;
        }
        let closed = self.open.is_some();
        self.close(at);
        let Some(sign) = sign else {
            self.between(at, closed);
            self.parted |= !c.is_whitespace() && !groups_digits(&self.text, at);
            return 1;
        };
        match (sign.side, self.words.last_mut()) {
            (Side::After, Some((_, last))) => last.after.push_str(&sign.text),
            _ => self.before.push_str(&sign.text),
        }
        // A plus that is a sign is no "and".
        if c != '+' {
            self.between(at, closed);
        }
        self.parted = true;
        sign.len
    }

    fn letter(&mut self, c: char, at: usize) {
        if self.open.is_none() {
            let word = Word {
                text: String::new(),
                with_and: None,
                stop: false,
                part: self.part,
                bracketed: self.depth > 0,
                before: std::mem::take(&mut self.before),
                after: String::new(),
                parted: std::mem::take(&mut self.parted),
            };
            self.words.push((self.gap, word));
            self.open = Some(at);
            self.gap = Gap::Space;
        }
        if let Some((_, word)) = self.words.last_mut() {
            word.text.push(c.to_ascii_lowercase());
        }
    }

    /// Ends a word. The case of a unit's first letter is a sign of it: a megahertz is no millihertz.
    fn close(&mut self, end: usize) {
        let Some(from) = self.open.take() else { return };
        let word = &self.text[from..end];
        let per = |at: usize| self.text.get(at) == Some(&'/') && is_unit_slash(&self.text, at);
        let beside_slash = per(end) || from > 0 && per(from - 1);
        if has_prefix_of_two_cases(word, beside_slash)
            && let Some((_, last)) = self.words.last_mut()
        {
            last.before.push(word[0]);
        }
    }

    /// What a character between words says of those around it.
    fn between(&mut self, at: usize, closed: bool) {
        let before_letter = self.text.get(at + 1).is_some_and(char::is_ascii_alphanumeric);
        match self.text[at] {
            '&' | '+' => self.gap = Gap::And,
            '/' => {
                self.gap = Gap::And;
                self.part += 1;
            }
            '.' if closed && before_letter => self.gap = Gap::Point,
            '(' | '[' | '{' => {
                self.depth += 1;
                self.part += 1;
            }
            ')' | ']' | '}' => {
                self.depth = (self.depth - 1).max(0);
                self.part += 1;
            }
            ':' | ';' | ',' | '=' => self.part += 1,
            '-' if !closed && !before_letter => self.part += 1,
            _ => {}
        }
    }
}

/// Whether a word is written as a unit is whose prefix means two things by its case: `mW` and `MW`, `mHz` and `MHz`.
fn has_prefix_of_two_cases(word: &[char], beside_slash: bool) -> bool {
    let (Some('m' | 'M' | 'p' | 'P'), true) = (word.first(), (2..=4).contains(&word.len())) else { return false };
    let lower = word.iter().any(char::is_ascii_lowercase);
    let inner = word[1..].iter().any(char::is_ascii_uppercase);
    word.iter().all(char::is_ascii_alphabetic) && (lower && inner || beside_slash && word[1].is_ascii_lowercase())
}

/// Joins letters that stand alone (`U.S.A.`, `T&M`, `T and M`) into one word; else `&` and `+` become the word "and".
fn joined_letters(cut: Vec<(Gap, Word)>) -> Vec<Word> {
    let single = |word: &Word| word.text.len() == 1 && word.text.as_bytes()[0].is_ascii_alphabetic();
    let mut words: Vec<(Gap, Word)> = Vec::new();
    for (gap, word) in cut {
        // "t and m": the "and" becomes the gap of the next word.
        match words.last() {
            Some((_, last)) if last.text == "and" && single(&word) && words.len() > 1 => {
                let before = &words[words.len() - 2].1;
                if single(before) {
                    words.pop();
                    words.push((Gap::And, word));
                    continue;
                }
            }
            _ => {}
        }
        words.push((gap, word));
    }
    let mut out: Vec<Word> = Vec::new();
    let mut letters = false;
    for (gap, word) in words {
        let one = single(&word);
        match out.last_mut() {
            Some(last) if gap != Gap::Space && one && (letters || single(last)) => {
                if gap == Gap::And || last.with_and.is_some() {
                    let and = if gap == Gap::And { "and" } else { "" };
                    let before = last.with_and.as_ref().unwrap_or(&last.text);
                    last.with_and = Some(format!("{before}{and}{}", word.text));
                }
                last.text.push_str(&word.text);
                last.after.push_str(&word.before);
                last.after.push_str(&word.after);
                letters = true;
                continue;
            }
            Some(last) if gap == Gap::And && last.part == word.part => {
                let and = Word { text: "and".into(), stop: true, with_and: None, ..word.clone() };
                out.push(Word { before: String::new(), after: String::new(), parted: false, ..and });
            }
            _ => {}
        }
        letters = false;
        out.push(word);
    }
    out
}
