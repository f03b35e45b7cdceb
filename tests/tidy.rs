//! What the compiler does not check about the sources: the floors of the architecture and a few habits.
//!
//! It reads the files as text, cut into words, without comments and without test modules; it knows no types. So it
//! does not see a floor crossed by way of a re-export, and it need not: the use of the re-export's own path is seen.
//! Every check has a test of its own at the end, which shows that it can fail.

use std::fs;
use std::path::Path;

use source::{Source, Word};
use steward::model::choice::ALL_SETS;

#[path = "tidy/source.rs"]
mod source;

/// Each floor with the floors it may use. `main` and `lib` join them and may use all.
const FLOORS: [(&str, &[&str]); 8] = [
    ("model", &[]),
    ("rules", &["model"]),
    ("store", &["model"]),
    ("exchange", &["model"]),
    ("engine", &["store", "rules", "model"]),
    ("cli", &["demo", "engine", "exchange", "store", "model"]),
    ("tui", &["engine", "exchange", "store", "model"]),
    ("demo", &["engine", "exchange", "store", "model"]),
];

/// Lines that a source file may have.
const LINES: usize = 450;

/// Lines that the description of a table's pane may have.
const PANE_LINES: usize = 80;

/// Macros that end the program instead of answering an error.
const PANICS: [&str; 3] = ["panic", "todo", "unimplemented"];

/// Where machines keep people's files. Written in halves, so that this file does not find itself.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
    concat!("C:", "\\Users"),
];

#[test]
fn floors_import_only_downward() {
    check_sources(floors);
}

#[test]
fn only_the_store_names_rusqlite_or_holds_sql() {
    check_sources(sql);
}

#[test]
fn nothing_panics_outside_tests() {
    check_sources(panics);
}

#[test]
fn only_the_theme_names_colours() {
    check_sources(colours);
}

#[test]
fn files_are_short_and_say_why_they_exist() {
    check_sources(shape);
}

#[test]
fn a_pane_is_one_short_file() {
    check_sources(panes);
}

