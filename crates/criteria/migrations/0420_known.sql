ALTER TABLE criteria_version ADD COLUMN known BIGINT NOT NULL DEFAULT 0;
ALTER TABLE criteria_level ADD COLUMN known BIGINT NOT NULL DEFAULT 0;
ALTER TABLE criteria_level ADD COLUMN ended_known BIGINT;
ALTER TABLE criteria_file ADD COLUMN scan BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assessment_line ADD COLUMN known BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assessment_owner ADD COLUMN organisation_id {uuid};

CREATE TABLE assessment_past (
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
  replaced_by TEXT NOT NULL,
  replaced_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, set_code, year, unit_id, version)
){clustered};

CREATE TABLE assessment_round (
  tenant_id {uuid} NOT NULL,
  province_id {uuid} NOT NULL,
  set_code TEXT NOT NULL,
  year BIGINT NOT NULL,
  score_by TEXT,
  appraise_by TEXT,
  document TEXT NOT NULL,
  who_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, province_id, set_code, year)
){clustered};
