/// A database of the first version, as that version made it, with a little of everything in it.
enum FirstVersion {
  static let sql = """
    CREATE TABLE schedule (
      id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
      name TEXT NOT NULL CHECK (name <> ''),
      time_zone TEXT NOT NULL CHECK (time_zone <> ''),
      is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
      windows TEXT NOT NULL CHECK (json_valid(windows) AND json_array_length(windows) >= 1),
      revision INTEGER NOT NULL CHECK (revision >= 1)
    ) STRICT;
    CREATE INDEX schedule_name ON schedule (name);

    -- What each save left. Kept when the schedule is deleted, so that it can come back under its id.
    CREATE TABLE revision (
      schedule_id TEXT NOT NULL,
      number INTEGER NOT NULL CHECK (number >= 1),
      name TEXT NOT NULL,
      time_zone TEXT NOT NULL,
      is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
      windows TEXT NOT NULL CHECK (json_valid(windows)),
      action TEXT NOT NULL CHECK (action IN ('add', 'save', 'remove', 'restore', 'import')),
      author TEXT NOT NULL,
      origin TEXT,
      saved_at INTEGER NOT NULL CHECK (saved_at BETWEEN -62167219200000 AND 253402300799999),
      summary TEXT NOT NULL,
      PRIMARY KEY (schedule_id, number)
    ) STRICT;

    -- Unsaved work, one of each author about a phone or a schedule.
    CREATE TABLE draft (
      subject TEXT NOT NULL,
      author TEXT NOT NULL,
      base_revision INTEGER NOT NULL CHECK (base_revision >= 0),
      payload TEXT NOT NULL,
      updated_at INTEGER NOT NULL CHECK (updated_at BETWEEN -62167219200000 AND 253402300799999),
      PRIMARY KEY (subject, author)
    ) STRICT;
    CREATE TABLE phone (
      key INTEGER NOT NULL PRIMARY KEY,
      id TEXT NOT NULL UNIQUE CHECK (id <> ''),
      number TEXT NOT NULL UNIQUE 
        CHECK (number GLOB '+[1-9]*' AND substr(number, 2) NOT GLOB '*[^0-9]*' AND length(number) BETWEEN 8 AND 16),
      label TEXT NOT NULL,
      sim TEXT NOT NULL CHECK (sim IN ('SIM1', 'SIM2')),
      messages_per_minute INTEGER NOT NULL CHECK (messages_per_minute >= 0),
      max_send_attempts INTEGER NOT NULL CHECK (max_send_attempts >= 1),
      schedule_id TEXT REFERENCES schedule (id) ON DELETE SET NULL ON UPDATE CASCADE,
      -- How many of its messages wait; changed in the same transaction as they are.
      waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0)
    ) STRICT;
    CREATE INDEX phone_schedule ON phone (schedule_id) WHERE schedule_id IS NOT NULL;
    CREATE TABLE message (
      -- In the order of being queued.
      key INTEGER NOT NULL PRIMARY KEY,
      id TEXT NOT NULL UNIQUE CHECK (id <> ''),
      phone_key INTEGER NOT NULL REFERENCES phone (key) ON DELETE CASCADE,
      contact TEXT NOT NULL,
      content TEXT NOT NULL,
      status TEXT NOT NULL CHECK ((status = 'pending' OR status = 'scheduled' OR status = 'expired') OR (status = 'sending' OR status = 'sent' OR status = 'delivered' OR status = 'failed' OR status = 'canceled')),
      queued_at INTEGER NOT NULL CHECK (queued_at BETWEEN -62167219200000 AND 253402300799999),
      send_at INTEGER CHECK (send_at BETWEEN -62167219200000 AND 253402300799999),
      ready_at INTEGER NOT NULL CHECK (ready_at = max(queued_at, coalesce(send_at, queued_at))),
      is_exact INTEGER NOT NULL CHECK (is_exact IN (0, 1)),
      last_attempted_at INTEGER CHECK (last_attempted_at BETWEEN -62167219200000 AND 253402300799999),
      sent_at INTEGER CHECK (sent_at BETWEEN -62167219200000 AND 253402300799999),
      -- The instant that counts for the spacing: that of the last claim, or of what an import knows.
      send_time INTEGER CHECK (send_time BETWEEN -62167219200000 AND 253402300799999),
      lease_expires_at INTEGER CHECK (lease_expires_at BETWEEN -62167219200000 AND 253402300799999),
      send_attempt_count INTEGER NOT NULL CHECK (send_attempt_count >= 0),
      failure_reason TEXT,
      CHECK ((status = 'sending') = (lease_expires_at IS NOT NULL)),
      CHECK (status <> 'sending' OR last_attempted_at IS NOT NULL)
    ) STRICT;
    CREATE INDEX message_waiting ON message (phone_key, is_exact, ready_at, queued_at) WHERE (status = 'pending' OR status = 'scheduled' OR status = 'expired');
    CREATE INDEX message_handled ON message (status, phone_key, lease_expires_at) WHERE (status = 'sending' OR status = 'sent' OR status = 'delivered' OR status = 'failed' OR status = 'canceled');
    CREATE INDEX message_send_time ON message (phone_key, send_time) WHERE send_time IS NOT NULL;
    -- Rows of CSV files that came in already, so that a second import changes nothing.
    CREATE TABLE csv_record (
      fingerprint BLOB NOT NULL PRIMARY KEY,
      imported_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- What changed in the queues, for those who watch; only the newest are kept. New messages need no
    -- row here: their keys are beyond those seen. Without a message: load the whole queue again.
    CREATE TABLE queue_change (
      seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
      phone_key INTEGER NOT NULL,
      message_key INTEGER
    ) STRICT;
    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
    INSERT INTO grdb_migrations VALUES ('v1');
    PRAGMA application_id = 1399739235;
    INSERT INTO schedule VALUES ('s1', 'Office', 'Europe/Tallinn', 1,
      '[{"day_of_week":1,"start_minute":540,"end_minute":1020}]', 1);
    INSERT INTO revision VALUES ('s1', 1, 'Office', 'Europe/Tallinn', 1,
      '[{"day_of_week":1,"start_minute":540,"end_minute":1020}]', 'add', 'mari', NULL, 1772438400000, 'Mon 09:00-17:00');
    INSERT INTO draft VALUES ('phone:p1#7-8', 'mari', 1, '{}', 1772438400000);
    INSERT INTO phone VALUES (2, 'p1', '+18005550199', 'desk', 'SIM2', 6, 3, 's1', 2);
    INSERT INTO phone VALUES (3, 'p2', '+18005550198', '', 'SIM1', 0, 2, NULL, 1);
    INSERT INTO message VALUES (1, 'a', 2, '12345', 'first', 'sent', 1772438400000, NULL, 1772438400000, 0,
      1772438401000, 1772438402000, 1772438401000, NULL, 1, NULL);
    INSERT INTO message VALUES (2, 'b', 3, '12345', 'other', 'pending', 1772438400000, NULL, 1772438400000, 0,
      NULL, NULL, NULL, NULL, 0, NULL);
    INSERT INTO message VALUES (5, 'c', 2, '12345', 'second', 'scheduled', 1772438400000, 1772442000000, 1772442000000, 1,
      NULL, NULL, NULL, NULL, 0, NULL);
    INSERT INTO message VALUES (6, 'd', 2, '12345', 'third', 'pending', 1772438400000, NULL, 1772438400000, 0,
      NULL, NULL, NULL, NULL, 1, 'no network');
    INSERT INTO message VALUES (7, 'e', 2, '12345', 'fourth', 'sending', 1772438400000, NULL, 1772438400000, 0,
      1772438403000, NULL, 1772438403000, 1772438463000, 1, NULL);
    INSERT INTO message VALUES (8, 'f', 2, '12345', 'fifth', 'failed', 1772438400000, NULL, 1772438400000, 0,
      NULL, NULL, NULL, NULL, 3, 'no credit');
    INSERT INTO csv_record VALUES (x'FFEEDDCCBBAA99887766554433221100', 1772438400000);
    INSERT INTO queue_change (phone_key, message_key) VALUES (2, 7);
    """
}
