//! Deliveries of an invented agency: the same files from the same seed, in any number.
//!
//! A dozen sources deliver records of eight fields for one table. The largest has nine tenths of all (nine million of ten
//! million items), the smallest a thousandth. Of the three coded fields one has a long tail over a list of up to 100,000
//! codes, and the other two bring codes that nobody mapped; with notes that are no text, 3 % of the items are held or fail.
//! Later a tenth of the records comes again with one value in twenty changed, and one file comes twice as it is.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Every table, source and value follows from it.
const SEED: u64 = 20_261_122;

/// The sources' parts of all records, in thousandths.
const SHARES: [usize; 12] = [900, 40, 20, 12, 8, 6, 4, 3, 3, 2, 1, 1];

/// Values of one record.
pub const FIELDS: usize = 8;

/// Records of one delivery at most.
const DELIVERY: usize = 250_000;

/// Of so many records one comes again, and of so many of its values one is changed then.
const AGAIN: usize = 10;
const CHANGED: u64 = 20;

/// Of each 100 values of the fields `status` and `country`, so many are codes without a map; of the field `note`, so many
/// are no text. Over eight fields that is 2.25 % held and 0.75 % failed.
const UNMAPPED: u64 = 9;
const NO_TEXT: u64 = 6;

/// Codes in use for `status` and `country`, and of the long list those that have a map.
pub const STATUSES: usize = 12;
pub const COUNTRIES: usize = 250;
pub const MAPPED: usize = 2_000;

/// SplitMix64: a few lines, and the same numbers everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    /// A number below `n`, each half as often as the one at half its place: a long tail.
    pub fn tailed(&mut self, n: usize) -> usize {
        let share = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        ((n as f64).powf(share) as usize).clamp(1, n) - 1
    }
}

/// One delivered file.
pub struct Parcel {
    pub source: String,
    pub path: PathBuf,
    pub records: usize,
}

/// The deliveries that make a store of about so many items.
pub struct Generator {
    pub items: usize,
    folder: PathBuf,
}

impl Generator {
    /// Files are written into the folder as they are asked for.
    pub fn new(items: usize, folder: &Path) -> Generator {
        std::fs::create_dir_all(folder).expect("the folder for the deliveries");
        Generator { items, folder: folder.into() }
    }

    /// Codes in the long list.
    pub fn codes(&self) -> usize {
        (self.items / 10).min(100_000)
    }

    /// The sources with their numbers of records, the largest first.
    pub fn sources(&self) -> Vec<(String, usize)> {
        let records = self.items / FIELDS;
        let part = |share: &usize| (records * share).div_ceil(1000).max(10);
        SHARES.iter().enumerate().map(|(at, share)| (source(at), part(share))).collect()
    }

    /// The first deliveries of all sources, the smallest source first.
    pub fn first(&self) -> Vec<Parcel> {
        let mut parcels = Vec::new();
        for (at, (_, records)) in self.sources().iter().enumerate().rev() {
            for from in (0..*records).step_by(DELIVERY) {
                let to = (from + DELIVERY).min(*records);
                parcels.push(self.write(at, from..to, "first", false));
            }
        }
        parcels
    }

    /// A tenth of each source's records once more, with a value in twenty changed.
    pub fn later(&self) -> Vec<Parcel> {
        let tenth = |(at, (_, records)): (usize, &(String, usize))| {
            let to = (records / AGAIN).clamp(1, DELIVERY);
            self.write(at, 0..to, "later", true)
        };
        self.sources().iter().enumerate().rev().map(tenth).collect()
    }

    /// A file with the largest source's first records as they were, but for the bytes: nothing in it is new.
    pub fn unchanged(&self) -> Parcel {
        let records = self.sources()[0].1.min(DELIVERY);
        self.write(0, 0..records, "again", false)
    }

