//! The choice sets of the data model and our own closed sets: each an enum whose discriminants are the stored codes.
//!
//! The numeric codes and labels of the first six come from the source's option sets; `Rejected` and `Revoked` stand in
//! its prose only and are our extension. An unknown code is an error wherever a row is read, never a default.

/// One option of a choice set as it is stored and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub code: i64,
    pub label: &'static str,
}

/// A closed set of options; `name` is the key in the store's table `choice`.
#[derive(Debug, PartialEq, Eq)]
pub struct ChoiceSet {
    pub name: &'static str,
    pub options: &'static [Choice],
}

impl ChoiceSet {
    pub fn label(&self, code: i64) -> Option<&'static str> {
        self.options.iter().find(|option| option.code == code).map(|option| option.label)
    }

    /// Finds an option by its label; case, spaces and punctuation do not count, so `on-certify` names "On Certify".
    pub fn code(&self, label: &str) -> Option<i64> {
        let wanted = folded(label);
        self.options.iter().find(|option| folded(option.label) == wanted).map(|option| option.code)
    }

    /// All labels, comma separated, for a sentence that says what would have been right.
    pub fn labels(&self) -> String {
        self.options.iter().map(|option| option.label).collect::<Vec<_>>().join(", ")
    }
}

fn folded(label: &str) -> String {
    label.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident = $set:literal { $($variant:ident = $code:literal $label:literal),+ $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
            pub enum $name { $($variant = $code),+ }

            impl $name {
                pub const SET: &'static ChoiceSet = &ChoiceSet {
                    name: $set,
                    options: &[$(Choice { code: $code, label: $label }),+],
                };
                pub const ALL: &'static [$name] = &[$($name::$variant),+];

                pub fn code(self) -> i64 {
                    self as i64
                }

                pub fn from_code(code: i64) -> Option<Self> {
                    match code { $($code => Some($name::$variant),)+ _ => None }
                }

                pub fn label(self) -> &'static str {
                    match self { $($name::$variant => $label),+ }
                }
            }
        )+

        /// Every choice set, as `schema.sql` must hold them in its table `choice`.
        pub const ALL_SETS: &[&ChoiceSet] = &[$($name::SET),+];
    };
}

choices! {
    /// What a ledger entry vouches for.
    LedgerAspect = "Ledger Aspect" {
        Field = 166840000 "Field", Record = 166840001 "Record", Table = 166840002 "Table", File = 166840003 "File / Dataset",
    }
    /// When a delivered value is written.
    CommitMode = "Integration Commit Mode" { OnIngest = 166840000 "On Ingest", OnCertify = 166840001 "On Certify" }
    Direction = "Direction" { Inbound = 166840000 "Inbound", Outbound = 166840001 "Outbound" }
    OverallResult = "Overall Result" {
        Success = 166840000 "Success", PartialSuccess = 166840001 "Partial Success",
        Indeterminate = 166840002 "Indeterminate (Neutral)", Failure = 166840003 "Failure",
    }
    /// `Rejected` and `Revoked` are our extension of the source's option set.
    LedgerStatus = "Simple Certification Status" {
        Pending = 166840000 "Pending", Certified = 166840001 "Certified",
        Rejected = 166840002 "Rejected", Revoked = 166840003 "Revoked",
    }
    YesNo = "Yes No" { No = 166840000 "No", Yes = 166840001 "Yes" }
    StateCode = "State" { Active = 0 "Active", Inactive = 1 "Inactive" }
    StatusCode = "Status" { Active = 1 "Active", Inactive = 2 "Inactive" }
    /// Where a job stands (our own set): its overall result once it is over, and before that whether somebody is at it.
    JobState = "Job State" {
        Running = 0 "Running", Interrupted = 1 "Interrupted", Withdrawn = 2 "Withdrawn",
        Success = 166840000 "Success", PartialSuccess = 166840001 "Partial Success",
        Indeterminate = 166840002 "Indeterminate (Neutral)", Failure = 166840003 "Failure",
    }
    /// Where a sync item stands (our own set; engine.md, "What the engine does").
    ItemState = "Item State" {
        Queued = 0 "Queued", Applied = 1 "Applied", Unchanged = 2 "Unchanged", Waiting = 3 "Waiting", Held = 4 "Held",
        Failed = 5 "Failed", Rejected = 6 "Rejected", Superseded = 7 "Superseded", Parked = 8 "Parked",
        Closed = 9 "Closed",
    }
    /// Where the decision on a value map stands (our own set).
    MapState = "Map State" {
        Proposed = 0 "Proposed", Active = 1 "Active", NoMatch = 2 "No match", Rejected = 3 "Rejected", Flagged = 4 "Flagged",
    }
    /// How a source code relates to its canonical code (our own set).
    Relationship = "Relationship" { Equal = 0 "equal", Wider = 1 "wider", Narrower = 2 "narrower", Inexact = 3 "inexact" }
    /// What a value map's decision rests on (our own set).
    Justification = "Justification" { Manual = 0 "manual", Lexical = 1 "lexical", Imported = 2 "imported" }
    /// What a binding does with a code that has no map (engine.md, step 4).
    OnUnmapped = "On Unmapped" { Hold = 0 "hold", Keep = 1 "keep", Fixed = 2 "fixed", Pass = 3 "pass", Fail = 4 "fail" }
    /// What a binding does with a field that is present but empty (engine.md, step 2).
    OnBlank = "On Blank" { Ignore = 0 "ignore", Clear = 1 "clear" }
    /// What a binding does with a code that a person decided to have no match (engine.md, step 4).
    OnNoMatch = "On No Match" { Keep = 0 "keep", Clear = 1 "clear", Fixed = 2 "fixed" }
    /// What a binding for a table does with an external key it has not seen (engine.md, step 3).
    OnUnknownKey = "On Unknown Key" { Create = 0 "create", Hold = 1 "hold" }
    /// What a binding that sends does with a value that became empty (engine.md, "Outbound"). Default, where nothing is
    /// said, is stored as no value.
    OnEmpty = "On Empty" { Hold = 0 "hold", Default = 1 "default", Send = 2 "send" }
}

impl OnEmpty {
    /// What is kept of it in a binding: nothing where nothing is said.
    pub fn stored(self) -> Option<i64> {
        (self != OnEmpty::Default).then(|| self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_without_case_spaces_and_punctuation() {
        assert_eq!(CommitMode::SET.code("on certify"), Some(166840001));
        assert_eq!(CommitMode::SET.code("On-Certify"), Some(166840001));
        assert_eq!(LedgerAspect::SET.code("file/dataset"), Some(166840003));
        assert_eq!(LedgerStatus::SET.code("lost"), None);
    }

    #[test]
    fn codes_come_back_as_the_variant_they_left_as() {
        for state in ItemState::ALL {
            assert_eq!(ItemState::from_code(state.code()), Some(*state));
        }
        assert_eq!(ItemState::from_code(99), None);
    }
}
