//! `steward history`

use std::io::Write;

use serde_json::{Value as Json, json};

use crate::exchange::{Column, TextTable, json_line};
use crate::model::text::grouped;
use crate::model::time;
use crate::store::OperationRow;

use super::failure::{Done, Failure};
use super::report;
use super::session::Session;

/// Operations that are read at once.
const PAGE: usize = 500;

/// How many operations people get who do not say how many.
const FOR_PEOPLE: usize = 50;

const COLUMNS: [Column; 6] = [
    Column::number("No."),
    Column::whole("When"),
    Column::whole("Who"),
    Column::whole("What"),
    Column::number("Rows"),
    Column::text("Summary"),
];

#[derive(Debug, clap::Args)]
pub(super) struct History {
    /// At most so many operations [default: 50; all with --json]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl History {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        if !self.json {
            let mut table = TextTable::new(out, COLUMNS.to_vec(), report::width());
            return self.pages(session, FOR_PEOPLE, |operations| {
                Ok(table.write(&operations.iter().map(cells).collect::<Vec<_>>())?)
            });
        }
        self.pages(session, usize::MAX, |operations| {
            Ok(operations.iter().try_for_each(|operation| json_line(out, &object(operation)))?)
        })
    }

    fn pages(
        &self,
        session: &Session,
        default: usize,
        mut take: impl FnMut(&[OperationRow]) -> Result<(), Failure>,
    ) -> Done {
        let reader = session.reader()?;
        let mut left = self.limit.unwrap_or(default);
        let mut before = None;
        while left > 0 {
            let operations = reader.operations(before, left.min(PAGE))?;
            take(&operations)?;
            match operations.last() {
                Some(last) if operations.len() == left.min(PAGE) => before = Some(last.seq),
                _ => break,
            }
            left -= operations.len();
        }
        Ok(())
    }
}

fn cells(operation: &OperationRow) -> Vec<String> {
    let who = match &operation.on_behalf_of {
        Some(person) => format!("{} for {person}", operation.actor),
        None => operation.actor.clone(),
    };
    let mut summary = operation.summary.clone();
    if let Some(by) = operation.undone_by {
        summary = format!("(taken back by {by}) {summary}");
    }
    vec![
        operation.seq.to_string(),
        time::short_local(operation.at),
        who,
        operation.kind.clone(),
        grouped(operation.created + operation.changed),
        summary,
    ]
}

fn object(operation: &OperationRow) -> Json {
    json!({
        "seq": operation.seq,
        "kind": operation.kind,
        "at": time::rfc3339(operation.at),
        "actor": operation.actor,
        "role": operation.role,
        "on_behalf_of": operation.on_behalf_of,
        "summary": operation.summary,
        "reason": operation.reason,
        "undoes": operation.undoes,
        "undone_by": operation.undone_by,
        "created": operation.created,
        "changed": operation.changed,
    })
}
