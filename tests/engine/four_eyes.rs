//! Four eyes: whoever had a hand in a value does not certify it without a reason; and a reason says something.

use steward::engine::{Command, Import, MapKey, Outcome, Reevaluated, Rows, Verb};
use steward::model::row::Row;
use steward::model::table::Table;

use crate::bench::{Bench, map};
use crate::triage::edit;

/// A store with two who may do everything, ada and tom, and with a code list.
fn store() -> Bench {
    let mut bench = Bench::new();
    let add = Command::AddUser { login: "tom".into(), full_name: None, roles: ["admin"].map(String::from).into() };
    bench.run(&add).unwrap();
    bench.codes("status", &["A", "B"]);
    bench.second_passes();
    bench
}

/// Delivers a code, as sue, who has no hand in anything.
fn deliver(bench: &mut Bench, code: &str) {
    bench.second_passes();
    bench.act_as("sue").deliver("HR", "contact", &[("1", &[("status", code)])]);
    bench.second_passes();
}

fn import_map(bench: &mut Bench, canonical: &str, confidence: &str) -> Outcome {
    let row: &[(&str, &str)] = &[
        ("source_system_key", "HR"),
        ("code_list", "status"),
        ("source_code", "x"),
        ("canonical_code_value", canonical),
        ("confidence", confidence),
    ];
    bench.second_passes();
    bench.import(Import::ValueMaps, &[row]).unwrap()
}

fn the_map(bench: &Bench) -> Row {
    bench.rows(Table::ValueMaps, "").remove(0)
}

fn edit_map(bench: &mut Bench, changes: &[(&str, &str)]) -> Outcome {
    bench.second_passes();
    let map_row = the_map(bench);
    let row_version = map_row.int("row_version").unwrap();
    bench.run(&Command::EditValueMap { id: map_row.id, row_version, changes: map(changes) }).unwrap()
}

fn bind(bench: &mut Bench, fixed: &str) {
    let row: &[(&str, &str)] = &[
        ("target_table", "contact"),
        ("field_name", "status"),
        ("code_list", "status"),
        ("on_unmapped", "fixed"),
        ("fixed_value", fixed),
    ];
    bench.second_passes();
    bench.import(Import::Bindings, &[row]).unwrap();
}

/// Lets HR's key stand for another record.
fn retarget(bench: &mut Bench, target: &str) {
    bench.second_passes();
    let row = bench.rows(Table::Identifiers, "").remove(0);
    let (id, row_version) = (row.id, row.int("row_version").unwrap());
    bench
        .run(&Command::EditIdentifier {
            id,
            row_version,
            changes: map(&[("target_id", target), ("new_target", "Yes")]),
        })
        .unwrap();
}

fn undo(bench: &mut Bench) {
    bench.second_passes();
    bench.run(&Command::Undo { operation: None }).unwrap();
}

/// How many pending entries somebody may certify without a reason; nothing is done.
fn may_certify(bench: &mut Bench) -> i64 {
    let rows = Rows::Filter("is:pending".into());
    let command = Command::Decide { verb: Verb::Certify, rows, reason: None };
    bench.engine.run(&command, &steward::engine::Mode::DryRun).unwrap().changed
}

