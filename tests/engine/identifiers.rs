//! Identifiers that people put right: what can be edited, what is refused, and taking one out of use.

use steward::engine::{Command, Error, Import, Mode, Refusal, Rows};
use steward::model::table::Table;

use crate::bench::{Bench, map};

/// The edit of an identifier as somebody who looks at it now would send it; records may be new.
fn edit(bench: &Bench, name: &str, changes: &[(&str, &str)]) -> Command {
    let new = if changes.contains(&("target_id", "")) { &[][..] } else { &[("new_target", "Yes")] };
    edit_as_typed(bench, name, &[changes, new].concat())
}

fn edit_as_typed(bench: &Bench, name: &str, changes: &[(&str, &str)]) -> Command {
    let row = &bench.rows(Table::Identifiers, &format!("name:{name}"))[0];
    Command::EditIdentifier { id: row.id, row_version: row.int("row_version").unwrap(), changes: map(changes) }
}

fn retire(bench: &Bench, name: &str) -> Command {
    let row = &bench.rows(Table::Identifiers, &format!("name:{name}"))[0];
    let row_version = row.int("row_version").unwrap();
    Command::RetireIdentifier { id: row.id, row_version, reason: "typed twice".into() }
}

fn target(bench: &Bench, name: &str) -> String {
    bench.rows(Table::Identifiers, &format!("name:{name}"))[0].text("target_id").to_string()
}

fn add(bench: &mut Bench, fields: &[(&str, &str)]) {
    let own = [("source_system_key", "HR"), ("target_table", "contact")];
    bench.import(Import::Identifiers, &[&[&own, fields].concat()]).unwrap();
}

fn refused(error: Error) -> String {
    match error {
        Error::Refused(refusal) => refusal.to_string(),
        Error::Failed(error) => panic!("{error:#}"),
    }
}

#[test]
fn a_key_is_led_to_another_record_and_back() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.deliver("CRM", "contact", &[("c1", &[("name", "Anne")])]);
    let (ann, anne) = (target(&bench, "IDN-0000001"), target(&bench, "IDN-0000002"));
    let command = edit(&bench, "IDN-0000001", &[("target_id", &anne)]);
    let outcome = bench.act_as("sam").run(&command).unwrap();
    assert_eq!((outcome.changed, outcome.tables.as_slice()), (1, &[Table::Identifiers][..]));
    assert!(outcome.summary.ends_with(&format!("stands for the contact {anne}; what came before stays where it went")));
    // What came before stays, and what comes from now on goes to the other record.
    bench.act_as("ada").deliver("HR", "contact", &[("1", &[("mail", "ann@example.org")])]);
    let went = |bench: &Bench, field: &str| {
        bench.rows(Table::Ledger, &format!("source:HR field:{field}"))[0].text("target_id").to_string()
    };
    assert_eq!((went(&bench, "name"), went(&bench, "mail")), (ann.clone(), anne.clone()));
    // A record that nothing else speaks of may be a slip of the pen.
    let slip = edit(&bench, "IDN-0000001", &[("target_id", "0190-slip")]);
    let outcome = bench.act_as("sam").engine.run(&slip, &Mode::DryRun).unwrap();
    assert!(outcome.summary.contains("stands for the new contact 0190-slip"), "{}", outcome.summary);
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!(target(&bench, "IDN-0000001"), ann);
    bench.assert_sound();
}

#[test]
fn what_a_delivery_came_by_keeps_its_key_and_one_that_was_typed_wrong_does_not() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    for change in [("external_key", "2"), ("source_system_key", "CRM"), ("target_table", "case")] {
        let command = edit(&bench, "IDN-0000001", &[change]);
        let problem = refused(bench.run(&command).unwrap_err());
        assert!(problem.starts_with(change.0) && problem.contains("Add another identifier"), "{problem}");
    }
    let ann = target(&bench, "IDN-0000001");
    add(&mut bench, &[("external_key", "O1"), ("target_id", &ann)]);
    let all = [("external_key", "01"), ("source_system_key", "crm"), ("target_table", "CONTACT")];
    let command = edit(&bench, "IDN-0000002", &all);
    bench.run(&command).unwrap();
    let row = &bench.rows(Table::Identifiers, "name:IDN-0000002")[0];
    // Sources and tables keep the spelling that the store knows.
    let told =
        ["external_key", "source_system_key", "target_table", "target_id"].map(|name| row.text(name).to_string());
    assert_eq!(told, ["01", "crm", "contact", &ann]);
    bench.deliver("crm", "contact", &[("01", &[("mail", "ann@example.org")])]);
    let command = edit(&bench, "IDN-0000002", &[("external_key", "02")]);
    assert!(refused(bench.run(&command).unwrap_err()).contains("deliveries have come by"));
    bench.assert_sound();
}

