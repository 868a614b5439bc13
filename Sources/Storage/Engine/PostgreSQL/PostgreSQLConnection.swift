import CPostgreSQL
import Scheduling

/// One statement and its parameters.
struct Statement: Hashable {
  var sql: String
  var values: [Value] = []
}

/// One connection of libpq, with its prepared statements.
///
/// Unchecked: it belongs to one thread at a time, to which the engine's pool hands it.
final class PostgreSQLConnection: @unchecked Sendable {
  private let handle: OpaquePointer
  /// Where it leads, for people: never with a password.
  let place: String
  /// The last statement's answer came row by row.
  private var wasStreaming = false
  private var prepared: [String: String] = [:]
  private var named = 0
  let isCockroach: Bool
  /// How often it waited for the server.
  private(set) var journeys = 0
  /// What becomes of a commit whose answer is lost.
  var proof: any CommitProof = TransactionStatus()

  /// More different statements than these are not kept: they are made of data.
  private static let mostPrepared = 300

  /// Connects by libpq's own rules (URI, service file, `~/.pgpass`, `PG*` variables, `sslmode`).
  ///
  /// `isCockroach` treats the server as a CockroachDB, whatever it is: for tests.
  init(_ conninfo: String, isCockroach: Bool = false) throws {
    place = try Self.describe(conninfo)
    guard let handle = pq_connect(conninfo) else {
      throw StoreError.unreachable(place: place, reason: "no memory for a connection")
    }
    self.handle = handle
    // CockroachDB speaks the same protocol, and says who it is.
    let saysSo = pq_parameter_status(handle, "crdb_version") != nil
    self.isCockroach = saysSo || isCockroach
    guard Int(pq_status(handle)) == PQ_CONNECTION_OK else {
      throw PostgreSQLError(connection: handle)
    }
    // The server soon gives up what a vanished client left locked.
    var settings = """
      SET search_path = send_schedule; SET standard_conforming_strings = on; SET lock_timeout = '25s'; \
      SET idle_in_transaction_session_timeout = '15s'
      """
    if saysSo {
      // Making a table would else commit what was done before it.
      settings += "; SET autocommit_before_ddl = off"
    } else {
      // A host that is cut off leaves its locks as soon as the server notices.
      settings += """
        ; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2; \
        SET tcp_user_timeout = 20000
        """
    }
    try command(settings)
  }

  deinit { pq_finish(handle) }

  /// A connection string without what must not be shown; throws if libpq is missing or cannot read it.
  static func describe(_ conninfo: String) throws -> String {
    if let reason = pq_load() {
      throw StoreError.missingLibrary(
        name: "libpq.so.5", package: "libpq5", reason: String(cString: reason))
    }
    var buffer = [CChar](repeating: 0, count: 512)
    let isRead = pq_describe(conninfo, &buffer, Int32(buffer.count))
    let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard isRead else {
      throw StoreError.invalid(field: "--database", expected: "a PostgreSQL URI (\(text))")
    }
    return text
  }

  var isAlive: Bool { Int(pq_status(handle)) == PQ_CONNECTION_OK }
  var processID: Int32 { pq_backend_pid(handle) }
  var descriptor: Int32 { pq_socket(handle) }

  /// Runs statements without parameters or answers.
  func command(_ sql: String) throws {
    journeys += 1
    let result = try Answer(pq_exec(handle, sql), of: self)
    try result.check(PQ_COMMAND_OK, PQ_TUPLES_OK, PQ_EMPTY_QUERY)
  }

  /// Runs one statement and returns its whole answer.
  func execute(_ sql: String, _ values: [Value]) throws -> Answer {
    let name = try prepare(sql, values)
    journeys += 1
    let result = try withParameters(values) { count, texts in
      try Answer(pq_exec_prepared(handle, name, count, texts, nil, nil, 1), of: self)
    }
    try result.check(PQ_COMMAND_OK, PQ_TUPLES_OK)
    return result
  }

  /// Sends one statement whose answer comes row by row from ``nextRow()``.
  func start(_ sql: String, _ values: [Value]) throws {
    wasStreaming = true
    let name = try prepare(sql, values)
    journeys += 1
    let isSent = try withParameters(values) { count, texts in
      pq_send_query_prepared(handle, name, count, texts, nil, nil, 1)
    }
    guard isSent == 1, pq_set_single_row_mode(handle) == 1 else { throw PostgreSQLError(connection: handle) }
  }

