//! How outcomes and sentences are printed.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;

use serde::Serialize;

use crate::engine::outcome::{HeldBack, ValueChange};
use crate::engine::{Mode, Named, Outcome, Rows, Withdrawn};
use crate::exchange::json_line;
use crate::model::filter::Filter;
use crate::model::text::{counted, grouped};
use crate::model::{Shown, Table, field_title, logged_value, sentence};
use crate::store::{FieldBack, PutBack};

use super::failure::{Done, Failure};
use super::parsers;

/// The arguments of every command that changes something.
#[derive(Debug, Default, clap::Args)]
pub(super) struct ReportArgs {
    /// Show what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the outcome as one JSON object
    #[arg(long)]
    json: bool,
}

/// The arguments of a command that may be given a reason.
#[derive(Debug, clap::Args)]
pub(super) struct Why {
    /// Why; it is kept in the log
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    #[command(flatten)]
    pub(super) report: ReportArgs,
}

/// Rows of an undo that are told one by one; --json has all.
const PUT_BACK: usize = 50;

/// Operations that are named one by one; --json has all.
const NAMED: usize = 10;

#[derive(Serialize)]
struct Report<'a> {
    dry_run: bool,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

impl ReportArgs {
    pub(super) fn new(dry_run: bool, json: bool) -> ReportArgs {
        ReportArgs { dry_run, json }
    }

    pub(super) fn mode(&self) -> Mode {
        if self.dry_run { Mode::DryRun } else { Mode::Real }
    }

    pub(super) fn dry_run(&self) -> bool {
        self.dry_run
    }

    pub(super) fn json(&self) -> bool {
        self.json
    }

    pub(super) fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        self.write_with(outcome, |operation| format!("taken back by: steward undo {operation}"), out)
    }

    /// The outcome of what people do to rows. Where they named rows, and none of these was changed, that is no success.
    ///
    /// # Errors
    /// So it is, or the output cannot be written.
    pub(super) fn write_of(&self, outcome: &Outcome, (table, rows): (Table, &Rows), out: &mut dyn Write) -> Done {
        self.write(outcome, out)?;
        let named = match rows {
            Rows::Ids(_) => true,
            Rows::Filter(text) => Filter::parse(table, text).is_ok_and(|filter| filter.names_rows(table)),
        };
        if let (Rows::Filter(text), 0, []) = (rows, outcome.changed, outcome.held_back.as_slice()) {
            let quotes = parsers::quotes_hint(table, text);
            say(&format!("No row of {} matches.{quotes}", table.info().title));
        }
        if named && !self.dry_run && outcome.changed == 0 && !outcome.held_back.is_empty() {
            return Err(Failure::new("None of the rows that were named was changed: see why above."));
        }
        Ok(())
    }

    /// The outcome of what cannot be taken back.
    pub(super) fn write_final(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        self.write_with(outcome, |_| "not to be taken back".to_string(), out)
    }

    /// What a command would do that looks wrong, as an object: it was not done.
    pub(super) fn write_looked_at(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        json_line(out, &Report { dry_run: true, outcome })
    }

    fn write_with(&self, outcome: &Outcome, undo: fn(i64) -> String, out: &mut dyn Write) -> io::Result<()> {
        if let Some(operation) = outcome.operation {
            was_done(format!("operation {operation}"));
        }
        if self.json {
            return json_line(out, &Report { dry_run: self.dry_run, outcome });
        }
        if self.dry_run {
            writeln!(out, "Dry run, nothing was changed.")?;
        }
        writeln!(out, "{}", sentence(&outcome.told()))?;
        if outcome.values_changed > 0 {
            writeln!(out, "  changed: {}", counted(outcome.values_changed, "current value"))?;
        }
        if outcome.outbound > 0 {
            writeln!(out, "  to be sent: {}", counted(outcome.outbound, "value"))?;
        }
        for note in outcome.withdrawn.iter().flat_map(Withdrawn::notes) {
            writeln!(out, "  {note}")?;
        }
        outcome.held_back.iter().try_for_each(|held| write_held_back(held, out))?;
        outcome.warnings.iter().try_for_each(|warning| writeln!(out, "  looks wrong: {}", sentence(warning)))?;
        if self.dry_run && !outcome.warnings.is_empty() {
            writeln!(out, "  without --dry-run you are asked about it, or --yes does it")?;
        }
        write_disposal(outcome, out)?;
        write_put_back(&outcome.put_back, out)?;
        if self.dry_run {
            outcome.sample.iter().try_for_each(|change| write_change(change, out))?;
        }
        match outcome.operation {
            Some(operation) => writeln!(out, "  operation {operation}, {}", undo(operation)),
            None => Ok(()),
        }
    }
}

