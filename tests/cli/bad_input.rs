//! Bad files and bad words: each gets a sentence with the place and the remedy, and nothing is lost.

use crate::harness::{Bench, text};

#[test]
fn a_file_that_cannot_be_a_delivery_is_refused_before_anything_is_taken() {
    let bench = Bench::new();
    bench.file("empty.csv", "");
    bench.file("empty.jsonl", "");
    bench.file("nokey.csv", "name,Id No\nAda,1\n");
    bench.file("nokey.jsonl", "{\"name\":\"Ada\"}\n");
    bench.file("twice.csv", "id,name,Name\n1,a,b\n");
    bench.file("unnamed.csv", "id,,name\n1,a,b\n");
    bench.file("long.csv", format!("id,{}\n1,a\n", "n".repeat(101)));
    bench.file("semicolons.csv", "id;name\n1;Ada\n");
    bench.file("utf16.csv", b"\xff\xfei\0d\0,\0n\0\n\0");
    bench.file("latin.csv", b"id,pr\xe9nom\n1,Ada\n");
    bench.file("unclosed.csv", "id,\"name\n1,Ada\n");
    bench.file("pretty.json", "[\n  {\n    \"id\": 1\n  }\n]\n");
    for (file, parts) in [
        ("lost.csv", &["lost.csv: There is no such file. Check the path."][..]),
        (".", &["This is a folder"]),
        ("empty.csv", &["empty.csv: It is empty.", "column names"]),
        ("empty.jsonl", &["empty.jsonl: It is empty."]),
        ("nokey.csv", &["nokey.csv: It has no column \"id\".", "Did you mean \"Id No\"?", "name, Id No"]),
        ("nokey.jsonl", &["nokey.jsonl: It has no column \"id\".", "name"]),
        ("twice.csv", &["twice.csv: Columns 2 and 3 are both named \"Name\"."]),
        ("unnamed.csv", &["unnamed.csv: The name of column 2 is empty."]),
        ("long.csv", &["long.csv: The name of column 2 has 101 characters"]),
        ("semicolons.csv", &["semicolons.csv: It has no column \"id\".", "with commas"]),
        ("utf16.csv", &["utf16.csv: It is UTF-16.", "UTF-8"]),
        ("latin.csv", &["latin.csv: The name of column 2 is not UTF-8", "UTF-8"]),
        ("unclosed.csv", &["unclosed.csv: ", "The quote that opens in line 1, column 2, is never closed"]),
    ] {
        bench.ingest(file).refused(parts);
    }
    let args = ["ingest", "pretty.json", "--source", "HR", "--table", "person", "--key", "id", "--format", "ndjson"];
    bench.run(&args).refused(&["pretty.json: ", "Line 1", "JSON object"]);
    assert!(bench.rows("sync-jobs", "").is_empty());
    assert!(bench.rows("identifiers", "").is_empty());
    bench.assert_sound();
}

#[test]
fn bad_rows_and_values_fail_alone_and_keep_their_text() {
    let bench = Bench::new();
    let long = "x".repeat(5000);
    let mut file = format!("id,name\n1,Ada\n2\n3,Chidi,extra\n4,{long}\n,nokey\n5,caf").into_bytes();
    file.extend_from_slice(b"\xe9\n6,\"pipe\"5\n7,Last\n");
    bench.file("people.csv", file);
    let ran = bench.ingest("people.csv").ok();
    let object = ran.json();
    assert_eq!((&object["failed"], &object["waiting"]), (&6.into(), &2.into()), "{ran:?}");
    assert_eq!(text(&object, "job_status"), "Indeterminate (Neutral)");
    for part in ["3", "1 cell where the header has 2", "4", "3 cells where the header has 2", "closing quote"] {
        assert!(ran.err.contains(part), "{part:?} in {ran:?}");
    }
    let failed = bench.rows("sync-items", "is:failed");
    let raw: Vec<&str> = failed.iter().map(|item| item["raw_value"].as_str().unwrap_or_default()).collect();
    for part in ["2", "3,Chidi,extra", long.as_str(), "6,\"pipe\"5"] {
        assert!(raw.contains(&part), "{part:?} in {raw:?}");
    }
    assert!(raw.iter().any(|raw| raw.contains("caf")), "{raw:?}");
    for code in ["ST011", "ST012", "ST013", "ST014"] {
        let message = failed.iter().map(|item| text(item, "process_message"));
        assert!(message.clone().any(|message| message.starts_with(&format!("[{code}]"))), "{code}");
    }
    bench.assert_sound();
}

