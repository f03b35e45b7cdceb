//! Every action of the workbench with its keys, once: keys, footer, help and palette all fold over this table.
//!
//! What an action does stands in [`super::app`]; whether it applies here is asked there too, so that a key shown is always
//! a key that works.

use super::bulk::Bulk;
use super::marks::Reach;
use super::panes::{self, RowAct};
use crate::engine::Verb;
use crate::model::Table;

/// Where one can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Home,
    Pane(Table),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id {
    Row(RowAct),
    /// What is done to all marked or matching rows.
    Bulk(Bulk),
    Open,
    /// Leads a key to another record.
    Retarget,
    /// The record that the row is about, whatever the cursor's column.
    Record,
    /// Where the cause of what went wrong stands.
    Cause,
    Full,
    /// What was not applied, in groups.
    Triage,
    /// The codes that wait for a decision, with suggestions.
    MapCodes,
    Related,
    Back,
    Find,
    NextMatch,
    PreviousMatch,
    EditFilter,
    KeepValue,
    LeaveOutValue,
    DropCondition,
    Facets,
    Sort,
    AlsoSort,
    Views,
    SaveView,
    Columns,
    Mark,
    /// Draws a range of marks on.
    Range(Reach),
    MarkMatching,
    ClearMarks,
    Down,
    Up,
    Left,
    Right,
    PageDown,
    PageUp,
    First,
    Last,
    GoToRow,
    Detail,
    EditCell,
    Add,
    Undo,
    Redo,
    History,
    /// What was done to the row under the cursor.
    RowHistory,
    Copy,
    CopyRows,
    Export,
    /// Takes the values from all marked or matching rows for good.
    Dispose,
    /// Sets or lifts a legal hold on the row under the cursor, or on what it is about.
    LegalHold,
    /// Writes what waits for a receiver into a file.
    Send,
    Go(Place),
    NextPlace,
    PreviousPlace,
    Refresh,
    Palette,
    Messages,
    Stop,
    Mouse,
    Theme,
    Suspend,
    Help,
    Quit,
}

impl Id {
    /// The roles of which one is needed (engine.md, "Roles"); none for what everybody may do, and for what a row's plan
    /// says the roles of.
    pub fn roles(self) -> &'static [&'static str] {
        match self {
            Id::Bulk(Bulk::Decide(_)) | Id::LegalHold => panes::REVIEWER,
            Id::Bulk(_) => panes::SUPPORT,
            Id::Add | Id::Retarget => panes::STEWARD,
            Id::Dispose => panes::ADMIN,
            Id::Send => panes::SUPPORT,
            Id::Undo | Id::Redo => &["steward", "reviewer", "support", "admin"],
            _ => &[],
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Decide,
    Look,
    Find,
    Mark,
    Move,
    Program,
}

impl Group {
    pub fn title(self) -> &'static str {
        match self {
            Group::Decide => "DECIDE AND CHANGE",
            Group::Look => "LOOK AND GO",
            Group::Find => "FIND AND FILTER",
            Group::Mark => "MARK",
            Group::Move => "MOVE",
            Group::Program => "PROGRAM",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Action {
    pub id: Id,
    /// The first is the one that is shown; letters beside arrows are silent twins. Without a key it is found by its words.
    pub keys: &'static [&'static str],
    pub group: Group,
    /// What it does, as help and palette say it.
    pub title: &'static str,
    /// The word in the footer; empty for actions that the footer leaves to the help.
    pub hint: &'static str,
}

impl Action {
    /// The key as the footer shows it: one word stands for all four arrows.
    pub fn key(&self) -> &'static str {
        match self.id {
            Id::Down if !self.hint.is_empty() => "Arrows",
            _ => self.keys.first().copied().unwrap_or_default(),
        }
    }
}

const fn action(
    id: Id,
    keys: &'static [&'static str],
    group: Group,
    hint: &'static str,
    title: &'static str,
) -> Action {
    Action { id, keys, group, title, hint }
}

