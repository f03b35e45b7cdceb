//! Queries as SQL: columns and operators come from closed sets, values are always bound.
//!
//! The terms of the partial indexes (a state's code, `statecode = 0`) are written literally, so that SQLite uses them.

use std::fmt::Write;

use rusqlite::types::Value as Sql;

use super::called::{called, called_like};
use super::of_job::of_job;
use crate::model::choice::ItemState;
use crate::model::filter::{Comparison, Filter, Operand, Term, Test};
use crate::model::table::{Field, Kind, OF_JOB, Table};
use crate::model::time::Micros;

/// A piece of SQL with the values of its placeholders, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Fragment {
    pub sql: String,
    pub values: Vec<Sql>,
}

impl Fragment {
    pub fn of(sql: impl Into<String>, values: impl IntoIterator<Item = Sql>) -> Fragment {
        Fragment { sql: sql.into(), values: values.into_iter().collect() }
    }
}

/// The select list of a table's rows: the id, each field, and beside a link the name it is shown by.
pub(super) fn select_list(table: Table) -> String {
    let mut list = String::from("t.id");
    for field in table.fields() {
        match field.looked_up {
            true => list.push_str(", NULL"),
            false => drop(write!(list, ", t.{}", field.name)),
        }
        if let Some(name) = linked_name(field) {
            let _ = write!(list, ", {name}");
        }
    }
    list
}

/// What a listing reads a table's rows from. Where a job stands is no column: it follows from the clock, and from which
/// processes run.
pub(super) fn rows_of(table: Table) -> &'static str {
    match table {
        Table::SyncJobs => {
            "(SELECT *, CASE
                WHEN direction = 166840001 THEN job_status
                WHEN statecode = 1 THEN 2
                WHEN finished_on IS NOT NULL THEN job_status
                WHEN EXISTS (SELECT 1 FROM job_lease AS l WHERE l.job = id
                    AND lease_lives(l.boot, l.namespace, l.process, l.process_began, l.renewed_on)) THEN 0
                ELSE 1 END AS state FROM integration_sync_job)"
        }
        _ => table.info().sql,
    }
}

/// The subquery for a link's name, where the name does not follow from the id.
pub(super) fn linked_name(field: &Field) -> Option<String> {
    match field.kind {
        Kind::User => Some(format!("(SELECT login FROM system_user WHERE id = t.{})", field.name)),
        Kind::Link(table) if !table.info().named_by_id => {
            Some(format!("(SELECT {} FROM {} WHERE id = t.{})", name_column(table), table.info().sql, field.name))
        }
        _ => None,
    }
}

pub(super) fn name_column(table: Table) -> &'static str {
    table.fields()[0].name
}

/// A filter's WHERE term; `1` where everything matches.
pub(super) fn condition(table: Table, filter: &Filter, now: Micros) -> Fragment {
    let mut out = Fragment::of("1", []);
    for Term { negated, test } in &filter.terms {
        let fragment = test_sql(table, test, now);
        // IS NOT TRUE keeps the rows in which the field is empty, which NOT would lose.
        let wrapped =
            if *negated { format!(" AND ({}) IS NOT TRUE", fragment.sql) } else { format!(" AND ({})", fragment.sql) };
        out.sql.push_str(&wrapped);
        out.values.extend(fragment.values);
    }
    out
}

