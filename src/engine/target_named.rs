//! Which record a person means by what they wrote for one (engine.md, "Identifiers"): its id, or a source's key for it as
//! SOURCE:KEY. What names no record is refused unless it is said to be new: a slip of the pen would make a record of its own.

use uuid::Uuid;

use super::import_row::Fields;
use super::{Error, Operation};
use crate::model::Shown;
use crate::model::choice::YesNo;
use crate::model::table::NEW_TARGET;
use crate::model::text::counted;
use crate::store::IdentifierRow;

/// How many of the records that a source knows by a second key are named.
const NAMED: usize = 3;

/// Records that one source would know by two keys.
#[derive(Debug, Default)]
pub(super) struct SecondKeys {
    records: i64,
    /// The first of them, in words.
    named: Vec<String>,
}

impl SecondKeys {
    /// What is to be looked at before it is done.
    pub fn told(self) -> Vec<String> {
        let more = self.records - self.named.len() as i64;
        let more = (more > 0).then(|| format!("And so it is with {} more.", counted(more, "record")));
        self.named.into_iter().chain(more).collect()
    }
}

impl Operation<'_, '_> {
    /// The id of the record that is given; none where nothing is given and nobody says that it is new. `own` is the
    /// identifier that is edited: what it alone names is not known by that.
    pub(super) fn target_named(
        &self,
        own: i64,
        table: &str,
        given: Option<String>,
        fields: &Fields,
    ) -> Result<Option<String>, Error> {
        let new = fields.choice(NEW_TARGET.name, YesNo::SET)? == Some(YesNo::Yes.code());
        let Some(text) = given else {
            return Ok(new.then(|| self.write.new_id().to_string()));
        };
        if self.write.knows_target(own, table, &text)? {
            return Ok(Some(text));
        }
        // A GUID is one in capitals and in braces, too.
        if let Some(id) = Uuid::parse_str(text.trim()).ok().map(|guid| guid.to_string())
            && self.write.knows_target(own, table, &id)?
        {
            return Ok(Some(id));
        }
        match self.target_of_key(table, &text, fields)? {
            Some(target) => Ok(Some(target)),
            None if new => Ok(Some(text)),
            None => {
                let (table, text) = (Shown(table), Shown(&text));
                let problem = format!(
                    "no {table} that the store knows is called {text}. Say that it is new (--new, or in a form {}), or give \
                     its id or a key of it as SOURCE:KEY.",
                    NEW_TARGET.title
                );
                Err(fields.invalid("target_id", problem).into())
            }
        }
    }

    /// The record that a source's key stands for, where the text is one; a key that the source does not have is none that a
    /// new record would be called by.
    fn target_of_key(&self, table: &str, text: &str, fields: &Fields) -> Result<Option<String>, Error> {
        let mut unknown = None;
        // A source's name and a key may themselves hold colons, so that each may be the one between them.
        for (at, _) in text.match_indices(':') {
            let (source, key) = (&text[..at], &text[at + 1..]);
            let Some(source) = self.write.known_spelling("source", source)? else { continue };
            let mut targets: Vec<Option<String>> =
                self.write.identifiers(&source, table, &[key])?.into_iter().map(|found| found.target_id).collect();
            targets.sort();
            targets.dedup();
            match targets.as_slice() {
                [Some(target)] => return Ok(Some(target.clone())),
                [] => unknown = Some(format!("{} has no key {} for a {}", Shown(&source), Shown(key), Shown(table))),
                [None] => unknown = Some(format!("{} stands for no record", Shown(text))),
                _ => unknown = Some(format!("{} has two targets (ST041); give the id of one", Shown(text))),
            }
        }
        match unknown {
            Some(problem) => Err(fields.invalid("target_id", format!("{problem}.")).into()),
            None => Ok(None),
        }
    }

    /// Notes where a source comes to know a record by a second key: most often these are two people, or two records that a
    /// person thinks are one.
    pub(super) fn note_second_key(&mut self, id: i64, row: &IdentifierRow) -> Result<(), Error> {
        let Some(target) = &row.target_id else { return Ok(()) };
        let others = self.write.other_keys(id, row)?;
        let Some((name, key)) = others.first() else { return Ok(()) };
        let second_keys = &mut self.effects.second_keys;
        second_keys.records += 1;
        if second_keys.named.len() < NAMED {
            let (source, table, target) = (Shown(&row.source), Shown(&row.target_table), Shown(target));
            let (key, own) = (Shown(key), Shown(&row.external_key));
            let more = match others.len() {
                1 => String::new(),
                n => format!(" and {} more", n - 1),
            };
            second_keys.named.push(format!(
                "{source} would know one {table} as {key} ({}{more}) and as {own}, by two keys: {target}. Are they one?",
                Shown(name)
            ));
        }
        Ok(())
    }
}
