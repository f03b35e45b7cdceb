//! People and their roles.

use steward::engine::{Command, Import, Rows, Verb};
use steward::model::table::Table;

use crate::bench::Bench;

fn roles(login: &str, roles: &[&str]) -> Command {
    Command::SetRoles { login: login.into(), roles: roles.iter().map(|role| role.to_string()).collect() }
}

#[test]
fn a_role_counts_from_the_next_operation_on() {
    let mut bench = Bench::new();
    bench.deliver("HR", "contact", &[("1", &[("name", "Ann")])]);
    bench.run(&roles("sam", &["steward", "reviewer"])).unwrap();
    assert_eq!(bench.act_as("sam").decide(Verb::Certify, "is:pending").unwrap().changed, 1);
    bench.act_as("ada").run(&roles("sam", &[])).unwrap();
    let refused = bench.act_as("sam").decide(Verb::Revoke, "is:certified").unwrap_err();
    assert!(refused.to_string().contains("not a user of this store"), "{refused}");
    bench.assert_sound();
}

#[test]
fn somebody_stays_an_admin() {
    let mut bench = Bench::new();
    let refused = bench.run(&roles("ada", &["steward"])).unwrap_err();
    assert!(refused.to_string().contains("only admin"), "{refused}");
    bench.run(&roles("rita", &["admin"])).unwrap();
    bench.run(&roles("ada", &["steward"])).unwrap();
    let no_longer = bench.run(&roles("sam", &["admin"])).unwrap_err();
    assert!(no_longer.to_string().contains("takes the role admin"), "{no_longer}");
    bench.assert_sound();
}

#[test]
fn undo_takes_the_last_admin_away_neither() {
    let add = Command::AddUser { login: "tom".into(), full_name: None, roles: vec!["admin".into()] };
    for (made, login) in [(roles("rita", &["admin"]), "rita"), (add, "tom")] {
        let mut bench = Bench::new();
        bench.run(&made).unwrap();
        let seq = bench.reader().operations(None, 1).unwrap()[0].seq;
        bench.act_as(login).run(&roles("ada", &["steward"])).unwrap();
        let refused = bench.run(&Command::Undo { operation: Some(seq) }).unwrap_err();
        assert!(refused.to_string().contains("would leave the store without an admin"), "{refused}");
        bench.run(&roles("ada", &["admin"])).unwrap();
        bench.run(&Command::Undo { operation: Some(seq) }).unwrap();
        bench.assert_sound();
    }
}

#[test]
fn nonsense_is_refused_with_a_sentence() {
    let mut bench = Bench::new();
    for (command, part) in [
        (roles("sam", &["stewart"]), "Did you mean steward?"),
        (roles("nobody", &["steward"]), "no user nobody"),
        (roles("steward:engine", &["admin"]), "no user"),
        (Command::AddUser { login: "a b".into(), full_name: None, roles: vec!["admin".into()] }, "no spaces"),
        (Command::AddUser { login: "sam".into(), full_name: None, roles: vec!["admin".into()] }, "already"),
        (Command::AddUser { login: "tom".into(), full_name: None, roles: vec![] }, "at least one"),
    ] {
        let refused = bench.run(&command).unwrap_err();
        assert!(refused.to_string().contains(part), "{refused}");
    }
    bench.assert_sound();
}

fn set(key: &str, value: &str) -> Command {
    Command::Set { key: key.into(), value: value.into() }
}

#[test]
fn four_eyes_are_enforced_warned_of_or_off() {
    for (setting, allowed, note) in
        [("enforce", false, ""), ("warn", true, "Certified by the author of its value map"), ("off", true, "")]
    {
        let mut bench = Bench::new();
        bench.run(&set("four_eyes", setting)).unwrap();
        bench.codes("color", &["RED"]);
        bench.map("HR", "color", "r", "RED").unwrap();
        bench.deliver("HR", "car", &[("1", &[("color", "r")])]);
        let outcome = bench.decide(Verb::Certify, "is:pending").unwrap();
        assert_eq!(outcome.changed == 1, allowed, "{setting}");
        assert_eq!(bench.rows(Table::Ledger, "")[0].text("notes"), note, "{setting}");
        bench.assert_sound();
    }
}

#[test]
fn the_confidence_that_is_asked_for_can_be_set() {
    let mut bench = Bench::new();
    bench.codes("color", &["RED"]);
    let row: &[(&str, &str)] = &[
        ("source_system_key", "HR"),
        ("code_list", "color"),
        ("source_code", "r"),
        ("canonical_code_value", "RED"),
        ("confidence", "0.7"),
    ];
    bench.import(Import::ValueMaps, &[row]).unwrap();
    bench.deliver("HR", "car", &[("1", &[("color", "r")])]);
    assert_eq!(bench.states(""), ["Held"]);
    let outcome = bench.run(&set("confident_from", "0.65")).unwrap();
    assert_eq!(outcome.summary, "Set confident_from to 0.65; it was 0.90");
    bench.run(&Command::Retry { rows: Rows::Filter("is:held".into()), reason: None }).unwrap();
    assert_eq!(bench.states("is:active"), ["Waiting"]);
    bench.run(&Command::Undo { operation: outcome.operation }).unwrap();
    bench.deliver("HR", "car", &[("2", &[("color", "r")])]);
    assert_eq!(bench.states("is:held"), ["Held"]);
    bench.assert_sound();
}

#[test]
fn a_setting_that_is_none_or_out_of_range_is_refused() {
    let mut bench = Bench::new();
    for (key, value, part) in [
        ("four_eye", "off", "Did you mean four_eyes?"),
        ("store_id", "0", "no setting store_id"),
        ("four_eyes", "two", "enforce, warn or off"),
        ("confident_from", "1.01", "from 0 to 1"),
        ("confident_from", "-1", "from 0 to 1"),
        ("confident_from", "90", "from 0 to 1"),
    ] {
        let refused = bench.run(&set(key, value)).unwrap_err().to_string();
        assert!(refused.contains(part), "{refused}");
    }
    assert_eq!(bench.run(&set("four_eyes", "enforce")).unwrap().operation, None, "as it is already");
    let refused = bench.act_as("rita").run(&set("four_eyes", "off")).unwrap_err().to_string();
    assert!(refused.contains("takes the role admin"), "{refused}");
    bench.assert_sound();
}
