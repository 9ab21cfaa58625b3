CREATE TABLE office_book (
  tenant_id {uuid} NOT NULL,
  office_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  symbol TEXT NOT NULL,
  shared BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, office_id)
){clustered};

CREATE TABLE series (
  tenant_id {uuid} NOT NULL,
  office_id {uuid} NOT NULL,
  direction BIGINT NOT NULL,
  year BIGINT NOT NULL,
  series TEXT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, office_id, direction, year, series)
){clustered};

CREATE TABLE book_number (
  tenant_id {uuid} NOT NULL,
  office_id {uuid} NOT NULL,
  direction BIGINT NOT NULL,
  year BIGINT NOT NULL,
  series TEXT NOT NULL,
  number BIGINT NOT NULL,
  state BIGINT NOT NULL,
  document_id {uuid},
  reason TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, office_id, direction, year, series, number)
){clustered};

CREATE TABLE office_document (
  tenant_id {uuid} NOT NULL,
  document_id {uuid} NOT NULL,
  office_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  direction BIGINT NOT NULL,
  year BIGINT NOT NULL,
  series TEXT NOT NULL,
  number BIGINT NOT NULL,
  kind TEXT NOT NULL,
  symbol TEXT NOT NULL,
  dated TEXT NOT NULL,
  day TEXT NOT NULL,
  title TEXT NOT NULL,
  party TEXT NOT NULL,
  signer TEXT NOT NULL,
  urgency BIGINT NOT NULL,
  due TEXT NOT NULL,
  pages BIGINT NOT NULL,
  note TEXT NOT NULL,
  dossier_id {uuid},
  source TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_id {uuid},
  who_name TEXT NOT NULL,
  handed_at BIGINT,
  handed_to TEXT NOT NULL,
  PRIMARY KEY (tenant_id, document_id)
){strict};

CREATE INDEX office_document_by_day ON office_document (tenant_id, office_id, direction, day, document_id);
CREATE INDEX office_document_by_dossier ON office_document (tenant_id, dossier_id, document_id);
CREATE INDEX office_document_by_symbol ON office_document (tenant_id, office_id, direction, symbol);

CREATE TABLE office_document_file (
  tenant_id {uuid} NOT NULL,
  owner_id {uuid} NOT NULL,
  file_id {uuid} NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  role TEXT NOT NULL,
  signature TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, owner_id, file_id)
){strict};

CREATE TABLE file_part (
  tenant_id {uuid} NOT NULL,
  sha256 TEXT NOT NULL,
  part BIGINT NOT NULL,
  content {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, sha256, part)
){strict};

CREATE TABLE delivery (
  tenant_id {uuid} NOT NULL,
  office_id {uuid} NOT NULL,
  delivery_id {uuid} NOT NULL,
  from_tenant_id {uuid} NOT NULL,
  from_document_id {uuid} NOT NULL,
  from_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  symbol TEXT NOT NULL,
  dated TEXT NOT NULL,
  title TEXT NOT NULL,
  signer TEXT NOT NULL,
  urgency BIGINT NOT NULL,
  at BIGINT NOT NULL,
  state BIGINT NOT NULL,
  document_id {uuid},
  PRIMARY KEY (tenant_id, office_id, delivery_id)
){clustered};

CREATE TABLE dispatch (
  tenant_id {uuid} NOT NULL,
  document_id {uuid} NOT NULL,
  delivery_id {uuid} NOT NULL,
  to_tenant_id {uuid} NOT NULL,
  to_office_id {uuid} NOT NULL,
  to_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  state BIGINT NOT NULL,
  received_at BIGINT,
  received_by TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (tenant_id, document_id, delivery_id)
){clustered};

CREATE TABLE dossier_list_item (
  tenant_id {uuid} NOT NULL,
  office_id {uuid} NOT NULL,
  year BIGINT NOT NULL,
  code TEXT NOT NULL,
  heading TEXT NOT NULL,
  title TEXT NOT NULL,
  retention TEXT NOT NULL,
  keeper TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, office_id, year, code)
){clustered};

