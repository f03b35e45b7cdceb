//! The six tables and their fields, described once: listing, filters, forms, imports, JSON and the panes all fold over
//! these descriptions. Names, lengths and choices are those of the data model; `own` marks what the source lacks.

use super::choice::*;

/// What a field holds, which decides how it is read, written, compared and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The table's primary name, such as `JOB-0000001`.
    Name,
    Guid,
    /// Text with its maximum length in characters.
    Text(usize),
    Int,
    /// A number from 0 to 1 with two decimals, stored in hundredths.
    Hundredths,
    /// UTC microseconds.
    Time,
    Choice(&'static ChoiceSet),
    /// 0 or 1.
    Flag,
    /// The id of a row of another table, shown by that row's name.
    Link(Table),
    /// The id of a person or the engine, shown by the login.
    User,
}

/// One column of a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// The column's name in the store, the source's field name in snake_case.
    pub name: &'static str,
    /// The short word that filters and narrow headings use; often the same.
    pub short: &'static str,
    pub title: &'static str,
    pub kind: Kind,
    /// Not in the source's model.
    pub own: bool,
    /// No column, but looked up by the record that the row is about: it is filtered by and shown, and sorts nothing.
    pub looked_up: bool,
    /// Kept by the engine from other rows, and recomputed by `verify`, so not part of a row's image in the log; or no column
    /// at all, and worked out while it is read.
    pub derived: bool,
}

/// The six tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Table {
    Identifiers,
    ValueMaps,
    CommitPolicies,
    SyncJobs,
    SyncItems,
    Ledger,
}

/// How a table is named in every place that names it.
#[derive(Debug)]
pub struct TableInfo {
    /// On the command line: `sync-items`.
    pub name: &'static str,
    /// In the store: `integration_sync_item`.
    pub sql: &'static str,
    /// In the source's solution: `govcdm_integrationsyncitem`.
    pub logical: &'static str,
    pub title: &'static str,
    /// One row of it, in a sentence.
    pub one: &'static str,
    /// Before the number in the names that the store gives: `ITM`.
    pub prefix: &'static str,
    /// Whether the name is always prefix and id, or was perhaps given by an import.
    pub named_by_id: bool,
    pub fields: &'static [Field],
}

impl Table {
    /// In the order of the workbench's tabs: Setup, then Processing.
    pub const ALL: [Table; 6] =
        [Table::Identifiers, Table::ValueMaps, Table::CommitPolicies, Table::SyncJobs, Table::SyncItems, Table::Ledger];

    pub fn info(self) -> &'static TableInfo {
        match self {
            Table::Identifiers => &IDENTIFIERS,
            Table::ValueMaps => &VALUE_MAPS,
            Table::CommitPolicies => &COMMIT_POLICIES,
            Table::SyncJobs => &SYNC_JOBS,
            Table::SyncItems => &SYNC_ITEMS,
            Table::Ledger => &LEDGER,
        }
    }

    /// Finds a table by its name on the command line or in the store.
    pub fn find(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.info().name == name || table.info().sql == name)
    }

    pub fn fields(self) -> &'static [Field] {
        self.info().fields
    }

    /// Finds a field by its full or short name.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name).or_else(|| {
            let name = name.to_lowercase();
            self.fields().iter().find(|field| field.short == name || field.name == name)
        })
    }

    /// Like [`Table::field`], of what rows are filtered by: entries and identifiers know the job they came by, too.
    pub fn filtered(self, name: &str) -> Option<&'static Field> {
        self.field(name).or_else(|| self.more_filtered().filter(|field| field.short == name.to_lowercase()))
    }

    /// What rows are filtered by beside their fields.
    pub fn more_filtered(self) -> Option<&'static Field> {
        matches!(self, Table::Identifiers | Table::Ledger).then_some(&OF_JOB)
    }

    /// Like [`Table::field`], by its full name, of what forms ask for beside the fields of the row.
    pub fn asked_in_forms(self, name: &str) -> Option<&'static Field> {
        let more = (self == Table::Identifiers).then_some(&NEW_TARGET);
        self.fields().iter().chain(more).find(|field| field.name == name)
    }

    /// The name the store gives the row with this id.
    pub fn row_name(self, id: i64) -> String {
        format!("{}-{id:07}", self.info().prefix)
    }

    /// Whether a field is the name that the store itself gives each row by its id.
    pub fn names_by_id(self, field: &Field) -> bool {
        field.kind == Kind::Name && self.info().named_by_id
    }

    /// The field that names the state of a row: what `is:` words and the state mark speak of.
    pub fn state_field(self) -> &'static str {
        match self {
            Table::Identifiers | Table::CommitPolicies => "statecode",
            Table::ValueMaps | Table::SyncItems => "state",
            Table::SyncJobs => "state",
            Table::Ledger => "ledger_status",
        }
    }
}

