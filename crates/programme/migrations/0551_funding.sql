CREATE TABLE task_funding (
  tenant_id {uuid} NOT NULL,
  task_id {uuid} NOT NULL,
  year BIGINT NOT NULL,
  source TEXT NOT NULL,
  planned BIGINT,
  allocated BIGINT,
  spent BIGINT,
  price BIGINT,
  changed_by TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, task_id, year, source)
){clustered};

CREATE TABLE works (
  tenant_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  works_id {uuid} NOT NULL,
  title TEXT NOT NULL,
  accepted BIGINT NOT NULL,
  arranged BIGINT NOT NULL,
  document TEXT NOT NULL,
  as_of TEXT NOT NULL,
  removed BIGINT NOT NULL,
  synthetic BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, works_id)
){clustered};

CREATE TABLE works_line (
  tenant_id {uuid} NOT NULL,
  works_id {uuid} NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  title TEXT NOT NULL,
  accepted BIGINT NOT NULL,
  arranged BIGINT NOT NULL,
  document TEXT NOT NULL,
  as_of TEXT NOT NULL,
  removed BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, works_id, seq)
){clustered};
