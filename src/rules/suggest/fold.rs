//! Texts as suggestions compare them: entities decoded, transliterated to ASCII, lower case, cut into words.
//!
//! Folding never loses a text whole: one without a letter or digit folds to no words, and then nothing is like it.

use std::borrow::Cow;

/// One word of a folded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// The word with its "and" spelled out where it was letters joined by one: `tandm` of `T&M`.
    pub with_and: Option<String>,
    /// A word that says nothing of what is meant, such as an article.
    pub stop: bool,
    /// The part of the text it stands in, from 0: parts are parted by brackets, colons, slashes and the like.
    pub part: usize,
    /// Whether it stands in brackets.
    pub bracketed: bool,
}

/// A text cut into folded words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folded {
    pub words: Vec<Word>,
}

const STOP: [&str; 22] = [
    "al", "an", "and", "da", "de", "der", "des", "di", "du", "el", "et", "for", "la", "las", "le", "les", "los", "of",
    "or", "the", "und", "with",
];

/// Deliveries that went through several web pages carry `&amp;amp;`: decoded so often at most.
const DECODED: usize = 12;

/// What stands between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Space,
    /// A point without space: `U.S.A.`
    Point,
    /// `&`, `+`, `/` or the word "and".
    And,
}

impl Folded {
    pub fn new(text: &str) -> Folded {
        let ascii = any_ascii::any_ascii(&articles_apart(&decoded(text))).to_ascii_lowercase();
        let mut words = joined_letters(cut(&ascii));
        let alone = words.iter().all(|word| STOP.contains(&word.text.as_str()));
        for (at, word) in words.iter_mut().enumerate() {
            // "A" is an article at the beginning alone: elsewhere it tells "Type A" from "Type B".
            let article = at == 0 && word.text == "a";
            word.stop = !alone && (article || STOP.contains(&word.text.as_str()));
        }
        if words.len() == 1 || words.iter().all(|word| word.stop) {
            words.iter_mut().for_each(|word| word.stop = false);
        }
        Folded { words }
    }

    /// All words without anything between them.
    pub fn compact(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }

    /// The words with one space between them.
    pub fn spaced(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    /// The first letters of the words that say something, and of all words where that differs; none of a single word,
    /// and none where a letter or a number stands alone, since `E-9` is no longer form of something.
    pub fn initials(&self) -> Vec<String> {
        let whole = |word: &Word| word.stop || word.text.len() > 1 && !numbered(word);
        if self.words.iter().filter(|word| !word.stop).count() < 2 || !self.words.iter().all(whole) {
            return Vec::new();
        }
        let first = |words: &mut dyn Iterator<Item = &Word>| -> String {
            words.filter_map(|word| word.text.chars().next()).collect()
        };
        let content = first(&mut self.words.iter().filter(|word| !word.stop));
        let all = first(&mut self.words.iter());
        let spelled: String = self
            .words
            .iter()
            .map(|word| if word.text == "and" { "and" } else { word.text.get(..1).unwrap_or_default() })
            .collect();
        let mut out = vec![content];
        for other in [all, spelled] {
            if !out.contains(&other) {
                out.push(other);
            }
        }
        out
    }

    /// The two spellings that a text gives at once: the abbreviation and what it is short for, as in `FFP: Firm Fixed Price`.
    pub fn both_spellings(&self) -> Option<[Folded; 2]> {
        let parts = self.words.last().map_or(0, |word| word.part);
        (0..=parts).filter(|_| parts > 0).find_map(|part| {
            let short = self.only(|word| word.part == part);
            let long = self.only(|word| word.part != part);
            let is_short = long.initials().iter().any(|initials| *initials == short.compact());
            (is_short && short.compact().len() > 1).then_some([short, long])
        })
    }

    /// The words of one kind of parts as a text of its own.
    pub fn only(&self, keep: impl Fn(&Word) -> bool) -> Folded {
        let mut words: Vec<Word> = self.words.iter().filter(|word| keep(word)).cloned().collect();
        if words.len() == 1 {
            words[0].stop = false;
        }
        Folded { words }
    }
}

/// Whether a word has a digit.
pub fn numbered(word: &Word) -> bool {
    word.text.bytes().any(|c| c.is_ascii_digit())
}

/// HTML entities decoded until there are none.
pub fn decoded(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    for _ in 0..DECODED {
        if !out.contains('&') {
            break;
        }
        let next = html_escape::decode_html_entities(out.as_ref()).into_owned();
        if next == out {
            break;
        }
        out = Cow::Owned(next);
    }
    out
}

/// Arabic writes its article together with the word.
fn articles_apart(text: &str) -> Cow<'_, str> {
    const ARTICLE: &str = "\u{627}\u{644}";
    if !text.contains(ARTICLE) {
        return Cow::Borrowed(text);
    }
    let apart = |word: &str| match word.strip_prefix(ARTICLE) {
        Some(rest) if rest.chars().count() >= 3 => rest.to_string(),
        _ => word.to_string(),
    };
    Cow::Owned(text.split(' ').map(apart).collect::<Vec<_>>().join(" "))
}

