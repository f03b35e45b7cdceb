//! `steward explain`

use std::io::{self, Write};

use unicode_segmentation::UnicodeSegmentation;

use crate::engine::explain::{Candidate, Explanation, explain, find_field};
use crate::exchange::{Column, TextTable, json_line};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::model::time::{self, Micros};
use crate::model::width::width;
use crate::store::{HoldRow, Reader};

use super::failure::{Done, Failure};
use super::session::Session;
use super::upgrade::Copied;
use super::{explain_json, hold, parsers};
use crate::model::sentence;

/// Sentences are read, not scanned: wider than this they are no better.
const WIDTH: usize = 80;

/// Candidates that people get; `--json` has all.
const FOR_PEOPLE: usize = 20;

const COLUMNS: [Column; 6] = [
    Column::whole("Entry"),
    Column::text("Source"),
    Column::text("Value"),
    Column::whole("Status"),
    Column::number("Rank"),
    Column::number("Row"),
];

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The target table
    #[arg(value_name = "TABLE")]
    table: String,
    /// The target record's id, or a source's key for it, as SOURCE:KEY
    #[arg(value_name = "TARGET_ID")]
    target: String,
    /// The field whose value is meant
    #[arg(value_name = "FIELD")]
    field: String,
    /// Tell the value as it was at this time
    #[arg(long, value_name = "TIME", value_parser = parsers::time)]
    as_of: Option<Micros>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    copied: Copied,
}

impl Explain {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let (reader, _) = session.reader_of(&self.copied)?;
        let key = find_field(&reader, &self.table, &self.target, &self.field)?;
        let explanation = explain(&reader, &key, self.as_of)?;
        let holds = holds(&reader, &explanation)?;
        if self.json {
            let mut object = explain_json::object(&explanation);
            object["legal_holds"] = holds.iter().map(hold::object).collect();
            return Ok(json_line(out, &object)?);
        }
        write(&explanation, out)?;
        Ok(holds.iter().try_for_each(|hold| paragraph(&hold::sentence_of(hold), out))?)
    }
}

/// The legal holds on what is in force and on what is not.
fn holds(reader: &Reader, explanation: &Explanation) -> Result<Vec<HoldRow>, Failure> {
    let mut found: Vec<HoldRow> = Vec::new();
    for candidate in explanation.in_force.iter().chain(&explanation.losers) {
        let row = match (candidate.ledger, candidate.item) {
            (Some(entry), _) => (Table::Ledger, entry),
            (None, Some(item)) => (Table::SyncItems, item),
            (None, None) => continue,
        };
        let holds = reader.holds_on(row.0, row.1)?;
        found
            .extend(holds.into_iter().filter(|hold| found.iter().all(|known| known.id != hold.id)).collect::<Vec<_>>());
    }
    Ok(found)
}

fn write(explanation: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    let when = &time::short_local;
    paragraph(&explanation.title(when), out)?;
    writeln!(out)?;
    explanation.sentences(when).iter().try_for_each(|sentence| paragraph(sentence, out))?;
    if explanation.losers.is_empty() {
        return paragraph("There is no other candidate.", out);
    }
    let told = &explanation.losers[..explanation.losers.len().min(FOR_PEOPLE)];
    writeln!(out, "\nNot in force:")?;
    TextTable::new(&mut *out, COLUMNS.to_vec(), WIDTH).write(&told.iter().map(cells).collect::<Vec<_>>())?;
    writeln!(out)?;
    for loser in told {
        paragraph(&format!("{}: {}", loser.name(), loser.why(when)), out)?;
    }
    match explanation.losers.len() - told.len() {
        0 => Ok(()),
        more => paragraph(&format!("… and {}. --json lists all.", counted(more as i64, "older candidate")), out),
    }
}

fn cells(candidate: &Candidate) -> Vec<String> {
    let number = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
    vec![
        candidate.name(),
        candidate.source.clone(),
        candidate.value.clone().or(candidate.raw_value.clone()).unwrap_or_default(),
        candidate.status_label().into(),
        number(candidate.rank),
        number(candidate.row.map(i64::from)),
    ]
}

/// Writes a sentence over as many lines as it takes; further ones are indented. Only a word that is longer than a line
/// is broken.
fn paragraph(text: &str, out: &mut dyn Write) -> io::Result<()> {
    const INDENT: &str = "  ";
    let sentence = sentence(text);
    let mut line = String::new();
    for word in sentence.split(' ') {
        let room = WIDTH.saturating_sub(width(&line) + 1);
        if width(word) > room && !line.trim().is_empty() {
            writeln!(out, "{line}")?;
            line = INDENT.into();
        } else if !line.trim().is_empty() {
            line.push(' ');
        }
        for part in word.graphemes(true) {
            if width(&line) + width(part) > WIDTH {
                writeln!(out, "{line}")?;
                line = INDENT.into();
            }
            line += part;
        }
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_stay_within_their_width() {
        for text in
            ["one two three ".repeat(20), "x".repeat(300), format!("a {} b", "日本語".repeat(50)), String::new()]
        {
            let mut out = Vec::new();
            paragraph(&text, &mut out).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(out.lines().all(|line| width(line) <= WIDTH), "{out}");
            let words = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(words(&out), words(&text));
        }
    }
}
