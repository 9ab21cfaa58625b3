//! Places as `access` sees them: just enough to name a unit and to know what lies above it.

use crate::Level;
use crate::service::Places;
use access::{Standing, UnitDirectory};
use jiff::civil::Date;
use std::collections::HashSet;
use uuid::Uuid;

impl UnitDirectory for Places {
    fn find(&self, text: &str, on: Date) -> Option<(Uuid, String)> {
        let atlas = self.atlas();
        if let Ok(id) = text.trim().parse::<Uuid>() {
            return atlas.unit(id).map(|u| (u.id, atlas.full_name(u.id, on)));
        }
        // Two places of one level that fit equally well are no answer: the caller shows the list and asks.
        let level = |unit: Uuid| atlas.unit(unit).map(|u| u.level);
        let mut hits = atlas.find(text, on, 3).into_iter().filter(|h| h.alive && h.exact());
        let first = hits.next()?;
        match hits.next() {
            Some(second) if second.rank == first.rank && level(second.unit) == level(first.unit) => None,
            _ => Some((first.unit, atlas.full_name(first.unit, on))),
        }
    }

    fn name(&self, unit: Uuid, on: Date) -> Option<String> {
        let atlas = self.atlas();
        atlas.unit(unit).map(|_| atlas.full_name(unit, on))
    }

    fn path(&self, unit: Uuid, on: Date) -> Vec<Uuid> {
        self.atlas().path(unit, on)
    }

    fn standing(&self, unit: Uuid, on: Date) -> Option<Standing> {
        let atlas = self.atlas();
        let found = atlas.unit(unit)?;
        let version = found.on(on)?;
        Some(Standing { level: found.level.word(), kind: version.kind.to_string(), name: version.name.to_string(), full_name: version.full_name.to_string() })
    }

    fn tenants(&self, unit: Uuid, on: Date) -> Vec<Uuid> {
        let atlas = self.atlas();
        let view = atlas.on(on);
        let (mut inside, mut outside) = (HashSet::new(), HashSet::new());
        for id in view.all(Level::Commune) {
            let Some(tenant) = atlas.unit(id).map(|u| u.tenant) else { continue };
            if view.above(id).contains(&unit) {
                inside.insert(tenant)
            } else {
                outside.insert(tenant)
            };
        }
        inside.difference(&outside).copied().collect()
    }

    fn below(&self, unit: Uuid, on: Date) -> Vec<Uuid> {
        let atlas = self.atlas();
        let view = atlas.on(on);
        view.children(unit).to_vec()
    }
}
