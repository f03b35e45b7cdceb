//! Retry, edit and retry, park and unpark: attempts and their lineage, counters, refusals, four eyes. Taking them back
//! stands in `retries_undone`.

use steward::engine::{Command, Error, Import, Mode, Outcome, Refusal, Rows, Verb};
use steward::model::record::{Cell, Fault, Record};
use steward::model::row::Row;
use steward::model::table::Table;

use crate::bench::{Bench, NOON, delivery, record};

pub fn retry(filter: &str) -> Command {
    Command::Retry { rows: Rows::Filter(filter.into()), reason: None }
}

pub fn retry_one(id: i64) -> Command {
    Command::Retry { rows: Rows::Ids(vec![id]), reason: None }
}

pub fn park(filter: &str) -> Command {
    Command::Park { rows: Rows::Filter(filter.into()), reason: Some("not now".into()) }
}

pub fn unpark(filter: &str) -> Command {
    Command::Unpark { rows: Rows::Filter(filter.into()) }
}

pub fn edit(item: &Row, raw: &str) -> Command {
    Command::EditRetry {
        item: item.id,
        row_version: item.int("row_version").unwrap(),
        raw: raw.into(),
        reason: "a typing error".into(),
    }
}

pub const UNDO: Command = Command::Undo { operation: None };

/// A store whose code list `status` knows A and B, where support acts, and the value `x` of HR is held for a map.
pub fn with_held() -> Bench {
    let mut bench = Bench::new();
    bench.codes("status", &["A", "B"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "x")])]);
    bench.act_as("sue");
    bench
}

/// One failed item: a value that is too long.
pub fn with_failed() -> Bench {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", &"n".repeat(4001))])]);
    bench.act_as("sue");
    bench
}

pub fn items(bench: &Bench) -> Vec<Row> {
    bench.rows(Table::SyncItems, "")
}

/// The job's non-zero counters and its status, after checking that it still counts each delivered value once.
pub fn job(bench: &Bench) -> String {
    let job = &bench.rows(Table::SyncJobs, "")[0];
    let names =
        ["queued", "applied", "unchanged", "waiting", "held", "failed", "rejected", "superseded", "parked", "closed"];
    let counted = names.map(|name| (name, job.int(name).unwrap()));
    assert_eq!(counted.iter().map(|(_, n)| n).sum::<i64>(), job.int("items").unwrap(), "{counted:?}");
    let parts: Vec<String> = counted.iter().filter(|(_, n)| *n != 0).map(|(name, n)| format!("{n} {name}")).collect();
    format!("{}: {}", parts.join(", "), job.display("job_status"))
}

fn went_on(outcome: &Outcome) -> (i64, i64) {
    (outcome.changed, outcome.released)
}

pub fn waiting_for_map(bench: &Bench) -> Option<i64> {
    bench.rows(Table::ValueMaps, "code:x")[0].int("waiting")
}

#[test]
fn a_retry_is_a_new_attempt_and_the_old_one_stays_as_it_was_delivered() {
    let mut bench = with_held();
    let rows = [("code_list", "status"), ("source_code", "x"), ("canonical_code_value", "A"), ("confidence", "0.5")];
    bench.act_as("sam").import(Import::ValueMaps, &[&rows]).unwrap();
    bench.act_as("sue").run(&retry("is:held")).unwrap();
    let all = items(&bench);
    let (old, new) = (&all[0], &all[1]);
    assert_eq!((old.display("state").as_ref(), old.display("statecode").as_ref()), ("Superseded", "Inactive"));
    // The import decided it once more, in its place.
    assert_eq!((old.text("code"), old.text("raw_value")), ("ST023", "x"));
    assert!(old.text("process_message").starts_with("[ST023] "));
    assert_eq!((new.text("parent_item"), new.int("attempt")), (old.name(), Some(2)));
    assert_eq!((new.display("state").as_ref(), new.text("code")), ("Held", "ST023"));
    for same in ["integration_sync_job", "source_date_time", "sequence", "external_key", "raw_value", "target_id"] {
        assert_eq!(old.value(same), new.value(same), "{same}");
    }
    assert_eq!(new.text("created_by"), "sue");
    assert_eq!(job(&bench), "1 held: Indeterminate (Neutral)");
    assert_eq!(bench.states("is:held").len(), 1);
    bench.assert_sound();
}

