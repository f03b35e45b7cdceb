//! The four aspects of the ledger: attesting records, tables and deliveries, and what that does to fields.

use steward::engine::{Attested, Command, Error, Import, Mode, Outcome, Refusal, Verb};
use steward::model::table::Table;

use crate::bench::{Bench, delivery};

fn record(bench: &Bench, key: &str) -> Attested {
    Attested::Record { target_table: "contact".into(), target_id: bench.target("HR", key) }
}

fn table(name: &str) -> Attested {
    Attested::Table { target_table: name.into() }
}

fn attest(bench: &mut Bench, scope: Attested) -> Result<Outcome, Error> {
    bench.run(&Command::Attest { scope, reason: None })
}

/// Aspect, aspect key and status of each entry that is not of a field.
fn attestations(bench: &Bench) -> Vec<[String; 3]> {
    let rows = bench.rows(Table::Ledger, "aspect!=Field");
    let cell = |row: &steward::model::row::Row, name| row.display(name).into_owned();
    rows.iter().map(|row| ["ledger_aspect", "aspect_key", "ledger_status"].map(|name| cell(row, name))).collect()
}

/// Two people and an account, all pending.
fn delivered() -> Bench {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann"), ("town", "Oslo")]), ("2", &[("name", "Bo")])]);
    bench.deliver("HR", "account", &[("9", &[("name", "Acme")])]);
    bench.act_as("rita");
    bench
}

#[test]
fn a_wider_aspect_certifies_the_pending_entries_below_it() {
    type Case = (&'static str, fn(&Bench) -> Attested, &'static str, i64, usize);
    let cases: [Case; 4] = [
        ("a record", |bench| record(bench, "1"), "Record", 2, 2),
        ("a table, its name without case", |_| table("CONTACT"), "Table", 3, 1),
        ("a delivery", |_| Attested::File { job: 2 }, "File / Dataset", 1, 3),
        ("another delivery", |_| Attested::File { job: 1 }, "File / Dataset", 3, 1),
    ];
    for (case, scope, aspect, certified, left) in cases {
        let mut bench = delivered();
        let scope = scope(&bench);
        let outcome = attest(&mut bench, scope).unwrap();
        assert_eq!((outcome.changed, outcome.values_changed), (certified + 1, certified), "{case}");
        assert_eq!(bench.rows(Table::Ledger, "is:certified aspect:Field").len() as i64, certified, "{case}");
        assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), left, "{case}");
        let own = &bench.rows(Table::Ledger, "aspect!=Field")[0];
        assert_eq!((own.display("ledger_aspect").as_ref(), own.text("certified_by")), (aspect, "rita"), "{case}");
        assert_eq!(bench.reader().operations(None, 1).unwrap()[0].kind, "attest", "{case}");
        bench.assert_sound();
    }
}

#[test]
fn each_aspect_has_its_key_and_target() {
    let mut bench = delivered();
    let named =
        steward::engine::Delivery { delivery_id: Some("D-7".into()), ..delivery("HR", "contact", &"a".repeat(64), 0) };
    bench.act_as("ada").try_deliver(&named, &[("3", &[("name", "Cy")])], false).unwrap();
    let target = bench.target("HR", "1");
    let one = record(&bench, "1");
    for scope in [one, table("contact"), Attested::File { job: 1 }, Attested::File { job: 3 }] {
        attest(&mut bench, scope).unwrap();
    }
    let rows = bench.rows(Table::Ledger, "aspect!=Field");
    let of = |at: usize| [rows[at].text("target_table"), rows[at].text("target_id"), rows[at].text("aspect_key")];
    assert_eq!(of(0), ["contact", &target, "*"]);
    assert_eq!(of(1)[..2], ["contact", "contact"]);
    let (count, digest) = of(1)[2].split_once(";sha256=").unwrap();
    assert_eq!(count, "rows=3");
    assert!(digest.len() == 12 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}");
    assert_eq!(of(2), ["contact", "JOB-0000001", &format!("sha256:{:064x}", 1)]);
    assert_eq!(of(3), ["contact", "D-7", &format!("sha256:{}", "a".repeat(64))]);
    bench.assert_sound();
}

