//! `steward show`

use std::io::Write;

use crate::exchange::json_line;
use crate::model::table::Table;

use super::failure::Done;
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
        if self.json {
            return Ok(json_line(out, &row.json())?);
        }
        let width = info.fields.iter().map(|field| field.title.len()).max().unwrap_or(0);
        for field in info.fields {
            writeln!(out, "{}", format!("{:width$}  {}", field.title, shown_cell(&row, field)).trim_end())?;
        }
        Ok(())
    }
}
