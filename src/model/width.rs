//! How many terminal cells a visible text takes.
//!
//! Terminals do not agree on some scripts: a spacing vowel sign of Tamil, Khmer or Bengali is drawn in a cell of its own by
//! those that add up characters, and in that of its letter by those that know whole letters. A text gets the cells that it
//! needs at most, so that none of its signs is written over anywhere; where a letter's parts do not add up to what the whole
//! is said to take, whoever draws it clears its cells first and sets the cursor after it ([`is_uncertain`]).

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The cells of a visible text.
pub fn width(text: &str) -> usize {
    // Nearly all texts are plain.
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(cells).sum() }
}

/// The cells that a grapheme takes at most.
pub fn cells(grapheme: &str) -> usize {
    whole(grapheme).max(parts(grapheme))
}

/// Whether terminals differ in how many cells a grapheme takes.
pub fn is_uncertain(grapheme: &str) -> bool {
    !grapheme.is_ascii() && whole(grapheme) != parts(grapheme)
}

/// As terminals count that know whole letters. A halfwidth kana's voiced mark has a cell of its own in all of them.
fn whole(grapheme: &str) -> usize {
    let marks = grapheme.chars().filter(|c| is_sound_mark(*c)).count();
    if marks == 0 { grapheme.width() } else { grapheme.replace(is_sound_mark, "").width() + marks }
}

/// As terminals count that add up characters.
fn parts(grapheme: &str) -> usize {
    let part = |c: char| match c.general_category() {
        _ if is_sound_mark(c) => 1,
        GeneralCategory::SpacingMark => 1,
        _ => c.width().unwrap_or(0),
    };
    grapheme.chars().map(part).sum()
}

fn is_sound_mark(c: char) -> bool {
    matches!(c, '\u{ff9e}' | '\u{ff9f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_gets_the_cells_that_it_takes_at_most() {
        for (text, expected, uncertain) in [
            ("plain", 5, false),
            ("日本", 4, false),
            ("ﾄﾞｲﾂ", 4, false),
            ("ｶﾞ", 2, false),
            ("a\u{323}", 1, false),
            // A Tamil vowel sign that stands behind its letter, and one that stands on it.
            ("கா", 2, true),
            ("கீ", 1, false),
        ] {
            let any = text.graphemes(true).any(is_uncertain);
            assert_eq!((width(text), any), (expected, uncertain), "{text}");
        }
    }
}
