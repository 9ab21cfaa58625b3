CREATE TABLE passkey (
    credential {bytes} NOT NULL PRIMARY KEY,
    id {uuid} NOT NULL,
    account_id {uuid} NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    algorithm BIGINT NOT NULL,
    public_key {bytes} NOT NULL,
    counter BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
){strict};
CREATE INDEX passkey_account ON passkey (account_id);

CREATE TABLE passkey_challenge (
    challenge_hash {bytes} NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    bound {bytes} NOT NULL,
    expires_at BIGINT NOT NULL
){strict};
CREATE INDEX passkey_challenge_end ON passkey_challenge (expires_at);