/// What a disposal could not reach.
fn write_disposal(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    if let Some(erased) = &outcome.erased {
        if erased.pages > 0 {
            writeln!(out, "  overwritten: what was freed in {} of the file", counted(erased.pages, "page"))?;
        }
        erased.notes().iter().try_for_each(|note| writeln!(out, "  {note}"))?;
    }
    let Some(Named { operations, value_maps }) = outcome.named.as_deref() else { return Ok(()) };
    if !operations.is_empty() {
        let these: Vec<String> = operations.iter().map(i64::to_string).collect();
        let (what, these) = (counted(operations.len() as i64, "operation"), some_of(&these));
        writeln!(out, "  still named in {what} of the log, in sentences or reasons that its hashes hold: {these}")?;
    }
    if !value_maps.is_empty() {
        let these: Vec<String> = value_maps.iter().cloned().collect();
        let (what, these) = (counted(these.len() as i64, "value map"), some_of(&these));
        writeln!(out, "  still spelled by {what}, which are vocabulary: {these}")?;
    }
    Ok(())
}

/// The first of some names.
fn some_of(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| Shown(name).to_string()).collect();
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn write_held_back(held: &HeldBack, out: &mut dyn Write) -> io::Result<()> {
    let more = if held.rows > held.examples.len() as i64 { ", …" } else { "" };
    let examples: Vec<String> = held.examples.iter().map(|name| Shown(name).to_string()).collect();
    let rows = counted(held.rows, "row");
    writeln!(out, "  held back: {rows}: {} ({}{more})", sentence(&held.reason), examples.join(", "))
}

/// What an undo would put back, row by row.
fn write_put_back(rows: &[PutBack], out: &mut dyn Write) -> io::Result<()> {
    for row in rows.iter().take(PUT_BACK) {
        let (table, name) = (Table::find(row.table), Shown(&row.name));
        if row.retired {
            writeln!(out, "  {name}: made by it, goes out of use")?;
            continue;
        }
        let change = |field: &FieldBack| {
            let value = |value| logged_value(table, &field.field, value);
            format!("{}: {} → {}", field_title(table, &field.field), value(&field.from), value(&field.to))
        };
        let changes: Vec<String> = row.changes.iter().map(change).collect();
        writeln!(out, "  {name}: {}", Shown(&changes.join("; ")))?;
    }
    match rows.len().saturating_sub(PUT_BACK) {
        0 => Ok(()),
        more => writeln!(out, "  … and {}; --json lists all", counted(more as i64, "row")),
    }
}

fn write_change(change: &ValueChange, out: &mut dyn Write) -> io::Result<()> {
    let value = |value: &Option<String>| match value {
        Some(text) => format!("\"{}\"", Shown(text)),
        None => "nothing".into(),
    };
    let (table, id, field) = (Shown(&change.target_table), Shown(&change.target_id), Shown(&change.field_name));
    if change.before == change.after {
        return writeln!(out, "  {table} {id} {field}: {}, as it is", value(&change.before));
    }
    writeln!(out, "  {table} {id} {field}: {} → {}", value(&change.before), value(&change.after))
}

/// What this run of the program did to the store, for whoever never reads its output.
static DONE: Mutex<Option<String>> = Mutex::new(None);

/// Remembers that something was done, in words: the output about it may not come through.
pub(super) fn was_done(what: String) {
    if let Ok(mut done) = DONE.lock() {
        *done = Some(what);
    }
}

/// The sentence for output that could not be written.
pub(super) fn unwritten(error: &io::Error) -> String {
    let done = DONE.lock().ok().and_then(|mut done| done.take());
    match done {
        Some(what) => format!("The output could not be written: {error}. The work was done and stands: {what}."),
        None => format!("The output could not be written: {error}."),
    }
}

/// Writes a sentence for the person to stderr, where data never goes.
pub(super) fn say(text: &str) {
    // Where stderr is gone there is nobody to tell.
    let _ = writeln!(io::stderr(), "{}", sentence(text));
}

/// The width to lay a listing out for, in terminal cells.
pub(super) fn width() -> usize {
    const NO_TERMINAL: usize = 120;
    match crossterm::terminal::size() {
        Ok((columns, _)) if columns > 0 && io::stdout().is_terminal() => columns.into(),
        _ => NO_TERMINAL,
    }
}

/// `1,234 held`, or nothing for none.
pub(super) fn part(n: i64, state: &str) -> Option<String> {
    (n != 0).then(|| format!("{} {state}", grouped(n)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_names_what_was_held_back_and_how_to_undo() {
        let outcome = Outcome {
            operation: Some(7),
            summary: "Certified 2 ledger entries.".into(),
            changed: 2,
            held_back: vec![HeldBack { reason: "Four eyes.".into(), rows: 3, examples: vec!["LED-0000001".into()] }],
            values_changed: 1,
            ..Outcome::default()
        };
        let mut out = Vec::new();
        ReportArgs { dry_run: false, json: false }.write(&outcome, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "Certified 2 ledger entries.\n  changed: 1 current value\n  held back: 3 rows: Four eyes. (LED-0000001, …)\n  \
             operation 7, taken back by: steward undo 7\n"
        );
    }
}
