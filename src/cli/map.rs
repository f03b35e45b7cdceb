//! `steward map`

use std::io::Write;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

use crate::engine::{Command, MapKey, Mode};
use crate::model::choice::Relationship;

use super::failure::Done;
use super::parsers;
use super::report::ReportArgs;
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Map {
    /// The source system's key
    #[arg(required_unless_present = "file", requires = "canonical")]
    source: Option<String>,
    /// The code list
    list: Option<String>,
    /// The code as the source delivers it
    code: Option<String>,
    /// The code of the list that it stands for
    canonical: Option<String>,
    /// Many at once, from a CSV file: code_list, source_code, canonical_code_value and other fields of a value map
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
        let command = Command::Map { map, canonical: text(&self.canonical), relationship: self.relationship };
        let mut engine = session.engine()?;
        let bar = progress_bar();
        engine.on_release({
            let bar = bar.clone();
            move |released, of| {
                bar.set_length(of.unsigned_abs());
                bar.set_position(released.unsigned_abs());
            }
        });
        let outcome = match self.report.mode() {
            Mode::Real => engine.run_in_chunks(&command),
            other => engine.run(&command, &other),
        };
        bar.finish_and_clear();
        Ok(self.report.write(&outcome?, out)?)
    }
}

/// Hidden by indicatif where stderr is no terminal.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {human_pos} of {human_len} items") {
        bar.set_style(style);
    }
    bar
}
