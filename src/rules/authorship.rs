//! Who had a hand in what a value came by (engine.md, "Four eyes"): the past of a value map, of a binding's fixed value and
//! of an identifier's record, replayed from the log.
//!
//! What counts is how the row stood when the value was made: who decided it later had no part in the value, and who was
//! taken back before had none either. Taking back is no deed of its own: it gives the row back to those who had it.

use crate::model::fact::Touch;
use crate::model::time::Micros;

/// A person, as `system_user` numbers them.
type Who = i64;

/// How a row stood from when on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past<S> {
    made: S,
    /// In the order of the log.
    states: Vec<(Micros, S)>,
}

impl<S: Clone> Past<S> {
    /// `made`: as the row was made. `step`: how it stands after a change that takes nothing back.
    fn replay<C>(made: S, touches: &[Touch<C>], step: impl Fn(&S, &Touch<C>) -> S) -> Past<S> {
        let mut past = Past { made, states: Vec::with_capacity(touches.len()) };
        for (at, touch) in touches.iter().enumerate() {
            let before = |place: usize| place.checked_sub(1).map_or(&past.made, |last| &past.states[last].1);
            let next = match touch.takes_back {
                Some(act) => {
                    let first = touches[..at].iter().position(|other| other.act == act);
                    before(first.unwrap_or(at)).clone()
                }
                None => step(before(at), touch),
            };
            past.states.push((touch.at, next));
        }
        past
    }

    pub fn at(&self, time: Micros) -> &S {
        self.states.iter().rev().find(|(at, _)| *at <= time).map_or(&self.made, |(_, state)| state)
    }
}

/// A change of a value map, as far as it makes an author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapChange {
    /// What its code stands for was decided.
    pub decided: bool,
    /// The confidence before and after; none is no doubt at all.
    pub confidence: Option<(Option<i64>, Option<i64>)>,
}

/// Who had a hand in a value map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapHands {
    pub decided: Vec<Who>,
    /// Who raised its confidence since it was decided, each from where.
    raised: Vec<(i64, Vec<Who>)>,
}

/// More than any confidence.
const NO_DOUBT: i64 = 101;

impl MapHands {
    pub fn raised(&self, who: Who) -> bool {
        self.raised.iter().any(|(_, by)| by.contains(&who))
    }

    pub fn past(made_by: Vec<Who>, touches: &[Touch<MapChange>]) -> Past<MapHands> {
        let made = MapHands { decided: made_by, raised: Vec::new() };
        Past::replay(made, touches, |before, touch| {
            if touch.change.decided {
                return MapHands { decided: touch.by.clone(), raised: Vec::new() };
            }
            let mut after = before.clone();
            if let Some((from, to)) = touch.change.confidence {
                let (from, to) = (from.unwrap_or(NO_DOUBT), to.unwrap_or(NO_DOUBT));
                // Of a raise that was lowered below where it began nothing is left.
                after.raised.retain(|(low, _)| *low < to);
                if from < to {
                    after.raised.push((from, touch.by.clone()));
                }
            }
            after
        })
    }
}

/// A text of a row, and who put it there by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    pub text: Option<String>,
    pub by: Vec<Who>,
}

impl Typed {
    /// The changes are what the text became.
    pub fn past(made: Typed, touches: &[Touch<Option<String>>]) -> Past<Typed> {
        Past::replay(made, touches, |_, touch| Typed { text: touch.change.clone(), by: touch.by.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Who = 2;
    const BO: Who = 3;

    fn touch<C>(act: i64, by: Who, change: C) -> Touch<C> {
        Touch { at: act * 10, act, takes_back: None, by: vec![by], change }
    }

    fn back<C>(act: i64, taken: i64, by: Who, change: C) -> Touch<C> {
        Touch { takes_back: Some(taken), ..touch(act, by, change) }
    }

    const DECIDED: MapChange = MapChange { decided: true, confidence: None };

    const fn confidence(from: Option<i64>, to: Option<i64>) -> MapChange {
        MapChange { decided: false, confidence: Some((from, to)) }
    }

    /// Who decided, and who raised, by what was done to the map since it was made.
    #[test]
    fn whoever_decides_a_map_or_raises_its_confidence_has_a_hand_in_it() {
        let low = confidence(Some(50), Some(95));
        let high = confidence(Some(95), Some(50));
        type Case = (&'static str, Vec<Touch<MapChange>>, &'static [Who], &'static [Who]);
        let cases: Vec<Case> = vec![
            ("nobody touched it", vec![], &[], &[]),
            ("decided", vec![touch(1, ANN, DECIDED)], &[ANN], &[]),
            ("decided anew", vec![touch(1, ANN, DECIDED), touch(2, BO, DECIDED)], &[BO], &[]),
            ("raised", vec![touch(1, ANN, DECIDED), touch(2, BO, low)], &[ANN], &[BO]),
            ("raised twice", vec![touch(1, ANN, low), touch(2, BO, confidence(Some(95), None))], &[], &[ANN, BO]),
            ("lowered", vec![touch(1, ANN, high)], &[], &[]),
            ("a raise lowered again", vec![touch(1, ANN, low), touch(2, BO, high)], &[], &[]),
            (
                "a raise lowered in part",
                vec![touch(1, ANN, low), touch(2, BO, confidence(Some(95), Some(91)))],
                &[],
                &[ANN],
            ),
            ("a raise taken back", vec![touch(1, ANN, low), back(2, 1, BO, high)], &[], &[]),
            ("a lowering taken back", vec![touch(1, ANN, low), touch(2, BO, high), back(3, 2, BO, low)], &[], &[ANN]),
            (
                "a raise taken back and done again",
                vec![touch(1, ANN, low), back(2, 1, BO, high), back(3, 2, BO, low)],
                &[],
                &[ANN],
            ),
            ("a decision taken back", vec![touch(1, ANN, DECIDED), back(2, 1, BO, DECIDED)], &[], &[]),
            ("raised, then decided anew", vec![touch(1, ANN, low), touch(2, BO, DECIDED)], &[BO], &[]),
        ];
        for (case, touches, decided, raised) in cases {
            let past = MapHands::past(Vec::new(), &touches);
            let now = past.at(1_000);
            assert_eq!(now.decided, decided, "{case}");
            for who in [ANN, BO] {
                assert_eq!(now.raised(who), raised.contains(&who), "{case}: {who}");
            }
        }
    }

    #[test]
    fn what_counts_is_how_a_row_stood_at_the_time() {
        let touches = [touch(1, ANN, Some("b".to_string())), touch(2, BO, Some("c".to_string()))];
        let made = Typed { text: Some("a".into()), by: Vec::new() };
        let past = Typed::past(made, &touches);
        for (time, text, by) in
            [(0, "a", vec![]), (9, "a", vec![]), (10, "b", vec![ANN]), (19, "b", vec![ANN]), (20, "c", vec![BO])]
        {
            assert_eq!(past.at(time), &Typed { text: Some(text.into()), by }, "{time}");
        }
    }
}
