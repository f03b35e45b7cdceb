//! What goes out: which values are queued for whom, in which code, exported, acknowledged and taken back.

use std::io;

use steward::engine::{Command, Error, Export, Import, Mode, Outcome, Refusal, Verb};
use steward::model::record::{OutgoingRecord, Receiver};
use steward::model::row::Row;
use steward::model::table::Table;

use crate::bench::{Bench, map};

/// Keeps what is exported, or fails at a place.
#[derive(Default)]
pub struct Kept {
    pub records: Vec<OutgoingRecord>,
    finished: bool,
    fails: Option<&'static str>,
}

impl Kept {
    fn fail(&self, place: &str) -> io::Result<()> {
        if self.fails == Some(place) { Err(io::Error::other("the disk is full")) } else { Ok(()) }
    }
}

impl Receiver for Kept {
    fn take(&mut self, record: &OutgoingRecord) -> io::Result<()> {
        self.records.push(record.clone());
        self.fail("take")
    }

    fn finish(&mut self) -> io::Result<()> {
        self.finished = true;
        self.fail("finish")
    }
}

pub fn to(source: &str) -> Export {
    Export { source: source.into(), table: None }
}

pub fn export(bench: &mut Bench) -> (Outcome, Vec<OutgoingRecord>) {
    let mut kept = Kept::default();
    let outcome = bench.engine.export(&to("FIN"), &Mode::Real, &mut kept).unwrap();
    assert!(kept.finished);
    (outcome, kept.records)
}

pub fn binding(field: &'static str, more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let own = [("target_table", "contact"), ("field_name", field), ("source_system_key", "FIN"), ("outbound", "Yes")];
    [&own, more].concat()
}

#[test]
fn a_source_that_is_bound_to_receive_no_more_is_sent_nothing_more() {
    let mut bench = with_receiver();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    assert_eq!(bench.rows(Table::SyncItems, "source:FIN state:queued").len(), 1);
    bench.import(Import::Bindings, &[&[&binding("name", &[])[..3], &[("outbound", "No")]].concat()]).unwrap();
    assert!(bench.rows(Table::SyncItems, "source:FIN state:queued").is_empty());
    bench.second_passes();
    bench.deliver("HR", "contact", &[("1", &[("name", "Anna")])]);
    assert!(export(&mut bench).1.is_empty());
    let last = bench.reader().operations(None, 10).unwrap();
    let bound = last.iter().find(|operation| operation.kind == "import").unwrap().seq;
    bench.run(&Command::Undo { operation: Some(bound) }).unwrap();
    let waits = bench.rows(Table::SyncItems, "source:FIN state:queued");
    assert_eq!(waits.iter().map(|row| row.text("new_value")).collect::<Vec<_>>(), ["Anna"], "what is in force by now");
    bench.assert_sound();
}

/// The newest value counts; HR knows the record as 1, FIN as f1, and FIN receives name and status.
pub fn with_receiver() -> Bench {
    let mut bench = Bench::new();
    bench.codes("status", &["A", "B"]);
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
    let key = |source, key| {
        [("source_system_key", source), ("external_key", key), ("target_table", "contact"), ("target_id", "t1")]
    };
    bench.import(Import::Identifiers, &[&key("HR", "1"), &key("FIN", "f1")]).unwrap();
    bench.import(Import::Bindings, &[&binding("name", &[]), &binding("status", &[])]).unwrap();
    bench
}

pub fn deliver(bench: &mut Bench, source: &str, field: &str, value: &str) {
    bench.days_pass(1);
    bench.deliver(source, "contact", &[(if source == "HR" { "1" } else { "f1" }, &[(field, value)])]);
}

fn value_map(bench: &mut Bench, source: &str, code: &str, canonical: &str, preferred: &str) -> Result<Outcome, Error> {
    let row = [
        ("source_system_key", source),
        ("code_list", "status"),
        ("source_code", code),
        ("canonical_code_value", canonical),
        ("preferred", preferred),
    ];
    bench.import(Import::ValueMaps, &[&row])
}

