CREATE TABLE task (
  tenant_id {uuid} NOT NULL,
  task_id {uuid} NOT NULL,
  parent_tenant_id {uuid},
  parent_id {uuid},
  plan TEXT NOT NULL,
  target TEXT NOT NULL,
  goal TEXT NOT NULL,
  number TEXT NOT NULL,
  title TEXT NOT NULL,
  output TEXT NOT NULL,
  owner_id {uuid} NOT NULL,
  owner_body TEXT NOT NULL,
  support TEXT NOT NULL,
  issuer_id {uuid} NOT NULL,
  assigned TEXT NOT NULL,
  due_on TEXT,
  due_days BIGINT,
  state BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  done_on TEXT,
  done_by_id {uuid},
  everybody BIGINT NOT NULL,
  synthetic BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, task_id)
){clustered};

CREATE INDEX task_by_owner ON task (tenant_id, owner_id, task_id);
CREATE INDEX task_by_state ON task (tenant_id, state, task_id);
CREATE INDEX task_by_parent ON task (tenant_id, parent_id, task_id);

CREATE TABLE task_event (
  tenant_id {uuid} NOT NULL,
  task_id {uuid} NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  who_id {uuid},
  who_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  from_state BIGINT,
  to_state BIGINT,
  words TEXT NOT NULL,
  PRIMARY KEY (tenant_id, task_id, seq)
){clustered};

CREATE TABLE task_child (
  tenant_id {uuid} NOT NULL,
  task_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  child_tenant_id {uuid} NOT NULL,
  child_id {uuid} NOT NULL,
  PRIMARY KEY (tenant_id, task_id, unit_id)
){clustered};

CREATE TABLE task_support (
  tenant_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  task_id {uuid} NOT NULL,
  home_id {uuid} NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, task_id)
){clustered};

CREATE TABLE task_proof (
  tenant_id {uuid} NOT NULL,
  task_id {uuid} NOT NULL,
  proof_id {uuid} NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  content {bytes} NOT NULL,
  number TEXT NOT NULL,
  issued TEXT,
  issuer TEXT NOT NULL,
  who_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, task_id, proof_id)
){strict};

CREATE INDEX task_by_id ON task (task_id);
