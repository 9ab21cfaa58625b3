//! How far an API token reaches: areas of the API, each to read or also to write.

use std::collections::BTreeMap;
use std::fmt;
use ui::Lang;

/// An area of the API: the paths under `/api/v1/` that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Units, changes of units, groups, organisations.
    Places,
    /// Measures, figures, submissions, acceptances, evidence.
    Figures,
    /// Sets of criteria, assessments, scenarios.
    Criteria,
    /// Documents, plans, tasks, reports.
    Programme,
    /// Cases, procedures, certificates, the legal clock, work dossiers, registers.
    Casework,
}

impl Area {
    /// All areas, in the order of the forms.
    pub const ALL: [Area; 5] = [Area::Places, Area::Figures, Area::Criteria, Area::Programme, Area::Casework];

    /// The word in forms and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Area::Places => "places",
            Area::Figures => "figures",
            Area::Criteria => "criteria",
            Area::Programme => "programme",
            Area::Casework => "casework",
        }
    }

    /// In the reader's language.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            Area::Places => l.t("Địa bàn, cơ quan", "Places, organisations"),
            Area::Figures => l.t("Số liệu, minh chứng", "Figures, evidence"),
            Area::Criteria => l.t("Tiêu chí, chấm điểm", "Criteria, assessments"),
            Area::Programme => l.t("Văn bản, kế hoạch, nhiệm vụ", "Documents, plans, tasks"),
            Area::Casework => l.t("Thủ tục, hồ sơ công việc", "Cases, work dossiers"),
        }
    }

    /// The first segments of its paths, after `/api/v1/`.
    pub fn roots(self) -> &'static [&'static str] {
        match self {
            Area::Places => &["units", "unit-changes", "groups", "organisations"],
            Area::Figures => &["measures", "figures", "completeness", "submissions", "acceptances", "evidence"],
            Area::Criteria => &["criteria-sets", "assessments", "scenarios"],
            Area::Programme => &["documents", "plans", "tasks", "reports"],
            Area::Casework => &["cases", "procedures", "certificates", "calendar", "dossiers", "documents-registers", "today"],
        }
    }

    /// The area of a path; none outside of the API and for what every token may ask.
    pub fn of(path: &str) -> Option<Area> {
        let root = path.strip_prefix("/api/v1/")?.split('/').next()?;
        Area::ALL.into_iter().find(|area| area.roots().contains(&root))
    }
}

/// What a token may reach. Each area is there to be read; with `true` also to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeMap<Area, bool>);

impl Scopes {
    /// Adds an area.
    pub fn with(mut self, area: Area, writes: bool) -> Scopes {
        self.0.insert(area, writes);
        self
    }

    /// Whether nothing was chosen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads what [`fmt::Display`] writes, such as `figures:write places:read`. What is not known opens nothing.
    pub fn parse(text: &str) -> Scopes {
        let mut out = Scopes::default();
        for (word, may) in text.split_whitespace().filter_map(|scope| scope.split_once(':')) {
            if let Some(area) = Area::ALL.into_iter().find(|area| area.word() == word)
                && matches!(may, "read" | "write")
            {
                out = out.with(area, may == "write");
            }
        }
        out
    }

    /// Whether a request lies within: asking who one is and reading the description of the API always do; pages never.
    pub fn allow(&self, safe: bool, path: &str) -> bool {
        match Area::of(path) {
            Some(area) => self.0.get(&area).is_some_and(|writes| safe || *writes),
            None => safe && matches!(path, "/api/v1/me" | "/api/v1/openapi.json" | "/api/v1/docs"),
        }
    }

    /// In words, such as `Số liệu (đọc và ghi)`.
    pub fn label(&self, l: Lang) -> String {
        let one = |(area, writes): (&Area, &bool)| {
            let may = if *writes { l.t("đọc và ghi", "read and write") } else { l.t("đọc", "read") };
            format!("{} ({may})", area.label(l))
        };
        self.0.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (area, writes)) in self.0.iter().enumerate() {
            let gap = if at == 0 { "" } else { " " };
            write!(f, "{gap}{}:{}", area.word(), if *writes { "write" } else { "read" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_token_stays_within_its_areas() {
        let scopes = Scopes::default().with(Area::Figures, true).with(Area::Places, false);
        for (safe, path, may) in [
            (true, "/api/v1/figures", true),
            (false, "/api/v1/figures", true),
            (false, "/api/v1/submissions/2026-Q3", true),
            (true, "/api/v1/units/1/changes", true),
            (false, "/api/v1/units", false),
            (true, "/api/v1/dossiers", false),
            (true, "/api/v1/figures-of-others", false),
            (true, "/api/v1/me", true),
            (false, "/api/v1/me", false),
            (true, "/today", false),
            (true, "/api/v2/figures", false),
        ] {
            assert_eq!(scopes.allow(safe, path), may, "{path}");
        }
        assert!(!Scopes::default().allow(true, "/api/v1/figures"));
    }

    proptest! {
        #[test]
        fn scopes_are_read_as_they_were_written(chosen in prop::collection::vec((0usize..5, any::<bool>()), 0..8)) {
            let scopes = chosen.into_iter().fold(Scopes::default(), |s, (at, writes)| s.with(Area::ALL[at], writes));
            prop_assert_eq!(Scopes::parse(&scopes.to_string()), scopes);
        }

        #[test]
        fn odd_text_opens_nothing_new(text in ".*") {
            prop_assert!(!Scopes::parse(&text.replace(':', ";")).allow(true, "/api/v1/figures"));
        }
    }
}