/// The items of outbound jobs, oldest first.
pub fn outbound(bench: &Bench) -> Vec<Row> {
    let jobs: Vec<i64> = bench.rows(Table::SyncJobs, "direction:outbound").iter().map(|job| job.id).collect();
    let items = bench.rows(Table::SyncItems, "").into_iter();
    items.filter(|item| jobs.contains(&item.int("integration_sync_job").unwrap())).collect()
}

/// `Applied Ann, acknowledged`
pub fn states(bench: &Bench) -> Vec<String> {
    let state = |item: &Row| {
        let acknowledged = if item.int("acknowledged_on").is_some() { ", acknowledged" } else { "" };
        format!("{} {}{acknowledged}", item.display("state"), item.text("new_value"))
    };
    outbound(bench).iter().map(state).collect()
}

#[test]
fn what_is_queued_acknowledged_and_taken_back() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);
    let cases: &[Case] = &[
        ("a value goes to the receiver", &[("HR", "Ann")], &["Queued Ann"]),
        ("never to who supplied it", &[("FIN", "Ann")], &[]),
        ("a newer one goes in its place", &[("HR", "Ann"), ("HR", "Bo")], &["Superseded Ann", "Queued Bo"]),
        ("after an export, another", &[("HR", "Ann"), ("export", ""), ("HR", "Bo")], &["Applied Ann", "Queued Bo"]),
        (
            "back to what it was sent",
            &[("HR", "Ann"), ("export", ""), ("HR", "Bo"), ("HR", "Ann")],
            &["Applied Ann", "Superseded Bo"],
        ),
        ("back to what it sent", &[("FIN", "Ann"), ("HR", "Bo"), ("HR", "Ann")], &["Superseded Bo"]),
        ("its own newer value", &[("HR", "Ann"), ("FIN", "Bo")], &["Superseded Ann"]),
        ("an acknowledgement", &[("HR", "Ann"), ("export", ""), ("FIN", "Ann")], &["Applied Ann, acknowledged"]),
        ("before the export", &[("HR", "Ann"), ("FIN", "Ann")], &["Applied Ann, acknowledged"]),
        (
            "and it has that then",
            &[("FIN", "Bo"), ("HR", "Ann"), ("FIN", "Ann"), ("HR", "Bo")],
            &["Applied Ann, acknowledged", "Queued Bo"],
        ),
        (
            "it says something else, and is told what comes next",
            &[("HR", "Ann"), ("export", ""), ("FIN", "Cy"), ("HR", "Anna")],
            &["Superseded Ann", "Queued Anna"],
        ),
    ];
    for (case, steps, expected) in cases {
        let mut bench = with_receiver();
        for (source, value) in *steps {
            match *source {
                "export" => drop(export(&mut bench)),
                source => deliver(&mut bench, source, "name", value),
            }
            bench.assert_sound();
        }
        assert_eq!(states(&bench), *expected, "{case}");
    }
}

#[test]
fn nothing_goes_out_where_no_binding_asks_or_the_record_is_unknown() {
    let mut bench = with_receiver();
    deliver(&mut bench, "HR", "town", "Oslo");
    bench.deliver("HR", "contact", &[("2", &[("name", "Bo")])]);
    bench.deliver("HR", "account", &[("1", &[("name", "Acme")])]);
    assert!(bench.rows(Table::SyncJobs, "direction:outbound").is_empty());
    bench.assert_sound();
}

#[test]
fn one_job_for_a_receiver_and_table_until_it_is_exported() {
    let mut bench = with_receiver();
    value_map(&mut bench, "HR", "a", "A", "").unwrap();
    value_map(&mut bench, "FIN", "x", "A", "").unwrap();
    deliver(&mut bench, "HR", "name", "Ann");
    deliver(&mut bench, "HR", "status", "a");
    let job = |bench: &Bench, at: usize| {
        let row = &bench.rows(Table::SyncJobs, "direction:outbound")[at];
        let counts = ["items", "queued", "applied"].map(|name| row.int(name).unwrap());
        (row.text("source_system_key").to_string(), row.display("job_status").into_owned(), counts)
    };
    assert_eq!(job(&bench, 0), ("FIN".into(), "Indeterminate (Neutral)".into(), [2, 2, 0]));
    let (outcome, records) = export(&mut bench);
    assert_eq!((outcome.changed, outcome.summary.as_str()), (2, "Sent 2 values of 1 record to FIN"));
    let values = vec![("name".into(), Some("Ann".into())), ("status".into(), Some("x".into()))];
    assert_eq!(records, [OutgoingRecord { target_table: "contact".into(), external_key: "f1".into(), values }]);
    assert_eq!(job(&bench, 0), ("FIN".into(), "Success".into(), [2, 0, 2]));
    deliver(&mut bench, "HR", "name", "Anna");
    assert_eq!(job(&bench, 1).2, [1, 1, 0]);
    assert_eq!(outbound(&bench)[2].text("old_value"), "Ann");
    assert_eq!(bench.reader().operations(None, 2).unwrap()[1].kind, "send");
    bench.assert_sound();
}

