//! `steward rules`: the settings of a store, which hold for everybody in it

use std::io::Write;

use serde_json::json;

use crate::engine::Command;
use crate::exchange::{Column, TextTable, json_line};
use crate::model::setting::{LABEL_MEANING, LABEL_TAKES, SETTINGS};

use super::acting::act;
use super::failure::Done;
use super::report::{self, ReportArgs};
use super::session::Session;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Rules {
    /// Change a rule, for everybody and from now on
    Set {
        /// As rules list names it, such as four_eyes; label.TABLE names the fields that identify a table's records
        #[arg(value_name = "RULE")]
        key: String,
        value: String,
        #[command(flatten)]
        report: ReportArgs,
    },
    /// List the rules
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
}

impl Rules {
    pub(super) fn run(self, session: &Session, out: &mut dyn Write) -> Done {
        match self {
            Rules::Set { key, value, report } => {
                let outcome = act(&Command::Set { key, value }, &report, session)?;
                Ok(report.write(&outcome, out)?)
            }
            Rules::List { json } => list(json, session, out),
        }
    }
}

fn list(json: bool, session: &Session, out: &mut dyn Write) -> Done {
    let reader = session.reader()?;
    let mut rows = Vec::new();
    for setting in SETTINGS {
        let value = reader.setting(setting.key)?.unwrap_or_else(|| setting.default.into());
        if json {
            json_line(out, &json!({ "key": setting.key, "value": value, "takes": setting.takes }))?;
        } else {
            rows.push(vec![setting.key.into(), value, setting.takes.into(), setting.meaning.into()]);
        }
    }
    for (key, value) in reader.label_rules()? {
        if json {
            json_line(out, &json!({ "key": key, "value": value, "takes": LABEL_TAKES }))?;
        } else {
            rows.push(vec![key, value, LABEL_TAKES.into(), LABEL_MEANING.into()]);
        }
    }
    if json {
        return Ok(());
    }
    let columns = ["Rule", "Value", "Takes", "Meaning"].map(Column::text);
    Ok(TextTable::new(out, columns.to_vec(), report::width()).write(&rows)?)
}
