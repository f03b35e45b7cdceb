//! `steward retry`, `steward park`, `steward unpark` and `steward close`

use std::io::Write;
use std::path::PathBuf;

use crate::engine::{Command, Rows};
use crate::model::Shown;
use crate::model::table::Table;

use super::acting;
use super::failure::{Done, Failure};
use super::parsers;
use super::report::ReportArgs;
use super::session::Session;
use super::value_from;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("which").required(true)))]
pub(super) struct Retry {
    /// One sync item, by its name (ITM-0000001), number or GUID
    #[arg(group = "which")]
    item: Option<String>,
    /// Which sync items, in the language of list --filter
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, value_parser = parsers::narrowing, group = "which")]
    filter: Option<String>,
    /// Another value to try the item with; what was delivered stays as it is
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, requires = "reason", conflicts_with = "filter")]
    value: Option<String>,
    /// The same from a file, or with - from the standard input: nobody reads it in the list of processes
    #[arg(long, value_name = "FILE", requires = "reason", conflicts_with_all = ["filter", "value"])]
    value_from: Option<PathBuf>,
    /// Why; it is kept in the log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct Park {
    /// Which sync items, in the language of list --filter
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, value_parser = parsers::narrowing)]
    filter: String,
    /// Why; it is kept in the log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct Unpark {
    /// Which sync items, in the language of list --filter
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, value_parser = parsers::narrowing)]
    filter: String,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct Close {
    /// Which sync items, in the language of list --filter
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, value_parser = parsers::narrowing)]
    filter: String,
    /// Why; it is kept in the log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    report: ReportArgs,
}

impl Retry {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        run(&self.command(session)?, &self.report, session, out)
    }

    fn command(&self, session: &Session) -> Result<Command, Failure> {
        let reason = self.reason.clone();
        let Some(name) = &self.item else {
            let rows = Rows::Filter(self.filter.clone().unwrap_or_default());
            return Ok(Command::Retry { rows, reason });
        };
        let item = session.reader()?.find(Table::SyncItems, name)?;
        let item = item.ok_or_else(|| no_item(name))?;
        let value = match &self.value_from {
            Some(path) => Some(value_from::read(path)?),
            None => self.value.clone(),
        };
        Ok(match value {
            Some(value) => Command::EditRetry {
                item: item.id,
                row_version: item.int("row_version").unwrap_or_default(),
                raw: value,
                reason: reason.unwrap_or_default(),
            },
            None => Command::Retry { rows: Rows::Ids(vec![item.id]), reason },
        })
    }
}

/// What has a colon is a filter more likely than an item.
fn no_item(name: &str) -> Failure {
    let hint = if name.contains(':') { format!(" For a filter: --filter \"{}\"", Shown(name)) } else { String::new() };
    Failure::new(format!("There is no sync item {}.{hint}", Shown(name)))
}

impl Park {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let command = Command::Park { rows: Rows::Filter(self.filter.clone()), reason: self.reason.clone() };
        run(&command, &self.report, session, out)
    }
}

impl Unpark {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        run(&Command::Unpark { rows: Rows::Filter(self.filter.clone()) }, &self.report, session, out)
    }
}

impl Close {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let command = Command::Close { rows: Rows::Filter(self.filter.clone()), reason: self.reason.clone() };
        run(&command, &self.report, session, out)
    }
}

fn run(command: &Command, report: &ReportArgs, session: &Session, out: &mut dyn Write) -> Done {
    let outcome = acting::act(command, report, session)?;
    match command {
        Command::Retry { rows, .. }
        | Command::Park { rows, .. }
        | Command::Unpark { rows }
        | Command::Close { rows, .. } => report.write_of(&outcome, (Table::SyncItems, rows), out),
        _ => Ok(report.write(&outcome, out)?),
    }
}
