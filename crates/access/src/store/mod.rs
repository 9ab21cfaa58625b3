//! The only files of this crate with SQL.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod delegation;
pub(crate) mod organisation;
pub(crate) mod passkey;
pub(crate) mod right;
pub(crate) mod second;
pub(crate) mod session;
pub(crate) mod sign_on;

use db::{Migration, Schema, Table};

/// What this crate brings to the database: people, roles, sessions, tokens, audit.
pub const SCHEMA: Schema = Schema {
    tables: &[
        Table::reference("account"),
        Table::reference("role_grant"),
        Table::reference("api_token"),
        Table::reference("organisation"),
        Table::reference("organisation_name"),
        Table::reference("organisation_successor"),
        Table::reference("post"),
        Table::reference("post_role"),
        Table::reference("post_holder"),
        Table::reference("delegation"),
        Table::reference("absence"),
        Table::reference("totp"),
        Table::reference("recovery_code"),
        Table::reference("trusted_device"),
        Table::reference("consent"),
        Table::reference("data_request"),
        Table::reference("retention_term"),
        Table::reference("passkey"),
        Table::local("passkey_challenge"),
        Table::reference("sign_on_link"),
        Table::local("sign_on_try"),
        Table::local("session"),
        Table::local("sign_in_attempt"),
        Table::tenant("audit_head"),
        Table::tenant("audit"),
    ],
    migrations: &[
        Migration { number: 100, name: "people, roles, sessions, tokens", sql: include_str!("../../migrations/100_people.sql") },
        Migration { number: 101, name: "audit", sql: include_str!("../../migrations/101_audit.sql") },
        Migration { number: 102, name: "organisations and posts", sql: include_str!("../../migrations/102_organisations.sql") },
        Migration { number: 105, name: "second step, trusted devices, consent", sql: include_str!("../../migrations/105_second_step.sql") },
        Migration { number: 106, name: "tokens: how far they reach", sql: include_str!("../../migrations/106_token_scopes.sql") },
        Migration { number: 107, name: "accounts of other systems", sql: include_str!("../../migrations/107_service_accounts.sql") },
        Migration { number: 130, name: "rights over one's data, terms", sql: include_str!("../../migrations/130_rights.sql") },
        Migration { number: 110, name: "audit by time", sql: include_str!("../../migrations/110_audit_at.sql") },
        Migration { number: 103, name: "delegation and leave", sql: include_str!("../../migrations/103_delegation.sql") },
        Migration { number: 104, name: "audit: from where and as what", sql: include_str!("../../migrations/104_audit_where.sql") },
        Migration { number: 120, name: "passkeys", sql: include_str!("../../migrations/120_passkeys.sql") },
        Migration { number: 131, name: "sign-on at other providers", sql: include_str!("../../migrations/131_sign_on.sql") },
        Migration { number: 132, name: "tokens: when last used", sql: include_str!("../../migrations/132_token_used.sql") },
    ],
    statements: &[account::ALL, session::ALL, audit::ALL, organisation::ALL, delegation::ALL, second::ALL, passkey::ALL, sign_on::ALL, right::ALL],
};
