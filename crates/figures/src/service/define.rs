//! Measures as data: loading those of the fact files, adding and retiring by an administrator.

use super::settle::computed;
use super::{Ask, Figures, MEASURES, Tree};
use crate::catalog::{Catalog, Known};
use crate::measure::{Definition, DefinitionProblem, Measure};
use crate::store;
use crate::value::Value;
use access::{Context, Role, db_error};
use calendar::Period;
use db::DbError;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};
use ui::AppError;
use uuid::Uuid;

#[derive(rust_embed::RustEmbed)]
#[folder = "../../facts/measures"]
struct MeasureFiles;

/// A set of measures as a file, in TOML or JSON.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureFile {
    /// Vietnamese name of what they have in common.
    #[serde(default)]
    pub theme_vi: String,
    /// English name.
    #[serde(default)]
    pub theme_en: String,
    /// The definitions.
    pub measure: Vec<Definition>,
}

impl MeasureFile {
    /// Reads a set: JSON when it begins with `{`, else TOML.
    ///
    /// # Errors
    /// What is wrong and where, in the words of the format's reader.
    pub fn parse(text: &str) -> Result<MeasureFile, String> {
        if text.trim_start().starts_with('{') { serde_json::from_str(text).map_err(|e| e.to_string()) } else { toml::from_str(text).map_err(|e| e.to_string()) }
    }
}

/// What a definition gives on the newest real figures.
#[derive(Debug)]
pub struct Trial {
    /// The measure as it would be.
    pub known: Arc<Known>,
    /// The period tried; none when there is no formula or no input.
    pub period: Option<Period>,
    /// Units with a value.
    pub computed: usize,
    /// Units that lack an input.
    pub missing: usize,
    /// The first few values.
    pub examples: Vec<(Uuid, Value)>,
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
        let fresh: Vec<Definition> = defs.into_iter().filter(|d| catalog.version(measure_id(&d.code), d.version).is_none()).collect();
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
        let mut problems = self.definition_problems(&def).await?;
        if def.is_recorded() || catalog.coded(&def.code).is_some_and(|k| k.measure.def.is_recorded()) {
            problems.push(DefinitionProblem {
                field: "enter",
                vi: "Chỉ tiêu do hệ thống ghi không sửa được ở đây.".to_owned(),
                en: "Measures that the platform records cannot be changed here.".to_owned(),
            });
        }
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

    /// What is wrong with a definition: by itself, among the others, and against the figures that are there:
    /// a new version begins after the last period with figures, so that no old result changes.
    ///
    /// # Errors
    /// What the database says.
    pub async fn definition_problems(&self, def: &Definition) -> Result<Vec<DefinitionProblem>, AppError> {
        let catalog = self.catalog();
        let mut out = catalog.problems(def);
        let Some(known) = catalog.coded(&def.code) else { return Ok(out) };
        let mut last = None;
        for tenant in self.tenant_list().iter() {
            last = last.max(store::last_period(self.db(), *tenant, known.measure.id).await.map_err(db_error)?);
        }
        let end = last.and_then(Period::from_i64).map(|p| known.window(p).1);
        if let Some(end) = end.filter(|end| def.valid_from <= *end) {
            let day = lang::show::short_date(end);
            out.push(DefinitionProblem {
                field: "valid_from",
                vi: format!("Đã có số liệu đến {day}. Phiên bản mới phải bắt đầu sau ngày đó để số cũ không đổi nghĩa."),
                en: format!("There are figures up to {day}. A new version must begin after that day so that old figures keep their meaning."),
            });
        }
        Ok(out)
    }

    /// Tries the formula of a definition without problems on the newest real figures.
    ///
    /// # Errors
    /// What the database says; 422 `definition` for a formula that cannot be read.
    pub async fn try_definition(&self, def: &Definition) -> Result<Trial, AppError> {
        let catalog = self.catalog();
        let id = catalog.coded(&def.code).map_or(Uuid::nil(), |k| k.measure.id);
        let alone = Catalog::new(vec![Measure { id, def: def.clone(), retired: false }]);
        let known = Arc::clone(alone.newest(id).ok_or_else(|| AppError::new("definition", 422))?);
        let mut trial = Trial { known: Arc::clone(&known), period: None, computed: 0, missing: 0, examples: vec![] };
        let nation = self.places().atlas().nation().unwrap_or_default();
        if known.formula.is_none() {
            return Ok(trial);
        }
        for period in self.recent_periods(&known, 4).into_iter().rev() {
            let mut inputs: HashMap<Uuid, BTreeMap<String, Option<Decimal>>> = HashMap::new();
            for code in known.inputs() {
                let Some(input) = catalog.coded(&code) else { continue };
                let Some(at) = known.period_of(input, period) else { continue };
                let ask = Ask { known: Arc::clone(input), period: at, tree: Tree::Then };
                for view in self.read_level(&ask, nation, known.measure.def.level).await.map_err(db_error)? {
                    if view.n > 0 {
                        inputs.entry(view.place).or_default().insert(code.clone(), view.value);
                    }
                }
            }
            if inputs.is_empty() {
                continue;
            }
            trial.period = Some(period);
            for unit in self.reporters(&known, period, nation) {
                match inputs.get(&unit).and_then(|given| computed(&known, given)) {
                    Some(value) => {
                        trial.computed += 1;
                        if trial.examples.len() < 5 {
                            trial.examples.push((unit, value));
                        }
                    }
                    None => trial.missing += 1,
                }
            }
            break;
        }
        Ok(trial)
    }

    /// Takes a set of definitions; what equals the version in use is left alone, what others are computed from goes first.
    /// How many were taken, and what is wrong with the rest.
    ///
    /// # Errors
    /// 403 without the role at the nation; what the database says.
    pub async fn define_all(&self, ctx: &Context, defs: Vec<Definition>) -> Result<(usize, Vec<(String, Vec<DefinitionProblem>)>), AppError> {
        let mut left: Vec<Definition> = defs
            .into_iter()
            .filter(|d| self.catalog().coded(&d.code).is_none_or(|k| k.measure.def != Definition { version: k.measure.def.version, ..d.clone() }))
            .collect();
        let mut taken = 0;
        loop {
            let mut wrong = Vec::new();
            let mut again = Vec::new();
            let before = taken;
            for def in left {
                let problems = self.definition_problems(&def).await?;
                if problems.is_empty() {
                    self.define(ctx, def).await?;
                    taken += 1;
                } else {
                    wrong.push((def.code.clone(), problems));
                    again.push(def);
                }
            }
            if again.is_empty() || taken == before {
                return Ok((taken, wrong));
            }
            left = again;
        }
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
