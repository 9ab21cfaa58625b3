//! Words of dossiers and documents, so that they are found with and without tones, the same on both engines.
//!
//! One row per word of an item: the folded word leads the key, the word with its marks ends it. A query word without marks
//! looks for the first, one with marks for both. See `docs/decisions`.

use crate::Casework;
use crate::document::Office;
use access::{Context, db_error};
use db::{Bulk, Conflict, Db, DbError, Tx, Type, args};
use std::collections::BTreeSet;
use ui::AppError;
use uuid::Uuid;

/// Items that are dossiers.
pub(crate) const DOSSIER: i64 = 1;
/// Items that are documents.
pub(crate) const DOCUMENT: i64 = 2;
/// Different words kept of one item.
const MOST: usize = 3_000;
/// Words of a query that are looked at.
const ASKED: usize = 4;

db::statements! {
    ONE: Tenant = "SELECT DISTINCT item_id FROM found_word WHERE tenant_id = $1 AND kind = $2 AND office_id = $3 AND word = $4 AND ($5 = '' OR toned = $5) \
                   AND item_id < $6 ORDER BY item_id DESC LIMIT $7";
    TWO: Tenant = "SELECT DISTINCT a.item_id FROM found_word a JOIN found_word b ON b.tenant_id = a.tenant_id AND b.kind = a.kind AND b.office_id = a.office_id AND b.item_id = a.item_id \
                   WHERE a.tenant_id = $1 AND b.tenant_id = $1 AND a.kind = $2 AND a.office_id = $3 AND a.word = $4 AND ($5 = '' OR a.toned = $5) \
                   AND b.word = $8 AND ($9 = '' OR b.toned = $9) AND a.item_id < $6 ORDER BY a.item_id DESC LIMIT $7";
    FOUR: Tenant = "SELECT DISTINCT a.item_id FROM found_word a \
                    JOIN found_word b ON b.tenant_id = a.tenant_id AND b.kind = a.kind AND b.office_id = a.office_id AND b.item_id = a.item_id \
                    JOIN found_word c ON c.tenant_id = a.tenant_id AND c.kind = a.kind AND c.office_id = a.office_id AND c.item_id = a.item_id \
                    JOIN found_word d ON d.tenant_id = a.tenant_id AND d.kind = a.kind AND d.office_id = a.office_id AND d.item_id = a.item_id \
                    WHERE a.tenant_id = $1 AND b.tenant_id = $1 AND c.tenant_id = $1 AND d.tenant_id = $1 AND a.kind = $2 AND a.office_id = $3 \
                    AND a.word = $4 AND ($5 = '' OR a.toned = $5) AND b.word = $8 AND ($9 = '' OR b.toned = $9) \
                    AND c.word = $10 AND ($11 = '' OR c.toned = $11) AND d.word = $12 AND ($13 = '' OR d.toned = $13) \
                    AND a.item_id < $6 ORDER BY a.item_id DESC LIMIT $7";
}

const WORDS: Bulk<'_> = Bulk {
    table: "found_word",
    columns: &[("tenant_id", Type::Uuid), ("kind", Type::Int), ("word", Type::Text), ("office_id", Type::Uuid), ("item_id", Type::Uuid), ("toned", Type::Text)],
    conflict: Conflict::Keep,
};

/// The words of a text: (folded, as written in lower case). Numbers with their symbols (`15/bc-ubnd`) are words too.
pub(crate) fn words(text: &str) -> Vec<(String, String)> {
    let lower = lang::canonical(text);
    let mut out = Vec::new();
    for piece in lower.split_whitespace() {
        let whole = piece.trim_matches(|c: char| !c.is_alphanumeric());
        let parts: Vec<&str> = whole.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        if parts.len() > 1 && whole.chars().any(|c| c.is_ascii_digit()) {
            out.push((lang::fold(whole), whole.to_owned()));
        }
        out.extend(parts.into_iter().map(|w| (lang::fold(w), w.to_owned())));
    }
    out.retain(|(folded, _)| !folded.is_empty() && folded.len() <= 60);
    out
}