/// Whether ada and tom may certify what came about by each course of things.
#[test]
fn who_had_a_hand_in_a_value_does_not_certify_it() {
    type Case = (&'static str, fn(&mut Bench), bool, bool);
    let cases: &[Case] = &[
        (
            "who decided the map",
            |bench| {
                import_map(bench.act_as("ada"), "A", "1");
                deliver(bench, "x");
            },
            false,
            true,
        ),
        (
            "who decided the map as it was then, and whoever decided it since",
            |bench| {
                import_map(bench.act_as("ada"), "A", "1");
                deliver(bench, "x");
                edit_map(bench.act_as("tom"), &[("canonical_code_value", "B")]);
            },
            false,
            false,
        ),
        (
            "an edit of the map that changes nothing",
            |bench| {
                import_map(bench.act_as("ada"), "A", "1");
                edit_map(bench.act_as("tom"), &[("canonical_code_value", "A"), ("confidence", "1")]);
                deliver(bench, "x");
            },
            false,
            true,
        ),
        (
            "an edit of its note",
            |bench| {
                import_map(bench.act_as("ada"), "A", "1");
                edit_map(bench.act_as("tom"), &[("canonical_code_value", "A"), ("note", "seen")]);
                deliver(bench, "x");
            },
            false,
            true,
        ),
        (
            "an import of the same",
            |bench| {
                import_map(bench.act_as("ada"), "A", "1");
                import_map(bench.act_as("tom"), "A", "1");
                deliver(bench, "x");
            },
            false,
            true,
        ),
        (
            "who raised its confidence",
            |bench| {
                import_map(bench.act_as("ada"), "A", "0.5");
                edit_map(bench.act_as("tom"), &[("confidence", "0.95")]);
                deliver(bench, "x");
            },
            false,
            false,
        ),
        (
            "who raised it by an import, where its items waited for that",
            |bench| {
                import_map(bench.act_as("ada"), "A", "0.5");
                deliver(bench, "x");
                import_map(bench.act_as("tom"), "A", "0.95");
                bench.second_passes();
                bench.act_as("sue").run(&crate::triage::retry("is:held")).ok();
            },
            false,
            false,
        ),
        (
            "who lowered its confidence",
            |bench| {
                import_map(bench.act_as("ada"), "A", "1");
                edit_map(bench.act_as("tom"), &[("confidence", "0.95")]);
                deliver(bench, "x");
            },
            false,
            true,
        ),
        (
            "who raised it and took that back",
            |bench| {
                import_map(bench.act_as("ada"), "A", "0.92");
                edit_map(bench.act_as("tom"), &[("confidence", "0.95")]);
                undo(bench);
                deliver(bench, "x");
            },
            false,
            true,
        ),
        (
            "who raised it when the value was there",
            |bench| {
                import_map(bench.act_as("ada"), "A", "0.92");
                deliver(bench, "x");
                edit_map(bench.act_as("tom"), &[("confidence", "1")]);
            },
            false,
            true,
        ),
        (
            "who put the fixed value in the binding",
            |bench| {
                bind(bench.act_as("ada"), "B");
                deliver(bench, "x");
            },
            false,
            true,
        ),
        (
            "who put another one there since",
            |bench| {
                bind(bench.act_as("ada"), "B");
                deliver(bench, "x");
                bind(bench.act_as("tom"), "A");
            },
            false,
            true,
        ),
        (
            "who replaced it before",
            |bench| {
                bind(bench.act_as("ada"), "A");
                bind(bench.act_as("tom"), "B");
                deliver(bench, "x");
            },
            true,
            false,
        ),
        (
            "who replaced it and took that back",
            |bench| {
                bind(bench.act_as("ada"), "B");
                bind(bench.act_as("tom"), "A");
                undo(bench);
                deliver(bench, "x");
            },
            false,
            true,
        ),
        (
            "who fixed a value that the code's map says, too",
            |bench| {
                bind(bench.act_as("ada"), "B");
                import_map(bench.act_as("tom"), "B", "1");
                deliver(bench, "x");
            },
            true,
            false,
        ),
        (
            "who let the key stand for the record",
            |bench| {
                bench.act_as("sue").deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
                bench.act_as("rita").decide(Verb::Reject, "is:pending").unwrap();
                retarget(bench.act_as("ada"), "T2");
                bench.second_passes();
                bench.act_as("sue").deliver("HR", "contact", &[("1", &[("name", "Bo")])]);
            },
            false,
            true,
        ),
        (
            "who let it stand for another and took that back",
            |bench| {
                bench.act_as("sue").deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
                bench.act_as("rita").decide(Verb::Reject, "is:pending").unwrap();
                retarget(bench.act_as("ada"), "T2");
                undo(bench);
                bench.second_passes();
                bench.act_as("sue").deliver("HR", "contact", &[("1", &[("name", "Bo")])]);
            },
            true,
            true,
        ),
        (
            "who edited the input",
            |bench| {
                bench.act_as("sue").deliver("HR", "contact", &[("1", &[("name", &"n".repeat(4001))])]);
                let item = bench.rows(Table::SyncItems, "").remove(0);
                bench.act_as("ada").run(&edit(&item, "Ann")).unwrap();
            },
            false,
            true,
        ),
        (
            "who took the delivery in",
            |bench| {
                bench.act_as("ada").deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
            },
            true,
            true,
        ),
        (
            "who took the delivery in, by a store's own rule",
            |bench| {
                let rule = Command::Set { key: "four_eyes_ingest".into(), value: "on".into() };
                bench.act_as("tom").run(&rule).unwrap();
                bench.act_as("ada").deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
            },
            false,
            true,
        ),
        (
            "the one named and the one at the keyboard",
            |bench| {
                import_map(bench.act_for("tom", "ada"), "A", "1");
                deliver(bench, "x");
            },
            false,
            false,
        ),
        (
            "both of them, where a map was there before",
            |bench| {
                deliver(bench, "x");
                bench.act_for("tom", "ada").map("HR", "status", "x", "A").unwrap();
            },
            false,
            false,
        ),
        (
            "both of them, where one was the author before",
            |bench| {
                import_map(bench.act_as("ada"), "A", "1");
                edit_map(bench.act_for("tom", "ada"), &[("canonical_code_value", "B")]);
                deliver(bench, "x");
            },
            false,
            false,
        ),
        (
            "both of them, of an input",
            |bench| {
                bench.act_as("sue").deliver("HR", "contact", &[("1", &[("name", &"n".repeat(4001))])]);
                let item = bench.rows(Table::SyncItems, "").remove(0);
                bench.act_for("tom", "ada").run(&edit(&item, "Ann")).unwrap();
            },
            false,
            false,
        ),
    ];
    for (case, course, ada, tom) in cases {
        let mut bench = store();
        course(&mut bench);
        bench.second_passes();
        assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 1, "{case}");
        for (login, may) in [("ada", *ada), ("tom", *tom), ("rita", true)] {
            assert_eq!(may_certify(bench.act_as(login)), i64::from(may), "{case}: {login}");
        }
        // Whoever is at the keyboard certifies, too.
        assert_eq!(may_certify(bench.act_for("ada", "rita")), i64::from(*ada), "{case}: ada as rita");
        bench.assert_sound();
    }
}