CREATE TABLE dossier (
  tenant_id {uuid} NOT NULL,
  dossier_id {uuid} NOT NULL,
  office_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  year BIGINT NOT NULL,
  code TEXT NOT NULL,
  title TEXT NOT NULL,
  retention TEXT NOT NULL,
  state BIGINT NOT NULL,
  opened_on TEXT NOT NULL,
  due TEXT NOT NULL,
  closed_on TEXT NOT NULL,
  archived_on TEXT NOT NULL,
  holder_id {uuid},
  holder_name TEXT NOT NULL,
  stage TEXT NOT NULL,
  since BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  trace BIGINT NOT NULL,
  returns BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, dossier_id)
){strict};

CREATE UNIQUE INDEX dossier_by_code ON dossier (tenant_id, office_id, year, code);
CREATE INDEX dossier_by_holder ON dossier (tenant_id, holder_id, state, due, dossier_id);
CREATE INDEX dossier_by_office ON dossier (tenant_id, office_id, state, due, dossier_id);
CREATE INDEX dossier_closed ON dossier (tenant_id, unit_id, closed_on, trace, office_id);

CREATE TABLE dossier_event (
  tenant_id {uuid} NOT NULL,
  dossier_id {uuid} NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  who_id {uuid},
  who_name TEXT NOT NULL,
  step TEXT NOT NULL,
  how BIGINT NOT NULL,
  document_id {uuid},
  to_name TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (tenant_id, dossier_id, seq)
){clustered};

CREATE TABLE draft (
  tenant_id {uuid} NOT NULL,
  dossier_id {uuid} NOT NULL,
  draft_id {uuid} NOT NULL,
  office_id {uuid} NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  urgency BIGINT NOT NULL,
  recipients TEXT NOT NULL,
  version BIGINT NOT NULL,
  state BIGINT NOT NULL,
  author_id {uuid},
  author_name TEXT NOT NULL,
  signer TEXT NOT NULL,
  document_id {uuid},
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, dossier_id, draft_id)
){strict};

CREATE INDEX draft_by_state ON draft (tenant_id, office_id, state, draft_id);

CREATE TABLE draft_version (
  tenant_id {uuid} NOT NULL,
  draft_id {uuid} NOT NULL,
  version BIGINT NOT NULL,
  text TEXT NOT NULL,
  note TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, draft_id, version)
){strict};

CREATE TABLE draft_word (
  tenant_id {uuid} NOT NULL,
  draft_id {uuid} NOT NULL,
  word_id {uuid} NOT NULL,
  version BIGINT NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_id {uuid},
  who_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, draft_id, word_id)
){clustered};

CREATE TABLE found_word (
  tenant_id {uuid} NOT NULL,
  kind BIGINT NOT NULL,
  word TEXT NOT NULL,
  office_id {uuid} NOT NULL,
  item_id {uuid} NOT NULL,
  toned TEXT NOT NULL,
  PRIMARY KEY (tenant_id, kind, word, office_id, item_id, toned)
){clustered};

CREATE TABLE share_definition (
  tenant_id {uuid} NOT NULL,
  version BIGINT NOT NULL,
  valid_from TEXT NOT NULL,
  rules TEXT NOT NULL,
  reason TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, version)
){clustered};

CREATE TABLE share_count (
  tenant_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  period BIGINT NOT NULL,
  office_id {uuid} NOT NULL,
  system TEXT NOT NULL,
  closed BIGINT NOT NULL,
  network BIGINT NOT NULL,
  secret BIGINT NOT NULL,
  source TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, period, office_id, system)
){clustered};

CREATE TABLE trusted_certificate (
  tenant_id {uuid} NOT NULL,
  fingerprint TEXT NOT NULL,
  subject TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL,
  content {bytes} NOT NULL,
  basis TEXT NOT NULL,
  at BIGINT NOT NULL,
  who_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, fingerprint)
){strict};
