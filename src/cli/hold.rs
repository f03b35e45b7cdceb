//! `steward hold`: what must not be disposed of

use std::io::Write;

use serde_json::json;

use crate::engine::explain::find_record;
use crate::engine::{Command, HoldOn};
use crate::exchange::{Column, TextTable, json_line};
use crate::model::Shown;
use crate::model::table::Table;
use crate::model::time;
use crate::store::HoldRow;

use super::acting::act;
use super::failure::{Done, Failure};
use super::report::{self, ReportArgs};
use super::session::{Session, row_named};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Hold {
    /// Keep rows from being disposed of, until the hold is lifted
    Set(Set),
    /// Lift a hold
    Lift {
        /// Its name (HLD-0000001) or number
        #[arg(value_name = "HOLD")]
        name: String,
        /// Why; it is kept in the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        report: ReportArgs,
    },
    /// List the holds that stand, the newest first
    List {
        /// Those that were lifted, too
        #[arg(long)]
        all: bool,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
#[group(id = "on", required = true, multiple = false, args = ["record", "items", "ledger", "file"])]
pub(super) struct Set {
    /// All values of a record: its table, and its id or SOURCE:KEY
    #[arg(long, num_args = 2, value_names = ["TABLE", "TARGET_ID"])]
    record: Option<Vec<String>>,
    /// The sync items that match, whenever it is asked, in the language of list --filter
    #[arg(long, value_name = "EXPR")]
    items: Option<String>,
    /// The ledger entries that match, whenever it is asked
    #[arg(long, value_name = "EXPR")]
    ledger: Option<String>,
    /// What a delivery brought, by its job: JOB-0000001, number or GUID
    #[arg(long, value_name = "JOB")]
    file: Option<String>,
    /// Why; whoever disposes of the rows is told
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    report: ReportArgs,
}

impl Hold {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let (command, report) = match self {
            Hold::Set(set) => (Command::Hold { on: set.on(session)?, reason: set.reason.clone() }, &set.report),
            Hold::Lift { name, reason, report } => {
                let hold = named(session, name)?;
                let (hold, row_version) = (hold.id, hold.row_version);
                (Command::LiftHold { hold, row_version, reason: reason.clone() }, report)
            }
            Hold::List { all, json } => return list(*all, *json, session, out),
        };
        let outcome = act(&command, report, session)?;
        Ok(report.write(&outcome, out)?)
    }
}

impl Set {
    fn on(&self, session: &Session) -> Result<HoldOn, Failure> {
        if let Some([table, target]) = self.record.as_deref() {
            let (target_table, target_id) = find_record(&session.reader()?, table, target)?;
            return Ok(HoldOn::Record { target_table, target_id });
        }
        if let Some(job) = &self.file {
            return Ok(HoldOn::File { job: row_named(&session.reader()?, Table::SyncJobs, job)?.id });
        }
        let (table, filter) = match (&self.items, &self.ledger) {
            (Some(filter), _) => (Table::SyncItems, filter),
            (None, filter) => (Table::Ledger, filter.as_ref().unwrap_or(&self.reason)),
        };
        Ok(HoldOn::Rows { table, filter: filter.clone() })
    }
}

fn named(session: &Session, name: &str) -> Result<HoldRow, Failure> {
    let number = name.strip_prefix("HLD-").unwrap_or(name).parse::<i64>().ok();
    let holds = session.reader()?.holds(false)?;
    holds.into_iter().find(|hold| Some(hold.id) == number).ok_or_else(|| {
        Failure::new(format!("There is no legal hold {}. steward hold list --all lists what there is.", Shown(name)))
    })
}

fn list(all: bool, json: bool, session: &Session, out: &mut dyn Write) -> Done {
    let holds = session.reader()?.holds(!all)?;
    if json {
        for hold in &holds {
            json_line(&mut *out, &object(hold))?;
        }
        return Ok(());
    }
    let columns = ["Hold", "On", "Reason", "Set by", "Set on", "State"].map(Column::text);
    let rows: Vec<Vec<String>> = holds
        .iter()
        .map(|hold| {
            let state = if hold.active { "stands" } else { "lifted" };
            let (name, set_on) = (hold.name(), time::short_local(hold.set_on));
            vec![name, on(hold), hold.reason.clone(), hold.set_by.clone(), set_on, state.into()]
        })
        .collect();
    Ok(TextTable::new(out, columns.to_vec(), report::width()).write(&rows)?)
}

fn on(hold: &HoldRow) -> String {
    match (&hold.record, &hold.rows, hold.job) {
        (Some((table, target)), ..) => format!("record {table} {target}"),
        (_, Some((table, filter)), _) => format!("{}: {filter}", table.info().name),
        (.., job) => format!("delivery {}", job.map(|job| Table::SyncJobs.row_name(job)).unwrap_or_default()),
    }
}

pub(super) fn object(hold: &HoldRow) -> serde_json::Value {
    json!({
        "hold": hold.name(),
        "target_table": hold.record.as_ref().map(|(table, _)| table),
        "target_id": hold.record.as_ref().map(|(_, target)| target),
        "table": hold.rows.as_ref().map(|(table, _)| table.info().name),
        "filter": hold.rows.as_ref().map(|(_, filter)| filter),
        "job_id": hold.job.map(|job| Table::SyncJobs.row_name(job)),
        "reason": hold.reason,
        "set_by": hold.set_by,
        "set_on": time::rfc3339(hold.set_on),
        "active": hold.active,
    })
}

/// A hold as a sentence below a row that it keeps.
pub(super) fn sentence_of(hold: &HoldRow) -> String {
    let when = time::short_local(hold.set_on);
    format!("Legal hold {} on {}, set by {} on {when}: {}", hold.name(), on(hold), hold.set_by, hold.reason)
}
