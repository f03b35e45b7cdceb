//! `steward map`

use std::io::Write;

use crate::engine::{Command, MapKey};
use crate::model::choice::Relationship;

use super::failure::Done;
use super::parsers;
use super::report::ReportArgs;
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Map {
    /// The source system's key
    source: String,
    /// The code list
    list: String,
    /// The code as the source delivers it
    code: String,
    /// The code of the list that it stands for
    canonical: String,
    /// How the source's code relates to the canonical one
    #[arg(long, value_name = "R", value_parser = parsers::relationship(), default_value = "equal")]
    relationship: Relationship,
    #[command(flatten)]
    report: ReportArgs,
}

impl Map {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let map = MapKey::Code { source: self.source.clone(), list: self.list.clone(), code: self.code.clone() };
        let command = Command::Map { map, canonical: self.canonical.clone(), relationship: self.relationship };
        let outcome = session.engine()?.run(&command, &self.report.mode())?;
        Ok(self.report.write(&outcome, out)?)
    }
}