#[test]
fn no_file_holds_a_path_of_somebodys_machine() {
    let mut complaints = Vec::new();
    for (path, text) in files(&["src", "tests", "benches", "assets", ".ci", "README.md", "schema.sql", "Cargo.toml"]) {
        complaints.extend(machine_paths(&path, &text));
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Where documents lie: what names one of them by its file's name alone means one of these.
const DOCUMENTS: [&str; 4] = ["", "docs", "docs/manual", "benches"];

#[test]
fn every_document_that_is_named_is_there() {
    let mut complaints = Vec::new();
    let mut named = 0;
    for (path, text) in files(&["src", "tests", "benches", "docs", "README.md", "schema.sql", "Cargo.toml"]) {
        // A test may make up documents, and this one names what it looks for.
        if path.ends_with("tidy.rs") {
            continue;
        }
        let of_a_name = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        for word in text.split(|c: char| !of_a_name(c)).map(|word| word.trim_end_matches('.')) {
            let Some(name) = word.strip_suffix(".md").filter(|name| !name.is_empty()) else { continue };
            named += 1;
            let beside = Path::new(&path).parent().unwrap().join(format!("{name}.md"));
            let known = DOCUMENTS.iter().any(|folder| root().join(folder).join(format!("{name}.md")).exists());
            if !known && !root().join(beside).exists() {
                complaints.push(format!("{path}: {word} is not there"));
            }
        }
    }
    assert!(named > 40 && complaints.is_empty(), "{named}\n{}\n", complaints.join("\n"));
}

#[test]
fn the_data_model_names_every_table() {
    let (schema, page) =
        ["schema.sql", "docs/data-model.md"].map(|file| fs::read_to_string(root().join(file)).unwrap()).into();
    let tables: Vec<&str> =
        schema.lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")?.strip_suffix(" (")).collect();
    let missing: Vec<_> = tables.iter().filter(|table| !page.contains(&format!("`{table}`"))).collect();
    assert!(tables.len() > 20 && missing.is_empty(), "{missing:?}");
}

#[test]
fn the_schema_holds_the_choice_sets_of_the_model() {
    let expected: Vec<_> = ALL_SETS
        .iter()
        .flat_map(|set| set.options.iter().map(|option| (set.name.into(), option.code, option.label.into())))
        .collect();
    let schema = fs::read_to_string(root().join("schema.sql")).unwrap();
    assert_eq!(choice_rows(&schema), expected);
}

fn check_sources(check: fn(&Source) -> Vec<String>) {
    let sources: Vec<_> = files(&["src"]).into_iter().filter(|(path, _)| path.ends_with(".rs")).collect();
    assert!(!sources.is_empty());
    let complaints: Vec<_> = sources.iter().flat_map(|(path, text)| check(&Source::new(path, text))).collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

// ── The checks ──────────────────────────────────────────────────────────────────────────────────────────────────────

fn floors(source: &Source) -> Vec<String> {
    let Some(floor) = source.floor() else { return Vec::new() };
    let Some((_, below)) = FLOORS.iter().find(|(name, _)| *name == floor) else {
        return vec![format!("{}: {floor} stands on no floor; add it to the table in tests/tidy.rs", source.path)];
    };
    let wrong = |used: &Word| *used.text != *floor && !below.contains(&used.text.as_str());
    let uses = uses_of_the_crate(source);
    uses.into_iter().filter(|used| wrong(used)).map(|used| source.complain(used, "stands above or beside")).collect()
}

/// The words that follow `crate::`, or as many `super::` as lead up to the crate.
fn uses_of_the_crate(source: &Source) -> Vec<&Word> {
    let mut out = Vec::new();
    let mut supers = 0;
    for (at, pair) in source.words.windows(2).enumerate() {
        match (pair[0].text.as_str(), pair[1].text.as_str()) {
            ("super", "::") => supers += 1,
            ("crate", "::") => out.extend(heads(&source.words[at + 2..])),
            ("::", next) if supers > 0 && next != "super" => {
                if supers == source.depth() {
                    out.extend(heads(&source.words[at + 1..]));
                }
                supers = 0;
            }
            _ => {}
        }
    }
    out
}

/// The first word of a path, or of each path in braces.
fn heads(words: &[Word]) -> Vec<&Word> {
    if words.first().is_none_or(|word| word.text != "{") {
        return words.first().into_iter().collect();
    }
    let mut depth = 0;
    let mut out = Vec::new();
    for pair in words.windows(2) {
        match pair[0].text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && ["{", ","].contains(&pair[0].text.as_str()) && pair[1].text != "}" {
            out.push(&pair[1]);
        }
    }
    out
}

fn sql(source: &Source) -> Vec<String> {
    if source.floor() == Some("store") {
        return Vec::new();
    }
    let named = source.words.iter().filter(|word| word.text == "rusqlite");
    let literals = source.literals.iter().filter(|literal| is_sql(&literal.text));
    named.chain(literals).map(|word| source.complain(word, "belongs into the store")).collect()
}

/// SQL keywords in capitals anywhere, or a whole statement in small letters.
fn is_sql(text: &str) -> bool {
    let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).map(String::from).collect::<Vec<_>>();
    let capital =
        words(text).iter().any(|word| ["SELECT", "INSERT", "UPDATE", "DELETE", "PRAGMA"].contains(&word.as_str()));
    let has = |first: &str, second: &str| {
        let words = words(text);
        words.first().is_some_and(|word| word == first) && words.iter().any(|word| word == second)
    };
    capital
        || has("select", "from")
        || has("insert", "into")
        || has("update", "set")
        || text.starts_with("delete from ")
}

fn panics(source: &Source) -> Vec<String> {
    let found = source.words.windows(4).filter(|four| match four {
        [_, _, word, next] if next.text == "!" => PANICS.contains(&word.text.as_str()),
        // A method of the type's own may be called expect, too.
        [of, dot, word, next] if [".", "::"].contains(&dot.text.as_str()) => {
            ["unwrap", "expect"].contains(&word.text.as_str())
                && (dot.text == "::" || next.text == "(")
                && of.text != "self"
        }
        _ => false,
    });
    found.map(|four| source.complain(&four[2], "ends the program instead of answering an error")).collect()
}

fn colours(source: &Source) -> Vec<String> {
    if source.path.starts_with("src/tui/theme") {
        return Vec::new();
    }
    let found = source.words.windows(2).filter(|pair| pair[0].text == "Color" && pair[1].text == "::");
    found.map(|pair| source.complain(&pair[0], "belongs into the theme")).collect()
}

fn shape(source: &Source) -> Vec<String> {
    let mut out = Vec::new();
    if source.lines > LINES {
        out.push(format!("{}: has {} lines, more than {LINES}; split it", source.path, source.lines));
    }
    if !source.documented {
        out.push(format!("{}: does not begin with a //! that says why it exists", source.path));
    }
    out
}

/// A file that describes a pane is a page that one reads at a glance.
fn panes(source: &Source) -> Vec<String> {
    let described = source.words.windows(2).any(|pair| pair[0].text == "PANE" && pair[1].text == ":");
    let long = described && source.lines > PANE_LINES;
    let text = || format!("{}: describes a pane in {} lines, more than {PANE_LINES}", source.path, source.lines);
    long.then(text).into_iter().collect()
}

fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let found = |line: &&str| MACHINE_PATHS.iter().any(|machine| line.contains(machine));
    text.lines().filter(found).map(|line| format!("{path}: names a path of one machine: {}", line.trim())).collect()
}

/// The rows of the schema's `INSERT INTO choice`, in order.
fn choice_rows(schema: &str) -> Vec<(String, i64, String)> {
    let rows = schema.split("INSERT INTO choice").nth(1).and_then(|rest| rest.split(';').next()).unwrap_or_default();
    let row = |line: &str| {
        let mut quoted = line.trim().strip_prefix("('")?.split('\'');
        let (set, code, label) = (quoted.next()?, quoted.next()?, quoted.next()?);
        Some((set.into(), code.trim_matches([',', ' ']).parse().ok()?, label.into()))
    };
    rows.lines().filter_map(row).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text files at or below the given places, with their paths from the root.
fn files(places: &[&str]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut open: Vec<_> = places.iter().map(|place| root().join(place)).filter(|path| path.exists()).collect();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(root()).unwrap().components();
            let name: Vec<_> = name.map(|part| part.as_os_str().to_string_lossy()).collect();
            out.push((name.join("/"), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
        }
    }
    out.sort();
    out
}

// ── Each check can fail ─────────────────────────────────────────────────────────────────────────────────────────────

/// The lines of the sample that the check complains about.
fn lines_found(check: fn(&Source) -> Vec<String>, path: &str, text: &str) -> Vec<usize> {
    let line = |complaint: String| complaint.split(':').nth(1).and_then(|line| line.parse().ok()).unwrap_or(0);
    check(&Source::new(path, text)).into_iter().map(line).collect()
}

#[test]
fn a_crossed_floor_is_found() {
    let sample = "use crate::model::Table;\nuse crate::{engine::Engine, model::{Row, Table}, tui};\nfn f() { crate::cli::run() }";
    assert_eq!(lines_found(floors, "src/engine/x.rs", sample), [2, 3]);
    assert_eq!(lines_found(floors, "src/tui/x.rs", sample), [3]);
    assert!(lines_found(floors, "src/main.rs", sample).is_empty());
    assert_eq!(lines_found(floors, "src/rules/mod.rs", "use super::store;"), [1]);
    assert_eq!(lines_found(floors, "src/rules/x.rs", "use super::store;\nuse super::super::store::Reader;"), [2]);
    assert_eq!(lines_found(floors, "src/attic/mod.rs", ""), [0]);
}

#[test]
fn comments_literals_and_tests_are_not_code() {
    let sample = "// crate::tui\n/* crate::tui */ fn f() -> char { '\"' }\nconst A: &str = r#\"crate::tui \" \"#;\n\
        #[cfg(test)]\nmod tests {\n use crate::tui;\n fn f() {}\n}\n#[cfg(test)]\nuse crate::tui;\nfn g<'a>() { '\\'' }\nuse crate::tui;";
    assert_eq!(lines_found(floors, "src/rules/x.rs", sample), [12]);
    assert!(lines_found(floors, "src/rules/tests.rs", "use crate::tui;").is_empty());
}

#[test]
fn sql_outside_the_store_is_found() {
    let sample = "use rusqlite::Connection;\nconst A: &str = \"SELECT 1\";\nconst B: &str = \"select a from b\";\n\
        // SELECT\nconst C: &str = \"Select a row from the list, or update it\";\nconst D: &[u8] = b\"DELETE FROM t\";";
    assert_eq!(lines_found(sql, "src/engine/x.rs", sample), [1, 2, 3, 6]);
    assert!(lines_found(sql, "src/store/x.rs", sample).is_empty());
}

#[test]
fn a_panic_is_found() {
    let sample = "fn f() { g().unwrap(); }\nfn g() { h().expect(\"x\") }\nfn h() { panic!() }\nfn i() { todo!() }\n\
        fn j() { unimplemented!() }\nfn k() { a.unwrap_or(self.expect(b)) }\nfn l() { m.map(Option::unwrap) }\n\
        #[cfg(test)]\nmod tests { fn l() { m().unwrap() } }";
    assert_eq!(lines_found(panics, "src/model/x.rs", sample), [1, 2, 3, 4, 5, 7]);
}

#[test]
fn a_colour_is_found() {
    assert_eq!(lines_found(colours, "src/tui/pane.rs", "\nlet c = Color::Red;"), [2]);
    assert!(lines_found(colours, "src/tui/theme.rs", "\nlet c = Color::Red;").is_empty());
}

#[test]
fn a_long_file_and_one_without_a_reason_are_found() {
    assert_eq!(shape(&Source::new("src/a.rs", "fn f() {}")).len(), 1);
    assert_eq!(shape(&Source::new("src/a.rs", &format!("//! Why.\n{}", "\n".repeat(LINES)))).len(), 1);
    assert_eq!(shape(&Source::new("src/a.rs", "//! Why.\n")).len(), 0);
}

#[test]
fn a_long_pane_is_found() {
    let pane = "pub static PANE: PaneSpec = PaneSpec {};\n";
    assert_eq!(panes(&Source::new("src/a.rs", &format!("{pane}{}", "\n".repeat(PANE_LINES)))).len(), 1);
    assert!(panes(&Source::new("src/a.rs", pane)).is_empty());
    assert!(panes(&Source::new("src/a.rs", &"\n".repeat(PANE_LINES * 2))).is_empty());
}

#[test]
fn a_machines_path_is_found() {
    assert_eq!(machine_paths("a", &format!("see {}ann/x", MACHINE_PATHS[0])).len(), 1);
    assert_eq!(machine_paths("a", "see homework/x").len(), 0);
}

#[test]
fn choice_rows_are_read_from_a_schema() {
    let sample = "INSERT INTO choice (a) VALUES\n  ('State', 0, 'Active'),\n  ('State', 1, 'Inactive');\n('x', 2, 'y')";
    let rows = [("State".to_string(), 0, "Active".to_string()), ("State".to_string(), 1, "Inactive".to_string())];
    assert_eq!(choice_rows(sample), rows);
}
