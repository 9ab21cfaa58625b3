CREATE TABLE criteria_set (
  set_code TEXT NOT NULL PRIMARY KEY,
  owner_id {uuid} NOT NULL
){clustered};

CREATE TABLE criteria_version (
  set_code TEXT NOT NULL REFERENCES criteria_set (set_code),
  version BIGINT NOT NULL,
  status TEXT NOT NULL,
  definition TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  PRIMARY KEY (set_code, version)
){clustered};

CREATE TABLE criteria_level (
  level_id {uuid} NOT NULL PRIMARY KEY,
  set_code TEXT NOT NULL,
  indicator TEXT NOT NULL,
  threshold TEXT NOT NULL,
  document TEXT NOT NULL,
  page TEXT NOT NULL,
  file_name TEXT,
  file_hash TEXT,
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  ended_by TEXT,
  ended_at BIGINT
){clustered};

CREATE TABLE criteria_file (
  sha256 TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  content {bytes} NOT NULL
){strict};

CREATE TABLE assessment (
  tenant_id {uuid} NOT NULL,
  set_code TEXT NOT NULL,
  year BIGINT NOT NULL,
  unit_id {uuid} NOT NULL,
  version BIGINT NOT NULL,
  outcomes TEXT NOT NULL,
  states TEXT NOT NULL,
  met BIGINT NOT NULL,
  criteria_met BIGINT NOT NULL,
  whole TEXT NOT NULL,
  accepted TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, set_code, year, unit_id)
){clustered};

CREATE TABLE assessment_line (
  tenant_id {uuid} NOT NULL,
  set_code TEXT NOT NULL,
  year BIGINT NOT NULL,
  unit_id {uuid} NOT NULL,
  indicator TEXT NOT NULL,
  seq BIGINT NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL,
  given TEXT NOT NULL,
  outcome TEXT NOT NULL,
  basis TEXT NOT NULL,
  note TEXT NOT NULL,
  reason TEXT NOT NULL,
  who_id {uuid},
  who_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, set_code, year, unit_id, indicator, seq)
){clustered};

CREATE TABLE assessment_owner (
  tenant_id {uuid} NOT NULL,
  province_id {uuid} NOT NULL,
  set_code TEXT NOT NULL,
  indicator TEXT NOT NULL,
  department TEXT NOT NULL,
  logins TEXT NOT NULL,
  who_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, province_id, set_code, indicator)
){clustered};

CREATE TABLE assessment_recheck (
  tenant_id {uuid} NOT NULL,
  province_id {uuid} NOT NULL,
  set_code TEXT NOT NULL,
  year BIGINT NOT NULL,
  recheck_id {uuid} NOT NULL,
  seed BIGINT NOT NULL,
  pool BIGINT NOT NULL,
  chosen TEXT NOT NULL,
  who_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, province_id, set_code, year, recheck_id)
){clustered};

CREATE TABLE recognition (
  tenant_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  set_code TEXT NOT NULL,
  recognition_id {uuid} NOT NULL,
  kind TEXT NOT NULL,
  number TEXT NOT NULL,
  issued TEXT NOT NULL,
  issuer TEXT NOT NULL,
  holds_from TEXT NOT NULL,
  note TEXT NOT NULL,
  who_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, set_code, recognition_id)
){clustered};
