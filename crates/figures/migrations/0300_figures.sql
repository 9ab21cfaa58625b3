CREATE TABLE tenant (
  tenant_id {uuid} NOT NULL PRIMARY KEY
){clustered};

CREATE TABLE measure (
  measure_id {uuid} NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE
){clustered};

CREATE TABLE measure_version (
  measure_id {uuid} NOT NULL REFERENCES measure (measure_id),
  version BIGINT NOT NULL,
  valid_from TEXT NOT NULL,
  retired BIGINT NOT NULL,
  definition TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  PRIMARY KEY (measure_id, version)
){clustered};

CREATE TABLE act (
  tenant_id {uuid} NOT NULL,
  act_id {uuid} NOT NULL,
  at BIGINT NOT NULL,
  who_id {uuid},
  who_name TEXT NOT NULL,
  source TEXT NOT NULL,
  file_name TEXT,
  file_hash TEXT,
  note TEXT NOT NULL,
  PRIMARY KEY (tenant_id, act_id)
){clustered};

CREATE TABLE ledger (
  tenant_id {uuid} NOT NULL,
  measure_id {uuid} NOT NULL,
  period BIGINT NOT NULL,
  unit_id {uuid} NOT NULL,
  seq BIGINT NOT NULL,
  version BIGINT NOT NULL,
  state BIGINT NOT NULL,
  known BIGINT NOT NULL,
  num BIGINT,
  den BIGINT,
  words TEXT,
  act_id {uuid} NOT NULL,
  cell TEXT,
  reason TEXT,
  replaces BIGINT,
  PRIMARY KEY (tenant_id, measure_id, period, unit_id, seq)
){clustered};

CREATE TABLE figure (
  tenant_id {uuid} NOT NULL,
  measure_id {uuid} NOT NULL,
  period BIGINT NOT NULL,
  tree BIGINT NOT NULL,
  level BIGINT NOT NULL,
  place_id {uuid} NOT NULL,
  n BIGINT NOT NULL,
  na BIGINT NOT NULL,
  unknown BIGINT NOT NULL,
  awaiting BIGINT NOT NULL,
  num BIGINT NOT NULL,
  den BIGINT NOT NULL,
  met BIGINT NOT NULL,
  lo BIGINT,
  hi BIGINT,
  estimated BIGINT NOT NULL,
  as_of BIGINT NOT NULL,
  words TEXT,
  PRIMARY KEY (tenant_id, measure_id, period, tree, level, place_id)
){clustered};

CREATE TABLE evidence (
  tenant_id {uuid} NOT NULL,
  measure_id {uuid} NOT NULL,
  period BIGINT NOT NULL,
  unit_id {uuid} NOT NULL,
  evidence_id {uuid} NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  content {bytes} NOT NULL,
  number TEXT NOT NULL,
  issued TEXT,
  issuer TEXT NOT NULL,
  act_id {uuid} NOT NULL,
  PRIMARY KEY (tenant_id, measure_id, period, unit_id, evidence_id)
){strict};

CREATE TABLE submission (
  tenant_id {uuid} NOT NULL,
  period BIGINT NOT NULL,
  unit_id {uuid} NOT NULL,
  act_id {uuid} NOT NULL,
  at BIGINT NOT NULL,
  lines BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, period, unit_id, act_id)
){clustered};

CREATE TABLE reporting_round (
  tenant_id {uuid} NOT NULL,
  period BIGINT NOT NULL,
  unit_id {uuid} NOT NULL,
  due TEXT,
  closed_at BIGINT,
  closed_by TEXT,
  reason TEXT NOT NULL,
  PRIMARY KEY (tenant_id, period, unit_id)
){clustered};

CREATE TABLE idempotency (
  tenant_id {uuid} NOT NULL,
  who TEXT NOT NULL,
  idem TEXT NOT NULL,
  at BIGINT NOT NULL,
  request_hash TEXT NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (tenant_id, who, idem)
){strict};

CREATE TABLE import_mapping (
  tenant_id {uuid} NOT NULL,
  mapping_id {uuid} NOT NULL,
  shape_hash TEXT NOT NULL,
  mapping TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, mapping_id)
){strict};

CREATE TABLE import_job (
  job_id {uuid} NOT NULL PRIMARY KEY,
  who_id {uuid},
  unit_id {uuid} NOT NULL,
  file_name TEXT NOT NULL,
  file_hash TEXT NOT NULL,
  content {bytes} NOT NULL,
  state TEXT NOT NULL,
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  detail TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
){strict};
