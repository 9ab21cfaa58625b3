//! Places that remember: units with dated names, codes and parents, the changes that redraw the map,
//! villages, groups, look-up, and carrying from an old map to a later one.

pub mod api;
mod atlas;
pub mod boundary;
mod carry;
mod directory;
pub mod facts;
mod filter;
pub mod map;
mod model;
pub mod pages;
mod plan;
mod schema;
mod search;
mod service;
pub mod store;
mod view;

pub use atlas::Atlas;
pub use carry::{Basis, Heir, WHOLE, split};
pub use model::{Change, ChangeKind, Group, GroupKind, Level, Member, Part, Unit, Version};
pub use plan::{Draft, DraftForm, Plan, Target};
pub use schema::SCHEMA;
pub use search::{Hit, Suggestion, suggest};
pub use service::{BoundaryOptions, BoundaryReport, LateShare, NewGroup, Places, Preview, VILLAGE_KINDS, VillageAct, VillageName};
pub use view::{MapView, Reporters};
