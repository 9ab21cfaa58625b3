/// The procedures that come with the platform.
pub const SHIPPED: &[&str] = &[
    include_str!("../../../../facts/procedures/recognition-commune.toml"),
    include_str!("../../../../facts/procedures/recognition-district.toml"),
    include_str!("../../../../facts/procedures/recognition-province.toml"),
    include_str!("../../../../facts/procedures/recognition-village.toml"),
];
