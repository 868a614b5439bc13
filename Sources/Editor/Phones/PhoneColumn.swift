import Canvas

/// What the phone list shows of each phone.
package enum PhoneColumn: String, CaseIterable, Sendable {
  case state, number, label, schedule, rate, perDay, waiting, failed, next, emptyBy, lastSent, comingDay

  var heading: String {
    switch self {
    case .state: "now"
    case .number: "phone"
    case .rate: "/min"
    case .perDay: "/day"
    case .emptyBy: "empty by"
    case .lastSent: "last sent"
    case .comingDay: "coming day"
    default: rawValue
    }
  }

  /// What it is, where there is room to say so.
  var words: String {
    switch self {
    case .state: "whether it may send now"
    case .number: "number"
    case .label: "label"
    case .schedule: "schedule"
    case .rate: "messages a minute"
    case .perDay: "messages a day"
    case .waiting: "messages waiting"
    case .failed: "messages failed"
    case .next: "when the next message goes out"
    case .emptyBy: "when the queue is empty"
    case .lastSent: "when a message was last sent"
    case .comingDay: "messages in the coming 24 hours"
    }
  }

  /// The fewest and the most columns of the screen that it takes.
  fileprivate var widths: ClosedRange<Int> {
    switch self {
    case .state: 11...24
    case .number: 14...14
    case .label: 12...24
    case .schedule: 14...32
    case .rate, .perDay: 5...6
    case .waiting: 7...9
    case .failed: 6...7
    case .next, .emptyBy, .lastSent: 9...11
    case .comingDay: 24...48
    }
  }

  fileprivate var isNumber: Bool { [.rate, .perDay, .waiting, .failed].contains(self) }

  /// In which order they get room where there is not enough for all.
  fileprivate static let byImportance: [PhoneColumn] = [
    .state, .number, .label, .waiting, .next, .emptyBy, .failed, .schedule, .rate, .perDay, .lastSent,
    .comingDay,
  ]
}

/// Which columns are on the screen, and where. What does not fit beside the others stands on further pages, each
/// with number and label too.
struct PhoneLayout: Sendable {
  let columns: [PhoneColumn]
  let table: TextTable
  let pages: Int
  private let widths: [Int]

  /// Columns of the two signs at the left: selected, marked.
  private static let signs = 2

  /// `numberWidth` is that of the longest number.
  init(width: Int, numberWidth: Int, page: Int) {
    let least = { (column: PhoneColumn) in
      column == .number ? max(12, numberWidth) : column.widths.lowerBound
    }
    let pages = Self.pages(width: width, least)
    columns = pages[min(max(0, page), pages.count - 1)]
    self.pages = pages.count
    var widths = columns.map(least)
    var rest = width - Self.signs - widths.reduce(0) { $0 + $1 + 1 }
    // First the texts get what they need most, then the others.
    for column in [.label, .schedule, .state, .comingDay, .next, .emptyBy, .lastSent, .waiting]
      + PhoneColumn.allCases
    {
      guard column != .number, let index = columns.firstIndex(of: column) else { continue }
      let more = min(max(0, rest), column.widths.upperBound - widths[index])
      widths[index] += more
      rest -= more
    }
    self.widths = widths
    let right = columns.enumerated().filter(\.element.isNumber).map { $0.offset + 1 }
    table = TextTable(column: 0, widths: [Self.signs] + widths, right: Set(right))
  }

  func width(of column: PhoneColumn) -> Int { columns.firstIndex(of: column).map { widths[$0] } ?? 0 }

  private static func pages(width: Int, _ least: (PhoneColumn) -> Int) -> [[PhoneColumn]] {
    let always: [PhoneColumn] = [.number, .label]
    var left = PhoneColumn.byImportance.filter { !always.contains($0) }
    var pages: [[PhoneColumn]] = []
    while pages.isEmpty || !left.isEmpty {
      var room = width - signs - always.reduce(0) { $0 + least($1) + 1 }
      var page = always
      for column in left where least(column) + 1 <= room {
        page.append(column)
        room -= least(column) + 1
      }
      // One that is too wide for the screen has a page of its own.
      if page.count == always.count, let first = left.first { page.append(first) }
      left.removeAll { page.contains($0) }
      pages.append(PhoneColumn.allCases.filter { page.contains($0) })
    }
    return pages
  }
}