  /// The next row of what ``start(_:_:)`` asked for; nil after the last.
  func nextRow() throws -> Answer? {
    guard let pointer = pq_get_result(handle) else { return nil }
    let answer = try Answer(pointer, of: self)
    if Int(pq_result_status(pointer)) == PQ_SINGLE_TUPLE { return answer }
    do {
      try answer.check(PQ_TUPLES_OK, PQ_COMMAND_OK)
    } catch {
      skipRest()
      throw error
    }
    skipRest()
    return nil
  }

  /// Gives up what ``start(_:_:)`` asked for.
  func abandon() {
    _ = pq_cancel(handle)
    skipRest()
  }

  private func skipRest() {
    while let pointer = pq_get_result(handle) { pq_clear(pointer) }
  }

  /// Adds rows in the text format of COPY: `COPY t (a, b) FROM STDIN`.
  func copy(_ sql: String, _ rows: [UInt8]) throws {
    journeys += 2
    try Answer(pq_exec(handle, sql), of: self).check(PQ_COPY_IN)
    let isTaken = rows.withUnsafeBytes {
      pq_put_copy_data(handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
    }
    guard isTaken == 1, pq_put_copy_end(handle, nil) == 1 else { throw PostgreSQLError(connection: handle) }
    defer { skipRest() }
    try Answer(pq_get_result(handle), of: self).check(PQ_COMMAND_OK)
  }

  /// The payloads of the notifications that came since the last call, of those that this connection listens to.
  func takeNotifications() throws -> [String] {
    guard pq_consume_input(handle) == 1 else { throw PostgreSQLError(connection: handle) }
    var payloads: [String] = []
    var buffer = [CChar](repeating: 0, count: 8192)
    while pq_take_notification(handle, &buffer, Int32(buffer.count)) {
      payloads.append(String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
    return payloads
  }

  /// Values are sent as text; their types are told, so that a statement means the same whatever they are.
  private func prepare(_ sql: String, _ values: [Value]) throws -> String {
    let key = key(sql, values)
    if let name = prepared[key] { return name }
    try makeRoom(for: 1)
    journeys += 1
    let name = newName()
    let types = values.map(\.type)
    let result = try Answer(
      pq_prepare(handle, name, PostgreSQLText.statement(sql), Int32(types.count), types), of: self)
    try result.check(PQ_COMMAND_OK)
    prepared[key] = name
    return name
  }

  private func key(_ sql: String, _ values: [Value]) -> String {
    values.isEmpty ? sql : sql + "\u{0}" + String(decoding: values.map(\.letter), as: UTF8.self)
  }

  private func newName() -> String {
    named += 1
    return "s\(named)"
  }

  private func makeRoom(for count: Int) throws {
    guard prepared.count + count > Self.mostPrepared else { return }
    prepared.removeAll()
    try command("DEALLOCATE ALL")
  }

  // MARK: Many in one round trip

  /// Runs statements that need not wait for each other's answers, in one round trip.
  ///
  /// Each has its answer, or why it failed; those after one that failed were not run, and have nil. Throws if the
  /// connection is lost before all answers came; `answers` then has those that did.
  func pipeline(_ statements: [Statement], _ answers: inout [Result<Answer, PostgreSQLError>?]) throws {
    defer { wasStreaming = false }
    // libpq would hand out the first answer row by row too: its way of ``start(_:_:)`` ends with the next command. That
    // which begins a transaction has no rows, and must be the first.
    guard wasStreaming, !(statements.first?.sql.hasPrefix("BEGIN") ?? true) else {
      return try sendAll(statements, &answers)
    }
    let place = answers.count
    defer { if answers.count > place { answers.remove(at: place) } }
    try sendAll([Self.nothing] + statements, &answers)
  }

  private static let nothing = Statement(sql: "SELECT 1 WHERE false")

  private func sendAll(_ statements: [Statement], _ answers: inout [Result<Answer, PostgreSQLError>?]) throws
  {
    try makeRoom(for: Set(statements.map { key($0.sql, $0.values) }).count)
    journeys += 1
    guard pq_enter_pipeline(handle) == 1 else { throw PostgreSQLError(connection: handle) }
    defer { _ = pq_exit_pipeline(handle) }
    let isNew = try statements.map { try send($0) }
    guard pq_pipeline_sync(handle) == 1 else { throw PostgreSQLError(connection: handle) }
    for (statement, isNew) in zip(statements, isNew) {
      var preparing: Result<Answer, PostgreSQLError>?
      if isNew {
        preparing = try nextAnswer()
        if case .success? = preparing {} else { prepared[key(statement.sql, statement.values)] = nil }
      }
      let answer = try nextAnswer()
      if case .failure? = preparing { answers.append(preparing) } else { answers.append(answer) }
    }
    while let pointer = pq_get_result(handle) {
      let isSync = Int(pq_result_status(pointer)) == PQ_PIPELINE_SYNC
      pq_clear(pointer)
      if isSync { return }
    }
    throw PostgreSQLError(connection: handle)
  }

  /// The same of statements of which none may fail.
  func pipeline(_ statements: [Statement]) throws -> [Answer] {
    var answers: [Result<Answer, PostgreSQLError>?] = []
    try pipeline(statements, &answers)
    return try answers.map { answer in
      guard let answer else { throw PostgreSQLError(state: "25P02", message: "a statement before it failed") }
      return try answer.get()
    }
  }

  /// Sends a statement, prepared before it where that is still to be done; true then.
  private func send(_ statement: Statement) throws -> Bool {
    let key = key(statement.sql, statement.values)
    let isNew = prepared[key] == nil
    let name = prepared[key] ?? newName()
    if isNew {
      let types = statement.values.map(\.type)
      let sql = PostgreSQLText.statement(statement.sql)
      guard pq_send_prepare(handle, name, sql, Int32(types.count), types) == 1 else {
        throw PostgreSQLError(connection: handle)
      }
      prepared[key] = name
    }
    let isSent = try withParameters(statement.values) { count, texts in
      pq_send_query_prepared(handle, name, count, texts, nil, nil, 1)
    }
    guard isSent == 1 else { throw PostgreSQLError(connection: handle) }
    return isNew
  }

  /// The answer to the next statement of a pipeline; nil if it was not run.
  private func nextAnswer() throws -> Result<Answer, PostgreSQLError>? {
    guard let pointer = pq_get_result(handle) else { throw PostgreSQLError(connection: handle) }
    let answer = try Answer(pointer, of: self)
    guard isAlive else { throw PostgreSQLError(connection: handle) }
    // A null result ends each statement's.
    while let rest = pq_get_result(handle) { pq_clear(rest) }
    guard Int(pq_result_status(pointer)) != PQ_PIPELINE_ABORTED else { return nil }
    do {
      try answer.check(PQ_COMMAND_OK, PQ_TUPLES_OK)
      return .success(answer)
    } catch let error as PostgreSQLError {
      if error.isConnectionLost { throw error }
      return .failure(error)
    }
  }

  private func withParameters<T>(
    _ values: [Value], _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?) throws -> T
  ) throws -> T {
    var bytes: [CChar] = []
    var offsets: [Int?] = []
    for value in values {
      guard let text = value.parameter else {
        offsets.append(nil)
        continue
      }
      let start = bytes.count
      offsets.append(start)
      bytes.append(contentsOf: text.utf8.lazy.map(CChar.init(bitPattern:)))
      // The server would get what stands before it.
      guard !bytes[start...].contains(0) else {
        throw StoreError.invalid(field: "text", expected: "characters that the database can store")
      }
      bytes.append(0)
    }
    return try bytes.withUnsafeBufferPointer { buffer in
      let texts = offsets.map { offset in offset.flatMap { buffer.baseAddress?.advanced(by: $0) } }
      return try texts.withUnsafeBufferPointer { try body(Int32(values.count), $0.baseAddress) }
    }
  }

  /// An answer of the server, given back to libpq with this value.
  final class Answer {
    let pointer: OpaquePointer

    fileprivate init(_ pointer: OpaquePointer?, of connection: PostgreSQLConnection) throws {
      guard let pointer else { throw PostgreSQLError(connection: connection.handle) }
      self.pointer = pointer
      isConnected = connection.isAlive
    }

    deinit { pq_clear(pointer) }

    private let isConnected: Bool
    var count: Int32 { pq_ntuples(pointer) }
    /// What the server calls the statement that it did.
    var tag: String { pq_cmd_status(pointer).map { String(cString: $0) } ?? "" }
    /// How many rows a statement changed.
    var changed: Int { pq_cmd_tuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    fileprivate func check(_ expected: Int...) throws {
      let status = pq_result_status(pointer)
      guard expected.contains(Int(status)) else {
        throw PostgreSQLError(result: pointer, isConnected: isConnected)
      }
    }
  }
}
