//! Text made to fit: stored text becomes visible text of an exact width in terminal cells.
//!
//! Everything that is drawn and comes from the store passes through [`fit`], [`cut`] or [`wrapped`], and so through
//! [`shown`]. Widths are those of [`crate::model::width`], which [`super::paint`] draws by, so that columns stay aligned.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use crate::model::shown;
use crate::model::width::cells;
pub use crate::model::width::width;

/// Stands at the end of a text that goes on.
pub const CUT: &str = "…";

/// Characters that one cell can hold at most: a base and the marks that [`shown`] lets stand on it.
const CHARS_A_CELL: usize = 5;

/// A stored text as visible text of at most `cells` cells; what does not fit is replaced by a mark.
pub fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    cut_shown(shown(prefix(text, cells)), cells)
}

/// Like [`cut`], filled up with spaces to exactly `cells` cells.
pub fn fit(text: &str, cells: usize) -> String {
    let mut out = cut(text, cells).into_owned();
    let missing = cells.saturating_sub(width(&out));
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// Like [`fit`], but with the spaces in front: for numbers.
pub fn fit_right(text: &str, cells: usize) -> String {
    let out = cut(text, cells);
    format!("{}{out}", " ".repeat(cells.saturating_sub(width(&out))))
}

/// A stored text as lines of at most `cells` cells, broken at its own line breaks and, where there is one, at a space;
/// at most `lines` of them, the last marked if more would follow.
pub fn wrapped(text: &str, cells: usize, lines: usize) -> Vec<String> {
    let cells = cells.max(1);
    let mut out = Vec::new();
    let mut rest = prefix(text, cells.saturating_mul(lines.saturating_add(1)));
    while !rest.is_empty() && out.len() < lines {
        let (line, after) = split_line(rest, cells);
        rest = after;
        // The space at which a line was broken is the break itself.
        let line = if rest.is_empty() { line } else { line.strip_suffix(' ').unwrap_or(line) };
        out.push(shown(line).into_owned());
    }
    if !rest.is_empty()
        && let Some(last) = out.last_mut()
    {
        *last = format!("{}{CUT}", head(last, cells.saturating_sub(1)));
    }
    out
}

/// A visible text as lines of at most `cells` cells, broken at spaces where there are any; like [`wrapped`] otherwise.
pub fn wrapped_shown(text: &str, cells: usize, lines: usize) -> Vec<String> {
    let cells = cells.max(2);
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && out.len() < lines {
        let fits = head(rest, cells);
        let at_break = rest[fits.len()..].starts_with(' ');
        let whole = at_break || fits.len() == rest.len() || out.len() + 1 == lines;
        let end = fits.rfind(' ').filter(|end| !whole && *end > 0).unwrap_or(fits.len());
        let (line, after) = rest.split_at(end);
        rest = after.trim_start_matches(' ');
        out.push(line.to_string());
    }
    if !rest.is_empty()
        && let Some(last) = out.last_mut()
    {
        *last = format!("{}{CUT}", head(last, cells - 1));
    }
    out
}

/// The longest beginning of a visible text that fits.
pub fn head(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += cells(grapheme);
        if used > room {
            return &text[..at];
        }
    }
    text
}

/// Where a part stands in a visible text, ASCII case aside: its cells from the left, and how many it takes.
pub fn occurrences(text: &str, part: &str) -> Vec<(usize, usize)> {
    if part.is_empty() {
        return Vec::new();
    }
    let (lower, part) = (text.to_ascii_lowercase(), part.to_ascii_lowercase());
    lower.match_indices(&part).map(|(at, found)| (width(&text[..at]), width(found))).collect()
}

/// So much of a text that nothing beyond it can be seen in `cells` cells: values may be a megabyte long.
fn prefix(text: &str, cells: usize) -> &str {
    let chars = cells.saturating_add(2).saturating_mul(CHARS_A_CELL);
    text.char_indices().nth(chars).map_or(text, |(at, _)| &text[..at])
}

/// Like [`cut`], for a text that is visible already.
pub fn cut_shown(text: Cow<'_, str>, cells: usize) -> Cow<'_, str> {
    if width(&text) <= cells {
        return text;
    }
    if cells == 0 {
        return "".into();
    }
    format!("{}{CUT}", head(&text, cells - 1)).into()
}

/// The first line of a stored text, its line break included, so that the break is shown as its mark.
fn split_line(text: &str, cells: usize) -> (&str, &str) {
    let mut used = 0;
    let mut space = None;
    for (at, grapheme) in text.grapheme_indices(true) {
        let end = at + grapheme.len();
        used += width(&shown_inside(grapheme));
        if used > cells && at > 0 {
            return text.split_at(space.unwrap_or(at));
        }
        match grapheme {
            "\n" | "\r\n" => return text.split_at(end),
            " " => space = Some(end),
            _ => {}
        }
    }
    (text, "")
}

/// A part of a text as it is shown inside of it, where a space is a space.
fn shown_inside(grapheme: &str) -> Cow<'_, str> {
    if grapheme == " " { " ".into() } else { shown(grapheme) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_cells() {
        for (text, cells, expected) in [
            ("plain", 8, "plain"),
            ("plain", 4, "pla…"),
            ("plain", 0, ""),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("a\nb", 8, "a⏎b"),
            ("\u{1b}[31m", 6, "⟨U+00…"),
        ] {
            assert_eq!(cut(text, cells), expected, "{text:?} in {cells}");
        }
        assert_eq!(fit("日", 4), "日  ");
        assert_eq!(fit_right("12", 4), "  12");
    }

    #[test]
    fn long_texts_are_wrapped_at_spaces_and_breaks() {
        assert_eq!(wrapped("one two three", 8, 9), ["one two", "three"]);
        assert_eq!(wrapped("one\ntwo", 8, 9), ["one⏎", "two"]);
        assert_eq!(wrapped("abcdefgh", 3, 2), ["abc", "de…"]);
        assert_eq!(wrapped_shown("one two three", 8, 9), ["one two", "three"]);
        assert_eq!(wrapped_shown("⟨U+202E⟩ is no name", 8, 2), ["⟨U+202E⟩", "is no n…"]);
        assert_eq!(wrapped_shown("日本", 1, 9), ["日", "本"]);
    }

    #[test]
    fn found_parts_are_placed_in_cells() {
        assert_eq!(occurrences("日本 Main St, main", "MAIN"), [(5, 4), (14, 4)]);
        assert!(occurrences("anything", "").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn a_fitted_text_has_its_width(text in "\\PC{0,30}", cells in 0usize..40) {
            proptest::prop_assert_eq!(width(&fit(&text, cells)), cells);
        }

        #[test]
        fn every_text_is_wrapped(text in "[\\PC\\pC \n]{0,60}", cells in 0usize..20) {
            wrapped(&text, cells, 5);
        }
    }
}
