//! Texts as suggestions compare them: entities decoded, transliterated to ASCII, lower case, cut into words.
//!
//! Folding never loses a text whole: one without a letter or digit folds to no words, and then nothing is like it. Signs that
//! mean something stay with their words: texts of the same words with other signs are not the same.

use std::borrow::Cow;

use super::cut::cut;
use super::signs::{is_negation, legible};

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
    /// The signs that belong to it: those before it, and those after.
    pub before: String,
    pub after: String,
    /// Whether more than spaces part it from the word before.
    pub parted: bool,
}

/// A text cut into folded words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folded {
    pub words: Vec<Word>,
    /// Signs of a text without words.
    pub bare: String,
}

/// What a text says by its signs, to be compared with another's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Each word that has signs, with them, in the order of letters.
    pub by_word: Box<str>,
    /// The signs without the words, in order.
    pub signs: Box<str>,
    /// Whether it says no.
    pub negated: bool,
}

const STOP: [&str; 22] = [
    "al", "an", "and", "da", "de", "der", "des", "di", "du", "el", "et", "for", "la", "las", "le", "les", "los", "of",
    "or", "the", "und", "with",
];

/// Deliveries that went through several web pages carry `&amp;amp;`: decoded so often at most.
const DECODED: usize = 12;

impl Folded {
    pub fn new(text: &str) -> Folded {
        let (mut words, bare) = cut(&legible(&articles_apart(&decoded(text))));
        let alone = words.iter().all(|word| STOP.contains(&word.text.as_str()));
        for (at, word) in words.iter_mut().enumerate() {
            // "A" is an article at the beginning alone: elsewhere it tells "Type A" from "Type B".
            let article = at == 0 && word.text == "a";
            word.stop = !alone && (article || STOP.contains(&word.text.as_str()));
        }
        if words.len() == 1 || words.iter().all(|word| word.stop) {
            words.iter_mut().for_each(|word| word.stop = false);
        }
        // "A positive" is none of "Positive", whatever the letter says.
        if let [article, next, ..] = &mut words[..]
            && article.stop
            && article.text == "a"
        {
            next.before.push('a');
        }
        Folded { words, bare }
    }

    /// All words without anything between them, but for what parts two numbers: `1-5` is not `15`.
    pub fn compact(&self) -> String {
        let mut out = String::new();
        for word in &self.words {
            let numbers = word.text.starts_with(is_digit) && out.ends_with(is_digit);
            if word.parted && numbers {
                out.push('-');
            }
            out.push_str(&word.text);
        }
        out
    }

    /// What the text says by its signs and by saying no.
    pub fn said(&self) -> Said {
        let negated = self.words.iter().any(|word| is_negation(&word.text));
        let mut signed: Vec<String> = self
            .words
            .iter()
            .filter(|word| !word.before.is_empty() || !word.after.is_empty())
            .map(|word| format!("{}{}{}", word.before, word.text, word.after))
            .collect();
        if signed.is_empty() {
            return Said { signs: self.bare.as_str().into(), negated, ..Said::default() };
        }
        signed.sort_unstable();
        let mut signs: Vec<char> =
            self.words.iter().flat_map(|word| word.before.chars().chain(word.after.chars())).collect();
        signs.sort_unstable();
        Said { by_word: signed.join(" ").into(), signs: signs.into_iter().collect(), negated }
    }

    /// What the same label comes to however it is spelled: its words in their order, and its signs.
    pub fn key(&self) -> String {
        let said = self.said();
        match said.signs.is_empty() {
            true => self.spaced(),
            false => format!("{}\n{}\n{}", self.spaced(), said.by_word, said.signs),
        }
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
        Folded { words, bare: String::new() }
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
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
            ("5 µg/㎡", "5 ug m 2"),
            ("kΩ", "kohm"),
            ("Κύπρος", "kypros"),
            ("α-Tocopherol", "alpha tocopherol"),
            ("TNFα", "tnfalpha"),
            ("Mongγol", "monggol"),
            ("2½", "2 1 2"),
        ];
        for (text, folded) in cases {
            assert_eq!(spaced(text), folded, "{text}");
        }
    }

    #[test]
    fn signs_that_mean_something_stay_with_their_words() {
        let cases = [
            ("<5", "<5"),
            ("&lt; 5", "<5"),
            ("≤ 5 mg", "<=5"),
            ("5+", "5+"),
            ("5 +", "5+"),
            ("-5 °C", "-5"),
            ("−5 °C", "-5"),
            ("10²", "^2"),
            ("10⁻³", "^-3"),
            ("10 %", "10%"),
            ("1.5", ".5"),
            ("1,5", ".5"),
            ("1,500", ""),
            (".5", ".5"),
            ("2020/21", "/21"),
            ("A+", "a+"),
            ("A⁺", "a+"),
            ("A -", "a-"),
            ("AB- (rare)", "ab-"),
            ("C++", "c++"),
            ("C#", "c#"),
            ("C♯ minor", "c#"),
            ("m/s", "ms/"),
            ("mg/dL", "/dl mmg"),
            ("MHz", "Mmhz"),
            ("≠ approved", "!=approved"),
            ("¬approved", "¬approved"),
            ("!approved", "!approved"),
            ("approved?", "approved?"),
            ("$5", "$5"),
            ("↑ risk", "↑risk"),
            ("A positive", "apositive"),
            // These are gaps, or stand for "and".
            ("Firm-Fixed - Price.", ""),
            ("Al-'Iraq", ""),
            ("Time + Materials", ""),
            ("Time+Materials", ""),
            ("T/M", ""),
            ("Firm- Fixed: \"Price\"!", ""),
            ("Building #5", ""),
            ("Is this one a contract?", ""),
            ("• Labor", ""),
        ];
        for (text, signs) in cases {
            assert_eq!(&*Folded::new(text).said().by_word, signs, "{text}");
        }
    }

    #[test]
    fn what_parts_numbers_stays_where_words_run_together() {
        for (text, compact) in [("1-5", "1-5"), ("1 5", "15"), ("10,250", "10250"), ("AC-2(3)", "ac2-3"), ("A 1", "a1")]
        {
            assert_eq!(Folded::new(text).compact(), compact, "{text}");
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
