//! What the manual has people type works as it stands there, in its order: each page on a store of its own.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::harness::{Bench, Ran};

/// Folders that the manual names, which a test has in its own; that one lies in the first of them.
const PLACES: [&str; 4] = ["/tmp", "/backups", "/elsewhere", "/somewhere/else"];

/// The lines of a page's blocks of commands that are steward's.
fn commands(page: &str) -> Vec<&str> {
    let mut in_block = false;
    let mut found = Vec::new();
    for line in page.lines() {
        match line.trim() {
            "```sh" => in_block = true,
            "```" => in_block = false,
            line if in_block && line.starts_with("steward ") => found.push(line),
            _ => {}
        }
    }
    found
}

#[test]
fn every_command_of_the_manual_does_what_its_page_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual");
    let mut tried = 0;
    for page in fs::read_dir(folder).unwrap() {
        let page = page.unwrap().path();
        let bench = Bench::agency();
        for place in PLACES.into_iter().chain(["/bin"]) {
            fs::create_dir_all(bench.path(&place[1..])).unwrap();
        }
        symlink(assert_cmd::cargo::cargo_bin!("steward"), bench.path("bin/steward")).unwrap();
        for line in commands(&fs::read_to_string(&page).unwrap()) {
            let mut here = line.to_string();
            for place in PLACES {
                here = here.replace(&format!(" {place}/"), &format!(" {}/", bench.path(&place[1..]).display()));
                here = here.replace(&format!(" {place} "), &format!(" {} ", bench.path(&place[1..]).display()));
            }
            let plain = bench.command(&[]);
            let mut shell = Command::new("sh");
            shell.args(["-c", &here]).current_dir(bench.path(".")).env_clear();
            shell.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
            shell.env("PATH", format!("{}:/usr/bin:/bin", bench.path("bin").display()));
            // What a page moved is where it says.
            if bench.path("elsewhere/steward.db").exists() {
                shell.env("STEWARD_STORE", bench.path("elsewhere/steward.db"));
            }
            let ran: Ran = shell.output().unwrap().into();
            assert_eq!(ran.code, 0, "{}: {line}: {ran:?}", page.display());
            tried += 1;
        }
    }
    assert!(tried > 8, "only {tried} commands were found");
}
