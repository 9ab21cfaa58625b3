//! Calendars as entered by administrators: the nation's over the shipped one, a province's over both.

use crate::Casework;
use crate::case::Recounted;
use crate::store::{self, CalendarVersion};
use access::{Context, Role, db_error};
use calendar::WorkCalendar;
use db::DbError;
use jiff::civil::Date;
use places::Level;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use ui::AppError;
use uuid::Uuid;

/// The counter of calendars.
pub(crate) const CALENDARS: &str = "work-calendars";

/// All calendars.
#[derive(Debug)]
pub struct Calendars {
    shipped: WorkCalendar,
    entered: Vec<CalendarVersion>,
    merged: Mutex<HashMap<(Uuid, Uuid), Arc<WorkCalendar>>>,
}

/// What entering a calendar did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarChange {
    /// Number of the version.
    pub version: i64,
    /// What was counted again.
    pub recounted: Recounted,
}

impl Calendars {
    pub(crate) fn shipped() -> Result<Calendars, DbError> {
        let shipped = WorkCalendar::shipped().map_err(|error| DbError::defect(error.to_string()))?;
        Ok(Calendars { shipped, entered: Vec::new(), merged: Mutex::default() })
    }

    /// The versions entered for a unit, oldest first.
    pub fn versions(&self, scope: Uuid) -> impl Iterator<Item = &CalendarVersion> {
        self.entered.iter().filter(move |c| c.scope == scope)
    }

    fn own(&self, scope: Uuid) -> Option<WorkCalendar> {
        let newest = self.versions(scope).last()?;
        // It was checked when it was entered.
        WorkCalendar::parse(&newest.body).ok()
    }

    fn merged(&self, nation: Uuid, province: Uuid) -> Arc<WorkCalendar> {
        let mut cache = self.merged.lock().unwrap_or_else(PoisonError::into_inner);
        let made = cache.entry((nation, province)).or_insert_with(|| {
            let mut all = self.shipped.clone();
            for scope in [nation, province] {
                if let Some(own) = self.own(scope) {
                    all = all.under(own);
                }
            }
            Arc::new(all)
        });
        Arc::clone(made)
    }
}

impl Casework {
    /// The calendars as last read.
    pub fn calendars(&self) -> Arc<Calendars> {
        Arc::clone(&self.inner.calendars.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    pub(crate) async fn refresh_calendars(&self) -> Result<(), DbError> {
        let version = places::store::catalog(self.db(), CALENDARS).await?.0;
        if self.inner.calendars.read().unwrap_or_else(PoisonError::into_inner).0 == version {
            return Ok(());
        }
        let calendars = Calendars { entered: store::calendars(self.db()).await?, ..Calendars::shipped()? };
        *self.inner.calendars.write().unwrap_or_else(PoisonError::into_inner) = (version, Arc::new(calendars));
        Ok(())
    }

    /// The calendar by which a unit works on a day: its province's, over the nation's, over the shipped one.
    pub fn calendar_of(&self, unit: Uuid, on: Date) -> Arc<WorkCalendar> {
        let atlas = self.places().atlas();
        let nation = atlas.nation().unwrap_or_default();
        let path = atlas.path(unit, on);
        let province = path.iter().copied().find(|u| atlas.unit(*u).is_some_and(|u| u.level == Level::Province)).unwrap_or(nation);
        self.calendars().merged(nation, province)
    }

    /// The text of a calendar as it would be kept: TOML in the shape of `facts/calendar/holidays.toml` as it is, or rows of a table
    /// (see [`crate::calendar_rows`]), whose years take the place of those entered before. Nothing is saved.
    ///
    /// # Errors
    /// As [`Casework::enter_calendar`].
    pub fn examine_calendar(&self, ctx: &Context, scope: Uuid, body: &str, document: &str) -> Result<String, AppError> {
        let atlas = self.places().atlas();
        let unit = atlas.unit(scope).ok_or_else(crate::case::unknown_unit)?;
        ctx.require(Role::Administrator, &atlas.path(scope, ctx.today()))?;
        if !matches!(unit.level, Level::Nation | Level::Province) {
            return Err(
                AppError::new("calendar_scope", 422).say("Lịch làm việc là của cả nước hoặc của tỉnh.", "A calendar belongs to the nation or to a province.")
            );
        }
        let document: String = lang::clean(document).chars().take(300).collect();
        if document.is_empty() {
            return Err(AppError::new("document_missing", 422)
                .say("Thiếu văn bản ban hành lịch.", "The document that makes the calendar is missing.")
                .at("document"));
        }
        let mut body = body.replace("\r\n", "\n");
        if body.len() > 200_000 {
            return Err(AppError::new("calendar_unreadable", 422).say("Lịch dài quá 200 KB.", "The calendar is longer than 200 KB.").at("body"));
        }
        if !body.contains("[[") {
            let calendars = self.calendars();
            let before = calendars.versions(scope).last().map_or("", |last| last.body.as_str());
            body = crate::calendar_rows::merged(before, &body, &document)?;
        }
        WorkCalendar::parse(&body).map_err(|error| {
            AppError::new("calendar_unreadable", 422)
                .say(error.vi(), error.to_string())
                .mend("Xem mẫu bên cạnh rồi sửa.", "See the example beside it and mend.")
                .at("body")
        })?;
        Ok(body)
    }

    /// Enters a calendar for the nation or a province and counts every open deadline there again. The same once more changes nothing.
    ///
    /// # Errors
    /// 403; 404 `unknown_unit`; 422 `calendar_unreadable`, `document_missing`, `calendar_scope`.
    pub async fn enter_calendar(&self, ctx: &Context, scope: Uuid, body: &str, document: &str) -> Result<CalendarChange, AppError> {
        let body = self.examine_calendar(ctx, scope, body, document)?;
        let document: String = lang::clean(document).chars().take(300).collect();
        let atlas = self.places().atlas();
        let unit = atlas.unit(scope).ok_or_else(crate::case::unknown_unit)?;
        if let Some(last) = self.calendars().versions(scope).last().filter(|last| last.body == body) {
            return Ok(CalendarChange { version: last.version, recounted: Recounted::default() });
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, unit.tenant).await.map_err(db_error)?;
        let version = store::calendars(self.db()).await.map_err(db_error)?.iter().filter(|c| c.scope == scope).map(|c| c.version).max().unwrap_or(0) + 1;
        let row = CalendarVersion {
            scope,
            version,
            body,
            document: document.clone(),
            entered_by: ctx.author_name().to_owned(),
            entered_at: calendar::micros(ctx.at),
        };
        store::add_calendar(&mut tx, &row).await.map_err(db_error)?;
        places::store::bump(&mut tx, CALENDARS, "").await.map_err(db_error)?;
        access::audit(&mut tx, ctx, unit.tenant, "calendar.enter", &scope.to_string(), serde_json::json!({"version": version, "document": document}))
            .await
            .map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh_calendars().await.map_err(db_error)?;
        let why = (format!("Lịch làm việc thay đổi: {document}"), format!("The calendar changed: {document}"));
        let mut recounted = Recounted::default();
        for tenant in self.tenants_under(scope) {
            let one = self.recount_tenant(ctx, tenant, (&why.0, &why.1)).await?;
            recounted.cases += one.cases;
            recounted.moved += one.moved;
        }
        Ok(CalendarChange { version, recounted })
    }
}