#[test]
fn a_tables_key_tells_whether_its_values_are_the_attested_ones() {
    let mut bench = delivered();
    let key = |bench: &mut Bench| {
        attest(bench, table("contact")).unwrap();
        attestations(bench).last().unwrap()[1].clone()
    };
    let first = key(&mut bench);
    assert!(first.starts_with("rows=2;"), "{first}");
    assert_eq!(key(&mut bench), first, "nothing changed");
    bench.decide(Verb::Certify, "table:account").unwrap();
    assert_eq!(key(&mut bench), first, "another table changed");
    bench.days_pass(1);
    bench.act_as("sam").deliver("HR", "contact", &[("1", &[("name", "Anna")])]);
    assert_eq!(key(bench.act_as("rita")), first, "what waits beside it is not vouched for");
    bench.decide(Verb::Certify, "value:Anna").unwrap();
    let changed = key(&mut bench);
    assert!(changed.starts_with("rows=2;") && changed != first, "{changed}");
    bench.decide(Verb::Revoke, "value:Anna").unwrap();
    assert_eq!(key(&mut bench), first, "the old value is back");
    bench.decide(Verb::Revoke, "value:Bo").unwrap();
    assert!(key(&mut bench).starts_with("rows=1;"));
    bench.assert_sound();
}

#[test]
fn decided_entries_and_rivals_are_left_alone() {
    let mut bench = delivered();
    bench.decide(Verb::Reject, "value:Ann").unwrap();
    bench.decide(Verb::Certify, "value:Oslo").unwrap();
    bench.decide(Verb::Revoke, "value:Oslo").unwrap();
    let one = record(&bench, "1");
    let outcome = attest(&mut bench, one).unwrap();
    assert_eq!((outcome.changed, outcome.held_back.len()), (1, 0));
    assert_eq!(bench.rows(Table::Ledger, "is:rejected").len(), 1);
    assert_eq!(bench.rows(Table::Ledger, "is:revoked").len(), 1);
    bench.assert_sound();

    // Two sources that propose the same value do not rival each other, two with different values do.
    let mut bench = delivered();
    let target = bench.target("HR", "1");
    let key =
        [("external_key", "f1"), ("target_table", "contact"), ("source_system_key", "FIN"), ("target_id", &target)];
    bench.act_as("ada").import(Import::Identifiers, &[&key]).unwrap();
    bench.deliver("FIN", "contact", &[("f1", &[("name", "Anna"), ("town", "Oslo")])]);
    let one = record(&bench, "1");
    let outcome = attest(bench.act_as("rita"), one).unwrap();
    assert_eq!((outcome.changed, outcome.held_back.len()), (3, 1), "{outcome:?}");
    let held = &outcome.held_back[0];
    assert!(held.reason.contains("certify one of them by itself"), "{held:?}");
    assert_eq!(outcome.left, 2);
    assert_eq!((held.rows, bench.rows(Table::Ledger, "is:pending field:name table:contact").len()), (2, 3));
    bench.assert_sound();
}