fn test_sql(table: Table, test: &Test, now: Micros) -> Fragment {
    match test {
        Test::OneOf(field, values) if **field == OF_JOB => any(values.iter().flatten().map(|job| of_job(table, job))),
        Test::OneOf(field, values) if field.looked_up => any(values.iter().map(|value| called(field, value.as_ref()))),
        Test::OneOf(field, values) => match all_codes(values) {
            Some(codes) => Fragment::of(format!("t.{} IN ({})", field.name, codes.join(", ")), []),
            None => any(values.iter().map(|value| one_of(table, field, value.as_ref()))),
        },
        Test::Compare(field, comparison, operand) => compare(table, field, *comparison, operand),
        Test::Contains(field, part) if field.looked_up => called_like(field, part),
        Test::Contains(field, part) => contains(field, part),
        Test::Is(field, code) => {
            let more = match (table, ItemState::from_code(*code)) {
                // One index serves both queues; SQLite takes it where the index's own term stands beside the narrower.
                (Table::SyncItems, Some(ItemState::Held | ItemState::Failed)) => {
                    " AND t.statecode = 0 AND t.state IN (4, 5)"
                }
                // These tables keep rows in a state that no longer counts: superseded, retired, tried again.
                (Table::Ledger | Table::ValueMaps | Table::SyncItems, _) => " AND t.statecode = 0",
                _ => "",
            };
            Fragment::of(format!("t.{} = {code}{more}", field.name), [])
        }
        Test::Words(part) => {
            let (own, looked_up): (Vec<&Field>, _) =
                table.fields().iter().filter(|field| is_text(field)).partition(|field| !field.looked_up);
            let own = own.into_iter().map(|field| contains(field, part));
            any(own.chain(looked_up.into_iter().map(|field| called_like(field, part))))
        }
        Test::Stale => Fragment::of(
            "t.id IN (SELECT ledger FROM current_value WHERE stale_on IS NOT NULL AND stale_on <= ?)",
            [Sql::Integer(now)],
        ),
        Test::Current => Fragment::of("EXISTS (SELECT 1 FROM current_value WHERE ledger = t.id)", []),
        Test::Conflict => Fragment::of(
            "t.statecode = 0 AND t.state IN (1, 2) AND EXISTS (SELECT 1 FROM integration_value_map AS o
             WHERE o.code_list = t.code_list AND o.normal_code = t.normal_code AND o.id <> t.id
               AND o.source_system_key IS t.source_system_key AND o.statecode = 0 AND o.state IN (1, 2)
               AND (o.state <> t.state OR o.state = 1 AND o.canonical_code_value <> t.canonical_code_value))",
            [],
        ),
        Test::RetiredCode => Fragment::of(
            "t.statecode = 0 AND t.state = 1 AND NOT EXISTS (SELECT 1 FROM code_list_entry AS e
             WHERE e.code_list = t.code_list AND e.code = t.canonical_code_value AND e.active = 1)",
            [],
        ),
    }
}

fn one_of(table: Table, field: &Field, value: Option<&Operand>) -> Fragment {
    match value {
        None if matches!(field.kind, Kind::Text(_)) => {
            Fragment::of(format!("t.{0} IS NULL OR t.{0} = ''", field.name), [])
        }
        None => Fragment::of(format!("t.{} IS NULL", field.name), []),
        Some(operand) => equals(table, field, operand),
    }
}

/// The numbers of a list that holds nothing else, in ascending order, as the partial indexes write them.
fn all_codes(values: &[Option<Operand>]) -> Option<Vec<String>> {
    let codes = values.iter().map(|value| match value {
        Some(Operand::Int(code)) => Some(*code),
        _ => None,
    });
    let mut codes = codes.collect::<Option<Vec<i64>>>()?;
    codes.sort_unstable();
    (codes.len() > 1).then(|| codes.iter().map(i64::to_string).collect())
}

fn any(parts: impl Iterator<Item = Fragment>) -> Fragment {
    let mut out = Fragment::default();
    for part in parts {
        if !out.sql.is_empty() {
            out.sql.push_str(" OR ");
        }
        out.sql.push_str(&part.sql);
        out.values.extend(part.values);
    }
    out
}

fn is_text(field: &Field) -> bool {
    matches!(field.kind, Kind::Text(_) | Kind::Name)
}

fn equals(table: Table, field: &Field, operand: &Operand) -> Fragment {
    let name = field.name;
    match operand {
        // The name follows from the id, which needs no search.
        Operand::Text(text) if table.names_by_id(field) => match id_in_name(table, text) {
            Some(id) => Fragment::of("t.id = ?", [Sql::Integer(id)]),
            None => Fragment::of("0", []),
        },
        Operand::Int(n) => Fragment::of(format!("t.{name} = {n}"), []),
        Operand::Span(from, to) => {
            Fragment::of(format!("t.{name} >= ? AND t.{name} < ?"), [Sql::Integer(*from), Sql::Integer(*to)])
        }
        Operand::Text(text) => match vocabulary_kind(name) {
            Some(kind) => Fragment::of(
                format!(
                    "t.{name} = coalesce((SELECT spelling FROM vocabulary WHERE kind = '{kind}' AND folded = ?), ?)"
                ),
                [Sql::Text(folded(text)), Sql::Text(text.clone())],
            ),
            None => Fragment::of(format!("t.{name} = ?"), [Sql::Text(text.clone())]),
        },
        Operand::Name(text) => linked(field, text),
    }
}

