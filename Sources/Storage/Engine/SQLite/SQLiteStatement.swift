import CSQLite

/// A prepared statement of SQLite, stepped with nothing in between; at each step it is the row it stands on.
final class SQLiteStatement: ResultRow {
  private let handle: OpaquePointer
  private let connection: OpaquePointer
  /// Somebody reads its rows: it cannot be used a second time meanwhile.
  private(set) var isRunning = false

  init(_ sql: String, on connection: OpaquePointer) throws(SQLiteFailure) {
    var handle: OpaquePointer?
    let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
    guard sqlite3_prepare_v3(connection, sql, -1, flags, &handle, nil) == SQLITE_OK, let handle else {
      throw SQLiteFailure(of: connection)
    }
    self.handle = handle
    self.connection = connection
  }

  deinit { sqlite3_finalize(handle) }

  /// Runs the statement to its end, and hands each row to `row`.
  func run(_ values: [Value], _ row: (SQLiteStatement) throws -> Void) throws {
    bind(values)
    isRunning = true
    defer {
      sqlite3_reset(handle)
      isRunning = false
    }
    while try step() { try row(self) }
  }

  /// Goes to the next row; false if there is none.
  func step() throws(SQLiteFailure) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw SQLiteFailure(of: connection)
    }
  }

  func reset() { sqlite3_reset(handle) }

  // MARK: - Parameters, from 1

  private func bind(_ values: [Value]) {
    precondition(values.count == Int(sqlite3_bind_parameter_count(handle)), "a value for each parameter")
    for (index, value) in values.enumerated() {
      let place = Int32(index + 1)
      switch value {
      case .null: sqlite3_bind_null(handle, place)
      case .integer(let number): sqlite3_bind_int64(handle, place, number)
      case .text(var text): text.withUTF8 { bind(place, $0) }
      }
    }
  }

  func bind(_ place: Int32, _ number: Int64) { sqlite3_bind_int64(handle, place, number) }

  func bindNull(_ place: Int32) { sqlite3_bind_null(handle, place) }

  /// Binds UTF-8, which has to stay there until the statement is reset.
  func bind(lasting text: UnsafeBufferPointer<UInt8>, _ place: Int32) {
    guard !text.isEmpty, let start = text.baseAddress else { return bind(place, text) }
    start.withMemoryRebound(to: CChar.self, capacity: text.count) { start in
      _ = sqlite3_bind_text(handle, place, start, Int32(clamping: text.count), nil)
    }
  }

  /// Binds UTF-8, which is copied.
  func bind(_ place: Int32, _ text: UnsafeBufferPointer<UInt8>) {
    guard !text.isEmpty, let start = text.baseAddress else {
      sqlite3_bind_text(handle, place, "", 0, nil)
      return
    }
    start.withMemoryRebound(to: CChar.self, capacity: text.count) { start in
      _ = sqlite3_bind_text(handle, place, start, Int32(clamping: text.count), Self.copies)
    }
  }

  /// `SQLITE_TRANSIENT`, a macro that is not imported.
  private static var copies: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

  // MARK: - Columns, from 0

  func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

  func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

  func text(_ column: Int) -> String { withText(column) { String(decoding: $0, as: UTF8.self) } }

  func withText<T>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
    let start = sqlite3_column_text(handle, Int32(column))
    let count = start == nil ? 0 : Int(sqlite3_column_bytes(handle, Int32(column)))
    return try body(UnsafeBufferPointer(start: start, count: count))
  }
}

/// What SQLite said when something failed.
struct SQLiteFailure: Error {
  /// The extended result code.
  let code: Int32
  let message: String

  init(code: Int32, message: String) {
    self.code = code
    self.message = message
  }

  init(of connection: OpaquePointer) {
    self.init(
      code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)))
  }
}
