//! The second verifier, `tests/verify.py`, agrees with `steward verify` on sound and on tampered stores and on proofs.
//!
//! It needs Python 3. Where there is none these tests say that they were skipped; under `CI` they fail instead.

#[path = "engine/bench.rs"]
#[allow(dead_code)]
mod bench;

use std::path::{Path, PathBuf};
use std::process::Command;

use bench::Bench;
use rusqlite::Connection;
use steward::engine::{self, Check, Import, MapKey, Verb, verify};
use steward::model::table::Table;
use steward::store::{Digest, Opener, Proof, Store};

/// A script of `tests/` and its arguments; answers the exit code and what it printed. `None` where there is no Python.
fn python(script: &str, args: &[&Path]) -> Option<(i32, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(script);
    match Command::new("python3").arg("-B").arg(script).args(args).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            Some((output.status.code().unwrap_or(-1), said))
        }
        Err(error) if std::env::var_os("CI").is_some() => panic!("python3 does not run: {error}"),
        Err(error) => {
            eprintln!("SKIPPED, since python3 does not run: {error}");
            None
        }
    }
}

/// A store in which everything happened once. Operations: 1 init, 2 to 4 users, 5 codes, 6 binding, 7 policy,
/// 8 and 9 deliveries, 10 a map that releases what waits, 11 a no match, 12 a certification, 13 a rejection,
/// 14 a refusal, 15 an undo, 16 a delivery that supersedes, 17 a disposal, 18 and 19 bindings with what came later.
fn eventful() -> Bench {
    let mut bench = Bench::new();
    bench.codes("status", &["ACTIVE", "LEFT"]);
    bench
        .import(Import::Bindings, &[&[("target_table", "contact"), ("field_name", "status"), ("code_list", "status")]])
        .unwrap();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "No")]);
    let strange = "naïve 漢字 \u{1F980} \" \\ \u{202e}";
    bench.deliver(
        "HR",
        "contact",
        &[
            ("1", &[("name", "Ann"), ("status", "x"), ("note", strange)]),
            ("2", &[("name", "Bo"), ("status", "y")]),
            ("", &[("name", "no key")]),
        ],
    );
    bench.deliver("FIN", "contact", &[("1", &[("name", "Anne"), ("amount", "12")]), ("9", &[("name", "Cy")])]);
    bench.map("HR", "status", "x", "ACTIVE").unwrap();
    let map = MapKey::Code { source: "HR".into(), list: "status".into(), code: "y".into() };
    bench.run(&engine::Command::NoMatch { map }).unwrap();
    bench.act_as("rita").decide(Verb::Certify, "name:LED-0000001").unwrap();
    bench.decide(Verb::Reject, "name:LED-0000003").unwrap();
    bench.act_as("sue").decide(Verb::Certify, "value:Bo").unwrap_err();
    bench.act_as("rita").run(&engine::Command::Undo { operation: None }).unwrap();
    bench.days_pass(1);
    bench.act_as("ada").deliver("HR", "contact", &[("1", &[("name", "Anna")]), ("2", &[("name", "Bob")])]);
    let reason = "GRS 5.2".to_string();
    let dispose = engine::Command::Dispose {
        table: Table::SyncItems,
        rows: engine::Rows::Filter("created>=1970".into()),
        reason,
    };
    let disposed = bench.run(&dispose).unwrap();
    assert!(disposed.changed > 0, "{disposed:#?}");
    let sent = |source, on_empty| {
        let place = [("target_table", "contact"), ("field_name", "name"), ("source_system_key", source)];
        [&place[..], &[("outbound", "Yes"), ("on_empty", on_empty)]].concat()
    };
    bench.import(Import::Bindings, &[&sent("FIN", "send"), &sent("TAX", "default")]).unwrap();
    bench.import(Import::Bindings, &[&sent("FIN", "hold"), &sent("TAX", "hold")]).unwrap();
    bench
}

/// A copy of a store that somebody wrote into past the program, and past the triggers.
fn tampered(bench: &Bench, name: &str, sql: &str) -> PathBuf {
    let copy = bench.path.with_extension(name);
    Connection::open(&bench.path).unwrap().execute("VACUUM INTO ?", [copy.to_str()]).unwrap();
    let conn = Connection::open(&copy).unwrap();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let mut statement = conn.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let triggers: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    triggers.iter().for_each(|(name, _)| conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap());
    let before = conn.total_changes();
    conn.execute_batch(sql).unwrap();
    assert!(sql.is_empty() || sql.contains("ALTER") || conn.total_changes() > before, "{name} changed nothing");
    triggers.iter().for_each(|(_, sql)| conn.execute_batch(sql).unwrap());
    copy
}

