import CPostgreSQL
import Scheduling

/// Hears of a statement before it is sent.
typealias StatementHook = @Sendable (String) throws -> Void

/// A transaction under way on a server. What needs no answer is sent together with what does.
final class PostgreSQLSession: Session {
  let connection: PostgreSQLConnection
  private let kind: PostgreSQLTransaction
  /// What begins the transaction, until it was sent.
  private var opening: [Statement]
  /// Statements that wait to be sent.
  private var waiting: [Statement] = []
  private typealias Answers = [Statement: PostgreSQLConnection.Answer]
  /// Answers that were asked for in advance, of steps that began.
  private var known: Answers = [:]
  /// The answer that still comes row by row, if there is one.
  private var stream: RowStream?
  /// Whether anything was done but reading.
  private var hasDone = false
  /// What was changed so far.
  private(set) var news = PostgreSQLNews()
  /// How far the server's clock was ahead of this machine's when it was asked; nil if it was not.
  private(set) var clockOffset: Duration?
  /// Whether a row was handed to somebody.
  private let beforeEach: StatementHook?

  init(_ connection: PostgreSQLConnection, _ kind: PostgreSQLTransaction, _ beforeEach: StatementHook? = nil)
  {
    self.connection = connection
    self.kind = kind
    self.beforeEach = beforeEach
    opening = connection.proof.opening(kind)
  }

  var dialect: Dialect { .postgresql }
  var name: String { connection.place }
  var changes: Int64 { Int64(news.rows) }

  @discardableResult
  func run(_ sql: String, _ values: [Value]) throws -> Int {
    try stream?.collect()
    known.removeAll()
    hasDone = true
    let changed = try ask([Statement(sql: sql, values: values)])[0].changed
    news.rows += changed
    return changed
  }

  func send(_ sql: String, _ values: [Value]) throws {
    try beforeEach?(sql)
    known.removeAll()
    hasDone = true
    waiting.append(Statement(sql: sql, values: values))
    news.rows += 1
    // Answers that nobody reads must not fill the way back.
    if waiting.count >= 500 {
      try stream?.collect()
      _ = try ask([])
    }
  }

  func update(_ update: RowUpdate, _ rows: [[Value]]) throws {
    guard rows.count > 1 else {
      for row in rows { try send(update.onServer, row) }
      return
    }
    let columns = Value.columns(rows)
    try send(PostgreSQLText.many(update, columns.map { $0?.type }), columns.compactMap { $0?.list })
    news.rows += rows.count - 1
  }

  func prefetch(steps: [[Query]]) throws -> [PrefetchedStep] {
    try stream?.collect()
    let statements = steps.map { $0.map { Statement(sql: $0.sql, values: $0.values) } }
    var rest = try ask(statements.flatMap { $0 })[...]
    return statements.map { step in
      defer { rest.removeFirst(step.count) }
      let answers = Answers(zip(step, rest.prefix(step.count))) { first, _ in first }
      return PrefetchedStep { [self] in known.merge(answers) { _, new in new } }
    }
  }

  func each(_ sql: String, _ values: [Value], _ row: (any ResultRow) throws -> Void) throws {
    try stream?.collect()
    let statement = Statement(sql: sql, values: values)
    if let answer = known[statement] { return try hand(answer, to: row) }
    // Where something else is to be sent anyway, the answer comes as a whole with the others.
    if !opening.isEmpty || !waiting.isEmpty, isForWriting { return try hand(ask([statement])[0], to: row) }
    if !opening.isEmpty { _ = try ask([]) }
    try beforeEach?(sql)
    try streamRows(of: statement, row)
  }

  private var isForWriting: Bool { connection.proof.isForWriting }

  private func hand(_ answer: PostgreSQLConnection.Answer, to row: (any ResultRow) throws -> Void) throws {
    for index in 0..<answer.count { try row(PostgreSQLRow(answer, index)) }
  }

  private func streamRows(of statement: Statement, _ row: (any ResultRow) throws -> Void) throws {
    let outer = stream
    defer { stream = outer }
    let stream = RowStream(connection)
    try connection.start(statement.sql, statement.values)
    self.stream = stream
    do {
      while let answer = try stream.next() { try row(PostgreSQLRow(answer)) }
    } catch {
      stream.abandon()
      throw error
    }
  }

  /// Sends all that waits, and statements whose answers are returned.
  private func ask(_ statements: [Statement]) throws -> [PostgreSQLConnection.Answer] {
    for statement in statements { try beforeEach?(statement.sql) }
    let first = opening
    let before = first + waiting
    opening = []
    waiting = []
    let answers = try connection.pipeline(before + statements)
    if !first.isEmpty { connection.proof.began(answers[first.count - 1]) }
    return Array(answers[before.count...])
  }

