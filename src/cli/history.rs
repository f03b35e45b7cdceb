//! `steward history`

use std::io::Write;

use serde_json::{Map, Value as Json, json};

use crate::exchange::{Column, TextTable, json_line};
use crate::model::text::{counted, grouped};
use crate::model::time::{self, Micros};
use crate::model::{Shown, Table, field_title, logged_value};
use crate::store::{OperationRow, Reader, Touched, Which};

use super::failure::{Done, Failure};
use super::parsers;
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

const ROWS: [Column; 3] = [Column::whole("Row"), Column::whole("Table"), Column::text("What became of it")];

#[derive(Debug, clap::Args)]
pub(super) struct History {
    /// The number of one operation: its rows are listed, with what it changed in each
    #[arg(value_name = "OPERATION", conflicts_with_all = ["by", "kind", "since", "until", "text", "row", "table"])]
    operation: Option<i64>,
    /// Only what this person did, or what was done in their name
    #[arg(long, value_name = "LOGIN")]
    by: Option<String>,
    /// Only operations of this kind, as the listing names it
    #[arg(long)]
    kind: Option<String>,
    /// Only from this time on
    #[arg(long, value_name = "TIME", value_parser = parsers::time)]
    since: Option<Micros>,
    /// Only before this time
    #[arg(long, value_name = "TIME", value_parser = parsers::time)]
    until: Option<Micros>,
    /// Only where the summary or the reason holds this text
    #[arg(long)]
    text: Option<String>,
    /// Only what was done to this row, by its name (LED-0000507)
    #[arg(long, value_name = "NAME")]
    row: Option<String>,
    /// At most so many operations, or rows of one [default: 50; all with --json]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Only operations that made or changed rows of this table
    #[arg(long, value_parser = parsers::table(), hide_possible_values = true)]
    table: Option<Table>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl History {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        if let Some(operation) = self.operation {
            return self.rows_of(operation, session, out);
        }
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

    /// One operation, and what it did to each row.
    fn rows_of(&self, seq: i64, session: &Session, out: &mut dyn Write) -> Done {
        let reader = session.reader()?;
        let missing = || Failure::new(format!("There is no operation {seq}. See them with: steward history"));
        let operation = reader.operation(seq)?.ok_or_else(missing)?;
        let limit = self.limit.unwrap_or(if self.json { usize::MAX } else { FOR_PEOPLE });
        let rows = reader.touched(seq, limit)?;
        if self.json {
            let mut object = object(&operation);
            object["rows"] = rows.iter().map(row_object).collect();
            return Ok(json_line(out, &object)?);
        }
        TextTable::new(&mut *out, COLUMNS.to_vec(), report::width()).write(&[cells(&operation)])?;
        writeln!(out)?;
        let lines: Vec<Vec<String>> = rows.iter().map(row_cells).collect();
        TextTable::new(&mut *out, ROWS.to_vec(), report::width()).write(&lines)?;
        let all = operation.created + operation.changed;
        if (rows.len() as i64) < all && rows.len() == limit {
            writeln!(out, "{} of {}; --limit lists more.", grouped(rows.len() as i64), counted(all, "row"))?;
        }
        Ok(())
    }

    fn which(&self, reader: &Reader) -> Result<Which, Failure> {
        let row = match &self.row {
            Some(name) => {
                // A bare number would be a row of any table.
                let tables = Table::ALL.into_iter().filter(|_| name.parse::<i64>().is_err());
                let found = tables.map(|table| reader.find(table, name)).find_map(Result::transpose).transpose()?;
                let missing = || format!("There is no row {}. Name it as lists do: LED-0000507", Shown(name));
                let row = found.ok_or_else(|| Failure::new(missing()))?;
                Some((row.table, row.id))
            }
            None => None,
        };
        Ok(Which {
            person: self.by.clone(),
            kind: self.kind.clone(),
            since: self.since,
            until: self.until,
            text: self.text.clone(),
            row,
            table: self.table,
        })
    }

    fn pages(
        &self,
        session: &Session,
        default: usize,
        mut take: impl FnMut(&[OperationRow]) -> Result<(), Failure>,
    ) -> Done {
        let reader = session.reader()?;
        let which = self.which(&reader)?;
        let mut left = self.limit.unwrap_or(default);
        let mut before = None;
        while left > 0 {
            let operations = reader.operations_of(&which, before, left.min(PAGE))?;
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
    let mut summary = operation.told();
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
        "about": operation.about,
        "reason": operation.reason,
        "undoes": operation.undoes,
        "undone_by": operation.undone_by,
        "created": operation.created,
        "changed": operation.changed,
    })
}

fn row_cells(row: &Touched) -> Vec<String> {
    let table = Some(row.table);
    let change = |(field, was, is): &(String, Json, Json)| {
        let (was, is) = (logged_value(table, field, was), logged_value(table, field, is));
        format!("{}: {was} → {is}", field_title(table, field))
    };
    let what = match &row.changes {
        Some(changes) => changes.iter().map(change).collect::<Vec<_>>().join("; "),
        None => "made".into(),
    };
    vec![row.table.row_name(row.id), row.table.info().name.into(), what]
}

fn row_object(row: &Touched) -> Json {
    let change = |(field, was, is): &(String, Json, Json)| (field.clone(), json!({ "before": was, "after": is }));
    let changes = row.changes.as_ref().map(|changes| changes.iter().map(change).collect::<Map<_, _>>());
    json!({
        "table": row.table.info().name,
        "id": row.id,
        "name": row.table.row_name(row.id),
        "made": changes.is_none(),
        "changes": changes.unwrap_or_default(),
        "about": row.about,
    })
}