/// What an attestation of a record does with one field of it: HR speaks first, then PAY, which its policy may not name.
#[test]
fn only_what_is_in_force_or_alone_is_vouched_for() {
    const UNKNOWN: &str = "is of a source that is not authoritative";
    const BESIDE: &str = "waits beside the value in force";
    const RIVALS: &str = "rivals another pending value";
    const PINNED: &str = "a person pinned";
    // Mode, ranking, what HR and PAY say, whether HR's is certified and pinned; what is certified then, and what is left.
    type Case = (&'static str, [&'static str; 4], bool, bool, &'static [&'static str], &'static [&'static str]);
    let cases: [Case; 11] = [
        ("alone, nothing in force", ["On Certify", "HR > PAY", "A", ""], false, false, &["A"], &[]),
        ("of one mind", ["On Certify", "HR > PAY", "A", "A"], false, false, &["A", "A"], &[]),
        ("rivals", ["On Certify", "HR > PAY", "A", "B"], false, false, &[], &[RIVALS, RIVALS]),
        ("live and alone", ["On Ingest", "HR > PAY", "A", ""], false, false, &["A"], &[]),
        ("a challenger of what is live", ["On Ingest", "HR > PAY", "A", "B"], false, false, &["A"], &[BESIDE]),
        ("a challenger of what is certified", ["On Ingest", "HR > PAY", "A", "B"], true, false, &["A"], &[BESIDE]),
        ("a newer word that waits", ["On Certify", "HR = PAY", "A", "B"], true, false, &["A"], &[BESIDE]),
        ("a pinned field", ["On Ingest", "HR > PAY", "A", "B"], false, true, &[], &[PINNED, PINNED]),
        ("a certified pinned field", ["On Ingest", "HR > PAY", "A", "B"], true, true, &["A"], &[PINNED]),
        ("a source that is not authoritative", ["On Ingest", "HR", "", "B"], false, false, &[], &[UNKNOWN]),
        ("one beside an authoritative one", ["On Ingest", "HR", "A", "B"], false, false, &["A"], &[BESIDE]),
    ];
    for (case, [mode, sources, hr, pay], certified, pinned, vouched, left) in cases {
        let mut bench = Bench::new();
        bench.policy(&[("target_table", "contact"), ("commit_mode", mode), ("authoritative_sources", sources)]);
        for source in ["HR", "PAY"] {
            let key = [("external_key", "1"), ("target_table", "contact"), ("source_system_key", source)];
            let key: Vec<_> = key.into_iter().chain([("target_id", "T1")]).collect();
            bench.import(Import::Identifiers, &[&key]).unwrap();
        }
        let said = |bench: &mut Bench, source: &str, value: &str| {
            if !value.is_empty() {
                bench.act_as("sue").deliver(source, "contact", &[("1", &[("name", value)])]);
                bench.second_passes();
            }
        };
        said(&mut bench, "HR", hr);
        bench.act_as("rita");
        if certified {
            bench.decide(Verb::Certify, "source:HR").unwrap();
        }
        if pinned {
            let (target_table, target_id, field_name) = ("contact".into(), "T1".into(), "name".into());
            bench.run(&Command::Pin { target_table, target_id, field_name, pinned, reason: None }).unwrap();
        }
        said(&mut bench, "PAY", pay);
        let before = bench.value("HR", "1", "name");
        let scopes = [record(&bench, "1"), table("contact")];
        for scope in scopes {
            let command = Command::Attest { scope, reason: Some("read against the file".into()) };
            let outcome = bench.act_as("rita").engine.run(&command, &Mode::DryRun).unwrap();
            let told: i64 = outcome.held_back.iter().map(|held| held.rows).sum();
            assert_eq!((outcome.left, told), (left.len() as i64, left.len() as i64), "{case}: {outcome:?}");
            assert!(left.iter().all(|why| outcome.held_back.iter().any(|held| held.reason.contains(why))), "{case}");
            let said = format!(", left {} entr", left.len());
            assert_eq!(outcome.summary.contains(&said), !left.is_empty(), "{case}: {}", outcome.summary);
        }
        let scope = record(&bench, "1");
        attest(&mut bench, scope).unwrap();
        let rows = bench.rows(Table::Ledger, "is:certified aspect:Field");
        assert_eq!(rows.iter().map(|row| row.text("value")).collect::<Vec<_>>(), vouched, "{case}");
        assert_eq!(bench.rows(Table::Ledger, "is:pending").len(), left.len(), "{case}");
        let after = bench.value("HR", "1", "name");
        assert!(before.is_none() || before == after, "{case}: {before:?} gave way to {after:?}");
        bench.assert_sound();
    }
}

#[test]
fn four_eyes_hold_children_back_and_a_reason_lets_them_through() {
    let mut bench = Bench::new();
    bench.codes("status", &["A"]);
    bench.deliver("HR", "contact", &[("1", &[("status", "x"), ("name", "Ann")])]);
    bench.map("HR", "status", "x", "A").unwrap();
    let one = record(&bench, "1");
    let outcome = attest(&mut bench, one.clone()).unwrap();
    assert_eq!((outcome.changed, outcome.held_back[0].rows), (2, 1));
    assert!(outcome.held_back[0].reason.contains("you decided"), "{outcome:?}");
    let why = Command::Attest { scope: one, reason: Some("seen the file".into()) };
    assert_eq!(bench.run(&why).unwrap().changed, 2);
    let entry = &bench.rows(Table::Ledger, "field:status")[0];
    assert!(entry.text("notes").contains("author of its value map: seen the file"), "{}", entry.text("notes"));
    assert_eq!(bench.rows(Table::Ledger, "aspect:Record")[1].text("notes"), "seen the file");
    bench.assert_sound();
}

