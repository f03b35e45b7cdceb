//! The rows of the store and of the model as lines, to be compared.

use steward::model::choice::{ItemState, MapState};
use steward::model::filter::Filter;
use steward::model::query::{Position, Query};
use steward::model::row::Row;
use steward::model::table::Table;
use steward::model::time::Micros;
use steward::store::{Reader, User};

use super::model::{Entry, Item, Map, Name, Person, Policy, RANKINGS, Wider, World, job_status};

/// The lines of the store's rows.
pub fn of_store(reader: &Reader) -> Vec<String> {
    let rows = |table, filter| rows(reader, table, filter);
    let ids = |filter| rows(Table::Ledger, filter).iter().map(|row| row.id).collect::<Vec<_>>();
    let (current, stale) = (ids("is:current"), ids("is:stale"));
    let mut lines = Vec::new();
    lines.extend(rows(Table::SyncJobs, "").iter().map(job_row));
    lines.extend(rows(Table::SyncItems, "").iter().map(item_row));
    lines.extend(rows(Table::Ledger, "").iter().map(|row| {
        let in_force = in_force(current.contains(&row.id), stale.contains(&row.id));
        format!("{}{in_force}", entry_row(row))
    }));
    lines.extend(rows(Table::ValueMaps, "").iter().map(map_row));
    lines.extend(reader.users().unwrap().iter().skip(1).map(user_row));
    lines.extend(rows(Table::CommitPolicies, "").iter().map(policy_row));
    lines
}

/// The lines of the model's rows.
pub fn of_model(world: &World, now: Micros) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend((0..world.jobs.len()).map(|id| job(world, id)));
    lines.extend(world.items.iter().map(|(id, each)| item(id, each)));
    lines.extend(world.entries.iter().map(|(id, each)| {
        let in_force = in_force(world.is_current(id), world.is_stale(id, now));
        format!("{}{in_force}", entry(id, each))
    }));
    lines.extend(world.maps.iter().map(|(id, each)| map(id, each, world.waiting_for(id).len())));
    lines.extend(world.people.iter().map(|(_, person)| user(person)));
    lines.extend(world.policies.iter().map(|(id, each)| policy(id, each)));
    lines
}

fn rows(reader: &Reader, table: Table, filter: &str) -> Vec<Row> {
    let query = Query { filter: Filter::parse(table, filter).unwrap(), ..Query::all(table) };
    reader.page(&query, &Position::First, 100_000).unwrap().rows
}

fn in_force(current: bool, stale: bool) -> String {
    format!("{}{}", if current { ", current" } else { "" }, if stale { ", stale" } else { "" })
}

fn state(active: bool) -> Name {
    if active { "Active" } else { "Inactive" }
}

fn active(row: &Row) -> Name {
    state(row.int("statecode") == Some(0))
}

fn job_row(row: &Row) -> String {
    let counts = ItemState::ALL.iter().map(|state| row.int(&state.label().to_lowercase()).unwrap_or(-1));
    let counts: Vec<i64> = counts.collect();
    let (source, status) = (row.text("source_system_key"), row.display("job_status"));
    format!("job {} {source} {counts:?} {status} {}", row.id, active(row))
}

fn job(world: &World, id: usize) -> String {
    let counts: Vec<usize> = ItemState::ALL.iter().map(|state| world.count(id, *state)).collect();
    let status = job_status(|state| world.count(id, state));
    let job = &world.jobs[id];
    format!("job {} {} {counts:?} {status} {}", id + 1, job.source, state(job.active))
}

fn item_row(row: &Row) -> String {
    let word = word(row, "field_name");
    let raw = row.text("raw_value");
    let texts = [row.text("code"), row.text("new_value"), row.text("old_value")].join("/");
    let links =
        ["integration_sync_job", "value_map", "commit_policy", "ledger", "parent_item"].map(|name| row.int(name));
    let (state, maker, by) = (row.display("state"), row.text("created_by"), row.text("external_key"));
    format!("item {} by {by}, {word} {raw} {state} {} {texts} {links:?} {maker}", row.id, active(row))
}

fn item(id: usize, item: &Item) -> String {
    let decided = &item.decided;
    let texts = [decided.code, decided.value, decided.old_value].map(Option::unwrap_or_default).join("/");
    let links = [Some(item.job), decided.map, item.policy, decided.entry, item.parent].map(link);
    let (word, raw) = (said(item.word.source, item.word.key, item.word.sequence), item.word.raw);
    let (label, active, maker) = (decided.state.label(), state(item.active), item.maker);
    let by = item.word.by;
    format!("item {} by {by}, {word} {raw} {label} {active} {texts} {links:?} {maker}", id + 1)
}

