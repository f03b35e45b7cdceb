//! Writes JSON, one value a line, safe for a terminal and the same value for a program.
//!
//! Everything that [`Shown`] would mark (controls, bidi controls, zero-width and tag characters, …) is written as
//! `\uXXXX`, so that nothing in a stored text acts on a terminal, and a JSON parser still reads it back byte for byte.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use unicode_normalization::char::is_combining_mark;

use crate::model::Shown;
use crate::model::shown::MARKS_IN_A_ROW;

/// Writes one value and a line feed.
pub fn json_line(out: &mut (impl Write + ?Sized), value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Safe))?;
    out.write_all(b"\n")
}

/// serde_json's compact form, with more characters escaped.
struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let mut plain = 0;
        let mut marks = 0;
        for (at, c) in text.char_indices() {
            marks = if is_combining_mark(c) { marks + 1 } else { 0 };
            if marks > MARKS_IN_A_ROW || needs_escape(c) {
                out.write_all(&text.as_bytes()[plain..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
                plain = at + c.len_utf8();
            }
        }
        out.write_all(&text.as_bytes()[plain..])
    }
}

/// Whether `Shown` would not write the character as it is. Escaping too much is harmless: it is the same JSON text.
fn needs_escape(c: char) -> bool {
    /// Notes whether anything but the expected text is written.
    struct Differs<'a>(&'a str);

    impl fmt::Write for Differs<'_> {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
            Ok(())
        }
    }

    if c.is_ascii() {
        return c.is_ascii_control();
    }
    // A letter before it, so that a combining mark has something to stand on.
    let mut buffer = [b'x'; 5];
    let end = 1 + c.encode_utf8(&mut buffer[1..]).len();
    match std::str::from_utf8(&buffer[..end]) {
        Ok(text) => write!(Differs(text), "{}", Shown(text)).is_err(),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(text: &str) -> String {
        let mut out = Vec::new();
        json_line(&mut out, &json!({ "v": text })).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_acts_on_a_terminal_is_escaped() {
        for (text, expected) in [
            ("a\u{1b}[2J\n", r"a\u001b[2J\n"),
            ("\u{7f}\u{9b}", r"\u007f\u009b"),
            ("\u{202e}\u{200b}", r"\u202e\u200b"),
            ("\u{e0041}", r"\udb40\udc41"),
            ("naïve \"日本\" ⏎", r#"naïve \"日本\" \u23ce"#),
        ] {
            assert_eq!(line(text), format!("{{\"v\":\"{expected}\"}}\n"));
        }
    }

    #[test]
    fn no_more_marks_stand_on_a_letter_than_scripts_need() {
        let line = line(&format!("a{}", "\u{338}".repeat(1000)));
        assert_eq!((line.matches('\u{338}').count(), line.matches(r"\u0338").count()), (4, 996));
    }

    proptest::proptest! {
        #[test]
        fn a_parser_reads_back_what_was_written_and_a_terminal_sees_no_control(text in "[\\PC\\pC]{0,20}") {
            let line = line(&text);
            proptest::prop_assert!(line.trim_end_matches('\n').chars().all(|c| !c.is_control()));
            let back: serde_json::Value = serde_json::from_str(&line).unwrap();
            proptest::prop_assert_eq!(back["v"].as_str(), Some(text.as_str()));
        }
    }
}