/// Keeps the words of an item.
pub(crate) async fn index(tx: &mut Tx, tenant: Uuid, kind: i64, office: Uuid, item: Uuid, texts: &[&str]) -> Result<(), DbError> {
    let mut all: BTreeSet<(String, String)> = BTreeSet::new();
    for word in texts.iter().flat_map(|t| words(t)) {
        if all.len() >= MOST {
            break;
        }
        all.insert(word);
    }
    let values = all.into_iter().flat_map(|(folded, toned)| args![tenant, kind, folded, office, item, toned]).collect();
    tx.insert(&WORDS, values).await.map(drop)
}

/// Items with all words of a query, the newest first.
pub(crate) async fn find(db: &Db, office: &Office, kind: i64, query: &str, before: Uuid, limit: i64) -> Result<Vec<Uuid>, DbError> {
    let mut asked = words(query);
    // The longest words are the rarest, as a rule.
    asked.sort_by_key(|(folded, _)| std::cmp::Reverse(folded.len()));
    asked.dedup();
    asked.truncate(ASKED);
    // A word without marks means any; with marks it means itself.
    let mut asked: Vec<(String, String)> = asked.into_iter().map(|(f, t)| if f == t { (f, String::new()) } else { (f, t) }).collect();
    let Some((word, toned)) = asked.first().cloned() else { return Ok(Vec::new()) };
    let mut values = args![office.tenant, kind, office.id, word.clone(), toned.clone(), before, limit];
    let stmt = match asked.len() {
        1 => &ONE,
        2 => &TWO,
        _ => &FOUR,
    };
    while asked.len() == 3 {
        asked.push((word.clone(), toned.clone()));
    }
    for (word, toned) in asked.into_iter().skip(1) {
        values.extend(args![word, toned]);
    }
    db.all(stmt, values).await?.iter().map(|r| r.uuid(0)).collect()
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Dossiers, the newest first.
    pub dossiers: Vec<super::Dossier>,
    /// Documents, the newest first.
    pub documents: Vec<crate::register::Document>,
    /// Whether there is more than what is here.
    pub more: bool,
}

impl Casework {
    /// Dossiers and documents of an office whose titles, numbers, senders or texts hold every word of a query.
    ///
    /// # Errors
    /// 404 for those who do not work there.
    pub async fn find(&self, ctx: &Context, office: &Office, query: &str, limit: i64) -> Result<Found, AppError> {
        office.require_inside(ctx)?;
        let query: String = lang::clean(query).chars().take(200).collect();
        let mut found = Found::default();
        let dossiers = find(self.db(), office, DOSSIER, &query, Uuid::max(), limit + 1).await.map_err(db_error)?;
        let documents = find(self.db(), office, DOCUMENT, &query, Uuid::max(), limit + 1).await.map_err(db_error)?;
        let limit = usize::try_from(limit).unwrap_or_default();
        found.more = dossiers.len() > limit || documents.len() > limit;
        for id in dossiers.into_iter().take(limit) {
            found.dossiers.extend(super::store::one(self.db(), office.tenant, id).await.map_err(db_error)?);
        }
        for id in documents.into_iter().take(limit) {
            found.documents.extend(crate::register::store::one(self.db(), office.tenant, id).await.map_err(db_error)?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_of_titles_and_symbols() {
        let all: Vec<String> = words("V/v Đường liên thôn; số 15/BC-UBND").into_iter().map(|(f, _)| f).collect();
        for word in ["duong", "lien", "thon", "15", "bc", "ubnd", "15/bc-ubnd"] {
            assert!(all.iter().any(|w| w == word), "{word} {all:?}");
        }
        assert_eq!(words("Đường").first().map(|w| w.1.as_str()), Some("đường"));
        assert!(words("… – !").is_empty());
    }
}
