//! Changing a row: what it was and what it becomes go into the log, and what is counted beside the rows follows.
//!
//! # Performance
//! A bulk decision changes hundreds of thousands of rows, so of each row only those columns are read that are to change or
//! that counts follow from, statements have no literals in them, and the log's rows go in several at once.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use rusqlite::types::{ToSqlOutput, Value as Sql, ValueRef};
use rusqlite::{ToSql, params_from_iter};

use super::canonical::{Canonical, Hash};
use super::logged::{BINDING, CHANGE_TAG, Logged};
use super::write::{Val, Write};

/// Rows of the log that go in by one statement.
const AT_ONCE: usize = 16;

/// A change on its way into the log.
pub(super) struct Recorded {
    ordinal: i64,
    table: &'static str,
    row: i64,
    version: i64,
    before: String,
    after: String,
}

impl Write<'_> {
    /// Changes columns of a row and records what they were. A row that has these values already is left alone.
    ///
    /// Answers whether anything changed.
    pub(super) fn change(&mut self, logged: &'static Logged, id: i64, changes: &[(&str, Val)]) -> Result<bool> {
        self.check_stop()?;
        if self.gathered.holds(logged, id) {
            self.put_gathered_so_far()?;
        }
        let mut asked = Vec::with_capacity(changes.len());
        for (column, value) in changes {
            let at = logged.column(column).with_context(|| format!("{} has no column {column}", logged.name))?;
            asked.push((at, *value));
        }
        let Some((mut image, version)) = self.image(logged, id, &asked)? else {
            bail!("{} has no row {id}", logged.name);
        };
        asked.retain(|(at, value)| ValueRef::from(&image[*at]) != value.as_ref());
        if asked.is_empty() {
            return Ok(false);
        }
        self.update(logged, id, &asked)?;
        self.changed_rows.push((logged.name, id, version + 1));
        if !self.rehearsal {
            // In the order in which an object of JSON has its columns.
            asked.sort_by_key(|(at, _)| logged.column_at(*at));
            let before = json_image(logged, asked.iter().map(|(at, _)| (*at, ValueRef::from(&image[*at]))))?;
            let after = json_image(logged, asked.iter().map(|(at, value)| (*at, value.as_ref())))?;
            self.record(logged, id, version + 1, before, after)?;
        }
        if logged.name == BINDING.name {
            self.note_binding_change(id)?;
        }
        self.deltas.image(logged, &image, -1);
        for (at, value) in asked {
            image[at] = value.owned();
        }
        self.deltas.image(logged, &image, 1);
        Ok(true)
    }

    /// The columns of a row's image in their order, those filled that are asked for or that counts follow from, and its
    /// version.
    fn image(&self, logged: &'static Logged, id: i64, asked: &[(usize, Val)]) -> Result<Option<(Vec<Sql>, i64)>> {
        let mut wanted = logged.counted_columns();
        wanted.extend(asked.iter().map(|(at, _)| *at));
        wanted.sort_unstable();
        wanted.dedup();
        let mut sql = String::from("SELECT row_version");
        for at in &wanted {
            sql.push_str(", ");
            sql.push_str(logged.column_at(*at));
        }
        sql.push_str(" FROM ");
        sql.push_str(logged.name);
        sql.push_str(" WHERE id = ?");
        let mut statement = self.tx.prepare_cached(&sql)?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut image = vec![Sql::Null; logged.width()];
        for (place, at) in wanted.iter().enumerate() {
            image[*at] = row.get(place + 1)?;
        }
        Ok(Some((image, row.get(0)?)))
    }

    fn update(&mut self, logged: &'static Logged, id: i64, columns: &[(usize, Val)]) -> Result<()> {
        let mut sql = format!("UPDATE {} SET row_version = row_version + 1", logged.name);
        let stamped = logged.stamped();
        if stamped {
            sql.push_str(", modified_on = ?, modified_by = ?");
        }
        for (at, _) in columns {
            sql.push_str(", ");
            sql.push_str(logged.column_at(*at));
            sql.push_str(" = ?");
        }
        sql.push_str(" WHERE id = ?");
        let stamp = [Val::Int(self.stamp.at), Val::Int(self.stamp.user)];
        let stamp = if stamped { &stamp[..] } else { &[] };
        let values = columns.iter().map(|(_, value)| *value);
        let values = stamp.iter().copied().chain(values).chain([Val::Int(id)]);
        let mut statement = self.tx.prepare_cached(&sql)?;
        statement
            .execute(params_from_iter(values))
            .with_context(|| format!("A row of {} cannot be changed", logged.name))?;
        Ok(())
    }

    fn record(&mut self, logged: &'static Logged, row: i64, version: i64, before: String, after: String) -> Result<()> {
        let ordinal = self.changed.len() as i64 + 1;
        let leaf = change_leaf(&mut self.canonical, logged.name, row, version, &before, &after);
        self.changed.push(leaf);
        self.recorded.push(Recorded { ordinal, table: logged.name, row, version, before, after });
        if self.recorded.len() < AT_ONCE {
            return Ok(());
        }
        self.write_recorded()
    }

    /// Puts what was recorded so far into the log's table.
    pub(super) fn write_recorded(&mut self) -> Result<()> {
        let seq = self.seq;
        let recorded = std::mem::take(&mut self.recorded);
        if recorded.is_empty() {
            return Ok(());
        }
        let mut sql =
            "INSERT INTO operation_change (seq, ordinal, table_name, row_id, row_version, before, after) VALUES "
                .to_string();
        sql.push_str(&vec!["(?, ?, ?, ?, ?, ?, ?)"; recorded.len()].join(", "));
        let values = recorded.iter().flat_map(|change| {
            [
                Cell::Int(seq),
                Cell::Int(change.ordinal),
                Cell::Text(change.table),
                Cell::Int(change.row),
                Cell::Int(change.version),
                Cell::Text(&change.before),
                Cell::Text(&change.after),
            ]
        });
        self.tx.prepare_cached(&sql)?.execute(params_from_iter(values))?;
        Ok(())
    }
}

