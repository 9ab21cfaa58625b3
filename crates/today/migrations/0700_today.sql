CREATE TABLE reminder (
  account_id {uuid} NOT NULL PRIMARY KEY,
  address TEXT NOT NULL,
  confirmed_at BIGINT,
  code_hash {bytes},
  code_until BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  urgent BIGINT NOT NULL,
  digest_minute BIGINT,
  digested_on TEXT NOT NULL,
  checked_at BIGINT NOT NULL,
  feed_hash {bytes} UNIQUE
){strict};

CREATE TABLE reminded (
  account_id {uuid} NOT NULL,
  duty TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (account_id, duty)
){clustered};

CREATE TABLE looked (
  account_id {uuid} NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  duties TEXT NOT NULL
){strict};

CREATE TABLE mail_out (
  mail_id {uuid} NOT NULL PRIMARY KEY,
  account_id {uuid} NOT NULL,
  address TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  problem TEXT NOT NULL
){strict};

CREATE INDEX mail_out_next ON mail_out (next_at);
