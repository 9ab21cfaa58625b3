CREATE TABLE organisation (
    id {uuid} NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    unit_id {uuid} NOT NULL,
    parent_id {uuid},
    standard TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT
){strict};
CREATE INDEX organisation_unit ON organisation (unit_id);
CREATE INDEX organisation_parent ON organisation (parent_id);

CREATE TABLE organisation_name (
    organisation_id {uuid} NOT NULL REFERENCES organisation (id),
    valid_from TEXT NOT NULL,
    name TEXT NOT NULL,
    abbreviation TEXT NOT NULL,
    basis TEXT NOT NULL,
    PRIMARY KEY (organisation_id, valid_from)
){clustered};

CREATE TABLE organisation_successor (
    organisation_id {uuid} NOT NULL REFERENCES organisation (id),
    successor_id {uuid} NOT NULL REFERENCES organisation (id),
    effective TEXT NOT NULL,
    basis TEXT NOT NULL,
    note TEXT NOT NULL,
    moved BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, successor_id)
){clustered};

CREATE TABLE post (
    id {uuid} NOT NULL PRIMARY KEY,
    organisation_id {uuid} NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT
){strict};
CREATE INDEX post_organisation ON post (organisation_id);

CREATE TABLE post_role (
    id {uuid} NOT NULL PRIMARY KEY,
    post_id {uuid} NOT NULL REFERENCES post (id),
    role TEXT NOT NULL CHECK (role IN ('viewer', 'officer', 'reviewer', 'administrator')),
    unit_id {uuid} NOT NULL,
    field TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT
){strict};
CREATE INDEX post_role_post ON post_role (post_id);

CREATE TABLE post_holder (
    id {uuid} NOT NULL PRIMARY KEY,
    post_id {uuid} NOT NULL REFERENCES post (id),
    account_id {uuid} NOT NULL REFERENCES account (id),
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    basis TEXT NOT NULL
){strict};
CREATE INDEX post_holder_post ON post_holder (post_id);
CREATE INDEX post_holder_account ON post_holder (account_id);

ALTER TABLE role_grant ADD COLUMN field TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN acting_id {uuid};
