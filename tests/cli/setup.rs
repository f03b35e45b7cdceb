//! init, user, import.

use crate::harness::{Bench, text};

#[test]
fn init_makes_a_store_whose_maker_is_admin() {
    let bench = Bench::empty();
    let ran = bench.run(&["init"]).ok();
    assert!(ran.out.starts_with("Made the store "), "{ran:?}");
    assert!(ran.out.contains("store.db"), "{ran:?}");
    let users = bench.run(&["user", "list"]).ok();
    assert!(users.out.contains("admin"), "{users:?}");
    bench.assert_sound();
    // A second one changes nothing.
    let before = std::fs::read(bench.store()).unwrap();
    bench.run(&["init"]).refused(&["store.db"]);
    assert_eq!(std::fs::read(bench.store()).unwrap(), before);
}

#[test]
fn the_store_is_where_the_flag_says_else_the_environment_else_the_data_folder() {
    let bench = Bench::empty();
    bench.run(&["--store", "flag.db", "init"]).ok();
    assert!(bench.path("flag.db").exists() && !bench.store().exists());
    bench.run(&["init"]).ok();
    assert!(bench.store().exists());
    let mut command = bench.command(&["init"]);
    let ran = command.env_remove("STEWARD_STORE").env("XDG_DATA_HOME", bench.path("data")).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    assert!(bench.path("data/steward/steward.db").exists());
}

#[test]
fn people_are_added_with_roles() {
    let bench = Bench::new();
    bench.run(&["user", "add", "mary", "--roles", "steward,reviewer", "--name", "Mary Major"]).ok();
    let users = bench.run(&["user", "list", "--json"]).ok().lines();
    let mary = users.iter().find(|user| text(user, "login") == "mary").unwrap();
    assert_eq!(text(mary, "full_name"), "Mary Major");
    assert_eq!(mary["roles"], serde_json::json!(["steward", "reviewer"]));
    bench.run(&["user", "add", "bob", "--roles", "boss"]).misused(&["steward, reviewer, support, auditor, admin"]);
    bench.run(&["user", "add", "bob"]).misused(&["--roles"]);
    bench.assert_sound();
}

#[test]
fn an_admin_acts_for_others_and_others_do_not() {
    let bench = Bench::new();
    bench.run(&["user", "add", "mary", "--roles", "auditor"]).ok();
    bench.run(&["user", "add", "sam", "--roles", "steward"]).ok();
    bench.file("codes.csv", "code,label\nA,Alpha\n");
    // Mary may only read.
    let args = ["import", "codes", "codes.csv", "--list", "l", "--code-column", "code", "--label-column", "label"];
    bench.run(&[&["--as", "mary"], &args[..]].concat()).refused(&["mary", "steward"]);
    bench.run(&[&["--as", "sam"], &args[..]].concat()).ok();
    let history = bench.run(&["history", "--json", "--limit", "1"]).ok();
    assert!(history.out.contains("sam") && history.out.contains(&bench.me()), "{history:?}");
}

#[test]
fn codes_are_imported_from_the_columns_that_are_named_or_guessed() {
    let bench = Bench::new();
    bench.file("codes.csv", "name,key,other\nFrance,FRA,x\nKenya,KEN,y\n");
    let args = ["import", "codes", "codes.csv", "--list", "country"];
    let guessed = bench.run(&[&args[..], &["--dry-run"]].concat()).ok();
    assert!(guessed.err.contains("column \"name\", labels from column \"key\""), "{guessed:?}");
    assert!(guessed.out.starts_with("Dry run, nothing was changed."), "{guessed:?}");
    let named = bench.run(&[&args[..], &["--code-column", "key", "--label-column", "name", "--json"]].concat()).ok();
    assert_eq!(named.err, "");
    assert_eq!(named.json()["changed"], 2);
    bench
        .run(&[&args[..], &["--code-column", "kei"]].concat())
        .refused(&["codes.csv: ", "no column \"kei\"", "Did you mean \"key\"?"]);
}

#[test]
fn setup_rows_are_imported_by_their_fields_names() {
    let bench = Bench::agency();
    bench.file(
        "policies.csv",
        "policy_id,target_table,field_name,commit_mode,auto_certify,authoritative_sources,stale_after_days\n\
         People,person,,On Ingest,Yes,HR > *,365\n",
    );
    bench.file(
        "maps.csv",
        "source_system_key,code_list,source_code,source_label,canonical_code_value,confidence\nFIN,country,F,France,FRA,0.95\n",
    );
    bench.file(
        "identifiers.csv",
        "source_system_key,external_key,target_table,target_id\nFIN,77,person,00000000-0000-7000-8000-000000000001\n",
    );
    bench.run(&["import", "policies", "policies.csv"]).ok();
    bench.run(&["import", "value-maps", "maps.csv"]).ok();
    bench.run(&["import", "identifiers", "identifiers.csv", "--new"]).ok();
    let policy = &bench.rows("commit-policies", "")[0];
    assert_eq!(text(policy, "policy_id"), "People");
    assert_eq!(text(policy, "commit_mode"), "On Ingest");
    assert_eq!(policy["stale_after_days"], 365);
    let map = &bench.rows("value-maps", "source:FIN")[0];
    assert_eq!(text(map, "canonical_code_value"), "FRA");
    assert_eq!(map["confidence"], 0.95);
    assert_eq!(text(&bench.rows("identifiers", "source:FIN")[0], "external_key"), "77");
    bench.assert_sound();
}

#[test]
fn an_import_is_whole_or_refused() {
    let bench = Bench::new();
    bench.file("unknown.csv", "target_tabel,field_name\nperson,name\n");
    bench
        .run(&["import", "bindings", "unknown.csv"])
        .refused(&["unknown.csv: ", "Column 1, \"target_tabel\"", "Did you mean target_table?"]);
    bench.file("ragged.csv", "target_table,field_name\nperson,name\nperson\n");
    bench.run(&["import", "bindings", "ragged.csv"]).refused(&["ragged.csv: ", "Line 3", "Nothing was imported."]);
    bench.file("wrong.csv", "target_table,commit_mode\nperson,On Ingest\nperson,Never\n");
    bench.run(&["import", "policies", "wrong.csv"]).refused(&["3", "commit_mode"]);
    assert!(bench.rows("commit-policies", "").is_empty());
    bench.file("latin.csv", b"code,label\nA,caf\xe9\n");
    let args = ["import", "codes", "latin.csv", "--list", "l", "--code-column", "code", "--label-column", "label"];
    bench.run(&args).refused(&["latin.csv: ", "Line 2", "label", "UTF-8"]);
    bench.assert_sound();
}

#[test]
fn rules_are_listed_and_changed() {
    let bench = Bench::agency();
    let listed = bench.run(&["rules", "list"]).ok();
    assert!(listed.out.contains("four_eyes") && listed.out.contains("0.90"), "{listed:?}");
    bench.run(&["rules", "set", "confident_from", "0.8", "--dry-run"]).ok();
    let done = bench.run(&["rules", "set", "confident_from", "0.8"]).ok();
    assert!(done.out.starts_with("Set confident_from to 0.8; it was 0.90\n"), "{done:?}");
    let listed = bench.run(&["rules", "list", "--json"]).ok();
    assert!(listed.out.contains(r#"{"key":"confident_from","value":"0.8""#), "{listed:?}");
    bench.run(&["rules", "set", "confident_from", "2"]).refused(&["from 0 to 1"]);
    bench.run(&["rules", "set", "colour", "2"]).refused(&["no setting colour"]);
    bench.assert_sound();
}
