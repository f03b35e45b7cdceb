//! Filters that were likely meant with quotes: `field:Agency ID` asks for the field Agency and for the word ID.

use super::filter::quoted;
use super::table::Table;

/// The filter with quotes around values that words follow, where there are such; none where all is well.
pub fn in_quotes(table: Table, text: &str) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    // The condition that was read last, up to its value, and the value as far as it goes.
    let mut open: Option<(String, Vec<&str>)> = None;
    let mut changed = false;
    for word in words(text) {
        let plain = !word.starts_with('-') && !word.contains(['"', ':', '=', '<', '>', '~', '!', ',']);
        match (&mut open, plain) {
            (Some((_, value)), true) => {
                value.push(word);
                changed = true;
            }
            _ => {
                parts.extend(open.take().map(closed));
                match condition(table, word) {
                    Some((before, value)) => open = Some((before.to_string(), vec![value])),
                    None => parts.push(word.to_string()),
                }
            }
        }
    }
    parts.extend(open.take().map(closed));
    changed.then(|| parts.join(" "))
}

/// The words between spaces outside of quotes.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    let parts = text.split(move |c: char| {
        inside ^= c == '"';
        c.is_whitespace() && !inside
    });
    parts.filter(|word| !word.is_empty())
}

/// A condition that asks for one value of a column, parted behind its operator.
fn condition(table: Table, word: &str) -> Option<(&str, &str)> {
    let at = word.find([':', '=', '~', '!', '<', '>'])?;
    table.filtered(word[..at].trim_start_matches('-'))?;
    let value = word[at..].trim_start_matches([':', '=', '~', '!']);
    let plain = !value.is_empty() && !value.contains(['"', ',', '<', '>']);
    plain.then(|| word.split_at(word.len() - value.len()))
}

fn closed((before, value): (String, Vec<&str>)) -> String {
    match value.as_slice() {
        [one] => format!("{before}{one}"),
        several => format!("{before}{}", quoted(&several.join(" "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::Filter;

    #[test]
    fn words_behind_a_value_are_offered_as_a_part_of_it() {
        let cases = [
            ("field:Agency ID", Some("field:\"Agency ID\"")),
            ("is:pending field:Type of Contract source:HR", Some("is:pending field:\"Type of Contract\" source:HR")),
            ("-field=Agency ID", Some("-field=\"Agency ID\"")),
            ("value~two words", Some("value~\"two words\"")),
            ("field:Agency", None),
            ("is:pending Agency", None),
            ("Agency field:ID", None),
            ("field:\"Agency ID\" more", None),
            ("field:a,b more", None),
            ("created>2026-01-01 more", None),
            ("nothing:Agency ID", None),
            ("", None),
        ];
        for (text, offered) in cases {
            assert_eq!(in_quotes(Table::Ledger, text).as_deref(), offered, "{text}");
            offered.into_iter().for_each(|offered| drop(Filter::parse(Table::Ledger, offered).unwrap()));
        }
    }
}
