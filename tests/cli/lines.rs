//! `--plain`: the workbench as lines of text, through pipes; and the first run, which asks in the same way.

use crate::harness::{Bench, Ran};

/// What the workbench of lines says to a script.
fn converse(bench: &Bench, lines: &[&str]) -> Ran {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let ran = bench.feed(&["--plain"], input.as_bytes()).ok();
    let wrong = ran.out.chars().find(|c| c.is_control() && *c != '\n' || "─│┌└┐┘├┤".contains(*c));
    assert_eq!(wrong, None, "only text:\n{}", ran.out);
    ran
}

#[track_caller]
fn says(ran: &Ran, parts: &[&str]) {
    let mut rest = ran.out.as_str();
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("no \"{part}\" (in this order) in\n{}", ran.out));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn rows_are_columns_with_their_values_and_each_is_said_once() {
    let bench = Bench::agency();
    let ran = converse(&bench, &["sync items", "2"]);
    says(
        &ran,
        &[
            "Home: what needs attention",
            "1. Ledger entries pending certification",
            "Sync Items, view",
            "1. Item: ITM-",
            "; Field: ",
            "2. Item: ITM-",
            "Row 1, ITM-",
            "Row 2, ITM-",
        ],
    );
    assert_eq!(ran.out.matches("Sync Items, view").count(), 1, "{}", ran.out);
    assert_eq!(ran.out.matches("\n2. Item: ").count(), 1, "{}", ran.out);
}

#[test]
fn an_input_is_edited_by_numbers() {
    let bench = Bench::agency();
    let ran = converse(&bench, &["sync items", "E", "1", "DE", "2", "read on paper", "3", "quit"]);
    says(
        &ran,
        &["Edit the input of ITM-", "Was ", "1. Input: ", "2. Reason, which is needed: empty", "3. Save and retry"],
    );
    says(&ran, &["2. Reason, which is needed: read on paper", "Edited the input of ITM-"]);
}

#[test]
fn a_code_is_mapped_and_taken_back_by_words_keys_and_numbers() {
    let bench = Bench::agency();
    let ran = converse(&bench, &["value maps", "m", "france", "1", "u", "quit"]);
    says(
        &ran,
        &[
            "Value Maps, view Unmapped first",
            "Source code: fr",
            "Waiting: 2 items",
            "1. FRA, France",
            "2. KEN, Kenya",
            "to FRA: 2 items released",
            "Took back operation",
        ],
    );
    bench.run(&["list", "value-maps", "--filter", "is:proposed"]).ok();
}

#[test]
fn codes_that_wait_are_decided_by_number_by_search_and_as_a_family() {
    let bench = Bench::agency();
    bench.file("more.csv", "id,name,country\n4,Dag,FR\n5,Eli,kenja\n");
    bench.ingest("more.csv").ok();
    let ran = converse(&bench, &["map unmapped codes", "france", "1", "u", "=", "Down", "Space", "0", "Ctrl+Q"]);
    says(
        &ran,
        &[
            "3 codes hold 4 items",
            "Code fr of HR: 2 items wait for it",
            "Effect: FRA releases 3 items, changes ",
            "RECORDS THAT WAIT FOR IT",
            "Decided \"fr\" of HR in country as FRA, and 1 other proposal goes by it: 3 items released",
            "Took back operation",
            "fr, taken along",
            "FR, taken along",
            "FR, left out",
            "Decided \"fr\" of HR in country as having no match: ",
        ],
    );
    let lists = bench.rows("value-maps", "is:proposed");
    assert_eq!(lists.len(), 2, "{lists:?}");
}

#[test]
fn many_are_certified_by_way_of_the_preview_with_a_typed_note() {
    let bench = Bench::agency();
    let ran = converse(&bench, &["ledger", "C", "1", "read against the file", "2", "messages", "Esc", "quit"]);
    says(
        &ran,
        &[
            "Certify: check before you commit",
            "You chose: all rows that match: is:pending",
            "1. Note, kept with each entry: empty",
            "3. Cancel",
            "Type the text of this field",
            "1. Note, kept with each entry: read against the file",
            "Certified ",
            "Messages: what was said",
            "Certified ",
        ],
    );
    let certified = bench.run(&["list", "ledger", "--filter", "is:certified", "--json"]).ok();
    assert!(certified.out.contains("read against the file"), "{}", certified.out);
}

#[test]
fn what_does_not_apply_or_is_not_there_is_answered() {
    let bench = Bench::agency();
    let ran = converse(
        &bench,
        &["99", "xyzzy", "c", "ledger", "filter", "statuz:x", "Esc", "filter", "is:certified", "apply"],
    );
    says(
        &ran,
        &[
            "Nothing has the number 99",
            "No action here has the words \"xyzzy\"",
            "That does not apply here",
            "Ledger, view Pending",
            "Did you mean status?",
            "filter is:certified",
            "No row matches.",
        ],
    );
}

#[test]
fn hostile_text_is_text() {
    let bench = Bench::agency();
    bench.file("bad.csv", "id,name\n9,\"\u{1b}]0;owned\u{7}\u{202e}x\u{9b}2J\"\n");
    bench.ingest("bad.csv").ok();
    let ran = converse(&bench, &["ledger", "G", "Enter", "\u{1b}[2J", "Esc", "filter", "\u{1b}[31m\u{202e}"]);
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{}", ran.out);
}

