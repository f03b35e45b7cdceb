//! `steward map`

use std::io::Write;
use std::path::PathBuf;

use crate::engine::{Command, MapKey};
use crate::model::Shown;
use crate::model::choice::Relationship;
use crate::model::text::nearest;

use super::acting;
use super::failure::Done;
use super::parsers;
use super::report::{ReportArgs, say};
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Map {
    /// The source system's key
    #[arg(required_unless_present = "file", requires = "code")]
    source: Option<String>,
    /// The code list
    list: Option<String>,
    /// The code as the source delivers it
    code: Option<String>,
    /// The code of the list that it stands for
    #[arg(required_unless_present_any = ["file", "no_match"])]
    canonical: Option<String>,
    /// The code stands for none of the list: what waits for it goes on without one
    #[arg(long, conflicts_with_all = ["canonical", "relationship", "file"])]
    no_match: bool,
    /// Many at once, from a CSV file: source_system_key (empty: for every source), code_list, source_code,
    /// canonical_code_value and other fields of a value map
    #[arg(long, value_name = "FILE", conflicts_with_all = ["source", "relationship"])]
    file: Option<PathBuf>,
    /// How the source's code relates to the canonical one
    #[arg(long, value_name = "R", value_parser = parsers::relationship(), default_value = "equal")]
    relationship: Relationship,
    #[command(flatten)]
    report: ReportArgs,
}

impl Map {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        if let Some(file) = &self.file {
            return super::import::value_maps(file, &self.report, session, out);
        }
        let text = |given: &Option<String>| given.clone().unwrap_or_default();
        let map = MapKey::Code { source: text(&self.source), list: text(&self.list), code: text(&self.code) };
        let command = match self.no_match {
            true => Command::NoMatch { map },
            false => Command::Map { map, canonical: text(&self.canonical), relationship: self.relationship },
        };
        let outcome = acting::act(&command, &self.report, session)?;
        self.report.write(&outcome, out)?;
        if !self.report.json() {
            self.warn_of_a_source_that_delivered_nothing(session)?;
        }
        Ok(())
    }

    /// A code may be decided before its source delivers it; but a source that nobody knows is rather a slip.
    fn warn_of_a_source_that_delivered_nothing(&self, session: &Session) -> Done {
        let Some(source) = &self.source else { return Ok(()) };
        let known = session.reader()?.delivering_sources()?;
        if !known.is_empty() && !known.iter().any(|known| known.to_lowercase() == source.to_lowercase()) {
            let near = nearest(source, known.iter().map(String::as_str));
            let near = near.map(|near| format!(" Did you mean {}?", Shown(near))).unwrap_or_default();
            say(&format!("{} has delivered nothing yet.{near}", Shown(source)));
        }
        Ok(())
    }
}