#[test]
fn values_go_out_in_the_receivers_codes() {
    type Map = (&'static str, &'static str, &'static str);
    type Case = (&'static str, &'static [Map], &'static str, &'static str, &'static str);
    let cases: &[Case] = &[
        ("one code", &[("x", "A", "")], "Queued", "", "x"),
        ("the preferred one of two", &[("x", "A", ""), ("y", "A", "Yes")], "Queued", "", "y"),
        ("two and none preferred", &[("x", "A", ""), ("y", "A", "No")], "Held", "ST050", ""),
        ("another canonical code's", &[("x", "B", "Yes")], "Held", "ST020", ""),
    ];
    for (case, maps, state, code, raw) in cases {
        let mut bench = with_receiver();
        value_map(&mut bench, "HR", "a", "A", "").unwrap();
        for (source_code, canonical, preferred) in *maps {
            value_map(&mut bench, "FIN", source_code, canonical, preferred).unwrap();
        }
        deliver(&mut bench, "HR", "status", "a");
        let item = &outbound(&bench)[0];
        let found = (item.display("state").into_owned(), item.text("code"), item.text("raw_value"));
        assert_eq!(found, (state.to_string(), *code, *raw), "{case}");
        assert_eq!(item.text("process_message").starts_with('['), !code.is_empty(), "{case}");
        bench.assert_sound();
    }
    let mut bench = with_receiver();
    bench.import(Import::Bindings, &[&binding("status", &[("on_unmapped", "pass")])]).unwrap();
    value_map(&mut bench, "HR", "a", "A", "").unwrap();
    deliver(&mut bench, "HR", "status", "a");
    assert_eq!(outbound(&bench)[0].text("raw_value"), "A", "what has no map may pass");
}

#[test]
fn preferring_a_map_and_exporting_again_sends_what_was_held() {
    let mut bench = with_receiver();
    value_map(&mut bench, "HR", "a", "A", "").unwrap();
    value_map(&mut bench, "FIN", "x", "A", "").unwrap();
    value_map(&mut bench, "FIN", "y", "A", "").unwrap();
    deliver(&mut bench, "HR", "status", "a");
    let (outcome, records) = export(&mut bench);
    assert_eq!((outcome.changed, outcome.held_back[0].rows, records.len()), (0, 1, 0));
    assert!(outcome.held_back[0].reason.starts_with("[ST050]"), "{outcome:?}");
    // What the receiver itself delivers and cannot be read is another matter.
    deliver(&mut bench, "FIN", "status", "unheard of");
    assert_eq!(states(&bench), ["Held A"]);
    value_map(&mut bench, "FIN", "y", "A", "Yes").unwrap();
    let (outcome, records) = export(&mut bench);
    assert_eq!((outcome.changed, outcome.released), (1, 1));
    assert_eq!(records[0].values, [("status".to_string(), Some("y".to_string()))]);
    assert_eq!(states(&bench), ["Applied A"]);
    bench.assert_sound();
    deliver(&mut bench, "FIN", "status", "x");
    assert_eq!(states(&bench), ["Applied A, acknowledged"], "another code for the same");
    bench.assert_sound();
}

fn edit(bench: &mut Bench, name: &str, changes: &[(&str, &str)]) -> Result<Outcome, Error> {
    let row = bench.rows(Table::ValueMaps, &format!("name:{name}")).remove(0);
    let row_version = row.int("row_version").unwrap();
    bench.run(&Command::EditValueMap { id: row.id, row_version, changes: map(changes) })
}

#[test]
fn undo_does_not_prefer_a_second_map() {
    let mut bench = with_receiver();
    for (code, preferred) in [("x", "Yes"), ("y", "No")] {
        value_map(&mut bench, "FIN", code, "A", preferred).unwrap();
    }
    let given_up = edit(&mut bench, "MAP-0000001", &[("preferred", "No")]).unwrap().operation;
    edit(&mut bench, "MAP-0000002", &[("preferred", "Yes")]).unwrap();
    let refused = bench.run(&Command::Undo { operation: given_up }).unwrap_err().to_string();
    assert!(refused.contains("MAP-0000001 gave way to another preferred map"), "{refused}");
    bench.assert_sound();
}

#[test]
fn one_map_of_a_source_is_preferred_for_a_code() {
    let mut bench = with_receiver();
    value_map(&mut bench, "FIN", "x", "A", "Yes").unwrap();
    let refused = value_map(&mut bench, "FIN", "y", "A", "Yes").unwrap_err();
    assert!(refused.to_string().contains("preferred: MAP-0000001 is preferred for A already"), "{refused}");
    value_map(&mut bench, "FIN", "y", "A", "").unwrap();
    value_map(&mut bench, "HR", "y", "A", "Yes").unwrap();
    value_map(&mut bench, "FIN", "z", "B", "Yes").unwrap();
    for (name, changes) in [("MAP-0000002", ("preferred", "Yes")), ("MAP-0000004", ("canonical_code_value", "A"))] {
        let refused = edit(&mut bench, name, &[changes]).unwrap_err();
        assert!(refused.to_string().contains("Take that away first."), "{refused}");
    }
    edit(&mut bench, "MAP-0000001", &[("preferred", "No")]).unwrap();
    edit(&mut bench, "MAP-0000002", &[("preferred", "Yes")]).unwrap();
    let again = value_map(&mut bench, "FIN", "y", "A", "Yes").unwrap();
    assert_eq!((again.changed, again.operation), (0, None));
    let refused = value_map(&mut bench, "FIN", "w", "", "Yes").unwrap_err();
    assert!(refused.to_string().contains("only a map with a canonical code"), "{refused}");
    bench.assert_sound();
}

#[test]
fn a_binding_that_sends_names_a_source_and_a_field() {
    for missing in ["field_name", "source_system_key"] {
        let mut bench = Bench::new();
        let row: Vec<_> = binding("name", &[]).into_iter().filter(|(name, _)| *name != missing).collect();
        let refused = bench.import(Import::Bindings, &[&row]).unwrap_err();
        assert!(refused.to_string().contains("give field_name and source_system_key"), "{refused}");
    }
}

#[test]
fn where_the_output_cannot_be_written_nothing_counts_as_sent() {
    for place in ["take", "finish"] {
        let mut bench = with_receiver();
        deliver(&mut bench, "HR", "name", "Ann");
        let before = bench.reader().digest().unwrap().seq;
        let mut kept = Kept { fails: Some(place), ..Kept::default() };
        let failed = bench.engine.export(&to("FIN"), &Mode::Real, &mut kept).unwrap_err();
        assert!(failed.to_string().contains("the disk is full"), "{failed}");
        assert_eq!((states(&bench), bench.reader().digest().unwrap().seq), (vec!["Queued Ann".to_string()], before));
        bench.assert_sound();
        assert_eq!(export(&mut bench).0.changed, 1);
    }
}

#[test]
fn an_export_is_as_it_was_previewed_or_leaves_no_file() {
    let mut bench = with_receiver();
    deliver(&mut bench, "HR", "name", "Ann");
    let mut kept = Kept::default();
    let preview = bench.engine.export(&to("FIN"), &Mode::DryRun, &mut kept).unwrap();
    assert!(!kept.finished && kept.records.is_empty());
    deliver(&mut bench, "HR", "name", "Anne");
    let moved = bench.engine.export(&to("FIN"), &Mode::AsPreviewed(preview.fingerprint), &mut kept).unwrap_err();
    assert!(matches!(moved, Error::Refused(Refusal::PreviewMoved)) && !kept.finished, "{moved}");
    let preview = bench.engine.export(&to("FIN"), &Mode::DryRun, &mut Kept::default()).unwrap();
    let mut kept = Kept::default();
    let real = bench.engine.export(&to("FIN"), &Mode::AsPreviewed(preview.fingerprint), &mut kept).unwrap();
    assert!(real.operation.is_some() && kept.finished && kept.records.len() == 1);
    bench.assert_sound();
}

#[test]
fn an_export_has_its_refusals() {
    let mut bench = with_receiver();
    deliver(&mut bench, "HR", "name", "Ann");
    let mut refused = |login: &str, source: &str| {
        bench.act_as(login).engine.export(&to(source), &Mode::Real, &mut Kept::default()).unwrap_err()
    };
    let unknown = refused("sue", "FINN");
    assert!(unknown.to_string().contains("no receiver FINN. Did you mean FIN?"), "{unknown}");
    assert!(matches!(refused("rita", "FIN"), Error::Refused(Refusal::Role { .. })));
    assert_eq!(export(bench.act_as("sue")).0.changed, 1);
    let nothing = export(&mut bench).0;
    assert_eq!((nothing.changed, nothing.operation), (0, None));
    let elsewhere = Export { source: "fin".into(), table: Some("account".into()) };
    assert_eq!(bench.engine.export(&elsewhere, &Mode::Real, &mut Kept::default()).unwrap().changed, 0);
    bench.assert_sound();
}

#[test]
fn an_export_taken_back_is_queued_again() {
    let mut bench = with_receiver();
    deliver(&mut bench, "HR", "name", "Ann");
    export(&mut bench);
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!(states(&bench), ["Queued Ann"]);
    bench.assert_sound();
    assert_eq!(export(&mut bench).0.changed, 1);
    deliver(&mut bench, "HR", "name", "Bo");
    assert_eq!(states(&bench), ["Applied Ann", "Queued Bo"]);
    bench.assert_sound();
}

#[test]
fn decisions_send_and_undo_takes_back_what_is_not_sent() {
    let mut bench = with_receiver();
    bench.import(Import::Bindings, &[&binding("name", &[("on_empty", "send")])]).unwrap();
    bench.policy(&[("target_table", "contact"), ("commit_mode", "On Certify")]);
    deliver(&mut bench, "HR", "name", "Ann");
    assert!(states(&bench).is_empty(), "not in force yet");
    let certify =
        Command::Decide { verb: Verb::Certify, rows: steward::engine::Rows::Filter("is:pending".into()), reason: None };
    let mut preview = bench.act_as("rita").engine.run(&certify, &Mode::DryRun).unwrap();
    assert_eq!(preview.outbound, 1);
    let real = bench.engine.run(&certify, &Mode::AsPreviewed(preview.fingerprint.clone())).unwrap();
    preview.operation = real.operation;
    assert_eq!(preview, real);
    assert_eq!(states(&bench), ["Queued Ann"]);
    let undone = bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!((undone.held_back.len(), states(&bench)), (0, vec!["Superseded Ann".to_string()]));
    bench.assert_sound();
    bench.run(&certify).unwrap();
    export(bench.act_as("sue"));
    bench.act_as("rita").decide(Verb::Revoke, "is:certified").unwrap();
    assert_eq!(states(&bench), ["Superseded Ann", "Applied Ann", "Queued "]);
    let (_, records) = export(bench.act_as("sue"));
    assert_eq!(records[0].values, [("name".to_string(), None)], "it is gone there, too");
    bench.assert_sound();
}

#[test]
fn a_dry_run_of_an_export_is_exactly_the_real_one() {
    let mut bench = with_receiver();
    value_map(&mut bench, "HR", "a", "A", "").unwrap();
    deliver(&mut bench, "HR", "name", "Ann");
    deliver(&mut bench, "HR", "status", "a");
    let mut kept = Kept::default();
    let mut preview = bench.engine.export(&to("FIN"), &Mode::DryRun, &mut kept).unwrap();
    assert!(kept.records.is_empty() && !kept.finished);
    assert_eq!(states(&bench), ["Queued Ann", "Held A"]);
    let (real, _) = export(&mut bench);
    preview.operation = real.operation;
    assert_eq!(preview, real);
    bench.assert_sound();
}
