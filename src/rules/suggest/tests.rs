//! Each kind of evidence named, what never may be sure, and a guard on how far a sure score can be relied on.

use super::*;

fn entries(list: &[(&str, &str)]) -> Vec<Entry> {
    list.iter().map(|(code, label)| Entry { code: code.to_string(), label: label.to_string() }).collect()
}

fn contracts() -> Vec<Entry> {
    entries(&[
        ("J", "Firm Fixed Price"),
        ("K", "Fixed Price with Economic Price Adjustment"),
        ("R", "Cost Plus Award Fee"),
        ("U", "Cost Plus Fixed Fee"),
        ("Y", "Time and Materials"),
        ("Z", "Labor Hours"),
        ("DPT", "Département de l&#39;Équipement [Transport]"),
        ("RGN", "Regional Administration"),
        ("FULL_TIME", "Regular"),
        ("3", "Other"),
    ])
}

fn chosen(label: &str, code: &str, times: u32) -> Decision {
    Decision { label: label.into(), code: Some(code.into()), chosen: true, times }
}

fn best(index: &Index, label: &str) -> Option<Candidate> {
    index.suggest(&Question::label(label), MOST).into_iter().next()
}

#[test]
fn each_kind_of_evidence_has_its_words() {
    let decisions = [chosen("Open-ended purchase", "Z", 2), chosen("Open-ended purchase", "Z", 1)];
    let index = Index::new(contracts(), &decisions);
    let cases = [
        ("firm-fixed  PRICE", "J", true, "same words"),
        ("FFP: Firm Fixed Price", "J", true, "same words with their abbreviation"),
        ("FP-EPA: Fixed Price with Economic Price Adjustment", "K", true, "same words with their abbreviation"),
        ("Price, firm fixed", "J", true, "same words in another order"),
        ("Firmfixed price", "J", true, "same letters"),
        ("Labor Hour", "Z", true, "same words with other endings"),
        ("CPFF", "U", true, "abbreviation of Cost Plus Fixed Fee"),
        ("T&M", "Y", true, "abbreviation of Time and Materials"),
        ("Regional Adminstration", "RGN", true, "spelled almost like"),
        ("Time & Materials at cost", "Y", false, "all of its words, and others"),
        ("Administration", "RGN", false, "some of its words, and no others"),
        ("Labor Hours/IDIQ/FFPX", "Z", false, "in part: same words"),
        ("Fixed Fee Administration", "U", false, "shares words with it"),
        ("Lebor Huors", "Z", false, "spelled almost like"),
        ("departement de l'equipement", "DPT", false, "same words"),
        ("Transport", "DPT", false, "same words"),
        ("full time", "FULL_TIME", true, "same words"),
        ("RGN", "RGN", true, "same code"),
        ("FFPX", "J", false, "abbreviation of Firm Fixed Price"),
        ("open ended PURCHASE", "Z", true, "decided so 3 times before: Open-ended purchase"),
    ];
    for (label, code, sure, reason) in cases {
        let best = best(&index, label).unwrap_or_else(|| panic!("nothing for {label}"));
        assert_eq!(
            (best.code.as_deref().unwrap_or_default(), best.reason.as_str(), best.score >= SURE),
            (code, reason, sure),
            "{label} {best:?}"
        );
    }
}

#[test]
fn other_scripts_and_spellings_by_sound_are_read() {
    let index = Index::new(entries(&[("1", "Kharkov"), ("2", "Belgrade"), ("3", "Kuwait Port"), ("4", "Tajik")]), &[]);
    for (label, code) in [("Харьков", "1"), ("Белград", "2"), ("الكويت", "3"), ("Tadzhik", "4")] {
        assert_eq!(best(&index, label).and_then(|best| best.code), Some(code.to_string()), "{label}");
    }
}

#[test]
fn labels_that_people_rejected_count_against() {
    let rejected = Decision { label: "labour hour".into(), code: Some("Z".into()), chosen: false, times: 1 };
    let free = Index::new(contracts(), &[]);
    let index = Index::new(contracts(), &[rejected]);
    let score = |index: &Index| {
        best(index, "Labour Hour").filter(|best| best.code.as_deref() == Some("Z")).map_or(0.0, |best| best.score)
    };
    assert!(score(&free) > 0.6 && score(&index) < score(&free) / 2.0, "{} {}", score(&free), score(&index));
}

