CREATE INDEX delivery_waiting ON delivery (tenant_id, state, office_id, delivery_id);
