//! Thresholds that are still missing, and entering them from the official annex.

use super::{Criteria, unknown_indicator, unknown_set};
use crate::flaw::Lines;
use crate::model::{Confidence, Indicator, Kind, Op, Scope, Set, Threshold};
use crate::store::{self, EnteredLevel};
use access::{Context, Role, db_error};
use figures::evidence::Scan;
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};
use ui::AppError;
use uuid::Uuid;

/// A threshold that a set must have: known or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot<'a> {
    /// Indicator (or part).
    pub indicator: &'a Indicator,
    /// Region it is for.
    pub region: Option<&'a str>,
    /// Year it is for.
    pub year: Option<i16>,
    /// Commune group it is for.
    pub group: Option<&'a str>,
    /// The threshold, where it is known.
    pub known: Option<&'a Threshold>,
}

/// Every threshold that a set must have by what its indicators differ by. Those left to the provinces count once: whether any is known.
pub fn slots(set: &Set) -> Vec<Slot<'_>> {
    let (first, last) = (set.effective_from.map_or(2021, |d| d.year().max(2021)), set.effective_to.map_or(2025, jiff::civil::Date::year));
    let mut out = Vec::new();
    for indicator in set.indicators().flat_map(|i| std::iter::once(i).chain(&i.parts)).filter(|i| i.kind != Kind::Composite) {
        // What held only before an amendment does not fill today's place.
        let now = || indicator.thresholds.iter().filter(|t| t.says() && t.to.is_none_or(|to| set.effective_to.is_some_and(|end| to >= end)));
        let empty = Slot { indicator, region: None, year: None, group: None, known: None };
        let general = now().find(|t| t.region.is_none() && t.group.is_none() && t.year.is_none() && t.province.is_none());
        if general.is_some() {
            out.push(Slot { known: general, ..empty });
            continue;
        }
        match indicator.levels_by {
            Scope::Region => {
                out.extend(set.regions.iter().map(|r| Slot {
                    region: Some(r.as_str()),
                    known: now().rfind(|t| t.region.as_ref() == Some(r)),
                    ..empty.clone()
                }));
            }
            Scope::RegionYear => {
                for r in &set.regions {
                    out.extend((first..=last).map(|year| {
                        let known = now().rfind(|t| t.region.as_ref() == Some(r) && t.year.is_none_or(|y| y == year));
                        Slot { region: Some(r.as_str()), year: Some(year), known, ..empty.clone() }
                    }));
                }
            }
            Scope::CommuneGroup => out.extend(set.commune_groups.iter().map(|g| Slot {
                group: Some(g.code.as_str()),
                known: now().rfind(|t| t.group.as_ref() == Some(&g.code)),
                ..empty.clone()
            })),
            Scope::National | Scope::Province => out.push(Slot { known: now().next_back(), ..empty }),
        }
    }
    out
}

/// A threshold as a person enters it in one line.
#[derive(Clone, Debug, Default)]
pub struct NewLevel {
    /// Indicator (or part).
    pub indicator: String,
    /// Comparison; the usual one of the indicator when empty.
    pub op: String,
    /// The number as people write it, or what the annex prints for yes or no.
    pub value: String,
    /// Region, empty for all.
    pub region: String,
    /// Year, empty for all.
    pub year: String,
    /// Commune group, empty for all.
    pub group: String,
    /// Province whose own threshold it is, empty for all.
    pub province: String,
    /// Number and date of the document.
    pub document: String,
    /// Page of the annex.
    pub page: String,
    /// The page as a file: name, media type, bytes.
    pub file: Option<(String, String, Vec<u8>)>,
}

fn wrong(code: &'static str, at: &'static str, vi: impl Into<String>, en: impl Into<String>) -> AppError {
    AppError::new(code, 422).say(vi, en).at(at)
}

