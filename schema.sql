-- The whole current schema of a steward store (format 6).
--
-- Six tables of Microsoft's "Gov Data Integration Data Model v1.0.0.0" with the source's field names in snake_case, and
-- below each comment "our own" what the workflow needs and the source lacks. Every length is in characters, every time is
-- UTC microseconds since 1970, every choice is its numeric code (table choice), confidence is stored in hundredths.
-- The views at the end show the same rows with ISO 8601 times and choice labels, for people who read a store with SQL.
-- Rows are written by steward alone: a change made past it is found by `steward verify`.

-- The option sets. Rejected and Revoked of "Simple Certification Status" are our extension of the source's set.
CREATE TABLE choice (
  choice_set TEXT NOT NULL,
  code INTEGER NOT NULL,
  label TEXT NOT NULL,
  PRIMARY KEY (choice_set, code)
) STRICT, WITHOUT ROWID;
INSERT INTO choice (choice_set, code, label) VALUES
  ('Ledger Aspect', 166840000, 'Field'),
  ('Ledger Aspect', 166840001, 'Record'),
  ('Ledger Aspect', 166840002, 'Table'),
  ('Ledger Aspect', 166840003, 'File / Dataset'),
  ('Integration Commit Mode', 166840000, 'On Ingest'),
  ('Integration Commit Mode', 166840001, 'On Certify'),
  ('Direction', 166840000, 'Inbound'),
  ('Direction', 166840001, 'Outbound'),
  ('Overall Result', 166840000, 'Success'),
  ('Overall Result', 166840001, 'Partial Success'),
  ('Overall Result', 166840002, 'Indeterminate (Neutral)'),
  ('Overall Result', 166840003, 'Failure'),
  ('Simple Certification Status', 166840000, 'Pending'),
  ('Simple Certification Status', 166840001, 'Certified'),
  ('Simple Certification Status', 166840002, 'Rejected'),
  ('Simple Certification Status', 166840003, 'Revoked'),
  ('Yes No', 166840000, 'No'),
  ('Yes No', 166840001, 'Yes'),
  ('State', 0, 'Active'),
  ('State', 1, 'Inactive'),
  ('Status', 1, 'Active'),
  ('Status', 2, 'Inactive'),
  ('Job State', 0, 'Running'),
  ('Job State', 1, 'Interrupted'),
  ('Job State', 2, 'Withdrawn'),
  ('Job State', 166840000, 'Success'),
  ('Job State', 166840001, 'Partial Success'),
  ('Job State', 166840002, 'Indeterminate (Neutral)'),
  ('Job State', 166840003, 'Failure'),
  ('Item State', 0, 'Queued'),
  ('Item State', 1, 'Applied'),
  ('Item State', 2, 'Unchanged'),
  ('Item State', 3, 'Waiting'),
  ('Item State', 4, 'Held'),
  ('Item State', 5, 'Failed'),
  ('Item State', 6, 'Rejected'),
  ('Item State', 7, 'Superseded'),
  ('Item State', 8, 'Parked'),
  ('Item State', 9, 'Closed'),
  ('Map State', 0, 'Proposed'),
  ('Map State', 1, 'Active'),
  ('Map State', 2, 'No match'),
  ('Map State', 3, 'Rejected'),
  ('Map State', 4, 'Flagged'),
  ('Relationship', 0, 'equal'),
  ('Relationship', 1, 'wider'),
  ('Relationship', 2, 'narrower'),
  ('Relationship', 3, 'inexact'),
  ('Justification', 0, 'manual'),
  ('Justification', 1, 'lexical'),
  ('Justification', 2, 'imported'),
  ('On Unmapped', 0, 'hold'),
  ('On Unmapped', 1, 'keep'),
  ('On Unmapped', 2, 'fixed'),
  ('On Unmapped', 3, 'pass'),
  ('On Unmapped', 4, 'fail'),
  ('On Blank', 0, 'ignore'),
  ('On Blank', 1, 'clear'),
  ('On No Match', 0, 'keep'),
  ('On No Match', 1, 'clear'),
  ('On No Match', 2, 'fixed'),
  ('On Unknown Key', 0, 'create'),
  ('On Unknown Key', 1, 'hold'),
  ('On Empty', 0, 'hold'),
  ('On Empty', 1, 'default'),
  ('On Empty', 2, 'send');