fn digest_file(bench: &Bench) -> (Digest, PathBuf) {
    let digest = bench.reader().digest().unwrap();
    let path = bench.path.with_extension("digest");
    std::fs::write(&path, serde_json::to_string(&digest).unwrap()).unwrap();
    (digest, path)
}

#[test]
fn it_finds_sound_stores_sound() {
    for bench in [Bench::new(), eventful()] {
        let (digest, file) = digest_file(&bench);
        let replayed = Check { digest: Some(&digest), replay: true, since: None }.run(&bench.store());
        assert_eq!(replayed.exit_code, 0, "{:#?}", replayed.lines);
        let Some(ran) = python("verify.py", &[&bench.path, Path::new("--digest"), &file]) else { return };
        assert_eq!(ran, (0, format!("SOUND: {} operations.\n", digest.seq)));
    }
}

#[test]
fn it_finds_what_steward_finds_and_at_the_same_operation() {
    let bench = eventful();
    let cases = [
        ("value", "UPDATE integration_ledger SET value = 'Eve' WHERE id = 1"),
        ("null", "UPDATE integration_sync_item SET raw_value = NULL WHERE id = 1"),
        ("blob", "UPDATE integration_ledger SET guid = randomblob(16) WHERE id = 2"),
        ("certifier", "UPDATE integration_ledger SET certified_by = 2 WHERE id = 1"),
        ("state", "UPDATE integration_sync_item SET state = 8 WHERE id = 4"),
        ("added", "UPDATE code_binding SET on_empty = 2 WHERE source_system_key = 'FIN'"),
        ("added gone", "UPDATE code_binding SET on_empty = NULL WHERE source_system_key = 'FIN'"),
        ("added where none was", "UPDATE code_binding SET on_empty = 0 WHERE id = 1"),
        ("roles", "UPDATE system_user SET roles = 'admin' WHERE id = 4"),
        ("insert", "INSERT INTO system_user (id, login, roles) VALUES (99, 'eve', 'admin')"),
        ("negative", "INSERT INTO system_user (id, login, roles) VALUES (-1, 'eve', 'admin')"),
        ("replace", "INSERT OR REPLACE INTO system_user (id, login, roles) VALUES (3, 'sam', 'admin')"),
        ("delete", "DELETE FROM integration_ledger WHERE id = 2"),
        ("delete first", "DELETE FROM code_list_entry WHERE id = 1"),
        ("delete last", "DELETE FROM integration_ledger WHERE id = (SELECT max(id) FROM integration_ledger)"),
        ("summary", "UPDATE operation SET summary = '' WHERE seq = 12"),
        ("reason", "UPDATE operation SET reason = '' WHERE seq = 12"),
        ("gap", "DELETE FROM operation WHERE seq = 14"),
        ("cut", "DELETE FROM operation WHERE seq = (SELECT max(seq) FROM operation)"),
        ("ranges", "UPDATE operation SET rows_created = '[]' WHERE seq = 8"),
        ("no ranges", "UPDATE operation SET rows_created = 'rows' WHERE seq = 8"),
        ("before", "UPDATE operation_change SET before = '{}' WHERE seq = 12 AND ordinal = 1"),
        ("after", "UPDATE operation_change SET after = '[]' WHERE seq = 12 AND ordinal = 1"),
        ("change", "DELETE FROM operation_change WHERE seq = 12 AND ordinal = 1"),
        ("spelling", "UPDATE vocabulary SET spelling = 'evil' WHERE folded = 'hr'"),
        ("name", "INSERT INTO vocabulary (kind, folded, spelling) VALUES ('source', 'evil', 'HR')"),
        ("word", "INSERT INTO last_word (identifier, field, said, job, sequence, closed) VALUES (1, 99, 7, 1, 1, 0)"),
        ("word's set", "INSERT INTO field_set (fields) VALUES ('[\"nought\"]')"),
        ("repeat", "INSERT INTO last_repeat (identifier, fields, job) VALUES (1, 99, 1)"),
        ("binding's time", "UPDATE binding_change SET changed_on = changed_on + 1"),
        ("confirmed", "UPDATE current_value SET confirmed_on = confirmed_on + 1 WHERE field_name = 'name'"),
        ("clock", "UPDATE current_value SET stale_on = 1 WHERE field_name = 'name'"),
        ("seen", "UPDATE integration_identifier SET last_seen_date_time = last_seen_date_time + 1 WHERE id = 1"),
        ("seen first alone", "UPDATE integration_identifier SET last_seen_date_time = first_seen_date_time"),
        ("finished", "UPDATE integration_sync_job SET finished_on = 1 WHERE id = 1"),
        ("unfinished", "UPDATE integration_sync_job SET finished_on = NULL WHERE id = 1"),
        ("records", "UPDATE integration_sync_job SET records = records + 1 WHERE id = 1"),
        ("kept", "UPDATE operation SET kept = zeroblob(128) WHERE seq = (SELECT max(seq) FROM operation)"),
        ("kept before", "UPDATE operation SET kept = zeroblob(128) WHERE seq = 5"),
        (
            "vouches not",
            "UPDATE operation SET kept = NULL, touched = NULL WHERE seq = (SELECT max(seq) FROM operation)",
        ),
        ("touched", "UPDATE operation SET touched = zeroblob(32) WHERE seq = 12"),
        (
            "swap",
            "UPDATE operation SET seq = -12 WHERE seq = 12; UPDATE operation SET seq = 12 WHERE seq = 11;
                  UPDATE operation SET seq = 11 WHERE seq = -12",
        ),
    ];
    for (name, sql) in cases {
        let copy = tampered(&bench, &name.replace(' ', "-"), sql);
        let found = verify(&Store::open(&copy).unwrap(), None);
        assert_eq!(found.exit_code, 10, "{name}: {found:#?}");
        let Some((code, said)) = python("verify.py", &[&copy]) else { return };
        assert_eq!(code, 10, "{name}: {said}");
        let expected = match found.first_bad {
            Some(seq) => format!("TAMPERED: operation {seq}: "),
            None => "TAMPERED: beside the log: ".into(),
        };
        assert!(said.starts_with(&expected) && said.lines().count() == 1, "{name}: {said} and not {found:#?}");
    }
}

