use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::cell::RefCell;
use steward::engine::Outcome;
use steward::model::query::*;
use steward::model::{Kind, Row, Table, Value};
use steward::store::*;
use steward::tui::app::App;
use steward::tui::desk::Effect;
use steward::tui::event::Event;
use steward::tui::read::{Answer, Answered, Request};
use steward::tui::theme::Theme;
use steward::tui::write::Done;
use steward::tui::zone::Zone;
use steward::tui::{Options, keys, screen};

fn row(table: Table, id: i64) -> Row {
    let values = table
        .fields()
        .iter()
        .map(|f| match f.kind {
            Kind::Name => Value::Text(table.row_name(id)),
            Kind::Text(_) => Value::Text(format!("{} {id}", f.short)),
            Kind::Int => Value::Int(id * 3),
            Kind::Hundredths => Value::Int(90),
            Kind::Time => Value::Int(1_795_000_000_000_000 + id * 1_000_000),
            Kind::Choice(set) => Value::Int(set.options[0].code),
            Kind::Flag => Value::Int(1),
            Kind::Link(t) => Value::Link(id, t.row_name(id)),
            Kind::User => Value::Link(1, "druiz".into()),
            Kind::Guid => Value::Text("0190".into()),
        })
        .collect();
    let mut r = Row { table, id, values };
    if table == Table::SyncItems {
        for (f, v) in table.fields().iter().zip(&mut r.values) {
            if f.name == "state" {
                *v = Value::Int(4)
            }
            if f.name == "code" {
                *v = Value::Text("ST020".into())
            }
        }
    }
    r
}
const N: i64 = 100;
fn page(table: Table, ids: std::ops::Range<i64>, more: bool) -> Page {
    Page {
        rows: ids.clone().map(|i| row(table, i)).collect(),
        cursors: ids.map(|id| Cursor { key: Key::Null, id }).collect(),
        more,
    }
}
fn read(r: &Request) -> Answer {
    match r {
        Request::Page { query, position, limit } => {
            let l = *limit as i64;
            let (a, b) = match position {
                Position::First => (1, 1 + l),
                Position::Last => (N - l + 1, N + 1),
                Position::After(c) => (c.id + 1, c.id + 1 + l),
                Position::Before(c) => (c.id - l, c.id),
                Position::From(c) => (c.id, c.id + l),
            };
            let back = matches!(position, Position::Last | Position::Before(_));
            let (a, b) = (a.max(1), b.min(N + 1).max(a.max(1)));
            Answer::Page(page(query.table, a..b, if back { a > 1 } else { b <= N }))
        }
        Request::Around { query, id, before, limit, .. } => {
            let a = (id - *before as i64).max(1);
            let b = (id + *limit as i64).min(N + 1);
            Answer::Around { before: page(query.table, a..*id, a > 1), from: page(query.table, *id..b, b <= N) }
        }
        Request::Count(_) => Answer::Count(Count { n: N, exact: true }),
        Request::Overview { .. } => Answer::Overview(Overview {
            counts: Table::ALL
                .iter()
                .flat_map(|t| [(*t, "".into(), 1234), (*t, "Pending".into(), 77), (*t, "Held".into(), 12)])
                .collect(),
            stale: 3,
            oldest_pending: Some(1_794_000_000_000_000),
            low_confidence: 0,
            proposed_lists: 2,
            sources: vec![SourceJobs {
                source: "FPDS".into(),
                direction: "inbound".into(),
                success: 30,
                partial: 2,
                indeterminate: 0,
                failure: 1,
                last_job: 1,
                last_submitted: 1,
            }],
            operations: 4,
            last_operation_at: Some(1_795_000_000_000_000),
            file_bytes: 12345,
        }),
        Request::Candidates { map, .. } => {
            Answer::Candidates { map: Some(row(Table::ValueMaps, *map)), codes: codes() }
        }
        Request::Codes { .. } => Answer::Codes { offered: codes(), exact: None, loaded: true },
        Request::Operations { .. } => Answer::Operations(
            (1..5)
                .map(|seq| OperationRow {
                    seq,
                    kind: "decide".into(),
                    at: 1_795_000_000_000_000,
                    actor: "druiz".into(),
                    role: "reviewer".into(),
                    on_behalf_of: None,
                    summary: "Certified 3 entries.".into(),
                    reason: None,
                    undoes: None,
                    undone_by: None,
                    created: 0,
                    changed: 3,
                })
                .collect(),
        ),
    }
}
fn codes() -> Vec<CodeEntry> {
    vec![
        CodeEntry { code: "J".into(), label: "Firm Fixed Price".into(), active: true },
        CodeEntry { code: "K".into(), label: "Fixed Price with Economic Price Adjustment".into(), active: true },
    ]
}
fn now() -> i64 {
    1_795_100_000_000_000
}

fn pump(app: &mut App) {
    loop {
        let effects = app.desk.take_effects();
        if effects.is_empty() {
            break;
        }
        for e in effects {
            match e {
                Effect::Read(ask) => app.handle(Event::Answered(Answered {
                    slot: ask.slot,
                    ticket: ask.ticket,
                    answer: Ok(read(&ask.request)),
                })),
                Effect::Write(job) => app.handle(Event::Done(Done {
                    ticket: job.ticket,
                    mode: job.mode,
                    outcome: Ok(Outcome {
                        operation: Some(3),
                        summary: "Certified 1 ledger entry.".into(),
                        changed: 1200,
                        fingerprint: "x".into(),
                        ..Outcome::default()
                    }),
                })),
                _ => {}
            }
        }
    }
}
fn frame(app: &App, w: u16, h: u16) -> String {
    let cursor = RefCell::new(None);
    let mut t = Terminal::new(TestBackend::new(w, h)).unwrap();
    t.draw(|f| {
        *cursor.borrow_mut() = screen::draw(app, f.buffer_mut());
    })
    .unwrap();
    t.backend().to_string()
}
#[test]
fn look() {
    for (w, h) in [(80, 24), (160, 45)] {
        let options = Options { theme: Theme::default(), zone: Zone::Fixed(0), now };
        let mut app = App::new("agency.db".into(), "druiz (admin,steward,reviewer)".into(), &options, (w, h));
        pump(&mut app);
        for script in [
            "",
            "1",
            "2",
            "m",
            "Esc",
            "E",
            "X",
            "Esc Esc",
            "3",
            "4",
            "5",
            "o",
            "Esc",
            "f i s :",
            "Esc",
            "Enter",
            "Esc",
            "6",
            "C",
            "Tab x Tab 1 2 0 0 Tab",
            "Esc",
            "r",
            "Esc",
            "U",
            "Esc",
            "?",
            "Esc",
            "v",
            "Esc",
            "PgDn PgDn PgDn",
            "G",
            "Right Right s",
            "Right Right Right Right Right Right",
        ] {
            for key in script.split_whitespace() {
                app.handle(Event::Key(keys::press(key).unwrap()));
                pump(&mut app);
            }
            println!("=== {script}\n{}", frame(&app, w, h));
        }
    }
}