#[test]
fn people_who_decided_differently_leave_it_open() {
    let index = Index::new(contracts(), &[chosen("rolling", "Z", 2), chosen("rolling", "Y", 1)]);
    let answers = index.suggest(&Question::label("Rolling"), MOST);
    assert_eq!(answers.iter().map(|answer| answer.code.as_deref().unwrap_or_default()).collect::<Vec<_>>(), ["Z", "Y"]);
    assert!(answers.iter().all(|answer| answer.score < SURE), "{answers:?}");
}

#[test]
fn that_there_is_no_match_is_remembered_too() {
    let none = Decision { label: "Blanket Purchase Agreement".into(), code: None, chosen: true, times: 1 };
    let index = Index::new(contracts(), &[none]);
    for (label, reason) in [
        ("blanket purchase agreement", "decided no match 1 time before: Blanket Purchase Agreement"),
        ("BPA", "abbreviation of Blanket Purchase Agreement, decided before"),
    ] {
        let best = best(&index, label).unwrap();
        assert_eq!((best.code, best.reason.as_str(), best.score >= SURE), (None, reason, true), "{label}");
    }
    assert!(best(&index, "no match").is_none_or(|best| best.score < SURE));
}

#[test]
fn learning_a_decision_is_reading_it_with_the_list() {
    let decisions = [
        chosen("Open-ended purchase (OEP)", "Z", 1),
        Decision { label: "Blanket agreement".into(), code: None, chosen: true, times: 1 },
        Decision { label: "Labour".into(), code: Some("Z".into()), chosen: false, times: 1 },
        chosen("of no list", "QQ", 1),
        chosen("open ended purchase oep", "Z", 2),
    ];
    let mut learned = Index::new(contracts(), &[]);
    decisions.iter().for_each(|decision| learned.learn(decision.clone()));
    let read = Index::new(contracts(), &decisions);
    for label in
        ["OEP", "open ended purchases", "blanket agreements", "labour", "of no list", "Open-ended purchase (OEP)"]
    {
        let code = |index: &Index| index.suggest(&Question::label(label), 1).pop().map(|best| (best.code, best.reason));
        assert_eq!(code(&learned), code(&read), "{label}");
    }
}

#[test]
fn what_decisions_show_to_add_nothing_is_padding() {
    let list: Vec<_> = ["Alder", "Birch", "Cedar", "Downy", "Maple"].iter().zip(["a", "b", "c", "d", "e"]).collect();
    let list: Vec<Entry> =
        list.iter().map(|(label, code)| Entry { code: code.to_string(), label: label.to_string() }).collect();
    let decided = [
        chosen("District of Alder", "a", 1),
        chosen("Birch district", "b", 1),
        chosen("The district of Cedar", "c", 1),
    ];
    assert!(best(&Index::new(list.clone(), &[]), "District of Maple").is_some_and(|best| best.score < SURE));
    let index = Index::new(list.clone(), &decided);
    assert!(
        best(&index, "District of Maple").is_some_and(|best| best.code.as_deref() == Some("e") && best.score >= SURE)
    );
    // Where another entry goes by the word that counts, what is left may be what tells them apart.
    let two = [&list[..], &entries(&[("f1", "Fir [Borough]"), ("f2", "Fir [BDF]")])].concat();
    let doubted = best(&Index::new(two, &decided), "District Borough of Fir");
    assert!(doubted.as_ref().is_some_and(|best| best.score < SURE), "{doubted:?}");
    // One decision against a label is enough to doubt the word.
    let against = [&decided[..], &[chosen("District of Downy", "e", 1)]].concat();
    assert!(best(&Index::new(list, &against), "District of Maple").is_some_and(|best| best.score < SURE));
}

