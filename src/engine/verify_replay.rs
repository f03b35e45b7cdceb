//! What only the log as it went on can tell, and the rows as they stand cannot: see the table of [`super::verify`].

use anyhow::Result;

use super::verify_derived::ROWS;
use crate::model::Shown;
use crate::store::{Act, ENGINE_LOGIN, Reader};

/// What does not agree with the log, a sentence each.
pub(super) fn replay(reader: &Reader) -> Result<Vec<String>> {
    let mut lines: Vec<String> =
        reader.certified_by_others(ROWS)?.iter().map(|line| format!("Replay: {}.", Shown(line))).collect();
    reader.each_act(|act| lines.extend(overstepped(act)))?;
    Ok(lines)
}

/// Why the people of an operation could not have done it, if so. A refused one was done by nobody, and an upgrade by the
/// program itself, whoever opened the store with it.
fn overstepped(act: &Act) -> Option<String> {
    let has = |roles: &Option<String>, role: &str| {
        roles.as_deref().is_some_and(|roles| roles.split(',').any(|given| given.trim() == role))
    };
    let lacking = |login: &str, role: &str| {
        let (login, role) = (Shown(login), Shown(role));
        Some(format!("Replay: operation {}: {login} was not an active user with the role {role} then.", act.seq))
    };
    match &act.on_behalf_of {
        _ if act.kind == "refused" => None,
        // The program brings a store up to date by itself, whoever opens it.
        _ if act.kind == "upgrade" && act.actor == ENGINE_LOGIN => None,
        Some(_) if !has(&act.actor_roles, "admin") => lacking(&act.actor, "admin"),
        person if !has(&act.person_roles, &act.role) => lacking(person.as_ref().unwrap_or(&act.actor), &act.role),
        _ => None,
    }
}