/// A store of before a column came has the same log, whatever reads it, and so it has when it was brought up to date.
#[test]
fn it_reads_a_store_that_lacks_what_came_later() {
    let folder = tempfile::tempdir().unwrap();
    let (older, digest) = (folder.path().join("older.db"), folder.path().join("digest"));
    Connection::open(&older).unwrap().execute_batch(include_str!("older/format3.sql")).unwrap();
    std::fs::write(&digest, include_str!("older/format3.digest")).unwrap();
    let sound = (0, "SOUND: 12 operations.\n".to_string());
    let Some(found) = python("verify.py", &[&older, Path::new("--digest"), &digest]) else { return };
    assert_eq!(found, sound);
    assert_eq!(
        verify(&Store::open_to_write(&older, Opener { login: "root", mapped: false }, &mut |_| {}).unwrap(), None)
            .exit_code,
        14
    );
    let upgraded = python("verify.py", &[&older, Path::new("--digest"), &digest]).unwrap();
    assert_eq!(upgraded, (0, "SOUND: 13 operations.\n".to_string()));
}

/// The attack that nothing inside the file can find: see the table in `engine::verify`.
#[test]
fn a_log_that_was_rewritten_whole_is_found_by_a_digest_alone() {
    let bench = eventful();
    let (digest, file) = digest_file(&bench);
    let copy = tampered(&bench, "forged", "UPDATE integration_sync_item SET raw_value = 'Eve' WHERE raw_value = 'Cy'");
    assert_eq!(verify(&Store::open(&copy).unwrap(), None).exit_code, 10);
    let Some((code, said)) = python("forge.py", &[&copy]) else { return };
    assert_eq!(code, 0, "{said}");
    let forged = Store::open(&copy).unwrap();
    assert_eq!(verify(&forged, None).exit_code, 14);
    let found = verify(&forged, Some(&digest));
    assert_eq!((found.exit_code, found.first_bad), (12, Some(digest.seq)));
    assert_eq!(python("verify.py", &[&copy]).unwrap().0, 0);
    assert_eq!(python("verify.py", &[&copy, Path::new("--digest"), &file]).unwrap().0, 12);
}

#[test]
fn it_tells_older_foreign_and_unreadable_stores() {
    let bench = Bench::new();
    let older = tampered(&bench, "older", "");
    let mut bench = bench;
    bench.codes("status", &["A"]);
    let (_, file) = digest_file(&bench);
    let foreign = Bench::new();
    let text = bench.path.with_extension("txt");
    std::fs::write(&text, "no store").unwrap();
    for (path, expected) in [(&older, 11), (&foreign.path, 12), (&text, 13), (&bench.path.with_extension("none"), 13)] {
        let Some((code, said)) = python("verify.py", &[path, Path::new("--digest"), &file]) else { return };
        assert_eq!((code, said.lines().count()), (expected, 1), "{said}");
    }
}