-- People, and the engine's own fixed user (id 1). Roles: steward, reviewer, support, auditor, admin, comma separated.
CREATE TABLE system_user (
  id INTEGER PRIMARY KEY,
  login TEXT NOT NULL UNIQUE CHECK (length(login) BETWEEN 1 AND 100),
  full_name TEXT,
  roles TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  row_version INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Settings of the whole store: store_id, four_eyes, confident_from and so on.
CREATE TABLE setting (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL,
  row_version INTEGER NOT NULL DEFAULT 1
) STRICT;

-- The first spelling seen of each source, target table, field and code list: names compare without case, so every row
-- uses this spelling and the indexes can compare bytes.
CREATE TABLE vocabulary (
  kind TEXT NOT NULL,
  folded TEXT NOT NULL,
  spelling TEXT NOT NULL,
  PRIMARY KEY (kind, folded)
) STRICT, WITHOUT ROWID;

-- Canonical codes.
CREATE TABLE code_list_entry (
  id INTEGER PRIMARY KEY,
  code_list TEXT NOT NULL CHECK (length(code_list) BETWEEN 1 AND 100),
  code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 100),
  label TEXT CHECK (length(label) <= 850),
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  row_version INTEGER NOT NULL DEFAULT 1,
  UNIQUE (code_list, code)
) STRICT;

-- Which code list a field uses, and what happens to blank, unmapped and matchless values and to unknown keys.
-- A blank field_name speaks of the table's records (on_unknown_key); a blank source_system_key of any source.
-- on_empty, last since it came later, says whether a source that is sent the field is sent a value that became empty: it
-- waits for a person (0) or goes out (2); where nothing is said it does not (1 is never stored).
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
  row_version INTEGER NOT NULL DEFAULT 1,
  on_empty INTEGER CHECK (on_empty IN (0, 2))
) STRICT;
CREATE INDEX code_binding_field ON code_binding (target_table, field_name);
-- When a binding was last made, changed or taken out of use: what was turned down before may be decided anew.
CREATE TABLE binding_change (
  binding INTEGER PRIMARY KEY,
  changed_on INTEGER NOT NULL
) STRICT;

-- Which target record a source's external key stands for.
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
CREATE INDEX identifier_key ON integration_identifier (external_key, source_system_key, target_table);
CREATE INDEX identifier_target ON integration_identifier (target_id);

-- One delivery (inbound) or export (outbound).
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
  row_version INTEGER NOT NULL DEFAULT 1,
  -- of the values delivered; it came after the others, and stands where an older store has it
  closed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sync_job_source ON integration_sync_job (source_system_key, delivery_sha256);
CREATE INDEX sync_job_delivery ON integration_sync_job (source_system_key, delivery_id) WHERE delivery_id IS NOT NULL;
-- deliveries that were withdrawn: what they said counts no more
CREATE INDEX sync_job_withdrawn ON integration_sync_job (source_system_key) WHERE statecode = 1;

-- What a source's code means in a code list. A blank source_system_key means any source.
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
CREATE INDEX value_map_code ON integration_value_map (code_list, normal_code);
-- home counts these two without a look at any row; made before the next one, which SQLite then takes for the queue
CREATE INDEX value_map_confidence ON integration_value_map (confidence) WHERE state = 1 AND statecode = 0;
CREATE INDEX value_map_proposed_list ON integration_value_map (code_list) WHERE state = 0 AND statecode = 0;
CREATE INDEX value_map_proposed ON integration_value_map (waiting) WHERE state = 0;

-- When a delivered value is written and who must certify it. A blank or * field_name means every field.
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
CREATE INDEX commit_policy_field ON integration_commit_policy (target_table, field_name);

