//! What acts cost a row, in steps of SQLite's machine: on four times the rows four times as much, and not sixteen.

use std::collections::BTreeMap;

use super::{
    Actor, Attested, Command, Context, Delivery, Engine, Import, ImportRow, MapKey, Mode, Reevaluated, Rows, Verb,
};
use crate::model::choice::Relationship;
use crate::model::record::{Cell, Record};

const FEW: usize = 300;
const MANY: usize = 4 * FEW;

/// Both numbers are done in several operations.
const ROWS_AT_ONCE: usize = 100;

/// Trees are deeper where there is more, and statements take so many rows at once.
const AT_MOST: f64 = 5.0;

/// Statements that are run a few times, whatever the rows, are not looked at alone.
const LITTLE: i64 = 20_000;

fn import(engine: &mut Engine, into: Import, fields: &[(&str, &str)]) {
    let fields = fields.iter().map(|(field, value)| (field.to_string(), value.to_string())).collect();
    let rows = vec![ImportRow { line: 2, fields }];
    engine.run(&Command::Import { into, rows }, &Mode::Real).unwrap();
}

/// Takes in so many records of a source: a name that waits for a reviewer, and a code that nobody mapped yet.
fn deliver(engine: &mut Engine, source: &str, names: &str, records: usize) {
    let delivery = Delivery {
        source: source.into(),
        table: "contact".into(),
        key_column: "id".into(),
        entity: None,
        delivery_id: None,
        sha256: format!("{names:0>64}"),
        file_name: None,
        submitted: None,
        keep_unchanged: false,
        again: false,
    };
    let mut records = (0..records).map(|at| {
        let fields = [("id", at.to_string()), ("name", format!("{names} {at}")), ("status", "x".into())];
        let fields = fields.into_iter().map(|(field, value)| (field.into(), Cell::Text(value))).collect();
        Ok(Record { line: at as u64 + 2, fields })
    });
    engine.ingest(&delivery, &mut records, false, &mut |_, _| true).unwrap();
}

/// The acts in their order, each with a name; undo takes back the one before.
fn acts() -> Vec<(&'static str, Command)> {
    let decide =
        |verb, filter: &str| Command::Decide { verb, rows: Rows::Filter(filter.into()), reason: Some("r".into()) };
    let retry = || Command::Retry { rows: Rows::Filter("is:held".into()), reason: None };
    let map = || Command::Map {
        map: MapKey::Code { source: "HR".into(), list: "status".into(), code: "x".into() },
        canonical: "A".into(),
        relationship: Relationship::Equal,
    };
    let undo = || Command::Undo { operation: None };
    let park = Command::Park { rows: Rows::Filter("is:held".into()), reason: Some("later".into()) };
    let close = Command::Close { rows: Rows::Filter("is:held".into()), reason: "too old".into() };
    let written_at_once = [("commit_mode", "On Ingest"), ("auto_certify", "Yes")];
    let written_at_once = written_at_once.map(|(field, value)| (field.to_string(), value.to_string())).into();
    vec![
        ("withdraw", Command::Withdraw { job: 3, reason: None }),
        ("undo of a withdrawal", undo()),
        ("withdraw again", Command::Withdraw { job: 3, reason: None }),
        ("retry", retry()),
        ("undo of a retry", undo()),
        ("a further retry", retry()),
        ("retry of attempts", retry()),
        ("undo of a further retry", undo()),
        ("park", park),
        ("unpark", Command::Unpark { rows: Rows::Filter("is:parked".into()) }),
        ("undo of an unpark", undo()),
        ("undo of a park", undo()),
        ("close", close),
        ("undo of a closing", undo()),
        ("map", map()),
        ("undo of a map", undo()),
        ("map again", map()),
        ("attest", Command::Attest { scope: Attested::Table { target_table: "contact".into() }, reason: None }),
        ("undo of an attest", undo()),
        ("edit of a policy", Command::EditPolicy { id: 1, row_version: 1, changes: written_at_once }),
        ("re-evaluation", Command::Reevaluate { scope: Reevaluated::Policy(1), reason: None }),
        ("undo of a re-evaluation", undo()),
        ("certify", decide(Verb::Certify, "is:pending")),
        ("undo of a certification", undo()),
        ("reject", decide(Verb::Reject, "is:pending source:HR")),
        ("reopen", decide(Verb::Reopen, "is:rejected source:HR")),
        ("undo of a reopening", undo()),
        ("undo of a rejection", undo()),
        ("certify one source's", decide(Verb::Certify, "is:pending source:HR")),
        ("certify over it", decide(Verb::Certify, "is:pending")),
        ("revoke", decide(Verb::Revoke, "is:certified")),
        ("undo of a revocation", undo()),
    ]
}

/// What each act costs on so many records of two sources, by statement.
fn costs(records: usize) -> Vec<BTreeMap<String, i64>> {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = Engine::create(&folder.path().join("test.db"), Context::new(Actor::new("ada"))).unwrap();
    import(&mut engine, Import::Codes { list: "status".into() }, &[("code", "A")]);
    import(&mut engine, Import::Policies, &[("target_table", "contact"), ("commit_mode", "On Certify")]);
    for (source, names) in [("HR", "HR"), ("DMV", "DMV"), ("HR", "newer")] {
        deliver(&mut engine, source, names, records);
    }
    engine.rows_at_once(ROWS_AT_ONCE);
    let counts = engine.writer.count_steps();
    acts()
        .into_iter()
        .map(|(name, act)| {
            counts.lock().unwrap().clear();
            let outcome = engine.run_in_chunks(&act, &Mode::Real).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(outcome.changed >= 1, "{name}: {outcome:?}");
            counts.lock().unwrap().clone()
        })
        .collect()
}

#[test]
fn an_act_costs_as_much_a_row_however_many_rows_there_are() {
    let (few, many) = (costs(FEW), costs(MANY));
    let mut dear = Vec::new();
    for ((name, _), (few, many)) in acts().iter().zip(few.iter().zip(&many)) {
        for (sql, steps) in many.iter().filter(|(_, steps)| **steps > LITTLE) {
            let before = few.get(sql).copied().unwrap_or(0).max(LITTLE / 4);
            let times = *steps as f64 / before as f64;
            if times > AT_MOST {
                dear.push(format!("{name}: {before} steps, then {steps} ({times:.1} times) for: {sql}"));
            }
        }
    }
    assert!(dear.is_empty(), "{}", dear.join("\n"));
}
