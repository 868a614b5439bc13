import Scheduling

/// The tables and indexes of this version. The database keeps the invariants that it can state.
enum Schema {
  /// `PRAGMA application_id` of our files: "SnSc" in ASCII.
  static let applicationID: Int64 = 0x536E_5363
  /// The names of the versions that led here, the first one first.
  static let versions = ["v1", "v2", "v3", "v4"]

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

  /// SQL: the message was handed out, and waits again if its lease runs out. Written the same in queries and in the
  /// partial index.
  static let mayReturn = "status = 'sending' AND is_last_attempt = 0"

  /// The tables that a database of this version has.
  static let tables: Set<String> = [
    "counter", "schedule", "revision", "draft", "phone", "phone_revision", "message", "past_send",
    "known_row",
    "known_id", "pending_import", "pending_rows",
  ]

  /// The statements that make the tables, in order.
  static func tableStatements(_ dialect: Dialect) -> [String] {
    [
      counter, schedule, revision, draft, phone(dialect), phoneRevision, message(dialect), pastSend, knownRow,
      knownID, pendingImport, pendingRows,
    ].map { dialect.table($0) }
  }

  /// The statements that make the indexes.
  static let indexStatements: [String] = indexes.map { "CREATE INDEX \($0.key) ON \($0.value)" }.sorted()

  static let indexes: [String: String] = [
    "schedule_name": "schedule (name)",
    "draft_author": "draft (author, updated_at)",
    "phone_schedule": "phone (schedule_id) WHERE schedule_id IS NOT NULL",
    // In the order of going out; with it the whole of what a forecast reads. SQLite looks at `status` again for each
    // row, though the index has only those that wait.
    "message_waiting":
      "message (phone_key, is_exact, ready_at, queued_at, key, expires_at, status) WHERE \(isWaiting)",
    "message_expiring": "message (phone_key, expires_at) WHERE expires_at IS NOT NULL AND \(isWaiting)",
    "message_returning":
      "message (phone_key, is_exact, ready_at, queued_at, key, lease_expires_at) WHERE \(mayReturn)",
    // Apart from those that have failed once their lease runs out: a claim looks past none of them.
    "message_lapsing": "message (phone_key, is_last_attempt, lease_expires_at) WHERE status = 'sending'",
    "message_attempt": "message (phone_key, last_attempted_at) WHERE status = 'sending'",
    "message_failed": "message (phone_key, key) WHERE status = 'failed'",
    "message_send_time": "message (phone_key, send_time) WHERE send_time IS NOT NULL",
  ]

  /// SQL: an instant that RFC 3339 can write (years 0 to 9999).
  private static func isInstant(_ column: String) -> String {
    "\(column) BETWEEN \(Instant.storable.lowerBound) AND \(Instant.storable.upperBound)"
  }

  /// Numbers by their names: the last key that was given of a kind, how often something happened, and when a phone last
  /// sent a message that was forgotten.
  private static let counter = "CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL)"

  private static let schedule = """
    CREATE TABLE schedule (
      id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
      name TEXT NOT NULL CHECK (name <> ''),
      time_zone TEXT NOT NULL CHECK (time_zone <> ''),
      is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
      windows TEXT NOT NULL CHECK (windows LIKE '[%]' AND windows <> '[]'),
      exceptions TEXT NOT NULL CHECK (exceptions LIKE '[%]'),
      revision INTEGER NOT NULL CHECK (revision >= 1)
    )
    """

  /// What each save left. Kept when the schedule is deleted, so that it can come back under its id.
  private static let revision = """
    CREATE TABLE revision (
      schedule_id TEXT NOT NULL,
      number INTEGER NOT NULL CHECK (number >= 1),
      name TEXT NOT NULL,
      time_zone TEXT NOT NULL,
      is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
      windows TEXT NOT NULL,
      exceptions TEXT NOT NULL,
      action TEXT NOT NULL CHECK (action IN ('add', 'save', 'remove', 'restore', 'import')),
      author TEXT NOT NULL,
      origin TEXT,
      saved_at INTEGER NOT NULL CHECK (\(isInstant("saved_at"))),
      summary TEXT NOT NULL,
      -- The ids of the phones that a removal freed, one a line.
      freed TEXT,
      PRIMARY KEY (schedule_id, number)
    )
    """

  /// Unsaved work, one of each author about each subject.
  private static let draft = """
    CREATE TABLE draft (
      subject TEXT NOT NULL,
      author TEXT NOT NULL,
      payload TEXT NOT NULL,
      updated_at INTEGER NOT NULL CHECK (\(isInstant("updated_at"))),
      PRIMARY KEY (subject, author)
    )
    """

