//! Answers that come late, in any order that the reading lanes allow: what the screen shows once they have come.

use std::collections::VecDeque;

use proptest::prelude::*;
use steward::model::Value;
use steward::tui::event::Event;
use steward::tui::keys;
use steward::tui::lanes::Queue;
use steward::tui::read::{Answer, Answered, Ask, Slot};

use crate::harness::Harness;

/// The reading lanes without threads: a test says when a lane is done with what it reads and when its answer is taken in.
#[derive(Default)]
pub struct Late {
    lanes: [(Queue, Option<Ask>); 2],
    arriving: VecDeque<Answered>,
}

impl Late {
    pub fn ask(&mut self, ask: Ask) -> Vec<Answered> {
        let (queue, running) = &mut self.lanes[usize::from(ask.slot.is_slow())];
        let (replaced, _) = queue.ask(ask);
        if running.is_none() {
            *running = queue.begin();
        }
        replaced
    }

    pub fn stop(&mut self, slot: Option<Slot>) -> Vec<Answered> {
        self.lanes.iter_mut().flat_map(|(queue, _)| queue.stop(slot).0).collect()
    }

    /// A lane is done: with an answer, or, where it was told to end and was not done already, with why.
    fn advance(&mut self, lane: usize, done_already: bool, read: impl FnOnce(&Ask) -> Answered) -> bool {
        let (queue, running) = &mut self.lanes[lane];
        let Some(ask) = running.take() else { return false };
        let answer = match queue.finish().filter(|_| !done_already) {
            Some(trouble) => Answered::with(&ask, trouble),
            None => read(&ask),
        };
        self.arriving.push_back(answer);
        *running = queue.begin();
        true
    }
}

#[derive(Debug, Clone)]
enum Step {
    Key(&'static str),
    Advance { lane: usize, done_already: bool },
    Arrive,
}

impl Step {
    fn take(&self, harness: &mut Harness) -> bool {
        match self {
            Step::Key(name) => harness.send(Event::Key(keys::press(name).unwrap())),
            Step::Advance { lane, done_already } => {
                let mut late = harness.late.take().unwrap();
                let done = late.advance(*lane, *done_already, |ask| harness.read(ask));
                harness.late = Some(late);
                return done;
            }
            Step::Arrive => {
                let Some(answered) = harness.late.as_mut().unwrap().arriving.pop_front() else { return false };
                harness.send(Event::Answered(answered));
            }
        }
        true
    }
}

/// Lets all that was asked be answered.
fn rest(harness: &mut Harness) {
    let each =
        [Step::Arrive, Step::Advance { lane: 0, done_already: false }, Step::Advance { lane: 1, done_already: false }];
    for _ in 0..10_000 {
        if !each.iter().any(|step| step.take(harness)) {
            return;
        }
    }
    panic!("it asks without end:\n{}", harness.text());
}

fn late() -> Harness {
    let mut harness = Harness::agency((80, 24));
    harness.late = Some(Late::default());
    harness
}

fn step() -> impl Strategy<Value = Step> {
    let keys = vec![
        "0", "1", "2", "4", "5", "6", "5", "6", "v", "Enter", "Esc", "Down", "G", "PgDn", "s", "/", "e", "-",
        "Backspace", "o", "w", "W", "M", "m", "F", "f", "U", "E", "F5", "Tab",
    ];
    prop_oneof![
        4 => proptest::sample::select(keys).prop_map(Step::Key),
        3 => (0..2usize, any::<bool>()).prop_map(|(lane, done_already)| Step::Advance { lane, done_already }),
        2 => Just(Step::Arrive),
    ]
}

/// What is still missing on the screen.
fn missing(text: &str) -> Option<&'static str> {
    ["reading…", "counting…", "not counted"].into_iter().find(|words| text.contains(words))
}