impl Criteria {
    /// Enters a threshold from the official annex. It counts from now on; results that were found before keep the threshold they were judged by.
    ///
    /// # Errors
    /// 403 without administration of what keeps the set (a province enters its own thresholds of a national set); 404 `unknown_set`, `unknown_indicator`;
    /// 422 `level_value`, `level_document`, `level_page`, and what [`crate::check::check`] says of it.
    pub async fn enter_level(&self, ctx: &Context, code: &str, new: NewLevel) -> Result<Uuid, AppError> {
        let shelf = self.current().await;
        let set = shelf.library.get(code).ok_or_else(unknown_set)?;
        let indicator = set.indicator(&new.indicator).ok_or_else(|| unknown_indicator(&new.indicator))?;
        let some = |text: &str| Some(lang::clean(text)).filter(|t| !t.is_empty());
        let province = some(&new.province).map(|text| text.parse::<Uuid>().map_err(|_| super::unknown_unit())).transpose()?;
        let owner = province.unwrap_or_else(|| self.keeper(set));
        self.require_at(ctx, Role::Administrator, owner)?;
        let document = some(&new.document).ok_or_else(|| {
            wrong("level_document", "document", "Ghi số và ngày văn bản có mức này.", "Give number and date of the document with this threshold.")
        })?;
        let page = some(&new.page).ok_or_else(|| wrong("level_page", "page", "Ghi số trang của phụ lục.", "Give the page of the annex."))?;
        let year = some(&new.year)
            .map(|y| {
                y.parse::<i16>()
                    .ok()
                    .filter(|y| (2000..=2100).contains(y))
                    .ok_or_else(|| wrong("level_year", "year", "Năm chưa đúng.", "The year is not right."))
            })
            .transpose()?;
        let number = |text: &str| lang::parse_number(text, lang::NumberHints::default()).ok().map(|n| n.value);
        let value: Option<Decimal> = if indicator.kind.is_number() { number(&new.value) } else { None };
        let expected = if indicator.kind.is_number() { None } else { some(&new.value) };
        if value.is_none() && expected.is_none() {
            return Err(wrong(
                "level_value",
                "value",
                "Ghi mức bằng số, ví dụ 16,5; hoặc chữ in trong phụ lục với chỉ tiêu đạt, chưa đạt.",
                "Write the threshold as a number, such as 16.5.",
            ));
        }
        let op = match new.op.trim() {
            "" => indicator.op.or(Some(Op::AtLeast)),
            text => Some(Op::from_sign(text).ok_or_else(|| wrong("op_missing", "op", "Dấu so sánh chưa đúng.", "The comparison is not right."))?),
        };
        let threshold = Threshold {
            op: op.filter(|_| value.is_some()),
            value,
            expected,
            region: some(&new.region),
            year,
            group: some(&new.group),
            province: province.map(|p| p.to_string()),
            document: Some(document.clone()),
            clause: Some(format!("trang {page}")),
            confidence: Confidence::Official,
            ..Threshold::default()
        };
        // The set with it must be as sound as without; a second one for the same scope is a correction.
        let mut with = (**set).clone();
        for i in with.criteria.iter_mut().flat_map(|c| &mut c.indicators) {
            let own = if i.code == new.indicator { Some(&mut *i) } else { i.parts.iter_mut().find(|p| p.code == new.indicator) };
            if let Some(i) = own {
                i.thresholds.retain(|t| !t.clashes(&threshold));
                i.thresholds.push(threshold.clone());
            }
        }
        let before = self.flaws(set, &Lines::default());
        if let Some(flaw) = self.flaws(&with, &Lines::default()).into_iter().find(|f| !before.iter().any(|b| b.code == f.code && b.vi == f.vi)) {
            return Err(AppError::new(flaw.code, 422).say(flaw.vi, flaw.en).at("value"));
        }
        let file = new.file.filter(|(_, _, bytes)| !bytes.is_empty());
        let scan = match &file {
            Some((_, _, bytes)) => self.figures().evidence().looked_at(bytes).await,
            None => Scan::NotNeeded,
        };
        if scan == Scan::Infected {
            return Err(infected());
        }
        let hash = file.as_ref().map(|(_, _, bytes)| Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect::<String>());
        let tenant = self.tenant(owner)?;
        let (mut tx, known) = self.unsealed(tenant).await?;
        let level = EnteredLevel {
            known,
            ended_known: None,
            id: Uuid::now_v7(),
            set: code.to_owned(),
            indicator: new.indicator.clone(),
            threshold,
            document,
            page,
            file: file.as_ref().zip(hash.clone()).map(|((name, _, _), hash)| (name.clone(), hash)),
            by: ctx.author_name().to_owned(),
            at: calendar::micros(ctx.at),
            ended: None,
        };
        if let Some(((name, media, content), sha256)) = file.zip(hash) {
            store::add_file(&mut tx, store::Page { sha256, name, media, content, scan }).await.map_err(db_error)?;
        }
        store::add_level(&mut tx, &level).await.map_err(db_error)?;
        let detail = serde_json::json!({"indicator": level.indicator, "threshold": level.threshold, "document": level.document, "page": level.page});
        self.seal(tx, ctx, tenant, "criteria.level", code, detail).await?;
        Ok(level.id)
    }

