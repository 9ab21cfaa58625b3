CREATE TABLE work_calendar (
  scope_id {uuid} NOT NULL,
  version BIGINT NOT NULL,
  body TEXT NOT NULL,
  document TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  PRIMARY KEY (scope_id, version)
){clustered};

CREATE TABLE procedure_version (
  code TEXT NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  published_by TEXT,
  published_at BIGINT,
  PRIMARY KEY (code, version)
){clustered};

CREATE TABLE work_case (
  tenant_id {uuid} NOT NULL,
  case_id {uuid} NOT NULL,
  procedure TEXT NOT NULL,
  version BIGINT NOT NULL,
  unit_id {uuid} NOT NULL,
  origin_id {uuid} NOT NULL,
  title TEXT NOT NULL,
  folded TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  open BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  holder_id {uuid} NOT NULL,
  holder TEXT NOT NULL,
  assignee_id {uuid},
  assignee TEXT NOT NULL,
  fields TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  opened_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  ended_at BIGINT,
  due BIGINT,
  sort_due BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, case_id)
){clustered};
CREATE INDEX work_case_id ON work_case (case_id);
CREATE INDEX work_case_inbox ON work_case (tenant_id, holder_id, open, sort_due, case_id);
CREATE INDEX work_case_mine ON work_case (tenant_id, assignee_id, open, sort_due, case_id);
CREATE INDEX work_case_unit ON work_case (tenant_id, unit_id, opened_at, case_id);
CREATE INDEX work_case_subject ON work_case (tenant_id, subject, case_id);
CREATE INDEX work_case_procedure ON work_case (tenant_id, procedure, opened_at, case_id);

CREATE TABLE case_event (
  tenant_id {uuid} NOT NULL,
  case_id {uuid} NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  who_id {uuid},
  who_name TEXT NOT NULL,
  acting TEXT NOT NULL,
  kind TEXT NOT NULL,
  action TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  was TEXT NOT NULL,
  became TEXT NOT NULL,
  note TEXT NOT NULL,
  idem TEXT,
  PRIMARY KEY (tenant_id, case_id, seq)
){clustered};
CREATE UNIQUE INDEX case_event_idem ON case_event (tenant_id, case_id, idem);

CREATE TABLE case_clock (
  tenant_id {uuid} NOT NULL,
  case_id {uuid} NOT NULL,
  clock TEXT NOT NULL,
  state TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  amount BIGINT,
  measure TEXT NOT NULL,
  promised BIGINT,
  due BIGINT,
  ended_at BIGINT,
  open BIGINT NOT NULL,
  escalated BIGINT NOT NULL,
  pauses TEXT NOT NULL,
  extensions TEXT NOT NULL,
  causes TEXT NOT NULL,
  PRIMARY KEY (tenant_id, case_id, clock)
){clustered};
CREATE INDEX case_clock_open ON case_clock (tenant_id, open, due, case_id);

CREATE TABLE case_task (
  tenant_id {uuid} NOT NULL,
  case_id {uuid} NOT NULL,
  seq BIGINT NOT NULL,
  task TEXT NOT NULL,
  holder_id {uuid} NOT NULL,
  holder TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  due BIGINT,
  sort_due BIGINT NOT NULL,
  open BIGINT NOT NULL,
  verdict TEXT NOT NULL,
  note TEXT NOT NULL,
  done_by TEXT NOT NULL,
  done_at BIGINT,
  PRIMARY KEY (tenant_id, case_id, seq, task)
){clustered};
CREATE INDEX case_task_inbox ON case_task (tenant_id, holder_id, open, sort_due, case_id);

CREATE TABLE case_paper (
  tenant_id {uuid} NOT NULL,
  case_id {uuid} NOT NULL,
  paper_id {uuid} NOT NULL,
  paper TEXT NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  content {bytes} NOT NULL,
  number TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, case_id, paper_id)
){strict};

CREATE TABLE case_notice (
  tenant_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  notice_id {uuid} NOT NULL,
  case_id {uuid} NOT NULL,
  actor TEXT NOT NULL,
  at BIGINT NOT NULL,
  vi TEXT NOT NULL,
  en TEXT NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, notice_id)
){clustered};

CREATE TABLE certificate (
  tenant_id {uuid} NOT NULL,
  certificate_id {uuid} NOT NULL,
  case_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  body TEXT NOT NULL,
  code TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  revoked_at BIGINT,
  reason TEXT NOT NULL,
  PRIMARY KEY (tenant_id, certificate_id)
){clustered};
CREATE INDEX certificate_case ON certificate (tenant_id, case_id);

CREATE TABLE issuer_key (
  key_id TEXT NOT NULL PRIMARY KEY,
  secret {bytes} NOT NULL,
  made_at BIGINT NOT NULL
){clustered};
