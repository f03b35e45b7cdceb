//! What the log says as it goes on and the rows alone do not: versions, who changed a row last and when; who certified, and
//! who was allowed to act (`verify --replay`).

use std::collections::BTreeMap;

use anyhow::Result;

use super::audit::lines;
use super::chunks::TAKES_BACK;
use super::logged::{LOGGED, Logged, USER};
use super::reader::Reader;
use super::write::ENGINE_USER;

/// An operation as the question sees it whether its person was allowed to act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub seq: i64,
    pub kind: String,
    pub actor: String,
    pub on_behalf_of: Option<String>,
    /// The role it was done in.
    pub role: String,
    /// The roles that the actor, and the person they acted for, then had; none for somebody unknown or not active.
    pub actor_roles: Option<String>,
    pub person_roles: Option<String>,
}

/// A person from one operation until another; as they now are, without end.
#[derive(Clone)]
struct Stay {
    from: i64,
    until: i64,
    login: String,
    roles: String,
    active: bool,
}

impl Reader {
    /// Rows whose version or last change is not the one of the log, a sentence without its full stop each.
    pub fn unlike_their_changes(&self, limit: usize) -> Result<Vec<String>> {
        let mut out = Vec::new();
        for logged in LOGGED {
            out.extend(lines(self, &versions(logged, limit))?);
            if logged.stamped() {
                out.extend(lines(self, &stamps(logged, limit))?);
            }
        }
        Ok(out)
    }

    /// Operations that name somebody else as having certified an entry, a sentence without its full stop each.
    pub fn certified_by_others(&self, limit: usize) -> Result<Vec<String>> {
        lines(self, &certifications(limit))
    }

    /// Calls `check` with each operation and what its people were then allowed.
    pub fn each_act(&self, mut check: impl FnMut(&Act)) -> Result<()> {
        let stays = self.stays()?;
        let mut statement =
            self.conn.prepare("SELECT seq, kind, actor, on_behalf_of, role FROM operation ORDER BY seq")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (seq, actor, on_behalf_of): (i64, String, Option<String>) = (row.get(0)?, row.get(2)?, row.get(3)?);
            let roles = |login: &str| roles_then(&stays, seq, login);
            check(&Act {
                seq,
                kind: row.get(1)?,
                role: row.get(4)?,
                actor_roles: roles(&actor),
                person_roles: roles(on_behalf_of.as_deref().unwrap_or(&actor)),
                actor,
                on_behalf_of,
            });
        }
        Ok(())
    }

    /// All people with what was true of them when; few, unlike everything else that is logged.
    fn stays(&self) -> Result<Vec<Stay>> {
        let mut now = BTreeMap::new();
        let mut statement = self.conn.prepare(&format!(
            "SELECT u.id, u.login, u.roles, u.active,
                    (SELECT o.seq FROM operation AS o, json_each(o.rows_created) AS r
                     WHERE r.value ->> 0 = '{}' AND u.id BETWEEN r.value ->> 1 AND r.value ->> 2)
             FROM system_user AS u",
            USER.name
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let from = row.get::<_, Option<i64>>(4)?.unwrap_or(i64::MAX);
            let stay = Stay { from, until: i64::MAX, login: row.get(1)?, roles: row.get(2)?, active: row.get(3)? };
            now.insert(row.get::<_, i64>(0)?, stay);
        }
        let mut out = Vec::new();
        let mut statement = self.conn.prepare(&format!(
            "SELECT seq, row_id, before ->> 'login', before ->> 'roles', before ->> 'active' FROM operation_change
             WHERE table_name = '{}' ORDER BY seq DESC, ordinal DESC",
            USER.name
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let Some(stay) = now.get_mut(&row.get::<_, i64>(1)?) else { continue };
            let changed: i64 = row.get(0)?;
            // Whoever changes their own roles still acts in the old ones.
            out.push(Stay { from: changed + 1, ..stay.clone() });
            stay.until = changed;
            stay.login = row.get::<_, Option<String>>(2)?.unwrap_or_else(|| stay.login.clone());
            stay.roles = row.get::<_, Option<String>>(3)?.unwrap_or_else(|| stay.roles.clone());
            stay.active = row.get::<_, Option<bool>>(4)?.unwrap_or(stay.active);
        }
        out.extend(now.into_values());
        Ok(out)
    }
}

fn roles_then(stays: &[Stay], seq: i64, login: &str) -> Option<String> {
    let then = |stay: &&Stay| (stay.from..=stay.until).contains(&seq) && stay.login == login && stay.active;
    stays.iter().find(then).map(|stay| stay.roles.clone())
}

/// A row's version is 1 and one more for each of its changes; a disposal counts as one.
fn versions(logged: &Logged, limit: usize) -> String {
    let name = logged.name;
    format!(
        "SELECT printf('row %d of {name} has the version %d, and the log tells of %d changes', t.id, t.row_version, coalesce(c.n, 0))
         FROM {name} AS t LEFT JOIN ({}) AS c ON c.row_id = t.id
         WHERE t.row_version <> 1 + coalesce(c.n, 0) LIMIT {limit}",
        last_changes(name)
    )
}

/// A row was last modified by its last change, or when it was made.
fn stamps(logged: &Logged, limit: usize) -> String {
    let name = logged.name;
    format!(
        "SELECT printf('row %d of {name} names another last change than the log', t.id)
         FROM {name} AS t LEFT JOIN ({}) AS c ON c.row_id = t.id LEFT JOIN operation AS o ON o.seq = c.seq
         LEFT JOIN system_user AS u ON u.login = coalesce(o.on_behalf_of, o.actor)
         WHERE t.modified_on <> coalesce(o.at, t.created_on)
            OR t.modified_by <> CASE WHEN c.seq IS NULL THEN t.created_by ELSE coalesce(u.id, t.modified_by) END
         LIMIT {limit}",
        last_changes(name)
    )
}

fn last_changes(name: &str) -> String {
    format!(
        "SELECT row_id, count(*) AS n, max(seq) AS seq
         FROM (SELECT row_id, seq FROM operation_change WHERE table_name = '{name}'
               UNION ALL SELECT row_id, seq FROM disposed WHERE table_name = '{name}') GROUP BY row_id"
    )
}

/// Whoever is named as having certified an entry did it in that operation, or the engine did. An undo, and each of the
/// operations that it consists of, puts back what an older operation said.
fn certifications(limit: usize) -> String {
    format!(
        "SELECT printf('operation %d names somebody else as having certified row %d of integration_ledger', c.seq, c.row_id)
         FROM operation_change AS c JOIN operation AS o ON o.seq = c.seq
         LEFT JOIN system_user AS u ON u.login = coalesce(o.on_behalf_of, o.actor)
         WHERE c.table_name = 'integration_ledger' AND o.kind <> 'undo'
           AND NOT (o.kind = 'part' AND o.reason GLOB '{TAKES_BACK}*')
           AND c.after ->> 'certified_by' NOT IN ({ENGINE_USER}, coalesce(u.id, c.after ->> 'certified_by'))
         LIMIT {limit}"
    )
}