#[test]
fn what_was_mended_goes_on() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.import(Import::Bindings, &[&[("target_table", "contact"), ("on_unknown_key", "hold")]]).unwrap();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("status", "x")]), ("2", &[("name", "Bo")])]);
    assert_eq!(job(&bench), "3 held: Indeterminate (Neutral)");
    let key = [("external_key", "1"), ("source_system_key", "HR"), ("target_table", "contact"), ("target_id", "t1")];
    bench.import(Import::Identifiers, &[&key]).unwrap();
    let preview = bench.act_as("sue").engine.run(&retry("code:ST040"), &Mode::DryRun).unwrap();
    let outcome = bench.run(&retry("code:ST040")).unwrap();
    assert_eq!(Outcome { operation: None, ..outcome.clone() }, preview);
    assert_eq!((went_on(&outcome), outcome.values_changed), ((3, 1), 1));
    assert_eq!(outcome.summary, "Retried 3 items: 1 went on, 2 did not");
    // The name is written, the code waits for a map now, and the other key is unknown again.
    let states = bench.rows(Table::SyncItems, "is:active");
    let states: Vec<_> = states.iter().map(|row| (row.display("state").into_owned(), row.text("code"))).collect();
    assert_eq!(states, [("Applied".into(), ""), ("Held".into(), "ST020"), ("Held".to_string(), "ST040")]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    assert_eq!(bench.rows(Table::Identifiers, "")[0].int("last_seen_date_time"), Some(NOON));
    assert_eq!(waiting_for_map(&bench), Some(1));
    assert_eq!(job(&bench), "1 applied, 2 held: Indeterminate (Neutral)");
    bench.assert_sound();
    // What waits for the map is released by it, whichever attempt it is.
    bench.act_as("sam").map("HR", "status", "x", "A").unwrap();
    assert_eq!(job(&bench), "2 applied, 1 held: Indeterminate (Neutral)");
    bench.assert_sound();
}

#[test]
fn two_targets_are_told_apart_once_one_is_retired() {
    let mut bench = Bench::new();
    let row = |target| {
        [("external_key", "1"), ("source_system_key", "HR"), ("target_table", "contact"), ("target_id", target)]
    };
    bench.import(Import::Identifiers, &[&row("t1")]).unwrap();
    bench.import(Import::Identifiers, &[&row("t2")]).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!(items(&bench)[0].text("code"), "ST041");
    bench.undo_last("import").unwrap();
    bench.act_as("sue").run(&retry("is:held")).unwrap();
    let new = &bench.rows(Table::SyncItems, "is:waiting")[0];
    assert_eq!((new.text("target_id"), new.int("attempt")), ("t1", Some(2)));
    bench.assert_sound();
}

#[test]
fn an_unknown_key_gets_a_target_once_the_binding_makes_them() {
    let mut bench = Bench::new();
    let hold = [("target_table", "contact"), ("on_unknown_key", "hold")];
    bench.import(Import::Bindings, &[&hold]).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("title", "Clerk")])]);
    bench.undo_last("import").unwrap();
    let outcome = bench.act_as("sue").run(&retry("is:held")).unwrap();
    assert_eq!(went_on(&outcome), (2, 2));
    let targets: Vec<_> =
        bench.rows(Table::SyncItems, "is:waiting").iter().map(|row| row.text("target_id").to_string()).collect();
    assert_eq!(targets[0], targets[1]);
    assert_eq!(bench.rows(Table::Identifiers, "").len(), 1);
    bench.assert_sound();
    bench.run(&UNDO).unwrap();
    assert!(bench.rows(Table::Identifiers, "is:active").is_empty());
    assert_eq!(job(&bench), "2 held: Indeterminate (Neutral)");
    bench.assert_sound();
}

