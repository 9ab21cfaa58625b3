CREATE TABLE delegation (
    id {uuid} NOT NULL PRIMARY KEY,
    post_id {uuid} NOT NULL REFERENCES post (id),
    holder_id {uuid} NOT NULL REFERENCES account (id),
    account_id {uuid} NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('kt', 'tl', 'tuq', 'cover')),
    roles TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    document TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by_id {uuid},
    made_by_name TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    returned_at BIGINT,
    returned_how TEXT NOT NULL
){strict};
CREATE INDEX delegation_account ON delegation (account_id);
CREATE INDEX delegation_holder ON delegation (holder_id);
CREATE INDEX delegation_ends ON delegation (ends_at);

CREATE TABLE absence (
    id {uuid} NOT NULL PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES account (id),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    note TEXT NOT NULL,
    made_by_id {uuid},
    made_at BIGINT NOT NULL,
    ended_at BIGINT
){strict};
CREATE INDEX absence_account ON absence (account_id);
