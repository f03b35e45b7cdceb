//! Re-evaluation: a changed policy or value map reaches old entries when somebody asks for it, and not before.

use std::collections::BTreeMap;

use steward::engine::{Command, Error, Import, Mode, Outcome, Reevaluated, Verb};
use steward::model::table::Table;

use crate::bench::{Bench, map};

fn command(scope: Reevaluated) -> Command {
    Command::Reevaluate { scope, reason: Some("the policy changed".into()) }
}

fn fields(table: &str, field: Option<&str>) -> Reevaluated {
    Reevaluated::Fields { target_table: table.into(), field_name: field.map(str::to_string) }
}

/// Runs it after a dry run, which has to say the same.
fn run(bench: &mut Bench, scope: Reevaluated) -> Outcome {
    let command = command(scope);
    let dry = bench.engine.run(&command, &Mode::DryRun).unwrap();
    let real = bench.run(&command).unwrap();
    assert_eq!(dry, Outcome { operation: None, ..real.clone() });
    real
}

fn policy<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("target_table", "contact")], fields].concat()
}

/// Two sources that waited under no policy: HR's older name, FIN's newer one.
fn waiting() -> Bench {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("town", "Oslo")])]);
    let target = bench.target("HR", "1");
    bench
        .import(
            Import::Identifiers,
            &[&[
                ("external_key", "1"),
                ("source_system_key", "FIN"),
                ("target_table", "contact"),
                ("target_id", &target),
            ]],
        )
        .unwrap();
    bench.second_passes();
    bench.deliver("FIN", "contact", &[("1", &[("name", "Anna")])]);
    bench
}

fn statuses(bench: &Bench) -> Vec<String> {
    let rows = bench.rows(Table::Ledger, "is:active field:name");
    rows.iter().map(|row| format!("{} {}", row.text("value"), row.display("ledger_status"))).collect()
}

#[test]
fn a_new_policy_reaches_waiting_entries_only_when_asked_to() {
    let mut bench = waiting();
    bench.policy(&policy(&[
        ("commit_mode", "On Ingest"),
        ("auto_certify", "Yes"),
        ("authoritative_sources", "HR > FIN"),
    ]));
    assert_eq!(
        (bench.value("HR", "1", "name"), statuses(&bench)),
        (None, vec!["Ann Pending".into(), "Anna Pending".into()])
    );
    let done = run(&mut bench, fields("contact", Some("name")));
    assert_eq!(done.summary, "Re-evaluated name of contact: 1 value, 1 certified by the engine");
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    assert_eq!(statuses(&bench), ["Ann Certified", "Anna Pending"]);
    assert_eq!(bench.rows(Table::Ledger, "is:pending field:town").len(), 1, "another field was not asked for");
    assert_eq!(bench.states("field:name"), ["Applied", "Waiting"]);
    let again = bench.run(&command(fields("contact", Some("name")))).unwrap();
    assert_eq!((again.operation, again.changed), (None, 0), "twice is once");
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!((bench.value("HR", "1", "name"), bench.states("field:name")), (None, vec!["Waiting".into(); 2]));
    bench.assert_sound();
}

#[test]
fn a_new_ranking_changes_the_value_in_force() {
    let mut bench = waiting();
    bench.policy(&policy(&[("authoritative_sources", "HR > FIN"), ("commit_mode", "On Certify")]));
    bench.act_as("rita").decide(Verb::Certify, "field:name source:FIN").unwrap();
    bench.decide(Verb::Certify, "field:name source:HR").unwrap();
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    bench.act_as("ada").policy(&policy(&[("authoritative_sources", "FIN > HR"), ("commit_mode", "On Certify")]));
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"), "nothing changes because a policy was edited");
    let done = run(&mut bench, fields("contact", None));
    assert_eq!(done.values_changed, 0, "a person chose HR's over the rival shown to them");
    assert_eq!(bench.rows(Table::Ledger, "field:name source:FIN")[0].display("rank"), "0");
    bench.act_as("rita").decide(Verb::Revoke, "field:name source:HR").unwrap();
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Anna"));
    bench.assert_sound();
}

