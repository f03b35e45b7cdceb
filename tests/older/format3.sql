-- A small store of format 3, as the program of that format wrote it: two sources, of which one repeated itself, delivered
-- late, had a value rejected and said it again, and has codes that wait. Its digest is in format3.digest.
PRAGMA foreign_keys = OFF;
PRAGMA application_id = 1398036292;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE choice (
  choice_set TEXT NOT NULL,
  code INTEGER NOT NULL,
  label TEXT NOT NULL,
  PRIMARY KEY (choice_set, code)
) STRICT, WITHOUT ROWID;
INSERT INTO "choice" VALUES('Direction',166840000,'Inbound');
INSERT INTO "choice" VALUES('Direction',166840001,'Outbound');
INSERT INTO "choice" VALUES('Integration Commit Mode',166840000,'On Ingest');
INSERT INTO "choice" VALUES('Integration Commit Mode',166840001,'On Certify');
INSERT INTO "choice" VALUES('Item State',0,'Queued');
INSERT INTO "choice" VALUES('Item State',1,'Applied');
INSERT INTO "choice" VALUES('Item State',2,'Unchanged');
INSERT INTO "choice" VALUES('Item State',3,'Waiting');
INSERT INTO "choice" VALUES('Item State',4,'Held');
INSERT INTO "choice" VALUES('Item State',5,'Failed');
INSERT INTO "choice" VALUES('Item State',6,'Rejected');
INSERT INTO "choice" VALUES('Item State',7,'Superseded');
INSERT INTO "choice" VALUES('Item State',8,'Parked');
INSERT INTO "choice" VALUES('Justification',0,'manual');
INSERT INTO "choice" VALUES('Justification',1,'lexical');
INSERT INTO "choice" VALUES('Justification',2,'imported');
INSERT INTO "choice" VALUES('Ledger Aspect',166840000,'Field');
INSERT INTO "choice" VALUES('Ledger Aspect',166840001,'Record');
INSERT INTO "choice" VALUES('Ledger Aspect',166840002,'Table');
INSERT INTO "choice" VALUES('Ledger Aspect',166840003,'File / Dataset');
INSERT INTO "choice" VALUES('Map State',0,'Proposed');
INSERT INTO "choice" VALUES('Map State',1,'Active');
INSERT INTO "choice" VALUES('Map State',2,'No match');
INSERT INTO "choice" VALUES('Map State',3,'Rejected');
INSERT INTO "choice" VALUES('Map State',4,'Flagged');
INSERT INTO "choice" VALUES('On Blank',0,'ignore');
INSERT INTO "choice" VALUES('On Blank',1,'clear');
INSERT INTO "choice" VALUES('On No Match',0,'keep');
INSERT INTO "choice" VALUES('On No Match',1,'clear');
INSERT INTO "choice" VALUES('On No Match',2,'fixed');
INSERT INTO "choice" VALUES('On Unknown Key',0,'create');
INSERT INTO "choice" VALUES('On Unknown Key',1,'hold');
INSERT INTO "choice" VALUES('On Unmapped',0,'hold');
INSERT INTO "choice" VALUES('On Unmapped',1,'keep');
INSERT INTO "choice" VALUES('On Unmapped',2,'fixed');
INSERT INTO "choice" VALUES('On Unmapped',3,'pass');
INSERT INTO "choice" VALUES('On Unmapped',4,'fail');
INSERT INTO "choice" VALUES('Overall Result',166840000,'Success');
INSERT INTO "choice" VALUES('Overall Result',166840001,'Partial Success');
INSERT INTO "choice" VALUES('Overall Result',166840002,'Indeterminate (Neutral)');
INSERT INTO "choice" VALUES('Overall Result',166840003,'Failure');
INSERT INTO "choice" VALUES('Relationship',0,'equal');
INSERT INTO "choice" VALUES('Relationship',1,'wider');
INSERT INTO "choice" VALUES('Relationship',2,'narrower');
INSERT INTO "choice" VALUES('Relationship',3,'inexact');
INSERT INTO "choice" VALUES('Simple Certification Status',166840000,'Pending');
INSERT INTO "choice" VALUES('Simple Certification Status',166840001,'Certified');
INSERT INTO "choice" VALUES('Simple Certification Status',166840002,'Rejected');
INSERT INTO "choice" VALUES('Simple Certification Status',166840003,'Revoked');
INSERT INTO "choice" VALUES('State',0,'Active');
INSERT INTO "choice" VALUES('State',1,'Inactive');
INSERT INTO "choice" VALUES('Status',1,'Active');
INSERT INTO "choice" VALUES('Status',2,'Inactive');
INSERT INTO "choice" VALUES('Yes No',166840000,'No');
INSERT INTO "choice" VALUES('Yes No',166840001,'Yes');
CREATE TABLE code_binding (
  id INTEGER PRIMARY KEY,
  target_table TEXT NOT NULL CHECK (length(target_table) BETWEEN 1 AND 100),
  field_name TEXT CHECK (length(field_name) <= 100),
  source_system_key TEXT CHECK (length(source_system_key) <= 100),
  code_list TEXT CHECK (length(code_list) <= 100),
  on_unmapped INTEGER NOT NULL DEFAULT 0 CHECK (on_unmapped BETWEEN 0 AND 4),
  on_blank INTEGER NOT NULL DEFAULT 0 CHECK (on_blank IN (0, 1)),
  on_no_match INTEGER NOT NULL DEFAULT 0 CHECK (on_no_match BETWEEN 0 AND 2),
  on_unknown_key INTEGER NOT NULL DEFAULT 0 CHECK (on_unknown_key IN (0, 1)),
  fixed_value TEXT CHECK (length(fixed_value) <= 4000),
  outbound INTEGER NOT NULL DEFAULT 0 CHECK (outbound IN (0, 1)),
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  row_version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE code_list_entry (
  id INTEGER PRIMARY KEY,
  code_list TEXT NOT NULL CHECK (length(code_list) BETWEEN 1 AND 100),
  code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 100),
  label TEXT CHECK (length(label) <= 850),
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  row_version INTEGER NOT NULL DEFAULT 1,
  UNIQUE (code_list, code)
) STRICT;
INSERT INTO "code_list_entry" VALUES(1,'status','A','Alpha',1,1);
INSERT INTO "code_list_entry" VALUES(2,'status','B','Beta',1,1);
CREATE TABLE current_value (
  target_table TEXT NOT NULL,
  target_id TEXT NOT NULL,
  field_name TEXT NOT NULL,
  value TEXT,
  ledger INTEGER NOT NULL REFERENCES integration_ledger,
  -- when a source last confirmed the holder, or else when it was made
  confirmed_on INTEGER NOT NULL,
  -- when its stale clock last started, and when that is too long ago by the policy as it then stood
  counted_from INTEGER NOT NULL,
  stale_on INTEGER,
  PRIMARY KEY (target_table, target_id, field_name)
) STRICT, WITHOUT ROWID;
INSERT INTO "current_value" VALUES('t','01a22c5e-26eb-75a6-9cfd-4ca8c1a4082f','name','Ann',1,1796040702482990,1796040702482990,1798632702482990);
INSERT INTO "current_value" VALUES('t','01a22c5e-26eb-75a6-9cfd-4ca8c1a4082f','status','A',5,1796040702482990,1796040702482990,1798632702482990);
INSERT INTO "current_value" VALUES('t','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','name','Late',6,1796040702728027,1796040702728027,1798632702728027);
INSERT INTO "current_value" VALUES('t','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','status','A',3,1796040702482990,1796040702482990,1798632702482990);
CREATE TABLE disposed (
  table_name TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  seq INTEGER NOT NULL REFERENCES operation DEFERRABLE INITIALLY DEFERRED,
  ordinal INTEGER NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  PRIMARY KEY (table_name, row_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE disposed_change (
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  PRIMARY KEY (seq, ordinal)
) STRICT, WITHOUT ROWID;
CREATE TABLE integration_commit_policy (
  id INTEGER PRIMARY KEY,
  guid BLOB NOT NULL UNIQUE CHECK (length(guid) = 16),
  policy_id TEXT NOT NULL UNIQUE CHECK (length(policy_id) BETWEEN 1 AND 850),
  authoritative_sources TEXT CHECK (length(authoritative_sources) <= 500),
  auto_certify INTEGER CHECK (auto_certify IN (166840000, 166840001)),
  commit_mode INTEGER CHECK (commit_mode IN (166840000, 166840001)),
  field_name TEXT CHECK (length(field_name) <= 100),
  stale_after_days INTEGER CHECK (stale_after_days >= 0),
  target_table TEXT NOT NULL CHECK (length(target_table) BETWEEN 1 AND 100),
  statecode INTEGER NOT NULL DEFAULT 0 CHECK (statecode IN (0, 1)),
  statuscode INTEGER NOT NULL DEFAULT 1 CHECK (statuscode IN (1, 2)),
  created_on INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  -- our own
  row_version INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO "integration_commit_policy" VALUES(1,X'01A22C5E24C473A1BBBC687954C3BA79','POL-0000001','HR > PAY',166840001,166840000,NULL,30,'t',0,1,1796040697027755,1796040697027755,2,2,2,1);
CREATE TABLE integration_identifier (
  id INTEGER PRIMARY KEY,
  guid BLOB NOT NULL UNIQUE CHECK (length(guid) = 16),
  identifier_id TEXT NOT NULL UNIQUE CHECK (length(identifier_id) BETWEEN 1 AND 850),
  external_key TEXT NOT NULL CHECK (length(external_key) BETWEEN 1 AND 100),
  first_seen_date_time INTEGER,
  last_seen_date_time INTEGER,
  source_system_key TEXT NOT NULL CHECK (length(source_system_key) BETWEEN 1 AND 100),
  target_id TEXT CHECK (length(target_id) <= 100),
  target_table TEXT NOT NULL CHECK (length(target_table) BETWEEN 1 AND 100),
  statecode INTEGER NOT NULL DEFAULT 0 CHECK (statecode IN (0, 1)),
  statuscode INTEGER NOT NULL DEFAULT 1 CHECK (statuscode IN (1, 2)),
  created_on INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  -- our own
  row_version INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO "integration_identifier" VALUES(1,X'01A22C5E26EB75A69CFD4CA941FAC268','IDN-0000001','1',1793491200000000,1794268800000000,'HR','01a22c5e-26eb-75a6-9cfd-4ca8c1a4082f','t',0,1,1796040697525384,1796040697525384,2,2,2,1);
INSERT INTO "integration_identifier" VALUES(2,X'01A22C5E26EB75A69CFD4CABEE3F8707','IDN-0000002','2',1793491200000000,1794268800000000,'HR','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040697525384,1796040697525384,2,2,2,1);
INSERT INTO "integration_identifier" VALUES(3,X'01A22C5E338170A5BFE1E7B0B242139E','IDN-0000003','1',NULL,1793577600000000,'PAY','01a22c5e-26eb-75a6-9cfd-4ca8c1a4082f','t',0,1,1796040700800425,1796040700800425,2,2,2,1);
INSERT INTO "integration_identifier" VALUES(4,X'01A22C5E338170A5BFE1E7B19788164C','IDN-0000004','2',NULL,1794528000000000,'PAY','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040700800425,1796040700800425,2,2,2,1);
CREATE TABLE integration_ledger (
  id INTEGER PRIMARY KEY,
  guid BLOB NOT NULL UNIQUE CHECK (length(guid) = 16),
  ledger_id TEXT NOT NULL GENERATED ALWAYS AS (printf('LED-%07d', id)) VIRTUAL,
  aspect_key TEXT CHECK (length(aspect_key) <= 100),
  certified_by INTEGER REFERENCES system_user,
  certified_date_time INTEGER,
  ledger_aspect INTEGER NOT NULL CHECK (ledger_aspect BETWEEN 166840000 AND 166840003),
  ledger_status INTEGER NOT NULL CHECK (ledger_status BETWEEN 166840000 AND 166840003),
  notes TEXT CHECK (length(notes) <= 500),
  source_system_key TEXT CHECK (length(source_system_key) <= 100),
  target_id TEXT CHECK (length(target_id) <= 100),
  target_table TEXT CHECK (length(target_table) <= 100),
  statecode INTEGER NOT NULL DEFAULT 0 CHECK (statecode IN (0, 1)),
  statuscode INTEGER NOT NULL DEFAULT 1 CHECK (statuscode IN (1, 2)),
  created_on INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  -- our own
  value TEXT CHECK (length(value) <= 4000),
  -- the item that brought the value; no foreign key, since each of the two names the other and SQLite would look
  -- through the whole ledger at each new item
  sync_item INTEGER,
  supersedes INTEGER REFERENCES integration_ledger,
  -- the entry that a decision put in front of this one; it counts while that entry is certified or live
  displaced_by INTEGER REFERENCES integration_ledger,
  -- written although still pending
  live INTEGER NOT NULL DEFAULT 0 CHECK (live IN (0, 1)),
  pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
  -- the source's place in the policy's ranking when the entry was made: 0 is the highest
  rank INTEGER NOT NULL,
  reason TEXT CHECK (length(reason) <= 500),
  source_date_time INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  row_version INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO "integration_ledger" VALUES(1,X'01A22C5E26EB75A69CFD4CAC82EE92FB','name',1,1796040697525384,166840000,166840001,NULL,'HR','01a22c5e-26eb-75a6-9cfd-4ca8c1a4082f','t',0,1,1796040697525384,1796040697525384,2,2,2,'Ann',1,NULL,NULL,0,0,0,NULL,1793491200000000,1,1);
INSERT INTO "integration_ledger" VALUES(2,X'01A22C5E26EB75A69CFD4CB0537E6414','name',1,1796040697525384,166840000,166840001,NULL,'HR','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040697525384,1796040697525384,2,2,2,'Bo',3,NULL,NULL,0,0,0,NULL,1793491200000000,2,1);
INSERT INTO "integration_ledger" VALUES(3,X'01A22C5E279773809407D3A0F7559FFC','status',1,1796040697748628,166840000,166840001,NULL,'HR','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040697748628,1796040697748628,2,2,2,'A',4,NULL,NULL,0,0,0,NULL,1793491200000000,2,1);
INSERT INTO "integration_ledger" VALUES(4,X'01A22C5E345176339D62C0596BBF0C5D','name',NULL,NULL,166840000,166840002,NULL,'PAY','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040701007145,1796040703139915,2,2,2,'Bob',6,NULL,NULL,0,0,1,'not so',1793577600000000,2,2);
INSERT INTO "integration_ledger" VALUES(5,X'01A22C5E3A1477EF882EE6F900F7D60D','status',1,1796040702482990,166840000,166840001,NULL,'HR','01a22c5e-26eb-75a6-9cfd-4ca8c1a4082f','t',0,1,1796040702482990,1796040702482990,2,2,2,'A',8,NULL,NULL,0,0,0,NULL,1794268800000000,1,1);
INSERT INTO "integration_ledger" VALUES(6,X'01A22C5E3B0973309C4DB4C0F9510AB9','name',1,1796040702728027,166840000,166840001,NULL,'HR','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040702728027,1796040702728027,2,2,2,'Late',9,NULL,NULL,0,0,0,NULL,1793836800000000,1,1);
INSERT INTO "integration_ledger" VALUES(7,X'01A22C5E3D7774AFB9379F9D8512B366','name',NULL,NULL,166840000,166840000,NULL,'PAY','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',1,2,1796040703301887,1796040703506022,2,2,2,'Bobby',10,NULL,NULL,0,0,1,NULL,1794441600000000,1,2);
CREATE TABLE integration_sync_item (
  id INTEGER PRIMARY KEY,
  guid BLOB NOT NULL UNIQUE CHECK (length(guid) = 16),
  item_id TEXT NOT NULL GENERATED ALWAYS AS (printf('ITM-%07d', id)) VIRTUAL,
  applied_date_time INTEGER,
  field_name TEXT CHECK (length(field_name) <= 100),
  integration_sync_job INTEGER NOT NULL REFERENCES integration_sync_job,
  new_value TEXT CHECK (length(new_value) <= 4000),
  process_message TEXT CHECK (length(process_message) <= 2000),
  target_id TEXT CHECK (length(target_id) <= 100),
  target_table TEXT CHECK (length(target_table) <= 100),
  statecode INTEGER NOT NULL DEFAULT 0 CHECK (statecode IN (0, 1)),
  statuscode INTEGER NOT NULL DEFAULT 1 CHECK (statuscode IN (1, 2)),
  created_on INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  -- our own
  external_key TEXT CHECK (length(external_key) <= 100),
  source_system_key TEXT CHECK (length(source_system_key) <= 100),
  -- as delivered
  raw_value TEXT,
  old_value TEXT CHECK (length(old_value) <= 4000),
  source_date_time INTEGER NOT NULL,
  -- the record's place in its delivery, from 1
  sequence INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 8),
  code TEXT CHECK (code GLOB 'ST0[0-9][0-9]'),
  -- retrying makes a new item whose parent is the attempt before; only the newest that stands is active, and counts
  attempt INTEGER NOT NULL DEFAULT 1,
  parent_item INTEGER REFERENCES integration_sync_item,
  value_map INTEGER REFERENCES integration_value_map,
  commit_policy INTEGER REFERENCES integration_commit_policy,
  ledger INTEGER REFERENCES integration_ledger,
  -- of an outbound item: when its receiver delivered the value that it was sent
  acknowledged_on INTEGER,
  row_version INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO "integration_sync_item" VALUES(1,X'01A22C5E26EB75A69CFD4CAD7B52914F',1796040697525384,'name',1,'Ann',NULL,'01a22c5e-26eb-75a6-9cfd-4ca8c1a4082f','t',0,1,1796040697525384,1796040697525384,2,2,2,'1','HR','Ann',NULL,1793491200000000,1,1,NULL,1,NULL,NULL,1,1,NULL,1);
INSERT INTO "integration_sync_item" VALUES(2,X'01A22C5E26EB75A69CFD4CAFD0CD3791',NULL,'status',1,NULL,'[ST020] The code has no value map. Map the code, or decide that it has no match: its items are released.','01a22c5e-26eb-75a6-9cfd-4ca8c1a4082f','t',0,1,1796040697525384,1796040702482990,2,2,2,'1','HR','a',NULL,1793491200000000,1,7,'ST020',1,NULL,1,1,NULL,NULL,2);
INSERT INTO "integration_sync_item" VALUES(3,X'01A22C5E26EB75A69CFD4CB13955E767',1796040697525384,'name',1,'Bo',NULL,'01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040697525384,1796040697525384,2,2,2,'2','HR','Bo',NULL,1793491200000000,2,1,NULL,1,NULL,NULL,1,2,NULL,1);
INSERT INTO "integration_sync_item" VALUES(4,X'01A22C5E26EB75A69CFD4CB30D049AEB',1796040697748628,'status',1,'A',NULL,'01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040697525384,1796040697748628,2,2,2,'2','HR','A',NULL,1793491200000000,2,1,NULL,1,NULL,2,1,3,NULL,2);
INSERT INTO "integration_sync_item" VALUES(5,X'01A22C5E345176339D62C058C5008CE2',NULL,'status',2,NULL,'[ST020] The code has no value map. Map the code, or decide that it has no match: its items are released.','01a22c5e-26eb-75a6-9cfd-4ca8c1a4082f','t',0,1,1796040701007145,1796040701007145,2,2,2,'1','PAY','A',NULL,1793577600000000,1,4,'ST020',1,NULL,3,1,NULL,NULL,1);
INSERT INTO "integration_sync_item" VALUES(6,X'01A22C5E345176339D62C05A624C31D5',NULL,'name',2,'Bob',NULL,'01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040701007145,1796040703139915,2,2,2,'2','PAY','Bob','Bo',1793577600000000,2,6,NULL,1,NULL,NULL,1,4,NULL,2);
INSERT INTO "integration_sync_item" VALUES(7,X'01A22C5E345176339D62C05CEAC589A2',NULL,'status',2,NULL,'[ST020] The code has no value map. Map the code, or decide that it has no match: its items are released.','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040701007145,1796040701007145,2,2,2,'2','PAY','zz','A',1793577600000000,2,4,'ST020',1,NULL,4,1,NULL,NULL,1);
INSERT INTO "integration_sync_item" VALUES(8,X'01A22C5E3A1477EF882EE6FACAFE21EC',1796040702482990,'status',3,'A',NULL,'01a22c5e-26eb-75a6-9cfd-4ca8c1a4082f','t',0,1,1796040702482990,1796040702482990,2,2,2,'1','HR','a',NULL,1794268800000000,1,1,NULL,1,NULL,2,1,5,NULL,1);
INSERT INTO "integration_sync_item" VALUES(9,X'01A22C5E3B0973309C4DB4C16BB81624',1796040702728027,'name',4,'Late',NULL,'01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040702728027,1796040702728027,2,2,2,'2','HR','Late','Bo',1793836800000000,1,1,NULL,1,NULL,NULL,1,6,NULL,1);
INSERT INTO "integration_sync_item" VALUES(10,X'01A22C5E3D7774AFB9379F9EA5E3A422',NULL,'name',5,'Bobby',NULL,'01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040703301887,1796040703506022,2,2,2,'2','PAY','Bobby','Late',1794441600000000,1,7,NULL,1,NULL,NULL,1,7,NULL,2);
INSERT INTO "integration_sync_item" VALUES(11,X'01A22C5E3E4071DBB33E82BB52CF54B2',NULL,'name',6,'Bob','Rejected before by root on 2026-11-30T12:11:43.139915Z.','01a22c5e-26eb-75a6-9cfd-4caa46435e7a','t',0,1,1796040703506022,1796040703506022,2,2,2,'2','PAY','Bob','Late',1794528000000000,1,6,NULL,1,NULL,NULL,1,NULL,NULL,1);
CREATE TABLE integration_sync_job (
  id INTEGER PRIMARY KEY,
  guid BLOB NOT NULL UNIQUE CHECK (length(guid) = 16),
  job_id TEXT NOT NULL GENERATED ALWAYS AS (printf('JOB-%07d', id)) VIRTUAL,
  direction INTEGER NOT NULL CHECK (direction IN (166840000, 166840001)),
  entity_type TEXT CHECK (length(entity_type) <= 100),
  job_status INTEGER NOT NULL CHECK (job_status BETWEEN 166840000 AND 166840003),
  source_system_key TEXT NOT NULL CHECK (length(source_system_key) BETWEEN 1 AND 100),
  submitted_date_time INTEGER NOT NULL,
  statecode INTEGER NOT NULL DEFAULT 0 CHECK (statecode IN (0, 1)),
  statuscode INTEGER NOT NULL DEFAULT 1 CHECK (statuscode IN (1, 2)),
  created_on INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  -- our own
  target_table TEXT NOT NULL CHECK (length(target_table) BETWEEN 1 AND 100),
  key_column TEXT,
  -- delivery_id and delivery_sha256 are together the delivery's key
  delivery_id TEXT CHECK (length(delivery_id) <= 100),
  delivery_sha256 TEXT CHECK (length(delivery_sha256) = 64),
  file_name TEXT,
  -- the records read so far: an interrupted delivery goes on from here
  records INTEGER NOT NULL DEFAULT 0,
  -- values delivered, and where they stand
  items INTEGER NOT NULL DEFAULT 0,
  queued INTEGER NOT NULL DEFAULT 0,
  applied INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  waiting INTEGER NOT NULL DEFAULT 0,
  held INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  superseded INTEGER NOT NULL DEFAULT 0,
  parked INTEGER NOT NULL DEFAULT 0,
  process_message TEXT CHECK (length(process_message) <= 2000),
  finished_on INTEGER,
  row_version INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO "integration_sync_job" VALUES(1,X'01A22C5E26B5734D99A5A2075B415715',166840000,NULL,166840000,'HR',1793491200000000,0,1,1796040697525384,1796040697525384,2,2,2,'t','id','h1','b136556a7fe6338740c42c76013f5b7037e637e0359c8d59f6f850fc5125cfd1',NULL,2,4,0,3,0,0,0,0,0,1,0,NULL,1796040697525384,1);
INSERT INTO "integration_sync_job" VALUES(2,X'01A22C5E344F737CA015E8AA1262CFFE',166840000,NULL,166840001,'PAY',1793577600000000,0,1,1796040701007145,1796040701007145,2,2,2,'t','id','p1','04fd033c15ddbddf68ffc671012fc16ea1d3b994ea65e9c8aeaa5c54a426200f',NULL,2,4,0,0,1,0,2,0,1,0,0,NULL,1796040701007145,1);
INSERT INTO "integration_sync_job" VALUES(3,X'01A22C5E3A1372CD8E93D38C60970F93',166840000,NULL,166840000,'HR',1794268800000000,0,1,1796040702482990,1796040702482990,2,2,2,'t','id','h2','b136556a7fe6338740c42c76013f5b7037e637e0359c8d59f6f850fc5125cfd1',NULL,2,4,0,1,3,0,0,0,0,0,0,NULL,1796040702482990,1);
INSERT INTO "integration_sync_job" VALUES(4,X'01A22C5E3B087737BF6F1B4E371E7872',166840000,NULL,166840000,'HR',1793836800000000,0,1,1796040702728027,1796040702728027,2,2,2,'t','id','h3','61f5163aacd5cd9854edc1c2f324eefb216fd3768686df13615d26b840e03fd7',NULL,1,1,0,1,0,0,0,0,0,0,0,NULL,1796040702728027,1);
INSERT INTO "integration_sync_job" VALUES(5,X'01A22C5E3D467489B4D9F88BF50434B3',166840000,NULL,166840000,'PAY',1794441600000000,0,1,1796040703301887,1796040703301887,2,2,2,'t','id','p2','db05fbd39de43fef88fae213414b880b6c594dda8b13f16c6fc2d910e0188121',NULL,1,1,0,0,0,0,0,0,0,1,0,NULL,1796040703301887,1);
INSERT INTO "integration_sync_job" VALUES(6,X'01A22C5E3E3E7682BD0F6641C0A49ABE',166840000,NULL,166840003,'PAY',1794528000000000,0,1,1796040703506022,1796040703506022,2,2,2,'t','id','p3','fb9cc4169881ce8dd08b7073e72ce1291161d6750fe3234ae06c630944d068a4',NULL,1,1,0,0,0,0,0,0,1,0,0,NULL,1796040703506022,1);
CREATE TABLE integration_value_map (
  id INTEGER PRIMARY KEY,
  guid BLOB NOT NULL UNIQUE CHECK (length(guid) = 16),
  map_id TEXT NOT NULL UNIQUE CHECK (length(map_id) BETWEEN 1 AND 850),
  canonical_code_value TEXT CHECK (length(canonical_code_value) <= 100),
  code_list TEXT NOT NULL CHECK (length(code_list) BETWEEN 1 AND 100),
  confidence INTEGER CHECK (confidence BETWEEN 0 AND 100),
  source_code TEXT NOT NULL CHECK (length(source_code) BETWEEN 1 AND 100),
  source_label TEXT CHECK (length(source_label) <= 100),
  source_system_key TEXT CHECK (length(source_system_key) <= 100),
  statecode INTEGER NOT NULL DEFAULT 0 CHECK (statecode IN (0, 1)),
  statuscode INTEGER NOT NULL DEFAULT 1 CHECK (statuscode IN (1, 2)),
  created_on INTEGER NOT NULL,
  modified_on INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  modified_by INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  -- our own
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
  relationship INTEGER NOT NULL DEFAULT 0 CHECK (relationship BETWEEN 0 AND 3),
  justification INTEGER CHECK (justification BETWEEN 0 AND 2),
  machine_score INTEGER CHECK (machine_score BETWEEN 0 AND 100),
  author INTEGER REFERENCES system_user,
  reviewer INTEGER REFERENCES system_user,
  note TEXT CHECK (length(note) <= 500),
  -- the source code trimmed, NFKC and case-folded
  normal_code TEXT NOT NULL,
  -- of several codes of a source for one canonical code, the one that the source is sent
  preferred INTEGER NOT NULL DEFAULT 0 CHECK (preferred IN (0, 1)),
  -- held items that wait for the decision
  waiting INTEGER NOT NULL DEFAULT 0,
  row_version INTEGER NOT NULL DEFAULT 1,
  CHECK (state <> 1 OR canonical_code_value IS NOT NULL)
) STRICT;
INSERT INTO "integration_value_map" VALUES(1,X'01A22C5E26EB75A69CFD4CAE2B35FA2C','MAP-0000001',NULL,'status',NULL,'a','a','HR',0,1,1796040697525384,1796040697525384,2,2,2,0,0,NULL,NULL,NULL,NULL,NULL,'a',0,0,1);
INSERT INTO "integration_value_map" VALUES(2,X'01A22C5E26EB75A69CFD4CB2BD25DD2A','MAP-0000002','A','status',100,'A','A','HR',0,1,1796040697525384,1796040697748628,2,2,2,1,0,0,NULL,2,NULL,NULL,'a',0,0,2);
INSERT INTO "integration_value_map" VALUES(3,X'01A22C5E345176339D62C0572ED0F921','MAP-0000003',NULL,'status',NULL,'A','A','PAY',0,1,1796040701007145,1796040701007145,2,2,2,0,0,NULL,NULL,NULL,NULL,NULL,'a',0,1,1);
INSERT INTO "integration_value_map" VALUES(4,X'01A22C5E345176339D62C05BC210F5F4','MAP-0000004',NULL,'status',NULL,'zz','zz','PAY',0,1,1796040701007145,1796040701007145,2,2,2,0,0,NULL,NULL,NULL,NULL,NULL,'zz',0,1,1);
CREATE TABLE operation (
  seq INTEGER PRIMARY KEY,
  op_id BLOB NOT NULL UNIQUE CHECK (length(op_id) = 16),
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  on_behalf_of TEXT,
  host TEXT NOT NULL,
  program_version TEXT NOT NULL,
  summary TEXT NOT NULL,
  reason TEXT,
  undoes INTEGER REFERENCES operation,
  rows_created TEXT NOT NULL,
  rows_changed INTEGER NOT NULL,
  rows_hash BLOB NOT NULL CHECK (length(rows_hash) = 32),
  prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO "operation" VALUES(1,X'01A22C5E24077503A19DBF24BBFBCF02','init',1796040696838492,'root','admin',NULL,'vm','0.1.0','Made the store',NULL,NULL,'[["setting",1,3],["system_user",1,2]]',0,X'3DD72E6640A13F5A632F6703D9631EE4572F4A49F94E56A2E02145D1DB22F49D',X'0000000000000000000000000000000000000000000000000000000000000000',X'0D4C6A1DB196A7065C3F688A1367A94F3F849866A7065FE410274ADB64366125');
INSERT INTO "operation" VALUES(2,X'01A22C5E24C473A1BBBC687AA8047573','policy',1796040697027755,'root','admin',NULL,'vm','0.1.0','Imported 1 policy, POL-0000001',NULL,NULL,'[["integration_commit_policy",1,1]]',0,X'72B02EA983AC177499D6DA1C33AE40C48D762AC2739AAB60042E67427E11CB3D',X'0D4C6A1DB196A7065C3F688A1367A94F3F849866A7065FE410274ADB64366125',X'08C84ACBDD04E0070654215F7C893A44E075F4AFE0B6B5A7A701BBEAB2E9B789');
INSERT INTO "operation" VALUES(3,X'01A22C5E25A7774FB24CF7EDEA86AC23','import',1796040697254495,'root','steward',NULL,'vm','0.1.0','Imported 2 codes into status',NULL,NULL,'[["code_list_entry",1,2]]',0,X'88C0741391F2FAF991FC53F1A7883018FD6AF0A8E7803883D60C4F64B6B1D741',X'08C84ACBDD04E0070654215F7C893A44E075F4AFE0B6B5A7A701BBEAB2E9B789',X'A9E15DFE6AC9FC46793907FE8195B3DCD3F8852D9B3794F943E9A9CC8C7286E8');
INSERT INTO "operation" VALUES(4,X'01A22C5E26EC733A9D00C5FBD177B7F2','ingest',1796040697525384,'root','support',NULL,'vm','0.1.0','JOB-0000001: records 1 to 2 from HR for t: 2 applied, 2 held',NULL,NULL,'[["integration_value_map",1,2],["integration_identifier",1,2],["integration_sync_job",1,1],["integration_sync_item",1,4],["integration_ledger",1,2]]',0,X'8BE563CED04AECEC7F055E36EC29DC3D1BCC049E5956B57111303A06F4916DEB',X'A9E15DFE6AC9FC46793907FE8195B3DCD3F8852D9B3794F943E9A9CC8C7286E8',X'87A6AB29A82AAA430912B9BBA2038FCDB2DEEAC7EA0A344BA0624C165C62C616');
INSERT INTO "operation" VALUES(5,X'01A22C5E279872298B2AFECBEA98AACC','map',1796040697748628,'root','steward',NULL,'vm','0.1.0','Mapped "A" of HR in status to A: 1 item released',NULL,NULL,'[["integration_ledger",3,3]]',2,X'41D12BDA37FE6A5A246F4A22BC1E8F2BD09619250967077EEFB2A709DFE1A26E',X'87A6AB29A82AAA430912B9BBA2038FCDB2DEEAC7EA0A344BA0624C165C62C616',X'EE6346D4A32F00AFFBA69B8DC62B44D7D7477A993E87BF49760075B02D4FD9A1');
INSERT INTO "operation" VALUES(6,X'01A22C5E338170A5BFE1E7B2C118C68B','import',1796040700800425,'root','steward',NULL,'vm','0.1.0','Imported 2 identifiers',NULL,NULL,'[["integration_identifier",3,4]]',0,X'C2EC53A82B3CB4A37119C6DD207E9D59820F77279E23745F4F130A546F608B32',X'EE6346D4A32F00AFFBA69B8DC62B44D7D7477A993E87BF49760075B02D4FD9A1',X'2E52704072700444E04FEF3FDC39815438533BF6CEEA8515C2E75033AA76A166');
INSERT INTO "operation" VALUES(7,X'01A22C5E346C721C92C32EEC80E96C50','ingest',1796040701007145,'root','support',NULL,'vm','0.1.0','JOB-0000002: records 1 to 2 from PAY for t: 1 unchanged, 1 waiting, 2 held',NULL,NULL,'[["integration_value_map",3,4],["integration_sync_job",2,2],["integration_sync_item",5,7],["integration_ledger",4,4]]',0,X'8839688BE8F8226BC0202479BEEF1B5AC9F317FA378C88627F5C97B55D4FE302',X'2E52704072700444E04FEF3FDC39815438533BF6CEEA8515C2E75033AA76A166',X'9C580DF8035062BC76B9606AAF8CDC0AB33243FB0C13D2CE6DE0BE9CFF6FCE91');
INSERT INTO "operation" VALUES(8,X'01A22C5E3A3776168982C9C4E893BA10','ingest',1796040702482990,'root','support',NULL,'vm','0.1.0','JOB-0000003: records 1 to 2 from HR for t: 1 applied, 3 unchanged',NULL,NULL,'[["integration_sync_job",3,3],["integration_sync_item",8,8],["integration_ledger",5,5]]',1,X'87409E4A3DBC8CBA26F4607911C0BDEEC97DE586F69A371E51A830DC0D75853A',X'9C580DF8035062BC76B9606AAF8CDC0AB33243FB0C13D2CE6DE0BE9CFF6FCE91',X'3DA894F1BA2A9D43722302429CF50FA931F36E0B0216C61D2575792972CFD615');
INSERT INTO "operation" VALUES(9,X'01A22C5E3B3C71DCB81652B863322045','ingest',1796040702728027,'root','support',NULL,'vm','0.1.0','JOB-0000004: records 1 to 1 from HR for t: 1 applied',NULL,NULL,'[["integration_sync_job",4,4],["integration_sync_item",9,9],["integration_ledger",6,6]]',0,X'2F3038EAA4118C7726126F7CAA4F5C286599EA5BE95C38B1565A7684A338A312',X'3DA894F1BA2A9D43722302429CF50FA931F36E0B0216C61D2575792972CFD615',X'6AE21CE67B5F3CDA4E4839539BED5609DC6A3E00134EEAC1F876029F238ED3F7');
INSERT INTO "operation" VALUES(10,X'01A22C5E3CA57713A805F194DF25C76B','reject',1796040703139915,'root','reviewer',NULL,'vm','0.1.0','Rejected 1 ledger entry','not so',NULL,'[]',2,X'217D1086A04E8969E353663110492ABDD64DB35586136D3717294B4BF894D522',X'6AE21CE67B5F3CDA4E4839539BED5609DC6A3E00134EEAC1F876029F238ED3F7',X'6D266ED3EF1FC65AEC216080CA52E4B568873BF837C16A288A8D0CEBA0586F39');
INSERT INTO "operation" VALUES(11,X'01A22C5E3D7877C3864F97945B12A0BF','ingest',1796040703301887,'root','support',NULL,'vm','0.1.0','JOB-0000005: records 1 to 1 from PAY for t: 1 waiting',NULL,NULL,'[["integration_sync_job",5,5],["integration_sync_item",10,10],["integration_ledger",7,7]]',0,X'D94327E9AA667D368B492C013CD0D2B703D3C83F0BE337D86328D2E958BD35AB',X'6D266ED3EF1FC65AEC216080CA52E4B568873BF837C16A288A8D0CEBA0586F39',X'30722E5B6C828D1B96145E35BDA4E44B72B02156582A7328CD754934E4943A35');
INSERT INTO "operation" VALUES(12,X'01A22C5E3E4071DBB33E82BC85A6D007','ingest',1796040703506022,'root','support',NULL,'vm','0.1.0','JOB-0000006: records 1 to 1 from PAY for t: 1 rejected',NULL,NULL,'[["integration_sync_job",6,6],["integration_sync_item",11,11]]',2,X'3543DFF8BF52E2D0754C0B998DDE283417CC6199ADB88313375FA1157F03815E',X'30722E5B6C828D1B96145E35BDA4E44B72B02156582A7328CD754934E4943A35',X'DD27C15F04014EA94DC8B09293F2E3033F21DF9EE585DC89AD712137BFD44998');
CREATE TABLE operation_change (
  seq INTEGER NOT NULL REFERENCES operation DEFERRABLE INITIALLY DEFERRED,
  ordinal INTEGER NOT NULL,
  table_name TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  row_version INTEGER NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  PRIMARY KEY (seq, ordinal)
) STRICT, WITHOUT ROWID;
INSERT INTO "operation_change" VALUES(5,1,'integration_value_map',2,2,'{"author":null,"canonical_code_value":null,"confidence":null,"justification":null,"state":0}','{"author":2,"canonical_code_value":"A","confidence":100,"justification":0,"state":1}');
INSERT INTO "operation_change" VALUES(5,2,'integration_sync_item',4,2,'{"applied_date_time":null,"code":"ST020","ledger":null,"new_value":null,"process_message":"[ST020] The code has no value map. Map the code, or decide that it has no match: its items are released.","state":4}','{"applied_date_time":1796040697748628,"code":null,"ledger":3,"new_value":"A","process_message":null,"state":1}');
INSERT INTO "operation_change" VALUES(8,1,'integration_sync_item',2,2,'{"state":4}','{"state":7}');
INSERT INTO "operation_change" VALUES(10,1,'integration_ledger',4,2,'{"ledger_status":166840000,"reason":null}','{"ledger_status":166840002,"reason":"not so"}');
INSERT INTO "operation_change" VALUES(10,2,'integration_sync_item',6,2,'{"state":3}','{"state":6}');
INSERT INTO "operation_change" VALUES(12,1,'integration_ledger',7,2,'{"statecode":0,"statuscode":1}','{"statecode":1,"statuscode":2}');
INSERT INTO "operation_change" VALUES(12,2,'integration_sync_item',10,2,'{"state":3}','{"state":7}');
CREATE TABLE row_count (
  table_name TEXT NOT NULL,
  facet TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (table_name, facet)
) STRICT, WITHOUT ROWID;
INSERT INTO "row_count" VALUES('code_list_entry','',2);
INSERT INTO "row_count" VALUES('integration_commit_policy','',1);
INSERT INTO "row_count" VALUES('integration_identifier','',4);
INSERT INTO "row_count" VALUES('integration_ledger','',7);
INSERT INTO "row_count" VALUES('integration_ledger','Certified',5);
INSERT INTO "row_count" VALUES('integration_ledger','Inactive',1);
INSERT INTO "row_count" VALUES('integration_ledger','Pending',0);
INSERT INTO "row_count" VALUES('integration_ledger','Rejected',1);
INSERT INTO "row_count" VALUES('integration_sync_item','',11);
INSERT INTO "row_count" VALUES('integration_sync_item','Applied',5);
INSERT INTO "row_count" VALUES('integration_sync_item','Held',2);
INSERT INTO "row_count" VALUES('integration_sync_item','Rejected',2);
INSERT INTO "row_count" VALUES('integration_sync_item','Superseded',2);
INSERT INTO "row_count" VALUES('integration_sync_item','Waiting',0);
INSERT INTO "row_count" VALUES('integration_sync_job','',6);
INSERT INTO "row_count" VALUES('integration_value_map','',4);
INSERT INTO "row_count" VALUES('integration_value_map','Active',1);
INSERT INTO "row_count" VALUES('integration_value_map','Proposed',3);
INSERT INTO "row_count" VALUES('setting','',3);
INSERT INTO "row_count" VALUES('system_user','',2);
CREATE TABLE setting (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL,
  row_version INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO "setting" VALUES(1,'store_id','01a22c5e-2406-7656-b33c-0baf80835bdf',1);
INSERT INTO "setting" VALUES(2,'four_eyes','enforce',1);
INSERT INTO "setting" VALUES(3,'confident_from','0.90',1);
CREATE TABLE system_user (
  id INTEGER PRIMARY KEY,
  login TEXT NOT NULL UNIQUE CHECK (length(login) BETWEEN 1 AND 100),
  full_name TEXT,
  roles TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  row_version INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO "system_user" VALUES(1,'steward:engine','The engine itself','',1,1);
INSERT INTO "system_user" VALUES(2,'root',NULL,'steward,reviewer,support,auditor,admin',1,1);
CREATE TABLE vocabulary (
  kind TEXT NOT NULL,
  folded TEXT NOT NULL,
  spelling TEXT NOT NULL,
  PRIMARY KEY (kind, folded)
) STRICT, WITHOUT ROWID;
INSERT INTO "vocabulary" VALUES('code_list','status','status');
INSERT INTO "vocabulary" VALUES('field','name','name');
INSERT INTO "vocabulary" VALUES('field','status','status');
INSERT INTO "vocabulary" VALUES('source','hr','HR');
INSERT INTO "vocabulary" VALUES('source','pay','PAY');
INSERT INTO "vocabulary" VALUES('table','t','t');
CREATE INDEX code_binding_field ON code_binding (target_table, field_name);
CREATE INDEX identifier_key ON integration_identifier (external_key, source_system_key, target_table);
CREATE INDEX identifier_target ON integration_identifier (target_id);
CREATE INDEX sync_job_source ON integration_sync_job (source_system_key, delivery_sha256);
CREATE UNIQUE INDEX sync_job_delivery ON integration_sync_job (source_system_key, delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX value_map_code ON integration_value_map (code_list, normal_code);
CREATE INDEX value_map_confidence ON integration_value_map (confidence) WHERE state = 1 AND statecode = 0;
CREATE INDEX value_map_proposed_list ON integration_value_map (code_list) WHERE state = 0 AND statecode = 0;
CREATE INDEX value_map_proposed ON integration_value_map (waiting) WHERE state = 0;
CREATE INDEX commit_policy_field ON integration_commit_policy (target_table, field_name);
CREATE INDEX sync_item_job ON integration_sync_item (integration_sync_job);
CREATE INDEX sync_item_source ON integration_sync_item (source_system_key) WHERE id > 0;
CREATE INDEX sync_item_target ON integration_sync_item (target_id);
CREATE INDEX sync_item_held ON integration_sync_item (target_id, field_name) WHERE state = 4;
CREATE INDEX sync_item_waiting_for_map ON integration_sync_item (value_map) WHERE state = 4;
CREATE INDEX sync_item_queued_queue ON integration_sync_item (id) WHERE state = 0;
CREATE INDEX sync_item_not_applied ON integration_sync_item (id, state) WHERE state IN (4, 5);
CREATE INDEX sync_item_waiting_queue ON integration_sync_item (id) WHERE state = 3;
CREATE INDEX sync_item_attempts ON integration_sync_item (parent_item) WHERE parent_item IS NOT NULL;
CREATE INDEX sync_item_code ON integration_sync_item (code, field_name) WHERE code IS NOT NULL;
CREATE INDEX ledger_target ON integration_ledger (target_id, aspect_key, target_table);
CREATE INDEX ledger_displaced ON integration_ledger (target_id, aspect_key) WHERE displaced_by IS NOT NULL;
CREATE INDEX ledger_rejected ON integration_ledger (target_id, aspect_key) WHERE ledger_status = 166840002;
CREATE INDEX ledger_turned_down_queue ON integration_ledger (id) WHERE ledger_status IN (166840002, 166840003);
CREATE INDEX ledger_open ON integration_ledger (target_id, aspect_key) WHERE ledger_status = 166840000 AND statecode = 0;
CREATE INDEX ledger_pending_queue ON integration_ledger (id) WHERE ledger_status = 166840000 AND statecode = 0;
CREATE INDEX ledger_pending_source ON integration_ledger (source_system_key) WHERE ledger_status = 166840000 AND statecode = 0;
CREATE INDEX current_value_stale ON current_value (stale_on, ledger) WHERE stale_on IS NOT NULL;
CREATE INDEX current_value_ledger ON current_value (ledger);
CREATE INDEX operation_undoes ON operation (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX operation_change_row ON operation_change (table_name, row_id, seq);
CREATE UNIQUE INDEX disposed_seq ON disposed (seq, ordinal);
CREATE TRIGGER operation_append BEFORE INSERT ON operation
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM operation)
BEGIN SELECT RAISE(ABORT, 'the operation log takes rows at its end only'); END;
CREATE TRIGGER operation_no_update BEFORE UPDATE ON operation
BEGIN SELECT RAISE(ABORT, 'the operation log is append-only'); END;
CREATE TRIGGER operation_no_delete BEFORE DELETE ON operation
BEGIN SELECT RAISE(ABORT, 'the operation log is append-only'); END;
CREATE TRIGGER operation_change_no_update BEFORE UPDATE ON operation_change
WHEN NOT EXISTS (SELECT 1 FROM disposed_change AS d WHERE d.seq = OLD.seq AND d.ordinal = OLD.ordinal)
BEGIN SELECT RAISE(ABORT, 'the operation log is append-only'); END;
CREATE TRIGGER operation_change_no_delete BEFORE DELETE ON operation_change
BEGIN SELECT RAISE(ABORT, 'the operation log is append-only'); END;
CREATE TRIGGER disposed_no_update BEFORE UPDATE ON disposed
BEGIN SELECT RAISE(ABORT, 'what was disposed of stays so'); END;
CREATE TRIGGER disposed_no_delete BEFORE DELETE ON disposed
BEGIN SELECT RAISE(ABORT, 'what was disposed of stays so'); END;
CREATE TRIGGER disposed_change_no_update BEFORE UPDATE ON disposed_change
BEGIN SELECT RAISE(ABORT, 'what was disposed of stays so'); END;
CREATE TRIGGER disposed_change_no_delete BEFORE DELETE ON disposed_change
BEGIN SELECT RAISE(ABORT, 'what was disposed of stays so'); END;
CREATE VIEW v_integration_identifier AS SELECT
  id,
  lower(substr(hex(guid), 1, 8) || '-' || substr(hex(guid), 9, 4) || '-' || substr(hex(guid), 13, 4) || '-' || substr(hex(guid), 17, 4) || '-' || substr(hex(guid), 21)) AS guid,
  identifier_id,
  external_key,
  strftime('%Y-%m-%dT%H:%M:%S', first_seen_date_time / 1000000, 'unixepoch') || printf('.%06dZ', first_seen_date_time % 1000000) AS first_seen_date_time,
  strftime('%Y-%m-%dT%H:%M:%S', last_seen_date_time / 1000000, 'unixepoch') || printf('.%06dZ', last_seen_date_time % 1000000) AS last_seen_date_time,
  source_system_key,
  target_id,
  target_table,
  (SELECT label FROM choice WHERE choice_set = 'State' AND code = t.statecode) AS statecode,
  (SELECT label FROM choice WHERE choice_set = 'Status' AND code = t.statuscode) AS statuscode,
  strftime('%Y-%m-%dT%H:%M:%S', created_on / 1000000, 'unixepoch') || printf('.%06dZ', created_on % 1000000) AS created_on,
  strftime('%Y-%m-%dT%H:%M:%S', modified_on / 1000000, 'unixepoch') || printf('.%06dZ', modified_on % 1000000) AS modified_on,
  (SELECT login FROM system_user WHERE id = t.created_by) AS created_by,
  (SELECT login FROM system_user WHERE id = t.modified_by) AS modified_by,
  (SELECT login FROM system_user WHERE id = t.owner) AS owner,
  row_version
FROM integration_identifier AS t;
CREATE VIEW v_integration_sync_job AS SELECT
  id,
  lower(substr(hex(guid), 1, 8) || '-' || substr(hex(guid), 9, 4) || '-' || substr(hex(guid), 13, 4) || '-' || substr(hex(guid), 17, 4) || '-' || substr(hex(guid), 21)) AS guid,
  job_id,
  (SELECT label FROM choice WHERE choice_set = 'Direction' AND code = t.direction) AS direction,
  entity_type,
  (SELECT label FROM choice WHERE choice_set = 'Overall Result' AND code = t.job_status) AS job_status,
  source_system_key,
  strftime('%Y-%m-%dT%H:%M:%S', submitted_date_time / 1000000, 'unixepoch') || printf('.%06dZ', submitted_date_time % 1000000) AS submitted_date_time,
  (SELECT label FROM choice WHERE choice_set = 'State' AND code = t.statecode) AS statecode,
  (SELECT label FROM choice WHERE choice_set = 'Status' AND code = t.statuscode) AS statuscode,
  strftime('%Y-%m-%dT%H:%M:%S', created_on / 1000000, 'unixepoch') || printf('.%06dZ', created_on % 1000000) AS created_on,
  strftime('%Y-%m-%dT%H:%M:%S', modified_on / 1000000, 'unixepoch') || printf('.%06dZ', modified_on % 1000000) AS modified_on,
  (SELECT login FROM system_user WHERE id = t.created_by) AS created_by,
  (SELECT login FROM system_user WHERE id = t.modified_by) AS modified_by,
  (SELECT login FROM system_user WHERE id = t.owner) AS owner,
  target_table,
  key_column,
  delivery_id,
  delivery_sha256,
  file_name,
  records,
  items,
  queued,
  applied,
  unchanged,
  waiting,
  held,
  failed,
  rejected,
  superseded,
  parked,
  process_message,
  strftime('%Y-%m-%dT%H:%M:%S', finished_on / 1000000, 'unixepoch') || printf('.%06dZ', finished_on % 1000000) AS finished_on,
  row_version
FROM integration_sync_job AS t;
CREATE VIEW v_integration_value_map AS SELECT
  id,
  lower(substr(hex(guid), 1, 8) || '-' || substr(hex(guid), 9, 4) || '-' || substr(hex(guid), 13, 4) || '-' || substr(hex(guid), 17, 4) || '-' || substr(hex(guid), 21)) AS guid,
  map_id,
  canonical_code_value,
  code_list,
  confidence / 100.0 AS confidence,
  source_code,
  source_label,
  source_system_key,
  (SELECT label FROM choice WHERE choice_set = 'State' AND code = t.statecode) AS statecode,
  (SELECT label FROM choice WHERE choice_set = 'Status' AND code = t.statuscode) AS statuscode,
  strftime('%Y-%m-%dT%H:%M:%S', created_on / 1000000, 'unixepoch') || printf('.%06dZ', created_on % 1000000) AS created_on,
  strftime('%Y-%m-%dT%H:%M:%S', modified_on / 1000000, 'unixepoch') || printf('.%06dZ', modified_on % 1000000) AS modified_on,
  (SELECT login FROM system_user WHERE id = t.created_by) AS created_by,
  (SELECT login FROM system_user WHERE id = t.modified_by) AS modified_by,
  (SELECT login FROM system_user WHERE id = t.owner) AS owner,
  (SELECT label FROM choice WHERE choice_set = 'Map State' AND code = t.state) AS state,
  (SELECT label FROM choice WHERE choice_set = 'Relationship' AND code = t.relationship) AS relationship,
  (SELECT label FROM choice WHERE choice_set = 'Justification' AND code = t.justification) AS justification,
  machine_score / 100.0 AS machine_score,
  (SELECT login FROM system_user WHERE id = t.author) AS author,
  (SELECT login FROM system_user WHERE id = t.reviewer) AS reviewer,
  note,
  preferred,
  waiting,
  row_version
FROM integration_value_map AS t;
CREATE VIEW v_integration_commit_policy AS SELECT
  id,
  lower(substr(hex(guid), 1, 8) || '-' || substr(hex(guid), 9, 4) || '-' || substr(hex(guid), 13, 4) || '-' || substr(hex(guid), 17, 4) || '-' || substr(hex(guid), 21)) AS guid,
  policy_id,
  authoritative_sources,
  (SELECT label FROM choice WHERE choice_set = 'Yes No' AND code = t.auto_certify) AS auto_certify,
  (SELECT label FROM choice WHERE choice_set = 'Integration Commit Mode' AND code = t.commit_mode) AS commit_mode,
  field_name,
  stale_after_days,
  target_table,
  (SELECT label FROM choice WHERE choice_set = 'State' AND code = t.statecode) AS statecode,
  (SELECT label FROM choice WHERE choice_set = 'Status' AND code = t.statuscode) AS statuscode,
  strftime('%Y-%m-%dT%H:%M:%S', created_on / 1000000, 'unixepoch') || printf('.%06dZ', created_on % 1000000) AS created_on,
  strftime('%Y-%m-%dT%H:%M:%S', modified_on / 1000000, 'unixepoch') || printf('.%06dZ', modified_on % 1000000) AS modified_on,
  (SELECT login FROM system_user WHERE id = t.created_by) AS created_by,
  (SELECT login FROM system_user WHERE id = t.modified_by) AS modified_by,
  (SELECT login FROM system_user WHERE id = t.owner) AS owner,
  row_version
FROM integration_commit_policy AS t;
CREATE VIEW v_integration_sync_item AS SELECT
  id,
  lower(substr(hex(guid), 1, 8) || '-' || substr(hex(guid), 9, 4) || '-' || substr(hex(guid), 13, 4) || '-' || substr(hex(guid), 17, 4) || '-' || substr(hex(guid), 21)) AS guid,
  item_id,
  strftime('%Y-%m-%dT%H:%M:%S', applied_date_time / 1000000, 'unixepoch') || printf('.%06dZ', applied_date_time % 1000000) AS applied_date_time,
  field_name,
  (SELECT job_id FROM integration_sync_job WHERE id = t.integration_sync_job) AS integration_sync_job,
  new_value,
  process_message,
  target_id,
  target_table,
  (SELECT label FROM choice WHERE choice_set = 'State' AND code = t.statecode) AS statecode,
  (SELECT label FROM choice WHERE choice_set = 'Status' AND code = t.statuscode) AS statuscode,
  strftime('%Y-%m-%dT%H:%M:%S', created_on / 1000000, 'unixepoch') || printf('.%06dZ', created_on % 1000000) AS created_on,
  strftime('%Y-%m-%dT%H:%M:%S', modified_on / 1000000, 'unixepoch') || printf('.%06dZ', modified_on % 1000000) AS modified_on,
  (SELECT login FROM system_user WHERE id = t.created_by) AS created_by,
  (SELECT login FROM system_user WHERE id = t.modified_by) AS modified_by,
  (SELECT login FROM system_user WHERE id = t.owner) AS owner,
  external_key,
  source_system_key,
  raw_value,
  old_value,
  strftime('%Y-%m-%dT%H:%M:%S', source_date_time / 1000000, 'unixepoch') || printf('.%06dZ', source_date_time % 1000000) AS source_date_time,
  sequence,
  (SELECT label FROM choice WHERE choice_set = 'Item State' AND code = t.state) AS state,
  code,
  attempt,
  (SELECT item_id FROM integration_sync_item WHERE id = t.parent_item) AS parent_item,
  (SELECT map_id FROM integration_value_map WHERE id = t.value_map) AS value_map,
  (SELECT policy_id FROM integration_commit_policy WHERE id = t.commit_policy) AS commit_policy,
  (SELECT ledger_id FROM integration_ledger WHERE id = t.ledger) AS ledger,
  strftime('%Y-%m-%dT%H:%M:%S', acknowledged_on / 1000000, 'unixepoch') || printf('.%06dZ', acknowledged_on % 1000000) AS acknowledged_on,
  row_version
FROM integration_sync_item AS t;
CREATE VIEW v_integration_ledger AS SELECT
  id,
  lower(substr(hex(guid), 1, 8) || '-' || substr(hex(guid), 9, 4) || '-' || substr(hex(guid), 13, 4) || '-' || substr(hex(guid), 17, 4) || '-' || substr(hex(guid), 21)) AS guid,
  ledger_id,
  aspect_key,
  (SELECT login FROM system_user WHERE id = t.certified_by) AS certified_by,
  strftime('%Y-%m-%dT%H:%M:%S', certified_date_time / 1000000, 'unixepoch') || printf('.%06dZ', certified_date_time % 1000000) AS certified_date_time,
  (SELECT label FROM choice WHERE choice_set = 'Ledger Aspect' AND code = t.ledger_aspect) AS ledger_aspect,
  (SELECT label FROM choice WHERE choice_set = 'Simple Certification Status' AND code = t.ledger_status) AS ledger_status,
  notes,
  source_system_key,
  target_id,
  target_table,
  (SELECT label FROM choice WHERE choice_set = 'State' AND code = t.statecode) AS statecode,
  (SELECT label FROM choice WHERE choice_set = 'Status' AND code = t.statuscode) AS statuscode,
  strftime('%Y-%m-%dT%H:%M:%S', created_on / 1000000, 'unixepoch') || printf('.%06dZ', created_on % 1000000) AS created_on,
  strftime('%Y-%m-%dT%H:%M:%S', modified_on / 1000000, 'unixepoch') || printf('.%06dZ', modified_on % 1000000) AS modified_on,
  (SELECT login FROM system_user WHERE id = t.created_by) AS created_by,
  (SELECT login FROM system_user WHERE id = t.modified_by) AS modified_by,
  (SELECT login FROM system_user WHERE id = t.owner) AS owner,
  value,
  (SELECT item_id FROM integration_sync_item WHERE id = t.sync_item) AS sync_item,
  (SELECT ledger_id FROM integration_ledger WHERE id = t.supersedes) AS supersedes,
  (SELECT ledger_id FROM integration_ledger WHERE id = t.displaced_by) AS displaced_by,
  live,
  pinned,
  rank,
  reason,
  strftime('%Y-%m-%dT%H:%M:%S', source_date_time / 1000000, 'unixepoch') || printf('.%06dZ', source_date_time % 1000000) AS source_date_time,
  sequence,
  row_version
FROM integration_ledger AS t;
COMMIT;