/// Coming back to a pane while its reads are being ended for the other's: rows and their number are asked for again.
#[test]
fn what_gave_way_to_another_pane_s_comes_when_one_is_back() {
    for seen_first in [true, false] {
        let mut harness = late();
        harness.keys("5 6");
        if !seen_first {
            harness.keys("5");
        }
        for lane in 0..2 {
            Step::Advance { lane, done_already: false }.take(&mut harness);
        }
        if seen_first {
            harness.keys("5");
        }
        rest(&mut harness);
        let text = harness.text();
        assert!(text.contains("ITM-0") && missing(&text).is_none(), "{text}");
    }
}

/// Who stops reading does not want what was asked, nor what still waits behind it.
#[test]
fn what_a_person_stops_is_not_asked_for_again() {
    let mut harness = late();
    harness.keys("5 6 5 Ctrl+C");
    rest(&mut harness);
    let text = harness.text();
    assert!(text.contains("not counted") && text.contains("The rows were not read."), "{text}");
    assert!(text.contains("F5 reads them."), "{text}");
    // Until one comes back.
    harness.keys("0 5");
    rest(&mut harness);
    let text = harness.text();
    assert!(text.contains("ITM-0") && missing(&text).is_none(), "{text}");
}

/// The number of all rows is not that of the rows that match, also before these are counted.
#[test]
fn rows_that_are_not_counted_yet_are_given_no_number() {
    let mut harness = late();
    harness.keys("6");
    Step::Advance { lane: 0, done_already: false }.take(&mut harness);
    Step::Arrive.take(&mut harness);
    let text = harness.text();
    assert!(text.contains("Row 1 | ") && text.contains("counting…"), "{text}");
    rest(&mut harness);
    let text = harness.text();
    assert!(text.contains("Row 1 of 25 | "), "{text}");
}

/// From the ten millionth row on a name is longer than its column was, and one number looks like another without its end.
#[test]
fn names_of_large_tables_are_shown_whole() {
    let mut harness = late();
    harness.keys("5");
    let mut late = harness.late.take().unwrap();
    late.advance(0, false, |ask| {
        let mut answered = harness.read(ask);
        let Ok(Answer::Page(page)) = &mut answered.answer else { panic!("a page is asked for first") };
        page.rows[1].values[0] = Value::Text("ITM-10048705".into());
        answered
    });
    harness.late = Some(late);
    rest(&mut harness);
    let text = harness.text();
    assert!(text.contains(" ITM-10048705 "), "{text}");
    assert!(text.contains("Item v       External key"), "the other columns give way:\n{text}");
}

#[test]
fn whatever_comes_late_the_screen_is_whole_in_the_end() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    proptest::test_runner::TestRunner::new(config)
        .run(&proptest::collection::vec(step(), 1..60), |steps| {
            let mut harness = late();
            for step in &steps {
                step.take(&mut harness);
            }
            rest(&mut harness);
            let text = harness.text();
            prop_assert_eq!(missing(&text), None, "{}", text);
            // And the same below what lies over the screen.
            for _ in 0..12 {
                harness.keys("Esc");
            }
            rest(&mut harness);
            let text = harness.text();
            prop_assert_eq!(missing(&text), None, "{}", text);
            Ok(())
        })
        .unwrap();
}

/// Another program writes all the time: a key that comes while the rows are read again is not lost.
#[test]
fn the_cursor_stays_where_it_was_moved_to_while_the_rows_were_read_again() {
    let mut harness = Harness::agency((80, 24));
    harness.keys("5 v 5 g");
    let row = |harness: &Harness| harness.app.pane().and_then(|pane| pane.selected()).map(|row| row.id);
    let first = row(&harness).unwrap();
    harness.late = Some(Late::default());
    harness.send(Event::StoreChanged);
    for name in ["Down", "Down"] {
        Step::Key(name).take(&mut harness);
    }
    assert_eq!(row(&harness), Some(first - 2));
    rest(&mut harness);
    assert_eq!(row(&harness), Some(first - 2));
}
