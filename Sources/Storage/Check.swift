import GRDB
import Scheduling

extension Store {
  /// Looks the whole file over and names what is damaged; empty if all is well.
  package func check() throws -> [String] {
    do {
      return try read { db in try Checker(db: db, zones: zones).run() }
    } catch StoreError.damaged(_, let reason) {
      return [reason]
    }
  }
}

/// What SQLite can check by itself, and the invariants that only we know.
private struct Checker {
  let db: Database
  let zones: any TimeZoneSource
  /// A badly damaged file is not described page by page.
  private let most = 100

  func run() throws -> [String] {
    let damage = try integrity()
    // In a file with damaged pages the rest says little, and may fail.
    guard damage.isEmpty else { return damage }
    return try foreignKeys() + schedules() + revisions() + waitingCounts() + schema()
  }

  private func integrity() throws -> [String] {
    do {
      let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(most))")
      return lines == ["ok"] ? [] : lines
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
      return [error.message ?? "damaged"]
    }
  }

  private func foreignKeys() throws -> [String] {
    try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(most).map { row in
      let table: String = row[0]
      let id: Int64? = row[1]
      let parent: String = row[2]
      return "\(table) \(id.map(String.init) ?? "?") refers to a \(parent) that is not there"
    }
  }

  private func schedules() throws -> [String] {
    var problems: [String] = []
    let rows = try Row.fetchCursor(db, sql: "SELECT id, name, time_zone, windows FROM schedule ORDER BY id")
    while let row = try rows.next() {
      let (id, name, zone, windows): (String, String, String, String) = (row[0], row[1], row[2], row[3])
      if WindowsColumn.decode(windows) == nil {
        problems.append("schedule \(id) (\(name)): its windows are not valid: \(windows)")
      }
      do {
        _ = try zones.clock(of: zone, now: 0)
      } catch {
        problems.append("schedule \(id) (\(name)): \(error)")
      }
    }
    return problems
  }

  private func revisions() throws -> [String] {
    var problems: [String] = []
    let missing = """
      SELECT s.id, s.revision FROM schedule s LEFT JOIN revision r
        ON r.schedule_id = s.id AND r.number = s.revision AND r.name = s.name AND r.time_zone = s.time_zone
        AND r.is_active = s.is_active AND r.windows = s.windows
      WHERE r.number IS NULL
      """
    for row in try Row.fetchAll(db, sql: missing) {
      let (id, number): (String, Int) = (row[0], row[1])
      problems.append("schedule \(id): revision \(number) in its history is not what is saved")
    }
    let rows = try Row.fetchCursor(db, sql: "SELECT schedule_id, number, windows FROM revision")
    while let row = try rows.next() {
      let (id, number, windows): (String, Int, String) = (row[0], row[1], row[2])
      if WindowsColumn.decode(windows) == nil {
        problems.append("schedule \(id): the windows of its revision \(number) are not valid")
      }
    }
    return problems
  }

  private func waitingCounts() throws -> [String] {
    let sql = """
      SELECT p.number, p.waiting, coalesce(m.count, 0) FROM phone p LEFT JOIN
        (SELECT phone_key, count(*) AS count FROM message WHERE \(Schema.isWaiting) GROUP BY phone_key) m
        ON m.phone_key = p.key
      WHERE p.waiting <> coalesce(m.count, 0)
      """
    return try Row.fetchAll(db, sql: sql).map { row in
      let (number, stored, counted): (String, Int, Int) = (row[0], row[1], row[2])
      return "phone \(number): \(stored) messages are said to wait, \(counted) do"
    }
  }

  private func schema() throws -> [String] {
    let present = Set(try String.fetchAll(db, sql: "SELECT name FROM sqlite_master"))
    return Schema.objects.subtracting(present).sorted().map { "the table or index \($0) is not there" }
  }
}