-- One value of one field of one record: delivered (of an inbound job), or to be sent (of an outbound one). Of an outbound
-- item new_value is the canonical value and raw_value what the receiver gets for it.
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
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 9),
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
CREATE INDEX sync_item_job ON integration_sync_item (integration_sync_job);
-- for listings alone, which say that ids are above 0: without statistics SQLite would take it before any narrower one
CREATE INDEX sync_item_source ON integration_sync_item (source_system_key) WHERE id > 0;
CREATE INDEX sync_item_target ON integration_sync_item (target_id);
CREATE INDEX sync_item_held ON integration_sync_item (target_id, field_name) WHERE state = 4;
CREATE INDEX sync_item_waiting_for_map ON integration_sync_item (value_map) WHERE state = 4;
CREATE INDEX sync_item_queued_queue ON integration_sync_item (id) WHERE state = 0;
CREATE INDEX sync_item_not_applied ON integration_sync_item (id, state) WHERE state IN (4, 5);
CREATE INDEX sync_item_waiting_queue ON integration_sync_item (id) WHERE state = 3;
CREATE INDEX sync_item_attempts ON integration_sync_item (parent_item) WHERE parent_item IS NOT NULL;
-- the words of keys that lead to no record
CREATE INDEX sync_item_unplaced ON integration_sync_item (external_key, field_name) WHERE target_id IS NULL AND external_key IS NOT NULL;
CREATE INDEX sync_item_code ON integration_sync_item (code, field_name) WHERE code IS NOT NULL;

-- Who vouches for what: one entry for each value that a source proposed or a person stated.
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
CREATE INDEX ledger_target ON integration_ledger (target_id, aspect_key, target_table);
CREATE INDEX ledger_displaced ON integration_ledger (target_id, aspect_key) WHERE displaced_by IS NOT NULL;
CREATE INDEX ledger_turned_down ON integration_ledger (target_id, aspect_key) WHERE ledger_status IN (166840002, 166840003);
CREATE INDEX ledger_turned_down_queue ON integration_ledger (id) WHERE ledger_status IN (166840002, 166840003);
CREATE INDEX ledger_open ON integration_ledger (target_id, aspect_key) WHERE ledger_status = 166840000 AND statecode = 0;
CREATE INDEX ledger_pending_queue ON integration_ledger (id) WHERE ledger_status = 166840000 AND statecode = 0;
CREATE INDEX ledger_pending_source ON integration_ledger (source_system_key) WHERE ledger_status = 166840000 AND statecode = 0;

-- The value in force of each field: a cache of what the ledger says, which `steward verify` recomputes.
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
-- with the entry, so that stale values are listed page by page in the order in which they got stale
CREATE INDEX current_value_stale ON current_value (stale_on, ledger) WHERE stale_on IS NOT NULL;
CREATE INDEX current_value_ledger ON current_value (ledger);

-- What a source's key said last of a field, where that is not what its newest ledger entry says: it was held, failed, kept,
-- closed, equal to another source's value, or what another of its source's keys had said. Like last_seen_date_time these
-- tables say what deliveries repeat; the log covers them by its sum of what is kept (operation.kept). said is the first 8 bytes of the word's SHA-256, job and
-- sequence where it was news; closed is 1 where a person had turned the same down before; field is a set of one.
CREATE TABLE last_word (
  identifier INTEGER NOT NULL,
  field INTEGER NOT NULL,
  said INTEGER NOT NULL,
  job INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  closed INTEGER NOT NULL CHECK (closed IN (0, 1)),
  PRIMARY KEY (identifier, field)
) STRICT, WITHOUT ROWID;

-- The newest delivery in which a key repeated its last words of a set of fields: one row for all that a record repeats.
CREATE TABLE last_repeat (
  identifier INTEGER NOT NULL,
  fields INTEGER NOT NULL,
  job INTEGER NOT NULL,
  PRIMARY KEY (identifier, fields)
) STRICT, WITHOUT ROWID;

-- Who takes a delivery in right now: a run owns its job until the delivery is whole or the run is over. What tells a process
-- from every other one is the machine's boot, the namespace of process numbers, the number, and when it began. Not covered
-- by the log: taking and renewing a lease changes nothing that anybody decided.
CREATE TABLE job_lease (
  job INTEGER PRIMARY KEY,
  token BLOB NOT NULL CHECK (length(token) = 16),
  person TEXT NOT NULL,
  host TEXT NOT NULL,
  boot TEXT NOT NULL,
  namespace TEXT NOT NULL,
  process INTEGER NOT NULL,
  process_began INTEGER NOT NULL,
  taken_on INTEGER NOT NULL,
  renewed_on INTEGER NOT NULL
) STRICT;