#[test]
fn a_no_op_leaves_author_and_row_as_they_are() {
    type Case = (&'static str, fn(&mut Bench));
    let key = || MapKey::Code { source: "HR".into(), list: "status".into(), code: "x".into() };
    let cases: [Case; 4] = [
        ("an import of the same", |bench| drop(import_map(bench, "A", "1"))),
        ("an edit to the same", |bench| drop(edit_map(bench, &[("canonical_code_value", "A"), ("confidence", "1")]))),
        ("no match once more", |bench| {
            let map = MapKey::Code { source: "HR".into(), list: "status".into(), code: "y".into() };
            bench.run(&Command::NoMatch { map }).unwrap();
        }),
        ("a rejected match once more", |bench| {
            let map = MapKey::Code { source: "HR".into(), list: "status".into(), code: "z".into() };
            bench.run(&Command::RejectMatch { map, canonical: "A".into(), note: None }).unwrap();
        }),
    ];
    for (case, again) in cases {
        let mut bench = store();
        import_map(bench.act_as("ada"), "A", "1");
        let [x, y, z] =
            ["x", "y", "z"].map(|code| MapKey::Code { source: "HR".into(), list: "status".into(), code: code.into() });
        assert_eq!(x, key());
        bench.run(&Command::NoMatch { map: y }).unwrap();
        bench.run(&Command::RejectMatch { map: z, canonical: "A".into(), note: None }).unwrap();
        let before: Vec<_> = bench.rows(Table::ValueMaps, "").iter().map(|row| row.json().to_string()).collect();
        bench.second_passes();
        again(bench.act_as("tom"));
        let after: Vec<_> = bench.rows(Table::ValueMaps, "").iter().map(|row| row.json().to_string()).collect();
        assert_eq!(before, after, "{case}");
        bench.assert_sound();
    }
}

#[test]
fn a_reason_that_says_nothing_is_refused_of_every_command() {
    let mut bench = store();
    import_map(bench.act_as("ada"), "A", "1");
    deliver(&mut bench, "x");
    let before = bench.reader().operations(None, 1).unwrap()[0].seq;
    let map = the_map(&bench);
    let row_version = map.int("row_version").unwrap();
    let rows = || Rows::Filter("is:pending".into());
    let commands: Vec<fn(String, i64) -> Command> = vec![
        |reason, _| Command::MapMany { choices: Vec::new(), reason: Some(reason), left_out: Vec::new() },
        |reason, _| Command::Pin {
            target_table: "contact".into(),
            target_id: "1".into(),
            field_name: "status".into(),
            pinned: true,
            reason: Some(reason),
        },
        |reason, _| Command::Retry { rows: Rows::Filter("is:held".into()), reason: Some(reason) },
        |reason, _| Command::Park { rows: Rows::Filter("is:held".into()), reason: Some(reason) },
        |reason, _| Command::EditRetry { item: 1, row_version: 1, raw: "y".into(), reason },
        |reason, _| Command::Attest {
            scope: steward::engine::Attested::Table { target_table: "contact".into() },
            reason: Some(reason),
        },
        |reason, _| Command::Reevaluate {
            scope: Reevaluated::Fields { target_table: "contact".into(), field_name: None },
            reason: Some(reason),
        },
        |reason, row_version| Command::RetireMap { id: 1, row_version, reason },
        |reason, _| Command::RetireIdentifier { id: 1, row_version: 1, reason },
        |reason, _| Command::Dispose { table: Table::Ledger, rows: Rows::Filter("is:pending".into()), reason },
    ];
    let decisions = Verb::ALL.map(|verb| move |reason| Command::Decide { verb, rows: rows(), reason: Some(reason) });
    for blank in ["", "  ", "\t\n", "\u{200b}\u{feff}", "\u{a0}", "\u{3164}"] {
        let other = commands.iter().map(|command| command(blank.into(), row_version));
        for command in other.chain(decisions.iter().map(|decision| decision(blank.to_string()))) {
            for in_chunks in [false, true] {
                let refused = match in_chunks {
                    true => bench.act_as("ada").engine.run_in_chunks(&command, &steward::engine::Mode::Real),
                    false => bench.act_as("ada").run(&command),
                };
                let refused = refused.unwrap_err().to_string();
                assert!(refused.starts_with("reason: "), "{blank:?} {command:?}: {refused}");
            }
        }
    }
    let operations = bench.reader().operations(None, 1_000).unwrap();
    assert!(operations.iter().all(|operation| operation.seq <= before || operation.kind == "refused"));
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 1);
    bench.assert_sound();
}