  /// Commits, and tells others of it; true if they were told.
  ///
  /// All goes to the server together. The telling comes after the commit, so that nobody looks before it is there,
  /// and commits do not wait for each other as those that notify do.
  func commit(identity: String) throws -> Bool {
    if kind == .lockingPhones, !hasDone {
      // Nothing has to reach the disk.
      if opening.isEmpty { try connection.command("ROLLBACK") }
      return false
    }
    try beforeEach?("COMMIT")
    if !opening.isEmpty {
      if waiting.isEmpty { return false }
      _ = try ask([])
    }
    var statements = waiting + (news.isEmpty ? [] : connection.proof.beforeCommit)
    waiting = []
    let place = statements.count
    statements.append(Statement(sql: "COMMIT"))
    if !news.isEmpty {
      if !connection.isCockroach { statements.append(news.notification(identity: identity)) }
      statements.append(Statement(sql: "SELECT nextval('change')"))
    }
    var answers: [Result<PostgreSQLConnection.Answer, PostgreSQLError>?] = []
    do {
      try connection.pipeline(statements, &answers)
    } catch {
      // It is committed if its answer came.
      if answers.count > place, case .success? = answers[place] { return false }
      throw error
    }
    for answer in answers[...place] { _ = try answer?.get() }
    guard case .success(let commit)? = answers[place], commit.tag == "COMMIT" else {
      throw PostgreSQLError(state: "25P02", message: "the transaction had failed")
    }
    // What follows the commit undoes nothing.
    return !news.isEmpty && answers[place...].allSatisfy { if case .success? = $0 { true } else { false } }
  }

  @discardableResult
  func insert(
    into table: String, columns: [String], conflict: String?, _ fill: (any RowWriter) throws -> Void
  ) throws -> Int {
    guard let conflict else { return try copy(to: table, columns, fill) }
    // COPY knows no conflicts, and CockroachDB makes no tables in a transaction such as this.
    if connection.isCockroach {
      let sender = RowSender(self, table, columns, conflict)
      try fill(sender)
      return sender.count
    }
    let part = "part_of_\(table)"
    if try !exists("SELECT 1 WHERE to_regclass('pg_temp.\(part)') IS NOT NULL") {
      try run("CREATE TEMPORARY TABLE \(part) (LIKE \(table)) ON COMMIT DELETE ROWS")
    }
    let names = columns.joined(separator: ", ")
    let count = try copy(to: part, columns, fill)
    try run("INSERT INTO \(table) (\(names)) SELECT \(names) FROM \(part) ON CONFLICT \(conflict)")
    try run("DELETE FROM \(part)")
    return count
  }

  private func copy(to table: String, _ columns: [String], _ fill: (any RowWriter) throws -> Void) throws
    -> Int
  {
    known.removeAll()
    hasDone = true
    let writer = CopyWriter { [self] rows in
      try stream?.collect()
      if !opening.isEmpty || !waiting.isEmpty { _ = try ask([]) }
      try connection.copy("COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN", rows)
    }
    try fill(writer)
    try writer.flush()
    news.rows += writer.count
    return writer.count
  }

  func concerns(phone number: String?) {
    if let number { news.phones?.insert(number) } else { news.phones = nil }
  }

  func now() throws -> Instant {
    let now = try integer(dialect.clock) ?? 0
    clockOffset = now - MachineClock.now()
    return now
  }
}

extension Dialect {
  /// What asks a server for its clock, in milliseconds.
  var clock: String { "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)" }
}

/// Sends each row as a statement, many of which go to the server together.
private final class RowSender: RowWriter {
  private(set) var count = 0
  private let session: PostgreSQLSession
  private let sql: String
  private var values: [Value] = []

  init(_ session: PostgreSQLSession, _ table: String, _ columns: [String], _ conflict: String) {
    self.session = session
    let places = (1...columns.count).map { "?\($0)" }.joined(separator: ", ")
    sql = """
      INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places)) ON CONFLICT \(conflict)
      """
  }

  func null() { values.append(.null) }
  func integer(_ value: Int64) { values.append(.integer(value)) }
  func text(_ value: String) { values.append(.text(value)) }
  func text(_ value: UnsafeBufferPointer<UInt8>) {
    values.append(.text(String(decoding: value, as: UTF8.self)))
  }

  func endRow() throws {
    try session.send(sql, values)
    values.removeAll(keepingCapacity: true)
    count += 1
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
  private let row: Int32

  init(_ answer: PostgreSQLConnection.Answer, _ row: Int32 = 0) {
    self.answer = answer
    self.row = row
  }

  func isNull(_ column: Int) -> Bool { pq_getisnull(answer.pointer, row, Int32(column)) == 1 }

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
    guard !isNull(column), let start = pq_getvalue(answer.pointer, row, Int32(column)) else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return UnsafeRawBufferPointer(start: start, count: Int(pq_getlength(answer.pointer, row, Int32(column))))
  }
}
