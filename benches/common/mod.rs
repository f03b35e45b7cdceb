//! What the benchmarks share: sizes, clocks, memory, tables, and goals that are ratios.
//!
//! A benchmark never judges an absolute time, since machines differ and others work on them: it measures a limit in the
//! same run and says how many times that limit the program takes. [`Report::goal`] prints each ratio beside its goal; with
//! `--ci` the run fails where a ratio is off by a factor, and nowhere else.
#![allow(dead_code, reason = "each benchmark uses its own part")]

pub mod clock;
pub mod desk;
pub mod generator;
pub mod plain;
pub mod pty;
pub mod stores;

use std::time::{Duration, Instant};

/// How far off its goal a ratio may be where `--ci` is given: a busy machine and a build for tests make for a good part.
const CI_FACTOR: f64 = 3.0;

/// What the command line asks for: `cargo bench --bench NAME -- [--ci] [--profile] [ITEMS …]`.
pub struct Options {
    /// Items in the stores, the smallest first.
    pub sizes: Vec<usize>,
    pub ci: bool,
    /// Only what is to be looked at with a profiler.
    pub profile: bool,
}

impl Options {
    /// Sizes come as arguments, else from `STEWARD_BENCH_ITEMS` (parted by commas), else it is 100,000.
    pub fn read() -> Options {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        if arguments.first().is_some_and(|first| first == stores::MAKE) {
            arguments[1..].iter().filter_map(|items| items.parse().ok()).for_each(stores::make);
            std::process::exit(0);
        }
        let ci = arguments.iter().any(|argument| argument == "--ci");
        let mut asked: Vec<usize> =
            arguments.iter().filter(|argument| !argument.starts_with("--")).flat_map(|text| sizes(text)).collect();
        if asked.is_empty() {
            asked = std::env::var("STEWARD_BENCH_ITEMS").map_or_else(|_| Vec::new(), |text| sizes(&text));
        }
        if asked.is_empty() {
            asked.push(100_000);
        }
        asked.sort_unstable();
        Options { sizes: asked, ci, profile: arguments.iter().any(|argument| argument == "--profile") }
    }
}

/// Numbers of items, parted by commas. What is no number ends the benchmark: it would run with another size for minutes.
fn sizes(text: &str) -> Vec<usize> {
    let number = |text: &str| {
        text.replace('_', "").trim().parse().unwrap_or_else(|_| {
            eprintln!("\"{text}\" is no number of items. Write for example: -- 100000 1000000");
            std::process::exit(2)
        })
    };
    text.split(',').map(number).collect()
}

/// Tables and goals of one benchmark, printed as they come; [`Report::end`] says how it went.
pub struct Report {
    ci: bool,
    missed: usize,
    broken: Vec<String>,
}

impl Report {
    pub fn begin(title: &str, options: &Options) -> Report {
        println!("\n# {title}");
        Report { ci: options.ci, missed: 0, broken: Vec::new() }
    }

    /// A ratio and what it should be at most.
    pub fn goal(&mut self, what: &str, ratio: f64, goal: f64) {
        let met = ratio <= goal;
        self.missed += usize::from(!met);
        println!("  {what}: {ratio:.2} (goal: at most {goal:.2}{})", if met { "" } else { "; MISSED" });
        if self.ci && (ratio.is_nan() || ratio > goal * CI_FACTOR) {
            self.broken.push(format!("{what}: {ratio:.2} is more than {CI_FACTOR} times the goal of {goal:.1}"));
        }
    }

    /// An absolute figure and what it should be at most: said, and never a reason to fail.
    pub fn figure(&mut self, what: &str, value: f64, goal: f64, unit: &str) {
        let met = value <= goal;
        self.missed += usize::from(!met);
        println!("  {what}: {value:.1} {unit} (goal: at most {goal:.0} {unit}{})", if met { "" } else { "; MISSED" });
    }

