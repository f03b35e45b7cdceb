//! `steward map-history` and `steward retire`: who decided a value map, what came through it, and taking it or
//! an identifier out of use.

use std::io::Write;

use serde_json::json;

use crate::engine::Command;
use crate::exchange::json_line;
use crate::model::table::Table;
use crate::model::text::{counted, grouped};
use crate::model::{Row, Shown, time};
use crate::store::{CameThrough, MapDeed};

use super::failure::Done;
use super::report::ReportArgs;
use super::session::{Session, row_named};

#[derive(Debug, clap::Args)]
pub(super) struct MapHistory {
    /// The value map's name, number or GUID
    map: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Retire {
    /// The name, number or GUID of the value map, or of the identifier
    #[arg(value_name = "MAP")]
    row: String,
    /// Retire an identifier
    #[arg(long)]
    identifier: bool,
    /// Why; it is kept in the log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    report: ReportArgs,
}

impl MapHistory {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let reader = session.reader()?;
        let map = row_named(&reader, Table::ValueMaps, &self.map)?;
        let (deeds, through) = (reader.map_deeds(map.id)?, reader.came_through(map.id)?);
        if self.json {
            return Ok(json_line(out, &object(&map, &deeds, &through))?);
        }
        let field = |name: &str| Shown(&map.display(name)).to_string();
        let (code, list, source) = (field("source_code"), field("code_list"), field("source_system_key"));
        let source = if source.is_empty() { "any source".to_string() } else { source };
        writeln!(out, "{}: \"{code}\" of {source} in {list}, {}", field("map_id"), field("state").to_lowercase())?;
        for deed in &deeds {
            let who = deed.on_behalf_of.as_ref().map(|person| format!("{} for {person}", deed.actor));
            let (when, who) = (time::short_local(deed.at), who.unwrap_or_else(|| deed.actor.clone()));
            writeln!(out, "  {when}  {}  operation {}: {}", Shown(&who), deed.operation, Shown(&deed.summary))?;
            if let Some(reason) = &deed.reason {
                writeln!(out, "      because: {}", Shown(reason))?;
            }
        }
        let (items, entries) = (counted(through.items, "item"), counted(through.entries, "ledger entry"));
        let current = grouped(through.current);
        writeln!(out, "  {items} came through it and brought {entries}, {current} of them in force")?;
        if through.waiting > 0 {
            writeln!(out, "  {} for it", counted_waiting(through.waiting))?;
        }
        if !through.examples.is_empty() {
            let more = if through.entries > through.examples.len() as i64 { ", …" } else { "" };
            writeln!(out, "  {}{more}", through.examples.join(", "))?;
        }
        Ok(())
    }
}

impl Retire {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let table = if self.identifier { Table::Identifiers } else { Table::ValueMaps };
        let row = row_named(&session.reader()?, table, &self.row)?;
        let (id, row_version, reason) = (row.id, row.int("row_version").unwrap_or_default(), self.reason.clone());
        let command = match table {
            Table::Identifiers => Command::RetireIdentifier { id, row_version, reason },
            _ => Command::RetireMap { id, row_version, reason },
        };
        let outcome = session.engine()?.run(&command, &self.report.mode())?;
        Ok(self.report.write(&outcome, out)?)
    }
}

fn counted_waiting(n: i64) -> String {
    format!("{} {}", counted(n, "item"), if n == 1 { "waits" } else { "wait" })
}

fn object(map: &Row, deeds: &[MapDeed], through: &CameThrough) -> serde_json::Value {
    let deeds: Vec<_> = deeds
        .iter()
        .map(|deed| {
            json!({
                "operation": deed.operation,
                "at": time::rfc3339(deed.at),
                "kind": deed.kind,
                "actor": deed.actor,
                "on_behalf_of": deed.on_behalf_of,
                "summary": deed.summary,
                "reason": deed.reason,
            })
        })
        .collect();
    json!({
        "map": map.json(),
        "operations": deeds,
        "items": through.items,
        "waiting": through.waiting,
        "ledger_entries": through.entries,
        "current_values": through.current,
        "examples": through.examples,
    })
}
