//! An explanation in plain sentences, the same on the command line and in the workbench. All stored text in them is
//! [`Shown`]; how a time is written is the caller's.

use super::{Candidate, Clock, Explanation, MapUsed, PolicySince, PolicyUsed, Standing};
use crate::model::Shown;
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::model::time::Micros;
use crate::rules::survivorship::Difference;
use crate::store::Deed;

/// Characters of a value; it is whole in the ledger, and in an explanation for scripts.
const IN_A_SENTENCE: usize = 300;

/// Writes a time for the reader of the sentences.
pub type When<'a> = &'a dyn Fn(Micros) -> String;

impl Explanation {
    /// Which field it is, of which record, by which keys it is known, and when.
    pub fn title(&self, when: When) -> String {
        let keys: Vec<String> =
            self.identifiers.iter().map(|(source, key)| format!("{}:{}", Shown(source), Shown(key))).collect();
        let keys = if keys.is_empty() { String::new() } else { format!(" ({})", keys.join(", ")) };
        let as_of = self.as_of.map_or_else(String::new, |time| format!(", as of {}", when(time)));
        format!("{} of {} {}{keys}{as_of}", Shown(&self.field_name), Shown(&self.target_table), Shown(&self.target_id))
    }

    /// The value in force: where it came from, who vouches for it, how long it holds, what would come after it.
    pub fn sentences(&self, when: When) -> Vec<String> {
        self.labelled(when).into_iter().map(|(_, sentence)| sentence).collect()
    }

    /// The same sentences, each with a word or two for what it is about.
    pub fn labelled(&self, when: When) -> Vec<(&'static str, String)> {
        let Some(in_force) = &self.in_force else {
            // Who waits for a reviewer is nearer than what did not go on.
            let (waiting, others): (Vec<_>, Vec<_>) =
                self.losers.iter().partition(|loser| matches!(loser.standing, Standing::Waits { .. }));
            let next = waiting.into_iter().chain(others).find_map(|loser| loser.may_come(when));
            let next = next.map(|next| ("Would win next", next));
            return std::iter::once(("Value", "No value is in force.".into())).chain(next).collect();
        };
        let mut out = vec![
            ("Value", format!("In force: {}, from {}.", in_force.told(), Shown(&in_force.source))),
            ("Certified", in_force.vouched(when)),
        ];
        let note = in_force.notes.as_ref().map(|notes| format!("It bears the note \"{}\".", Shown(notes)));
        out.extend(note.map(|note| ("Note", note)));
        out.extend(in_force.delivered(when).map(|delivered| ("Raw value", delivered)));
        let edited = in_force.edit.as_ref().map(|edit| {
            let done = format!("put that in the place of {}", quoted(Some(&edit.raw_value)));
            decided(&done, edit.act.as_ref(), None, when)
        });
        out.extend(edited.map(|edited| ("Edited", edited)));
        out.extend(in_force.map.as_ref().map(|map| ("Value map", mapped(map))));
        out.extend(in_force.decided_again(when).map(|again| ("Re-evaluated", again)));
        out.push(("Policy, rank", in_force.committed()));
        let row = in_force.row.zip(in_force.row_words()).map(|(row, words)| format!("Row {row}: {words}."));
        out.extend(row.map(|row| ("Decision table", row)));
        out.extend(in_force.policy_since.as_ref().map(|since| ("Policy since", in_force.since(since, when))));
        out.extend(self.clock.as_ref().map(|clock| ("Stale", stale(clock, when))));
        out.push(("Would win next", self.after()));
        out
    }

    fn after(&self) -> String {
        let next = self.losers.iter().find(|loser| self.next.is_some() && loser.ledger == self.next);
        match next {
            Some(next) => {
                format!("Without it {} would be in force: {}, from {}.", next.name(), next.told(), Shown(&next.source))
            }
            None => "Without it no value would be in force.".into(),
        }
    }
}