    /// Fails the run where a ratio was off by a factor.
    pub fn end(self) {
        if self.missed > 0 {
            println!("  goals missed: {}", self.missed);
        }
        if !self.broken.is_empty() {
            self.broken.iter().for_each(|line| eprintln!("OFF BY A FACTOR: {line}"));
            std::process::exit(1);
        }
    }
}

/// Prints rows below their headings, the first column to the left and the others to the right, as Markdown.
pub fn table(headings: &[&str], rows: &[Vec<String>]) {
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
        cells.chain([headings[at].chars().count(), 3]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.zip(&widths).enumerate().map(|(at, (cell, width))| match at {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
    };
    println!();
    line(&mut headings.iter().copied());
    let rule = |at: usize, width: &usize| match at {
        0 => "-".repeat(*width),
        _ => format!("{}:", "-".repeat(width - 1)),
    };
    let rules: Vec<String> = widths.iter().enumerate().map(|(at, width)| rule(at, width)).collect();
    line(&mut rules.iter().map(String::as_str));
    for row in rows {
        line(&mut row.iter().map(String::as_str));
    }
    println!();
}

/// How long something took, and what came of it.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let made = work();
    (begun.elapsed(), made)
}

/// How long something took, and how much of that this thread had the processor: on a machine that others use, too, the
/// second says more.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    pub wall: Duration,
    pub processor: Duration,
}

impl Spent {
    pub fn on<T>(work: impl FnOnce() -> T) -> (Spent, T) {
        let before = processor();
        let (wall, made) = timed(work);
        (Spent { wall, processor: processor().saturating_sub(before) }, made)
    }

    pub fn over(&self, limit: &Spent) -> f64 {
        self.wall.as_secs_f64() / limit.wall.as_secs_f64()
    }

    pub fn processor_over(&self, limit: &Spent) -> f64 {
        self.processor.as_secs_f64() / limit.processor.as_secs_f64()
    }
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, more: Spent) {
        self.wall += more.wall;
        self.processor += more.processor;
    }
}

/// The processor time of this thread as the kernel counts it; zero where it does not say.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// How long this thread has had the processor, to the microsecond: what of a key's time is this program's, and not of others
/// that were let run in between.
pub fn thread_time() -> Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// The same of all threads together.
pub fn process_time() -> Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// Many times of one thing.
#[derive(Default, Clone)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The time that this share of all stay below: 0.5 is the median.
    pub fn at(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() as f64 * share).ceil() as usize;
        sorted.get(place.saturating_sub(1)).copied().unwrap_or_default()
    }

    pub fn max(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    pub fn first(&self) -> Duration {
        self.0.first().copied().unwrap_or_default()
    }

    /// The first (cold) time, then p50, p99 and the maximum of all, in milliseconds.
    pub fn cells(&self) -> [String; 4] {
        [self.first(), self.at(0.5), self.at(0.99), self.max()].map(ms)
    }
}

pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 10.0 { format!("{ms:.2}") } else { format!("{ms:.0}") }
}

pub fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// `1,234,567`
pub fn grouped(n: usize) -> String {
    steward::model::text::grouped(n as i64)
}

/// How long the threads of a process that now waits have had the processor.
pub fn processor_of(process: &str) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

/// Forgets the peak of this process's resident memory, so that the next reading is of what comes now.
pub fn forget_peak() {
    // Without the right to do so the peak is that of the whole process, which is more, never less.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// A line of a process's `status` in megabytes: `VmHWM` is the peak of resident memory, `VmRSS` what it is now.
pub fn memory(process: &str, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kilobytes = found.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}

/// The most resident memory this process had since [`forget_peak`], in megabytes.
pub fn peak() -> f64 {
    memory("self", "VmHWM")
}

/// Bytes of a store's files in megabytes.
pub fn megabytes(path: &std::path::Path) -> f64 {
    std::fs::metadata(path).map_or(f64::NAN, |meta| meta.len() as f64 / (1 << 20) as f64)
}
