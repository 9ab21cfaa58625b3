//! Organisations beside places: what kinds there are, which ones every place has, and which fields roles are narrowed to.
//! All of it is data, in `facts/organisations`, compiled in.

use jiff::civil::Date;
use serde::Deserialize;
use std::sync::LazyLock;
use ui::Lang;
use uuid::Uuid;

const KINDS: &str = include_str!("../../../facts/organisations/kinds.toml");
const STANDARD: &str = include_str!("../../../facts/organisations/standard.toml");
const FIELDS: &str = include_str!("../../../facts/organisations/fields.toml");

/// Ids of standard organisations are derived from place and key, so that the same department has the same id everywhere.
const NAMESPACE: Uuid = Uuid::from_u128(0x3d5e_88a1_2c07_4b55_9f10_77e0_5a3b_c102);

/// On whose side an organisation stands. Fences between data are drawn along it, see [`crate::DataClass`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// People's Committees, ministries and what belongs to them.
    Executive,
    /// People's Councils.
    Council,
    /// The Party's committees and cells.
    Party,
    /// The Fatherland Front and the mass organisations: independent of the People's Committee.
    Front,
    /// Police.
    Police,
    /// Military commands.
    Military,
    /// Villages and what villagers run themselves.
    Village,
    /// Cooperatives.
    Cooperative,
    /// Enterprises and providers of services.
    Business,
}

/// A kind of organisation, such as `people-committee`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationKind {
    /// Its word in the database and in the interface for programs.
    pub code: String,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
    /// On whose side it stands.
    pub body: Body,
    /// The law or decree that says so; empty when not known.
    pub source: String,
    /// `known` or `to-check`.
    pub confidence: String,
}

impl OrganisationKind {
    /// The kind with a code.
    pub fn coded(code: &str) -> Option<&'static OrganisationKind> {
        FACTS.kinds.iter().find(|kind| kind.code == code)
    }

    /// All kinds.
    pub fn all() -> &'static [OrganisationKind] {
        &FACTS.kinds
    }

    /// Its name on the screen.
    pub fn label(&self, lang: Lang) -> &str {
        lang.t(&self.vi, &self.en)
    }
}

/// A field of state management (lĩnh vực), such as `agriculture`, to which a role can be narrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Field(&'static FieldFact);

impl Field {
    /// The field with a code.
    pub fn coded(code: &str) -> Option<Field> {
        FACTS.fields.iter().find(|field| field.code == code).map(Field)
    }

    /// All fields.
    pub fn all() -> impl Iterator<Item = Field> {
        FACTS.fields.iter().map(Field)
    }

    /// Its word in the database.
    pub fn code(self) -> &'static str {
        &self.0.code
    }

    /// Its name on the screen.
    pub fn label(self, lang: Lang) -> &'static str {
        lang.t(&self.0.vi, &self.0.en)
    }
}

#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldFact {
    code: String,
    vi: String,
    en: String,
}

/// An organisation that every place of a level has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Standard {
    pub key: String,
    pub kind: String,
    /// `nation`, `province`, `commune` or `village`.
    pub level: String,
    /// Kinds of places that have it; empty for all.
    #[serde(default)]
    pub units: Vec<String>,
    /// With `{unit}` and `{name}`.
    pub name: String,
    pub abbreviation: String,
    /// Key of the organisation of the same place above it; empty for none.
    #[serde(default)]
    pub parent: String,
    /// Offered one by one, because not every place has it.
    #[serde(default)]
    pub optional: bool,
    pub from: Date,
    pub posts: Vec<StandardPost>,
    #[expect(dead_code, reason = "kept beside the value for whoever reads the file")]
    source: String,
    #[expect(dead_code, reason = "kept beside the value for whoever reads the file")]
    confidence: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandardPost {
    pub title: String,
    pub kind: String,
    pub roles: Vec<String>,
}

impl Standard {
    /// The standard organisations of a place of a level and kind.
    pub fn of(level: &str, unit_kind: &str) -> impl Iterator<Item = &'static Standard> {
        FACTS.standard.iter().filter(move |s| s.level == level && (s.units.is_empty() || s.units.iter().any(|u| u == unit_kind)))
    }

    /// Its name in a place.
    pub fn named(&self, full: &str, name: &str) -> String {
        // A village that bears no kind in its name still begins a line.
        let text = self.name.replace("{unit}", full).replace("{name}", name);
        let mut letters = text.chars();
        match letters.next() {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => text,
        }
    }
}

