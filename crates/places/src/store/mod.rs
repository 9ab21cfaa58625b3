//! The only folder of this crate with SQL.

pub mod boundary;
pub mod change;

use crate::atlas::Atlas;
use crate::model::{Change, ChangeKind, Group, GroupKind, Level, Member, Part, Unit, Version};
use db::{Arg, Bulk, Conflict, Db, DbError, Row, Tx, Type, args};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

db::statements! {
    UNITS: Shared = "SELECT unit_id, home_id, level, lat, lon, area FROM unit";
    VERSIONS: Shared = "SELECT unit_id, valid_from, valid_to, kind, name, full_name, code, parent_id, source, source_date FROM unit_version";
    CHANGES: Shared = "SELECT change_id, kind, effective, decree, decree_date, source, note FROM unit_change WHERE status = 'applied'";
    PARTS: Shared = "SELECT p.change_id, p.from_id, p.to_id, p.by_population, p.by_area, p.is_default FROM unit_change_part p \
                     JOIN unit_change c ON c.change_id = p.change_id WHERE c.status = 'applied' ORDER BY p.change_id, p.ordinal";
    GROUPS: Shared = "SELECT group_id, code, kind, name_vi, name_en, legal_basis FROM place_group ORDER BY code";
    MEMBERS: Shared = "SELECT group_id, unit_id, valid_from, valid_to, legal_basis FROM place_group_member";
    CATALOG: Shared = "SELECT version, detail FROM catalog_version WHERE name = $1";
    CATALOG_SET: Shared = "INSERT INTO catalog_version (name, version, detail) VALUES ($1, 1, $2) \
                           ON CONFLICT (name) DO UPDATE SET version = catalog_version.version + 1, detail = excluded.detail";
}

const UNIT: Bulk<'_> = Bulk {
    table: "unit",
    columns: &[("unit_id", Type::Uuid), ("home_id", Type::Uuid), ("level", Type::Int), ("lat", Type::Int), ("lon", Type::Int), ("area", Type::Int)],
    conflict: Conflict::Replace { key: 1 },
};
const VERSION: Bulk<'_> = Bulk {
    table: "unit_version",
    columns: &[
        ("unit_id", Type::Uuid),
        ("valid_from", Type::Text),
        ("valid_to", Type::Text),
        ("kind", Type::Text),
        ("name", Type::Text),
        ("full_name", Type::Text),
        ("code", Type::Text),
        ("parent_id", Type::Uuid),
        ("source", Type::Text),
        ("source_date", Type::Text),
    ],
    conflict: Conflict::Replace { key: 2 },
};
const CHANGE: Bulk<'_> = Bulk {
    table: "unit_change",
    columns: &[
        ("change_id", Type::Uuid),
        ("kind", Type::Text),
        ("effective", Type::Text),
        ("decree", Type::Text),
        ("decree_date", Type::Text),
        ("status", Type::Text),
        ("source", Type::Text),
        ("note", Type::Text),
        ("plan", Type::Text),
        ("entered_by", Type::Text),
        ("entered_at", Type::Int),
    ],
    conflict: Conflict::Replace { key: 1 },
};
const PART: Bulk<'_> = Bulk {
    table: "unit_change_part",
    columns: &[
        ("change_id", Type::Uuid),
        ("ordinal", Type::Int),
        ("from_id", Type::Uuid),
        ("to_id", Type::Uuid),
        ("by_population", Type::Int),
        ("by_area", Type::Int),
        ("is_default", Type::Int),
    ],
    conflict: Conflict::Replace { key: 2 },
};
const GROUP: Bulk<'_> = Bulk {
    table: "place_group",
    columns: &[
        ("group_id", Type::Uuid),
        ("code", Type::Text),
        ("kind", Type::Text),
        ("name_vi", Type::Text),
        ("name_en", Type::Text),
        ("legal_basis", Type::Text),
    ],
    conflict: Conflict::Replace { key: 1 },
};
const MEMBER: Bulk<'_> = Bulk {
    table: "place_group_member",
    columns: &[("group_id", Type::Uuid), ("unit_id", Type::Uuid), ("valid_from", Type::Text), ("valid_to", Type::Text), ("legal_basis", Type::Text)],
    conflict: Conflict::Replace { key: 3 },
};

