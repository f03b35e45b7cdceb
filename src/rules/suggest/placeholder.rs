//! Values that say nothing: what people and programs write where they have no value. No suggestion for one is sure,
//! also where the list has an entry of the same name, since "other" of one list is not "other" of another.

use super::fold::Folded;

const SAY_NOTHING: [&str; 49] = [
    "0", "00", "000", "99", "999", "9999", "blank", "default", "dk", "dummy", "empty", "error", "invalid", "misc",
    "miscellaneous", "missing", "na", "nan", "nil", "none", "not applicable", "not assigned", "not available",
    "not classified", "not defined", "not given", "not known", "not provided", "not reported", "not set",
    "not specified", "not stated", "null", "other", "others", "pending", "tba", "tbc", "tbd", "test",
    "to be announced", "to be confirmed", "to be defined", "to be determined", "unassigned", "undefined",
    "undetermined", "unknown", "unspecified",
];

/// Words that add nothing to a value that says nothing: "other type", "unknown code (see notes)".
const ADD_NOTHING: [&str; 14] = [
    "value", "type", "code", "category", "entry", "item", "data", "information", "yet", "currently", "at", "this",
    "time", "please",
];

/// Whether a text is no value at all, or a word for having none.
pub fn says_nothing(text: &str) -> bool {
    let folded = Folded::new(text);
    let nothing = |folded: &Folded| {
        let words: Vec<&str> = folded
            .words
            .iter()
            .filter(|word| !word.stop)
            .map(|word| word.text.as_str())
            .filter(|word| !ADD_NOTHING.contains(word))
            .collect();
        let text = words.join(" ");
        if text.is_empty() && folded.bare.contains(|c| !"?!*#-^/.:".contains(c)) {
            return false;
        }
        ["", "x"].contains(&text.as_str())
            || SAY_NOTHING.contains(&text.as_str())
            || same_letter(&text)
            || words.iter().all(|word| SAY_NOTHING.contains(word))
    };
    let all = Folded { bare: folded.bare.clone(), ..folded.only(|_| true) };
    // "To be determined" and "unknown (TBD)": the parts say nothing each.
    let parts = folded.words.iter().map(|word| word.part).max().unwrap_or(0);
    nothing(&all) || parts > 0 && (0..=parts).all(|part| nothing(&folded.only(|word| word.part == part)))
}

/// `xxx`, `---`
fn same_letter(text: &str) -> bool {
    let mut letters = text.chars();
    let first = letters.next();
    text.len() > 2 && letters.all(|c| Some(c) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_nothing_say_nothing() {
        for text in [
            "", "-", "?", "N/A", "n.a.", "NA", "unknown", "Unknown type", "TBD", "To be determined (TBD)", "other",
            "OTHER", "Other / unknown", "none", "null", "xxx", "...", "not applicable", "x", "Misc.", "999",
        ] {
            assert!(says_nothing(text), "{text}");
        }
        for text in [
            "+", "%", "± ", "USA", "Other Transaction Agreement", "Labor", "T&M", "12", "1", "Unknown Soldier Memorial",
        ] {
            assert!(!says_nothing(text), "{text}");
        }
    }
}
