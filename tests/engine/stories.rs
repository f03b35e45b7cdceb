//! What `explain` says after policies, sources and people changed their minds: each story ends in a state, and the
//! sentences fit it, now and as of any time before.

use std::fmt::Write;

use steward::engine::explain::{Explanation, explain};
use steward::engine::{Attested, Command, Import, Reevaluated, Rows, Verb};
use steward::model::table::Table;
use steward::model::time::{Micros, rfc3339};

use crate::bench::{Bench, map};

/// A store in which HR and FIN know the contact t1 as 1 and 7, with one policy for its table.
struct Story {
    bench: Bench,
    /// What was told after each step, with its time.
    told: Vec<(Micros, Explanation)>,
}

impl Story {
    fn begin(mode: &str, auto: &str, sources: &str) -> Story {
        let mut bench = Bench::new();
        let of = |source, key| {
            [("external_key", key), ("source_system_key", source), ("target_table", "contact"), ("target_id", "t1")]
        };
        bench.import(Import::Identifiers, &[&of("HR", "1"), &of("FIN", "7")]).unwrap();
        bench.policy(&[
            ("target_table", "contact"),
            ("commit_mode", mode),
            ("auto_certify", auto),
            ("authoritative_sources", sources),
        ]);
        Story { bench, told: Vec::new() }
    }

    fn explained(&self, as_of: Option<Micros>) -> Explanation {
        explain(&self.bench.reader(), &("contact".into(), "t1".into(), "name".into()), as_of).unwrap()
    }

    /// One step, a day after the one before.
    fn step(mut self, step: impl FnOnce(&mut Bench)) -> Story {
        self.bench.days_pass(1);
        step(&mut self.bench);
        self.bench.assert_sound();
        if !self.bench.rows(Table::SyncItems, "field:name").is_empty() {
            self.told.push((self.bench.now(), self.explained(None)));
        }
        self
    }

    fn says(self, source: &str, value: &str) -> Story {
        let key = if source == "HR" { "1" } else { "7" };
        self.step(|bench| drop(bench.act_as("ada").deliver(source, "contact", &[(key, &[("name", value)])])))
    }

    fn policy(self, changes: &[(&str, &str)]) -> Story {
        self.step(|bench| {
            let policy = &bench.rows(Table::CommitPolicies, "name:POL-0000001")[0];
            let (id, row_version) = (policy.id, policy.int("row_version").unwrap());
            bench.act_as("ada").run(&Command::EditPolicy { id, row_version, changes: map(changes) }).unwrap();
        })
    }

    fn reevaluated(self) -> Story {
        self.step(|bench| {
            let scope = Reevaluated::Policy(1);
            bench.act_as("ada").run(&Command::Reevaluate { scope, reason: None }).unwrap();
        })
    }

    fn decided(self, verb: Verb, filter: &str) -> Story {
        self.step(|bench| {
            let (rows, reason) = (Rows::Filter(filter.into()), Some("looked it up".into()));
            assert_eq!(bench.act_as("rita").run(&Command::Decide { verb, rows, reason }).unwrap().changed, 1);
        })
    }

    fn attested(self, scope: Attested) -> Story {
        self.step(|bench| drop(bench.act_as("rita").run(&Command::Attest { scope, reason: None }).unwrap()))
    }

    fn undone(self, kind: &str) -> Story {
        self.step(|bench| drop(bench.act_as("ada").undo_last(kind).unwrap()))
    }
}

