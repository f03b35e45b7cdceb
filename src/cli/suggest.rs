//! `steward suggest`

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::engine::suggest::{Candidate, MOST, Question, Suggester};
use crate::exchange::{CsvRecords, Input, json_line};
use crate::model::Shown;
use crate::model::record::{Cell, Record};

use super::accept::accept;
use super::failure::Done;
use super::report::ReportArgs;
use super::session::Session;

/// Labels that are answered at once: the first answers are out before the last is thought of.
const AT_ONCE: usize = 2000;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true)))]
pub(super) struct Suggest {
    /// The code list to choose from
    #[arg(long, value_name = "LIST")]
    list: String,
    /// The label, or code, to find candidates for
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, group = "what")]
    label: Option<String>,
    /// A CSV file of labels; - is the standard input
    #[arg(long, value_name = "FILE", group = "what", requires = "label_column")]
    file: Option<PathBuf>,
    /// The file's column with the labels
    #[arg(long, value_name = "C", conflicts_with = "label")]
    label_column: Option<String>,
    /// The file's column with the source's codes
    #[arg(long, value_name = "C", conflicts_with = "label")]
    code_column: Option<String>,
    /// At most so many candidates
    #[arg(long, value_name = "N", default_value_t = MOST as u64, value_parser = clap::value_parser!(u64).range(1..))]
    top: u64,
    /// Accept the best suggestion of every waiting code that has at least this score, 0.5 to 1
    #[arg(long, value_name = "SCORE", value_parser = score_from, group = "what")]
    accept: Option<f32>,
    /// Leave this source code out of what is accepted; may be given more than once
    #[arg(long, value_name = "CODE", conflicts_with_all = ["label", "file"], allow_hyphen_values = true)]
    leave_out: Vec<String>,
    /// Show what would be accepted, and change nothing
    #[arg(long, conflicts_with_all = ["label", "file"])]
    dry_run: bool,
    /// One JSON object a line: label and candidates, or what was accepted
    #[arg(long)]
    json: bool,
}

/// Below the least score a suggestion is no more than a help for whoever looks.
fn score_from(text: &str) -> Result<f32, String> {
    let score = text.parse().ok().filter(|score| (0.5..=1.0).contains(score));
    score.ok_or_else(|| "a score is a number from 0.5 to 1, such as 0.90".into())
}

impl Suggest {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        if let Some(score) = self.accept {
            let report = ReportArgs::new(self.dry_run, self.json);
            return accept(&self.list, score, &self.leave_out, &report, session, out);
        }
        let suggester = Suggester::read(&session.reader()?, &self.list)?;
        match (&self.label, &self.file) {
            (Some(label), _) => self.answer(&suggester, &[Question::label(label)], out),
            (None, Some(file)) => self.answer_file(&suggester, file, out),
            (None, None) => Ok(()),
        }
    }

    fn answer_file(&self, suggester: &Suggester, file: &Path, out: &mut dyn Write) -> Done {
        let mut input = Input::open(file)?;
        let questions = CsvRecords::new(input.reader()?).and_then(|records| self.questions(records));
        let questions = questions.map_err(|problem| input.refuse(problem))?;
        questions.chunks(AT_ONCE).try_for_each(|questions| self.answer(suggester, questions, out))
    }

    fn questions<R: BufRead>(&self, records: CsvRecords<R>) -> Result<Vec<Question>, String> {
        let find = |column: &Option<String>| column.as_deref().map(|name| records.header().find(name)).transpose();
        let (label, code) = (find(&self.label_column)?, find(&self.code_column)?);
        let question = |record: Record| {
            let read = |column: &Option<Arc<str>>| match column {
                Some(column) => text(&record, column),
                None => Ok(None),
            };
            Ok(Question { label: read(&label)?, code: read(&code)? })
        };
        records.map(|next| question(next.map_err(|fault| format!("Line {}: {}", fault.line, fault.problem))?)).collect()
    }

    fn answer(&self, suggester: &Suggester, questions: &[Question], out: &mut dyn Write) -> Done {
        // One more, since "no match" takes a place of its own.
        let top = usize::try_from(self.top).unwrap_or(usize::MAX);
        let answers = suggester.suggest_all(questions, top.saturating_add(1));
        for (question, answer) in questions.iter().zip(answers) {
            let no_match = answer.iter().find(|candidate| candidate.code.is_none());
            let mut candidates: Vec<&Candidate> = answer.iter().filter(|candidate| candidate.code.is_some()).collect();
            candidates.truncate(top);
            if self.json {
                json_line(out, &object(question, &candidates, no_match))?;
            } else {
                write_for_people(question, &candidates, no_match, out)?;
            }
        }
        Ok(())
    }
}

/// A record's value of a column; blank is none.
fn text(record: &Record, column: &str) -> Result<Option<String>, String> {
    match record.fields.iter().find(|(name, _)| &**name == column) {
        Some((_, Cell::Text(text))) => Ok((!text.trim().is_empty()).then(|| text.clone())),
        Some((name, Cell::NotText(_))) => {
            let (line, name) = (record.line, Shown(name));
            Err(format!("Line {line}: The value of \"{name}\" is not UTF-8 text. Export the file in UTF-8."))
        }
        None => Ok(None),
    }
}

fn object(question: &Question, candidates: &[&Candidate], no_match: Option<&Candidate>) -> Json {
    let candidates: Vec<Json> = candidates
        .iter()
        .map(|candidate| {
            let (code, label) = (&candidate.code, &candidate.label);
            json!({"code": code, "label": label, "score": score(candidate), "reason": candidate.reason})
        })
        .collect();
    let mut object = json!({"label": question.label, "candidates": candidates});
    if let Some(code) = &question.code {
        object["code"] = json!(code);
    }
    if let Some(no_match) = no_match {
        object["no_match"] = json!({"score": score(no_match), "reason": no_match.reason});
    }
    object
}

/// Two decimals, also where a 32-bit number would show more.
fn score(candidate: &Candidate) -> f64 {
    (f64::from(candidate.score) * 100.0).round() / 100.0
}

fn write_for_people(
    question: &Question,
    candidates: &[&Candidate],
    no_match: Option<&Candidate>,
    out: &mut dyn Write,
) -> Done {
    let asked: Vec<&str> = question.code.iter().chain(&question.label).map(String::as_str).collect();
    writeln!(out, "{}", Shown(&asked.join("  ")))?;
    if candidates.is_empty() && no_match.is_none() {
        writeln!(out, "     nothing in the list is like it")?;
    }
    for candidate in candidates {
        let code = candidate.code.as_deref().unwrap_or_default();
        let (score, label, reason) = (score(candidate), Shown(&candidate.label), Shown(&candidate.reason));
        writeln!(out, "  {score:.2}  {}  {label}  ({reason})", Shown(code))?;
    }
    if let Some(no_match) = no_match {
        writeln!(out, "  {:.2}  no match  ({})", score(no_match), Shown(&no_match.reason))?;
    }
    Ok(())
}