#[test]
fn nonsense_is_refused_and_so_is_who_comes_late_or_may_not() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    add(&mut bench, &[("external_key", "2"), ("target_id", "b")]);
    let long = "x".repeat(101);
    for (change, part) in [
        (("target_id", long.as_str()), "may have 100"),
        (("target_id", "a\0b"), "NUL"),
        (("external_key", " "), "has to be given"),
        (("identifier_id", "X"), "cannot be set here"),
        (("target", "X"), "Did you mean target_id?"),
    ] {
        let command = edit(&bench, "IDN-0000002", &[change]);
        let problem = refused(bench.run(&command).unwrap_err());
        assert!(problem.contains(part), "{problem}");
    }
    let late = edit(&bench, "IDN-0000002", &[("target_id", "c")]);
    let first = edit(&bench, "IDN-0000002", &[("target_id", "d")]);
    bench.act_as("sam").run(&first).unwrap();
    let moved = bench.act_as("ada").run(&late).unwrap_err();
    assert!(matches!(&moved, Error::Refused(Refusal::RowMoved { by, .. }) if by == "sam"), "{moved}");
    let command = edit(&bench, "IDN-0000002", &[("target_id", "e")]);
    for login in ["rita", "sue"] {
        assert!(matches!(bench.act_as(login).run(&command), Err(Error::Refused(Refusal::Role { .. }))));
    }
    // What it holds already is no operation.
    let same = edit(&bench, "IDN-0000002", &[("target_id", "d")]);
    assert_eq!(bench.act_as("ada").run(&same).unwrap().operation, None);
    bench.assert_sound();
}

#[test]
fn a_key_with_two_targets_is_mended_by_an_edit_or_by_taking_one_out_of_use() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    let ann = target(&bench, "IDN-0000001");
    let own = [("source_system_key", "HR"), ("target_table", "contact"), ("external_key", "1"), ("target_id", "other")];
    let added = bench.import(Import::Identifiers, &[&own]).unwrap();
    assert!(added.summary.ends_with("1 key has two targets now, and what is delivered of it is held"), "{added:?}");
    bench.days_pass(1);
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
    assert_eq!(bench.rows(Table::SyncItems, "is:held")[0].text("code"), "ST041");
    let worse = edit(&bench, "IDN-0000002", &[("target_id", "third")]);
    let problem = refused(bench.run(&worse).unwrap_err());
    assert!(problem.contains(&format!("by IDN-0000001 this key stands for the record {ann}")), "{problem}");
    let mended = edit(&bench, "IDN-0000002", &[("target_id", &ann)]);
    bench.run(&mended).unwrap();
    bench.run(&Command::Undo { operation: None }).unwrap();
    let command = retire(&bench, "IDN-0000002");
    let outcome = bench.act_as("sam").run(&command).unwrap();
    assert!(outcome.summary.contains(&format!("stands for {ann} alone")), "{}", outcome.summary);
    let again = bench.run(&command).unwrap_err();
    assert!(refused(again).contains("IDN-0000002 was changed by sam"));
    let retried = bench.run(&Command::Retry { rows: Rows::Filter("is:held".into()), reason: None }).unwrap();
    assert_eq!(retried.released, 1);
    // The last one of its key: what comes next is another record, unless somebody takes that back.
    let last = retire(&bench, "IDN-0000001");
    let outcome = bench.run(&last).unwrap();
    assert!(outcome.summary.ends_with("is unknown now; its next delivery makes a new record"), "{}", outcome.summary);
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!(bench.rows(Table::Identifiers, "is:active").len(), 1);
    bench.assert_sound();
}

