CREATE TABLE report (
  tenant_id {uuid} NOT NULL,
  report_id {uuid} NOT NULL,
  template TEXT NOT NULL,
  template_version BIGINT NOT NULL,
  unit_id {uuid} NOT NULL,
  period BIGINT NOT NULL,
  signer_title TEXT NOT NULL,
  signer_name TEXT NOT NULL,
  recipients TEXT NOT NULL,
  synthetic BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, report_id),
  UNIQUE (tenant_id, template, unit_id, period)
){clustered};

CREATE TABLE report_text (
  tenant_id {uuid} NOT NULL,
  report_id {uuid} NOT NULL,
  section TEXT NOT NULL,
  words TEXT NOT NULL,
  carried_from BIGINT,
  seq BIGINT NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, report_id, section)
){clustered};

CREATE TABLE report_issue (
  tenant_id {uuid} NOT NULL,
  report_id {uuid} NOT NULL,
  version BIGINT NOT NULL,
  unit_id {uuid} NOT NULL,
  year BIGINT NOT NULL,
  number BIGINT NOT NULL,
  symbol TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  reason TEXT NOT NULL,
  who_id {uuid},
  who_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  snapshot TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  docx {bytes} NOT NULL,
  docx_sha256 TEXT NOT NULL,
  xlsx {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, report_id, version),
  UNIQUE (tenant_id, unit_id, year, symbol, number)
){strict};

CREATE INDEX report_by_id ON report (report_id);