#[test]
fn what_is_not_there_or_not_whole_is_refused() {
    let mut bench = delivered();
    let unknown = Attested::Record { target_table: "contact".into(), target_id: "nobody".into() };
    let cases = [
        ("a record", unknown, "the record nobody of contact"),
        ("a table", table("contract"), "the table contract"),
        ("a job", Attested::File { job: 99 }, "JOB-0000099"),
    ];
    for (case, scope, part) in cases {
        let refused = attest(&mut bench, scope).unwrap_err();
        assert!(matches!(refused, Error::Refused(Refusal::NotFound { .. })), "{case}: {refused}");
        assert!(refused.to_string().contains(part), "{case}: {refused}");
    }
    let mut stopped = (0..1000).map(|at| Ok(crate::bench::record(at, &(&at.to_string(), &[("name", "x")]))));
    let half = delivery("FIN", "contact", &"b".repeat(64), 0);
    bench.act_as("ada").engine.ingest(&half, &mut stopped, false, &mut |_, _| false).unwrap();
    let refused = attest(&mut bench, Attested::File { job: 3 }).unwrap_err();
    assert!(refused.to_string().contains("JOB-0000003 has not taken in its whole file"), "{refused}");
    let refused = attest(bench.act_as("sam"), table("contact")).unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::Role { .. })), "{refused}");
    let long = Command::Attest { scope: table("contact"), reason: Some("x".repeat(501)) };
    assert!(bench.act_as("rita").run(&long).is_err());
    assert!(attestations(&bench).is_empty());
    bench.assert_sound();
}

#[test]
fn an_attestation_is_revoked_and_undone_like_any_entry() {
    let mut bench = delivered();
    attest(&mut bench, table("contact")).unwrap();
    bench.run(&Command::Undo { operation: None }).unwrap();
    assert_eq!(bench.rows(Table::Ledger, "is:pending table:contact").len(), 3);
    assert_eq!(bench.value("HR", "1", "name"), None);
    assert_eq!(bench.rows(Table::Ledger, "aspect:Table active:Inactive").len(), 1);
    bench.assert_sound();
    let one = record(&bench, "1");
    attest(&mut bench, one).unwrap();
    bench.decide(Verb::Revoke, "aspect:Record").unwrap();
    assert_eq!(attestations(&bench)[1], ["Record", "*", "Revoked"]);
    assert_eq!(bench.value("HR", "1", "name").as_deref(), Some("Ann"), "its fields are decided by themselves");
    bench.assert_sound();
}

#[test]
fn a_field_named_like_a_wider_aspect_is_a_field() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("*", "star")])]);
    let one = record(&bench, "1");
    attest(bench.act_as("rita"), one.clone()).unwrap();
    attest(&mut bench, one).unwrap();
    assert_eq!(bench.value("HR", "1", "*").as_deref(), Some("star"));
    bench.decide(Verb::Revoke, "aspect:Record").unwrap();
    assert_eq!(bench.value("HR", "1", "*").as_deref(), Some("star"));
    bench.assert_sound();
}

#[test]
fn a_dry_run_is_exactly_the_real_run() {
    let cases: [fn(&Bench) -> Attested; 3] =
        [|bench| record(bench, "1"), |_| table("contact"), |_| Attested::File { job: 2 }];
    for scope in cases {
        let mut bench = delivered();
        let command = Command::Attest { scope: scope(&bench), reason: None };
        let mut preview = bench.engine.run(&command, &Mode::DryRun).unwrap();
        assert!(attestations(&bench).is_empty());
        let real = bench.engine.run(&command, &Mode::AsPreviewed(preview.fingerprint.clone())).unwrap();
        preview.operation = real.operation;
        assert_eq!(preview, real);
        bench.assert_sound();
    }
}