#[test]
fn what_is_held_again_waits_on_and_is_released_by_what_it_waits_for() {
    let mut bench = with_held();
    let outcome = bench.run(&retry("is:held")).unwrap();
    assert_eq!(outcome.summary, "Retried 1 item: 0 went on, 1 did not");
    assert_eq!((job(&bench).as_str(), waiting_for_map(&bench)), ("1 held: Indeterminate (Neutral)", Some(1)));
    let held = &bench.rows(Table::SyncItems, "is:held")[0];
    assert!(!held.text("process_message").contains("Parked"), "{}", held.text("process_message"));
    // What a person parked stays parked while nothing has changed.
    bench.run(&park("is:held")).unwrap();
    bench.run(&retry("is:parked")).unwrap();
    assert_eq!((job(&bench).as_str(), waiting_for_map(&bench)), ("1 parked: Indeterminate (Neutral)", Some(0)));
    bench.run(&unpark("is:parked")).unwrap();
    assert_eq!((job(&bench).as_str(), waiting_for_map(&bench)), ("1 held: Indeterminate (Neutral)", Some(1)));
    bench.assert_sound();
    assert_eq!(bench.act_as("sam").map("HR", "status", "x", "A").unwrap().released, 1);
    assert_eq!(job(&bench), "1 waiting: Indeterminate (Neutral)");
    bench.assert_sound();
}

#[test]
fn the_same_fault_twice_in_a_row_parks_the_item() {
    let mut bench = with_failed();
    let outcome = bench.act_as("sue").run(&retry("is:failed")).unwrap();
    assert_eq!(outcome.summary, "Retried 1 item: 0 went on, 1 failed the same way again and is parked");
    let parked = &bench.rows(Table::SyncItems, "is:parked")[0];
    let message = parked.text("process_message");
    assert!(message.starts_with("[ST012] ") && message.ends_with("Parked: the same code twice in a row."), "{message}");
    assert_eq!(job(&bench), "1 parked: Indeterminate (Neutral)");
    bench.assert_sound();
    // A parked item stays parked while nothing has changed, and says so once.
    bench.run(&retry("is:parked")).unwrap();
    let again = &bench.rows(Table::SyncItems, "is:parked")[0];
    assert_eq!((again.int("attempt"), again.text("process_message")), (Some(3), message));
    bench.run(&unpark("is:parked")).unwrap();
    let failed = &bench.rows(Table::SyncItems, "is:failed")[0];
    assert!(!failed.text("process_message").contains("Parked"), "{}", failed.text("process_message"));
    bench.assert_sound();
}

#[test]
fn faults_of_the_input_come_again_unless_it_is_edited() {
    let mut bench = Bench::new();
    let text = |name: &str, value: &str| (name.into(), Cell::Text(value.to_string()));
    let records = vec![
        Ok(record(0, &("1", &[("name", &"n".repeat(4001))]))),
        Ok(record(1, &("", &[("name", "Nobody")]))),
        Err(Fault { line: 4, problem: "it has 2 cells.".into(), raw: "a,b".into() }),
        Ok(Record { line: 5, fields: vec![text("id", "2"), text("name", "a\0b")] }),
    ];
    bench.ingest(&delivery("HR", "contact", &"c".repeat(64), NOON), records);
    assert_eq!(job(&bench), "4 failed: Failure");
    bench.act_as("sue").run(&retry("created>=1970")).unwrap();
    assert_eq!(job(&bench), "4 parked: Indeterminate (Neutral)");
    let mut codes: Vec<_> =
        bench.rows(Table::SyncItems, "is:parked").iter().map(|row| row.text("code").to_string()).collect();
    codes.sort();
    assert_eq!(codes, ["ST011", "ST012", "ST013", "ST014"]);
    bench.assert_sound();
    bench.run(&unpark("is:parked")).unwrap();
    assert_eq!(job(&bench), "4 failed: Failure");
    for item in bench.rows(Table::SyncItems, "is:failed") {
        let result = bench.run(&edit(&item, "Ann"));
        if item.text("field_name").is_empty() {
            let refused = result.unwrap_err().to_string();
            assert!(refused.contains("stands for a whole record"), "{refused}");
        } else {
            assert_eq!(went_on(&result.unwrap()), (1, 1), "{}", item.text("code"));
        }
    }
    assert_eq!(job(&bench), "2 waiting, 2 failed: Indeterminate (Neutral)");
    bench.assert_sound();
}