/// What a sentence about a value must hold, and must not hold.
type Says = (&'static str, &'static [&'static str], &'static [&'static str]);

/// A story, the value in force at its end, and what is said of it and of others.
type Told = (&'static str, fn() -> Story, Option<&'static str>, &'static [Says]);

const STORIES: &[Told] = &[
    (
        "a policy that is edited has no say in what is there",
        || Story::begin("On Certify", "No", "").says("HR", "Ann").policy(&[("commit_mode", "On Ingest")]),
        None,
        &[("Ann", &["It waits for a reviewer. Row 5: On Certify", "The policy changed since, by ada on"], &["Row 2"])],
    ),
    (
        "a value in force tells the policy that decided then, and what it says now",
        || {
            let story = Story::begin("On Ingest", "Yes", "HR > *").says("HR", "Ann");
            story.policy(&[
                ("commit_mode", "On Certify"),
                ("auto_certify", "No"),
                ("authoritative_sources", "FIN > HR"),
            ])
        },
        Some("Ann"),
        &[(
            "Ann",
            &[
                "POL-0000001 says On Ingest with Auto Certify, sources HR > *; HR has the rank 0, 0 is the highest.",
                "Row 1: On Ingest with Auto Certify",
                "The policy changed since, by ada on 2026-11-24T12:00:00Z, operation 8: POL-0000001 says On Certify \
                 without Auto Certify, sources FIN > HR; HR has the rank 1 by it.",
                "What is here stays as decided until it is re-evaluated.",
            ],
            &["Re-evaluated", "re-evaluated it"],
        )],
    ),
    (
        "a waiting value that a re-evaluation wrote",
        || Story::begin("On Certify", "No", "").says("HR", "Ann").policy(&[("commit_mode", "On Ingest")]).reevaluated(),
        Some("Ann"),
        &[(
            "Ann",
            &[
                "LED-0000001 is pending: written",
                "ada re-evaluated it on",
                "says On Ingest without",
                "Row 2: On Ingest",
            ],
            &["Row 5", "The policy changed since", "On Certify"],
        )],
    ),
    (
        "a waiting value that a re-evaluation certified",
        || {
            let story = Story::begin("On Certify", "No", "").says("HR", "Ann");
            story.policy(&[("auto_certify", "Yes"), ("authoritative_sources", "HR > *")]).reevaluated()
        },
        Some("Ann"),
        &[("Ann", &["certified by steward:engine", "ada re-evaluated it on", "Row 3: On Certify with"], &["Row 5"])],
    ),
    (
        "a written value that a re-evaluation has wait again",
        || Story::begin("On Ingest", "No", "").says("HR", "Ann").policy(&[("commit_mode", "On Certify")]).reevaluated(),
        None,
        &[(
            "Ann",
            &["It waits for a reviewer. ada re-evaluated it on", "Row 5: On Certify"],
            &["Row 2", "written at once"],
        )],
    ),
    (
        "a source that is authoritative no more",
        || {
            let story = Story::begin("On Ingest", "No", "").says("HR", "Ann");
            story.policy(&[("authoritative_sources", "FIN")]).reevaluated()
        },
        None,
        &[(
            "Ann",
            &["It waits for a reviewer. ada re-evaluated", "Row 8: the source is not authoritative"],
            &["Row 2"],
        )],
    ),
    (
        "a demoted source keeps what was certified, with its new rank",
        || {
            let story = Story::begin("On Ingest", "Yes", "HR > FIN").says("HR", "Ann");
            story.policy(&[("authoritative_sources", "FIN > HR")]).reevaluated()
        },
        Some("Ann"),
        &[(
            "Ann",
            &[
                "ada re-evaluated it on 2026-11-25T12:00:00Z, operation 9. What is certified stays so, and its rank was \
                 renewed.",
                "sources HR > FIN; HR has the rank 1 since it was re-evaluated, 0 is the highest.",
                "Row 1: On Ingest with Auto Certify",
            ],
            &["rank 0"],
        )],
    ),
    (
        "a demoted source gives way to the one that stands before it now",
        || {
            let story = Story::begin("On Ingest", "Yes", "HR > FIN").says("HR", "Ann").says("FIN", "Fin");
            story.policy(&[("authoritative_sources", "FIN > HR")]).reevaluated()
        },
        Some("Fin"),
        &[
            ("Fin", &["ada re-evaluated it on", "sources FIN > HR; FIN has the rank 0", "Row 1"], &["Row 6"]),
            ("Ann", &["LED-0000002 has a higher rank."], &["Row 6", "waits"]),
        ],
    ),
    (
        "a re-evaluation that was taken back decided nothing",
        || {
            let story = Story::begin("On Certify", "No", "").says("HR", "Ann").policy(&[("commit_mode", "On Ingest")]);
            story.reevaluated().undone("reevaluate")
        },
        None,
        &[("Ann", &["It waits for a reviewer. Row 5", "The policy changed since"], &["re-evaluated", "Row 2"])],
    ),
    (
        "and decides again where taking it back is taken back",
        || {
            let story = Story::begin("On Certify", "No", "").says("HR", "Ann").policy(&[("commit_mode", "On Ingest")]);
            story.reevaluated().undone("reevaluate").undone("undo")
        },
        Some("Ann"),
        &[("Ann", &["ada re-evaluated it on 2026-11-25", "Row 2: On Ingest"], &["Row 5", "The policy changed since"])],
    ),
    (
        "a second re-evaluation is the one that counts",
        || {
            let story = Story::begin("On Certify", "No", "").says("HR", "Ann").policy(&[("commit_mode", "On Ingest")]);
            story.reevaluated().policy(&[("commit_mode", "On Certify")]).reevaluated()
        },
        None,
        &[(
            "Ann",
            &["It waits for a reviewer. ada re-evaluated it on 2026-11-27", "Row 5"],
            &["Row 2", "changed since"],
        )],
    ),
    (
        "what a person certified after a re-evaluation",
        || {
            let story = Story::begin("On Ingest", "No", "").says("HR", "Ann").policy(&[("commit_mode", "On Certify")]);
            story.reevaluated().decided(Verb::Certify, "value:Ann")
        },
        Some("Ann"),
        &[("Ann", &["LED-0000001 is certified by rita", "ada re-evaluated it on", "Row 5: On Certify"], &["Row 2"])],
    ),
    (
        "a policy that speaks of the field no more",
        || Story::begin("On Ingest", "Yes", "").says("HR", "Ann").undone("policy"),
        Some("Ann"),
        &[("Ann", &["POL-0000001 says On Ingest with", "Row 1", "no policy speaks of the field"], &[])],
    ),
    (
        "a second policy on the same level",
        || {
            // The first is taken out of use and comes back beside the second.
            let story = Story::begin("On Ingest", "Yes", "").undone("policy").step(|bench| {
                bench.policy(&[("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "Yes")]);
            });
            story.says("HR", "Ann").undone("undo")
        },
        Some("Ann"),
        &[(
            "Ann",
            &["POL-0000002 says On Ingest with", "Row 1", "The policy changed since", "none can be told: "],
            &[],
        )],
    ),
    (
        "a policy edited and edited back is the same",
        || {
            let story = Story::begin("On Ingest", "Yes", "").says("HR", "Ann");
            story.policy(&[("commit_mode", "On Certify")]).policy(&[("commit_mode", "On Ingest")])
        },
        Some("Ann"),
        &[("Ann", &["Row 1"], &["changed since"])],
    ),
    (
        "a value that a person displaced",
        || {
            let story = Story::begin("On Ingest", "Yes", "HR > *").says("HR", "Ann").says("FIN", "Fin");
            story.decided(Verb::Certify, "value:Fin")
        },
        Some("Fin"),
        &[
            ("Fin", &["LED-0000002 is certified by rita", "Row 6: a lower rank"], &[]),
            ("Ann", &["LED-0000002 was chosen over it, by rita on 2026-11-25T12:00:00Z, operation 9."], &[]),
        ],
    ),
    (
        "a value that a person displaced, and that came back",
        || {
            let story = Story::begin("On Ingest", "Yes", "HR > *").says("HR", "Ann").says("FIN", "Fin");
            story.decided(Verb::Certify, "value:Fin").undone("certify")
        },
        Some("Ann"),
        &[("Ann", &["certified by steward:engine", "Row 1"], &[]), ("Fin", &["It waits for a reviewer. Row 6"], &[])],
    ),
    (
        "an entry that was attested with its record",
        || {
            let story = Story::begin("On Ingest", "No", "").says("HR", "Ann");
            story.attested(Attested::Record { target_table: "contact".into(), target_id: "t1".into() })
        },
        Some("Ann"),
        &[("Ann", &["is certified by rita since", "who vouched for more than this field, operation 8", "Row 2"], &[])],
    ),
    (
        "entries that an attestation left, since they contradict each other",
        || {
            let story = Story::begin("On Certify", "No", "").says("HR", "Ann").says("FIN", "Fin");
            story.attested(Attested::Table { target_table: "contact".into() })
        },
        None,
        &[
            ("Ann", &["It waits for a reviewer. rita vouched for more than this field and left it"], &["certified by"]),
            ("Fin", &["rita vouched for more than this field and left it for a decision of its own on"], &[]),
        ],
    ),
    (
        "an entry that came after an attestation was not left by it",
        || {
            let story = Story::begin("On Certify", "No", "").says("HR", "Ann");
            story.attested(Attested::Table { target_table: "contact".into() }).says("FIN", "Fin")
        },
        Some("Ann"),
        &[("Fin", &["It waits for a reviewer."], &["vouched"])],
    ),
    (
        "a written value that was rejected and reopened",
        || {
            let story = Story::begin("On Ingest", "No", "").says("HR", "Ann");
            story.decided(Verb::Reject, "value:Ann").decided(Verb::Reopen, "value:Ann")
        },
        None,
        &[("Ann", &["rita reopened it on", "It waits for a reviewer.", "It came by row 2: On Ingest"], &[" Row 2"])],
    ),
    (
        "an item that was closed",
        || {
            let story = Story::begin("On Certify", "No", "").step(|bench| {
                bench.codes("status", &["A"]);
                let row = [("target_table", "contact"), ("field_name", "name"), ("code_list", "status")];
                bench.import(Import::Bindings, &[&row]).unwrap();
            });
            story.says("HR", "x").step(|bench| {
                let close = Command::Close { rows: Rows::Filter("is:held".into()), reason: "of no use".into() };
                bench.act_as("sue").run(&close).unwrap();
            })
        },
        None,
        &[("x", &["sue closed it for good on 2026-11-25T12:00:00Z, operation 10: \"of no use\"."], &["held", "would"])],
    ),
    (
        "a word that was read anew once its map was changed",
        || read_anew("B"),
        None,
        &[
            ("A", &["sam had what was delivered read anew as LED-0000002 on"], &["said something newer", "went back"]),
            ("B", &["It waits for a reviewer. Row 5"], &[]),
        ],
    ),
    (
        "a word that nothing is known for once its map was retired",
        || read_anew(""),
        None,
        &[("A", &["sam had what was delivered read anew on"], &["went back"]), ("x", &["It is held. [ST020]"], &[])],
    ),
];

/// A code that was mapped, read anew after its map was given another code, or retired.
fn read_anew(canonical: &str) -> Story {
    let story = Story::begin("On Certify", "No", "").step(|bench| {
        bench.codes("status", &["A", "B"]);
        let row = [("target_table", "contact"), ("field_name", "name"), ("code_list", "status")];
        bench.import(Import::Bindings, &[&row]).unwrap();
    });
    let story = story.says("HR", "x").step(|bench| drop(bench.act_as("sam").map("HR", "status", "x", "A").unwrap()));
    story
        .step(|bench| {
            let map_row = &bench.rows(Table::ValueMaps, "")[0];
            let (id, row_version) = (map_row.id, map_row.int("row_version").unwrap());
            let command = match canonical {
                "" => Command::RetireMap { id, row_version, reason: "wrong".into() },
                code => Command::EditValueMap { id, row_version, changes: map(&[("canonical_code_value", code)]) },
            };
            bench.run(&command).unwrap();
        })
        .step(|bench| {
            bench.act_as("sam").run(&Command::Reevaluate { scope: Reevaluated::Map(1), reason: None }).unwrap();
        })
}

/// All that is said of a value: of the one in force every sentence, of another why it is not.
fn said(explanation: &Explanation, value: &str) -> Option<String> {
    let of = |candidate: &steward::engine::explain::Candidate| {
        [&candidate.value, &candidate.raw_value].contains(&&Some(value.to_string()))
    };
    if explanation.in_force.as_ref().is_some_and(of) {
        return Some(explanation.sentences(&rfc3339).join(" "));
    }
    explanation.losers.iter().find(|loser| of(loser)).map(|loser| loser.why(&rfc3339))
}

#[test]
fn what_is_said_fits_what_happened_now_and_as_of_then() {
    let mut wrong = String::new();
    for (name, story, in_force, says) in STORIES {
        let story = story();
        let explanation = story.explained(None);
        let value = explanation.in_force.as_ref().and_then(|held| held.value.as_deref());
        if value != *in_force {
            writeln!(wrong, "{name}: {value:?} is in force").unwrap();
        }
        for (of, parts, others) in *says {
            let Some(said) = said(&explanation, of) else {
                writeln!(wrong, "{name}: nothing is said of {of}").unwrap();
                continue;
            };
            for part in parts.iter().filter(|part| !said.contains(**part)) {
                writeln!(wrong, "{name}: {of}: {part:?} is not in {said:?}").unwrap();
            }
            for part in others.iter().filter(|part| said.contains(**part)) {
                writeln!(wrong, "{name}: {of}: {part:?} is in {said:?}").unwrap();
            }
        }
        for (time, then) in &story.told {
            let again = story.explained(Some(*time));
            if (Explanation { as_of: None, ..again }) != *then {
                writeln!(wrong, "{name}: as of {}, something else is said", rfc3339(*time)).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
