//! Spelling families: labels that are most likely one label spelled in several ways, so that one decision serves all.
//!
//! The methods are those that OpenRefine's users know. A *fingerprint* is a label's words without case, accents and signs,
//! sorted, each once; an *n-gram fingerprint* is the same for its pairs of letters, and forgives spaces. Labels with one
//! fingerprint are one family. *Nearest neighbours* differ by a letter or two: they may be a slip or another thing, so a
//! decision on a family only offers them ([`look_alikes`]) and never takes them along.
//!
//! Labels with digits are compared in order, since `AC-2 (3)` and `AC-3 (2)` are not spellings of each other. Nor are labels that
//! differ by a sign that means something: `A+`, `A-` and `A`.

use std::collections::{BTreeMap, HashMap};

use rapidfuzz::distance::osa;

use super::suggest::{Folded, Said};

/// How labels are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    Fingerprint,
    NGram,
    /// Chains of nearest neighbours.
    Nearest,
    /// One fingerprint or one n-gram fingerprint: what a decision on a family takes along.
    Spelling,
}

impl Method {
    pub const ALL: [Method; 4] = [Method::Spelling, Method::Fingerprint, Method::NGram, Method::Nearest];

    pub fn name(self) -> &'static str {
        match self {
            Method::Fingerprint => "fingerprint",
            Method::NGram => "ngram",
            Method::Nearest => "nearest",
            Method::Spelling => "spelling",
        }
    }
}

/// The families of two labels and more as places in `labels`: each in the order of the labels, the family whose first
/// label comes first, first. A label that folds to nothing has no family.
pub fn families(labels: &[&str], method: Method) -> Vec<Vec<usize>> {
    let keys: Vec<Keys> = labels.iter().map(|label| Keys::new(label)).collect();
    let mut groups = Groups::new(labels.len());
    if matches!(method, Method::Fingerprint | Method::Spelling) {
        groups.join_same(keys.iter().map(|keys| keys.fingerprint.as_str()));
    }
    if matches!(method, Method::NGram | Method::Spelling) {
        groups.join_same(keys.iter().map(|keys| keys.ngrams.as_str()));
    }
    if method == Method::Nearest {
        let blocks = Blocks::new(&keys);
        for at in 0..keys.len() {
            for other in blocks.meeting(&keys[at]).into_iter().filter(|other| *other > at) {
                if near(&keys[at], &keys[other]) {
                    groups.join(at, other);
                }
            }
        }
    }
    groups.of_two_and_more()
}

/// The labels that are nearest neighbours of some members and belong to none of their fingerprints.
pub fn look_alikes(labels: &[&str], members: &[usize]) -> Vec<usize> {
    let keys: Vec<Keys> = labels.iter().map(|label| Keys::new(label)).collect();
    let own: Vec<&Keys> = members.iter().filter_map(|at| keys.get(*at)).collect();
    let alike = |keys: &Keys| own.iter().any(|own| near(own, keys));
    (0..keys.len()).filter(|at| !members.contains(at) && alike(&keys[*at])).collect()
}

/// What a label is compared by.
struct Keys {
    fingerprint: String,
    ngrams: String,
    together: String,
    digits: String,
    said: Said,
}

/// Labels of fewer letters have their letters for an n-gram fingerprint: their pairs say too little.
const SHORT: usize = 4;

impl Keys {
    fn new(label: &str) -> Keys {
        let folded = Folded::new(label);
        let together = folded.compact();
        let digits: String = together.chars().filter(char::is_ascii_digit).collect();
        let mut words: Vec<&str> = folded.words.iter().map(|word| word.text.as_str()).collect();
        if digits.is_empty() {
            words.sort_unstable();
            words.dedup();
        }
        let ngrams = if digits.is_empty() && together.len() >= SHORT {
            let mut pairs: Vec<&[u8]> = together.as_bytes().windows(2).collect();
            pairs.sort_unstable();
            pairs.dedup();
            pairs.concat().iter().map(|letter| char::from(*letter)).collect()
        } else {
            together.clone()
        };
        let said = folded.said();
        let signed = |key: String, signs: &str| if said.signs.is_empty() { key } else { format!("{key}\n{signs}") };
        let by_word = format!("{}\n{}", said.by_word, said.signs);
        let (fingerprint, ngrams) = (signed(words.join(" "), &by_word), signed(ngrams, &said.signs));
        Keys { fingerprint, ngrams, digits, together, said }
    }
}

/// Whether two labels differ by one letter, from ten letters on by two; in short ones a letter is too much.
fn near(a: &Keys, b: &Keys) -> bool {
    let shorter = a.together.len().min(b.together.len());
    let radius = match shorter {
        0..=4 => return false,
        5..=9 => 1,
        _ => 2,
    };
    if a.digits != b.digits
        || a.said.signs != b.said.signs
        || a.said.negated != b.said.negated
        || a.together.len().abs_diff(b.together.len()) > radius
    {
        return false;
    }
    let args = osa::Args::default().score_cutoff(radius);
    osa::distance_with_args(a.together.bytes(), b.together.bytes(), &args).is_some()
}

/// Labels by their groups of letters, so that each is compared with those alone that have a group in common.
struct Blocks {
    with: HashMap<[u8; 3], Vec<usize>>,
}

