//! What is asked of the store beside the keys, and how it is answered.
//!
//! [`answer`] is a plain function from a request to an answer; [`super::lanes`] call it on threads of their own. Whoever asks
//! names a slot. Nothing here knows what the answers are for, and nothing here writes.

use super::candidates;
use super::copy::{self, Copied};
use super::deck;
use super::legal;
pub use super::names::Names;
use crate::engine::{Explanation, Stopped, explain, stopped};
use crate::model::query::{Count, Cursor, Page, Position, Query};
use crate::model::time::Micros;
use crate::model::{Field, Row, Table};
use crate::store::{
    CameThrough, CodeEntry, CurrentFact, Facets, FieldKey, HoldRow, MapDeed, OperationRow, Overview, Reader,
    RecordField, RecordName, Touched, Triage, TriageGroup, Which,
};

/// Counting stops here; the screen says `10,000+`.
pub const COUNT_CAP: i64 = 10_000;
/// So far down a row's number is counted again when its page is.
const NUMBER_CAP: i64 = 100_000;
/// Codes that a search for one shows.
const CODES: usize = 200;
/// Records that a search for one shows.
const RECORDS: usize = 60;
/// Operations in one page of the history.
pub const OPERATIONS: usize = 200;
/// Rows of an operation that are listed.
pub const TOUCHED: usize = 1_000;
/// Values that the facets show, and rows that they and triage look at: more would keep a person waiting.
pub const FACETS: usize = 200;
pub const FACET_ROWS: i64 = 200_000;

/// Who waits for an answer. A slot has one question at a time.
/// Rows that one act on marked rows reads.
pub const MARKED: usize = 5_000;
/// Operations that home shows where there is room.
const LATEST: usize = 24;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    Rows(Table),
    Count(Table),
    Overview,
    Overlay,
    /// An overlay's too, but slow.
    Facets,
    /// An overlay's too, beside its first: what stands beside its field under the cursor.
    Field,
    /// An overlay's codes to decide.
    Deck,
    /// An overlay's groups of what did not go on, and what there is to know about one.
    Triage,
    Stopped,
    /// The clipboard.
    Copy,
    /// What stands beside a table's row under the cursor.
    Beside(Table),
}

impl Slot {
    /// Slow answers have a lane of their own, so that pages never wait for them.
    pub fn is_slow(self) -> bool {
        matches!(self, Slot::Count(_) | Slot::Overview | Slot::Facets | Slot::Triage | Slot::Stopped | Slot::Copy)
    }

    /// Whether a request for this slot takes the place of one for the other.
    pub fn replaces(self, other: Slot) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    Page {
        query: Query,
        position: Position,
        limit: usize,
    },
    /// The rows from one row on, and some before it.
    Around {
        query: Query,
        near: Near,
        before: usize,
        limit: usize,
    },
    Count(Query),
    Overview {
        now: Micros,
    },
    /// A value map and the codes of its list that hold a part; of an empty part the suggested ones first.
    Candidates {
        map: i64,
        part: String,
    },
    /// The codes of a list that hold a part, and the one that is the part.
    Codes {
        list: String,
        part: String,
    },
    /// The records of a table whose id, key or label holds a part.
    Records {
        table: String,
        part: String,
    },
    /// The codes that the source of an item uses in its field's code list, and that hold a part.
    SourceCodes {
        item: i64,
        part: String,
    },
    /// The most frequent values of a field.
    Facets {
        query: Query,
        field: &'static Field,
    },
    /// The value in force of a field, and the legal holds on the row that asks for it.
    InForce(FieldKey, Box<Row>),
    /// The legal holds on a row, and on what it is about.
    Holds(Box<Row>),
    /// Rows that are marked.
    Marked(Chosen),
    /// The fields of a target record.
    Record {
        table: String,
        target: String,
    },
    /// What did not go on, in groups.
    Triage,
    /// The codes and the binding of one of them.
    Stopped(TriageGroup),
    /// Codes that wait for a decision, and what there is to know about one of them.
    Deck(deck::Question),
    /// What came through a value map, and what was done to it.
    CameThrough(i64),
    MapPast(i64),
    /// Why the value of a field is what it is.
    Explain(FieldKey),
    Operations {
        which: Which,
        before: Option<i64>,
    },
    /// What an operation did to its rows.
    Touched(i64),
    /// The names of a kind that the store knows.
    Names(Names),
    /// Rows as text for the clipboard.
    Copy {
        chosen: Chosen,
        fields: Vec<&'static Field>,
    },
}