#[test]
fn an_explanation_names_the_keys_that_stood_for_the_record_then() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    let (ann, then) = (target(&bench, "IDN-0000001"), bench.now());
    bench.days_pass(1);
    let command = edit(&bench, "IDN-0000001", &[("target_id", "other")]);
    bench.run(&command).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Anne")])]);
    let key = |target: &str| ("contact".to_string(), target.to_string(), "name".to_string());
    let keys = |target: &str, at| steward::engine::explain(&bench.reader(), &key(target), at).unwrap().identifiers;
    let one = vec![("HR".to_string(), "1".to_string())];
    assert_eq!((keys(&ann, Some(then)), keys(&ann, None)), (one.clone(), Vec::new()));
    assert_eq!(keys("other", None), one);
    bench.assert_sound();
}

/// A store whose code list `status` knows A and B, where HR's value x of the key 1 is held, and one that is too long failed.
fn undecided() -> Bench {
    let mut bench = Bench::new();
    bench.codes("status", &["A", "B"]);
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest")]);
    let long = "n".repeat(4001);
    bench.deliver("HR", "contact", &[("1", &[("status", "x"), ("title", &long), ("name", "Ann")])]);
    bench.deliver("CRM", "contact", &[("c1", &[("name", "Anne")])]);
    bench
}

fn led(bench: &Bench, filter: &str) -> Vec<String> {
    bench.rows(Table::SyncItems, filter).iter().map(|row| row.text("target_id").to_string()).collect()
}

#[test]
fn what_was_not_decided_goes_along_with_its_key() {
    for park in [false, true] {
        let mut bench = undecided();
        let (ann, anne) = (target(&bench, "IDN-0000001"), target(&bench, "IDN-0000002"));
        if park {
            bench.run(&Command::Park { rows: Rows::Filter("is:held".into()), reason: None }).unwrap();
        }
        let command = edit(&bench, "IDN-0000001", &[("target_id", &anne)]);
        let preview = bench.act_as("sam").engine.run(&command, &Mode::DryRun).unwrap();
        let outcome = bench.run(&command).unwrap();
        assert_eq!(preview.summary, outcome.summary);
        assert!(outcome.summary.ends_with("; 2 items of it that were not applied go along"), "{}", outcome.summary);
        assert!(outcome.tables.contains(&Table::SyncItems));
        assert_eq!(led(&bench, "state:held,failed,parked"), [anne.as_str(); 2]);
        // What was written stays where it went.
        assert_eq!(led(&bench, "source:HR is:applied"), [ann.as_str()]);
        bench.assert_sound();
        if park {
            bench.run(&Command::Unpark { rows: Rows::Filter("is:parked".into()) }).unwrap();
        }
        bench.map("HR", "status", "x", "A").unwrap();
        let entry = &bench.rows(Table::Ledger, "field:status")[0];
        assert_eq!((entry.text("value"), entry.text("target_id")), ("A", anne.as_str()), "parked: {park}");
        bench.assert_sound();
    }
}

#[test]
fn an_undo_of_the_edit_takes_what_was_not_decided_back_and_what_came_since_along() {
    let mut bench = undecided();
    let (ann, anne) = (target(&bench, "IDN-0000001"), target(&bench, "IDN-0000002"));
    let command = edit(&bench, "IDN-0000001", &[("target_id", &anne)]);
    let edited = bench.run(&command).unwrap().operation;
    bench.second_passes();
    bench.codes("kind", &["A"]);
    bench.deliver("HR", "contact", &[("1", &[("kind", "y")])]);
    assert_eq!(led(&bench, "is:held"), [anne.as_str(); 2]);
    let undone = bench.run(&Command::Undo { operation: edited }).unwrap().operation;
    assert_eq!(target(&bench, "IDN-0000001"), ann);
    assert_eq!(led(&bench, "state:held,failed"), [ann.as_str(); 3]);
    bench.assert_sound();
    bench.run(&Command::Undo { operation: undone }).unwrap();
    assert_eq!(led(&bench, "state:held,failed"), [anne.as_str(); 3]);
    bench.assert_sound();
    // What was decided meanwhile stays where it went, and is told.
    bench.map("HR", "kind", "y", "A").unwrap();
    let undone = bench.run(&Command::Undo { operation: edited });
    assert!(undone.is_err(), "an operation is taken back once: {undone:?}");
    let back = edit(&bench, "IDN-0000001", &[("target_id", &ann)]);
    assert!(bench.run(&back).unwrap().summary.ends_with("; 2 items of it that were not applied go along"));
    assert_eq!(led(&bench, "state:held,failed"), [ann.as_str(); 2]);
    assert_eq!(bench.rows(Table::Ledger, "field:kind")[0].text("target_id"), anne);
    bench.assert_sound();
}