    /// Takes an entered threshold back. Results that were found with it stay.
    ///
    /// # Errors
    /// 403, 404 `unknown_level`.
    pub async fn end_level(&self, ctx: &Context, id: Uuid) -> Result<String, AppError> {
        let shelf = self.current().await;
        let unknown = || AppError::new("unknown_level", 404).say("Không có mức này.", "There is no such threshold.");
        let level = shelf.entered.iter().find(|l| l.id == id).ok_or_else(unknown)?;
        let set = shelf.library.get(&level.set).ok_or_else(unknown_set)?;
        let owner = level.threshold.province.as_deref().map_or_else(|| self.keeper(set), crate::model::province_id);
        self.require_at(ctx, Role::Administrator, owner)?;
        let tenant = self.tenant(owner)?;
        let (mut tx, known) = self.unsealed(tenant).await?;
        if !store::end_level(&mut tx, id, ctx.author_name(), calendar::micros(ctx.at), known).await.map_err(db_error)? {
            return Err(unknown());
        }
        self.seal(tx, ctx, tenant, "criteria.level.end", &level.set, serde_json::json!({"level": id, "indicator": level.indicator})).await?;
        Ok(level.set.clone())
    }

    /// A page of an annex; never before the virus scanner has found it clean, where there is one.
    ///
    /// # Errors
    /// 404 `not_found`; 422 `annex_infected`; 503 `annex_waits` while the scanner has not looked at it.
    pub async fn annex_page(&self, sha256: &str) -> Result<store::Page, AppError> {
        let mut page = store::file(self.db(), sha256).await.map_err(db_error)?.ok_or_else(|| AppError::new("not_found", 404))?;
        let library = self.figures().evidence();
        if matches!(page.scan, Scan::Unscanned | Scan::Refused) && library.scans() {
            let found = library.looked_at(&page.content).await;
            if found != page.scan {
                let mut tx = self.db().begin().await.map_err(db_error)?;
                store::scanned(&mut tx, sha256, found).await.map_err(db_error)?;
                tx.commit().await.map_err(db_error)?;
                page.scan = found;
            }
        }
        match page.scan {
            scan if library.served(scan) => Ok(page),
            Scan::Infected => Err(infected()),
            _ => Err(AppError::new("annex_waits", 503)
                .say("Tệp đang chờ quét vi-rút nên chưa mở được.", "The file waits for the virus scan.")
                .mend("Thử lại sau ít phút.", "Try again in some minutes.")),
        }
    }
}

fn infected() -> AppError {
    wrong("annex_infected", "file", "Tệp có mã độc nên không nhận và không mở.", "The file is infected and is neither taken nor opened.")
        .mend("Quét máy tính rồi xuất lại tệp.", "Scan the computer and export the file again.")
}