/// Rows that leave the workbench: some by id, or all of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub query: Query,
    pub ids: Option<Vec<i64>>,
}

/// The row that a page is read around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Near {
    /// The row with this id, wherever it stands now; where it is gone, the next from its old place on.
    Row(i64, Option<Cursor>),
    /// The row with this number in the listing, or the last one.
    Number(i64),
}

/// A request with the slot it is for; the answer carries the same ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub slot: Slot,
    pub ticket: u64,
    pub request: Request,
}

#[derive(Debug)]
pub enum Answer {
    Page(Page),
    /// Rows of a page whose further rows are still searched for; the whole page follows.
    Found(Page),
    /// `number` is that of the first row in `from`, where it is known; `left` is the row that was asked for, as it is now,
    /// where it is no longer listed.
    Around {
        before: Page,
        from: Page,
        number: Option<i64>,
        left: Option<Row>,
    },
    Count(Count),
    /// What home shows, and the latest operations.
    Overview(Overview, Vec<OperationRow>),
    Candidates {
        map: Option<Row>,
        codes: Vec<CodeEntry>,
        /// So many of them, the first, are suggested.
        suggested: usize,
    },
    Codes {
        offered: Vec<CodeEntry>,
        exact: Option<CodeEntry>,
        loaded: bool,
    },
    Records(Vec<RecordName>),
    Facets(Facets),
    InForce(Option<CurrentFact>, Vec<HoldRow>),
    Holds(Vec<HoldRow>),
    /// As many as one act takes; `more`: there are others.
    Marked {
        rows: Vec<Row>,
        more: bool,
    },
    Record(RecordName, Vec<RecordField>),
    Triage(Triage),
    Stopped(Stopped),
    Deck(Box<deck::Told>),
    CameThrough(CameThrough),
    MapPast(Vec<MapDeed>, CameThrough),
    Explained(Box<Explanation>),
    Operations(Vec<OperationRow>),
    Touched(Vec<Touched>),
    Copied(Copied),
    Names(Vec<String>),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A newer request took its place. Who still waits for the answer asks again.
    Replaced,
    /// The person stopped it.
    Stopped,
    /// The sentence says what is wrong.
    Failed(String),
}

/// An answer on its way back to who asked.
#[derive(Debug)]
pub struct Answered {
    pub slot: Slot,
    pub ticket: u64,
    pub answer: Result<Answer, Trouble>,
}

impl Answered {
    /// To a request that was not answered.
    pub fn with(ask: &Ask, trouble: Trouble) -> Answered {
        Answered { slot: ask.slot, ticket: ask.ticket, answer: Err(trouble) }
    }
}

/// Answers one request; rows that are searched for one by one are handed on before, as they are found.
pub fn answer_as_found(reader: &Reader, request: &Request, found: &mut dyn FnMut(Answer)) -> anyhow::Result<Answer> {
    let Request::Page { query, position, limit } = request else { return answer(reader, request) };
    let page = reader.page_as_found(query, position, *limit, &mut |row, cursor| {
        found(Answer::Found(Page { rows: vec![row.clone()], cursors: vec![cursor.clone()], more: true }));
    })?;
    Ok(Answer::Page(page))
}