#[test]
fn an_empty_input_ends_and_a_reader_that_went_away_is_no_error() {
    let bench = Bench::agency();
    let ran = converse(&bench, &[]);
    says(&ran, &["steward, store store.db"]);
}

#[test]
fn where_there_is_no_store_the_three_ways_out_are_offered() {
    let bench = Bench::empty();
    let ran = converse(&bench, &["x", "3", "", "1", "ledger", "quit"]);
    says(
        &ran,
        &[
            "There is no store at ", "1. an empty store there", "2. the demo", "3. another file",
            "Type one of the numbers.", "Type the path of the file.", "1. an empty store there",
            "steward, store store.db", "THIS STORE IS EMPTY", "steward ingest FILE", "There are no rows yet.",
        ],
    );
    bench.run(&["stats"]).ok();
    assert!(converse(&Bench::empty(), &["4"]).out.ends_with("4. quit\n"));
    // Where nothing lies at a path that was typed, an empty store can be made there.
    let bench = Bench::empty();
    let ran = converse(&bench, &["3", "other.db", "1", "quit"]);
    says(&ran, &["There is no store at other.db yet.", "1. an empty store there", "steward, store other.db"]);
}

#[test]
fn what_lies_over_a_pane_takes_the_same_words_as_a_pane() {
    let bench = Bench::agency();
    let ran = converse(&bench, &["sync items", "triage", "?", "esc", "quit", "list"]);
    says(&ran, &["Triage: ", "Every key that works here", "T: retry all", "Triage: "]);
    assert!(ran.out.trim_end().ends_with("Esc: close."), "{}", ran.out);
}

#[test]
fn one_picks_up_where_one_left_off() {
    let bench = Bench::agency();
    converse(&bench, &["sync items", "2", "quit"]);
    let ran = converse(&bench, &["list"]);
    says(&ran, &["Pick up where you left off: Sync Items, view", "row 2"]);
    let line = ran.out.lines().find(|line| line.contains("Pick up")).unwrap();
    let number = line.split('.').next().unwrap();
    says(&converse(&bench, &[number]), &["Sync Items, view", "Row 2, ITM-"]);
}

#[test]
#[cfg(unix)]
fn a_write_that_runs_is_told_of_and_stopped_whole_by_ctrl_c() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::process::Stdio;

    let bench = Bench::agency();
    let before = bench.rows("value-maps", "");
    // Another program writes, so that this one waits with its own.
    let other = rusqlite::Connection::open(bench.store()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut command = bench.command(&["--plain"]);
    let mut plain = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = plain.stdin.take().unwrap();
    input.write_all(b"value maps\nm\nfrance\n1\n").unwrap();
    let mut lines = BufReader::new(plain.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("Working: ") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "{said}");
    }
    assert!(said.contains("Ctrl+C stops it."), "{said}");
    let pid = plain.id().to_string();
    let interrupt = || assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    interrupt();
    while !said.contains("Stopping: ") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "{said}");
    }
    other.execute_batch("ROLLBACK").unwrap();
    input.write_all(b"home\n").unwrap();
    while !said.contains("nothing was changed") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "{said}");
    }
    // It goes on taking lines; where nothing runs, Ctrl+C ends it.
    interrupt();
    lines.read_to_string(&mut said).unwrap();
    assert!(!plain.wait().unwrap().success());
    assert_eq!(bench.rows("value-maps", ""), before, "nothing is half written");
    bench.assert_sound();
}

/// What was said with a number has it until rows are said anew, also after something was done.
#[test]
fn a_number_means_what_was_said_with_it_also_after_an_act() {
    let bench = Bench::agency();
    let ran = converse(&bench, &["ledger", "c", "3", "quit"]);
    let third = ran.out.lines().find_map(|line| line.strip_prefix("3. Entry: ")).unwrap();
    let third = third.split(';').next().unwrap();
    says(&ran, &["Certified LED-", &format!("Row 2, {third}")]);
}

#[test]
fn what_is_in_force_is_said_of_each_row_that_one_comes_to() {
    let bench = Bench::agency();
    let ran = converse(&bench, &["ledger", "Down", "Down", "quit"]);
    says(&ran, &["Row 1, ", "In force: ", "Row 2, ", "In force: ", "Row 3, ", "In force: "]);
}

#[test]
fn a_choice_in_a_form_is_named_and_its_options_are_said() {
    let bench = Bench::agency();
    let ran = converse(&bench, &["value maps", "E", "4", "narrower", "quit"]);
    says(
        &ran,
        &["4. Relationship: equal (one of equal, wider, narrower, inexact)", "4. Relationship: narrower (one of"],
    );
}

#[test]
fn history_undoes_nothing_that_was_not_said() {
    let bench = Bench::agency();
    for n in 0..21 {
        bench.run(&["user", "add", &format!("person{n}"), "--roles", "reviewer"]).ok();
    }
    let ran = converse(&bench, &["history", "21", "PgDn", "PgDn", "quit"]);
    says(&ran, &["1 to 20, the newest first", "20. Operation ", "Nothing here has the number 21.", "21 to 25, "]);
}
