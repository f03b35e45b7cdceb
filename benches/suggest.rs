//! How good and how fast suggestions are, on real lists and on a large made-up one: `cargo bench --bench suggest`.
//!
//! The real lists are read from the folder that `STEWARD_DATA` names, by default `../shared/data` beside the project;
//! where they are not there, that part is left out and said so. Nothing of them is in the program.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use steward::engine::{Actor, Command, Context, Delivery, Engine, Import, ImportRow, MapChoice, MapKey, Mode};
use steward::model::choice::Relationship;
use steward::model::record::{Cell, Record};
use steward::rules::families::{self, Method};
use steward::rules::suggest::{Candidate, Decision, Entry, Index, MOST, Question, SURE};
use steward::store::Store;

fn main() {
    match data() {
        Some(data) => {
            locations(&data);
            left_out(&data);
            contracts(&data);
        }
        None => println!("No data folder: name one in STEWARD_DATA. Only the made-up list is measured.\n"),
    }
    large();
    one_code();
}

fn data() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("STEWARD_DATA").map_or_else(beside, PathBuf::from);
    folder.join("mapping/location-synonyms.csv").exists().then_some(folder)
}

// ── Accuracy ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Other names of countries against a list of countries, with no decisions and with every other row decided.
fn locations(data: &std::path::Path) {
    let list = entries(&rows(&data.join("federal-core/govcdm_country.csv")), "govcdm_abbreviation", "govcdm_name");
    let names = rows(&data.join("mapping/location-synonyms.csv"));
    let names: Vec<(String, String)> =
        names.iter().map(|row| (row["source_label"].clone(), row["expected_code"].clone())).collect();
    let part =
        |rest: usize| names.iter().enumerate().filter(move |(at, _)| at % 2 == rest).map(|(_, name)| name.clone());
    println!("Other names of countries against {} countries\n", list.len());
    println!("| decided before | asked | right first | right in 5 | sure (0.90+) | of these right | asking |");
    println!("| --- | --: | --: | --: | --: | --: | --: |");
    row_of_locations("nothing", &list, &[], names.clone());
    for decided in [0, 1] {
        let decisions: Vec<Decision> = part(decided).map(|(label, code)| chosen(&label, &code)).collect();
        let said = format!("{} half of the rows", ["one", "the other"][decided]);
        row_of_locations(&said, &list, &decisions, part(1 - decided).collect());
    }
    println!("\nrapidfuzz's token_set_ratio over lower-cased labels, with nothing decided: 58 % and 69 %.\n");
}

fn row_of_locations(said: &str, list: &[Entry], decisions: &[Decision], asked: Vec<(String, String)>) {
    let index = Index::new(list.to_vec(), decisions);
    let questions: Vec<Question> = asked.iter().map(|(label, _)| Question::label(label)).collect();
    let (answers, took) = timed(|| index.suggest_all(&questions, MOST));
    let place =
        |answer: &[Candidate], code: &str| answer.iter().position(|candidate| candidate.code.as_deref() == Some(code));
    let places: Vec<Option<usize>> =
        answers.iter().zip(&asked).map(|(answer, (_, code))| place(answer, code)).collect();
    let first = places.iter().filter(|place| **place == Some(0)).count();
    let five = places.iter().filter(|place| place.is_some_and(|place| place < 5)).count();
    let sure: Vec<bool> = answers
        .iter()
        .zip(&places)
        .filter(|(answer, _)| answer.first().is_some_and(|best| best.score >= SURE))
        .map(|(_, place)| *place == Some(0))
        .collect();
    let right = sure.iter().filter(|right| **right).count();
    println!(
        "| {said} | {} | {} | {} | {} | {} | {took:.0?} |",
        asked.len(),
        percent(first, asked.len()),
        percent(five, asked.len()),
        sure.len(),
        percent(right, sure.len()),
    );
}

