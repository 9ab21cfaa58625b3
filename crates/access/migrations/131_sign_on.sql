CREATE TABLE sign_on_link (
    identity_hash {bytes} NOT NULL PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES account (id),
    provider TEXT NOT NULL,
    linked_at BIGINT NOT NULL,
    used_at BIGINT
){strict};
CREATE INDEX sign_on_link_account ON sign_on_link (account_id, provider);

CREATE TABLE sign_on_try (
    state_hash {bytes} NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    purpose TEXT NOT NULL,
    bound {bytes} NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    back TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
){strict};
CREATE INDEX sign_on_try_end ON sign_on_try (expires_at);