  private static func phone(_ dialect: Dialect) -> String {
    """
    CREATE TABLE phone (
      key INTEGER NOT NULL PRIMARY KEY CHECK (key BETWEEN 1 AND 2147483647),
      id TEXT NOT NULL UNIQUE CHECK (id <> ''),
      number TEXT NOT NULL UNIQUE CHECK (\(dialect.isE164("number"))),
      label TEXT NOT NULL,
      sim TEXT NOT NULL CHECK (sim IN ('SIM1', 'SIM2')),
      messages_per_minute INTEGER NOT NULL CHECK (messages_per_minute >= 0),
      messages_per_day INTEGER NOT NULL CHECK (messages_per_day >= 0),
      max_send_attempts INTEGER NOT NULL CHECK (max_send_attempts >= 1),
      retry_delay_seconds INTEGER NOT NULL CHECK (retry_delay_seconds >= 0),
      pause_after_failures INTEGER NOT NULL CHECK (pause_after_failures >= 0),
      failures_in_row INTEGER NOT NULL CHECK (failures_in_row >= 0),
      held_until INTEGER CHECK (\(isInstant("held_until"))),
      hold_reason TEXT NOT NULL,
      hold_ends_with_success INTEGER NOT NULL CHECK (hold_ends_with_success IN (0, 1)),
      -- The hold by hand that goes on where a success ends the one above.
      held_by_hand_until INTEGER CHECK (\(isInstant("held_by_hand_until"))),
      held_by_hand_reason TEXT,
      held_by TEXT,
      held_at INTEGER CHECK (\(isInstant("held_at"))),
      schedule_id TEXT REFERENCES schedule (id) ON DELETE SET NULL ON UPDATE CASCADE,
      -- How many of its messages wait, and have failed; changed in the same transaction as they are.
      waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0),
      failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
      -- How many messages it ever had: the number of its newest one.
      last_number INTEGER NOT NULL DEFAULT 0 CHECK (last_number BETWEEN 0 AND 4294967295),
      -- How often the first of its queue was handed out, and how often else something ceased or began to wait.
      heads_taken INTEGER NOT NULL DEFAULT 0,
      disturbances INTEGER NOT NULL DEFAULT 0
    )
    """
  }

  /// What each change left of a phone's settings. Kept when the phone is removed.
  private static let phoneRevision = """
    CREATE TABLE phone_revision (
      phone_id TEXT NOT NULL,
      number INTEGER NOT NULL CHECK (number >= 1),
      action TEXT NOT NULL
        CHECK (action IN ('add', 'save', 'attach', 'hold', 'release', 'remove', 'restore', 'import')),
      phone_number TEXT NOT NULL,
      label TEXT NOT NULL,
      sim TEXT NOT NULL,
      messages_per_minute INTEGER NOT NULL,
      messages_per_day INTEGER NOT NULL,
      max_send_attempts INTEGER NOT NULL,
      retry_delay_seconds INTEGER NOT NULL,
      pause_after_failures INTEGER NOT NULL,
      held_until INTEGER,
      hold_reason TEXT NOT NULL,
      schedule_id TEXT,
      author TEXT NOT NULL,
      origin TEXT,
      saved_at INTEGER NOT NULL CHECK (\(isInstant("saved_at"))),
      summary TEXT NOT NULL,
      PRIMARY KEY (phone_id, number)
    )
    """

  /// A foreign key to `phone` would search all messages whenever a phone is removed: a message's phone is told
  /// by its key, and whoever removes a phone removes the keys of its range.
  private static func message(_ dialect: Dialect) -> String {
    let (send, retry) = ("coalesce(send_at, queued_at)", "coalesce(retry_at, queued_at)")
    // The latest of the three. With a function in a check SQLite keeps, for each statement of many rows, all pages that it
    // changes, to undo that statement alone.
    let isReady = """
      ready_at >= queued_at AND ready_at >= \(send) AND ready_at >= \(retry)
            AND (ready_at = queued_at OR ready_at = \(send) OR ready_at = \(retry))
      """
    return """
      CREATE TABLE message (
        -- 2^32 times its phone's key, plus its number in the order of being queued there.
        key INTEGER NOT NULL PRIMARY KEY,
        id TEXT NOT NULL UNIQUE CHECK (id <> ''),
        phone_key INTEGER NOT NULL CHECK (phone_key = \(dialect.phoneKey)),
        contact TEXT NOT NULL,
        content TEXT NOT NULL,
        status TEXT NOT NULL CHECK (\(isWaiting) OR \(isHandled)),
        queued_at INTEGER NOT NULL CHECK (\(isInstant("queued_at"))),
        send_at INTEGER CHECK (\(isInstant("send_at"))),
        retry_at INTEGER CHECK (\(isInstant("retry_at"))),
        ready_at INTEGER NOT NULL CHECK (\(isReady)),
        expires_at INTEGER CHECK (\(isInstant("expires_at"))),
        is_exact INTEGER NOT NULL CHECK (is_exact IN (0, 1)),
        last_attempted_at INTEGER CHECK (\(isInstant("last_attempted_at"))),
        sent_at INTEGER CHECK (\(isInstant("sent_at"))),
        -- The instant that counts for the spacing and the day: that of the last claim, or of what an import knows.
        send_time INTEGER CHECK (\(isInstant("send_time"))),
        lease_expires_at INTEGER CHECK (\(isInstant("lease_expires_at"))),
        send_attempt_count INTEGER NOT NULL CHECK (send_attempt_count >= 0),
        -- Its own number of attempts; without one its phone's counts.
        max_send_attempts INTEGER CHECK (max_send_attempts >= 1),
        failure_reason TEXT,
        -- Names the last claim as long as nobody has reported on it.
        claim_token INTEGER,
        -- What the last claim replaced, for its undoing.
        prior_send_time INTEGER,
        prior_attempted_at INTEGER,
        -- What happened to it since it was queued, an event a line.
        history TEXT NOT NULL DEFAULT '',
        -- The row of CSV that it came from, as `known_row` has it.
        row_high INTEGER,
        row_low INTEGER,
        -- How often it was handed out before somebody gave it all its attempts again: the number of a claim never
        -- comes again.
        earlier_attempts INTEGER NOT NULL DEFAULT 0 CHECK (earlier_attempts >= 0),
        -- While it is out: whether it has no attempts left after this one.
        is_last_attempt INTEGER NOT NULL DEFAULT 0 CHECK (is_last_attempt IN (0, 1)),
        CHECK ((status = 'sending') = (lease_expires_at IS NOT NULL)),
        CHECK (status <> 'sending' OR last_attempted_at IS NOT NULL)
      )
      """
  }

