import Scheduling
import Synchronization
import Testing

@testable import Storage

/// The engine alone, on a table of its own.
@Suite(.enabled(if: PostgreSQLServer.isThere, "no PostgreSQL server"), .serialized)
struct PostgreSQLEngineTests {
  let conninfo: String
  let engine: PostgreSQLEngine

  init() throws {
    conninfo = try PostgreSQLServer.database()
    try PostgreSQLConnection(conninfo).command(
      """
      CREATE SCHEMA send_schedule;
      CREATE SEQUENCE send_schedule.change;
      CREATE TABLE send_schedule.commit_mark (name TEXT PRIMARY KEY, number BIGINT NOT NULL, lost BIGINT DEFAULT 0,
        made_at TIMESTAMPTZ NOT NULL DEFAULT now());
      CREATE TABLE send_schedule.thing (id BIGINT PRIMARY KEY, name TEXT, flag SMALLINT)
      """)
    engine = try PostgreSQLEngine(conninfo, mayWrite: true)
  }

  private func count() throws -> Int64 {
    try engine.read { session in
      var count: Int64 = 0
      try session.each("SELECT count(*) FROM thing", []) { count = $0.integer(0) }
      return count
    }
  }

  private func kill(_ session: any Session) {
    _ = try? session.run("SELECT pg_terminate_backend(pg_backend_pid())", [])
  }

  @Test func valuesComeBackAsTheyWent() throws {
    let text = "a ?1 'quoted' “ä” \u{1F600} \\ \t"
    try engine.write { session in
      let sql = "INSERT INTO thing VALUES (?1, ?2, ?3)"
      try session.run(sql, [.integer(Int64.min), .text(text), .integer(-1)])
      try session.run(sql, [.integer(Int64.max), .null, .integer(1)])
    }
    try engine.read { session in
      var rows: [(Int64, String?, Int64)] = []
      try session.each("SELECT id, name, flag FROM thing WHERE name <> '?1' OR name IS NULL ORDER BY id", [])
      {
        rows.append(($0.integer(0), $0.isNull(1) ? nil : $0.text(1), $0.integer(2)))
      }
      #expect(rows.map(\.0) == [.min, .max])
      #expect(rows.map(\.1) == [text, nil])
      #expect(rows.map(\.2) == [-1, 1])
    }
  }

  @Test func statementsMayRunWhileRowsCome() throws {
    try engine.write { session in
      try session.run("INSERT INTO thing SELECT n, 'x', 0 FROM generate_series(1, 500) AS n", [])
      var seen: [Int64] = []
      try session.each("SELECT id FROM thing ORDER BY id", []) { row in
        let id = row.integer(0)
        seen.append(id)
        try session.run("UPDATE thing SET flag = 1 WHERE id = ?1", [.integer(id)])
        try session.each("SELECT flag FROM thing WHERE id = ?1", [.integer(id)]) {
          #expect($0.integer(0) == 1)
        }
      }
      #expect(seen == Array(1...500))
    }
  }

