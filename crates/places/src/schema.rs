//! Tables of this crate: all are reference tables, the same on every node.

use db::{Migration, Schema, Table};

/// Schema of places.
pub const SCHEMA: Schema = Schema {
    tables: &[
        Table::reference("unit"),
        Table::reference("unit_version"),
        Table::reference("unit_change"),
        Table::reference("unit_change_part"),
        Table::reference("unit_change_share"),
        Table::reference("place_group"),
        Table::reference("place_group_member"),
        Table::reference("unit_boundary"),
        Table::reference("catalog_version"),
    ],
    migrations: &[
        Migration { number: 200, name: "places", sql: include_str!("../migrations/0200_places.sql") },
        Migration { number: 201, name: "unit_change_share", sql: include_str!("../migrations/0201_unit_change_share.sql") },
        Migration { number: 202, name: "unit_boundary_dated", sql: include_str!("../migrations/0202_unit_boundary_dated.sql") },
    ],
    statements: &[crate::store::ALL, crate::store::boundary::ALL, crate::store::change::ALL],
};
