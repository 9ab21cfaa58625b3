CREATE TABLE data_request (
    id {uuid} NOT NULL PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES account (id),
    request TEXT NOT NULL CHECK (request IN ('name', 'other', 'erase')),
    said TEXT NOT NULL,
    wanted TEXT NOT NULL,
    proof TEXT NOT NULL,
    at BIGINT NOT NULL,
    state BIGINT NOT NULL,
    answer TEXT NOT NULL,
    answered_at BIGINT,
    answered_name TEXT NOT NULL
){strict};
CREATE INDEX data_request_account ON data_request (account_id);
CREATE INDEX data_request_open ON data_request (state, at);

CREATE TABLE retention_term (
    kind TEXT NOT NULL PRIMARY KEY,
    days BIGINT NOT NULL,
    basis TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    entered_name TEXT NOT NULL
){clustered};

ALTER TABLE account ADD COLUMN closed_at BIGINT;
ALTER TABLE account ADD COLUMN erased_at BIGINT;
CREATE INDEX account_closed ON account (closed_at);
