/// The procedures that come with the platform.
pub const SHIPPED: &[&str] = &[
    include_str!("../../../../facts/procedures/recognition-commune.toml"),
];
