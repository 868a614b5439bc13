/// Reads a table in the order of its keys, around what is damaged.
///
/// SQLite ends a scan at the first damaged page. The scan then goes on at the next key from which SQLite can read:
/// looked for with steps that double, and from there back by halves.
struct ExportScan {
  /// Keys, all greater than `after`, that could not be read; nil at the end of the table.
  struct Gap: Equatable {
    var after: Int64
    var through: Int64?
  }

  private(set) var gaps: [Gap] = []

  /// Hands each row that can be read to `body`: the columns, and the key as the last one.
  ///
  /// A table without a key of integers is read in the order in which it stands, where there is one.
  init(
    _ session: any Session, table: String, key: String?, columns: String, among keys: Range<Int64>? = nil,
    _ body: (any ResultRow) throws -> Void
  ) throws {
    guard let key = key ?? (session.dialect == .sqlite ? "rowid" : nil) else {
      try session.each("SELECT \(columns) FROM \(table)", [], body)
      return
    }
    let end = keys?.upperBound ?? .max
    let count = Int64(columns.split(separator: ",").count)
    let sql = "SELECT \(columns), \(key) FROM \(table) WHERE \(key) > ?1 AND \(key) < ?2 ORDER BY \(key)"
    var last = (keys?.lowerBound ?? 1) - 1
    while true {
      let isComplete = try Self.unlessDamaged {
        try session.each(sql, [.integer(last), .integer(end)]) { row in
          last = max(last, row.integer(Int(count)))
          try body(row)
        }
      }
      if isComplete { return }
      let next = Self.nextReadable(session, sql, after: last, before: end)
      gaps.append(Gap(after: last, through: next))
      guard let next else { return }
      last = next
    }
  }

  /// False if `body` came to something damaged.
  private static func unlessDamaged(_ body: () throws -> Void) throws -> Bool {
    do {
      try body()
      return true
    } catch let error as StoreError where error.isDamage {
      return false
    }
  }

  private struct Found: Error {}

  /// The least key from which the scan can go on.
  private static func nextReadable(
    _ session: any Session, _ sql: String, after last: Int64, before end: Int64
  ) -> Int64? {
    func isReadable(_ key: Int64) -> Bool {
      do {
        try session.each(sql, [.integer(key), .integer(end)]) { _ in throw Found() }
        return true
      } catch {
        return error is Found
      }
    }
    var step: Int64 = 1
    var low = last
    while !isReadable(last + step) {
      low = last + step
      guard step < 1 << 60, last < 1 << 60, last + step < end else { return nil }
      step *= 2
    }
    var high = last + step
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if isReadable(middle) { high = middle } else { low = middle }
    }
    return high
  }
}

extension StoreError {
  /// Whether the file itself is to blame.
  fileprivate var isDamage: Bool {
    switch self {
    case .damaged, .inputOutput, .notOurs: true
    default: false
    }
  }
}
