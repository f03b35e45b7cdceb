//! People and their roles.

use steward::engine::{Command, Verb};

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
