//! Legal holds as the workbench tells them: which stand on a row, what of it can be held, and their words.

use super::zone::Zone;
use crate::engine::HoldOn;
use crate::model::choice::Direction;
use crate::model::{Row, Table, shown};
use crate::store::{HoldRow, Reader};

/// The holds that stand on a row; of a delivery or an identifier those on all that it brought or stands for.
pub fn on(reader: &Reader, row: &Row) -> anyhow::Result<Vec<HoldRow>> {
    if matches!(row.table, Table::Ledger | Table::SyncItems) {
        return reader.holds_on(row.table, row.id);
    }
    let about = |hold: &HoldRow| match row.table {
        Table::SyncJobs => hold.job == Some(row.id),
        _ => hold.record.as_ref().is_some_and(|record| Some(record) == record_of(row).as_ref()),
    };
    Ok(reader.holds(true)?.into_iter().filter(about).collect())
}

fn record_of(row: &Row) -> Option<(String, String)> {
    let (table, target) = (row.text("target_table"), row.text("target_id"));
    (!table.is_empty() && !target.is_empty()).then(|| (table.to_string(), target.to_string()))
}

/// What of a row can be held, each in words.
pub fn may_hold(row: &Row) -> Vec<(String, HoldOn)> {
    let mut choices = Vec::new();
    if row.table == Table::SyncJobs && row.int("direction") == Some(Direction::Inbound.code()) {
        choices.push((format!("Hold what {} brought", shown(row.name())), HoldOn::File { job: row.id }));
    }
    let has_record = matches!(row.table, Table::Ledger | Table::SyncItems | Table::Identifiers);
    if let Some((target_table, target_id)) = record_of(row).filter(|_| has_record) {
        let said = format!("Hold the whole record {} {}", shown(&target_table), shown(&target_id));
        choices.push((said, HoldOn::Record { target_table, target_id }));
    }
    if matches!(row.table, Table::Ledger | Table::SyncItems) {
        let said = format!("Hold {} {} alone", row.table.info().one, shown(row.name()));
        choices.push((said, HoldOn::Rows { table: row.table, filter: format!("name:{}", row.name()) }));
    }
    choices
}

/// `HLD-0000001: case 12; on the record contact 7, by druiz on 2026-11-22 09:14`
pub fn sentence(hold: &HoldRow, zone: Zone) -> String {
    let on = match (&hold.record, &hold.rows, hold.job) {
        (Some((table, target)), ..) => format!("the record {} {}", shown(table), shown(target)),
        (_, Some((table, filter)), _) => format!("{} {}", table.info().title, shown(filter)),
        (.., job) => format!("delivery {}", job.map(|job| Table::SyncJobs.row_name(job)).unwrap_or_default()),
    };
    let (name, reason, by) = (hold.name(), shown(&hold.reason), shown(&hold.set_by));
    format!("{name}: {reason}; on {on}, by {by} on {}", zone.minute(hold.set_on))
}