#[test]
fn a_live_value_waits_again_where_it_would_not_be_written_now() {
    let mut bench = Bench::new();
    bench.policy(&policy(&[("commit_mode", "On Ingest")]));
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    bench.policy(&policy(&[("commit_mode", "On Certify")]));
    let done = run(&mut bench, fields("contact", None));
    assert_eq!((done.values_changed, done.sample[0].after.as_deref()), (1, None));
    assert_eq!((bench.value("HR", "1", "name"), bench.states("")), (None, vec!["Waiting".to_string()]));
    bench.assert_sound();
}

#[test]
fn the_stale_clock_follows_the_policy_when_it_is_asked_to() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.act_as("rita").decide(Verb::Certify, "is:pending").unwrap();
    bench.days_pass(40);
    bench.act_as("ada").policy(&policy(&[("stale_after_days", "30")]));
    assert!(bench.rows(Table::Ledger, "is:stale").is_empty());
    run(&mut bench, fields("contact", None));
    assert_eq!(bench.rows(Table::Ledger, "is:stale").len(), 1);
    bench.assert_sound();
}

#[test]
fn a_policy_reaches_what_it_governs_and_nothing_that_a_closer_one_does() {
    let mut bench = waiting();
    bench.policy(&policy(&[("commit_mode", "On Ingest")]));
    bench.policy(&policy(&[("field_name", "town"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]));
    let wide = bench.rows(Table::CommitPolicies, "")[0].id;
    let done = run(&mut bench, Reevaluated::Policy(wide));
    assert_eq!(done.changed, 2);
    assert_eq!((bench.value("HR", "1", "name").as_deref(), bench.value("HR", "1", "town")), (Some("Anna"), None));
    let close = bench.rows(Table::CommitPolicies, "")[1].id;
    run(&mut bench, Reevaluated::Policy(close));
    assert_eq!(bench.value("HR", "1", "town").as_deref(), Some("Oslo"));
    bench.assert_sound();
}

#[test]
fn what_two_policies_held_goes_on_when_one_is_left() {
    let mut bench = Bench::new();
    let twice = policy(&[("commit_mode", "On Ingest")]);
    bench.policy(&twice);
    bench.run(&Command::Undo { operation: None }).unwrap();
    let undone = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.policy(&twice);
    let second = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.run(&Command::Undo { operation: Some(undone) }).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!(bench.states("code:ST030"), ["Held"]);
    bench.run(&Command::Undo { operation: Some(second) }).unwrap();
    let left = bench.rows(Table::CommitPolicies, "is:active")[0].id;
    let done = run(&mut bench, Reevaluated::Policy(left));
    assert_eq!((done.released, bench.value("HR", "1", "name").as_deref()), (1, Some("Ann")));
    bench.assert_sound();
}

#[test]
fn what_two_policies_still_hold_is_left_as_it_is() {
    let mut bench = Bench::new();
    let twice = policy(&[("commit_mode", "On Ingest")]);
    bench.policy(&twice);
    bench.run(&Command::Undo { operation: None }).unwrap();
    let undone = bench.reader().operations(None, 1).unwrap()[0].seq;
    bench.policy(&twice);
    bench.run(&Command::Undo { operation: Some(undone) }).unwrap();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    let done = bench.run(&command(fields("contact", None))).unwrap();
    assert_eq!((done.operation, bench.states("code:ST030")), (None, vec!["Held".to_string()]), "{done:?}");
    assert_eq!(done.held_back.iter().map(|held| held.rows).sum::<i64>(), 1, "{done:?}");
    bench.assert_sound();
}

/// Three values that came through maps of one list: one in force, one waiting, one of another code.
fn mapped() -> Bench {
    let mut bench = Bench::new();
    bench.codes("color", &["RED", "ROSE", "BLUE"]);
    bench.map("HR", "color", "r", "RED").unwrap();
    bench.map("HR", "color", "b", "BLUE").unwrap();
    bench.deliver(
        "HR",
        "car",
        &[("1", &[("color", "r")]), ("2", &[("color", "r")]), ("3", &[("color", "b")]), ("4", &[("color", "r")])],
    );
    let first = bench.target("HR", "1");
    bench.act_as("rita").decide(Verb::Certify, &format!("target:{first}")).unwrap();
    bench.act_as("ada");
    bench
}

fn edit(bench: &mut Bench, canonical: &str) -> i64 {
    let row = bench.rows(Table::ValueMaps, "is:active").into_iter().find(|row| row.text("source_code") == "r").unwrap();
    let changes: BTreeMap<String, String> = map(&[("canonical_code_value", canonical)]);
    bench.run(&Command::EditValueMap { id: row.id, row_version: row.int("row_version").unwrap(), changes }).unwrap();
    row.id
}

#[test]
fn a_changed_map_reaches_what_came_through_it_as_new_attempts() {
    let mut bench = mapped();
    let id = edit(&mut bench, "ROSE");
    assert_eq!(bench.value("HR", "1", "color").as_deref(), Some("RED"));
    let done = run(&mut bench, Reevaluated::Map(id));
    assert_eq!((done.changed, done.values_changed), (3, 0));
    let open = |bench: &Bench| -> Vec<String> {
        bench.rows(Table::Ledger, "is:pending").iter().map(|row| row.text("value").to_string()).collect()
    };
    assert_eq!(open(&bench), ["BLUE", "ROSE", "ROSE", "ROSE"]);
    assert_eq!(bench.value("HR", "1", "color").as_deref(), Some("RED"), "in force until somebody certifies the other");
    let again = bench.run(&command(Reevaluated::Map(id))).unwrap();
    assert_eq!((again.operation, again.changed), (None, 0), "twice is once");
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!(open(&bench), ["RED", "BLUE", "RED"]);
    bench.assert_sound();
}

#[test]
fn a_map_that_was_taken_back_leaves_what_is_in_force_to_a_reviewer() {
    let mut bench = mapped();
    let id =
        bench.rows(Table::ValueMaps, "is:active").into_iter().find(|row| row.text("source_code") == "r").unwrap().id;
    let made = bench.reader().operations(None, 100).unwrap();
    let made = made.iter().find(|done| done.summary.contains("\"r\"")).unwrap().seq;
    bench.run(&Command::Undo { operation: Some(made) }).unwrap();
    let done = run(&mut bench, Reevaluated::Map(id));
    assert_eq!((done.changed, done.held_back.len(), done.held_back[0].rows), (2, 1, 1), "{done:?}");
    assert!(done.held_back[0].reason.contains("revoke it"), "{done:?}");
    assert_eq!(bench.value("HR", "1", "color").as_deref(), Some("RED"));
    assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), 1, "nobody certifies a value unseen that has no map");
    assert_eq!(bench.rows(Table::SyncItems, "is:active state:held").len(), 2);
    bench.assert_sound();
}