impl Candidate {
    /// The name of its ledger entry, else of its item.
    pub fn name(&self) -> String {
        match (self.ledger, self.item) {
            (Some(ledger), _) => Table::Ledger.row_name(ledger),
            (None, item) => Table::SyncItems.row_name(item.unwrap_or_default()),
        }
    }

    /// Why it is not in force, and the row of the decision table that put it where it is.
    pub fn why(&self, when: When) -> String {
        let mut out = self.reason(when);
        if let Some(again) = self.decided_again(when) {
            out.push_str(&format!(" {again}"));
        }
        if let Some((row, words)) = self.row.zip(self.row_words()) {
            // What a person decided since left it elsewhere than the table did.
            let moved = matches!(self.standing, Standing::Waits { reopened: Some(_), .. });
            let row_is = if moved { "It came by row" } else { "Row" };
            out.push_str(&format!(" {row_is} {row}: {words}."));
        }
        if let Some(since) = &self.policy_since {
            out.push_str(&format!(" The policy changed since{}.", by(since.act.as_ref(), when)));
        }
        if let Some(deed) = &self.disposed {
            out.push_str(&format!(" Its values were disposed of on {}.", when(deed.on)));
        }
        out
    }

    /// Why it is not in force.
    pub fn reason(&self, when: When) -> String {
        let entry = |id: i64| Table::Ledger.row_name(id);
        match &self.standing {
            Standing::InForce => "It is in force.".into(),
            Standing::Behind { entry: id, difference, act } => behind(&entry(*id), *difference, act.as_ref(), when),
            Standing::Waits { reopened, left } => {
                let mut out = match reopened {
                    Some(_) => decided("reopened it", reopened.as_ref(), None, when) + " It waits for a reviewer.",
                    None => "It waits for a reviewer.".into(),
                };
                if left.is_some() {
                    let done = "vouched for more than this field and left it for a decision of its own";
                    out.push_str(&format!(" {}", decided(done, left.as_ref(), None, when)));
                }
                out
            }
            Standing::Rejected { act, reason } => decided("rejected it", act.as_ref(), reason.as_deref(), when),
            Standing::Revoked { act, reason } => decided("revoked it", act.as_ref(), reason.as_deref(), when),
            Standing::Superseded { entry: Some(id) } => format!("Its source said something newer, {}.", entry(*id)),
            Standing::Superseded { entry: None } => "Its source went back to the value in force.".into(),
            Standing::ReadAnew { entry: again, act } => {
                let came = again.map_or_else(String::new, |id| format!(" as {}", entry(id)));
                decided(&format!("had what was delivered read anew{came}"), act.as_ref(), None, when)
            }
            Standing::TriedAgain { item, act } => {
                let again = item.map_or_else(String::new, |id| format!(" as {}", Table::SyncItems.row_name(id)));
                decided(&format!("tried it again{again}"), act.as_ref(), None, when)
            }
            Standing::Disposed { act } => decided("disposed of it", act.as_ref(), None, when),
            Standing::TakenBack { act } => decided("took it back", act.as_ref(), None, when),
            Standing::Item { state, message, act } => of_item(*state, message.as_deref(), act.as_ref(), when),
        }
    }