/// What becomes of a value that a person typed in the place of a delivered one.
#[test]
fn the_engine_alone_certifies_no_value_that_a_person_typed() {
    let cases = [
        ("On Ingest with Auto Certify", "On Ingest", "Yes", "HR", "Applied", true),
        ("On Certify with Auto Certify, listed", "On Certify", "Yes", "HR", "Waiting", false),
        ("On Ingest", "On Ingest", "No", "HR", "Applied", true),
    ];
    for (case, mode, auto, sources, state, live) in cases {
        let policy = |bench: &mut Bench, auto: &str| {
            bench.act_as("ada").policy(&[
                ("target_table", "contact"),
                ("commit_mode", mode),
                ("auto_certify", auto),
                ("authoritative_sources", sources),
            ]);
        };
        // Tried at once, tried again later, released by a map, and re-evaluated.
        type Course = (&'static str, fn(&mut Bench));
        let courses: [Course; 3] = [
            ("at once", |bench| {
                bench.deliver("HR", "contact", &[("1", &[("name", &"n".repeat(4001))])]);
                let item = bench.rows(Table::SyncItems, "").remove(0);
                bench.act_as("sue").run(&edit(&item, "Ann")).unwrap();
            }),
            ("released by a map", |bench| {
                bench.deliver("HR", "contact", &[("1", &[("status", "x")])]);
                let item = bench.rows(Table::SyncItems, "").remove(0);
                bench.act_as("sue").run(&edit(&item, "y")).unwrap();
                bench.act_as("sam").map("HR", "status", "y", "A").unwrap();
            }),
            ("tried again after it was typed", |bench| {
                bench.deliver("HR", "contact", &[("1", &[("status", "x")])]);
                let item = bench.rows(Table::SyncItems, "").remove(0);
                bench.act_as("sue").run(&edit(&item, "y")).unwrap();
                bench.run(&crate::triage::park("is:held")).unwrap();
                bench.act_as("sam").map("HR", "status", "y", "A").unwrap();
                bench.act_as("sue").run(&crate::triage::retry("is:parked")).unwrap();
            }),
        ];
        for (course, run) in courses {
            let mut bench = store();
            policy(&mut bench, auto);
            run(&mut bench);
            let entries = bench.rows(Table::Ledger, "is:pending");
            assert_eq!(entries.len(), 1, "{case}, {course}: {:?}", bench.states(""));
            assert_eq!(entries[0].int("live"), Some(i64::from(live)), "{case}, {course}");
            assert_eq!(bench.states("is:active"), [state], "{case}, {course}");
            let scope = Reevaluated::Fields { target_table: "contact".into(), field_name: None };
            bench.act_as("ada").run(&Command::Reevaluate { scope, reason: None }).unwrap();
            assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 1, "{case}, {course}, re-evaluated");
            bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
            bench.assert_sound();
        }
    }
}

