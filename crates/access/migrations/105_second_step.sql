CREATE TABLE totp (
    account_id {uuid} NOT NULL PRIMARY KEY REFERENCES account (id),
    secret {bytes} NOT NULL,
    last_step BIGINT NOT NULL,
    confirmed_at BIGINT
){strict};

CREATE TABLE recovery_code (
    account_id {uuid} NOT NULL REFERENCES account (id),
    code_hash {bytes} NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account_id, code_hash)
){clustered};

CREATE TABLE trusted_device (
    token_hash {bytes} NOT NULL PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES account (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
){clustered};
CREATE INDEX trusted_device_account ON trusted_device (account_id);

CREATE TABLE consent (
    account_id {uuid} NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (account_id, kind, given_at)
){clustered};

ALTER TABLE session ADD COLUMN proof_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN half BIGINT NOT NULL DEFAULT 0;