fn codes(table: &str, field: &str) -> Reevaluated {
    Reevaluated::Codes { target_table: table.into(), field_name: field.into() }
}

#[test]
fn what_came_before_its_codes_were_bound_is_read_by_them_when_asked_to() {
    let mut bench = Bench::new();
    let color = |raw| [("color", raw)];
    let cars = [color("r"), color("b"), color("x"), color("BLUE"), color("r"), color("unsure")];
    let keys = ["1", "2", "3", "4", "5", "6"];
    let records: Vec<_> = keys.iter().zip(&cars).map(|(key, fields)| (*key, &fields[..])).collect();
    bench.deliver("HR", "car", &records);
    for key in ["1", "3"] {
        let target = bench.target("HR", key);
        bench.act_as("rita").decide(Verb::Certify, &format!("target:{target}")).unwrap();
    }
    bench.act_as("ada");
    bench.codes("color", &["RED", "BLUE"]);
    bench.map("HR", "color", "r", "RED").unwrap();
    let unsure = [
        ("source_system_key", "HR"),
        ("code_list", "color"),
        ("source_code", "unsure"),
        ("canonical_code_value", "BLUE"),
        ("confidence", "0.5"),
    ];
    bench.import(Import::ValueMaps, &[&unsure]).unwrap();
    let entries = |bench: &Bench| -> Vec<String> {
        let rows = bench.rows(Table::Ledger, "is:active");
        rows.iter().map(|row| format!("{} {}", row.text("value"), row.display("ledger_status"))).collect()
    };
    let before = entries(&bench);
    assert_eq!(before, ["r Certified", "b Pending", "x Certified", "BLUE Pending", "r Pending", "unsure Pending"]);

    let done = run(&mut bench, codes("CAR", "Color"));
    assert_eq!((done.changed, done.values_changed, done.released), (6, 0, 2), "{done:?}");
    // What nobody has decided yet waits for a map, also where it is written like a canonical code.
    assert_eq!(entries(&bench), ["r Certified", "x Certified", "RED Pending", "RED Pending"]);
    assert_eq!(bench.value("HR", "1", "color").as_deref(), Some("r"), "in force until somebody certifies the other");
    assert_eq!(bench.value("HR", "3", "color").as_deref(), Some("x"), "in force until its code is decided");
    assert_eq!(bench.rows(Table::SyncItems, "is:active state:held code:ST020").len(), 3);
    let again = bench.run(&command(codes("car", "color"))).unwrap();
    assert_eq!((again.operation, again.changed), (None, 0), "twice is once");

    bench.map("HR", "color", "x", "BLUE").unwrap();
    assert_eq!(entries(&bench).last().unwrap(), "BLUE Pending", "its decision releases it");
    for _ in ["map", "re-evaluation"] {
        bench.run(&Command::Undo { operation: None }).unwrap();
    }
    assert_eq!(entries(&bench), before);
    bench.assert_sound();
}

