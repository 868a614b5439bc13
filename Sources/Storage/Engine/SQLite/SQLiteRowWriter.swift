import CSQLite

/// Adds rows with statements of many rows each: a statement costs about as much as a row.
final class SQLiteRowWriter: RowWriter {
  /// A value, or where its text stands among ``texts``.
  private enum Slot {
    case null
    case integer(Int64)
    case text(start: Int, count: Int)
  }

  /// The statement that adds so many rows.
  private let prepare: (Int) throws -> SQLiteStatement
  private let columns: Int
  private var statements: [Int: SQLiteStatement] = [:]
  private var slots: [Slot] = []
  private var texts: [UInt8] = []
  private(set) var count = 0

  /// Rows of a statement, at most; a power of two.
  private static let most = 64

  init(columns: Int, _ prepare: @escaping (Int) throws -> SQLiteStatement) {
    self.columns = columns
    self.prepare = prepare
    slots.reserveCapacity(columns * Self.most)
  }

  func null() { slots.append(.null) }

  func integer(_ value: Int64) { slots.append(.integer(value)) }

  func text(_ value: String) {
    var value = value
    value.withUTF8 { text($0) }
  }

  func text(_ value: UnsafeBufferPointer<UInt8>) {
    slots.append(.text(start: texts.count, count: value.count))
    texts.append(contentsOf: value)
  }

  func endRow() throws {
    precondition(slots.count % columns == 0, "a value for each column")
    count += 1
    if slots.count == columns * Self.most { try flush() }
  }

  /// Adds the rows that were collected.
  func flush() throws {
    var first = 0
    try texts.withUnsafeBufferPointer { texts in
      while first < slots.count {
        var rows = Self.most
        while rows * columns > slots.count - first { rows /= 2 }
        try add(slots[first..<first + rows * columns], texts, rows)
        first += rows * columns
      }
    }
    slots.removeAll(keepingCapacity: true)
    texts.removeAll(keepingCapacity: true)
  }

  private func add(_ slots: ArraySlice<Slot>, _ texts: UnsafeBufferPointer<UInt8>, _ rows: Int) throws {
    let statement = try statements[rows] ?? prepare(rows)
    statements[rows] = statement
    var place: Int32 = 0
    for slot in slots {
      place += 1
      switch slot {
      case .null: statement.bindNull(place)
      case .integer(let value): statement.bind(place, value)
      case .text(let start, let count):
        statement.bind(lasting: UnsafeBufferPointer(rebasing: texts[start..<start + count]), place)
      }
    }
    defer { statement.reset() }
    _ = try statement.step()
  }
}