/// Answers one request.
pub fn answer(reader: &Reader, request: &Request) -> anyhow::Result<Answer> {
    Ok(match request {
        Request::Page { query, position, limit } => Answer::Page(reader.page(query, position, *limit)?),
        Request::Around { query, near, before, limit } => around(reader, query, near, *before, *limit)?,
        Request::Count(query) => Answer::Count(reader.count(query, COUNT_CAP)?),
        Request::Overview { now } => Answer::Overview(reader.overview(*now)?, reader.operations(None, LATEST)?),
        Request::Candidates { map, part } => candidates::candidates(reader, *map, part)?,
        Request::Codes { list, part } => {
            let offered = reader.codes(list, part, CODES)?;
            let exact = offered.iter().find(|entry| entry.code == *part).cloned();
            let loaded = !offered.is_empty() || !reader.codes(list, "", 1)?.is_empty();
            Answer::Codes { offered, exact, loaded }
        }
        Request::Records { table, part } => Answer::Records(reader.records_like(table, part, RECORDS)?),
        Request::SourceCodes { item, part } => {
            Answer::Codes { offered: reader.source_codes(*item, part, CODES)?, exact: None, loaded: false }
        }
        Request::Facets { query, field } => Answer::Facets(reader.facets(query, field, FACET_ROWS, FACETS)?),
        Request::InForce(key, row) => Answer::InForce(reader.in_force(key)?, legal::on(reader, row)?),
        Request::Holds(row) => Answer::Holds(legal::on(reader, row)?),
        Request::Marked(chosen) => marked(reader, chosen)?,
        Request::Record { table, target } => {
            Answer::Record(reader.record_name(table, target)?, reader.record(table, target)?)
        }
        Request::Triage => Answer::Triage(reader.triage(FACET_ROWS)?),
        Request::Stopped(group) => Answer::Stopped(stopped(reader, group, FACET_ROWS)?),
        Request::Deck(question) => Answer::Deck(Box::new(deck::answer(reader, question)?)),
        Request::CameThrough(map) => Answer::CameThrough(reader.came_through(*map)?),
        Request::MapPast(map) => Answer::MapPast(reader.map_deeds(*map)?, reader.came_through(*map)?),
        Request::Explain(key) => Answer::Explained(Box::new(explain(reader, key, None)?)),
        Request::Touched(seq) => Answer::Touched(reader.touched(*seq, TOUCHED)?),
        Request::Names(names) => Answer::Names(names.read(reader)?),
        Request::Copy { chosen, fields } => Answer::Copied(copy::text(reader, chosen, fields)?),
        Request::Operations { which, before } => Answer::Operations(reader.operations_of(which, *before, OPERATIONS)?),
    })
}

fn marked(reader: &Reader, chosen: &Chosen) -> anyhow::Result<Answer> {
    let Some(ids) = &chosen.ids else {
        let page = reader.page(&chosen.query, &Position::First, MARKED)?;
        return Ok(Answer::Marked { rows: page.rows, more: page.more });
    };
    let first = &ids[..ids.len().min(MARKED)];
    Ok(Answer::Marked { rows: reader.rows(&chosen.query, first)?, more: ids.len() > MARKED })
}

fn around(reader: &Reader, query: &Query, near: &Near, before: usize, limit: usize) -> anyhow::Result<Answer> {
    let (cursor, number) = match near {
        Near::Row(id, place) => (reader.cursor(query, *id)?.or_else(|| place.clone()), None),
        Near::Number(number) => (reader.numbered(query, *number)?, Some(*number)),
    };
    let left = |from: &Page| match near {
        Near::Row(id, Some(_)) if from.rows.first().is_none_or(|row| row.id != *id) => reader.row(query.table, *id),
        _ => Ok(None),
    };
    let Some(cursor) = cursor else { return edge(reader, query, near, limit) };
    let mut from = reader.page(query, &Position::From(cursor.clone()), limit)?;
    let mut before = reader.page(query, &Position::Before(cursor.clone()), before)?;
    let mut number = match number {
        // Words are searched row by row: their number is not worth the wait.
        None if before.more && query.filter.words().next().is_none() => reader.number(query, &cursor, NUMBER_CAP)?,
        number => number,
    };
    let left = left(&from)?;
    if from.rows.is_empty() {
        // The row was the last one and is gone: its neighbour takes its place.
        if let (Some(row), Some(cursor)) = (before.rows.pop(), before.cursors.pop()) {
            from.rows.push(row);
            from.cursors.push(cursor);
            number = number.map(|number| number - 1);
        }
    }
    Ok(Answer::Around { before, from, number, left })
}

/// What is shown where the row is not in the listing: its beginning, or for too high a number its end.
fn edge(reader: &Reader, query: &Query, near: &Near, limit: usize) -> anyhow::Result<Answer> {
    if matches!(near, Near::Row(..)) {
        let from = reader.page(query, &Position::First, limit)?;
        return Ok(Answer::Around { before: Page::default(), from, number: Some(1), left: None });
    }
    let mut before = reader.page(query, &Position::Last, limit)?;
    let rows = before.rows.pop().into_iter().collect();
    let cursors = before.cursors.pop().into_iter().collect();
    Ok(Answer::Around { before, from: Page { rows, cursors, more: false }, number: None, left: None })
}
