CREATE TABLE evidence_file (
  tenant_id {uuid} NOT NULL,
  evidence_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  sha256 TEXT NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size BIGINT NOT NULL,
  url TEXT,
  number TEXT NOT NULL,
  issued TEXT,
  issuer TEXT NOT NULL,
  valid_until TEXT,
  scan BIGINT NOT NULL,
  scanned_at BIGINT,
  scan_note TEXT NOT NULL,
  act_id {uuid} NOT NULL,
  PRIMARY KEY (tenant_id, evidence_id),
  UNIQUE (tenant_id, sha256)
){clustered};

CREATE INDEX evidence_file_by_scan ON evidence_file (scan, scanned_at);

CREATE TABLE evidence_content (
  tenant_id {uuid} NOT NULL,
  evidence_id {uuid} NOT NULL,
  content {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, evidence_id)
){strict};

CREATE TABLE evidence_use (
  tenant_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  kind BIGINT NOT NULL,
  topic_id {uuid} NOT NULL,
  period BIGINT NOT NULL,
  item TEXT NOT NULL,
  evidence_id {uuid} NOT NULL,
  seq BIGINT NOT NULL,
  change BIGINT NOT NULL,
  reason TEXT NOT NULL,
  act_id {uuid} NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, kind, topic_id, period, item, evidence_id, seq)
){clustered};

CREATE INDEX evidence_use_by_file ON evidence_use (tenant_id, evidence_id);
CREATE INDEX evidence_use_by_topic ON evidence_use (tenant_id, kind, topic_id, period);

INSERT INTO evidence_file (tenant_id, evidence_id, unit_id, sha256, name, media, size, url, number, issued, issuer, valid_until, scan, scanned_at, scan_note, act_id)
SELECT e.tenant_id, e.evidence_id, e.unit_id, e.sha256, e.name, e.media, e.size, NULL, e.number, e.issued, e.issuer, NULL, 0, NULL, '', e.act_id
FROM evidence e
WHERE NOT EXISTS (SELECT 1 FROM evidence o WHERE o.tenant_id = e.tenant_id AND o.sha256 = e.sha256 AND o.evidence_id < e.evidence_id);

INSERT INTO evidence_content (tenant_id, evidence_id, content)
SELECT e.tenant_id, e.evidence_id, e.content
FROM evidence e JOIN evidence_file f ON f.tenant_id = e.tenant_id AND f.evidence_id = e.evidence_id;

INSERT INTO evidence_use (tenant_id, unit_id, kind, topic_id, period, item, evidence_id, seq, change, reason, act_id)
SELECT e.tenant_id, e.unit_id, 0, e.measure_id, e.period, '', f.evidence_id, 1, 1, '', e.act_id
FROM evidence e JOIN evidence_file f ON f.tenant_id = e.tenant_id AND f.sha256 = e.sha256
WHERE NOT EXISTS (SELECT 1 FROM evidence o WHERE o.tenant_id = e.tenant_id AND o.measure_id = e.measure_id AND o.period = e.period
  AND o.unit_id = e.unit_id AND o.sha256 = e.sha256 AND o.evidence_id < e.evidence_id);

DROP TABLE evidence;