const fn field(name: &'static str, short: &'static str, title: &'static str, kind: Kind) -> Field {
    Field { name, short, title, kind, own: false, looked_up: false, derived: false }
}

const fn own(name: &'static str, short: &'static str, title: &'static str, kind: Kind) -> Field {
    Field { name, short, title, kind, own: true, looked_up: false, derived: false }
}

const fn derived(name: &'static str, short: &'static str, title: &'static str, kind: Kind) -> Field {
    Field { name, short, title, kind, own: true, looked_up: false, derived: true }
}

const fn looked_up(name: &'static str, short: &'static str, title: &'static str, kind: Kind) -> Field {
    Field { looked_up: true, ..derived(name, short, title, kind) }
}

/// A table's fields: its name, the source's, the platform's that every table has, and our own.
macro_rules! fields {
    ([$($source:expr),* $(,)?] [$($own:expr),* $(,)?]) => {
        &[
            $($source,)*
            field("statecode", "active", "State", Kind::Choice(StateCode::SET)),
            field("statuscode", "statuscode", "Status Reason", Kind::Choice(StatusCode::SET)),
            field("created_on", "created", "Created On", Kind::Time),
            Field { derived: true, ..field("modified_on", "modified", "Modified On", Kind::Time) },
            field("created_by", "creator", "Created By", Kind::User),
            Field { derived: true, ..field("modified_by", "modifier", "Modified By", Kind::User) },
            field("owner", "owner", "Owner", Kind::User),
            $($own,)*
            own("guid", "guid", "GUID", Kind::Guid),
            derived("row_version", "version", "Row Version", Kind::Int),
        ]
    };
}

/// The job by which a row came, where no column of the row names it.
pub static OF_JOB: Field = own("of_job", "job", "Sync Job", Kind::Link(Table::SyncJobs));

/// What forms and files say of the record of an identifier that is none that the store knows: no field of any row.
pub const NEW_TARGET: Field = own("new_target", "new", "A New Record", Kind::Flag);

static IDENTIFIERS: TableInfo = TableInfo {
    name: "identifiers",
    sql: "integration_identifier",
    logical: "govcdm_integrationidentifier",
    title: "Identifiers",
    one: "identifier",
    prefix: "IDN",
    named_by_id: false,
    fields: fields!([
        field("identifier_id", "name", "Identifier ID", Kind::Name),
        field("external_key", "key", "External Key", Kind::Text(100)),
        field("source_system_key", "source", "Source System Key", Kind::Text(100)),
        field("target_table", "table", "Target Table", Kind::Text(100)),
        field("target_id", "target", "Target ID", Kind::Text(100)),
        field("first_seen_date_time", "first", "First Seen", Kind::Time),
        Field { derived: true, ..field("last_seen_date_time", "last", "Last Seen", Kind::Time) },
    ] []),
};

