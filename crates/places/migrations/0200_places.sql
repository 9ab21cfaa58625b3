CREATE TABLE unit (
  unit_id {uuid} NOT NULL PRIMARY KEY,
  home_id {uuid} NOT NULL,
  level BIGINT NOT NULL,
  lat BIGINT,
  lon BIGINT,
  area BIGINT
){clustered};

CREATE TABLE unit_version (
  unit_id {uuid} NOT NULL REFERENCES unit (unit_id),
  valid_from TEXT NOT NULL,
  valid_to TEXT,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  full_name TEXT NOT NULL,
  code TEXT,
  parent_id {uuid},
  source TEXT NOT NULL,
  source_date TEXT NOT NULL,
  PRIMARY KEY (unit_id, valid_from)
){clustered};

CREATE TABLE unit_change (
  change_id {uuid} NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  effective TEXT NOT NULL,
  decree TEXT NOT NULL,
  decree_date TEXT,
  status TEXT NOT NULL,
  source TEXT NOT NULL,
  note TEXT NOT NULL,
  plan TEXT,
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL
){strict};

CREATE TABLE unit_change_part (
  change_id {uuid} NOT NULL REFERENCES unit_change (change_id),
  ordinal BIGINT NOT NULL,
  from_id {uuid},
  to_id {uuid},
  by_population BIGINT,
  by_area BIGINT,
  is_default BIGINT NOT NULL,
  PRIMARY KEY (change_id, ordinal)
){clustered};

CREATE TABLE place_group (
  group_id {uuid} NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  name_vi TEXT NOT NULL,
  name_en TEXT NOT NULL,
  legal_basis TEXT NOT NULL
){strict};

CREATE TABLE place_group_member (
  group_id {uuid} NOT NULL REFERENCES place_group (group_id),
  unit_id {uuid} NOT NULL REFERENCES unit (unit_id),
  valid_from TEXT NOT NULL,
  valid_to TEXT,
  legal_basis TEXT NOT NULL,
  PRIMARY KEY (group_id, unit_id, valid_from)
){clustered};

CREATE TABLE unit_boundary (
  unit_id {uuid} NOT NULL REFERENCES unit (unit_id),
  zoom BIGINT NOT NULL,
  path TEXT NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (unit_id, zoom)
){clustered};

CREATE TABLE catalog_version (
  name TEXT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  detail TEXT NOT NULL
){clustered};