/// A note typed for some values lifts nothing for others, whether they are decided in one operation or in parts.
#[test]
fn a_reason_lifts_four_eyes_for_such_values_alone() {
    type Case = (&'static str, &'static str, Option<&'static str>, i64, i64);
    let cases: [Case; 6] = [
        ("without a reason the others", "is:pending", None, 2, 2),
        ("a reason for all is for the others", "is:pending", Some("seen"), 2, 2),
        ("a reason for one and another", "is:pending key:1", Some("seen"), 1, 1),
        ("a reason for those alone", "is:pending field:status", Some("seen"), 2, 0),
        ("a reason for one", "is:pending field:status key:1", Some("seen"), 1, 0),
        ("what is certified already is no other", "field:status", Some("seen"), 2, 0),
    ];
    for (case, filter, reason, changed, held) in cases {
        for in_parts in [false, true] {
            let mut bench = store();
            import_map(bench.act_as("ada"), "A", "1");
            bench.second_passes();
            let of = |key| (key, [("status", "x"), ("name", "Ann")]);
            let records = ["1", "2"].map(of);
            let records: Vec<(&str, &[(&str, &str)])> = records.iter().map(|(key, of)| (*key, &of[..])).collect();
            bench.act_as("sue").deliver("HR", "contact", &records);
            bench.second_passes();
            let entries = bench.rows(Table::Ledger, "is:pending");
            let target = entries[0].text("target_id").to_string();
            let filter = filter.replace("key:1", &format!("target:{target}"));
            if in_parts {
                bench.engine.rows_at_once(1);
            }
            let rows = Rows::Filter(filter);
            let command = Command::Decide { verb: Verb::Certify, rows, reason: reason.map(String::from) };
            let engine = &mut bench.act_as("ada").engine;
            let preview = engine.run_in_chunks(&command, &steward::engine::Mode::DryRun).unwrap();
            let done = engine.run_in_chunks(&command, &steward::engine::Mode::Real).unwrap();
            for outcome in [&preview, &done] {
                let held_back: i64 = outcome.held_back.iter().map(|held| held.rows).sum();
                let told = (outcome.changed, held_back, outcome.own_held.len() as i64);
                assert_eq!(told, (changed, held, held), "{case}, in parts: {in_parts}: {outcome:?}");
                let said = outcome.held_back.iter().all(|held| held.reason.contains("you with a reason"));
                assert!(said, "{case}: {outcome:?}");
            }
            bench.assert_sound();
        }
    }
}
