CREATE TABLE account (
    id {uuid} NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    unit_id {uuid} NOT NULL,
    password_hash TEXT NOT NULL,
    temporary_until BIGINT,
    demo BIGINT NOT NULL,
    disabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL
){strict};

CREATE TABLE role_grant (
    id {uuid} NOT NULL PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES account (id),
    role TEXT NOT NULL CHECK (role IN ('viewer', 'officer', 'reviewer', 'administrator')),
    unit_id {uuid} NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    basis TEXT NOT NULL
){strict};
CREATE INDEX role_grant_account ON role_grant (account_id);

CREATE TABLE api_token (
    id {uuid} NOT NULL PRIMARY KEY,
    token_hash {bytes} NOT NULL UNIQUE,
    account_id {uuid} NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
){strict};
CREATE INDEX api_token_account ON api_token (account_id);

CREATE TABLE session (
    id {uuid} NOT NULL PRIMARY KEY,
    token_hash {bytes} NOT NULL UNIQUE,
    account_id {uuid} NOT NULL REFERENCES account (id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    agent TEXT NOT NULL
){strict};
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE sign_in_attempt (
    login_hash {bytes} NOT NULL,
    address TEXT NOT NULL,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    PRIMARY KEY (login_hash, address)
){clustered};
CREATE INDEX sign_in_attempt_last ON sign_in_attempt (last_at);
