//! Who is at the keyboard, as the system's kernel says it.

use nix::unistd::{Uid, User, getuid};

use crate::engine::Actor;

use super::failure::Failure;

/// The operating system's user, whatever the environment says; a uid without a name stands for itself.
///
/// # Errors
/// What the program is told of its user is not what the kernel says: something stands in between.
pub(super) fn actor(on_behalf_of: Option<String>) -> Result<Actor, Failure> {
    let uid = getuid();
    let read = |name: &str| std::fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
    if let Some(kernels) = uids(&read("status"))
        && kernels != [uid.as_raw(); 4]
    {
        return Err(Failure::new(format!(
            "The program is told that its user is {uid}, and the kernel says {} (real, effective, saved, file system). \
             Nothing was done: start steward without what stands in between (LD_PRELOAD, set-user-id).",
            kernels.map(|id| id.to_string()).join(", ")
        )));
    }
    let mapped_from = outside(&read("uid_map"), uid.as_raw());
    Ok(Actor { login: login(uid), on_behalf_of, mapped_from })
}

fn login(uid: Uid) -> String {
    match User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}

/// The real, effective and saved uid and the one for files, of `/proc/self/status`.
fn uids(status: &str) -> Option<[u32; 4]> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    let ids: Vec<u32> = line.split_whitespace().map_while(|id| id.parse().ok()).collect();
    ids.try_into().ok()
}

/// What a uid is outside of a user namespace, by its `/proc/self/uid_map`; none in the first namespace, whose map leaves
/// every uid as it is.
fn outside(map: &str, uid: u32) -> Option<String> {
    let lines: Vec<Vec<u32>> =
        map.lines().map(|line| line.split_whitespace().filter_map(|number| number.parse().ok()).collect()).collect();
    if lines.is_empty() || lines == [[0, 0, u32::MAX]] {
        return None;
    }
    let found = lines.iter().find_map(|line| match line.as_slice() {
        [inside, outside, length] => uid.checked_sub(*inside).filter(|at| at < length)?.checked_add(*outside),
        _ => None,
    });
    Some(found.map_or_else(|| "an unknown uid".into(), |id| format!("uid {id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_mapped_where_the_map_is_not_the_first_namespaces() {
        let cases: [(&str, &str, u32, Option<&str>); 7] = [
            ("the first namespace", "         0          0 4294967295\n", 7, None),
            ("no /proc", "", 7, None),
            ("one user as root", "0 1000 1\n", 0, Some("uid 1000")),
            ("one user as another", "1001 1000 1\n", 1001, Some("uid 1000")),
            ("a container's", "0 1000 1\n1 100000 65536\n", 7, Some("uid 100006")),
            ("the same number", "7 7 1\n", 7, Some("uid 7")),
            ("not in the map", "0 1000 1\n", 65534, Some("an unknown uid")),
        ];
        for (name, map, uid, expected) in cases {
            assert_eq!(outside(map, uid).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn the_kernels_uids_are_read_or_not_taken_for_any() {
        assert_eq!(uids("Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t5\t5\t5\n"), Some([1, 2, 3, 4]));
        for text in ["", "Uid:\t1\t2\t3\n", "Uid:\tx\n", "Gid:\t1\t1\t1\t1\n"] {
            assert_eq!(uids(text), None, "{text:?}");
        }
    }
}