static SYNC_JOBS: TableInfo = TableInfo {
    name: "sync-jobs",
    sql: "integration_sync_job",
    logical: "govcdm_integrationsyncjob",
    title: "Sync Jobs",
    one: "sync job",
    prefix: "JOB",
    named_by_id: true,
    fields: fields!([
        field("job_id", "name", "Job ID", Kind::Name),
        field("source_system_key", "source", "Source System Key", Kind::Text(100)),
        field("direction", "direction", "Direction", Kind::Choice(Direction::SET)),
        field("entity_type", "entity", "Entity Type", Kind::Text(100)),
        Field { derived: true, ..field("job_status", "status", "Job Status", Kind::Choice(OverallResult::SET)) },
        field("submitted_date_time", "submitted", "Submitted", Kind::Time),
    ] [
        derived("state", "state", "Job State", Kind::Choice(JobState::SET)),
        own("target_table", "table", "Target Table", Kind::Text(100)),
        own("key_column", "keycolumn", "Key Column", Kind::Text(100)),
        own("delivery_id", "delivery", "Delivery ID", Kind::Text(100)),
        own("delivery_sha256", "sha256", "SHA-256", Kind::Text(64)),
        own("file_name", "file", "File", Kind::Text(4000)),
        derived("records", "records", "Records", Kind::Int),
        derived("items", "items", "Items", Kind::Int),
        derived("queued", "queued", "Queued", Kind::Int),
        derived("applied", "applied", "Applied", Kind::Int),
        derived("unchanged", "unchanged", "Unchanged", Kind::Int),
        derived("waiting", "waiting", "Waiting", Kind::Int),
        derived("held", "held", "Held", Kind::Int),
        derived("failed", "failed", "Failed", Kind::Int),
        derived("rejected", "rejected", "Rejected", Kind::Int),
        derived("superseded", "superseded", "Superseded", Kind::Int),
        derived("parked", "parked", "Parked", Kind::Int),
        derived("closed", "closed", "Closed", Kind::Int),
        own("process_message", "message", "Process Message", Kind::Text(2000)),
        derived("finished_on", "finished", "Finished", Kind::Time),
    ]),
};

static SYNC_ITEMS: TableInfo = TableInfo {
    name: "sync-items",
    sql: "integration_sync_item",
    logical: "govcdm_integrationsyncitem",
    title: "Sync Items",
    one: "sync item",
    prefix: "ITM",
    named_by_id: true,
    fields: fields!([
        field("item_id", "name", "Item ID", Kind::Name),
        field("integration_sync_job", "job", "Integration Sync Job", Kind::Link(Table::SyncJobs)),
        field("target_table", "table", "Target Table", Kind::Text(100)),
        field("target_id", "target", "Target ID", Kind::Text(100)),
        field("field_name", "field", "Field Name", Kind::Text(100)),
        field("new_value", "value", "New Value", Kind::Text(4000)),
        field("applied_date_time", "applied", "Applied", Kind::Time),
        field("process_message", "message", "Process Message", Kind::Text(2000)),
    ] [
        own("state", "state", "Item State", Kind::Choice(ItemState::SET)),
        own("code", "code", "Code", Kind::Text(5)),
        own("external_key", "key", "External Key", Kind::Text(100)),
        own("source_system_key", "source", "Source System Key", Kind::Text(100)),
        own("raw_value", "raw", "Raw Value", Kind::Text(1_000_000)),
        own("old_value", "old", "Old Value", Kind::Text(4000)),
        own("source_date_time", "time", "Source Time", Kind::Time),
        own("sequence", "sequence", "Sequence", Kind::Int),
        own("attempt", "attempt", "Attempt", Kind::Int),
        own("parent_item", "parent", "Parent Item", Kind::Link(Table::SyncItems)),
        own("value_map", "map", "Value Map", Kind::Link(Table::ValueMaps)),
        own("commit_policy", "policy", "Commit Policy", Kind::Link(Table::CommitPolicies)),
        own("ledger", "ledger", "Ledger Entry", Kind::Link(Table::Ledger)),
        own("acknowledged_on", "acknowledged", "Acknowledged", Kind::Time),
    ]),
};

static VALUE_MAPS: TableInfo = TableInfo {
    name: "value-maps",
    sql: "integration_value_map",
    logical: "govcdm_integrationvaluemap",
    title: "Value Maps",
    one: "value map",
    prefix: "MAP",
    named_by_id: false,
    fields: fields!([
        field("map_id", "name", "Map ID", Kind::Name),
        field("source_system_key", "source", "Source System Key", Kind::Text(100)),
        field("code_list", "list", "Code List", Kind::Text(100)),
        field("source_code", "code", "Source Code", Kind::Text(100)),
        field("source_label", "label", "Source Label", Kind::Text(100)),
        field("canonical_code_value", "canonical", "Canonical Code Value", Kind::Text(100)),
        field("confidence", "confidence", "Confidence", Kind::Hundredths),
    ] [
        own("state", "state", "Map State", Kind::Choice(MapState::SET)),
        derived("waiting", "waiting", "Waiting Items", Kind::Int),
        own("relationship", "relationship", "Relationship", Kind::Choice(Relationship::SET)),
        own("justification", "justification", "Justification", Kind::Choice(Justification::SET)),
        own("machine_score", "score", "Machine Score", Kind::Hundredths),
        own("author", "author", "Author", Kind::User),
        own("reviewer", "reviewer", "Reviewer", Kind::User),
        own("note", "note", "Note", Kind::Text(500)),
        own("normal_code", "normal", "Normal Code", Kind::Text(400)),
        own("preferred", "preferred", "Preferred", Kind::Flag),
    ]),
};