#[test]
fn code_and_label_are_weighed_together() {
    let index = Index::new(entries(&[("AU", "Austral"), ("AT", "Ostrava")]), &[]);
    let ask = |code: &str, label: Option<&str>| {
        let question = Question { code: Some(code.into()), label: label.map(String::from) };
        index
            .suggest(&question, MOST)
            .into_iter()
            .next()
            .map(|best| (best.code.unwrap_or_default(), best.score >= SURE))
    };
    assert_eq!(ask("AU", None), Some(("AU".into(), true)));
    assert_eq!(ask("AU", Some("Austral")), Some(("AU".into(), true)));
    // Two lists may give one code to different things; the label tells.
    assert_eq!(ask("AU", Some("Ostrava")), Some(("AT".into(), true)));
    assert_eq!(ask("", None), None);
}

#[test]
fn values_that_say_nothing_are_never_sure() {
    let list = [("NA", "Nanaland"), ("3", "Other"), ("U", "Unknown"), ("T", "Tom Bert Dorf"), ("9", "999")];
    let index = Index::new(entries(&list), &[chosen("n/a", "3", 5), chosen("To be determined", "U", 9)]);
    for label in [
        "N/A", "NA", "n.a.", "unknown", "UNKNOWN (TBD)", "TBD", "tbd.", "To be determined", "other", "Other:", "-", "",
        "999",
    ] {
        for best in [best(&index, label), index.suggest(&Question { code: Some(label.into()), label: None }, 1).pop()] {
            assert!(best.as_ref().is_none_or(|best| best.score < SURE), "{label}: {best:?}");
        }
    }
}

#[test]
fn neighbours_that_are_no_members_are_never_sure() {
    let index = Index::new(
        entries(&[
            ("a", "Zimmen"),
            ("b", "South Tarland"),
            ("c", "Grade 10"),
            ("d", "Velt [North]"),
            ("e", "Type A"),
            ("f", "AC-02 (03)"),
            ("g", "Velt [South]"),
        ]),
        &[],
    );
    for label in [
        "New Zimmen", "North Zimmen", "Tarland", "South", "North Tarland", "Grade 11", "Grade 1", "Velt", "Type B",
        "Type", "AC-03 (02)", "AC-02", "Simmel",
    ] {
        let best = best(&index, label);
        assert!(best.as_ref().is_none_or(|best| best.score < SURE), "{label}: {best:?}");
    }
}

/// The kinds of signs that must not vanish; each beside what it would be if they did.
#[test]
fn signs_and_negations_are_never_sure() {
    let cases = [
        ("a comparison", "<5", "5+"),
        ("a comparison", "<5", "5"),
        ("a comparison", ">= 18", "18"),
        ("an entity", "&lt;5", "5"),
        ("a bound", "5+", "5"),
        ("a unit's prefix", "μg/L", "mg/L"),
        ("a unit's prefix", "µg/L", "mg/L"),
        ("a unit's prefix", "MHz", "mHz"),
        ("a unit's sign", "kΩ", "kO"),
        ("a unit's slash", "m/s", "ms"),
        ("a unit's slash", "kg/mol", "kg mol"),
        ("a power", "10²", "102"),
        ("a power", "10^2", "102"),
        ("a minus", "−5 °C", "5 °C"),
        ("a minus", "-5 °C", "5 °C"),
        ("a plus or minus", "±5 °C", "5 °C"),
        ("a degree", "5 °C", "5 C"),
        ("a decimal point", "100.25", "10025"),
        ("a decimal point", ".5", "5"),
        ("a range", "10-250", "10250"),
        ("a per cent", "10%", "10"),
        ("a currency", "$100 loan", "100 loan"),
        ("a grade", "A+", "A-"),
        ("a grade", "AB-", "AB"),
        ("a grade", "Group AB+", "Group AB"),
        ("a trailing sign", "C++ developer", "C developer"),
        ("a trailing sign", "C#", "C"),
        ("a trailing sign", "A*", "A"),
        ("inches", "5\"", "5'"),
        ("a doubt", "Approved?", "Approved"),
        ("an arrow", "Pressure ↑", "Pressure ↓"),
        ("a negation", "≠ approved", "Approved"),
        ("a negation", "!approved", "Approved"),
        ("a negation", "¬ approved", "Approved"),
        ("a negation", "not approved", "Approved"),
        ("a negation", "nicht genehmigt", "genehmigt"),
        ("a negation", "non approuvé", "approuvé"),
        ("a negation", "sin aprobar", "aprobar"),
        ("a negation", "não aprovado", "aprovado"),
        ("a negation", "не одобрено", "одобрено"),
        ("a letter for an article", "A Rh positive", "Rh positive"),
    ];
    for (kind, label, entry) in cases {
        let index = Index::new(entries(&[("TAKEN", entry), ("OTHER", "Something else")]), &[]);
        let decided =
            Index::new(entries(&[("TAKEN", "Elsewhere"), ("OTHER", "Other thing")]), &[chosen(entry, "TAKEN", 3)]);
        for (index, asked, of) in [
            (&index, Question::label(label), entry),
            (&index, Question { code: Some(label.into()), label: None }, entry),
            (&decided, Question::label(label), entry),
        ] {
            let best = index.suggest(&asked, 1).pop();
            assert!(best.as_ref().is_none_or(|best| best.score < SURE), "{kind}: {label} as {of}: {best:?}");
        }
        // Each way round.
        let turned = Index::new(entries(&[("TAKEN", label)]), &[]);
        let best = best(&turned, entry);
        assert!(best.as_ref().is_none_or(|best| best.score < SURE), "{kind}: {entry} as {label}: {best:?}");
    }
}

