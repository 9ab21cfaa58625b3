CREATE TABLE waiting (
  tenant_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  period BIGINT NOT NULL,
  measure_id {uuid} NOT NULL,
  seq BIGINT NOT NULL,
  state BIGINT NOT NULL,
  act_id {uuid} NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, period, measure_id)
){clustered};

CREATE INDEX waiting_by_state ON waiting (tenant_id, state, act_id, unit_id, period, measure_id);

INSERT INTO waiting (tenant_id, unit_id, period, measure_id, seq, state, act_id)
SELECT l.tenant_id, l.unit_id, l.period, l.measure_id, l.seq, l.state, l.act_id
FROM ledger l
WHERE l.state <> 2 AND l.seq = (SELECT max(k.seq) FROM ledger k
  WHERE k.tenant_id = l.tenant_id AND k.measure_id = l.measure_id AND k.period = l.period AND k.unit_id = l.unit_id);
