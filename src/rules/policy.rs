//! Which commit policy governs a field (engine.md, step 5).

pub use crate::model::fact::Policy;

use super::name;
use super::ranking::Ranking;
use crate::model::choice::{CommitMode, YesNo};
use crate::model::code::{self, Code};

/// The policy in force for a field, ready to use.
///
/// The default, for a field that no policy speaks of: On Certify, no auto certify, all sources equal, never stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The policy's row, if there is one.
    pub id: Option<i64>,
    pub mode: CommitMode,
    pub auto_certify: bool,
    pub ranking: Ranking,
    pub stale_after_days: Option<i64>,
}

impl Default for Applied {
    fn default() -> Applied {
        Applied {
            id: None,
            mode: CommitMode::OnCertify,
            auto_certify: false,
            ranking: Ranking::default(),
            stale_after_days: None,
        }
    }
}

/// How closely a policy speaks of a field, the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    TableAndField,
    Table,
    FieldOfEveryTable,
    Everything,
}

/// The policy in force for `field` of `table`: (table, field), then (table, blank or `*`), then table `*`, there too a
/// row that names the field before one that does not. Names compare without case.
///
/// # Errors
///
/// `ST030` where two policies share that level, `ST031` where the policy's authoritative sources cannot be read.
pub fn choose(policies: &[Policy], table: &str, field: &str) -> Result<Applied, &'static Code> {
    let levelled = || policies.iter().filter_map(|policy| Some((level(policy, table, field)?, policy)));
    let Some((closest, policy)) = levelled().min_by_key(|(level, _)| *level) else {
        return Ok(Applied::default());
    };
    if levelled().filter(|(level, _)| *level == closest).count() > 1 {
        return Err(code::TWO_POLICIES);
    }
    applied(policy)
}

/// None: the policy does not speak of the field.
fn level(policy: &Policy, table: &str, field: &str) -> Option<Level> {
    let every_table = policy.target_table.trim() == "*";
    let every_field = name::is_any(policy.field_name.as_deref());
    let is_table = every_table || name::same(&policy.target_table, table);
    let is_field = every_field || policy.field_name.as_deref().is_some_and(|named| name::same(named, field));
    if !(is_table && is_field) {
        return None;
    }
    Some(match (every_table, every_field) {
        (false, false) => Level::TableAndField,
        (false, true) => Level::Table,
        (true, false) => Level::FieldOfEveryTable,
        (true, true) => Level::Everything,
    })
}

