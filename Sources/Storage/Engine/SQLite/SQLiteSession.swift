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

  func prefetch(steps: [[Query]]) {}
  func begin(step: Int) {}

  func each(_ sql: String, _ values: [Value], _ row: (any ResultRow) throws -> Void) throws {
    let statement = try statement(sql)
    try translating { try statement.run(values, row) }
  }

  @discardableResult
  func insert(into table: String, columns: [String], _ fill: (any RowWriter) throws -> Void) throws -> Int {
    let writer = try translating { () throws -> SQLiteRowWriter in
      try SQLiteRowWriter(connection, table: table, columns: columns)
    }
    try translating { try fill(writer) }
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

/// Adds rows with one prepared statement.
private final class SQLiteRowWriter: RowWriter {
  private let statement: SQLiteStatement
  private let columns: Int32
  private var column: Int32 = 0
  private(set) var count = 0

  init(_ connection: OpaquePointer, table: String, columns: [String]) throws {
    let places = (1...columns.count).map { "?\($0)" }.joined(separator: ", ")
    let names = columns.joined(separator: ", ")
    statement = try SQLiteStatement("INSERT INTO \(table) (\(names)) VALUES (\(places))", on: connection)
    self.columns = Int32(columns.count)
  }

  func null() {
    column += 1
    statement.bindNull(column)
  }

  func integer(_ value: Int64) {
    column += 1
    statement.bind(column, value)
  }

  func text(_ value: String) {
    column += 1
    var value = value
    value.withUTF8 { statement.bind(column, $0) }
  }

  func text(_ value: UnsafeBufferPointer<UInt8>) {
    column += 1
    statement.bind(column, value)
  }

  func endRow() throws {
    precondition(column == columns, "a value for each column")
    column = 0
    defer { statement.reset() }
    _ = try statement.step()
    count += 1
  }
}