  @Test func readingMayEndEarly() throws {
    struct Enough: Error {}
    _ = try engine.read { session in
      #expect(throws: Enough.self) {
        try session.each("SELECT n FROM generate_series(1, 1000000) AS n", []) { row in
          if row.integer(0) == 3 { throw Enough() }
        }
      }
    }
    #expect(try count() == 0)
  }

  @Test func anErrorUndoesTheTransaction() throws {
    struct Refused: Error {}
    #expect(throws: Refused.self) {
      try engine.write { session in
        try session.run("INSERT INTO thing VALUES (1, 'a', 0)", [])
        throw Refused()
      }
    }
    #expect(throws: StoreError.self) {
      try engine.write { session in
        try session.run("INSERT INTO thing VALUES (1, 'a', 0)", [])
        try session.run("INSERT INTO thing VALUES (1, 'b', 0)", [])
      }
    }
    #expect(try count() == 0)
  }

  @Test func aSerializationFailureAtAnyStatementIsRepeated() throws {
    for failing in 0..<3 {
      var runs = 0
      try engine.write { session in
        runs += 1
        for step in 0..<3 {
          if step == failing, runs < 3 {
            try session.run("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$", [])
          }
          try session.run("INSERT INTO thing VALUES (?1, 'a', 0)", [.integer(Int64(failing * 10 + step))])
        }
      }
      #expect(runs == 3)
    }
    #expect(try count() == 9)
  }

  @Test func writersThatMeetAreBothDone() async throws {
    _ = try engine.write { session in try session.run("INSERT INTO thing VALUES (1, 'sum', 0)", []) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { [engine] in
          for _ in 0..<10 {
            try engine.write { session in
              var flag: Int64 = 0
              try session.each("SELECT flag FROM thing WHERE id = 1", []) { flag = $0.integer(0) }
              try session.run("UPDATE thing SET flag = ?1 WHERE id = 1", [.integer(flag + 1)])
            }
          }
        }
      }
      try await group.waitForAll()
    }
    try engine.read { session in
      try session.each("SELECT flag FROM thing", []) { #expect($0.integer(0) == 40) }
    }
  }

  @Test func aConnectionThatBreaksBeforeTheCommitLosesNothing() throws {
    var runs = 0
    try engine.write { session in
      runs += 1
      try session.run("INSERT INTO thing VALUES (1, 'a', 0)", [])
      if runs == 1 { kill(session) }
    }
    #expect(runs == 2)
    #expect(try count() == 1)
  }

  @Test(arguments: [false, true])
  func aCommitWhoseAnswerIsLostIsDoneOnce(isCockroach: Bool) throws {
    let engine = try PostgreSQLEngine(conninfo, mayWrite: true, isCockroach: isCockroach)
    // The trigger runs at the commit, after everything else: the session ends before it can answer.
    try PostgreSQLConnection(conninfo).command(
      """
      CREATE TABLE send_schedule.broken (done INTEGER);
      CREATE FUNCTION send_schedule.break_once() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_stat_database WHERE false) AND NEW.name = 'break'
          AND currval('send_schedule.breaks') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN NULL;
      END $$;
      CREATE SEQUENCE send_schedule.breaks;
      CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON send_schedule.thing
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION send_schedule.break_once()
      """)
    var runs = 0
    try engine.write { session in
      runs += 1
      try session.each("SELECT nextval('send_schedule.breaks')", []) { _ in }
      try session.run("INSERT INTO thing VALUES (1, 'break', 0)", [])
    }
    #expect(runs == 2)
    #expect(try count() == 1)
  }

  /// Where the server keeps no record of transactions, a row of ours says which took place; one that was given up for
  /// lost cannot be committed any more.
  @Test func aMarkSaysWhetherACommitTookPlace() throws {
    let (connection, other) = (try PostgreSQLConnection(conninfo), try PostgreSQLConnection(conninfo))
    let mark = CommitMark()
    func begin() throws {
      for statement in mark.opening(.lockingPhones) + mark.beforeCommit {
        _ = try connection.execute(statement.sql, statement.values)
      }
    }
    try begin()
    try connection.command("COMMIT")
    #expect(try mark.wasCommitted(askingOn: other))
    for statement in mark.opening(.lockingPhones) {
      _ = try connection.execute(statement.sql, statement.values)
    }
    #expect(try !mark.wasCommitted(askingOn: other))
    let last = mark.beforeCommit[0]
    #expect(throws: PostgreSQLError.self) { try connection.execute(last.sql, last.values) }
    try connection.command("ROLLBACK")
    try begin()
    try connection.command("COMMIT")
    #expect(try mark.wasCommitted(askingOn: other))
  }

  @Test func anIdleConnectionThatBrokeIsReplaced() throws {
    #expect(try count() == 0)
    try PostgreSQLConnection(conninfo).command(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    #expect(try count() == 0)
    _ = try engine.write { session in try session.run("INSERT INTO thing VALUES (1, 'a', 0)", []) }
    #expect(try count() == 1)
  }

  @Test func aPasswordIsNeverShown() throws {
    let secret = "s3cret"
    for text in [
      "postgresql://u:\(secret)@127.0.0.1:1/x", "postgresql://u:\(secret)@[::1",
      "postgresql://u:\(secret)@h/x?bad=1",
    ] {
      do {
        _ = try PostgreSQLEngine(text, mayWrite: true)
        Issue.record("connected to \(text)")
      } catch {
        #expect(!String(describing: error).contains(secret))
        #expect((error as? StoreError)?.exitCode == (text.contains("127") ? 69 : 65))
      }
    }
  }

  @Test func manyRowsAreCopiedAsTheyAre() throws {
    let texts = ["", "\\N", "a\tb\nc\rd\\", "ä\u{1F600}", "\"quoted\", 'text'"]
    try engine.write { session in
      let added = try session.insert(into: "thing", columns: ["id", "name", "flag"]) { writer in
        for index in 0..<100_000 {
          writer.integer(Int64(index))
          writer.text(texts[index % texts.count])
          writer.null()
          try writer.endRow()
        }
      }
      #expect(added == 100_000)
      var index = 0
      try session.each("SELECT name, flag FROM thing ORDER BY id", []) { row in
        if row.text(0) != texts[index % texts.count] || !row.isNull(1) { Issue.record("row \(index)") }
        index += 1
      }
      #expect(index == 100_000)
    }
  }

  @Test func theVersionTellsOfEveryWrite() throws {
    let other = try PostgreSQLEngine(conninfo, mayWrite: true)
    let before = try engine.version()
    #expect(try engine.version() == before)
    _ = try other.write { session in try session.run("INSERT INTO thing VALUES (1, 'a', 0)", []) }
    #expect(try engine.version() != before)
  }

  @Test func theClockIsTheServers() throws {
    var server: Instant = 0
    try engine.write { session in server = try session.now() }
    #expect(server > 1_700_000_000_000)
  }
}