#[test]
fn an_unclosed_quote_is_told_with_the_line_where_it_opens() {
    let bench = Bench::new();
    bench.file("people.csv", "id,name\n1,Ada\n2,\"Bao\n3,Chidi\n");
    let ran = bench.ingest("people.csv").ok();
    assert!(ran.err.contains("opens in line 3, column 2, is never closed"), "{ran:?}");
    assert!(ran.err.contains("from line 3 to the end"), "{ran:?}");
    let failed = bench.rows("sync-items", "is:failed");
    assert_eq!(text(&failed[0], "raw_value"), "2,\"Bao\n3,Chidi\n");
}

#[test]
fn a_stored_text_cannot_write_to_the_terminal_by_way_of_a_sentence() {
    let bench = Bench::new();
    bench.file("evil.csv", "a\u{1b}[31mb\nx\n");
    let ran = bench.ingest("evil.csv").refused(&["a⟨U+001B⟩[31mb"]);
    assert!(!ran.err.contains('\u{1b}'));
    bench.file("evil\u{1b}.csv", "");
    bench.ingest("evil\u{1b}.csv").refused(&["evil⟨U+001B⟩.csv: It is empty."]);
}

#[test]
fn wrong_words_are_answered_with_the_nearest_right_ones() {
    let bench = Bench::agency();
    bench.run(&["list", "ledger", "--filter", "statuz:x"]).refused(&["character 1", "statuz", "Did you mean status?"]);
    bench.run(&["list", "ledger", "--filter", "is:lost"]).refused(&["is: takes one of Pending"]);
    bench.run(&["list", "ledger", "--sort", "-creatd"]).refused(&["creatd", "Did you mean created_by?"]);
    bench.run(&["certify", "--filter", "statuz:x"]).refused(&["character 1", "Did you mean status?"]);
    bench.run(&["list", "ledgr"]).misused(&["ledgr", "sync-items", "similar value exists: 'ledger'"]);
    bench.run(&["lst"]).misused(&["lst"]);
    bench.run(&["map", "HR", "country", "fr", "FRX"]).refused(&["FRX", "country"]);
    bench.run(&["map", "HR", "contry", "fr", "FRA"]).refused(&["contry", "Did you mean country?"]);
    bench.run(&["--as", "nobody-known", "certify", "--filter", "is:pending"]).refused(&["nobody-known", "user add"]);
    bench.run(&["--as", "nobody-known", "stats"]).refused(&["nobody-known", "user list"]);
    assert_eq!(bench.rows("ledger", "is:pending").len(), 3);
    assert_eq!(bench.rows("sync-items", "is:held").len(), 2);
    bench.assert_sound();
}

/// A script's variable that is not set must not mean every row.
#[test]
fn an_empty_filter_of_what_is_to_be_changed_is_refused() {
    let bench = Bench::agency();
    for act in ["certify", "reject", "revoke", "reopen", "recertify", "retry", "park", "unpark"] {
        for filter in ["", " ", "\"\"", "-", "-\"\"", "''", "\u{200b}"] {
            bench.run(&[act, "--filter", filter]).misused(&["every row"]);
        }
    }
    bench.run(&["dispose", "ledger", "--filter", "", "--reason", "GRS 1"]).misused(&["every row"]);
    bench.run(&["close", "--filter", "", "--reason", "too old"]).misused(&["every row"]);
    assert_eq!(bench.rows("ledger", "is:pending").len(), 3);
    bench.run(&["list", "ledger", "--filter", ""]).ok();
}
