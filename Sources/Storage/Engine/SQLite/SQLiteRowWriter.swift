import CSQLite

/// Adds rows with statements of many rows each: a statement costs about as much as a row.
final class SQLiteRowWriter: RowWriter {
  /// A value: an integer, or where a text begins among ``texts``, and how long it is.
  private struct Slot {
    var value: Int64
    var count: Int
  }

  private static let null = -1
  private static let integer = -2

  /// The statement that adds so many rows.
  private let prepare: (Int) throws -> SQLiteStatement
  private let columns: Int
  private var statements: [Int: SQLiteStatement] = [:]
  private let slots: UnsafeMutablePointer<Slot>
  private var filled = 0
  private var texts: UnsafeMutablePointer<UInt8>
  private var textSize = 0
  private var textCapacity = 64 << 10
  private(set) var count = 0

  /// Rows of a statement, at most; a power of two.
  private static let most = 64

  init(columns: Int, _ prepare: @escaping (Int) throws -> SQLiteStatement) {
    self.columns = columns
    self.prepare = prepare
    slots = .allocate(capacity: columns * Self.most)
    texts = .allocate(capacity: textCapacity)
  }

  deinit {
    slots.deallocate()
    texts.deallocate()
  }

  func null() { add(0, Self.null) }

  func integer(_ value: Int64) { add(value, Self.integer) }

  func text(_ value: String) {
    var value = value
    value.withUTF8 { text($0) }
  }

  func text(_ value: UnsafeBufferPointer<UInt8>) {
    if textSize + value.count > textCapacity { grow(by: value.count) }
    if let start = value.baseAddress { (texts + textSize).update(from: start, count: value.count) }
    add(Int64(textSize), value.count)
    textSize += value.count
  }

  func endRow() throws {
    precondition(filled % columns == 0, "a value for each column")
    count += 1
    if filled == columns * Self.most { try flush() }
  }

  private func add(_ value: Int64, _ count: Int) {
    precondition(filled < columns * Self.most, "a value for each column")
    (slots + filled).initialize(to: Slot(value: value, count: count))
    filled += 1
  }

  private func grow(by size: Int) {
    let capacity = (textSize + size) * 2
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: texts, count: textSize)
    texts.deallocate()
    (texts, textCapacity) = (larger, capacity)
  }

  /// Adds the rows that were collected.
  func flush() throws {
    defer { (filled, textSize) = (0, 0) }
    var first = 0
    while first < filled {
      var rows = Self.most
      while rows * columns > filled - first { rows /= 2 }
      try add(from: first, rows)
      first += rows * columns
    }
  }

  private func add(from first: Int, _ rows: Int) throws {
    let statement = try statements[rows] ?? prepare(rows)
    statements[rows] = statement
    for index in 0..<rows * columns {
      let slot = slots[first + index]
      let place = Int32(index + 1)
      switch slot.count {
      case Self.null: statement.bindNull(place)
      case Self.integer: statement.bind(place, slot.value)
      default:
        statement.bind(lasting: UnsafeBufferPointer(start: texts + Int(slot.value), count: slot.count), place)
      }
    }
    defer { statement.reset() }
    _ = try statement.step()
  }
}