    /// One record a line; `kind` stands in the name of a last column that is always empty, so that the bytes differ.
    fn write(&self, source_at: usize, records: std::ops::Range<usize>, kind: &str, later: bool) -> Parcel {
        let source = source(source_at);
        let path = self.folder.join(format!("{source}-{kind}-{}.csv", records.start));
        let mut out = BufWriter::new(File::create(&path).expect("a delivery"));
        let count = records.len();
        let head = format!("id,name,status,country,item_code,amount,due,note,email,{kind}\n");
        out.write_all(head.as_bytes()).expect("a delivery");
        for at in records {
            let line = self.record(source_at, at, later);
            out.write_all(&line).expect("a delivery");
        }
        out.flush().expect("a delivery");
        Parcel { source, path, records: count }
    }

    /// The line of a source's record. Later ones are the same but for a value in twenty.
    fn record(&self, source_at: usize, at: usize, later: bool) -> Vec<u8> {
        let mut random = Random::new(SEED ^ (source_at as u64) << 48 ^ at as u64);
        let mut again = Random::new(random.next());
        let mut changed = || later && again.below(CHANGED) == 0;
        let key = format!("{}-{at:07}", source(source_at));
        let mut line = Vec::with_capacity(160);
        line.extend(key.bytes());
        let values: [(String, bool); 6] = [
            (name(&mut random), changed()),
            (coded(&mut random, "ST", STATUSES, self.items), changed()),
            (coded(&mut random, "C", COUNTRIES, self.items), changed()),
            (format!("K{:05}", random.tailed(self.codes())), changed()),
            (format!("{}.{:02}", random.below(1_000_000), random.below(100)), changed()),
            (format!("2026-{:02}-{:02}", 1 + random.below(12), 1 + random.below(28)), changed()),
        ];
        for (at, (value, changed)) in values.into_iter().enumerate() {
            line.push(b',');
            // A changed code is another code of the list; any other value gets a mark behind it.
            let value = match (changed, at) {
                (true, 1..=3) => other_code(&value, self.codes()),
                (true, _) => format!("{value}1"),
                (false, _) => value,
            };
            line.extend(value.bytes());
        }
        line.push(b',');
        line.extend(note(&mut random, changed()));
        line.extend(format!(",{}@agency.example,\n", key.to_lowercase()).bytes());
        line
    }
}

/// `S01` is the largest.
pub fn source(at: usize) -> String {
    format!("S{:02}", at + 1)
}

fn name(random: &mut Random) -> String {
    const FIRST: [&str; 16] = [
        "Acme", "Blue", "Cedar", "Delta", "Elm", "Fox", "Grand", "Harbor", "Iron", "Juniper", "Keystone", "Lake",
        "Maple", "North", "Oak", "Pine",
    ];
    const SECOND: [&str; 8] = ["Supply", "Works", "Paving", "Foods", "Systems", "Rail", "Clinic", "School"];
    let (first, second) = (FIRST[random.below(16) as usize], SECOND[random.below(8) as usize]);
    format!("{first} {second} {}", random.below(100_000))
}

/// A code of a list of so many, or one that nobody mapped.
fn coded(random: &mut Random, prefix: &str, codes: usize, items: usize) -> String {
    let unmapped = random.below(100) < UNMAPPED;
    let tail = (items / 500).max(20);
    match unmapped {
        true => format!("{prefix} odd {}", random.tailed(tail)),
        false => format!("{prefix}{}", random.tailed(codes)),
    }
}

fn other_code(code: &str, codes: usize) -> String {
    match code.strip_prefix('K') {
        Some(number) => format!("K{:05}", (number.parse().unwrap_or(0) + 1) % codes.max(1)),
        None if code.starts_with("ST") => "ST0".into(),
        None => "C0".into(),
    }
}

/// A sentence, or bytes that are no text.
fn note(random: &mut Random, changed: bool) -> Vec<u8> {
    if random.below(100) < NO_TEXT {
        return b"caf\xe9 \xff, broken".iter().filter(|byte| **byte != b',').copied().collect();
    }
    let (day, room) = (random.below(366), random.below(5_000));
    let mut text = format!("\"Seen on day {day}, kept in room {room}, no further remark\"").into_bytes();
    if changed {
        text.insert(1, b'*');
    }
    text
}
