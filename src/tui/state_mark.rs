//! The state of a row as one character and a role: nothing is said by colour alone.

use super::theme::Role;
use crate::model::choice::{ItemState, JobState, LedgerStatus, MapState, StateCode};
use crate::model::{Row, Table, shown};

/// What each mark means, for the help page.
pub const LEGEND: [(char, &str); 7] = [
    ('+', "in force: applied, certified, mapped, succeeded"),
    ('?', "waits for a decision"),
    ('!', "held, flagged or interrupted: needs attention"),
    ('x', "failed, rejected or revoked"),
    ('=', "unchanged"),
    ('-', "superseded, parked, closed, inactive or without a match"),
    ('.', "queued, or being taken in"),
];

/// The mark of a row's state; an inactive row is marked so whatever else it is.
pub fn of(row: &Row) -> (char, Role) {
    let code = row.int(row.table.state_field()).unwrap_or_default();
    if row.int("statecode") == Some(StateCode::Inactive.code()) {
        return ('-', Role::Quiet);
    }
    let known = match row.table {
        Table::Identifiers | Table::CommitPolicies => Some(('+', Role::Plain)),
        Table::ValueMaps => MapState::from_code(code).map(map),
        Table::SyncJobs => JobState::from_code(code).map(job),
        Table::SyncItems => ItemState::from_code(code).map(item),
        Table::Ledger => LedgerStatus::from_code(code).map(ledger),
    };
    known.unwrap_or((' ', Role::Plain))
}

/// What became of a row between two looks at it, as visible text: `Certified by mlee`.
pub fn became(was: &Row, now: &Row) -> String {
    let state = |row: &Row| row.display(row.table.state_field()).into_owned();
    let version = |row: &Row| row.int("row_version");
    let is_out = |row: &Row| row.int("statecode") == Some(StateCode::Inactive.code());
    let what = if version(was) == version(now) {
        return "No longer listed".into();
    } else if is_out(now) && !is_out(was) {
        "Taken out of use".to_string()
    } else if state(now) != state(was) {
        state(now)
    } else {
        "Changed".into()
    };
    match now.text("modified_by") {
        "" => what,
        by => format!("{what} by {}", shown(by)),
    }
}

fn map(state: MapState) -> (char, Role) {
    match state {
        MapState::Proposed => ('?', Role::Waiting),
        MapState::Active => ('+', Role::Good),
        MapState::NoMatch => ('-', Role::Quiet),
        MapState::Rejected => ('x', Role::Bad),
        MapState::Flagged => ('!', Role::Waiting),
    }
}

fn job(state: JobState) -> (char, Role) {
    match state {
        JobState::Success => ('+', Role::Good),
        JobState::PartialSuccess | JobState::Interrupted => ('!', Role::Waiting),
        JobState::Indeterminate => ('?', Role::Waiting),
        JobState::Failure => ('x', Role::Bad),
        JobState::Running => ('.', Role::Quiet),
        JobState::Withdrawn => ('-', Role::Quiet),
    }
}

/// The mark of a sync item by its state alone.
pub fn item(state: ItemState) -> (char, Role) {
    match state {
        ItemState::Queued => ('.', Role::Quiet),
        ItemState::Applied => ('+', Role::Good),
        ItemState::Unchanged => ('=', Role::Quiet),
        ItemState::Waiting => ('?', Role::Waiting),
        ItemState::Held => ('!', Role::Waiting),
        ItemState::Failed | ItemState::Rejected => ('x', Role::Bad),
        ItemState::Superseded | ItemState::Parked | ItemState::Closed => ('-', Role::Quiet),
    }
}

/// The mark of a ledger entry by its status alone.
pub fn ledger(status: LedgerStatus) -> (char, Role) {
    match status {
        LedgerStatus::Pending => ('?', Role::Waiting),
        LedgerStatus::Certified => ('+', Role::Good),
        LedgerStatus::Rejected | LedgerStatus::Revoked => ('x', Role::Bad),
    }
}