/// Shares one copy of each repeated text: kinds, sources, decrees.
#[derive(Default)]
struct Pool(HashSet<Arc<str>>);

impl Pool {
    fn share(&mut self, text: String) -> Arc<str> {
        if let Some(same) = self.0.get(text.as_str()) {
            return Arc::clone(same);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

fn date(text: &str) -> Result<Date, DbError> {
    text.parse().map_err(|e| DbError::defect(format!("date {text:?}: {e}")))
}

fn date_at(row: &Row, column: usize) -> Result<Date, DbError> {
    date(&row.text(column)?)
}

fn date_opt(row: &Row, column: usize) -> Result<Option<Date>, DbError> {
    row.text_opt(column)?.as_deref().map(date).transpose()
}

fn unknown(what: &str, word: impl std::fmt::Display) -> DbError {
    DbError::defect(format!("unknown {what} {word}"))
}

/// Reads all places.
pub async fn load(db: &Db) -> Result<Atlas, DbError> {
    let mut pool = Pool::default();
    let mut units: HashMap<Uuid, Unit> = HashMap::new();
    for row in db.all(&UNITS, vec![]).await? {
        let id = row.uuid(0)?;
        let level = Level::from_depth(row.int(2)?).ok_or_else(|| unknown("level of unit", id))?;
        let point = row.int_opt(3)?.zip(row.int_opt(4)?);
        units.insert(id, Unit { id, tenant: row.uuid(1)?, level, point, area: row.int_opt(5)?, versions: Vec::with_capacity(1) });
    }
    db.each(&VERSIONS, vec![], |row| {
        let version = Version {
            from: date_at(&row, 1)?,
            to: date_opt(&row, 2)?,
            kind: pool.share(row.text(3)?),
            name: row.text(4)?.into(),
            full_name: row.text(5)?.into(),
            code: row.text_opt(6)?.map(Into::into),
            parent: row.uuid_opt(7)?,
            source: pool.share(row.text(8)?),
            source_date: pool.share(row.text(9)?),
        };
        if let Some(unit) = units.get_mut(&row.uuid(0)?) {
            unit.versions.push(version);
        }
        Ok::<(), DbError>(())
    })
    .await?;
    let mut changes: HashMap<Uuid, Change> = HashMap::new();
    for row in db.all(&CHANGES, vec![]).await? {
        let word = row.text(1)?;
        let change = Change {
            id: row.uuid(0)?,
            kind: ChangeKind::from_word(&word).ok_or_else(|| unknown("kind of change", &word))?,
            effective: date_at(&row, 2)?,
            decree: pool.share(row.text(3)?),
            decree_date: date_opt(&row, 4)?,
            source: pool.share(row.text(5)?),
            note: pool.share(row.text(6)?),
            parts: Vec::new(),
        };
        changes.insert(change.id, change);
    }
    for row in db.all(&PARTS, vec![]).await? {
        if let Some(change) = changes.get_mut(&row.uuid(0)?) {
            change.parts.push(Part {
                from: row.uuid_opt(1)?,
                to: row.uuid_opt(2)?,
                by_population: row.int_opt(3)?,
                by_area: row.int_opt(4)?,
                is_default: row.flag(5)?,
            });
        }
    }
    for late in change::late_shares(db).await? {
        if let Some(part) = changes.get_mut(&late.change).and_then(|c| c.parts.get_mut(late.ordinal)) {
            (part.by_population, part.by_area, part.is_default) = (late.by_population, late.by_area, late.is_default);
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    for row in db.all(&GROUPS, vec![]).await? {
        let word = row.text(2)?;
        groups.push(Group {
            id: row.uuid(0)?,
            code: row.text(1)?,
            kind: GroupKind::from_word(&word).ok_or_else(|| unknown("kind of group", &word))?,
            name_vi: row.text(3)?,
            name_en: row.text(4)?,
            legal_basis: row.text(5)?,
            members: Vec::new(),
        });
    }
    for row in db.all(&MEMBERS, vec![]).await? {
        let id = row.uuid(0)?;
        if let Some(group) = groups.iter_mut().find(|g| g.id == id) {
            group.members.push(Member { unit: row.uuid(1)?, from: date_at(&row, 2)?, to: date_opt(&row, 3)?, legal_basis: pool.share(row.text(4)?) });
        }
    }
    let boundaries = boundary::load(db).await?;
    Ok(Atlas::new(units.into_values().collect(), changes.into_values().collect(), groups).with_boundaries(boundaries))
}

/// A change as it is written, with who entered it.
#[derive(Debug)]
pub struct NewChange<'a> {
    /// The change.
    pub change: &'a Change,
    /// What undoing must restore, as JSON; none for facts.
    pub plan: Option<String>,
    /// Author.
    pub by: &'a str,
    /// Microseconds UTC.
    pub at: i64,
}

/// Writes units with all their versions; a version with the same first day is replaced.
pub async fn save_units(tx: &mut Tx, units: &[Unit]) -> Result<(), DbError> {
    let mut rows = Vec::with_capacity(units.len() * UNIT.columns.len());
    let mut versions = Vec::with_capacity(units.len());
    for unit in units {
        rows.extend(args![unit.id, unit.tenant, unit.level.depth(), unit.point.map(|p| p.0), unit.point.map(|p| p.1), unit.area]);
        versions.extend(unit.versions.iter().map(|v| (unit.id, v.clone())));
    }
    tx.insert(&UNIT, rows).await?;
    save_versions(tx, &versions).await
}

/// Writes versions of units that are there; one with the same first day is replaced.
pub async fn save_versions(tx: &mut Tx, versions: &[(Uuid, Version)]) -> Result<(), DbError> {
    let mut rows = Vec::with_capacity(versions.len() * VERSION.columns.len());
    for (unit, v) in versions {
        rows.extend(args![
            *unit,
            v.from.to_string(),
            v.to.map(|d| d.to_string()),
            &*v.kind,
            &*v.name,
            &*v.full_name,
            v.code.as_deref().map(str::to_owned),
            v.parent,
            &*v.source,
            &*v.source_date
        ]);
    }
    tx.insert(&VERSION, rows).await.map(drop)
}

/// Writes changes with their edges, as applied.
pub async fn save_changes(tx: &mut Tx, changes: &[NewChange<'_>]) -> Result<(), DbError> {
    let mut rows = Vec::new();
    let mut parts: Vec<Arg> = Vec::new();
    for new in changes {
        let c = new.change;
        rows.extend(args![
            c.id,
            c.kind.word(),
            c.effective.to_string(),
            &*c.decree,
            c.decree_date.map(|d| d.to_string()),
            "applied",
            &*c.source,
            &*c.note,
            new.plan.clone(),
            new.by,
            new.at
        ]);
        for (part, nth) in c.parts.iter().zip(0i64..) {
            parts.extend(args![c.id, nth, part.from, part.to, part.by_population, part.by_area, part.is_default]);
        }
    }
    tx.insert(&CHANGE, rows).await?;
    tx.insert(&PART, parts).await?;
    Ok(())
}

/// Writes groups and their members.
pub async fn save_groups(tx: &mut Tx, groups: &[Group]) -> Result<(), DbError> {
    let mut rows = Vec::new();
    let mut members: Vec<Arg> = Vec::new();
    for g in groups {
        rows.extend(args![g.id, &g.code, g.kind.word(), &g.name_vi, &g.name_en, &g.legal_basis]);
        for m in &g.members {
            members.extend(args![g.id, m.unit, m.from.to_string(), m.to.map(|d| d.to_string()), &*m.legal_basis]);
        }
    }
    tx.insert(&GROUP, rows).await?;
    tx.insert(&MEMBER, members).await?;
    Ok(())
}

/// The counter and note of a named catalogue; (0, "") when it was never written.
pub async fn catalog(db: &Db, name: &str) -> Result<(i64, String), DbError> {
    Ok(match db.opt(&CATALOG, args![name]).await? {
        Some(row) => (row.int(0)?, row.text(1)?),
        None => (0, String::new()),
    })
}

/// Counts a catalogue up, so that every process sees that it changed.
pub async fn bump(tx: &mut Tx, name: &str, detail: &str) -> Result<(), DbError> {
    tx.exec(&CATALOG_SET, args![name, detail]).await.map(drop)
}

/// The same, and the number it has from then on; until the end of the transaction nobody else counts it up.
pub async fn bump_counted(tx: &mut Tx, name: &str, detail: &str) -> Result<i64, DbError> {
    bump(tx, name, detail).await?;
    tx.opt(&CATALOG, args![name]).await?.map_or(Ok(0), |row| row.int(0))
}
