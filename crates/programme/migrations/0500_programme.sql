CREATE TABLE document (
  document_id {uuid} NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  home_id {uuid} NOT NULL,
  about TEXT NOT NULL,
  body TEXT NOT NULL,
  written TEXT NOT NULL,
  folded TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL
){strict};

CREATE TABLE document_file (
  document_id {uuid} NOT NULL REFERENCES document (document_id),
  file_id {uuid} NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  content {bytes} NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  PRIMARY KEY (document_id, file_id)
){strict};

CREATE TABLE plan (
  plan_id {uuid} NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  home_id {uuid} NOT NULL
){clustered};

CREATE TABLE plan_version (
  plan_id {uuid} NOT NULL REFERENCES plan (plan_id),
  version BIGINT NOT NULL,
  definition TEXT NOT NULL,
  reason TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  PRIMARY KEY (plan_id, version)
){clustered};

CREATE TABLE plan_decision (
  tenant_id {uuid} NOT NULL,
  plan_id {uuid} NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  choice TEXT NOT NULL,
  document TEXT NOT NULL,
  reason TEXT NOT NULL,
  who_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, plan_id, seq)
){clustered};