static COMMIT_POLICIES: TableInfo = TableInfo {
    name: "commit-policies",
    sql: "integration_commit_policy",
    logical: "govcdm_integrationcommitpolicy",
    title: "Commit Policies",
    one: "commit policy",
    prefix: "POL",
    named_by_id: false,
    fields: fields!([
        field("policy_id", "name", "Policy ID", Kind::Name),
        field("target_table", "table", "Target Table", Kind::Text(100)),
        field("field_name", "field", "Field Name", Kind::Text(100)),
        field("commit_mode", "mode", "Commit Mode", Kind::Choice(CommitMode::SET)),
        field("auto_certify", "auto", "Auto Certify", Kind::Choice(YesNo::SET)),
        field("authoritative_sources", "sources", "Authoritative Sources", Kind::Text(500)),
        field("stale_after_days", "days", "Stale After Days", Kind::Int),
    ] []),
};

/// The key by which the entry's source knows its record, and what identifies the record for people.
pub const RECORD_KEY: Field = looked_up("external_key", "key", "External Key", Kind::Text(100));
const RECORD_LABEL: Field = looked_up("label", "label", "Label", Kind::Text(4000));

static LEDGER: TableInfo = TableInfo {
    name: "ledger",
    sql: "integration_ledger",
    logical: "govcdm_integrationledger",
    title: "Ledger",
    one: "ledger entry",
    prefix: "LED",
    named_by_id: true,
    fields: fields!([
        field("ledger_id", "name", "Ledger ID", Kind::Name),
        field("ledger_status", "status", "Ledger Status", Kind::Choice(LedgerStatus::SET)),
        field("target_table", "table", "Target Table", Kind::Text(100)),
        field("target_id", "target", "Target ID", Kind::Text(100)),
        field("ledger_aspect", "aspect", "Ledger Aspect", Kind::Choice(LedgerAspect::SET)),
        field("aspect_key", "field", "Aspect Key", Kind::Text(100)),
        field("source_system_key", "source", "Source System Key", Kind::Text(100)),
        field("certified_by", "by", "Certified By", Kind::User),
        field("certified_date_time", "certified", "Certified", Kind::Time),
        field("notes", "notes", "Notes", Kind::Text(500)),
    ] [
        own("value", "value", "Value", Kind::Text(4000)),
        own("live", "live", "Live Uncertified", Kind::Flag),
        own("pinned", "pinned", "Pinned", Kind::Flag),
        own("rank", "rank", "Rank", Kind::Int),
        own("reason", "reason", "Reason", Kind::Text(500)),
        own("sync_item", "item", "Sync Item", Kind::Link(Table::SyncItems)),
        own("supersedes", "supersedes", "Supersedes", Kind::Link(Table::Ledger)),
        own("displaced_by", "displaced", "Displaced By", Kind::Link(Table::Ledger)),
        own("source_date_time", "time", "Source Time", Kind::Time),
        own("sequence", "sequence", "Sequence", Kind::Int),
        RECORD_KEY,
        RECORD_LABEL,
    ]),
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_and_short_names_are_unique_in_their_table() {
        for table in Table::ALL {
            let mut names = HashSet::new();
            for field in table.fields() {
                assert!(names.insert(field.name), "{} stands twice in {table:?}", field.name);
                assert!(field.short == field.name || names.insert(field.short), "{} in {table:?}", field.short);
            }
            assert!(table.field(table.state_field()).is_some());
        }
    }

    #[test]
    fn fields_are_found_by_full_and_short_name() {
        assert_eq!(Table::Ledger.field("source").map(|f| f.name), Some("source_system_key"));
        assert_eq!(Table::SyncItems.field("Field").map(|f| f.name), Some("field_name"));
        assert_eq!(Table::SyncItems.field("lost"), None);
        assert_eq!(Table::find("sync-items"), Some(Table::SyncItems));
    }
}