#[test]
fn an_edit_is_a_copy_and_needs_a_reason_a_version_and_a_value() {
    let mut bench = with_failed();
    let item = &items(&bench)[0];
    let Command::EditRetry { item: id, row_version, raw, reason } = edit(item, "Ann") else { unreachable!() };
    let of = |row_version, raw: &str, reason: &str| Command::EditRetry {
        item: id,
        row_version,
        raw: raw.into(),
        reason: reason.into(),
    };
    let long = "n".repeat(4001);
    for (case, command, part) in [
        ("no reason", of(row_version, &raw, " "), "needs a reason"),
        ("a long reason", of(row_version, &raw, &"r".repeat(501)), "at most 500 characters"),
        ("a long value", of(row_version, &long, &reason), "at most 4,000 characters"),
        ("a NUL", of(row_version, "a\0b", &reason), "no NUL"),
        ("an older version", of(row_version - 1, &raw, &reason), "was changed by ada"),
        ("no item", Command::EditRetry { item: 99, row_version, raw: raw.clone(), reason }, "no sync item ITM-0000099"),
    ] {
        let refused = bench.run(&command).unwrap_err();
        assert!(refused.to_string().contains(part), "{case}: {refused}");
        assert_eq!(items(&bench).len(), 1, "{case}");
    }
    bench.run(&edit(item, "Ann")).unwrap();
    let all = items(&bench);
    assert_eq!((all[0].text("raw_value"), all[1].text("raw_value")), (long.as_str(), "Ann"));
    assert_eq!(all[1].text("new_value"), "Ann");
    assert_eq!(job(&bench), "1 waiting: Indeterminate (Neutral)");
    let last = &bench.reader().operations(None, 1).unwrap()[0];
    assert_eq!((last.kind.as_str(), last.reason.as_deref()), ("retry", Some("a typing error")));
    bench.assert_sound();
}

#[test]
fn an_edit_to_the_same_value_is_no_edit() {
    let mut bench = with_held();
    let refused = bench.run(&edit(&items(&bench)[0], "x")).unwrap_err();
    assert!(refused.to_string().contains("has this value already"), "{refused}");
    bench.assert_sound();
}

#[test]
fn whoever_edited_the_input_does_not_certify_what_came_of_it() {
    for (case, retries) in [("the edited attempt", 0), ("a later attempt at the edited value", 1)] {
        let mut bench = Bench::new();
        bench.codes("status", &["A"]);
        bench.deliver("HR", "contact", &[("1", &[("status", "y")])]);
        let edited = edit(&items(&bench)[0], "x");
        bench.act_as("ada").run(&edited).unwrap();
        for _ in 0..retries {
            bench.act_as("sue").run(&retry("is:parked")).unwrap();
        }
        bench.run(&unpark("is:parked")).unwrap();
        bench.act_as("sam").map("HR", "status", "x", "A").unwrap();
        let own = bench.act_as("ada").decide(Verb::Certify, "is:pending").unwrap();
        assert_eq!((own.changed, own.held_back[0].rows), (0, 1), "{case}");
        assert!(own.held_back[0].reason.contains("an input that you edited"), "{case}: {own:?}");
        let rows = Rows::Filter("is:pending".into());
        let with_reason = Command::Decide { verb: Verb::Certify, rows, reason: Some("nobody else".into()) };
        let dry = bench.engine.run(&with_reason, &Mode::DryRun).unwrap();
        assert_eq!(dry.changed, 1, "{case}");
        bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
        assert_eq!(bench.value("HR", "1", "status").as_deref(), Some("A"), "{case}");
        bench.assert_sound();
    }
}

#[test]
fn an_editor_with_a_reason_leaves_a_mark() {
    let mut bench = with_failed();
    let edited = edit(&items(&bench)[0], "Ann");
    bench.act_as("ada").run(&edited).unwrap();
    let rows = Rows::Filter("is:pending".into());
    bench.run(&Command::Decide { verb: Verb::Certify, rows, reason: Some("nobody else".into()) }).unwrap();
    let entry = &bench.rows(Table::Ledger, "")[0];
    assert_eq!(entry.text("notes"), "Certified by the editor of its input: nobody else");
    bench.assert_sound();
}

