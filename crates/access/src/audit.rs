use crate::context::Context;
use crate::store::audit::{self as store, Line};
use db::{Db, DbError, Tx};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What the first line of every chain names as the hash before it.
const ORIGIN: [u8; 32] = [0; 32];

/// Adds a line to the audit of a tenant, in the transaction of the act itself, chained by hash to the line before.
///
/// `act` is a stable word such as `figure.accept`; `subject` names what was acted upon; `detail` says the rest.
/// Takes the tenant's lock (see [`lock_tenant`]), so call it as late in the transaction as the work allows.
///
/// # Errors
/// What the database says; the transaction must then be given up.
pub async fn audit(tx: &mut Tx, ctx: &Context, tenant: Uuid, act: &str, subject: &str, detail: serde_json::Value) -> Result<(), DbError> {
    debug_assert!(crate::acts::known(act), "{act} has no words in acts.rs");
    let next = match store::step(tx, tenant).await? {
        Some(next) => Some(next),
        None => {
            store::begin(tx, tenant, &ORIGIN).await?;
            store::step(tx, tenant).await?
        }
    };
    let Some((seq, prev_hash)) = next else {
        return Err(DbError::defect("the chain of a tenant cannot be begun"));
    };
    let mut line = Line {
        seq,
        at: ctx.at.as_microsecond(),
        who_id: ctx.account_id(),
        who_name: ctx.author_name().to_owned(),
        act: act.to_owned(),
        // PostgreSQL keeps no NUL in texts; in JSON it is an escape.
        subject: subject.replace('\0', ""),
        detail: detail.to_string(),
        prev_hash,
        hash: Vec::new(),
        origin: origin(ctx),
        capacity: capacity(ctx),
        salt: salt()?,
        content_hash: Vec::new(),
        erased_at: None,
    };
    line.content_hash = content_hash(&line).to_vec();
    line.hash = seal(tenant, &line).to_vec();
    store::add(tx, tenant, line).await
}

/// Takes the lock that serialises the writers of one tenant until the transaction ends.
/// Take it first when a transaction reads what it will then decide upon.
///
/// # Errors
/// [`DbError::Busy`] when another writer holds it for too long.
pub async fn lock_tenant(tx: &mut Tx, tenant: Uuid) -> Result<(), DbError> {
    if !store::hold(tx, tenant).await? {
        store::begin(tx, tenant, &ORIGIN).await?;
        store::hold(tx, tenant).await?;
    }
    Ok(())
}

/// What a check of a chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditCheck {
    /// Lines read.
    pub lines: i64,
    /// Number of the first line that does not fit: changed, missing, or cut off at the end.
    pub broken_at: Option<i64>,
}

/// Reads the whole audit of a tenant and recomputes the chain.
///
/// # Errors
/// What the database says.
pub async fn verify_audit(db: &Db, tenant: Uuid) -> Result<AuditCheck, DbError> {
    // The head is read first: lines written meanwhile lie beyond it and are not a break.
    let head = store::head(db, tenant).await?;
    let mut chain = Chain::default();
    store::lines(db, tenant, |line| chain.take(tenant, &line)).await?;
    // Contents that vanished without an act that says so.
    let vanished = chain.erased.first().copied();
    let mut broken_at = match (chain.broken_at, vanished) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    // Lines without a head: somebody took the head away.
    let (last, hash) = head.unwrap_or_else(|| (if chain.seq == 0 { 0 } else { i64::MAX }, ORIGIN.to_vec()));
    if broken_at.is_none() {
        if chain.seq < last {
            broken_at = Some(chain.seq + 1);
        } else if chain.seq == last && chain.hash != hash {
            broken_at = Some(last);
        }
    }
    Ok(AuditCheck { lines: chain.lines, broken_at })
}

/// The tenants that have an audit, for checking them all.
///
/// # Errors
/// What the database says.
pub async fn audit_tenants(db: &Db) -> Result<Vec<Uuid>, DbError> {
    store::tenants(db).await
}

struct Chain {
    seq: i64,
    lines: i64,
    hash: Vec<u8>,
    broken_at: Option<i64>,
    /// Lines whose contents are gone and of which no later line says so yet.
    erased: BTreeSet<i64>,
}

impl Default for Chain {
    fn default() -> Self {
        Chain { seq: 0, lines: 0, hash: ORIGIN.to_vec(), broken_at: None, erased: BTreeSet::new() }
    }
}

impl Chain {
    fn take(&mut self, tenant: Uuid, line: &Line) {
        self.lines += 1;
        let expected = self.seq + 1;
        let whole = match line.erased_at {
            // What was erased must be named by a later line; see `erased`.
            Some(_) => self.erased.insert(line.seq),
            None => line.content_hash.is_empty() || line.content_hash == content_hash(line),
        };
        let fits = line.seq == expected && line.prev_hash == self.hash && whole && line.hash == seal(tenant, line);
        if !fits && self.broken_at.is_none() {
            self.broken_at = Some(expected);
        }
        if line.act == ERASE_ACT {
            for seq in erased_by(&line.detail) {
                self.erased.remove(&seq);
            }
        }
        self.seq = line.seq;
        self.hash.clone_from(&line.hash);
    }
}

/// The act that takes contents away. Its detail names the lines.
pub(crate) const ERASE_ACT: &str = "audit.erase";

fn erased_by(detail: &str) -> Vec<i64> {
    let read = serde_json::from_str::<serde_json::Value>(detail).unwrap_or_default();
    read.get("lines").and_then(|lines| lines.as_array()).map(|lines| lines.iter().filter_map(serde_json::Value::as_i64).collect()).unwrap_or_default()
}

