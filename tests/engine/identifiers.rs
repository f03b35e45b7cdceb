//! Identifiers that people put right: what can be edited, what is refused, and taking one out of use.

use steward::engine::{Command, Error, Import, Mode, Refusal, Rows};
use steward::model::table::Table;

use crate::bench::{Bench, map};

/// The edit of an identifier as somebody who looks at it now would send it.
fn edit(bench: &Bench, name: &str, changes: &[(&str, &str)]) -> Command {
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
    assert!(refused(again).contains("no identifier IDN-0000002"));
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
