import GRDB

/// Reads a table in the order of its keys, around what is damaged.
///
/// SQLite ends a scan at the first damaged page. The scan then goes on at the next key from which SQLite
/// can read: looked for with steps that double, and from there back by halves.
struct ExportScan: ~Copyable {
  /// Keys, all greater than `after`, that could not be read; nil at the end of the table.
  struct Gap: Equatable {
    var after: Int64
    var through: Int64?
  }

  private let rows: RawStatement
  private let range: Range<Int64>
  private(set) var gaps: [Gap] = []

  /// `columns` of the table come after its key in each row.
  ///
  /// Only keys within `range` are read, without its lower bound.
  init(_ db: Database, table: String, key: String, columns: String, range: Range<Int64> = 0..<Int64.max)
    throws
  {
    rows = try RawStatement(
      db, "SELECT \(key), \(columns) FROM \(table) WHERE \(key) > ? AND \(key) < ? ORDER BY \(key)")
    self.range = range
  }

  /// Hands each row that can be read to `body`.
  mutating func read(_ body: (borrowing RawStatement) throws -> Void) throws {
    var last = range.lowerBound
    while try !reads(from: &last, body) {
      let next = nextReadable(after: last)
      gaps.append(Gap(after: last, through: next))
      guard let next else { return }
      last = next
    }
  }

  /// Reads on from a key; false if it came to something damaged.
  private func reads(from last: inout Int64, _ body: (borrowing RawStatement) throws -> Void) throws -> Bool {
    rows.bind(1, last)
    rows.bind(2, range.upperBound)
    defer { rows.reset() }
    while true {
      do {
        guard try rows.step() else { return true }
      } catch let error as DatabaseError where error.isDamage {
        return false
      }
      last = max(last, rows.integer(0))
      try body(rows)
    }
  }

  /// The least key from which the scan can go on.
  private func nextReadable(after last: Int64) -> Int64? {
    var step: Int64 = 1
    var low = last
    while !isReadable(last + step) {
      low = last + step
      guard step < 1 << 40 else { return nil }
      step *= 2
    }
    var high = last + step
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if isReadable(middle) { high = middle } else { low = middle }
    }
    return high
  }

  private func isReadable(_ key: Int64) -> Bool {
    rows.bind(1, key)
    rows.bind(2, range.upperBound)
    defer { rows.reset() }
    return (try? rows.step()) != nil
  }
}

extension DatabaseError {
  /// Whether the file itself is to blame.
  fileprivate var isDamage: Bool {
    switch resultCode {
    case .SQLITE_CORRUPT, .SQLITE_IOERR, .SQLITE_NOTADB: true
    default: false
    }
  }
}
