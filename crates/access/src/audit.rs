use crate::context::Context;
use crate::store::audit::{self as store, Line};
use db::{Db, DbError, Tx};
use sha2::{Digest as _, Sha256};
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
    };
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
    let mut broken_at = chain.broken_at;
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
}

impl Default for Chain {
    fn default() -> Self {
        Chain { seq: 0, lines: 0, hash: ORIGIN.to_vec(), broken_at: None }
    }
}

impl Chain {
    fn take(&mut self, tenant: Uuid, line: &Line) {
        self.lines += 1;
        let expected = self.seq + 1;
        let fits = line.seq == expected && line.prev_hash == self.hash && line.hash == seal(tenant, line);
        if !fits && self.broken_at.is_none() {
            self.broken_at = Some(expected);
        }
        self.seq = line.seq;
        self.hash.clone_from(&line.hash);
    }
}

/// SHA-256 over the line before and every field of this one, each with its length, so that no two lines share an encoding.
fn seal(tenant: Uuid, line: &Line) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    field(&line.prev_hash);
    field(tenant.as_bytes());
    field(&line.seq.to_be_bytes());
    field(&line.at.to_be_bytes());
    field(line.who_id.as_ref().map_or(&[][..], |id| id.as_bytes()));
    for text in [&line.who_name, &line.act, &line.subject, &line.detail] {
        field(text.as_bytes());
    }
    hash.finalize().into()
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
            };
            line.hash = seal(TENANT, &line).to_vec();
            prev.clone_from(&line.hash);
            lines.push(line);
        }
        lines
    }

    fn broken(lines: &[Line]) -> Option<i64> {
        let mut chain = Chain::default();
        lines.iter().for_each(|line| chain.take(TENANT, line));
        chain.broken_at
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