/// The id of the standard organisation of a place by its key in the facts, such as `so-nnmt` or `ubnd`; whether it was
/// made there is another question.
pub fn organisation_id(unit: Uuid, key: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{unit}/{key}").as_bytes())
}

/// The id of a post of a standard organisation by its title.
pub(crate) fn post_id(organisation: Uuid, title: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{organisation}/post/{title}").as_bytes())
}

#[derive(Debug, Default)]
struct Facts {
    kinds: Vec<OrganisationKind>,
    standard: Vec<Standard>,
    fields: Vec<FieldFact>,
}

static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    read().unwrap_or_else(|error| {
        // A defect of ours that the tests catch; the rest of the platform goes on.
        tracing::error!(%error, "facts/organisations cannot be read");
        Facts::default()
    })
});

fn read() -> Result<Facts, toml::de::Error> {
    #[derive(Deserialize)]
    struct Kinds {
        kind: Vec<OrganisationKind>,
    }
    #[derive(Deserialize)]
    struct All {
        organisation: Vec<Standard>,
    }
    #[derive(Deserialize)]
    struct Fields {
        field: Vec<FieldFact>,
    }
    Ok(Facts {
        kinds: toml::from_str::<Kinds>(KINDS)?.kind,
        standard: toml::from_str::<All>(STANDARD)?.organisation,
        fields: toml::from_str::<Fields>(FIELDS)?.field,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PostKind, Role};
    use std::collections::BTreeSet;

    #[test]
    fn the_facts_can_be_read_and_fit_together() {
        let facts = read().unwrap();
        let codes: BTreeSet<&str> = facts.kinds.iter().map(|k| k.code.as_str()).collect();
        assert_eq!(codes.len(), facts.kinds.len());
        for standard in &facts.standard {
            assert!(codes.contains(standard.kind.as_str()), "{}", standard.kind);
            assert!(matches!(standard.level.as_str(), "nation" | "province" | "commune" | "village"));
            assert!(standard.level == "nation" || standard.name.contains("{unit}") || standard.name.contains("{name}"));
            // Whoever stands above is of the same place and comes for the same kinds of places.
            if !standard.parent.is_empty() {
                assert!(facts.standard.iter().any(|p| p.key == standard.parent && p.level == standard.level), "{}", standard.key);
            }
            let titles: BTreeSet<&str> = standard.posts.iter().map(|p| p.title.as_str()).collect();
            assert_eq!(titles.len(), standard.posts.len(), "{}", standard.key);
            for post in &standard.posts {
                assert!(PostKind::parse(&post.kind).is_some(), "{}", post.kind);
                assert!(post.roles.iter().all(|r| Role::parse(r).is_some()));
            }
        }
        // One entry per key, level and kind of place.
        let mut seen = BTreeSet::new();
        for s in &facts.standard {
            let kinds = if s.units.is_empty() { vec!["*".to_owned()] } else { s.units.clone() };
            for kind in kinds {
                assert!(seen.insert((s.key.clone(), s.level.clone(), kind)), "{}", s.key);
            }
        }
        assert!(facts.kinds.iter().all(|k| k.confidence == "known" || k.confidence == "to-check"));
    }

    #[test]
    fn a_commune_has_its_organisations_in_their_names() {
        let of: Vec<String> = Standard::of("commune", "xã").map(|s| s.named("xã Phúc Hòa", "Phúc Hòa")).collect();
        assert!(of.contains(&"Ủy ban nhân dân xã Phúc Hòa".to_owned()));
        assert!(of.contains(&"Phòng Kinh tế xã Phúc Hòa".to_owned()));
        assert!(!of.iter().any(|name| name.starts_with("Phòng Kinh tế, Hạ tầng")));
        let ward: Vec<String> = Standard::of("commune", "phường").map(|s| s.named("phường Đông Sơn", "Đông Sơn")).collect();
        assert!(ward.contains(&"Phòng Kinh tế, Hạ tầng và Đô thị phường Đông Sơn".to_owned()));
        let city: Vec<String> = Standard::of("province", "thành phố").map(|s| s.named("thành phố Hà Nội", "Hà Nội")).collect();
        assert!(city.contains(&"Thành ủy Hà Nội".to_owned()) && !city.contains(&"Tỉnh ủy Hà Nội".to_owned()));
        assert_eq!(Standard::of("village", "thôn").next().unwrap().named("thôn Đình", "Đình"), "Thôn Đình");
        assert_eq!(organisation_id(Uuid::nil(), "ubnd"), organisation_id(Uuid::nil(), "ubnd"));
    }
}