-- Sets of field names, each a JSON array in order.
CREATE TABLE field_set (
  id INTEGER PRIMARY KEY,
  fields TEXT NOT NULL UNIQUE
) STRICT;

-- How many rows a table holds, in all (facet '') and by state; kept in the same transaction as the rows.
CREATE TABLE row_count (
  table_name TEXT NOT NULL,
  facet TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (table_name, facet)
) STRICT, WITHOUT ROWID;

-- The append-only log: one row for every write operation, hash-chained. rows_created lists [table, first id, last id].
-- touched is the root of a tree over the rows that the operation changed or disposed of, kept a sum over all that the store
-- keeps beside the logged rows (names, last words, clocks …); both came later, and older operations have neither.
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
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  touched BLOB CHECK (length(touched) = 32),
  kept BLOB CHECK (length(kept) = 128)
) STRICT;
CREATE INDEX operation_undoes ON operation (undoes) WHERE undoes IS NOT NULL;
-- who sat at the keyboard when a row was made in another's name, and who made a binding: both have a hand in values
CREATE INDEX operation_for_somebody ON operation (at) WHERE on_behalf_of IS NOT NULL;
CREATE INDEX operation_of_bindings ON operation (seq) WHERE instr(rows_created, '"code_binding"') > 0;

-- What an operation changed in rows that were there before it: the changed columns before and after, as JSON.
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
CREATE INDEX operation_change_row ON operation_change (table_name, row_id, seq);

-- What was disposed of under a records schedule: the values are gone from the row and from the changes of it that the log
-- lists. The hashes of their leaves stay, so that the log can be checked all the same. seq is the disposal's operation,
-- ordinal the row's place in it, leaf the row's as it was made. copies is 1 where only copies of another row's values went,
-- such as the value before: the row keeps its own, and may be disposed of later.
CREATE TABLE disposed (
  table_name TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  seq INTEGER NOT NULL REFERENCES operation DEFERRABLE INITIALLY DEFERRED,
  ordinal INTEGER NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  copies INTEGER NOT NULL DEFAULT 0 CHECK (copies IN (0, 1)),
  PRIMARY KEY (table_name, row_id, seq, ordinal)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX disposed_seq ON disposed (seq, ordinal);
-- The same for a row of operation_change, which seq and ordinal name.
CREATE TABLE disposed_change (
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  PRIMARY KEY (seq, ordinal)
) STRICT, WITHOUT ROWID;
-- The same for a disposal, which seq and ordinal name, of a row that was disposed of again.
CREATE TABLE disposed_earlier (
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  PRIMARY KEY (seq, ordinal)
) STRICT, WITHOUT ROWID;
-- The last disposal after which what was freed in the file was overwritten. No operation, and not covered by the log.
CREATE TABLE erasure (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL
) STRICT;

-- What must not be disposed of whatever a records schedule says: a record, the rows of a table that match a filter whenever
-- it is asked, or what a delivery brought. Lifted it is not active.
CREATE TABLE legal_hold (
  id INTEGER PRIMARY KEY,
  target_table TEXT CHECK (length(target_table) <= 100),
  target_id TEXT CHECK (length(target_id) <= 100),
  rows_of TEXT CHECK (rows_of IN ('integration_sync_item', 'integration_ledger')),
  filter TEXT CHECK (length(filter) <= 1000),
  integration_sync_job INTEGER REFERENCES integration_sync_job,
  reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  set_by INTEGER NOT NULL REFERENCES system_user,
  set_on INTEGER NOT NULL,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  row_version INTEGER NOT NULL DEFAULT 1,
  CHECK ((target_id IS NOT NULL) + (filter IS NOT NULL) + (integration_sync_job IS NOT NULL) = 1)
) STRICT;

-- A seat belt for the log. Whoever can write the file can drop these triggers; `steward verify` finds what they did.
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
CREATE TRIGGER disposed_earlier_no_update BEFORE UPDATE ON disposed_earlier
BEGIN SELECT RAISE(ABORT, 'what was disposed of stays so'); END;
CREATE TRIGGER disposed_earlier_no_delete BEFORE DELETE ON disposed_earlier
BEGIN SELECT RAISE(ABORT, 'what was disposed of stays so'); END;

-- The readable views.
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
  closed,
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