#[test]
fn a_negation_never_adds_nothing() {
    let list = entries(&[("a", "Alder"), ("b", "Birch"), ("c", "Cedar"), ("d", "Downy"), ("e", "Maple")]);
    for word in ["not", "nicht", "less than"] {
        let decided = ["Alder", "Birch", "Cedar"].iter().zip(["a", "b", "c"]);
        let decided: Vec<Decision> = decided.map(|(label, code)| chosen(&format!("{word} {label}"), code, 1)).collect();
        let best = best(&Index::new(list.clone(), &decided), &format!("{word} Maple"));
        assert!(best.as_ref().is_some_and(|best| best.score < SURE), "{word} {best:?}");
    }
}

#[test]
fn what_stands_in_the_list_letter_by_letter_wins() {
    let grades = [("1", "A"), ("2", "A+"), ("3", "A-"), ("4", "a")];
    let languages = [("1", "C"), ("2", "C++"), ("3", "C#"), ("4", "c")];
    let signs = [("1", "+"), ("2", "-"), ("3", "±")];
    let offices = [("1", "Main Office"), ("2", "Main office"), ("3", "Office, main")];
    for list in [&grades[..], &languages, &offices] {
        let index = Index::new(entries(list), &[]);
        for (code, label) in list {
            let best = best(&index, label);
            let found = best.as_ref().and_then(|best| best.code.as_deref());
            assert_eq!(
                (found, best.as_ref().is_some_and(|best| best.score >= SURE)),
                (Some(*code), true),
                "{label} {best:?}"
            );
        }
    }
    for list in [&grades[..], &languages, &signs] {
        // The codes alone.
        let codes: Vec<(&str, &str)> = list.iter().map(|(_, code)| (*code, "")).collect();
        let index = Index::new(entries(&codes), &[]);
        for (code, _) in &codes {
            let asked = Question { code: Some(code.to_string()), label: None };
            let answers = index.suggest(&asked, 2);
            assert_eq!(answers.first().and_then(|best| best.code.as_deref()), Some(*code), "{answers:?}");
            assert!(answers.get(1).is_none_or(|next| next.score < answers[0].score), "{answers:?}");
        }
    }
    // What people turned down does not win.
    let rejected = Decision { label: "A".into(), code: Some("1".into()), chosen: false, times: 2 };
    let index = Index::new(entries(&grades), &[rejected]);
    assert!(best(&index, "A").is_some_and(|best| best.score < SURE));
}

#[test]
fn what_was_decided_for_one_sign_says_nothing_of_another() {
    let list = entries(&[("POS", "Rh positive"), ("NEG", "Rh negative")]);
    let index = Index::new(list, &[chosen("A+", "POS", 4), chosen("A-", "NEG", 4), chosen("B+", "POS", 1)]);
    for (label, code) in [("A+", Some("POS")), ("a +", Some("POS")), ("A−", Some("NEG")), ("A", None), ("B-", None)] {
        let best = best(&index, label);
        let sure = best.filter(|best| best.score >= SURE).and_then(|best| best.code);
        assert_eq!(sure.as_deref(), code, "{label}");
    }
}

