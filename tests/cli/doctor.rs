//! `doctor`: what is wrong, what to do, and what of it is mended.

use std::fs;
use std::time::Duration;

use rusqlite::Connection;

use crate::files::with_a_log_left;
use crate::harness::{Bench, tamper};

#[test]
fn a_sound_store_has_nothing_wrong() {
    let bench = Bench::agency();
    let said = bench.run(&["doctor"]).ok();
    for part in ["Sound: 4 operations", "verified just now", "kB are free where the store lies"] {
        assert!(said.out.contains(part), "{part}: {said:?}");
    }
    assert_eq!(bench.run(&["doctor", "--json"]).ok().json()["wrong"].as_array().unwrap().len(), 0);
    // Nothing is mended where nothing is wrong, and nothing is logged.
    bench.run(&["doctor", "--fix"]).ok();
    assert_eq!(bench.run(&["history", "--json"]).ok().lines().len(), 4);
}

/// What somebody did to what follows from the rows, and what the log says of its mending.
const DERIVED: [(&str, &str); 9] = [
    ("UPDATE current_value SET value = 'Eve' WHERE value = 'Ada'", "name: in force by LED-"),
    ("DELETE FROM current_value WHERE value = 'Ada'", "name: in force by LED-"),
    ("INSERT INTO current_value SELECT target_table, target_id, 'nick', value, ledger, confirmed_on, counted_from, stale_on
      FROM current_value WHERE value = 'Ada'", "nick: had no entry"),
    ("UPDATE row_count SET n = n + 1 WHERE facet = 'Held'", "integration_sync_item Held: 3 kept, 2 counted"),
    ("DELETE FROM row_count WHERE facet = 'Certified'", "integration_ledger Certified: 0 kept, 3 counted"),
    ("INSERT INTO row_count VALUES ('integration_ledger', 'Strange', 7)", "integration_ledger Strange: 7 kept, none counted"),
    ("UPDATE integration_value_map SET waiting = 9", "9 items kept as waiting, 2 counted"),
    ("UPDATE integration_sync_job SET held = 7", "JOB-0000001: its counters"),
    ("UPDATE integration_sync_job SET job_status = 166840000", "JOB-0000001: its counters"),
];

#[test]
fn what_follows_from_the_rows_is_worked_out_again_and_listed() {
    for (done, listed) in DERIVED {
        let bench = Bench::agency();
        bench.run(&["certify", "--filter", "is:pending"]).ok();
        bench.file("digest", bench.run(&["digest"]).ok().out);
        let shown = || bench.run(&["list", "ledger", "--csv", "--filter", "is:current"]).ok().out;
        let (before, counts) = (shown(), bench.run(&["stats", "--json"]).ok().json()["tables"].clone());
        tamper(&bench.store(), done);
        let said = bench.run(&["doctor"]);
        assert!(said.code == 1 && said.out.contains("steward doctor --fix"), "{done}: {said:?}");
        let said = bench.run(&["doctor", "--fix"]);
        assert!(said.code == 0 && said.out.contains("Worked out again"), "{done}: {said:?}");
        let last = bench.run(&["history", "--json"]).ok().lines().remove(0);
        assert_eq!(last["kind"], "rebuild");
        assert!(last["reason"].as_str().unwrap().contains(listed), "{done}: {last}");
        let checked = bench.run(&["verify", "--replay", "--digest", "digest"]);
        assert_eq!(checked.code, 0, "{done}: {checked:?}");
        assert_eq!(shown(), before, "{done}");
        assert_eq!(bench.run(&["stats", "--json"]).ok().json()["tables"], counts, "{done}");
    }
}

#[test]
fn nothing_is_mended_where_more_is_wrong() {
    let wrong = "UPDATE current_value SET value = 'Eve' WHERE value = 'Ada'";
    for also in [
        "UPDATE integration_ledger SET value = 'Eve' WHERE value = 'Ada'",
        "UPDATE integration_sync_item SET raw_value = 'Eve' WHERE id = 1",
        "UPDATE integration_sync_job SET records = 1",
        "UPDATE current_value SET confirmed_on = 1, counted_from = 1",
        "DELETE FROM choice WHERE label = 'Held'",
    ] {
        let bench = Bench::agency();
        bench.run(&["certify", "--filter", "is:pending"]).ok();
        tamper(&bench.store(), wrong);
        tamper(&bench.store(), also);
        let before = fs::read(bench.store()).unwrap();
        let said = bench.run(&["doctor", "--fix"]);
        assert!(said.code == 1 && said.err.contains("Nothing was mended"), "{also}: {said:?}");
        assert!((said.out.clone() + &said.err).contains("steward restore FILE"), "{also}: {said:?}");
        assert_eq!(fs::read(bench.store()).unwrap(), before, "{also}");
    }
    // Only an admin has it done.
    let bench = Bench::agency();
    bench.run(&["certify", "--filter", "is:pending"]).ok();
    bench.run(&["user", "add", "rosa", "--roles", "reviewer", "--name", "Rosa"]).ok();
    tamper(&bench.store(), wrong);
    let said = bench.run(&["--as", "rosa", "doctor", "--fix"]);
    assert!(said.code == 1 && said.err.contains("admin"), "{said:?}");
}

/// The first page of a table or an index in a store's file.
fn root_page(bench: &Bench, name: &str) -> u32 {
    let conn = Connection::open(bench.store()).unwrap();
    conn.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?", [name], |row| row.get(0)).unwrap()
}

fn burn(bench: &Bench, page: u32) {
    let mut bytes = fs::read(bench.store()).unwrap();
    let from = (page - 1) as usize * 4096;
    bytes[from..from + 4096].fill(0xa5);
    fs::write(bench.store(), bytes).unwrap();
}

#[test]
fn a_damaged_index_loses_nothing() {
    for index in ["sync_item_job", "ledger_turned_down", "current_value_ledger"] {
        let bench = Bench::agency();
        bench.run(&["certify", "--filter", "is:pending"]).ok();
        bench.file("digest", bench.run(&["digest"]).ok().out);
        let before = bench.run(&["list", "ledger", "--csv"]).ok().out;
        burn(&bench, root_page(&bench, index));
        let said = bench.run(&["doctor"]);
        assert!(said.code == 1 && said.out.contains("doctor --fix makes a new store"), "{index}: {said:?}");
        let said = bench.run(&["doctor", "--fix"]);
        assert!(said.code == 0 && said.out.contains("The damaged file is "), "{index}: {said:?}");
        let checked = bench.run(&["verify", "--replay", "--digest", "digest"]);
        assert_eq!(checked.code, 0, "{index}: {checked:?}");
        assert_eq!(bench.run(&["list", "ledger", "--csv"]).ok().out, before, "{index}");
        assert_eq!(bench.run(&["history", "--json"]).ok().lines()[0]["kind"], "salvage");
        assert!(bench.path("store.db.before-restore").exists());
    }
}

#[test]
fn what_can_be_read_of_a_damaged_table_is_salvaged_and_the_rest_is_named() {
    let bench = Bench::new();
    let rows: String = (0..600).map(|at| format!("{at},Name {at}\n")).collect();
    bench.file("people.csv", format!("id,name\n{rows}"));
    bench.ingest("people.csv").ok();
    // A page in the middle of the items: an inner one names them.
    let root = root_page(&bench, "integration_sync_item");
    let bytes = fs::read(bench.store()).unwrap();
    let inner = (root - 1) as usize * 4096;
    assert_eq!(bytes[inner], 5, "an inner page of a table");
    let number = |at: usize| usize::from(u16::from_be_bytes([bytes[inner + at], bytes[inner + at + 1]]));
    let cell = number(12 + 2 * (number(3) / 2));
    let leaf = u32::from_be_bytes(bytes[inner + cell..inner + cell + 4].try_into().unwrap());
    burn(&bench, leaf);
    let said = bench.run(&["doctor", "--fix"]);
    assert!(said.code == 1 && said.out.contains("! lost: integration_sync_item "), "{said:?}");
    assert!(said.err.contains("Rows are missing"), "{said:?}");
    let left = bench.rows("sync-items", "").len();
    assert!(left > 500 && left < 600, "{left}");
    assert_eq!(bench.rows("ledger", "").len(), 600);
    let ran = bench.run(&["verify"]);
    assert_eq!(ran.code, 10, "{ran:?}");
    let last = bench.run(&["history", "--json"]).ok().lines().remove(0);
    assert!(last["reason"].as_str().unwrap().contains("lost: integration_sync_item "), "{last}");
}

#[test]
fn what_lies_around_the_file_is_told_with_what_to_do() {
    let bench = Bench::agency();
    fs::create_dir(bench.path(".store.db.unfinished-0")).unwrap();
    fs::write(bench.path("store.db.format3"), "a copy").unwrap();
    fs::hard_link(bench.store(), bench.path("other.db")).unwrap();
    let said = bench.run(&["doctor"]);
    for part in
        ["! The file has 2 names", "! ", ".store.db.unfinished-0 was begun", "store.db.format3 (1 kB) was put aside"]
    {
        assert!(said.code == 1 && said.out.contains(part), "{part}: {said:?}");
    }
    fs::remove_file(bench.path("other.db")).unwrap();
    // A log is written back by whoever may: then there is nothing to be said of it.
    let bench = with_a_log_left();
    assert!(!bench.run(&["doctor"]).ok().out.contains("-wal"));
    fs::write(bench.store(), "burnt").unwrap();
    let said = bench.run(&["doctor", "--fix"]);
    assert!(
        said.code == 1 && said.out.contains("not a database") && said.err.contains("Nothing was mended"),
        "{said:?}"
    );
}

#[test]
fn locks_say_since_when_somebody_writes() {
    let bench = Bench::new();
    let rows: String = (0..20_000).map(|at| format!("{at},Name {at}\n")).collect();
    bench.file("people.csv", format!("id,name\n{rows}"));
    let mut ingest = bench
        .command(&["ingest", "people.csv", "--source", "HR", "--table", "person", "--key", "id", "--yes"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut seen = Vec::new();
    while ingest.try_wait().unwrap().is_none() {
        seen.extend(bench.run(&["locks", "--json"]).lines());
        std::thread::sleep(Duration::from_millis(3));
    }
    let writing: Vec<_> = seen.iter().filter(|holder| holder["writes"] == true).collect();
    assert!(!writing.is_empty(), "{seen:?}");
    let since = |key: &str| writing.iter().filter_map(|holder| holder[key].as_str()).collect::<Vec<_>>();
    assert!(!since("writes_since").is_empty(), "{writing:?}");
    assert!(since("writes_since").iter().all(|at| *at >= since("since")[0]), "{writing:?}");
    // Nobody writes any more.
    let conn = Connection::open(bench.store()).unwrap();
    conn.query_row("SELECT 1 FROM operation", [], |_| Ok(())).unwrap();
    assert!(bench.run(&["locks", "--json"]).ok().lines().iter().all(|holder| holder["writes_since"].is_null()));
}
