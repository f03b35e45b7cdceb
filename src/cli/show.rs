//! `steward show`

use std::io::Write;

use crate::exchange::json_line;
use crate::model::sentence;
use crate::model::table::Table;

use super::failure::Done;
use super::hold;
use super::list::shown_cell;
use super::parsers;
use super::session::{Session, row_named};
use super::upgrade::Copied;

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    #[arg(value_parser = parsers::table())]
    table: Table,
    /// The row's name (JOB-0000001), number or GUID
    #[arg(value_name = "ID")]
    name: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    copied: Copied,
}

impl Show {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let info = self.table.info();
        let (reader, _) = session.reader_of(&self.copied)?;
        let row = row_named(&reader, self.table, &self.name)?;
        let holds = reader.holds_on(self.table, row.id)?;
        if self.json {
            let mut object = row.json();
            if let Some(object) = object.as_object_mut().filter(|_| !holds.is_empty()) {
                object.insert("legal_holds".into(), holds.iter().map(hold::object).collect());
            }
            return Ok(json_line(out, &object)?);
        }
        let width = info.fields.iter().map(|field| field.title.len()).max().unwrap_or(0);
        for field in info.fields {
            writeln!(out, "{}", format!("{:width$}  {}", field.title, shown_cell(&row, field)).trim_end())?;
        }
        for hold in &holds {
            writeln!(out, "{}", sentence(&hold::sentence_of(hold)))?;
        }
        Ok(())
    }
}