/// Names of sources, tables, fields and code lists compare without case (see the table `vocabulary`).
pub(super) fn vocabulary_kind(field: &str) -> Option<&'static str> {
    match field {
        "source_system_key" => Some("source"),
        "target_table" => Some("table"),
        "field_name" | "aspect_key" => Some("field"),
        "code_list" => Some("code_list"),
        _ => None,
    }
}

/// A name as the vocabulary compares it.
pub(super) fn folded(name: &str) -> String {
    name.to_lowercase()
}

fn linked(field: &Field, text: &str) -> Fragment {
    let name = field.name;
    match field.kind {
        Kind::User => {
            Fragment::of(format!("t.{name} = (SELECT id FROM system_user WHERE login = ?)"), [Sql::Text(text.into())])
        }
        Kind::Guid => match uuid::Uuid::parse_str(text) {
            Ok(guid) => Fragment::of(format!("t.{name} = ?"), [Sql::Blob(guid.as_bytes().to_vec())]),
            Err(_) => Fragment::of("0", []),
        },
        Kind::Link(table) => match id_in_name(table, text) {
            Some(id) => Fragment::of(format!("t.{name} = ?"), [Sql::Integer(id)]),
            None if table.info().named_by_id => Fragment::of("0", []),
            None => Fragment::of(
                format!("t.{name} = (SELECT id FROM {} WHERE {} = ?)", table.info().sql, name_column(table)),
                [Sql::Text(text.into())],
            ),
        },
        _ => Fragment::of(format!("t.{name} = ?"), [Sql::Text(text.into())]),
    }
}

/// The id in a plain number, or in a name such as `JOB-0000001` where the store itself gives such names.
pub(super) fn id_in_name(table: Table, text: &str) -> Option<i64> {
    let digits =
        |text: &str| (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?;
    digits(text).or_else(|| {
        let info = table.info();
        let (prefix, number) = text.split_once('-')?;
        (info.named_by_id && prefix.eq_ignore_ascii_case(info.prefix)).then(|| digits(number))?
    })
}

fn compare(table: Table, field: &Field, comparison: Comparison, operand: &Operand) -> Fragment {
    // Names stand in the order of their ids, also where these have more digits than the names are filled up to.
    if let (true, Operand::Text(text)) = (table.names_by_id(field), operand)
        && let Some(id) = id_in_name(table, text)
    {
        return Fragment::of(format!("t.id {} ?", sign(comparison)), [Sql::Integer(id)]);
    }
    let (sign, value) = match (comparison, operand) {
        (Comparison::Less, Operand::Span(from, _)) => ("<", Sql::Integer(*from)),
        (Comparison::AtLeast, Operand::Span(from, _)) => (">=", Sql::Integer(*from)),
        (Comparison::AtMost, Operand::Span(_, to)) => ("<", Sql::Integer(*to)),
        (Comparison::Greater, Operand::Span(_, to)) => (">=", Sql::Integer(*to)),
        (_, Operand::Int(n)) => (sign(comparison), Sql::Integer(*n)),
        (_, Operand::Text(text) | Operand::Name(text)) => (sign(comparison), Sql::Text(text.clone())),
    };
    Fragment::of(format!("t.{} {sign} ?", field.name), [value])
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => "<",
        Comparison::AtMost => "<=",
        Comparison::Greater => ">",
        Comparison::AtLeast => ">=",
    }
}

fn contains(field: &Field, part: &str) -> Fragment {
    let name = field.name;
    let pattern = format!("%{}%", escaped(part));
    let like =
        |expression: String| Fragment::of(format!("{expression} LIKE ? ESCAPE '\\'"), [Sql::Text(pattern.clone())]);
    match field.kind {
        Kind::Choice(set) => {
            let part = part.to_lowercase();
            let matching = set.options.iter().filter(|option| option.label.to_lowercase().contains(&part));
            let codes: Vec<String> = matching.map(|option| option.code.to_string()).collect();
            Fragment::of(format!("t.{name} IN ({})", codes.join(", ")), [])
        }
        Kind::Link(table) if table.info().named_by_id => {
            like(format!("printf('{}-%07d', t.{name})", table.info().prefix))
        }
        Kind::Guid => like(format!("lower(hex(t.{name}))")),
        _ => match linked_name(field) {
            Some(expression) => like(expression),
            None => like(format!("t.{name}")),
        },
    }
}

/// A text for LIKE with `\` as the escape character.
pub(super) fn escaped(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
