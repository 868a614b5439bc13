import GRDB
import Scheduling

/// The tables, from the first version on. SQLite keeps the invariants that it can state.
enum Schema {
  /// `PRAGMA application_id` of our files: "SnSc" in ASCII.
  static let applicationID: Int32 = 0x536E_5363

  /// SQL: the message waits in the queue. Written the same in queries and in the partial index, which is
  /// how SQLite knows that the index will do.
  ///
  /// Spelled out with OR: for each row that is written SQLite would make a temporary table of a list after IN,
  /// which costs more than the row.
  static let isWaiting = "(status = 'pending' OR status = 'scheduled' OR status = 'expired')"
  /// SQL: the message was handed out or is done with; the other half of ``isWaiting``.
  static let isHandled = """
    (status = 'sending' OR status = 'sent' OR status = 'delivered' OR status = 'failed' OR status = 'canceled')
    """
  static let handledList = "'sending','sent','delivered','failed','canceled'"
  /// SQL: an instant that RFC 3339 can write (years 0 to 9999).
  private static func isInstant(_ column: String) -> String {
    "\(column) BETWEEN -62167219200000 AND 253402300799999"
  }

  /// The tables and indexes that a file of this version has.
  static let objects: Set<String> = [
    "schedule", "schedule_name", "revision", "draft", "phone", "phone_schedule", "message", "message_waiting",
    "message_handled", "message_send_time", "csv_record", "queue_change",
  ]

  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1") { db in
      try db.execute(sql: schedules)
      try db.execute(sql: phones)
      try db.execute(sql: messages)
      try db.execute(sql: records)
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
    }
    return migrator
  }()

  private static let schedules = """
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
      saved_at INTEGER NOT NULL CHECK (\(isInstant("saved_at"))),
      summary TEXT NOT NULL,
      PRIMARY KEY (schedule_id, number)
    ) STRICT;

    -- Unsaved work, one of each author about a phone or a schedule.
    CREATE TABLE draft (
      subject TEXT NOT NULL,
      author TEXT NOT NULL,
      base_revision INTEGER NOT NULL CHECK (base_revision >= 0),
      payload TEXT NOT NULL,
      updated_at INTEGER NOT NULL CHECK (\(isInstant("updated_at"))),
      PRIMARY KEY (subject, author)
    ) STRICT;
    """

  private static let phones = """
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
    """

  private static let messages = """
    CREATE TABLE message (
      -- In the order of being queued.
      key INTEGER NOT NULL PRIMARY KEY,
      id TEXT NOT NULL UNIQUE CHECK (id <> ''),
      phone_key INTEGER NOT NULL REFERENCES phone (key) ON DELETE CASCADE,
      contact TEXT NOT NULL,
      content TEXT NOT NULL,
      status TEXT NOT NULL CHECK (\(isWaiting) OR \(isHandled)),
      queued_at INTEGER NOT NULL CHECK (\(isInstant("queued_at"))),
      send_at INTEGER CHECK (\(isInstant("send_at"))),
      ready_at INTEGER NOT NULL CHECK (ready_at = max(queued_at, coalesce(send_at, queued_at))),
      is_exact INTEGER NOT NULL CHECK (is_exact IN (0, 1)),
      last_attempted_at INTEGER CHECK (\(isInstant("last_attempted_at"))),
      sent_at INTEGER CHECK (\(isInstant("sent_at"))),
      -- The instant that counts for the spacing: that of the last claim, or of what an import knows.
      send_time INTEGER CHECK (\(isInstant("send_time"))),
      lease_expires_at INTEGER CHECK (\(isInstant("lease_expires_at"))),
      send_attempt_count INTEGER NOT NULL CHECK (send_attempt_count >= 0),
      failure_reason TEXT,
      CHECK ((status = 'sending') = (lease_expires_at IS NOT NULL)),
      CHECK (status <> 'sending' OR last_attempted_at IS NOT NULL)
    ) STRICT;
    CREATE INDEX message_waiting ON message (phone_key, is_exact, ready_at, queued_at) WHERE \(isWaiting);
    CREATE INDEX message_handled ON message (status, phone_key, lease_expires_at) WHERE \(isHandled);
    CREATE INDEX message_send_time ON message (phone_key, send_time) WHERE send_time IS NOT NULL;
    """

  private static let records = """
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
    """
}