/// Each entry of a list asked for after it was taken out of the list: whatever is sure then is wrong.
fn left_out(data: &std::path::Path) {
    println!("Each entry asked for in its list without it: nothing may be sure\n");
    println!("| list | entries | sure |");
    println!("| --- | --: | --: |");
    for name in [
        "country", "stateorprovince", "jobseries", "paygrade", "legalauthority", "compliancerequirement",
        "personalinformationtype",
    ] {
        let path = data.join(format!("federal-core/govcdm_{name}.csv"));
        if !path.exists() {
            continue;
        }
        let rows = rows(&path);
        let labels: Vec<String> = rows.iter().filter_map(|row| row.get("govcdm_name").cloned()).collect();
        let list: Vec<Entry> = (0..)
            .zip(&labels)
            .map(|(at, label): (i32, &String)| Entry { code: format!("#{at}"), label: label.clone() })
            .collect();
        let sure = (0..list.len()).filter(|at| {
            let mut rest = list.clone();
            let out = rest.remove(*at);
            let again = rest.iter().any(|entry| entry.label.eq_ignore_ascii_case(&out.label));
            let best = Index::new(rest, &[]).suggest(&Question::label(&out.label), 1).pop();
            !again && best.is_some_and(|best| best.score >= SURE)
        });
        println!("| {name} | {} | {} |", list.len(), sure.count());
    }
    println!();
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────────────────────────

/// How one goes on deciding.
#[derive(Clone, Copy)]
struct Way {
    said: &'static str,
    families: bool,
    remembered: bool,
}

/// The decisions after which 70 % and 86 % of the held items have a map. A decision is one key for a code or a family, or
/// one bulk acceptance of all suggestions that are sure. Who decides takes the first suggestion from 0.65 on, else says
/// that there is no match.
fn contracts(data: &std::path::Path) {
    let list = entries(&rows(&data.join("contracts/contract-types.csv")), "code", "label");
    let mut waiting: HashMap<String, usize> = HashMap::new();
    for row in rows(&data.join("contracts/government_contracts.csv")) {
        let code = &row["Type of Contract"];
        if !code.trim().is_empty() && code.chars().count() <= 100 {
            *waiting.entry(code.clone()).or_default() += 1;
        }
    }
    let mut codes: Vec<(String, usize)> = waiting.into_iter().collect();
    codes.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let all: usize = codes.iter().map(|(_, items)| items).sum();
    let questions: Vec<Question> = codes.iter().map(|(code, _)| Question::label(code)).collect();
    let (index, built) = timed(|| Index::new(list.clone(), &[]));
    let (first, one) = timed(|| index.suggest(&questions[0], MOST));
    let (answers, took) = timed(|| index.suggest_all(&questions, MOST));
    println!("{} codes that {all} items are held for, against {} contract types\n", codes.len(), list.len());
    println!(
        "All codes asked for in {took:.1?}; the first candidates after {:.2?} (index included, {} of them).",
        built + one,
        first.len()
    );
    let sure = codes.iter().zip(&answers).filter(|(_, answer)| answer.first().is_some_and(|best| best.score >= SURE));
    let sure: usize = sure.map(|((_, items), _)| items).sum();
    println!("Sure with nothing decided: {sure} items ({}).\n", percent(sure, all));
    println!("| way | decisions to 70 % | to 86 % |");
    println!("| --- | --: | --: |");
    for way in [
        Way { said: "by waiting items alone", families: false, remembered: false },
        Way { said: "with families", families: true, remembered: false },
        Way { said: "with families and remembered decisions", families: true, remembered: true },
    ] {
        let (to_70, to_86) = decide(way, &list, &codes, all);
        println!("| {} | {to_70} | {to_86} |", way.said);
    }
    println!();
}

fn decide(way: Way, list: &[Entry], codes: &[(String, usize)], all: usize) -> (usize, usize) {
    let labels: Vec<&str> = codes.iter().map(|(code, _)| code.as_str()).collect();
    let mut family: HashMap<usize, Vec<usize>> = (0..codes.len()).map(|at| (at, vec![at])).collect();
    if way.families {
        for members in families::families(&labels, Method::Spelling) {
            members.iter().for_each(|at| {
                family.insert(*at, members.clone());
            });
        }
    }
    let mut open: HashSet<usize> = (0..codes.len()).collect();
    let mut decisions: Vec<Decision> = Vec::new();
    let (mut made, mut mapped, mut at_70) = (0, 0, None);
    while mapped * 100 < all * 86 && !open.is_empty() {
        let left: Vec<usize> = open.iter().copied().collect();
        let items =
            |members: &[usize]| -> usize { members.iter().filter(|at| open.contains(at)).map(|at| codes[*at].1).sum() };
        let top = *left.iter().max_by_key(|at| (items(&family[*at]), usize::MAX - **at)).expect("some are open");
        let index = Index::new(list.to_vec(), &decisions);
        let questions: Vec<Question> = left.iter().map(|at| Question::label(labels[*at])).collect();
        let answers: HashMap<usize, Candidate> = if way.remembered {
            let answers = index.suggest_all(&questions, 1);
            left.iter().copied().zip(answers).filter_map(|(at, mut answer)| Some((at, answer.pop()?))).collect()
        } else {
            index.suggest(&Question::label(labels[top]), 1).pop().map(|best| (top, best)).into_iter().collect()
        };
        let sure: Vec<usize> = answers.iter().filter(|(_, best)| best.score >= SURE).map(|(at, _)| *at).collect();
        let taken: Vec<(usize, Option<String>)> = if way.remembered && items(&sure) >= items(&family[&top]) {
            sure.iter().map(|at| (*at, answers[at].code.clone())).collect()
        } else {
            let code = answers.get(&top).filter(|best| best.score >= 0.65).and_then(|best| best.code.clone());
            family[&top].iter().filter(|at| open.contains(at)).map(|at| (*at, code.clone())).collect()
        };
        for (at, code) in taken {
            open.remove(&at);
            mapped += codes[at].1;
            decisions.push(Decision { label: labels[at].into(), code, chosen: true, times: 1 });
        }
        made += 1;
        if at_70.is_none() && mapped * 100 >= all * 70 {
            at_70 = Some(made);
        }
    }
    (at_70.unwrap_or(made), made)
}

// ── Size ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/// 10,000 labels, half of them with a letter lost, against 100,000 codes with made-up labels.
fn large() {
    let mut draws = Draws(12345);
    let words: Vec<String> = (0..30_000).map(|_| draws.word()).collect();
    let label = |draws: &mut Draws| {
        let word = |draws: &mut Draws| {
            // Frequent words are much more frequent than rare ones, as in any language.
            let most = draws.below(30_000);
            words[draws.below(most + 1)].as_str()
        };
        (0..2 + draws.below(4)).map(|_| word(draws)).collect::<Vec<_>>().join(" ")
    };
    let list: Vec<Entry> =
        (0..100_000).map(|at| Entry { code: format!("C{at:06}"), label: label(&mut draws) }).collect();
    let questions: Vec<(Question, String)> = (0..10_000)
        .map(|_| {
            let entry = &list[draws.below(list.len())];
            let mut label = entry.label.clone();
            if draws.below(2) == 0 {
                label.remove(draws.below(label.len()));
            }
            (Question::label(&label), entry.code.clone())
        })
        .collect();
    let (questions, right): (Vec<_>, Vec<_>) = questions.into_iter().unzip();
    let (index, built) = timed(|| Index::new(list, &[]));
    let (answers, took) = timed(|| index.suggest_all(&questions, MOST));
    let first = answers
        .iter()
        .zip(&right)
        .filter(|(answer, code)| answer.first().is_some_and(|best| best.code.as_ref() == Some(code)));
    println!("10,000 made-up labels against 100,000 codes\n");
    println!("| index | asking | labels a second | right first | memory at most |");
    println!("| --: | --: | --: | --: | --: |");
    println!(
        "| {built:.1?} | {took:.1?} | {:.0} | {} | {} |",
        10_000.0 / took.as_secs_f64(),
        percent(first.count(), right.len()),
        memory().unwrap_or_else(|| "unknown".into())
    );
}

/// One code that 100,000 items wait for, decided and taken back, each as one transaction; then decided in chunks while
/// somebody else writes. All of its items and ledger entries stand with their images in the log.
fn one_code() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store.db");
    let mut engine = Engine::create(&path, Context::new(Actor::new("ada"))).expect("a store");
    let row = |fields: &[(&str, &str)]| {
        let fields = fields.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        vec![ImportRow { line: 2, fields }]
    };
    let run = |engine: &mut Engine, command: Command| engine.run(&command, &Mode::Real).expect("it is allowed");
    let list = Import::Codes { list: "kind".into() };
    run(&mut engine, Command::Import { into: list, rows: row(&[("code", "A"), ("label", "Alpha")]) });
    let binding = [("target_table", "thing"), ("field_name", "kind"), ("code_list", "kind")];
    run(&mut engine, Command::Import { into: Import::Bindings, rows: row(&binding) });
    let delivery = Delivery {
        source: "SRC".into(),
        table: "thing".into(),
        key_column: "id".into(),
        entity: None,
        delivery_id: None,
        sha256: "0".repeat(64),
        file_name: None,
        submitted: None,
        keep_unchanged: false,
        again: false,
    };
    let cells = |at: u64| vec![("id".into(), Cell::Text(at.to_string())), ("kind".into(), Cell::Text("LOT".into()))];
    let mut records = (0..100_000).map(|at| Ok(Record { line: at + 2, fields: cells(at) }));
    engine.ingest(&delivery, &mut records, false, &mut |_, _| true).expect("it is taken in");
    let map = MapKey::Code { source: "SRC".into(), list: "kind".into(), code: "LOT".into() };
    let choice = MapChoice { map, canonical: Some("A".into()), relationship: Relationship::Equal, score: None };
    let decide = Command::MapMany { choices: vec![choice], reason: None, left_out: Vec::new() };
    let (preview, previewed) = timed(|| engine.run(&decide, &Mode::DryRun).expect("it is allowed"));
    let (_, decided) = timed(|| run(&mut engine, decide.clone()));
    let (_, undone) = timed(|| run(&mut engine, Command::Undo { operation: None }));
    // In chunks, while somebody else writes.
    let done = Arc::new(AtomicBool::new(false));
    let other = std::thread::spawn({
        let (done, store) = (done.clone(), Store::open(&path).expect("a store"));
        move || {
            let mut engine = Engine::open(&store, Context::new(Actor::new("ada"))).expect("a store");
            let (mut longest, mut writes) = (Duration::ZERO, 0);
            while !done.load(Ordering::SeqCst) {
                let fields = [("code", format!("X{writes}")), ("label", "another".to_string())];
                let fields = fields.map(|(name, text)| (name.to_string(), text)).into();
                let list = Import::Codes { list: "other".into() };
                let add = Command::Import { into: list, rows: vec![ImportRow { line: 2, fields }] };
                let (_, took) = timed(|| engine.run(&add, &Mode::Real).expect("it is allowed"));
                longest = longest.max(took);
                writes += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            (longest, writes)
        }
    });
    let (_, chunked) = timed(|| engine.run_in_chunks(&decide, &Mode::Real).expect("it is allowed"));
    done.store(true, Ordering::SeqCst);
    let (longest, writes) = other.join().expect("the other writer ends");
    println!("\nOne code that {} items wait for\n", preview.released);
    println!(
        "| effect before | deciding at once | undoing | deciding in chunks | another's writes meanwhile | the longest |"
    );
    println!("| --: | --: | --: | --: | --: | --: |");
    println!("| {previewed:.1?} | {decided:.1?} | {undone:.1?} | {chunked:.1?} | {writes} | {longest:.0?} |");
}

/// The most memory that this process has had, where the system tells.
fn memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{} MB", kilobytes / 1024))
}

// ── Helpers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

fn rows(path: &std::path::Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("the file is there");
    reader.deserialize().map(|row| row.expect("the file is CSV")).collect()
}

fn entries(rows: &[HashMap<String, String>], code: &str, label: &str) -> Vec<Entry> {
    rows.iter().map(|row| Entry { code: row[code].clone(), label: row[label].clone() }).collect()
}

fn chosen(label: &str, code: &str) -> Decision {
    Decision { label: label.into(), code: Some(code.into()), chosen: true, times: 1 }
}

fn percent(part: usize, all: usize) -> String {
    format!("{:.1} %", part as f64 * 100.0 / all.max(1) as f64)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = work();
    (done, started.elapsed())
}

/// A fixed sequence of numbers that look drawn.
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn word(&mut self) -> String {
        const SYLLABLES: [&str; 20] = [
            "ba", "ko", "ri", "ten", "mal", "su", "per", "on", "da", "li", "cro", "vi", "sta", "mo", "ne", "qua",
            "ter", "gen", "fi", "lu",
        ];
        (0..2 + self.below(3)).map(|_| SYLLABLES[self.below(SYLLABLES.len())]).collect()
    }
}