enum Cell<'a> {
    Int(i64),
    Text(&'a str),
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Cell::Int(n) => ValueRef::Integer(*n),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// The leaf of a changed row: the changed columns before and after, as they stand in the log.
pub(super) fn change_leaf(
    canonical: &mut Canonical,
    table: &str,
    id: i64,
    version: i64,
    before: &str,
    after: &str,
) -> Hash {
    canonical.begin(CHANGE_TAG).text(table).int(id).int(version).text(before).text(after).hash()
}

/// Columns as an object of JSON: integers, texts and null.
fn json_image<'v>(logged: &Logged, columns: impl Iterator<Item = (usize, ValueRef<'v>)>) -> Result<String> {
    let mut json = String::from("{");
    for (at, value) in columns {
        if json.len() > 1 {
            json.push(',');
        }
        json.push('"');
        json.push_str(logged.column_at(at));
        json.push_str("\":");
        let value: Cow<str> = match value {
            ValueRef::Integer(n) => n.to_string().into(),
            ValueRef::Text(_) => serde_json::to_string(value.as_str()?)?.into(),
            _ => "null".into(),
        };
        json.push_str(&value);
    }
    json.push('}');
    Ok(json)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rusqlite::StatementStatus;
    use uuid::Uuid;

    use super::*;
    use crate::engine::{Actor, Context, Engine};
    use crate::store::log::Draft;
    use crate::store::logged::USER;
    use crate::store::write::Writer;

    /// The first person's row, and how many changes the log has.
    fn changed(write: &mut Write, to: &str) -> (bool, i64) {
        let id = write.tx.query_row("SELECT max(id) FROM system_user", [], |row| row.get(0)).unwrap();
        let changed = write.change(&USER, id, &[("roles", Val::Text(to))]).unwrap();
        write.write_recorded().unwrap();
        let logged = write.tx.query_row("SELECT count(*) FROM operation_change", [], |row| row.get(0)).unwrap();
        (changed, logged)
    }

    #[test]
    fn what_is_rehearsed_has_the_same_fingerprint_and_no_rows_in_the_log_and_cannot_be_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let store = Engine::create(&path, Context::new(Actor::new("ada"))).unwrap().store().clone();
        let mut writer = Writer::open(&store, Arc::new(Uuid::now_v7)).unwrap();

        let mut real = writer.begin(1).unwrap();
        assert_eq!(changed(&mut real, "viewer"), (true, 1));
        let fingerprint = real.fingerprint();
        drop(real);

        let mut rehearsed = writer.begin(1).unwrap();
        rehearsed.rehearse();
        assert_eq!(changed(&mut rehearsed, "viewer"), (true, 0));
        assert!(rehearsed.wrote_rows());
        assert_eq!(rehearsed.fingerprint(), fingerprint);
        rehearsed.commit(&Draft::default()).unwrap_err();
    }

    #[test]
    fn a_statement_of_the_writer_is_not_prepared_anew_when_other_values_are_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let store = Engine::create(&path, Context::new(Actor::new("ada"))).unwrap().store().clone();
        let mut writer = Writer::open(&store, Arc::new(Uuid::now_v7)).unwrap();
        let write = writer.begin(1).unwrap();
        for value in ["a", "b", "c"] {
            let sql = "SELECT 1 FROM integration_ledger WHERE target_id = ? AND source_system_key = ?";
            let mut statement = write.tx.prepare_cached(sql).unwrap();
            assert!(!statement.exists([value, value]).unwrap());
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{value}");
        }
    }
}