/// A policy without a mode has only its stale clock: it commits nothing, as if there were no policy. Its ranking is
/// read all the same, so that a mistake in it is seen before a mode makes it count.
fn applied(policy: &Policy) -> Result<Applied, &'static Code> {
    let text = policy.authoritative_sources.as_deref().unwrap_or_default();
    let ranking = Ranking::parse(text).map_err(|_| code::BAD_RANKING)?;
    let commits = Applied { id: Some(policy.id), stale_after_days: policy.stale_after_days, ..Applied::default() };
    Ok(match policy.mode {
        None => commits,
        Some(mode) => Applied { mode, auto_certify: policy.auto_certify == Some(YesNo::Yes), ranking, ..commits },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(id: i64, table: &str, field: Option<&str>) -> Policy {
        Policy {
            id,
            target_table: table.to_owned(),
            field_name: field.map(str::to_owned),
            mode: Some(CommitMode::OnIngest),
            auto_certify: Some(YesNo::Yes),
            authoritative_sources: None,
            stale_after_days: None,
        }
    }

    /// Step 5, the policy for `contact.email` among (id, table, field).
    #[test]
    fn step_5_levels() {
        type Rows = &'static [(i64, &'static str, Option<&'static str>)];
        type Chosen = Result<Option<i64>, &'static Code>;
        let cases: &[(&str, Rows, Chosen)] = &[
            ("no policy", &[], Ok(None)),
            (
                "none that fits",
                &[(1, "account", None), (2, "contact", Some("phone")), (3, "*", Some("phone"))],
                Ok(None),
            ),
            (
                "the field comes first",
                &[(1, "*", None), (2, "contact", None), (3, "contact", Some("email"))],
                Ok(Some(3)),
            ),
            ("then the table, field blank", &[(1, "*", None), (2, "contact", Some(" "))], Ok(Some(2))),
            ("then the table, field *", &[(1, "*", None), (2, "contact", Some("*"))], Ok(Some(2))),
            (
                "the table before the field of every table",
                &[(1, "*", Some("email")), (2, "contact", None)],
                Ok(Some(2)),
            ),
            ("the field of every table before everything", &[(1, "*", None), (2, "*", Some("email"))], Ok(Some(2))),
            ("then everything", &[(1, "*", None), (2, "account", None)], Ok(Some(1))),
            ("names compare without case", &[(1, "CONTACT", Some("eMail"))], Ok(Some(1))),
            (
                "two for a field",
                &[(1, "contact", Some("email")), (2, "Contact", Some("EMAIL"))],
                Err(code::TWO_POLICIES),
            ),
            (
                "two for a table, blank and *",
                &[(1, "contact", None), (2, "contact", Some("*"))],
                Err(code::TWO_POLICIES),
            ),
            ("two for everything", &[(1, "*", None), (2, "*", Some("*"))], Err(code::TWO_POLICIES)),
            (
                "two at a level that does not count",
                &[(1, "*", None), (2, "*", None), (3, "contact", None)],
                Ok(Some(3)),
            ),
        ];
        for (case, rows, expected) in cases {
            let policies: Vec<_> = rows.iter().map(|(id, table, field)| policy(*id, table, *field)).collect();
            let chosen = choose(&policies, "contact", "email").map(|applied| applied.id);
            assert_eq!(chosen, *expected, "{case}");
        }
    }

    #[test]
    fn step_5_contents() {
        let ranked = |text: &str| Some(text.to_owned());
        let full = Policy {
            authoritative_sources: ranked("HR > *"),
            stale_after_days: Some(30),
            ..policy(7, "contact", None)
        };
        let applied = Applied {
            id: Some(7),
            mode: CommitMode::OnIngest,
            auto_certify: true,
            ranking: Ranking::parse("HR > *").expect("a ranking"),
            stale_after_days: Some(30),
        };
        let cases: Vec<(&str, Policy, Result<Applied, &Code>)> = vec![
            ("all that it says", full.clone(), Ok(applied.clone())),
            (
                "a blank auto certify is No",
                Policy { auto_certify: None, ..full.clone() },
                Ok(Applied { auto_certify: false, ..applied.clone() }),
            ),
            (
                "blank sources are all equal",
                Policy { authoritative_sources: None, ..full.clone() },
                Ok(Applied { ranking: Ranking::default(), ..applied.clone() }),
            ),
            (
                "a blank mode is the default, with the policy's stale clock",
                Policy { mode: None, ..full.clone() },
                Ok(Applied { id: Some(7), stale_after_days: Some(30), ..Applied::default() }),
            ),
            (
                "a ranking that cannot be read",
                Policy { authoritative_sources: ranked("HR > > FIN"), ..full.clone() },
                Err(code::BAD_RANKING),
            ),
            (
                "a ranking that cannot be read, without a mode",
                Policy { authoritative_sources: ranked("HR, HR"), mode: None, ..full },
                Err(code::BAD_RANKING),
            ),
        ];
        for (case, policy, expected) in cases {
            assert_eq!(choose(&[policy], "contact", "email"), expected, "{case}");
        }
    }

    #[test]
    fn an_unreadable_ranking_counts_only_where_its_policy_is_chosen() {
        let broken = Policy { authoritative_sources: Some(">".to_owned()), ..policy(1, "*", None) };
        let chosen = choose(&[broken, policy(2, "contact", None)], "contact", "email");
        assert_eq!(chosen.map(|applied| applied.id), Ok(Some(2)));
    }
}