#[test]
fn values_of_a_field_without_a_code_list_are_not_read_by_codes() {
    let mut bench = mapped();
    bench.deliver("HR", "car", &[("1", &[("name", "Ann")])]);
    let mut refused = |scope| bench.run(&command(scope)).unwrap_err().to_string();
    assert!(refused(codes("car", "name")).contains("has no code list"));
    assert!(refused(codes("car", "nam")).contains("There is no"));
    assert_eq!(run(&mut bench, codes("car", "color")).changed, 0, "all of it came through maps");
    bench.act_as("rita");
    assert!(bench.run(&command(codes("car", "color"))).unwrap_err().to_string().contains("takes the role steward"));
}

#[test]
fn what_cannot_be_re_evaluated_is_said() {
    let mut bench = mapped();
    let refused = |bench: &mut Bench, scope| match bench.run(&command(scope)) {
        Err(Error::Refused(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(refused(&mut bench, fields("planet", None)).contains("planet"));
    assert!(refused(&mut bench, fields("car", Some("wheels"))).contains("wheels of car"));
    assert!(refused(&mut bench, Reevaluated::Policy(77)).contains("77"));
    assert!(refused(&mut bench, Reevaluated::Map(77)).contains("77"));
    bench.act_as("sam");
    assert!(refused(&mut bench, fields("car", None)).contains("takes the role admin"));
    assert_eq!(bench.run(&command(Reevaluated::Map(1))).unwrap().changed, 0, "a steward looks after maps");
    bench.act_as("rita");
    assert!(refused(&mut bench, Reevaluated::Map(1)).contains("takes the role steward"));
    bench.assert_sound();
}

#[test]
fn what_it_certifies_is_fresh_and_stands_before_a_lower_rank() {
    let mut bench = waiting();
    bench.days_pass(40);
    bench.policy(&policy(&[
        ("commit_mode", "On Ingest"),
        ("auto_certify", "Yes"),
        ("authoritative_sources", "HR > FIN"),
        ("stale_after_days", "30"),
    ]));
    run(&mut bench, fields("contact", Some("name")));
    assert_eq!(statuses(&bench), ["Ann Certified", "Anna Pending"]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"));
    let again = bench.run(&command(fields("contact", Some("name")))).unwrap();
    assert_eq!((again.operation, again.changed), (None, 0), "twice is once");
    bench.assert_sound();
}

#[test]
fn undo_passes_over_one_that_only_set_the_days_on_which_values_get_stale() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.decide(Verb::Certify, "is:pending").unwrap();
    bench.policy(&policy(&[("stale_after_days", "30")]));
    let stated = bench.reader().operations(None, 1).unwrap()[0].seq;
    let clocks = run(&mut bench, fields("contact", None)).operation.unwrap();
    let refused = match bench.run(&Command::Undo { operation: Some(clocks) }) {
        Err(Error::Refused(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(refused.contains("the days on which values get stale"), "{refused}");
    let undone = bench.run(&Command::Undo { operation: None }).unwrap();
    assert!(undone.summary.contains(&format!("Took back operation {stated}:")), "{}", undone.summary);
    bench.assert_sound();
}
