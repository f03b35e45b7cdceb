//! Canonical bytes and Merkle trees: what the operation log hashes (store.md, "The operation log").
//!
//! # Format
//! Canonical bytes are a format tag, then each value as one type byte and its content:
//!
//! | type | content |
//! | --- | --- |
//! | `N` | nothing: NULL, which is not an empty text |
//! | `I` | 8 bytes, big-endian two's complement |
//! | `T` | 4 bytes of length, big-endian, then UTF-8 as stored, not normalised |
//! | `B` | 4 bytes of length, big-endian, then the bytes |
//!
//! The tag is a `T` value too. A leaf is SHA-256(0x00 ‖ canonical bytes), an inner node SHA-256(0x01 ‖ left ‖ right), and
//! the tree splits at the largest power of two below its size, as in RFC 6962, section 2.1. No leaves hash to SHA-256("").

use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

pub(super) type Hash = [u8; 32];

/// Collects canonical bytes; one buffer serves many rows.
#[derive(Default)]
pub(super) struct Canonical {
    bytes: Vec<u8>,
}

impl Canonical {
    /// Begins anew with the format tag; the leading byte is that of a leaf.
    pub fn begin(&mut self, tag: &str) -> &mut Self {
        self.bytes.clear();
        self.bytes.push(0);
        self.text(tag)
    }

    pub fn null(&mut self) -> &mut Self {
        self.bytes.push(b'N');
        self
    }

    pub fn int(&mut self, n: i64) -> &mut Self {
        self.bytes.push(b'I');
        self.bytes.extend_from_slice(&n.to_be_bytes());
        self
    }

    pub fn text(&mut self, text: &str) -> &mut Self {
        self.sized(b'T', text.as_bytes())
    }

    pub fn blob(&mut self, bytes: &[u8]) -> &mut Self {
        self.sized(b'B', bytes)
    }

    pub fn optional_text(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    pub fn optional_int(&mut self, n: Option<i64>) -> &mut Self {
        match n {
            Some(n) => self.int(n),
            None => self.null(),
        }
    }

    /// A stored value. The schema is STRICT and has no REAL column; one would count by its bits.
    pub fn value(&mut self, value: ValueRef) -> &mut Self {
        match value {
            ValueRef::Null => self.null(),
            ValueRef::Integer(n) => self.int(n),
            ValueRef::Real(x) => self.sized(b'R', &x.to_bits().to_be_bytes()),
            ValueRef::Text(bytes) => self.sized(b'T', bytes),
            ValueRef::Blob(bytes) => self.blob(bytes),
        }
    }

    fn sized(&mut self, kind: u8, bytes: &[u8]) -> &mut Self {
        self.bytes.push(kind);
        // Connections limit a value to far less than 4 GiB.
        self.bytes.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// What was collected, the format tag first, without the leaf byte.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[1..]
    }

    /// The leaf of canonical bytes that come from elsewhere.
    pub fn leaf_of(content: &[u8]) -> Hash {
        Sha256::new_with_prefix([0]).chain_update(content).finalize().into()
    }

    /// SHA-256 of the leaf byte and what was collected.
    pub fn hash(&self) -> Hash {
        Sha256::digest(&self.bytes).into()
    }
}

/// The root of a growing Merkle tree, in memory that grows with the logarithm of its size.
#[derive(Default)]
pub(super) struct Merkle {
    /// Roots of complete subtrees from the left with their numbers of leaves, each a smaller power of two.
    subtrees: Vec<(u64, Hash)>,
}

impl Merkle {
    pub fn push(&mut self, leaf: Hash) {
        let mut size = 1;
        let mut root = leaf;
        while let Some(&(left_size, left)) = self.subtrees.last() {
            if left_size != size {
                break;
            }
            self.subtrees.pop();
            root = node(&left, &root);
            size *= 2;
        }
        self.subtrees.push((size, root));
    }