    /// Its status in a word or two; of an item without an entry its state.
    pub fn status_label(&self) -> &'static str {
        match (&self.standing, self.status, self.state) {
            (Standing::TakenBack { .. }, ..) => "Taken back",
            (Standing::TriedAgain { .. }, ..) => "Tried again",
            (_, Some(status), _) => status.label(),
            (_, None, state) => state.map_or("", |state| state.label()),
        }
    }

    /// What would put it in force where nothing is; none if it is done with.
    fn may_come(&self, when: When) -> Option<String> {
        let (name, source) = (self.name(), Shown(&self.source));
        match &self.standing {
            Standing::Waits { .. } => {
                Some(format!("{name} would: {}, from {source}, once it is certified.", self.told()))
            }
            Standing::Item { state, .. } => {
                let (is, then) = match state {
                    ItemState::Held => ("is held since", "once what holds it is mended"),
                    ItemState::Failed => ("failed on", "once it is mended and tried again"),
                    ItemState::Parked => ("is parked, and came on", "once it is taken up again"),
                    _ => return None,
                };
                let raw = quoted(self.raw_value.as_deref());
                Some(format!("{name} may, {then}: {raw}, from {source}, {is} {}.", when(self.source_time)))
            }
            _ => None,
        }
    }

    /// Its value, in quotation marks.
    pub fn told(&self) -> String {
        match &self.disposed {
            Some(_) => "a value that was disposed of since".into(),
            None => quoted(self.value.as_deref()),
        }
    }

    fn vouched(&self, when: When) -> String {
        let name = self.name();
        let pinned = if self.pinned { ", and pinned by a person" } else { "" };
        match (self.status, self.certified_by.as_deref(), self.certified_on) {
            (Some(LedgerStatus::Certified), Some(by), Some(on)) => {
                let attested = self
                    .attested
                    .as_ref()
                    .map(|act| format!(", who vouched for more than this field, operation {}", act.operation));
                format!(
                    "{name} is certified by {} since {}{}{pinned}.",
                    Shown(by),
                    when(on),
                    attested.unwrap_or_default()
                )
            }
            _ => format!("{name} is pending: written, and not certified yet{pinned}."),
        }
    }

    fn delivered(&self, when: When) -> Option<String> {
        let (item, job) = (Table::SyncItems.row_name(self.item?), Table::SyncJobs.row_name(self.job?));
        let key = self.external_key.as_ref().map(|key| format!(" under the key {}", Shown(key)));
        let raw = match &self.disposed {
            Some(_) => String::new(),
            None => format!(" as {}", quoted(self.raw_value.as_deref())),
        };
        let time = when(self.source_time);
        Some(format!("Delivered{raw}{} in {job} of {time}, item {item}.", key.unwrap_or_default()))
    }

    fn committed(&self) -> String {
        let source = Shown(&self.source);
        let reranked = self.reevaluated.as_ref().is_some_and(|again| !again.decided);
        let since = if reranked { " since it was re-evaluated" } else { "" };
        let rank = self
            .rank
            .map_or_else(String::new, |rank| format!("; {source} has the rank {rank}{since}, 0 is the highest"));
        match &self.policy {
            Some(policy) => format!("{}{rank}.", ruled(policy)),
            None => format!("No policy is recorded for it{rank}."),
        }
    }
}

impl Candidate {
    /// Who had it decided on again, and what that did.
    fn decided_again(&self, when: When) -> Option<String> {
        let again = self.reevaluated.as_ref()?;
        let did = decided("re-evaluated it", Some(&again.act), None, when);
        Some(if again.decided { did } else { format!("{did} What is certified stays so, and its rank was renewed.") })
    }

    /// What would decide from now on.
    fn since(&self, since: &PolicySince, when: When) -> String {
        let by = by(since.act.as_ref(), when);
        let now = match &since.now {
            Ok(Some(policy)) => ruled(policy),
            Ok(None) => "no policy speaks of the field".into(),
            Err(cause) => format!("none can be told: {}", cause.trim_end_matches('.')),
        };
        let source = Shown(&self.source);
        let place = match since.place {
            Some(place) if !place.authoritative => format!("; {source} is not authoritative by it"),
            Some(place) => format!("; {source} has the rank {} by it", place.rank),
            None => String::new(),
        };
        format!("The policy changed since{by}: {now}{place}. What is here stays as decided until it is re-evaluated.")
    }
}

/// A value in quotation marks, of which a sentence takes only so much.
fn quoted(value: Option<&str>) -> String {
    let Some(value) = value else { return "nothing".into() };
    let begun: String = value.chars().take(IN_A_SENTENCE).collect();
    match value.chars().count() - begun.chars().count() {
        0 => format!("\"{}\"", Shown(value)),
        more => format!("\"{}…\" ({})", Shown(&begun), counted(more as i64, "more character")),
    }
}

