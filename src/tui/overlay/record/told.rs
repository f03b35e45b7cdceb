//! What is told of a field, line by line: the value in force and where it came from, what is not in force and why, and
//! the field's entries in the order of their time. The sentences are those of `steward explain`.

use super::Record;
use crate::engine::Explanation;
use crate::engine::explain::Candidate;
use crate::model::shown;
use crate::model::text::{grouped, shell_word};
use crate::tui::cut;
use crate::tui::paint::Span;
use crate::tui::state_mark;
use crate::tui::theme::Role;
use crate::tui::zone::Zone;

/// Cells of the word before a sentence.
const LABEL: usize = 15;
/// Lines that one sentence takes at most, and candidates that are told; the command line's `explain` tells all.
const SENTENCE: usize = 60;
const CANDIDATES: usize = 200;

/// The record's keys, each with its source.
pub(super) fn keys(explanation: &Explanation) -> String {
    let key = |(source, key): &(String, String)| format!("{}:{}", shown(source), shown(key));
    let keys: Vec<String> = explanation.identifiers.iter().map(key).collect();
    keys.join(", ")
}

/// What is told of the field under the cursor, in so many cells.
pub(super) fn lines(record: &Record, width: usize, zone: Zone) -> Vec<Vec<Span>> {
    let note = |text: &str| vec![vec![(format!(" {text}"), Role::Quiet)]];
    let Some(field) = record.here() else { return Vec::new() };
    match record.told.of(&field.name) {
        Some(Some(explanation)) => explained(explanation, width, zone),
        Some(None) => note("It could not be read why the value is what it is."),
        None => note("reading…"),
    }
}

fn explained(explanation: &Explanation, width: usize, zone: Zone) -> Vec<Vec<Span>> {
    let when = |at| zone.minute(at);
    let mut lines = Vec::new();
    for (label, sentence) in explanation.labelled(&when) {
        let role = if label == "Value" { Role::Heading } else { Role::Plain };
        labelled(label, &sentence, role, width, &mut lines);
    }
    heading("NOT IN FORCE", explanation.losers.len(), &mut lines);
    for loser in explanation.losers.iter().take(CANDIDATES) {
        lines.push(candidate(loser));
        indented(&loser.why(&when), width, &mut lines);
    }
    if explanation.losers.len() > CANDIDATES {
        let Explanation { target_table, target_id, field_name, .. } = explanation;
        let [table, target, field] = [target_table, target_id, field_name].map(|text| shell_word(&shown(text)));
        let others = format!("… the others: steward explain {table} {target} {field} --json");
        indented(&others, width, &mut lines);
    }
    history(explanation, zone, &mut lines);
    lines
}

/// A sentence behind a word for what it is about.
fn labelled(label: &str, sentence: &str, role: Role, width: usize, lines: &mut Vec<Vec<Span>>) {
    let cells = width.saturating_sub(LABEL + 3);
    let mut label = label;
    for text in cut::wrapped_shown(sentence, cells, SENTENCE) {
        lines.push(vec![(format!(" {label:<LABEL$} "), Role::Quiet), (text, role)]);
        label = "";
    }
}

fn indented(sentence: &str, width: usize, lines: &mut Vec<Vec<Span>>) {
    let texts = cut::wrapped_shown(sentence, width.saturating_sub(5), SENTENCE);
    lines.extend(texts.into_iter().map(|text| vec![(format!("     {text}"), Role::Plain)]));
}

fn heading(title: &str, n: usize, lines: &mut Vec<Vec<Span>>) {
    let n = if n == 0 { "nothing else".into() } else { grouped(n as i64) };
    lines.push(Vec::new());
    lines.push(vec![(format!(" {title}, {n}"), Role::Heading)]);
}

/// A candidate in one line: its name, value, source, status and rank.
fn candidate(candidate: &Candidate) -> Vec<Span> {
    let (mark, role) = mark(candidate);
    let rank = candidate.rank.map_or(String::new(), |rank| format!(", rank {rank}"));
    vec![
        (format!(" {mark} "), role),
        (format!("{} ", candidate.name()), Role::Heading),
        (
            format!("{}, from {}, {}{rank}", told(candidate), shown(&candidate.source), candidate.status_label()),
            Role::Plain,
        ),
    ]
}

/// The value that a candidate stands for; of an item that came to none, what was delivered.
fn told(candidate: &Candidate) -> String {
    match (&candidate.value, &candidate.raw_value, candidate.ledger) {
        (None, Some(raw), None) => format!("\"{}\"", shown(raw)),
        _ => candidate.told(),
    }
}

fn mark(candidate: &Candidate) -> (char, Role) {
    let state = || candidate.state.map_or((' ', Role::Plain), state_mark::item);
    candidate.status.map_or_else(state, state_mark::ledger)
}

/// The field's entries in the order of their source's time.
fn history(explanation: &Explanation, zone: Zone, lines: &mut Vec<Vec<Span>>) {
    let all = explanation.in_force.iter().chain(&explanation.losers);
    let mut entries: Vec<&Candidate> = all.filter(|candidate| candidate.ledger.is_some()).collect();
    entries.sort_by_key(|entry| (entry.source_time, entry.ledger));
    heading("ENTRIES IN TIME ORDER", entries.len(), lines);
    let older = entries.len().saturating_sub(CANDIDATES);
    for entry in entries.into_iter().skip(older) {
        let (mark, role) = mark(entry);
        let here =
            if explanation.in_force.as_ref().is_some_and(|held| held.ledger == entry.ledger) { ">" } else { " " };
        lines.push(vec![
            (format!(" {here}{} ", zone.minute(entry.source_time)), Role::Quiet),
            (format!("{mark} "), role),
            (format!("{} {} from {}", entry.name(), entry.told(), shown(&entry.source)), Role::Plain),
        ]);
    }
}