fn salt() -> Result<Vec<u8>, DbError> {
    let mut bytes = vec![0; 16];
    getrandom::fill(&mut bytes).map_err(DbError::defect)?;
    Ok(bytes)
}

fn origin(ctx: &Context) -> String {
    let origin = ctx.origin();
    if origin.address.is_empty() && origin.device.is_empty() {
        return String::new();
    }
    serde_json::json!({"address": origin.address, "device": origin.device}).to_string()
}

/// As which post somebody acts, and on whose delegation.
fn capacity(ctx: &Context) -> String {
    let Some(identity) = ctx.identity() else { return String::new() };
    let post = &identity.post;
    let behalf = identity.behalf.as_ref().map(
        |b| serde_json::json!({"delegation": b.delegation, "kind": b.kind.as_str(), "holder": b.holder, "holder_name": b.holder_name, "document": b.document}),
    );
    serde_json::json!({"post": post.id, "label": identity.label(), "organisation": post.organisation, "behalf": behalf}).to_string()
}

/// SHA-256 over texts, each with its length, so that no two lists share an encoding.
fn digest_of(fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for bytes in fields {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    hash.finalize().into()
}

/// Over what may one day be erased.
fn content_hash(line: &Line) -> [u8; 32] {
    digest_of(&[&line.salt, line.who_name.as_bytes(), line.origin.as_bytes(), line.capacity.as_bytes(), line.detail.as_bytes()])
}

/// Over the line before, what stays for ever, and the hash of what may be erased. Lines from before there was such a hash are
/// sealed over everything.
fn seal(tenant: Uuid, line: &Line) -> [u8; 32] {
    let who = line.who_id.as_ref().map_or(&[][..], |id| id.as_bytes());
    let (seq, at) = (line.seq.to_be_bytes(), line.at.to_be_bytes());
    let mut fields: Vec<&[u8]> = vec![&line.prev_hash, tenant.as_bytes(), &seq, &at, who];
    if line.content_hash.is_empty() {
        fields.extend([line.who_name.as_bytes(), line.act.as_bytes(), line.subject.as_bytes(), line.detail.as_bytes()]);
    } else {
        fields.extend([line.act.as_bytes(), line.subject.as_bytes(), &line.content_hash[..]]);
    }
    digest_of(&fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TENANT: Uuid = Uuid::from_u128(7);

    fn chain(texts: &[(String, String)]) -> Vec<Line> {
        let mut prev = ORIGIN.to_vec();
        let mut lines = Vec::new();
        for (n, (subject, detail)) in texts.iter().enumerate() {
            let mut line = Line {
                seq: n as i64 + 1,
                at: n as i64,
                who_id: None,
                who_name: "A".into(),
                act: "x".into(),
                subject: subject.clone(),
                detail: detail.clone(),
                prev_hash: prev.clone(),
                hash: vec![],
                origin: "{}".into(),
                capacity: String::new(),
                salt: vec![n as u8; 16],
                content_hash: vec![],
                erased_at: None,
            };
            // Lines of before and of now in one chain.
            if n % 3 != 0 {
                line.content_hash = content_hash(&line).to_vec();
            }
            line.hash = seal(TENANT, &line).to_vec();
            prev.clone_from(&line.hash);
            lines.push(line);
        }
        lines
    }

    fn broken(lines: &[Line]) -> Option<i64> {
        let mut chain = Chain::default();
        lines.iter().for_each(|line| chain.take(TENANT, line));
        chain.broken_at.or(chain.erased.first().copied())
    }

    #[test]
    fn contents_may_go_only_where_a_later_line_says_so() {
        let text = |n: i32| (format!("s{n}"), format!("d{n}"));
        let mut lines = chain(&(0..4).map(text).collect::<Vec<_>>());
        let mut last = lines.pop().unwrap();
        let prev = lines[2].hash.clone();
        (lines[1].who_name, lines[1].detail, lines[1].origin, lines[1].salt) = Default::default();
        lines[1].erased_at = Some(9);
        assert_eq!(broken(&lines), Some(2));
        last.act = ERASE_ACT.into();
        last.detail = "{\"lines\":[2]}".into();
        last.prev_hash = prev;
        last.content_hash = content_hash(&last).to_vec();
        last.hash = seal(TENANT, &last).to_vec();
        lines.push(last);
        assert_eq!(broken(&lines), None);
        // It does not excuse another line.
        lines[2].detail.clear();
        assert_eq!(broken(&lines), Some(3));
    }

    proptest! {
        #[test]
        fn any_change_breaks_the_chain_where_it_was_made(texts in proptest::collection::vec((".{0,8}", ".{0,8}"), 2..8), at in any::<prop::sample::Index>(), what in 0..6) {
            let mut lines = chain(&texts);
            prop_assert_eq!(broken(&lines), None);
            let at = at.index(lines.len());
            match what {
                0 => lines[at].subject.push('x'),
                1 => lines[at].at += 1,
                2 => lines[at].who_id = Some(TENANT),
                // Moving a letter over the border of two fields.
                3 => { let s = format!("{}y", lines[at].subject); lines[at].subject = s; lines[at].detail = format!("z{}", lines[at].detail) }
                4 => lines[at].seq += 1,
                _ => { lines.remove(at); }
            }
            // What is cut off at the very end is found by the head, not by the lines.
            let expected = if what > 4 && at == lines.len() { None } else { Some(at as i64 + 1) };
            prop_assert_eq!(broken(&lines), expected);
        }
    }
}
