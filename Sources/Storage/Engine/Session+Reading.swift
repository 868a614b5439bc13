import Scheduling

extension Engine {
  package func read<T>(_ body: (any Session) throws -> T) throws -> T { try read(isRepeatable: true, body) }

  package func write<T>(_ body: (any Session) throws -> T) throws -> T { try write(.serializable, body) }
}

extension Session {
  @discardableResult
  package func run(_ sql: String) throws -> Int { try run(sql, []) }

  @discardableResult
  package func insert(into table: String, columns: [String], _ fill: (any RowWriter) throws -> Void) throws
    -> Int
  { try insert(into: table, columns: columns, conflict: nil, fill) }

  package func each(_ sql: String, _ row: (any ResultRow) throws -> Void) throws { try each(sql, [], row) }

  /// The value that `read` makes of the first row; nil without one. The statement should end in `LIMIT 1`
  /// where there may be more.
  package func first<T>(_ sql: String, _ values: [Value] = [], _ read: (any ResultRow) throws -> T) throws
    -> T?
  {
    var result: T?
    try each(sql, values) { row in
      if result == nil { result = try read(row) }
    }
    return result
  }

  /// What `read` makes of each row.
  package func all<T>(_ sql: String, _ values: [Value] = [], _ read: (any ResultRow) throws -> T) throws
    -> [T]
  {
    var result: [T] = []
    try each(sql, values) { row in result.append(try read(row)) }
    return result
  }

  /// The integer in the first column of the first row; nil without a row, and for NULL.
  package func integer(_ sql: String, _ values: [Value] = []) throws -> Int64? {
    try first(sql, values) { $0.optionalInteger(0) } ?? nil
  }

  /// The text in the first column of the first row; nil without a row, and for NULL.
  package func text(_ sql: String, _ values: [Value] = []) throws -> String? {
    try first(sql, values) { $0.optionalText(0) } ?? nil
  }

  /// Whether an answer has a row.
  package func exists(_ sql: String, _ values: [Value] = []) throws -> Bool {
    try first(sql, values) { _ in true } ?? false
  }

  /// Asks several things at once that ``each(_:_:_:)`` will be asked for next, with the same words; until something is
  /// changed.
  package func prefetch(_ questions: [Query]) throws {
    guard !questions.isEmpty else { return }
    for step in try prefetch(steps: [questions]) { step.begin() }
  }

  /// Does something that leaves nothing behind in the transaction if it throws.
  package func savepoint<T>(_ body: () throws -> T) throws -> T {
    try run("SAVEPOINT step")
    do {
      let result = try body()
      try run("RELEASE SAVEPOINT step")
      return result
    } catch {
      try run("ROLLBACK TO SAVEPOINT step")
      try run("RELEASE SAVEPOINT step")
      throw error
    }
  }
}

extension RowWriter {
  func value(_ value: Value) {
    switch value {
    case .null: null()
    case .integer(let number): integer(number)
    case .text(let text): self.text(text)
    }
  }
}

extension ResultRow {
  package func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }
  package func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
  package func int(_ column: Int) -> Int { Int(integer(column)) }
  package func optionalInt(_ column: Int) -> Int? { isNull(column) ? nil : int(column) }
  package func bool(_ column: Int) -> Bool { integer(column) != 0 }
}

extension Value {
  package static func integer(_ value: Int) -> Value { .integer(Int64(value)) }
  package static func bool(_ value: Bool) -> Value { .integer(value ? 1 : 0) }
  package static func optional(_ value: Int64?) -> Value { value.map { .integer($0) } ?? .null }
  package static func optional(_ value: Int?) -> Value { value.map { .integer(Int64($0)) } ?? .null }
  package static func optional(_ value: String?) -> Value { value.map { .text($0) } ?? .null }
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(stringLiteral value: String) { self = .text(value) }
}