#[test]
fn a_key_that_stands_for_no_record_has_what_is_held_wait_for_one() {
    let mut bench = undecided();
    let ann = target(&bench, "IDN-0000001");
    let command = edit(&bench, "IDN-0000001", &[("target_id", "")]);
    bench.run(&command).unwrap();
    let held = &bench.rows(Table::SyncItems, "is:held")[0];
    assert_eq!((held.text("target_id"), held.text("code"), held.text("value_map")), ("", "ST040", ""));
    assert_eq!(bench.rows(Table::ValueMaps, "code:x")[0].int("waiting"), Some(0));
    // A decision on its code has nowhere to write it.
    assert_eq!(bench.map("HR", "status", "x", "A").unwrap().released, 0);
    bench.assert_sound();
    let command = edit(&bench, "IDN-0000001", &[("target_id", &ann)]);
    bench.run(&command).unwrap();
    bench.run(&Command::Retry { rows: Rows::Filter("is:held".into()), reason: None }).unwrap();
    assert_eq!(bench.rows(Table::Ledger, "field:status")[0].text("target_id"), ann);
    bench.assert_sound();
}

#[test]
fn identifiers_that_deliveries_came_by_are_retired_and_not_taken_back() {
    for redone in [false, true] {
        let mut bench = Bench::new();
        let key = |key, target| {
            [("external_key", key), ("target_id", target), ("source_system_key", "HR"), ("target_table", "contact")]
        };
        let imported = bench.import(Import::Identifiers, &[&key("1", "t1"), &key("2", "t2")]).unwrap().operation;
        let undo = |bench: &mut Bench, operation| bench.run(&Command::Undo { operation });
        let newest = match redone {
            true => {
                let taken_back = undo(&mut bench, imported).unwrap().operation;
                undo(&mut bench, taken_back).unwrap().operation
            }
            false => imported,
        };
        bench.second_passes();
        bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
        // The one that nobody used goes; the other stays, and its way out is named.
        let outcome = undo(&mut bench, newest).unwrap();
        let held_back = &outcome.held_back[0];
        assert_eq!((held_back.rows, held_back.examples[0].as_str()), (1, "IDN-0000001"), "redone: {redone}");
        assert!(held_back.reason.contains("steward retire --identifier") && held_back.reason.contains("target_id"));
        let left: Vec<String> =
            bench.rows(Table::Identifiers, "is:active").iter().map(|row| row.text("target_id").to_string()).collect();
        assert_eq!(left, ["t1"], "redone: {redone}");
        bench.assert_sound();
    }
    // Where every one was used, the undo is refused as a whole.
    let mut bench = Bench::new();
    add(&mut bench, &[("external_key", "1"), ("target_id", "t1")]);
    let imported = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    let said = refused(bench.run(&Command::Undo { operation: Some(imported) }).unwrap_err());
    assert!(said.contains("IDN-0000001 was used by deliveries since") && said.contains("retire"), "{said}");
    bench.assert_sound();
}

