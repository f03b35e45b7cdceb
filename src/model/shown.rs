//! `Shown`: the one way a stored or delivered text reaches a terminal.
//!
//! Values come from systems nobody trusts. An escape sequence in one must not reach the terminal, a line break must not
//! vanish, and two different stored strings must not look the same. So every character that a terminal would act on or
//! hide is written as a visible mark, and the marks themselves are escaped where a text really holds them:
//!
//! | in the text | shown |
//! | --- | --- |
//! | line feed, tab | `⏎`, `⇥` |
//! | a space at the beginning or the end | `␣` |
//! | any other control, format, zero-width, bidi, tag or unusual space character | `⟨U+202E⟩` |
//! | a combining mark with nothing to stand on, that would compose, or the fifth and later in a row | `⟨U+0301⟩` |
//! | `⏎`, `⇥`, `␣`, `⟨` themselves | `⟨U+23CE⟩` and so on |
//!
//! It does not tell look-alike letters of different scripts apart.

use std::fmt::{self, Display, Write};

use unicode_normalization::char::{compose, is_combining_mark};
use unicode_width::UnicodeWidthChar;

/// Displays a text so that nothing in it acts on a terminal or stays hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown<'a>(pub &'a str);

/// Combining marks in a row that are still drawn; real scripts need no more.
pub const MARKS_IN_A_ROW: usize = 4;

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        let inner = text.trim_start_matches(' ');
        let leading = text.len() - inner.len();
        let end = leading + inner.trim_end_matches(' ').len();
        let mut before = None;
        let mut marks = 0;
        for (at, c) in text.char_indices() {
            marks = if is_combining_mark(c) { marks + 1 } else { 0 };
            match c {
                '\n' => f.write_char('⏎')?,
                '\t' => f.write_char('⇥')?,
                ' ' if at < leading || at >= end => f.write_char('␣')?,
                _ if hidden(c) || misplaced_mark(before, c, marks) => write!(f, "⟨U+{:04X}⟩", c as u32)?,
                _ => f.write_char(c)?,
            }
            before = (!hidden(c)).then_some(c);
        }
        Ok(())
    }
}

impl<'a> From<&'a str> for Shown<'a> {
    fn from(text: &'a str) -> Self {
        Shown(text)
    }
}

/// The text as [`Shown`] writes it; borrowed when nothing in it needs a mark.
pub fn shown(text: &str) -> std::borrow::Cow<'_, str> {
    let plain = text.bytes().all(|b| (0x20..0x7f).contains(&b)) && !text.starts_with(' ') && !text.ends_with(' ');
    if plain { text.into() } else { Shown(text).to_string().into() }
}

/// A sentence of the program as one line that nothing in it can break out of. Stored text in it was [`Shown`] before, so
/// that the marks of [`Shown`] stay as they are; what was forgotten is marked here.
pub fn sentence(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' | '⏎' | '⇥' | '␣' | '⟨' => out.push(c),
            _ if c.is_ascii_graphic() || is_combining_mark(c) => out.push(c),
            _ => out += &Shown(c.encode_utf8(&mut [0; 4])).to_string(),
        }
    }
    out
}

/// Whether there is nothing to read in a text: it is empty, or all spaces and what nobody sees.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c == ' ' || is_combining_mark(c) || (hidden(c) && !MARKS.contains(&c)))
}

/// The marks that stand for what is hidden; a text that holds them shows them.
const MARKS: [char; 4] = ['⏎', '⇥', '␣', '⟨'];

fn misplaced_mark(before: Option<char>, c: char, marks: usize) -> bool {
    if marks == 0 {
        return false;
    }
    match before {
        None | Some(' ') => true,
        Some(base) => marks > MARKS_IN_A_ROW || compose(base, c).is_some(),
    }
}

/// Characters that terminals act on, drop, or draw as nothing or as an ordinary space, and the marks that stand for them.
fn hidden(c: char) -> bool {
    match c {
        _ if MARKS.contains(&c) => true,
        ' ' => false,
        _ if c.is_control() || c.is_whitespace() => true,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' => true,
        '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' => true,
        '\u{e000}'..='\u{f8ff}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{10ffff}' => true,
        _ => !is_combining_mark(c) && c.width().unwrap_or(0) == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_for_what_a_terminal_would_act_on_or_hide() {
        for (stored, expected) in [
            ("plain text", "plain text"),
            ("A\nB", "A⏎B"),
            ("A\r\nB", "A⟨U+000D⟩⏎B"),
            ("\u{1b}[2J", "⟨U+001B⟩[2J"),
            ("\u{9b}2J", "⟨U+009B⟩2J"),
            ("a\u{202e}b", "a⟨U+202E⟩b"),
            ("LAN ", "LAN␣"),
            ("\u{301}x", "⟨U+0301⟩x"),
            ("e\u{301}", "e⟨U+0301⟩"),
            ("a\u{a0}b", "a⟨U+00A0⟩b"),
            ("\u{e0041}", "⟨U+E0041⟩"),
            ("naïve 日本 🙂 עברית", "naïve 日本 🙂 עברית"),
            ("⏎", "⟨U+23CE⟩"),
        ] {
            assert_eq!(Shown(stored).to_string(), expected, "{stored:?}");
        }
    }

    #[test]
    fn a_sentence_stays_one_line_and_keeps_its_marks() {
        let text = format!("\"{}\" is\nno user\u{1b}[2J", Shown("a\u{202e}b "));
        assert_eq!(sentence(&text), "\"a⟨U+202E⟩b␣\" is⏎no user⟨U+001B⟩[2J");
    }

    #[test]
    fn what_nobody_can_read_is_blank() {
        for text in
            ["", " ", "\t\n", "\u{a0}\u{3000}", "\u{200b}\u{2060}\u{feff}", "\u{2800}", "\u{3164}", "\u{301}", "\0"]
        {
            assert!(is_blank(text), "{text:?}");
        }
        for text in [".", "-", "0", "日", "⏎", "\u{200b}a"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn a_thousand_combining_marks_become_visible_text() {
        let text = format!("a{}", "\u{338}".repeat(1000));
        let out = Shown(&text).to_string();
        assert_eq!(out.matches("⟨U+0338⟩").count(), 1000 - MARKS_IN_A_ROW);
    }

    proptest::proptest! {
        #[test]
        fn two_different_texts_are_never_shown_alike(a in "[\\PC\\pC]{0,6}", b in "[\\PC\\pC]{0,6}") {
            if a != b {
                proptest::prop_assert_ne!(Shown(&a).to_string(), Shown(&b).to_string());
            }
        }

        #[test]
        fn no_control_character_is_ever_shown(text in "[\\PC\\pC]{0,20}") {
            let out = Shown(&text).to_string();
            proptest::prop_assert!(out.chars().all(|c| !c.is_control()), "{out:?}");
            proptest::prop_assert_eq!(shown(&text).into_owned(), out);
        }
    }
}
