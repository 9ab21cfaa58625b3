CREATE TABLE audit_head (
    tenant_id {uuid} NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash {bytes} NOT NULL
){clustered};

CREATE TABLE audit (
    tenant_id {uuid} NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    who_id {uuid},
    who_name TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev_hash {bytes} NOT NULL,
    hash {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, seq)
){clustered};