#[test]
fn what_comes_back_leads_where_its_key_does_by_now() {
    type Act = fn(&mut Bench) -> Command;
    let cases: [(&str, Act); 3] = [
        ("an undo of its closing", |b| {
            let rows = Rows::Filter("is:held".into());
            let closed = b.run(&Command::Close { rows, reason: "nobody mends it".into() }).unwrap();
            Command::Undo { operation: closed.operation }
        }),
        ("an undo of its withdrawal", |b| {
            let withdrawn = b.run(&Command::Withdraw { job: 2, reason: None }).unwrap();
            Command::Undo { operation: withdrawn.operation }
        }),
        ("a withdrawal of what it gave way to", |b| {
            b.map("HR", "status", "A", "A").unwrap();
            b.second_passes();
            b.deliver("HR", "contact", &[("1", &[("status", "A")])]);
            Command::Withdraw { job: 3, reason: None }
        }),
    ];
    for (case, act) in cases {
        for to in ["T2", ""] {
            let mut bench = Bench::new();
            bench.codes("status", &["A", "B"]);
            for (key, target) in [("1", "T1"), ("2", "T2")] {
                add(&mut bench, &[("external_key", key), ("target_id", target)]);
            }
            bench.deliver("HR", "contact", &[("2", &[("name", "Ann")])]);
            bench.deliver("HR", "contact", &[("1", &[("status", "open")])]);
            let back = act(&mut bench);
            let lead = edit(&bench, "IDN-0000001", &[("target_id", to)]);
            bench.run(&lead).unwrap();
            let outcome = bench.run(&back).unwrap();
            let held = bench.rows(Table::SyncItems, "is:held");
            let told: Vec<(&str, &str)> = held.iter().map(|row| (row.text("target_id"), row.text("code"))).collect();
            let code = if to.is_empty() { "ST040" } else { "ST020" };
            assert_eq!(told, [(to, code)], "{case}, {to:?}");
            bench.assert_sound();
            bench.run(&Command::Undo { operation: outcome.operation }).unwrap();
            assert_eq!(bench.rows(Table::SyncItems, "is:held").len(), 0, "{case}, {to:?}");
            bench.assert_sound();
        }
    }
}

/// Two people of HR, of whom FIN knows one, too; HR's key 9 has two targets, and its key 8 none.
fn people() -> Bench {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")]), ("2", &[("name", "Bo")])]);
    let ann = target(&bench, "IDN-0000001");
    let own = [("source_system_key", "FIN"), ("target_table", "contact"), ("external_key", "f:1"), ("target_id", &ann)];
    bench.import(Import::Identifiers, &[&own]).unwrap();
    add(&mut bench, &[("external_key", "9"), ("target_id", "a")]);
    add(&mut bench, &[("external_key", "9"), ("target_id", "b")]);
    add(&mut bench, &[("external_key", "8"), ("new_target", "No")]);
    bench
}

#[test]
fn a_target_is_looked_up_and_what_names_nothing_is_refused_unless_it_is_new() {
    let bench = people();
    let (ann, bo) = (target(&bench, "IDN-0000001"), target(&bench, "IDN-0000002"));
    let braces = format!("{{{}}}", ann.to_uppercase());
    // The rule, what is typed, whether it is said to be new, and the record or a part of the refusal.
    let cases: [(&str, &str, bool, Result<&str, &str>); 15] = [
        ("its id", &ann, false, Ok(&ann)),
        ("its id, though it is said to be new", &ann, true, Ok(&ann)),
        ("a GUID in capitals and braces", &braces, false, Ok(&ann)),
        ("a source's key", "HR:1", false, Ok(&ann)),
        ("a source's name in another case", "hr:2", false, Ok(&bo)),
        ("a key with a colon", "FIN:f:1", false, Ok(&ann)),
        ("a key, though it is said to be new", "HR:1", true, Ok(&ann)),
        ("a slip", "0190-slip", false, Err("no contact that the store knows is called 0190-slip")),
        ("what to do about it", "0190-slip", false, Err("--new, or in a form A New Record")),
        ("a new record", "0190-new", true, Ok("0190-new")),
        ("a key that its source does not have", "HR:77", false, Err("HR has no key 77 for a contact")),
        ("no new record is called like one", "HR:77", true, Err("HR has no key 77 for a contact")),
        ("no source, so an id with a colon", "X:77", true, Ok("X:77")),
        ("a key with two targets", "HR:9", false, Err("HR:9 has two targets (ST041)")),
        ("a key without one", "HR:8", true, Err("HR:8 stands for no record")),
    ];
    for (rule, typed, new, expected) in cases {
        let mut bench = people();
        let new = [("new_target", if new { "Yes" } else { "No" })];
        let rows: [(&str, &str); 4] =
            [("source_system_key", "CRM"), ("target_table", "contact"), ("external_key", "c"), ("target_id", typed)];
        // Each store has ids of its own.
        let own = |text: &str, bench: &Bench| {
            text.replace(&ann, &target(bench, "IDN-0000001"))
                .replace(&ann.to_uppercase(), &target(bench, "IDN-0000001").to_uppercase())
                .replace(&bo, &target(bench, "IDN-0000002"))
        };
        let typed = own(typed, &bench);
        let rows: Vec<(&str, &str)> =
            rows.iter().map(|(name, text)| (*name, if *name == "target_id" { &typed } else { *text })).collect();
        let added = bench.import(Import::Identifiers, &[&[&rows[..], &new].concat()]);
        let changes = [&[("target_id", typed.as_str())][..], &new].concat();
        let command = edit_as_typed(&bench, "IDN-0000006", &changes);
        let edited = bench.run(&command);
        match expected {
            Ok(record) => {
                let record = own(record, &bench);
                added.unwrap();
                edited.unwrap();
                let targets = bench.rows(Table::Identifiers, "source:CRM").remove(0);
                assert_eq!(
                    (targets.text("target_id"), target(&bench, "IDN-0000006")),
                    (record.as_str(), record.clone()),
                    "{rule}"
                );
            }
            Err(part) => {
                for refusal in [added.unwrap_err(), edited.unwrap_err()] {
                    let refusal = refused(refusal);
                    assert!(refusal.contains("target_id: ") && refusal.contains(part), "{rule}: {refusal}");
                }
                assert_eq!(target(&bench, "IDN-0000006"), "", "{rule}");
            }
        }
        bench.assert_sound();
    }
}