    pub fn root(&self) -> Hash {
        let mut from_right = self.subtrees.iter().rev().map(|(_, hash)| *hash);
        match from_right.next() {
            None => Sha256::digest([]).into(),
            Some(last) => from_right.fold(last, |right, left| node(&left, &right)),
        }
    }
}

/// The root over some leaves.
pub(super) fn root(leaves: &[Hash]) -> Hash {
    let mut tree = Merkle::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

/// The hashes that lead from a leaf to the root, the nearest first: PATH of RFC 6962, section 2.1.1.
pub(super) fn audit_path(leaves: &[Hash], at: usize) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, sibling) = match at.checked_sub(left.len()) {
        None => (audit_path(left, at), root(right)),
        Some(at) => (audit_path(right, at), root(left)),
    };
    path.push(sibling);
    path
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// The root that an audit path leads to (RFC 9162, section 2.1.3.2): the index's bits say on which side each hash of the path
/// stands. None where its length does not fit.
pub(super) fn root_by(path: &[Hash], leaf: Hash, at: usize, size: usize) -> Option<Hash> {
    let (mut at, mut last, mut root) = (at, size.checked_sub(1)?, leaf);
    for hash in path {
        if last == 0 {
            return None;
        }
        if at % 2 == 1 || at == last {
            root = node(hash, &root);
            while at.is_multiple_of(2) && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            root = node(&root, hash);
        }
        (at, last) = (at / 2, last / 2);
    }
    (last == 0).then_some(root)
}

/// A hash as hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The bytes of hex digits.
pub(super) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|n| u8::try_from(n).ok());
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// A value of canonical bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl Part<'_> {
    /// As changes hold it; a blob as hex digits.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Part::Null => serde_json::Value::Null,
            Part::Int(n) => (*n).into(),
            Part::Text(text) => (*text).into(),
            Part::Blob(bytes) => hex(bytes).into(),
        }
    }
}

/// The values that canonical bytes are made of, the format tag first; none where they are made otherwise.
pub(super) fn parts(mut bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let mut out = Vec::new();
    while let Some((kind, rest)) = bytes.split_first() {
        let part;
        (part, bytes) = match kind {
            b'N' => (Part::Null, rest),
            b'I' => {
                let (number, rest) = rest.split_first_chunk()?;
                (Part::Int(i64::from_be_bytes(*number)), rest)
            }
            b'T' | b'B' => {
                let (length, rest) = rest.split_first_chunk()?;
                let (content, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
                let text = || std::str::from_utf8(content).ok().map(Part::Text);
                (if *kind == b'T' { text()? } else { Part::Blob(content) }, rest)
            }
            _ => return None,
        };
        out.push(part);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962's definition, word for word.
    fn reference(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node(&reference(&leaves[..split]), &reference(&leaves[split..]))
            }
        }
    }

    #[test]
    fn the_growing_tree_has_the_root_that_the_rfc_defines() {
        let mut tree = Merkle::default();
        let mut leaves = Vec::new();
        for n in 0..70 {
            assert_eq!(tree.root(), reference(&leaves), "{n} leaves");
            let leaf = Canonical::default().begin("test").int(n).hash();
            leaves.push(leaf);
            tree.push(leaf);
        }
    }

    #[test]
    fn every_audit_path_leads_to_the_root() {
        let leaves: Vec<Hash> = (0..33).map(|n| Canonical::default().begin("test").int(n).hash()).collect();
        for size in 1..=leaves.len() {
            let leaves = &leaves[..size];
            for at in 0..size {
                let found = root_by(&audit_path(leaves, at), leaves[at], at, size);
                assert_eq!(found, Some(root(leaves)), "{at} of {size}");
                assert_eq!(root_by(&[], leaves[at], at, size).is_some(), size == 1);
            }
        }
    }

    #[test]
    fn canonical_bytes_are_taken_apart_again_or_not_at_all() {
        let mut canonical = Canonical::default();
        canonical.begin("t").null().int(-7).text("é").blob(&[1, 255]);
        let bytes = canonical.bytes();
        let expected = [Part::Text("t"), Part::Null, Part::Int(-7), Part::Text("é"), Part::Blob(&[1, 255])];
        assert_eq!(parts(bytes).unwrap(), expected);
        assert_eq!(unhex(&hex(bytes)).unwrap(), bytes);
        for end in 1..bytes.len() {
            assert!(parts(&bytes[..end]).is_none_or(|parts| parts.len() < expected.len()), "{end}");
        }
        for wrong in ["0", "0g", "é", "+1"] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn null_empty_and_neighbouring_values_do_not_collide() {
        let hash = |write: &dyn Fn(&mut Canonical)| {
            let mut canonical = Canonical::default();
            write(canonical.begin("t"));
            canonical.hash()
        };
        let mut hashes = vec![
            hash(&|c| {
                c.null();
            }),
            hash(&|c| {
                c.text("");
            }),
            hash(&|c| {
                c.blob(b"");
            }),
            hash(&|c| {
                c.int(0);
            }),
            hash(&|c| {
                c.text("ab").text("c");
            }),
            hash(&|c| {
                c.text("a").text("bc");
            }),
        ];
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), 6);
    }
}
