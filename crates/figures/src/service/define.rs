//! Measures as data: loading those of the fact files, adding and retiring by an administrator.

use super::{Figures, MEASURES};
use crate::measure::{Definition, Measure};
use crate::store;
use access::{Context, Role, db_error};
use db::DbError;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use ui::AppError;
use uuid::Uuid;

#[derive(rust_embed::RustEmbed)]
#[folder = "../../facts/measures"]
struct MeasureFiles;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct MeasureFile {
    theme_vi: String,
    theme_en: String,
    measure: Vec<Definition>,
}

/// The measures of the compiled-in fact files.
///
/// # Errors
/// The file and what is wrong in it.
pub fn shipped_measures() -> Result<Vec<Definition>, String> {
    Ok(files()?.into_iter().flat_map(|file| file.measure).collect())
}

/// The theme of each measure of the fact files by its code: (Vietnamese, English).
pub fn themes() -> &'static BTreeMap<String, (String, String)> {
    static THEMES: LazyLock<BTreeMap<String, (String, String)>> = LazyLock::new(|| {
        let named = |file: MeasureFile| {
            let theme = (file.theme_vi, file.theme_en);
            file.measure.into_iter().map(move |def| (def.code, theme.clone()))
        };
        files().map(|files| files.into_iter().flat_map(named).collect()).unwrap_or_default()
    });
    &THEMES
}

fn files() -> Result<Vec<MeasureFile>, String> {
    let mut out = Vec::new();
    for name in MeasureFiles::iter() {
        let Some(file) = MeasureFiles::get(&name) else { continue };
        let text = String::from_utf8(file.data.into_owned()).map_err(|e| format!("{name}: {e}"))?;
        let file: MeasureFile = toml::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
        out.push(file);
    }
    Ok(out)
}

/// The id of a measure of the fact files.
pub fn measure_id(code: &str) -> Uuid {
    places::facts::fact_id(&format!("measure:{code}"))
}

impl Figures {
    /// Loads the measures of the fact files that are not there yet, and the tenants of all places. How many measures are new.
    ///
    /// # Errors
    /// What the database says; a broken fact file is a defect.
    pub async fn load_facts(&self) -> Result<usize, DbError> {
        let defs = shipped_measures().map_err(DbError::defect)?;
        let at = calendar::micros(self.clock().now());
        let tenants: BTreeSet<Uuid> = self.places().atlas().units().iter().map(|u| u.tenant).collect();
        let known: BTreeSet<Uuid> = self.tenant_list().iter().copied().collect();
        let catalog = self.catalog();
        let fresh: Vec<Definition> =
            defs.into_iter().filter(|d| catalog.version(measure_id(&d.code), d.version).is_none()).collect();
        if fresh.is_empty() && tenants.is_subset(&known) {
            return Ok(0);
        }
        let mut tx = self.db().begin().await?;
        let rows = tenants.difference(&known).map(|t| db::Arg::from(*t)).collect::<Vec<_>>();
        tx.insert(&store::TENANT, rows).await?;
        for def in &fresh {
            let measure = Measure { id: measure_id(&def.code), def: def.clone(), retired: false };
            store::add_measure(&mut tx, &measure, "facts", at).await?;
        }
        places::store::bump(&mut tx, MEASURES, "").await?;
        places::store::bump(&mut tx, super::CARRIED, &self.map_day().to_string()).await?;
        tx.commit().await?;
        self.refresh().await?;
        Ok(fresh.len())
    }

    /// Adds a measure or a new version of one; visible at once.
    ///
    /// # Errors
    /// 403 without the role at the nation, 422 `definition` with what is wrong, 409 when the version exists.
    pub async fn define(&self, ctx: &Context, mut def: Definition) -> Result<Uuid, AppError> {
        let atlas = self.places().atlas();
        let centre = atlas.nation().unwrap_or_default();
        ctx.require(Role::Administrator, &[centre])?;
        let catalog = self.catalog();
        for text in [&mut def.title_vi, &mut def.title_en, &mut def.definition_vi, &mut def.definition_en, &mut def.legal_basis, &mut def.unit] {
            *text = lang::clean(text);
        }
        let old = catalog.coded(&def.code).map(|k| (k.measure.id, k.measure.def.version));
        def.version = old.map_or(1, |(_, v)| v + 1);
        let problems = catalog.problems(&def);
        if let Some(first) = problems.first() {
            let all = |pick: fn(&crate::measure::DefinitionProblem) -> &str| problems.iter().map(pick).collect::<Vec<_>>().join(" ");
            return Err(AppError::new("definition", 422).say(all(|p| &p.vi), all(|p| &p.en)).at(first.field));
        }
        let id = old.map_or_else(Uuid::now_v7, |(id, _)| id);
        let measure = Measure { id, def, retired: false };
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, centre).await.map_err(db_error)?;
        let at = calendar::micros(ctx.at);
        if !store::add_measure(&mut tx, &measure, ctx.author_name(), at).await.map_err(db_error)? {
            return Err(AppError::new("conflict", 409));
        }
        places::store::bump(&mut tx, MEASURES, "").await.map_err(db_error)?;
        let detail = serde_json::json!({"code": measure.def.code, "version": measure.def.version});
        access::audit(&mut tx, ctx, centre, "measure.define", &id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok(id)
    }

    /// Stops or resumes collecting a measure; its figures stay.
    ///
    /// # Errors
    /// 403 without the role at the nation, 404 `unknown_measure`.
    pub async fn retire(&self, ctx: &Context, id: Uuid, retired: bool) -> Result<(), AppError> {
        let centre = self.places().atlas().nation().unwrap_or_default();
        ctx.require(Role::Administrator, &[centre])?;
        let Some(version) = self.catalog().newest(id).map(|k| k.measure.def.version) else {
            return Err(AppError::new("unknown_measure", 404));
        };
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, centre).await.map_err(db_error)?;
        tx.exec(&store::RETIRE, db::args![id, version, retired]).await.map_err(db_error)?;
        places::store::bump(&mut tx, MEASURES, "").await.map_err(db_error)?;
        access::audit(&mut tx, ctx, centre, "measure.retire", &id.to_string(), serde_json::json!({"retired": retired})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)
    }
}
