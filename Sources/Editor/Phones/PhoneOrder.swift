import Scheduling

/// By what the phone list is sorted.
package struct PhoneOrder: Equatable, Sendable {
  package var column = PhoneColumn.number
  package var isReversed = false

  /// Whether a forecast of each phone is needed for it.
  var needsOutlooks: Bool { [.next, .emptyBy, .lastSent, .comingDay].contains(column) }

  /// `most first`, as it stands behind the column.
  var words: String {
    switch column {
    case .number: isReversed ? "highest first" : "lowest first"
    case .label, .schedule: isReversed ? "from Z to A" : "from A to Z"
    case .state: isReversed ? "held first" : "open first"
    case .rate, .perDay, .waiting, .failed, .comingDay: isReversed ? "least first" : "most first"
    case .next, .emptyBy: isReversed ? "latest first" : "earliest first"
    case .lastSent: isReversed ? "longest ago first" : "latest first"
    }
  }

  /// Whether the smallest value comes first.
  var isAscending: Bool {
    isReversed == [.rate, .perDay, .waiting, .failed, .comingDay, .lastSent].contains(column)
  }

  /// The other way round, or by another column as one wants it at first.
  mutating func choose(_ column: PhoneColumn) {
    self = PhoneOrder(column: column, isReversed: column == self.column ? !isReversed : false)
  }
}

/// What a phone is sorted by. Phones that have no such value come last either way.
enum PhoneSortKey: Equatable, Sendable {
  case text(String)
  case number(Int64)
  case none

  static func isBefore(_ a: PhoneSortKey, _ b: PhoneSortKey, reversed: Bool) -> Bool? {
    switch (a, b) {
    case (.none, .none): nil
    case (.none, _): false
    case (_, .none): true
    case (.text(let a), .text(let b)): a == b ? nil : (a < b) != reversed
    case (.number(let a), .number(let b)): a == b ? nil : (a < b) != reversed
    default: nil
    }
  }
}
