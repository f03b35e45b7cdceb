//! `steward certify`, `reject`, `revoke`, `reopen` and `recertify`

use std::io::Write;

use crate::engine::{Command, Rows, Verb};
use crate::model::{Table, is_blank};

use super::acting;
use super::failure::{Done, Failure};
use super::parsers;
use super::report::ReportArgs;
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Decide {
    /// Which ledger entries, in the language of list --filter
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, value_parser = parsers::narrowing)]
    filter: String,
    /// Why; it is kept with the entries. reject, revoke and reopen need one
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
}

impl Decide {
    pub(super) fn run(&self, verb: Verb, session: &Session, out: &mut dyn Write) -> Done {
        if self.reason.as_deref().is_none_or(is_blank) && needs_reason(verb) {
            let name = verb.name();
            return Err(Failure::new(format!(
                "To {name} takes a reason, which is kept with the entries. Add one: steward {name} --filter EXPR --reason \"why\""
            )));
        }
        let rows = Rows::Filter(self.filter.clone());
        let command = Command::Decide { verb, rows: rows.clone(), reason: self.reason.clone() };
        let outcome = acting::act(&command, &self.report, session)?;
        self.report.write_of(&outcome, (Table::Ledger, &rows), out)
    }
}

/// Whoever finds a value turned down will ask why; the workbench asks for the same.
fn needs_reason(verb: Verb) -> bool {
    matches!(verb, Verb::Reject | Verb::Revoke | Verb::Reopen)
}