  /// Sends of messages that were forgotten: they count for the spacing and the day as long as they may.
  private static let pastSend = """
    CREATE TABLE past_send (
      phone_key INTEGER NOT NULL,
      send_time INTEGER NOT NULL,
      count INTEGER NOT NULL CHECK (count >= 1),
      PRIMARY KEY (phone_key, send_time)
    )
    """

  /// Rows of CSV files that came in already, by 128 bits that stand for their words.
  static let knownRow = """
    CREATE TABLE known_row (
      high INTEGER NOT NULL,
      low INTEGER NOT NULL,
      imported_at INTEGER NOT NULL,
      PRIMARY KEY (high, low)
    )
    """

  /// Large imports under way, and removals of phones with many messages: what is decided of them happens, whoever does it.
  static let pendingImport = """
    CREATE TABLE pending_import (
      number INTEGER NOT NULL PRIMARY KEY,
      -- Names the process that works on it, as long as that lives.
      process TEXT NOT NULL,
      -- When it took place; without that it never did, and its rows are of no use once its process is gone.
      decided_at INTEGER CHECK (\(isInstant("decided_at"))),
      -- Whether its rows of CSV are known.
      has_known_rows INTEGER NOT NULL CHECK (has_known_rows IN (0, 1)),
      -- The keys of its phones, in the order in which its rows count them, and its rows that are not to be queued.
      phone_keys TEXT NOT NULL,
      dropped TEXT NOT NULL,
      -- When its process said last that it lives; null for one that shows it by a lock.
      renewed_at INTEGER,
      -- The key of a phone that was removed and whose messages are still to go; null for an import.
      removed_phone INTEGER
    )
    """

  /// Rows of large imports that are still to be queued, packed, many in each.
  static let pendingRows = """
    CREATE TABLE pending_rows (key INTEGER NOT NULL PRIMARY KEY, count INTEGER NOT NULL, data TEXT NOT NULL)
    """

  /// Ids of messages that were done with and then forgotten.
  private static let knownID = "CREATE TABLE known_id (id TEXT NOT NULL, PRIMARY KEY (id))"
}

extension Dialect {
  /// At most so many characters from the end of a text.
  func tail(_ text: String, _ count: Int) -> String {
    self == .sqlite ? "substr(\(text), -\(count))" : "right(\(text), \(count))"
  }

  /// The key of a message's phone, from its own. CockroachDB divides integers to decimals.
  fileprivate var phoneKey: String { self == .sqlite ? "key / 4294967296" : "(key >> 32)" }

  fileprivate func isE164(_ column: String) -> String {
    switch self {
    case .sqlite:
      """
      \(column) GLOB '+[1-9]*' AND substr(\(column), 2) NOT GLOB '*[^0-9]*' AND length(\(column)) BETWEEN 8 AND 16
      """
    case .postgresql: "\(column) ~ '^[+][1-9][0-9]{6,14}$'"
    }
  }

  /// A table's statement, with this engine's types.
  func table(_ sql: String) -> String {
    switch self {
    case .sqlite: sql + (sql.contains("PRIMARY KEY (") ? " STRICT, WITHOUT ROWID" : " STRICT")
    case .postgresql: sql.replacing("INTEGER", with: "BIGINT")
    }
  }
}
