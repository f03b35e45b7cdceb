//! The `ST0xx` codes: why an item was held or failed, and what a person can do about it.
//!
//! This is the one table that the screens, the command line and the manual read (engine.md, "Codes").

/// A reason with its one-line cause and one-line remedy.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    pub code: &'static str,
    pub cause: &'static str,
    pub remedy: &'static str,
}

impl Code {
    /// What an item's `process_message` says of it: the code in brackets, the cause and the remedy.
    pub fn message(&self) -> String {
        format!("[{}] {} {}", self.code, self.cause, self.remedy)
    }
}

macro_rules! codes {
    ($($name:ident $code:literal $cause:literal $remedy:literal)+) => {
        $(pub const $name: &Code = &Code { code: $code, cause: $cause, remedy: $remedy };)+
        pub const ALL: &[&Code] = &[$($name),+];
    };
}

codes! {
    DELIVERY_REUSED "ST010" "This delivery id was used before with other bytes."
        "Ask the source which file is right, and deliver it under an id of its own."
    UNREADABLE "ST011" "The input could not be read as records."
        "Check the format and the line that is named, and deliver the file again."
    TOO_LONG "ST012" "The value is longer than the 4,000 characters a value may have."
        "Shorten the value at the source, or edit and retry the item."
    NOT_TEXT "ST013" "The value is not valid UTF-8 text or holds a NUL."
        "Have the source export UTF-8, or edit and retry the item."
    KEY_MISSING "ST014" "The record's key is empty or longer than 100 characters."
        "Name the right key column, or mend the record at the source."
    TIME "ST015" "The delivery was submitted more than a day ahead of this machine's clock."
        "Correct the time, and deliver the file again."
    NO_MAP "ST020" "The code has no value map."
        "Map the code, or decide that it has no match: its items are released."
    AMBIGUOUS_MAP "ST021" "Two active value maps give this code different canonical codes."
        "Retire all but one of the maps, then retry the item."
    UNKNOWN_CANONICAL "ST022" "The canonical code is unknown to its code list, or retired."
        "Change the value map to a code of the list, or import the code."
    LOW_CONFIDENCE "ST023" "The value map's confidence is too low to use it unseen."
        "Confirm the value map with a higher confidence."
    TOO_LONG_FOR_CODE "ST024" "The value is longer than the 100 characters a source code may have."
        "Edit and retry the item, or bind the field otherwise."
    TWO_POLICIES "ST030" "Two active commit policies apply at the same level."
        "Retire one of the two policies, then retry the item."
    BAD_RANKING "ST031" "The policy's authoritative sources could not be read."
        "Write them like HR > PAYROLL = FIN > *, then retry the item."
    UNKNOWN_KEY "ST040" "The external key is unknown, and the binding asks to hold such records."
        "Add an identifier for the key, then retry the item."
    TWO_TARGETS "ST041" "The external key has two targets."
        "Retire one of the two identifiers, then retry the item."
    AMBIGUOUS_REVERSE "ST050" "Several source codes stand for this canonical code and none is preferred."
        "Prefer one of the value maps, then send again."
    EMPTIED "ST051" "The value is gone, and the receiver's binding asks to hold that."
        "Retry the item to have it sent, or park it."
    NOT_TAKEN "ST052" "The receiver does not take the value: it was sent it twice, and repeats its old one."
        "Ask the receiver which value holds, then retry the item to have it sent again, or park it."
}

impl Code {
    /// Whether a value that could go out waits for a person to say that it is to.
    pub fn waits_for_word(&self) -> bool {
        [EMPTIED.code, NOT_TAKEN.code].contains(&self.code)
    }

    /// Whether the fault lies in the delivered text itself: no map, policy or identifier mends it, only other text does.
    /// The codes are numbered so, the input's at `ST01x`.
    pub fn of_input(&self) -> bool {
        self.code.starts_with("ST01")
    }
}

/// The table row of a stored code such as `ST020`.
pub fn find(code: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|entry| entry.code == code)
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(super::ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert_eq!(super::find("ST020"), Some(super::NO_MAP));
    }

    #[test]
    fn faults_of_the_input_are_told_apart() {
        let of_input: Vec<&str> = super::ALL.iter().filter(|code| code.of_input()).map(|code| code.code).collect();
        assert_eq!(of_input, ["ST010", "ST011", "ST012", "ST013", "ST014", "ST015"]);
    }
}