#[test]
fn whoever_only_retries_may_certify() {
    let mut bench = with_failed();
    bench.run(&edit(&items(&bench)[0], "Ann")).unwrap();
    bench.act_as("ada").decide(Verb::Certify, "is:pending").unwrap();
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    bench.assert_sound();
}

#[test]
fn only_the_newest_attempt_is_retried_and_older_ones_name_it() {
    let mut bench = with_held();
    bench.run(&retry("is:held")).unwrap();
    bench.run(&retry("is:held")).unwrap();
    for old in [1, 2] {
        for command in [
            retry_one(old),
            Command::Park { rows: Rows::Ids(vec![old]), reason: None },
            Command::Unpark { rows: Rows::Ids(vec![old]) },
            edit(&items(&bench)[old as usize - 1], "A"),
        ] {
            let refused = bench.run(&command).unwrap_err();
            let said = format!("ITM-000000{old} (now ITM-0000003) is not the newest attempt.");
            assert_eq!(refused.to_string(), said, "{command:?}");
        }
    }
    let all = bench.run(&retry("created>=1970")).unwrap();
    assert_eq!((all.changed, all.held_back[0].rows), (1, 2));
    assert_eq!(all.held_back[0].examples, ["ITM-0000001 (now ITM-0000003)", "ITM-0000002 (now ITM-0000003)"]);
    bench.assert_sound();
}

#[test]
fn parking_keeps_the_evidence_and_unparking_brings_the_state_back() {
    for (case, mut bench, before, status) in
        [("held", with_held(), "1 held", "Indeterminate (Neutral)"), ("failed", with_failed(), "1 failed", "Failure")]
    {
        let old = items(&bench).remove(0);
        let preview = bench.engine.run(&park("created>=1970"), &Mode::DryRun).unwrap();
        let outcome = bench.run(&park("created>=1970")).unwrap();
        assert_eq!(Outcome { operation: None, ..outcome.clone() }, preview, "{case}");
        assert_eq!(outcome.summary, "Parked ITM-0000001", "{case}");
        let parked = items(&bench).remove(0);
        assert_eq!(job(&bench), "1 parked: Indeterminate (Neutral)", "{case}");
        for kept in ["raw_value", "code", "process_message", "value_map", "attempt", "statecode"] {
            assert_eq!(old.value(kept), parked.value(kept), "{case}: {kept}");
        }
        bench.assert_sound();
        bench.run(&UNDO).unwrap();
        assert_eq!(job(&bench), format!("{before}: {status}"), "{case}");
        bench.run(&park("created>=1970")).unwrap();
        bench.run(&unpark("is:parked")).unwrap();
        assert_eq!(job(&bench), format!("{before}: {status}"), "{case}");
        bench.assert_sound();
        bench.run(&UNDO).unwrap();
        assert_eq!(job(&bench), "1 parked: Indeterminate (Neutral)", "{case}");
        bench.assert_sound();
    }
}

#[test]
fn a_parked_item_does_not_wait_for_its_map() {
    let mut bench = with_held();
    bench.run(&park("is:held")).unwrap();
    assert_eq!(waiting_for_map(&bench), Some(0));
    assert_eq!(bench.act_as("sam").map("HR", "status", "x", "A").unwrap().released, 0);
    assert_eq!(bench.states(""), ["Parked"]);
    assert_eq!(went_on(&bench.act_as("sue").run(&retry("is:parked")).unwrap()), (1, 1));
    assert_eq!(job(&bench), "1 waiting: Indeterminate (Neutral)");
    bench.assert_sound();
}