/// The words of an ASCII text, each with what stands before it.
fn cut(ascii: &str) -> Vec<(Gap, Word)> {
    let mut out: Vec<(Gap, Word)> = Vec::new();
    let mut gap = Gap::Space;
    let (mut part, mut depth, mut open) = (0, 0_i32, false);
    let bytes = ascii.as_bytes();
    for (at, c) in ascii.char_indices() {
        let before_letter = bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
        match c {
            'a'..='z' | '0'..='9' => {
                if !open {
                    let word = Word { text: String::new(), with_and: None, stop: false, part, bracketed: depth > 0 };
                    out.push((gap, word));
                    open = true;
                    gap = Gap::Space;
                }
                if let Some((_, word)) = out.last_mut() {
                    word.text.push(c);
                }
            }
            // Apostrophes and the marks that transliteration leaves stand within words.
            '\'' | '`' | '@' => {}
            _ => {
                let closed = open;
                open = false;
                match c {
                    '&' | '+' => gap = Gap::And,
                    '/' => {
                        gap = Gap::And;
                        part += 1;
                    }
                    '.' if closed && before_letter => gap = Gap::Point,
                    '(' | '[' | '{' => {
                        depth += 1;
                        part += 1;
                    }
                    ')' | ']' | '}' => {
                        depth = (depth - 1).max(0);
                        part += 1;
                    }
                    ':' | ';' | ',' | '=' => part += 1,
                    '-' if !closed && !before_letter => part += 1,
                    _ => {}
                }
            }
        }
    }
    out
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
                letters = true;
                continue;
            }
            Some(last) if gap == Gap::And && last.part == word.part => {
                out.push(Word { text: "and".into(), stop: true, with_and: None, ..word });
            }
            _ => {}
        }
        letters = false;
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spaced(text: &str) -> String {
        Folded::new(text).spaced()
    }

    #[test]
    fn texts_fold_to_words() {
        let cases = [
            ("Firm-Fixed  Price.", "firm fixed price"),
            ("T&M", "tm"),
            ("T and M", "tm"),
            ("T/M", "tm"),
            ("U.S.A.", "usa"),
            ("T&amp;amp;M (OPS)", "tm ops"),
            ("Time &amp; Materials", "time and materials"),
            ("Time + Materials", "time and materials"),
            ("C&#244;te d&#39;Ivoire", "cote divoire"),
            ("Čęšká", "ceska"),
            ("тест", "test"),
            ("?!", ""),
        ];
        for (text, folded) in cases {
            assert_eq!(spaced(text), folded, "{text}");
        }
    }

    #[test]
    fn initials_come_with_and_without_stop_words() {
        assert_eq!(Folded::new("Time and Materials").initials(), ["tm", "tam", "tandm"]);
        assert_eq!(Folded::new("Firm Fixed Price").initials(), ["ffp"]);
    }

    #[test]
    fn an_article_is_one_at_the_beginning_alone() {
        let stops = |text: &str| Folded::new(text).words.iter().map(|word| word.stop).collect::<Vec<_>>();
        assert_eq!(stops("A contract"), [true, false]);
        assert_eq!(stops("Hepatitis A"), [false, false]);
        assert_eq!(stops("LA"), [false]);
    }

    #[test]
    fn both_spellings_are_read() {
        let both = |text: &str| Folded::new(text).both_spellings().map(|both| both.map(|one| one.spaced()));
        let ffp = Some(["ffp".to_string(), "firm fixed price".to_string()]);
        assert_eq!(both("FFP: Firm Fixed Price"), ffp);
        assert_eq!(both("Firm Fixed Price (FFP)"), ffp);
        assert_eq!(both("Congo [DRC]"), None);
    }

    #[test]
    fn parts_are_told_apart() {
        let folded = Folded::new("Congo [DRC]");
        assert_eq!(folded.only(|word| word.bracketed).spaced(), "drc");
        assert_eq!(folded.only(|word| !word.bracketed).spaced(), "congo");
        assert_eq!(Folded::new("FFP: Firm Fixed Price").only(|word| word.part == 1).spaced(), "firm fixed price");
    }
}
