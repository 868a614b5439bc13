import GRDB
import GRDBSQLite

/// A prepared statement used without GRDB's values: a million rows are bound and read as bytes and integers.
///
/// Bound bytes are not copied: they have to stay where they are until ``step()`` returns.
struct RawStatement: ~Copyable {
  private let statement: OpaquePointer
  private let connection: OpaquePointer

  init(_ db: Database, _ sql: String) throws {
    guard let connection = db.sqliteConnection else {
      throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
    }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw Self.error(connection, sql) }
    self.connection = connection
    self.statement = statement
  }

  deinit { sqlite3_finalize(statement) }

  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(statement, index, value) }

  func bind(_ index: Int32, _ value: Int64?) {
    if let value { bind(index, value) } else { sqlite3_bind_null(statement, index) }
  }

  func bind(_ index: Int32, _ value: Bool) { sqlite3_bind_int64(statement, index, value ? 1 : 0) }

  /// Binds UTF-8 that outlives the step.
  func bind(_ index: Int32, text: UnsafeBufferPointer<UInt8>) {
    guard !text.isEmpty, let start = text.baseAddress else {
      sqlite3_bind_text(statement, index, "", 0, nil)
      return
    }
    start.withMemoryRebound(to: CChar.self, capacity: text.count) { start in
      _ = sqlite3_bind_text(statement, index, start, Int32(clamping: text.count), nil)
    }
  }

  func bind(_ index: Int32, text: UnsafeBufferPointer<UInt8>?) {
    if let text { bind(index, text: text) } else { sqlite3_bind_null(statement, index) }
  }

  func bind(_ index: Int32, literal: StaticString) {
    literal.withUTF8Buffer { bind(index, text: $0) }
  }

  /// Binds bytes, which are copied.
  func bind(_ index: Int32, blob: UnsafeRawBufferPointer) {
    sqlite3_bind_blob(statement, index, blob.baseAddress, Int32(clamping: blob.count), Self.copies)
  }

  /// `SQLITE_TRANSIENT`, a macro that is not imported.
  private static var copies: sqlite3_destructor_type {
    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }

  /// Goes to the next row; false if there is none, which also makes the statement ready again.
  func step() throws -> Bool {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(statement)
      return false
    default:
      let error = Self.error(connection, nil)
      sqlite3_reset(statement)
      throw error
    }
  }

  /// Makes the statement ready again before its last row.
  func reset() { sqlite3_reset(statement) }

  /// How many rows the last insert, update or delete changed.
  var changes: Int { Int(sqlite3_changes(connection)) }

  // MARK: - Columns of the row; text is good until the next step

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

  func optionalInteger(_ column: Int32) -> Int64? {
    isNull(column) ? nil : sqlite3_column_int64(statement, column)
  }

  func text(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    let start = sqlite3_column_text(statement, column)
    return UnsafeBufferPointer(
      start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, column)))
  }

  func optionalText(_ column: Int32) -> UnsafeBufferPointer<UInt8>? { isNull(column) ? nil : text(column) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

  func isText(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_TEXT }

  func isInteger(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_INTEGER }

  private static func error(_ connection: OpaquePointer, _ sql: String?) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
      message: String(cString: sqlite3_errmsg(connection)), sql: sql)
  }
}
