//! `steward families`

use std::io::Write;

use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use serde_json::json;

use crate::engine::suggest::{Deck, Method, families};
use crate::exchange::json_line;
use crate::model::Shown;
use crate::model::text::counted;
use crate::store::WaitingCode;

use super::failure::Done;
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Families {
    /// The code list for which codes wait
    #[arg(long, value_name = "LIST")]
    list: String,
    /// How labels are put together: spelling (fingerprint or ngram), fingerprint, ngram, nearest
    #[arg(long, value_name = "METHOD", value_parser = method(), default_value = "spelling")]
    method: Method,
    /// One JSON object a line, one family each
    #[arg(long)]
    json: bool,
}

fn method() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(Method::name))
        .map(|name| Method::ALL.into_iter().find(|method| method.name() == name).unwrap_or(Method::Spelling))
}

impl Families {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let deck = Deck::read(&session.reader()?, &self.list)?;
        let cards = deck.cards();
        let labels: Vec<&str> = cards.iter().map(|card| card.label.as_deref().unwrap_or(&card.code)).collect();
        let mut found: Vec<Vec<&WaitingCode>> = families(&labels, self.method)
            .into_iter()
            .map(|members| members.into_iter().map(|at| &cards[at]).collect())
            .collect();
        found.sort_by_key(|family| std::cmp::Reverse(items(family)));
        for family in &found {
            if self.json {
                json_line(out, &object(self.method, family))?;
            } else {
                write_for_people(family, out)?;
            }
        }
        if !self.json && found.is_empty() {
            super::report::say(&format!("No two codes that wait in {} are one family.", Shown(deck.list())));
        }
        Ok(())
    }
}

fn items(family: &[&WaitingCode]) -> i64 {
    family.iter().map(|card| card.waiting).sum()
}

fn object(method: Method, family: &[&WaitingCode]) -> serde_json::Value {
    let members: Vec<_> = family
        .iter()
        .map(|card| {
            json!({
                "map_id": card.name,
                "source_system_key": card.source,
                "source_code": card.code,
                "source_label": card.label,
                "waiting": card.waiting,
            })
        })
        .collect();
    json!({"method": method.name(), "waiting": items(family), "members": members})
}

fn write_for_people(family: &[&WaitingCode], out: &mut dyn Write) -> Done {
    writeln!(out, "{}, {}", counted(family.len() as i64, "spelling"), counted(items(family), "item"))?;
    for card in family {
        let (name, code) = (Shown(&card.name), Shown(&card.code));
        writeln!(out, "  {name}  {code}  ({})", counted(card.waiting, "item"))?;
    }
    Ok(())
}