#[test]
fn a_new_record_needs_no_id_and_another_table_knows_others() {
    let mut bench = people();
    let made = edit_as_typed(&bench, "IDN-0000006", &[("target_id", ""), ("new_target", "Yes")]);
    bench.run(&made).unwrap();
    assert_eq!(target(&bench, "IDN-0000006").len(), 36);
    // Whoever says that a record is new and names none otherwise leaves the key where it leads.
    let idle = edit_as_typed(&bench, "IDN-0000001", &[("new_target", "Yes")]);
    assert_eq!(bench.run(&idle).unwrap().operation, None);
    let ann = target(&bench, "IDN-0000001");
    let elsewhere = edit_as_typed(&bench, "IDN-0000003", &[("target_table", "case")]);
    assert!(
        refused(bench.run(&elsewhere).unwrap_err()).contains(&format!("no case that the store knows is called {ann}"))
    );
    bench.assert_sound();
}

#[test]
fn a_second_key_of_one_source_for_a_record_is_warned_about_with_both() {
    let mut bench = people();
    let ann = target(&bench, "IDN-0000001");
    let led = edit_as_typed(&bench, "IDN-0000002", &[("target_id", "HR:1")]);
    let warned = format!("HR would know one contact as 1 (IDN-0000001) and as 2, by two keys: {ann}. Are they one?");
    for mode in [Mode::DryRun, Mode::Real] {
        assert_eq!(bench.engine.run(&led, &mode).unwrap().warnings, [warned.as_str()]);
    }
    // Another source's key is what identifiers are for, and so is none.
    for (name, to) in [("IDN-0000003", "HR:1"), ("IDN-0000002", "")] {
        let command = edit_as_typed(&bench, name, &[("target_id", to)]);
        assert_eq!(bench.run(&command).unwrap().warnings, [""; 0], "{name}");
    }
    let key =
        |key| [("source_system_key", "NEW"), ("target_table", "contact"), ("external_key", key), ("target_id", "n")];
    let rows = ["1", "2", "3", "4", "5"].map(key);
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(|row| &row[..]).collect();
    let warnings = bench.import(Import::Identifiers, &rows).unwrap().warnings;
    assert_eq!(warnings.len(), 4);
    assert_eq!(warnings[0], "NEW would know one contact as 1 (IDN-0000007) and as 2, by two keys: n. Are they one?");
    assert_eq!(warnings[3], "And so it is with 1 record more.");
    bench.assert_sound();
}
