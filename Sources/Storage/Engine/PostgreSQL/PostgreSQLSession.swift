import CPostgreSQL
import Scheduling

/// A transaction under way on a server.
final class PostgreSQLSession: Session {
  let connection: PostgreSQLConnection
  /// The answer that still comes row by row, if there is one.
  private var stream: RowStream?

  init(_ connection: PostgreSQLConnection) { self.connection = connection }

  var dialect: Dialect { .postgresql }
  var name: String { connection.place }

  @discardableResult
  func run(_ sql: String, _ values: [Value]) throws -> Int {
    try stream?.collect()
    return try connection.execute(sql, values).changed
  }

  func each(_ sql: String, _ values: [Value], _ row: (any ResultRow) throws -> Void) throws {
    try stream?.collect()
    let outer = stream
    defer { stream = outer }
    let stream = RowStream(connection)
    try connection.start(sql, values)
    self.stream = stream
    do {
      while let answer = try stream.next() { try row(PostgreSQLRow(answer)) }
    } catch {
      stream.abandon()
      throw error
    }
  }

  @discardableResult
  func insert(into table: String, columns: [String], _ fill: (any RowWriter) throws -> Void) throws -> Int {
    let writer = CopyWriter { [self] rows in
      try stream?.collect()
      try connection.copy("COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN", rows)
    }
    try fill(writer)
    try writer.flush()
    return writer.count
  }

  func now() throws -> Instant {
    let sql = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)"
    return try integer(sql) ?? 0
  }
}

/// The rows of one answer: as they come, or collected when the connection is needed meanwhile.
private final class RowStream {
  private let connection: PostgreSQLConnection
  private var collected: [PostgreSQLConnection.Answer] = []
  private var position = 0
  private var isComplete = false

  init(_ connection: PostgreSQLConnection) { self.connection = connection }

  func next() throws -> PostgreSQLConnection.Answer? {
    if position < collected.count {
      position += 1
      return collected[position - 1]
    }
    return try fetch()
  }

  /// Reads all that is still to come, so that another statement can run.
  func collect() throws {
    collected.removeFirst(position)
    position = 0
    while let row = try fetch() { collected.append(row) }
  }

  /// Leaves the connection free for the next statement.
  func abandon() {
    if !isComplete { connection.abandon() }
    isComplete = true
  }

  private func fetch() throws -> PostgreSQLConnection.Answer? {
    if isComplete { return nil }
    do {
      if let row = try connection.nextRow() { return row }
    } catch {
      isComplete = true
      throw error
    }
    isComplete = true
    return nil
  }
}

/// One row of an answer in the binary format: integers in network order, texts as they are.
final class PostgreSQLRow: ResultRow {
  private let answer: PostgreSQLConnection.Answer

  init(_ answer: PostgreSQLConnection.Answer) { self.answer = answer }

  func isNull(_ column: Int) -> Bool { pq_getisnull(answer.pointer, 0, Int32(column)) == 1 }

  func integer(_ column: Int) -> Int64 {
    var value: Int64 = 0
    let bytes = self.bytes(column)
    // Two's complement of 2, 4 or 8 bytes; a boolean is one.
    for (index, byte) in bytes.enumerated() {
      value = index == 0 && bytes.count > 1 ? Int64(Int8(bitPattern: byte)) : value << 8 | Int64(byte)
    }
    return value
  }

  func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

  func withText<T>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
    try bytes(column).withMemoryRebound(to: UInt8.self, body)
  }

  private func bytes(_ column: Int) -> UnsafeRawBufferPointer {
    guard !isNull(column), let start = pq_getvalue(answer.pointer, 0, Int32(column)) else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return UnsafeRawBufferPointer(start: start, count: Int(pq_getlength(answer.pointer, 0, Int32(column))))
  }
}