fn mapped(map: &MapUsed) -> String {
    let source = map.source.as_deref().unwrap_or("any source");
    let author = map.author.as_ref().map(|author| format!(", by {}", Shown(author)));
    format!(
        "{} gives \"{}\" of {} in {} the code {}{}.",
        Shown(&map.name),
        Shown(&map.source_code),
        Shown(source),
        Shown(&map.code_list),
        quoted(map.canonical.as_deref()),
        author.unwrap_or_default()
    )
}

fn ruled(policy: &PolicyUsed) -> String {
    let mode = policy.mode.as_deref().unwrap_or("no mode");
    let auto = if policy.auto_certify { "with" } else { "without" };
    let sources = policy.sources.as_ref().map_or_else(String::new, |sources| format!(", sources {}", Shown(sources)));
    format!("{} says {mode} {auto} Auto Certify{sources}", Shown(&policy.name))
}

fn stale(clock: &Clock, when: When) -> String {
    match (clock.stale, clock.stale_on) {
        (Some(true), Some(on)) => format!("Stale since {}.", when(on)),
        (Some(false), Some(on)) => format!("Not stale before {}.", when(on)),
        (None, _) => format!(
            "Whether it was stale is not recorded: its last confirmation before then is not kept. Certified {}.",
            when(clock.confirmed_on)
        ),
        (Some(_), None) => "Never stale.".into(),
    }
}

fn behind(entry: &str, difference: Difference, act: Option<&Deed>, when: When) -> String {
    let because = match difference {
        Difference::Displaced => return format!("{entry} was chosen over it{}.", by(act, when)),
        Difference::Pinned => "is pinned",
        Difference::Rank => "has a higher rank",
        Difference::Certified => "is certified, and this one is not yet",
        Difference::Newer => "is newer",
        Difference::Later => "stands later in its delivery",
        Difference::Source => "has a source that comes first from A to Z",
        Difference::Id => "was entered later",
    };
    format!("{entry} {because}.")
}

/// `, by ada on 2026-11-24, operation 7`; nothing where nobody is known.
fn by(act: Option<&Deed>, when: When) -> String {
    act.map_or_else(String::new, |act| {
        format!(", by {} on {}, operation {}", Shown(&act.by), when(act.on), act.operation)
    })
}

/// Who did it, when, by which operation, and why.
fn decided(done: &str, act: Option<&Deed>, reason: Option<&str>, when: When) -> String {
    let reason = reason.map_or_else(|| ".".into(), |reason| format!(": \"{}\".", Shown(reason)));
    match act {
        Some(act) => format!("{} {done} on {}, operation {}{reason}", Shown(&act.by), when(act.on), act.operation),
        None => format!("Somebody {done}{reason}"),
    }
}

fn of_item(state: ItemState, message: Option<&str>, act: Option<&Deed>, when: When) -> String {
    let said = message.map_or_else(String::new, |message| format!(" {}", Shown(message)));
    let why = act.and_then(|act| act.reason.as_deref());
    match state {
        ItemState::Held => format!("It is held.{said}"),
        ItemState::Failed => format!("It failed.{said}"),
        ItemState::Rejected if message.is_some() => said.trim_start().to_string(),
        ItemState::Superseded if message.is_some() => {
            format!("It was held, and a newer value of its source took its place.{said}")
        }
        ItemState::Superseded => "It came later than a newer value of its source.".into(),
        ItemState::Unchanged => "It said nothing new.".into(),
        ItemState::Parked => decided("parked it", act, why, when),
        ItemState::Closed => decided("closed it for good", act, why, when),
        ItemState::Queued | ItemState::Waiting | ItemState::Applied | ItemState::Rejected => {
            format!("It is {}.{said}", state.label().to_lowercase())
        }
    }
}
