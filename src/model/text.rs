//! Small helpers for text that people write and read.

use unicode_normalization::UnicodeNormalization;

/// A source code as lookups compare it: trimmed, NFKC, with full Unicode case folding (engine.md, step 4).
pub fn normal(text: &str) -> String {
    // Nearly every code is ASCII, of which the rest would take a table for each character.
    if text.is_ascii() { text.trim().to_ascii_lowercase() } else { normal_of_any(text) }
}

fn normal_of_any(text: &str) -> String {
    let folded: String = text.trim().nfkc().flat_map(case_folded).nfkc().collect();
    // Composing may make a letter that folds further.
    let again: String = folded.chars().flat_map(case_folded).nfkc().collect();
    again.trim().to_string()
}

/// Full case folding (`ß` and `ẞ` are `ss`, `ς` is `σ`, `ᾳ` is `αι`): what a letter's capitals are in small letters. Small
/// letters first, since the capital `ẞ` has none of its own; the dotless `ı` has the capital of another letter.
fn case_folded(letter: char) -> impl Iterator<Item = char> {
    let small = letter.to_lowercase().flat_map(|small| {
        let keeps = small == 'ı';
        small.to_uppercase().filter(move |_| !keeps).chain(keeps.then_some(small))
    });
    small.flat_map(char::to_lowercase)
}

/// The candidate most like `word`, for "did you mean"; `None` when nothing comes near.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(score, _)| *score > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// `1234567` as `1,234,567`.
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::from(if n < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 item`, `2 items`: a count with its noun; the plural is the noun with an s, or `ies` for a y after a consonant.
pub fn counted(n: i64, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    };
    format!("{} {}", grouped(n), if n == 1 { noun } else { &plural })
}

/// A text as one word of a command line: in quotes where a shell would part it or read something into it.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_string();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_counted() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(-1234567), "-1,234,567");
        assert_eq!(counted(1, "ledger entry"), "1 ledger entry");
        assert_eq!(counted(2, "ledger entry"), "2 ledger entries");
        assert_eq!(counted(1000, "item"), "1,000 items");
    }

    #[test]
    fn normal_forms_forgive_case_width_and_outer_space() {
        assert_eq!(normal(" FFP "), "ffp");
        assert_eq!(normal("ＦＦＰ"), "ffp");
        assert_eq!(normal("T&M"), "t&m");
        // Full folding: pairs that Unicode's CaseFolding.txt and NFKC have alike, and some that they have not.
        for (one, other) in [
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ᾳ", "ΑΙ"),
            ("ᾼ", "αι"),
            ("ŉ", "ʼN"),
            ("ǰ", "J\u{30c}"),
            ("ﬀ", "FF"),
            ("և", "ԵՒ"),
            ("ᲀ", "В"),
            ("Ꭰ", "ꭰ"),
            ("ſ", "S"),
            ("\u{212a}", "k"),
            ("µ", "Μ"),
            ("é", "E\u{301}"),
            ("ΐ", "Ϊ\u{301}"),
            ("Ǆ", "ǆ"),
            ("ｋΩ", "KΩ"),
            ("\u{345}", "Ι"),
            ("İ", "i\u{307}"),
            ("\u{a0}x ", "X"),
        ] {
            assert_eq!(normal(one), normal(other), "{one} {other}");
            assert_eq!(normal(&normal(one)), normal(one), "{one}");
        }
        for (one, other) in [("ı", "i"), ("İ", "i"), ("é", "e"), ("ß", "s"), ("<5", "5"), ("ö", "oe"), ("a b", "ab")]
        {
            assert_ne!(normal(one), normal(other), "{one} {other}");
        }
        let ascii: String = (0..128).map(char::from).collect();
        for text in [&ascii, " \u{b}A b\t", ""] {
            assert_eq!(normal(text), normal_of_any(text));
        }
    }

    #[test]
    fn the_nearest_word_is_offered() {
        assert_eq!(nearest("statuz", ["status", "source"]), Some("status"));
        assert_eq!(nearest("xyz", ["status", "source"]), None);
    }
}
