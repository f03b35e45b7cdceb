//! `steward user`

use std::io::Write;

use serde_json::json;

use crate::engine::{Command, ROLES};
use crate::exchange::{Column, TextTable, json_line};

use super::acting::act;
use super::failure::Done;
use super::report::{self, ReportArgs};
use super::session::Session;

#[derive(Debug, clap::Subcommand)]
pub(super) enum User {
    /// Add a person
    Add {
        /// The person's login on this machine
        #[arg(value_name = "NAME")]
        login: String,
        /// What they may do, with commas between
        #[arg(long, required = true, value_delimiter = ',', value_parser = ROLES)]
        roles: Vec<String>,
        /// The person's full name
        #[arg(long = "name", value_name = "FULL")]
        full_name: Option<String>,
        #[command(flatten)]
        report: ReportArgs,
    },
    /// Give a person exactly these roles; without any they may no longer act
    Role {
        /// The person's login
        #[arg(value_name = "NAME")]
        login: String,
        /// What they may do from now on
        #[arg(value_name = "ROLE", value_delimiter = ',', value_parser = ROLES)]
        roles: Vec<String>,
        #[command(flatten)]
        report: ReportArgs,
    },
    /// List the people
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
}

impl User {
    pub(super) fn run(self, session: &Session, out: &mut dyn Write) -> Done {
        match self {
            User::Add { login, roles, full_name, report } => {
                let outcome = act(&Command::AddUser { login, full_name, roles }, &report, session)?;
                Ok(report.write(&outcome, out)?)
            }
            User::Role { login, roles, report } => {
                let outcome = act(&Command::SetRoles { login, roles }, &report, session)?;
                Ok(report.write(&outcome, out)?)
            }
            User::List { json } => list(json, session, out),
        }
    }
}

fn list(json: bool, session: &Session, out: &mut dyn Write) -> Done {
    let users = session.reader()?.users()?;
    if json {
        for user in users {
            let roles: Vec<&str> = user.roles.split(',').filter(|role| !role.is_empty()).collect();
            let object =
                json!({ "login": user.login, "full_name": user.full_name, "roles": roles, "active": user.active });
            json_line(out, &object)?;
        }
        return Ok(());
    }
    let columns = ["Login", "Name", "Roles", "Active"].map(Column::text);
    let rows: Vec<Vec<String>> = users
        .into_iter()
        .map(|user| {
            let active = if user.active { "Yes" } else { "No" };
            vec![user.login, user.full_name.unwrap_or_default(), user.roles.replace(',', ", "), active.into()]
        })
        .collect();
    Ok(TextTable::new(out, columns.to_vec(), report::width()).write(&rows)?)
}