#[test]
fn two_entries_of_one_name_are_not_sure() {
    let index = Index::new(entries(&[("1", "Main Office"), ("2", "Main office"), ("3", "Field Office")]), &[]);
    let answers = index.suggest(&Question::label("main office"), MOST);
    assert!(answers.iter().all(|answer| answer.score < SURE), "{answers:?}");
    assert_eq!(answers[0].score, answers[1].score.max(answers[0].score));
}

#[test]
fn odd_lists_and_labels_are_borne() {
    let empty = Index::new(Vec::new(), &[chosen("a", "b", 1)]);
    assert!(empty.suggest(&Question::label("anything"), MOST).is_empty());
    let index = Index::new(entries(&[("x", ""), ("y", "???"), ("z", "The")]), &[chosen("", "x", 1)]);
    for label in
        ["", "?", "the", "\u{202e}", &"long ".repeat(2000), &"a".repeat(9000), "& & &", "((((", "&amp;&#0;&#xFFFFFFFF;"]
    {
        assert!(index.suggest(&Question::label(label), MOST).len() <= MOST);
    }
}

/// The sure ones among suggestions for made-up labels of a made-up list are right in 98 of 100 cases, and a label whose own
/// entry was taken out of the list is sure of none other.
#[test]
fn sure_scores_can_be_relied_on() {
    let mut draws = Draws(7);
    let words: Vec<String> = (0..300).map(|_| draws.word()).collect();
    let list: Vec<Entry> = (0..400)
        .map(|at| {
            let label: Vec<&str> = (0..1 + draws.below(4)).map(|_| words[draws.below(300)].as_str()).collect();
            Entry { code: format!("C{at}"), label: label.join(" ") }
        })
        .collect();
    let index = Index::new(list.clone(), &[]);
    let (mut sure, mut right) = (0, 0);
    for _ in 0..3000 {
        let at = draws.below(list.len());
        let label = draws.spoiled(&list[at].label);
        if let Some(best) = best(&index, &label).filter(|best| best.score >= SURE) {
            sure += 1;
            // Labels may be the same by chance.
            right += usize::from(best.label == list[at].label);
        }
    }
    assert!(sure > 800, "{sure}");
    assert!(right * 100 >= sure * 98, "{right} of {sure}");
    for at in 0..list.len() {
        let mut rest = list.clone();
        let out = rest.remove(at);
        if rest.iter().any(|entry| entry.label == out.label) {
            continue;
        }
        let best = best(&Index::new(rest, &[]), &out.label);
        assert!(
            best.as_ref().is_none_or(|best| best.score < SURE || same_words(&best.label, &out.label)),
            "{out:?} {best:?}"
        );
    }
}

fn same_words(a: &str, b: &str) -> bool {
    let sorted = |text: &str| {
        let mut words: Vec<String> = text.split(' ').map(String::from).collect();
        words.sort();
        words
    };
    sorted(a) == sorted(b)
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
        let syllables =
            ["ba", "ko", "ri", "ten", "mal", "su", "per", "on", "da", "li", "cro", "vi", "sta", "qua", "gen"];
        (0..2 + self.below(3)).map(|_| syllables[self.below(syllables.len())]).collect()
    }

    /// The label as another source may write it.
    fn spoiled(&mut self, label: &str) -> String {
        let mut words: Vec<String> = label.split(' ').map(String::from).collect();
        match self.below(7) {
            0 => label.to_uppercase(),
            1 => label.replace(' ', "-"),
            2 => {
                words.reverse();
                words.join(", ")
            }
            3 => {
                let mut letters: Vec<char> = label.chars().collect();
                letters.remove(self.below(label.len()));
                letters.into_iter().collect()
            }
            4 => words.iter().filter_map(|word| word.chars().next()).collect(),
            5 => format!("{label} {}", self.word()),
            _ => {
                words.remove(self.below(words.len()));
                words.join(" ")
            }
        }
    }
}