#[test]
fn it_accepts_the_proof_of_every_row_and_none_that_was_touched() {
    let bench = eventful();
    let (digest, file) = digest_file(&bench);
    let reader = bench.reader();
    let path = bench.path.with_extension("proof");
    let check = |proof: &serde_json::Value| {
        std::fs::write(&path, proof.to_string()).unwrap();
        python("verify.py", &[Path::new("--proof"), &path, Path::new("--digest"), &file])
    };
    let (mut proved, mut changed) = (0, 0);
    for table in [Table::Ledger, Table::SyncItems, Table::ValueMaps, Table::SyncJobs] {
        for row in bench.rows(table, "") {
            // What was disposed of cannot be proved.
            let Ok(proof) = reader.prove(table, row.id, Some(&digest)) else { continue };
            proved += 1;
            changed += usize::from(proof.leaves.len() > 1);
            let found = proof.check(Some(&digest)).unwrap();
            assert!(found.last, "{proof:#?}");
            assert_eq!(found, proof.check(None).unwrap());
            let Some((code, said)) = check(&serde_json::to_value(&proof).unwrap()) else { return };
            assert_eq!(code, 0, "{said}");
        }
    }
    assert!(proved > 5 && changed > 2, "{proved} proofs");
    let proof = serde_json::to_value(reader.prove(Table::Ledger, 1, None).unwrap()).unwrap();
    assert!(proof["leaves"].as_array().unwrap().len() > 2, "{proof:#}");
    let set = |place: &'static str, value: serde_json::Value| {
        move |proof: &mut serde_json::Value| *proof.pointer_mut(place).unwrap() = value
    };
    fn pop(list: &mut serde_json::Value) {
        list.as_array_mut().unwrap().pop();
    }
    type Touch<'a> = Box<dyn FnOnce(&mut serde_json::Value) + 'a>;
    let touches: Vec<(&str, Touch)> = vec![
        ("another row", Box::new(set("/id", 2.into()))),
        ("another table", Box::new(set("/table", "integration_sync_item".into()))),
        ("no table", Box::new(set("/table", "x".into()))),
        ("another place", Box::new(set("/leaves/0/index", 0.into()))),
        ("another way", Box::new(set("/leaves/0/path/0", "0".repeat(64).into()))),
        ("another operation", Box::new(set("/leaves/1/operation", 13.into()))),
        ("another summary", Box::new(set("/operations/1/summary", "nothing".into()))),
        ("a gap in the chain", Box::new(set("/operations/2/prev_hash", "0".repeat(64).into()))),
        ("nothing vouched for", Box::new(set("/operations/2/kept", serde_json::Value::Null))),
        ("another sum", Box::new(set("/operations/2/kept", "0".repeat(256).into()))),
        ("another root of what was changed", Box::new(set("/operations/2/touched", "0".repeat(64).into()))),
        ("no leaf", Box::new(set("/leaves", serde_json::json!([])))),
        ("no operation", Box::new(set("/operations", serde_json::json!([])))),
        ("no last operation", Box::new(|proof| pop(&mut proof["operations"]))),
        ("an earlier state passed off as the last", Box::new(|proof| pop(&mut proof["leaves"]))),
        ("a change left out", Box::new(|proof| drop(proof["leaves"].as_array_mut().unwrap().remove(1)))),
        ("one operation's rows not shown", Box::new(|proof| pop(&mut proof["last"]))),
        ("rows shown of none", Box::new(|proof| pop(&mut proof["last"][0]["leaves"]))),
        (
            "a neighbour that is none",
            Box::new(|proof| {
                for touched in proof["last"].as_array_mut().unwrap() {
                    let leaves = touched["leaves"].as_array_mut().unwrap();
                    if leaves.len() == 2 {
                        leaves.remove(0);
                    }
                }
                pop(&mut proof["leaves"]);
            }),
        ),
    ];
    for (name, touch) in touches {
        let mut proof = proof.clone();
        touch(&mut proof);
        let typed: Proof = serde_json::from_value(proof.clone()).unwrap();
        typed.check(Some(&digest)).expect_err(name);
        let (code, said) = check(&proof).unwrap();
        assert!([10, 13].contains(&code), "{name}: {said}");
    }
}
