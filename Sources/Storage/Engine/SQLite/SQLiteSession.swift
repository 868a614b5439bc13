import CSQLite
import Glibc
import Scheduling

/// Statements on one connection, each prepared once. Used only by whom ``SQLiteHandle`` lets.
final class SQLiteSession: Session, @unchecked Sendable {
  let dialect = Dialect.sqlite
  let name: String
  private let connection: OpaquePointer
  private var statements: [String: SQLiteStatement] = [:]

  /// More different statements than these are not kept: they are made of data.
  private static let mostStatements = 300

  init(_ connection: OpaquePointer, name: String) {
    self.connection = connection
    self.name = name
  }

  /// How many rows were changed on this connection so far.
  var changes: Int64 { sqlite3_total_changes64(connection) }

  /// Lets go of the statements, so that the connection can be closed.
  func finish() { statements.removeAll() }

  @discardableResult
  func run(_ sql: String, _ values: [Value]) throws -> Int {
    let statement = try statement(sql)
    let before = sqlite3_total_changes64(connection)
    try translating { try statement.run(values) { _ in } }
    // `sqlite3_changes` keeps its value over a statement that changes no rows, such as CREATE TABLE.
    return sqlite3_total_changes64(connection) == before ? 0 : Int(sqlite3_changes64(connection))
  }

  func send(_ sql: String, _ values: [Value]) throws { try run(sql, values) }

  func update(_ update: RowUpdate, _ rows: [[Value]]) throws {
    for row in rows { try run(update.onFile, row) }
  }

  func prefetch(steps: [[Query]]) -> [PrefetchedStep] { steps.map { _ in PrefetchedStep {} } }

  func each(_ sql: String, _ values: [Value], _ row: (any ResultRow) throws -> Void) throws {
    let statement = try statement(sql)
    try translating { try statement.run(values, row) }
  }

  @discardableResult
  func insert(
    into table: String, columns: [String], conflict: String?, _ fill: (any RowWriter) throws -> Void
  ) throws -> Int {
    let writer = SQLiteRowWriter(columns: columns.count) { [self] rows in
      let row = "(\(Array(repeating: "?", count: columns.count).joined(separator: ",")))"
      let values = Array(repeating: row, count: rows).joined(separator: ",")
      // An error undoes the transaction anyway: nothing is kept to undo this statement alone.
      return try statement(
        "INSERT OR ROLLBACK INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(values)"
          + (conflict.map { " ON CONFLICT \($0)" } ?? ""))
    }
    try translating {
      try fill(writer)
      try writer.flush()
    }
    return writer.count
  }

  func concerns(phone number: String?) {}

  func now() -> Instant { MachineClock.now() }

  /// Runs statements of SQL that take no values, one after another.
  func script(_ sql: String) throws {
    guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else {
      throw StoreError.translating(SQLiteFailure(of: connection), path: name)
    }
  }

  private func statement(_ sql: String) throws -> SQLiteStatement {
    if let known = statements[sql], !known.isRunning { return known }
    let new = try translating { try SQLiteStatement(sql, on: connection) }
    if statements.count >= Self.mostStatements { statements.removeAll() }
    if statements[sql] == nil { statements[sql] = new }
    return new
  }

  private func translating<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch {
      throw StoreError.translating(error, path: name)
    }
  }
}