impl Blocks {
    fn new(keys: &[Keys]) -> Blocks {
        let mut with: HashMap<[u8; 3], Vec<usize>> = HashMap::new();
        for (at, keys) in keys.iter().enumerate() {
            for group in groups_of(keys) {
                with.entry(group).or_default().push(at);
            }
        }
        Blocks { with }
    }

    /// The labels that share one of the rarest groups. Two changes spoil eight groups of three at most, so that of any
    /// nine groups a neighbour has one.
    fn meeting(&self, keys: &Keys) -> Vec<usize> {
        let mut groups: Vec<&Vec<usize>> = groups_of(keys).iter().filter_map(|group| self.with.get(group)).collect();
        groups.sort_by_key(|with| with.len());
        let mut out: Vec<usize> = groups.into_iter().take(9).flatten().copied().collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}

fn groups_of(keys: &Keys) -> Vec<[u8; 3]> {
    let mut out: Vec<[u8; 3]> =
        keys.together.as_bytes().windows(3).filter_map(|three| <[u8; 3]>::try_from(three).ok()).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Labels that belong together, by way of others, too.
struct Groups {
    of: Vec<usize>,
}

impl Groups {
    fn new(n: usize) -> Groups {
        Groups { of: (0..n).collect() }
    }

    fn head(&mut self, mut at: usize) -> usize {
        while self.of[at] != at {
            self.of[at] = self.of[self.of[at]];
            at = self.of[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.head(a), self.head(b));
        self.of[a.max(b)] = a.min(b);
    }

    fn join_same<'a>(&mut self, keys: impl Iterator<Item = &'a str>) {
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (at, key) in keys.enumerate().filter(|(_, key)| !key.is_empty()) {
            let first = *first.entry(key).or_insert(at);
            self.join(first, at);
        }
    }

    fn of_two_and_more(mut self) -> Vec<Vec<usize>> {
        let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.of.len() {
            let head = self.head(at);
            out.entry(head).or_default().push(at);
        }
        out.into_values().filter(|family| family.len() > 1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_finds_its_families() {
        let labels = [
            "Firm Fixed Price", "FIRM-FIXED PRICE", "price, firm fixed", "FirmFixed Price", "Firm Fixed Prices",
            "Fixed", "?", "-",
        ];
        assert_eq!(families(&labels, Method::Fingerprint), [vec![0, 1, 2]]);
        assert_eq!(families(&labels, Method::NGram), [vec![0, 1, 3]]);
        assert_eq!(families(&labels, Method::Nearest), [vec![0, 1, 3, 4]]);
        assert_eq!(families(&labels, Method::Spelling), [vec![0, 1, 2, 3]]);
        assert_eq!(look_alikes(&labels, &[0, 1, 2, 3]), [4]);
    }

    #[test]
    fn entities_accents_and_signs_do_not_part_a_family() {
        let labels = ["Time &amp;amp; Matériels", "time and materiels", "TIME & MATERIELS", "Time + Matériels"];
        assert_eq!(families(&labels, Method::Fingerprint), [vec![0, 1, 2, 3]]);
    }

    #[test]
    fn numbers_part_families() {
        let labels = ["AC-2 (3)", "AC-3 (2)", "11", "111", "1 1", "Option year 1", "Option year 2", "Grade 10 office"];
        // "1 1" and "11" are the same digits, written apart.
        assert_eq!(families(&labels, Method::Spelling), [vec![2, 4]]);
        assert!(families(&labels, Method::Nearest).is_empty());
    }

    #[test]
    fn signs_and_negations_part_families() {
        for labels in [
            &["A+", "A-", "A"][..],
            &["<5", ">5", "5", "5+", "-5", "±5", "5%", "$5"],
            &["C", "C++", "C#"],
            &["10²", "102"],
            &["μg/L", "mg/L"],
            &["kΩ", "kO"],
            &["m/s", "ms"],
            &["MHz", "mHz"],
            &["1.5", "15", "1-5", "1:5"],
            &["approved", "not approved", "≠ approved", "approved?"],
            &["noncompliant", "compliant"],
        ] {
            for method in Method::ALL {
                assert_eq!(families(labels, method), Vec::<Vec<usize>>::new(), "{labels:?} {method:?}");
            }
            assert!(look_alikes(labels, &[0]).is_empty(), "{labels:?}");
        }
        // One sign written in several ways.
        for labels in [
            ["A+", "a +"],
            ["−5 °C", "-5 °c"],
            ["&lt; 5", "<5"],
            ["≤5", "<= 5"],
            ["µg", "UG"],
            ["5 Ω", "5 ohm"],
            ["m²", "m^2"],
            ["1,5", "1.5"],
            ["10%", "10 %"],
            ["1,500", "1 500"],
        ] {
            assert_eq!(families(&labels, Method::Spelling), [vec![0, 1]], "{labels:?}");
        }
    }

    #[test]
    fn short_codes_are_no_neighbours() {
        assert!(families(&["CPAF", "CPFF", "CPIF", "FFP", "FP", "FFFP"], Method::Nearest).is_empty());
        assert!(families(&["CPAF", "CPFF", "FFP", "FFFP"], Method::Spelling).is_empty());
    }

    #[test]
    fn many_labels_are_put_together_quickly() {
        let labels: Vec<String> =
            (0..20_000).map(|n| format!("{} depot {}", ["North", "south"][n % 2], n / 4)).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let started = std::time::Instant::now();
        assert_eq!(families(&labels, Method::Spelling).len(), 10_000);
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }
}
