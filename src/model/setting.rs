//! The settings of a store, which hold for everybody who works in it: what each means, its default, and what it takes.

use super::row::parse_hundredths;
use super::shown::Shown;

/// One setting; the store keeps its value as the text that people write.
#[derive(Debug)]
pub struct Setting {
    pub key: &'static str,
    pub default: &'static str,
    pub meaning: &'static str,
    /// What it takes, in words.
    pub takes: &'static str,
    fits: fn(&str) -> bool,
}

/// Whether whoever caused a value may certify it (engine.md, "Four eyes").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FourEyes {
    /// Only with a reason, and with a mark on the entry.
    Enforce,
    /// With a mark on the entry.
    Warn,
    Off,
}

pub const FOUR_EYES: Setting = Setting {
    key: "four_eyes",
    default: "enforce",
    meaning: "whether whoever caused a value may certify it: only with a reason, with a mark, or freely",
    takes: "enforce, warn or off",
    fits: |text| FourEyes::parse(text).is_some(),
};

pub const FOUR_EYES_INGEST: Setting = Setting {
    key: "four_eyes_ingest",
    default: "off",
    meaning: "whether whoever takes a delivery in counts as having caused its values",
    takes: "on or off",
    fits: |text| matches!(text, "on" | "off"),
};

pub const CONFIDENT_FROM: Setting = Setting {
    key: "confident_from",
    default: "0.90",
    meaning: "the confidence from which on a value map is used without a steward looking at the item",
    takes: "a number from 0 to 1 with at most two decimals",
    fits: |text| parse_hundredths(text).is_some(),
};

/// What [`MAPPED_USERS`] says where they may write.
pub const ALLOWED: &str = "allow";

pub const MAPPED_USERS: Setting = Setting {
    key: "mapped_users",
    default: "refuse",
    meaning: "whether users of a user namespace (a container), who may be anybody in it, may write where there are several people",
    takes: "refuse or allow",
    fits: |text| matches!(text, "refuse" | ALLOWED),
};

pub const SETTINGS: [&Setting; 4] = [&FOUR_EYES, &FOUR_EYES_INGEST, &CONFIDENT_FROM, &MAPPED_USERS];

/// Before the table's name in the key of a rule that says what identifies its records for people.
const LABEL: &str = "label.";

/// What such a rule takes.
pub const LABEL_TAKES: &str = "fields with commas between them, or nothing";

pub const LABEL_MEANING: &str = "the fields whose values identify a record of the table for people";

/// The key of the rule that says which fields identify a table's records.
pub fn label_key(table: &str) -> String {
    format!("{LABEL}{table}")
}

/// The table that a rule's key speaks of, if it is one about labels.
pub fn label_table(key: &str) -> Option<&str> {
    key.strip_prefix(LABEL)
}

/// The fields that such a rule names.
pub fn label_fields(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|field| !field.is_empty())
}

impl Setting {
    pub fn find(key: &str) -> Option<&'static Setting> {
        SETTINGS.into_iter().find(|setting| setting.key == key)
    }

    /// The text as the store keeps it.
    ///
    /// # Errors
    /// What the setting takes, as a sentence.
    pub fn check(&self, text: &str) -> Result<String, String> {
        let text = text.trim();
        match (self.fits)(text) {
            true => Ok(text.to_string()),
            false => Err(format!("\"{}\" is not {}.", Shown(text), self.takes)),
        }
    }
}

impl FourEyes {
    pub fn parse(text: &str) -> Option<FourEyes> {
        match text {
            "enforce" => Some(FourEyes::Enforce),
            "warn" => Some(FourEyes::Warn),
            "off" => Some(FourEyes::Off),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_fit_and_nonsense_does_not() {
        for setting in SETTINGS {
            assert_eq!(setting.check(setting.default).as_deref(), Ok(setting.default));
            assert!(setting.check("purple").unwrap_err().contains(setting.takes));
        }
        for text in ["1.5", "-0.1", "0.905", ""] {
            assert!(CONFIDENT_FROM.check(text).is_err(), "{text}");
        }
        assert_eq!(CONFIDENT_FROM.check(" 1 ").as_deref(), Ok("1"));
    }
}