/// In the order in which the footer offers them.
pub const ACTIONS: &[Action] = &[
    action(Id::Row(RowAct::Map), &["m"], Group::Decide, "map", "Map the code of this row"),
    action(Id::Row(RowAct::Certify), &["c"], Group::Decide, "certify", "Certify this entry"),
    action(
        Id::Bulk(Bulk::Decide(Verb::Certify)),
        &["C"],
        Group::Decide,
        "all",
        "Certify all marked or matching, by way of a preview",
    ),
    action(
        Id::Row(RowAct::CertifyAlike),
        &["i"],
        Group::Decide,
        "alike",
        "Certify every pending entry with the same field, value and source, by way of a preview",
    ),
    action(Id::Row(RowAct::Reject), &["r"], Group::Decide, "reject", "Reject this entry, with a reason"),
    action(
        Id::Row(RowAct::Revoke),
        &["d"],
        Group::Decide,
        "revoke",
        "Revoke this entry, take this map or identifier out of use, or withdraw this delivery",
    ),
    action(Id::Row(RowAct::Reopen), &[], Group::Decide, "", "Reopen this rejected entry"),
    action(Id::Row(RowAct::Recertify), &[], Group::Decide, "", "Certify this entry again: its clock starts anew"),
    action(Id::Row(RowAct::Pin), &[], Group::Decide, "", "Pin this value: it holds until the source's value changes"),
    action(Id::Row(RowAct::Unpin), &[], Group::Decide, "", "Unpin this value"),
    action(
        Id::Row(RowAct::Attest),
        &["A"],
        Group::Decide,
        "",
        "Attest this record or delivery as a whole; preview first",
    ),
    action(Id::Row(RowAct::AttestTable), &[], Group::Decide, "", "Attest the whole table of this row; preview first"),
    action(Id::Row(RowAct::Retry), &["t"], Group::Decide, "retry", "Try this item again"),
    action(
        Id::Bulk(Bulk::Retry),
        &["T"],
        Group::Decide,
        "all",
        "Try all marked or matching items again, by way of a preview",
    ),
    action(Id::Row(RowAct::Park), &["z"], Group::Decide, "park", "Park this item, or take a parked one up again"),
    action(
        Id::Row(RowAct::Edit),
        &["E"],
        Group::Decide,
        "edit",
        "Edit this row in a form; an item is then tried again",
    ),
    action(Id::Row(RowAct::Close), &["b"], Group::Decide, "close", "Close this item for good, with a reason"),
    action(Id::Open, &["Enter"], Group::Look, "open", "Open the record, or the link under the cursor"),
    action(Id::Cause, &["w"], Group::Look, "why", "Go to the cause: the map, policy, identifier, job or entry"),
    action(Id::Related, &["o"], Group::Look, "related", "Go to what belongs to this row"),
    action(Id::Back, &["Backspace"], Group::Look, "back", "Back to where you came from"),
    action(Id::Find, &["/"], Group::Find, "find", "Find rows by words, as you type"),
    action(Id::EditFilter, &["f"], Group::Find, "filter", "Filter: type it, or fill it in field by field"),
    action(Id::Views, &["v"], Group::Find, "views", "Views: the built-in ones and your own"),
    action(Id::SaveView, &[], Group::Find, "", "Save filter, order and columns as a view of your own"),
    action(Id::Undo, &["u"], Group::Decide, "undo", "Undo what you did here last"),
    action(Id::Add, &["a"], Group::Decide, "add", "Add a row, in a form"),
    action(
        Id::Retarget,
        &[],
        Group::Decide,
        "",
        "Retarget a key to another record: merge two that are one, split one that is two",
    ),
    action(Id::Down, &["Down", "j"], Group::Move, "move", "One row down"),
    action(Id::Mark, &["Space"], Group::Mark, "mark", "Mark this row, and on to the next"),
    action(
        Id::Bulk(Bulk::Decide(Verb::Reject)),
        &["R"],
        Group::Decide,
        "reject all",
        "Reject all marked or matching, by way of a preview",
    ),
    action(
        Id::Bulk(Bulk::Decide(Verb::Revoke)),
        &["D"],
        Group::Decide,
        "revoke all",
        "Revoke all marked or matching, by way of a preview",
    ),
    action(
        Id::Bulk(Bulk::Park),
        &["Z"],
        Group::Decide,
        "park all",
        "Park all marked or matching items, or take them up again, by way of a preview",
    ),
    action(
        Id::Bulk(Bulk::Close),
        &["B"],
        Group::Decide,
        "close all",
        "Close all marked or matching items for good, by way of a preview",
    ),
    action(Id::Sort, &["s"], Group::Find, "sort", "Sort by this column; again for the other way round"),
    action(
        Id::AlsoSort,
        &["S"],
        Group::Find,
        "also",
        "Sort equal rows by this column, too; again for the other way round, then no more",
    ),
    action(Id::Columns, &["|"], Group::Find, "columns", "Columns: show, hide, order, width"),
    action(Id::KeepValue, &["="], Group::Find, "keep value", "Keep only rows with this value"),
    action(Id::LeaveOutValue, &["!"], Group::Find, "leave out", "Leave out rows with this value"),
    action(Id::DropCondition, &["-"], Group::Find, "drop", "Drop the filter's last condition"),
    action(
        Id::Facets,
        &["F"],
        Group::Find,
        "values",
        "Values of this column with their counts: keep one, or leave it out",
    ),
    action(Id::MarkMatching, &["Ctrl+A"], Group::Mark, "mark all", "Mark all that match, as a rule"),
    action(Id::Range(Reach::Down), &["Shift+Down"], Group::Mark, "", "Mark a range: one row further down"),
    action(Id::Range(Reach::Up), &["Shift+Up"], Group::Mark, "", "Mark a range: one row further up"),
    action(Id::Range(Reach::PageDown), &["Shift+PgDn"], Group::Mark, "", "Mark a range: a page further down"),
    action(Id::Range(Reach::PageUp), &["Shift+PgUp"], Group::Mark, "", "Mark a range: a page further up"),
    action(Id::Range(Reach::First), &["Shift+Home"], Group::Mark, "", "Mark a range: up to the first row read"),
    action(Id::Range(Reach::Last), &["Shift+End"], Group::Mark, "", "Mark a range: down to the last row read"),
    action(Id::ClearMarks, &["X"], Group::Mark, "unmark", "Clear the marks"),
    action(Id::NextMatch, &["n"], Group::Find, "", "Next match"),
    action(Id::PreviousMatch, &["N"], Group::Find, "", "Previous match"),
    action(Id::Detail, &["p"], Group::Look, "detail", "Detail on and off"),
    action(Id::EditCell, &["e", "F2"], Group::Decide, "", "Edit this column of this row"),
    action(Id::Copy, &["y"], Group::Look, "copy", "Copy this value to the clipboard"),
    action(
        Id::Row(RowAct::Reevaluate),
        &["Ctrl+R"],
        Group::Decide,
        "re-evaluate",
        "Re-evaluate: decide again on what came by this map or policy, by way of a preview",
    ),
    action(
        Id::Row(RowAct::Past),
        &[],
        Group::Look,
        "",
        "The past of this value map: who decided it, when, and what came through it",
    ),
    action(Id::Record, &[], Group::Look, "", "The record of this row: each value and why it is in force"),
    action(Id::Triage, &["W"], Group::Look, "triage", "Triage: what was not applied, grouped by its cause"),
    action(
        Id::MapCodes,
        &["M"],
        Group::Look,
        "codes",
        "Map unmapped codes: suggestions, and the effect before you decide",
    ),
    action(Id::CopyRows, &["Y"], Group::Look, "copy rows", "Copy the marked rows, or this one, with the columns shown"),
    action(Id::Export, &["x"], Group::Look, "export", "Export what is marked or listed to a CSV or NDJSON file"),
    action(Id::Send, &["O"], Group::Decide, "", "Send out: what waits for a receiver goes into a file"),
    action(Id::LegalHold, &[], Group::Decide, "", "Legal hold: set or lift one, with a reason"),
    action(Id::Dispose, &["Delete"], Group::Decide, "", "Dispose of old values for good, under a schedule"),
    action(Id::Full, &["P"], Group::Look, "in full", "This row in full, with every field of its table"),
    action(Id::Redo, &["Ctrl+Y"], Group::Decide, "", "Do again what you took back here last"),
    action(Id::History, &["U"], Group::Decide, "history", "History: see every operation, undo any of yours"),
    action(Id::RowHistory, &["H"], Group::Look, "", "History of this row: who did what to it, when and why"),
    action(Id::Up, &["Up", "k"], Group::Move, "", "One row up"),
    action(Id::Left, &["Left", "h"], Group::Move, "", "One column left"),
    action(Id::Right, &["Right", "l"], Group::Move, "", "One column right"),
    action(Id::PageDown, &["PgDn"], Group::Move, "", "One page down"),
    action(Id::PageUp, &["PgUp"], Group::Move, "", "One page up"),
    action(Id::First, &["g", "Home"], Group::Move, "", "First row"),
    action(Id::Last, &["G", "End"], Group::Move, "", "Last row"),
    action(Id::GoToRow, &["Ctrl+G"], Group::Move, "", "Go to a row by its number"),
    action(Id::Go(Place::Home), &["0"], Group::Look, "", "Home: what needs attention"),
    action(Id::Go(Place::Pane(Table::Identifiers)), &["1"], Group::Look, "", "Identifiers"),
    action(Id::Go(Place::Pane(Table::ValueMaps)), &["2"], Group::Look, "", "Value maps"),
    action(Id::Go(Place::Pane(Table::CommitPolicies)), &["3"], Group::Look, "", "Commit policies"),
    action(Id::Go(Place::Pane(Table::SyncJobs)), &["4"], Group::Look, "", "Sync jobs"),
    action(Id::Go(Place::Pane(Table::SyncItems)), &["5"], Group::Look, "", "Sync items"),
    action(Id::Go(Place::Pane(Table::Ledger)), &["6"], Group::Look, "", "Ledger"),
    action(Id::NextPlace, &["Tab"], Group::Look, "", "Next screen"),
    action(Id::PreviousPlace, &["Shift+Tab"], Group::Look, "", "Previous screen"),
    action(Id::Refresh, &["F5", "Ctrl+L"], Group::Program, "", "Read everything again and draw the screen anew"),
    action(Id::Palette, &[":", "Ctrl+P"], Group::Program, "commands", "Commands: find an action by its words"),
    action(Id::Messages, &[], Group::Program, "", "Messages: what was said, with what went wrong"),
    action(Id::Stop, &["Ctrl+C"], Group::Program, "", "Stop what is being read, counted or written"),
    action(Id::Mouse, &[], Group::Program, "", "Mouse on and off: off, the terminal marks text with it"),
    action(Id::Theme, &[], Group::Program, "", "Theme: the next of dark, light, high contrast and mono"),
    action(Id::Suspend, &["Ctrl+Z"], Group::Program, "", "Suspend: back to the shell, fg returns"),
    action(Id::Help, &["?", "F1"], Group::Program, "help", "Help: every key that works here"),
    action(Id::Quit, &["q", "Ctrl+Q"], Group::Program, "quit", "Quit"),
];

/// These two end the footer whatever else fits.
pub const ALWAYS: [Id; 2] = [Id::Help, Id::Quit];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_is_bound_twice_and_every_key_can_be_pressed() {
        let mut seen = HashSet::new();
        for action in ACTIONS {
            for key in action.keys {
                assert!(seen.insert(key), "{key} is bound twice");
                let press = crate::tui::keys::press(key).unwrap();
                assert_eq!(crate::tui::keys::name(&press), **key);
            }
        }
    }
}