fn entry_row(row: &Row) -> String {
    let aspect = row.display("ledger_aspect");
    if aspect != "Field" {
        // What a table or a file hashes to is not the model's to say.
        let key = row.text("aspect_key").split([':', ';']).next().unwrap_or_default().to_string();
        let (target, status, by) = (row.text("target_id"), row.display("ledger_status"), row.text("certified_by"));
        return format!("entry {} {aspect} {target} {key} {status} {} {by}", row.id, active(row));
    }
    let (value, status) = (row.text("value"), row.display("ledger_status"));
    let numbers = ["live", "pinned", "rank", "sync_item", "supersedes", "displaced_by"].map(|name| row.int(name));
    let (word, by) = (word(row, "aspect_key"), row.text("certified_by"));
    format!("entry {} {word} {value} {status} {} {numbers:?} {by}", row.id, active(row))
}

fn entry(id: usize, entry: &Entry) -> String {
    if let Some(wider) = entry.wider {
        let (aspect, target, key) = match wider {
            Wider::Record => ("Record", entry.word.key.0.to_string(), "*".to_string()),
            Wider::Table(rows) => ("Table", "contact".to_string(), format!("rows={rows}")),
            Wider::File(job) => ("File / Dataset", Table::SyncJobs.row_name(job as i64 + 1), "sha256".to_string()),
        };
        let (status, by) = (entry.status.label(), entry.certified.map_or("", |(by, _)| by));
        return format!("entry {} {aspect} {target} {key} {status} {} {by}", id + 1, state(entry.active));
    }
    let flag = |flag: bool| Some(i64::from(flag));
    let (item, supersedes, displaced) = (link(entry.item), link(entry.supersedes), link(entry.displaced_by));
    let numbers = [flag(entry.live), flag(entry.pinned), Some(entry.rank), item, supersedes, displaced];
    let word = said(entry.word.source, entry.word.key, entry.word.sequence);
    let (value, status, active) = (entry.value.unwrap_or_default(), entry.status.label(), state(entry.active));
    let by = entry.certified.map_or("", |(by, _)| by);
    format!("entry {} {word} {value} {status} {active} {numbers:?} {by}", id + 1)
}

fn map_row(row: &Row) -> String {
    let texts = ["source_system_key", "source_code", "canonical_code_value", "author"].map(|name| row.text(name));
    let waiting = row.int("waiting").unwrap_or(-1);
    let confidence = row.int("confidence");
    // People see one that is out of use as retired; the row keeps the state that it had.
    let (state, active) =
        (row.int("state").and_then(|code| MapState::SET.label(code)).unwrap_or_default(), active(row));
    format!("map {} {texts:?} {state} {active} {confidence:?}, {waiting} waiting", row.id)
}

fn map(id: usize, map: &Map, waiting: usize) -> String {
    let texts = [map.source, map.code, map.canonical.unwrap_or_default(), map.author.unwrap_or_default()];
    let (label, active, confidence) = (map.state.label(), state(map.active), map.confidence);
    format!("map {} {texts:?} {label} {active} {confidence:?}, {waiting} waiting", id + 1)
}

fn policy_row(row: &Row) -> String {
    let (mode, auto) = (row.display("commit_mode"), row.display("auto_certify"));
    let (sources, days) = (row.text("authoritative_sources"), row.int("stale_after_days"));
    format!("policy {} {mode} {auto} {sources} {days:?} {}", row.id, active(row))
}

fn policy(id: usize, policy: &Policy) -> String {
    let terms = &policy.terms;
    let mode = if terms.on_ingest { "On Ingest" } else { "On Certify" };
    let auto = if terms.auto { "Yes" } else { "No" };
    let (sources, days, active) = (RANKINGS[terms.ranking].0, terms.stale_days, state(policy.active));
    format!("policy {} {mode} {auto} {sources} {days:?} {active}", id + 1)
}

fn word(row: &Row, field: &str) -> String {
    let sequence = row.int("sequence").unwrap_or(-1) as usize;
    said(row.text("source_system_key"), (row.text("target_id"), row.text(field)), sequence)
}

fn said(source: &str, (target, field): (&str, &str), sequence: usize) -> String {
    format!("{source} of {target} {field}, record {sequence}:")
}

/// The store counts from 1.
fn link(id: Option<usize>) -> Option<i64> {
    id.map(|id| id as i64 + 1)
}

fn user_row(row: &User) -> String {
    user_line(&row.login, &row.roles, row.active)
}

fn user(person: &Person) -> String {
    user_line(person.login, &person.roles.join(","), person.active)
}

fn user_line(login: &str, roles: &str, active: bool) -> String {
    format!("user {login} {roles} {}", state(active))
}