/// What went on by itself is not triage's business.
#[test]
fn every_other_transition_is_refused_with_its_reason() {
    let mut bench = Bench::new();
    bench.policy(&[("target_table", "account"), ("commit_mode", "On Ingest")]);
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("title", "Clerk")])]);
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
    bench.deliver("HR", "account", &[("1", &[("name", "Acme")])]);
    let mut again = delivery("HR", "account", &"e".repeat(64), NOON + 1);
    again.keep_unchanged = true;
    again.submitted = None;
    bench.try_deliver(&again, &[("1", &[("name", "Acme")])], false).unwrap();
    bench.decide(Verb::Reject, "field:title").unwrap();
    bench.act_as("sue");
    for (state, why) in [
        ("Superseded", "is superseded by a newer value of its source."),
        ("Rejected", "is rejected; reopen its ledger entry instead."),
        ("Waiting", "waits for certification; decide its ledger entry instead."),
        ("Applied", "is applied."),
        ("Unchanged", "said nothing new."),
    ] {
        let item = &bench.rows(Table::SyncItems, &format!("is:{state}"))[0];
        let rows = Rows::Ids(vec![item.id]);
        for command in [
            Command::Retry { rows: rows.clone(), reason: None },
            edit(item, "Other"),
            Command::Park { rows: rows.clone(), reason: None },
            Command::Unpark { rows: rows.clone() },
        ] {
            let refused = bench.run(&command).unwrap_err();
            assert!(matches!(refused, Error::Refused(Refusal::Transition(_))), "{state} {command:?}: {refused}");
            assert_eq!(refused.to_string(), format!("{} {why}", item.name()), "{command:?}");
        }
    }
    bench.assert_sound();
}

#[test]
fn parking_twice_and_unparking_what_is_not_parked_are_refused() {
    let mut bench = with_held();
    let rows = || Rows::Ids(vec![1]);
    let not = bench.run(&Command::Unpark { rows: rows() }).unwrap_err();
    assert_eq!(not.to_string(), "ITM-0000001 is not parked.");
    bench.run(&park("is:held")).unwrap();
    let twice = bench.run(&Command::Park { rows: rows(), reason: None }).unwrap_err();
    assert_eq!(twice.to_string(), "ITM-0000001 is already parked.");
    let missing = bench.run(&retry_one(7)).unwrap_err();
    assert_eq!(missing.to_string(), "There is no sync item ITM-0000007.");
    let nothing = bench.run(&retry("source:nobody")).unwrap();
    assert_eq!((nothing.changed, nothing.operation), (0, None));
    bench.assert_sound();
}

#[test]
fn triage_takes_its_roles() {
    for (login, allowed) in [("sue", true), ("sam", true), ("ada", true), ("rita", false)] {
        let mut bench = with_held();
        let item = items(&bench).remove(0);
        bench.act_as(login);
        for command in [park("is:held"), unpark("is:parked"), retry("is:held"), edit(&item, "y")] {
            let result = bench.engine.run(&command, &Mode::DryRun);
            assert_eq!(result.is_ok(), allowed, "{login}: {command:?}: {result:?}");
        }
        bench.assert_sound();
    }
}

#[test]
fn a_retry_of_what_a_newer_value_overtook_is_superseded() {
    let mut bench = with_failed();
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
    let failed = &bench.rows(Table::SyncItems, "is:failed")[0];
    bench.run(&edit(failed, "Ann")).unwrap();
    assert_eq!(job(&bench), "1 superseded: Success");
    assert_eq!(bench.rows(Table::Ledger, "is:pending")[0].text("value"), "Anne");
    bench.assert_sound();
}

#[test]
fn a_preview_of_a_retry_that_moved_is_refused() {
    let mut bench = with_held();
    let preview = bench.engine.run(&retry("is:held"), &Mode::DryRun).unwrap();
    bench.run(&park("is:held")).unwrap();
    bench.run(&unpark("is:parked")).unwrap();
    let moved = bench.engine.run(&retry("is:held"), &Mode::AsPreviewed(preview.fingerprint)).unwrap_err();
    assert!(matches!(moved, Error::Refused(Refusal::PreviewMoved)), "{moved}");
    bench.assert_sound();
}

#[test]
fn commands_are_data() {
    let all = [
        retry("is:held"),
        park("created>=1970"),
        unpark("created>=1970"),
        Command::EditRetry { item: 1, row_version: 2, raw: "x".into(), reason: "r".into() },
    ];
    for command in all {
        let text = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), command, "{text}");
    }
}
