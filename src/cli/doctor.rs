//! `steward doctor`: what is wrong with a store and around its file, and what to do; with `--fix`, mends what follows from the rows.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use crate::engine::Context;
use crate::engine::doctor::{Health, examine, salvage};
use crate::exchange::json_line;
use crate::model::sentence;
use crate::model::text::grouped;
use crate::store::{Around, Store, around};

use super::acting::watched;
use super::failure::{Done, Failure};
use super::session::{Session, shown_path};

#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    /// Work out again what follows from the rows (values in force, counters, counts), if nothing else is wrong
    ///
    /// Of a damaged file, put a new store in its place that holds what can be read; the damaged one is put aside.
    #[arg(long)]
    fix: bool,
    /// Print one JSON object
    #[arg(long, conflicts_with = "fix")]
    json: bool,
}

/// Something that was looked at, in a sentence or some.
struct Found {
    wrong: bool,
    told: String,
}

impl Found {
    fn wrong(told: impl Into<String>) -> Found {
        Found { wrong: true, told: told.into() }
    }

    fn fine(told: impl Into<String>) -> Found {
        Found { wrong: false, told: told.into() }
    }
}

impl Doctor {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let path = session.path()?;
        if !path.exists() {
            return Err(Failure::new(format!("There is no store at {}.", shown_path(&path))));
        }
        let mut found = Vec::new();
        let store = Store::open(&path);
        let health = match &store {
            Ok(store) => {
                found.extend(store.read_only_told().into_iter().map(Found::fine));
                let (health, lines) = examine(store)?;
                let wrong = health != Health::Sound;
                found.extend(lines.iter().map(|line| Found { wrong, told: sentence(line).to_string() }));
                found.push(remedy(health));
                health
            }
            Err(problem) => {
                found.push(Found::wrong(format!("{problem:#}")));
                Health::Damaged
            }
        };
        // What lay beside the file was written back by now, if it could be.
        found.extend(look_around(&path, &around(&path)?));
        let wrong = found.iter().filter(|found| found.wrong).count();
        if self.json {
            let told =
                |wrong| found.iter().filter(|found| found.wrong == wrong).map(|found| &found.told).collect::<Vec<_>>();
            json_line(out, &json!({ "wrong": told(true), "fine": told(false) }))?;
        } else {
            for Found { wrong, told } in &found {
                writeln!(out, "{} {told}", if *wrong { '!' } else { ' ' })?;
            }
        }
        match (self.fix, health) {
            (true, Health::Derived) => mend(session, out),
            (true, Health::Damaged) => save(&path, session, out),
            (true, Health::Tampered) => Err(Failure::new(
                "Nothing was mended: more is wrong than what follows from the rows. Put a backup in the store's place: steward \
                 restore FILE",
            )),
            _ if wrong > 0 => Err(Failure::new("Something is wrong; what to do stands beside it.")),
            _ => Ok(()),
        }
    }
}

fn mend(session: &Session, out: &mut dyn Write) -> Done {
    let mut engine = session.engine()?;
    let outcome = watched(&mut engine, |engine| engine.rebuild())??;
    let operation = outcome.operation.map(grouped).unwrap_or_default();
    writeln!(out, "{}. Operation {operation} lists it: steward history", outcome.summary)?;
    match examine(engine.store())? {
        (Health::Sound, _) => Ok(()),
        (_, lines) => Err(Failure::new(format!("The store still does not verify. {}", lines.join(" ")))),
    }
}

/// Makes a new store of what can be read of a damaged one.
fn save(path: &Path, session: &Session, out: &mut dyn Write) -> Done {
    let backup = "Put a backup in its place: steward restore FILE";
    let saved = salvage(path, Context::new(session.actor()?))
        .map_err(|error| Failure::new(format!("Nothing was mended. {error} {backup}")))?;
    let operation = grouped(saved.operation);
    writeln!(out, "Salvaged what can be read; operation {operation} lists what was lost and mended: steward history")?;
    writeln!(out, "The damaged file is {}.", shown_path(&saved.aside))?;
    for lost in &saved.lost {
        writeln!(out, "! lost: {lost}")?;
    }
    match examine(&Store::open(path)?)? {
        (Health::Sound, _) => Ok(()),
        (_, lines) => Err(Failure::new(format!(
            "Rows are missing, which verify says from now on: a backup that has them is better (steward restore FILE). {}",
            lines.first().map(String::as_str).unwrap_or_default()
        ))),
    }
}

/// What to do about what `verify` found.
fn remedy(health: Health) -> Found {
    match health {
        Health::Sound => Found::fine("The store was verified just now."),
        Health::Derived => Found::wrong(
            "The log and the rows agree; only what follows from them does not. An admin has it worked out again: steward \
             doctor --fix",
        ),
        Health::Tampered => Found::wrong(
            "Somebody changed the file past steward. Find out who and what; then put the last sound backup in its place: \
             steward restore FILE",
        ),
        Health::Damaged => Found::wrong(
            "The file is damaged. Look at the disk; then put the last backup in its place: steward restore FILE. Where there \
             is none, steward doctor --fix makes a new store of what can be read.",
        ),
    }
}

fn look_around(path: &Path, around: &Around) -> Vec<Found> {
    let mut found = Vec::new();
    if around.links > 1 {
        found.push(Found::wrong(format!(
            "The file has {} names (hard links), and is only read: keep one and remove the others. find FOLDER -samefile {}",
            around.links,
            shown_path(path)
        )));
    }
    for (part, bytes) in &around.left {
        found.push(Found::wrong(format!(
            "{} holds {} of the store with nobody at it: never remove it. Whoever may write the store writes it back by \
             opening it.",
            shown_path(part),
            size(*bytes)
        )));
    }
    for folder in &around.unfinished {
        found.push(Found::wrong(format!(
            "{} was begun by a program that was killed, and nobody is at it: remove it, with all that is in it.",
            shown_path(folder)
        )));
    }
    for (copy, bytes) in &around.copies {
        found.push(Found::fine(format!(
            "{} ({}) was put aside by an upgrade or a restore; it may be removed once nobody wants it back.",
            shown_path(copy),
            size(*bytes)
        )));
    }
    if let Some(free) = around.free_bytes {
        let (free_told, file) = (size(free), size(around.file_bytes));
        found.push(match free < around.file_bytes {
            true => Found::wrong(format!(
                "{free_told} are free where the store lies, and its file has {file}: upgrading and compacting take as much \
                 again. Make room."
            )),
            false => Found::fine(format!("{free_told} are free where the store lies; its file has {file}.")),
        });
    }
    found
}

fn size(bytes: u64) -> String {
    format!("{} kB", grouped(i64::try_from(bytes.div_ceil(1024)).unwrap_or(i64::MAX)))
}
