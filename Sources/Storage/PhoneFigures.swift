import Scheduling

/// A phone with what its own row says of its queue, for a list of many: messages are not looked at, so that claims
/// which ran out are not counted as waiting before somebody writes.
package struct PhoneFigures: Equatable, Sendable {
  package var phone: Phone
  package var waiting: Int
  package var failed: Int
}

/// What was seen of all phones, for reading later only what changed.
package struct PhonesSeen: Sendable {
  /// Where the settings of phones and schedules stood.
  fileprivate var settings: Int64
  /// What changes with the queue of each phone, by its key.
  fileprivate var marks: [Mark]

  fileprivate struct Mark: Equatable {
    var key: Int64
    var waiting: Int64
    var failed: Int64
    var lastNumber: Int64
    var headsTaken: Int64
    var disturbances: Int64

    static let columns = "key, waiting, failed, last_number, heads_taken, disturbances"

    init(_ row: any ResultRow, from first: Int = 0) {
      key = row.integer(first)
      waiting = row.integer(first + 1)
      failed = row.integer(first + 2)
      lastNumber = row.integer(first + 3)
      headsTaken = row.integer(first + 4)
      disturbances = row.integer(first + 5)
    }
  }

  package var count: Int { marks.count }

  /// Where the mark of a phone stands, or would stand.
  fileprivate func place(of key: Int64) -> Int {
    var (low, high) = (0, marks.count)
    while low < high {
      let middle = (low + high) / 2
      if marks[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// What of a phone's queue changed.
package struct QueueFigures: Equatable, Sendable {
  package var phoneID: String
  package var waiting: Int
  package var failed: Int
}

extension Store {
  /// All phones by number, with how many messages wait and have failed.
  package func phoneFigures() throws -> (phones: [PhoneFigures], seen: PhonesSeen) {
    try read { session in
      var seen = PhonesSeen(settings: try SettingsCounter.value(session), marks: [])
      let first = Phone.columnCount
      let sql = "SELECT \(Phone.columns), \(PhonesSeen.Mark.columns) FROM phone ORDER BY number"
      let phones = try session.all(sql) { row in
        let mark = PhonesSeen.Mark(row, from: first)
        seen.marks.append(mark)
        return PhoneFigures(phone: Phone(row: row), waiting: Int(mark.waiting), failed: Int(mark.failed))
      }
      seen.marks.sort { $0.key < $1.key }
      return (phones, seen)
    }
  }

  /// The phones whose queues changed since they were seen, and are seen as they are now; nil if settings of phones
  /// or schedules changed, after which all is to be read again.
  ///
  /// Looks at some phones alone if their ids are given, which costs nothing for the others.
  package func changes(since seen: inout PhonesSeen, among ids: [String]? = nil) throws -> [QueueFigures]? {
    try read { session in
      guard try SettingsCounter.value(session) == seen.settings else { return nil }
      var changed: [QueueFigures] = []
      let sql = "SELECT \(PhonesSeen.Mark.columns), id FROM phone"
      if let ids {
        for id in ids {
          try session.each("\(sql) WHERE id = ?1", [.text(id)]) { row in
            Self.note(row, at: seen.place(of: row.integer(0)), &seen, &changed)
          }
        }
      } else {
        var place = 0
        try session.each("\(sql) ORDER BY key", []) { row in
          Self.note(row, at: place, &seen, &changed)
          place += 1
        }
      }
      return changed
    }
  }

  private static func note(
    _ row: any ResultRow, at place: Int, _ seen: inout PhonesSeen, _ changed: inout [QueueFigures]
  ) {
    let mark = PhonesSeen.Mark(row)
    guard seen.marks.indices.contains(place), seen.marks[place].key == mark.key, seen.marks[place] != mark
    else { return }
    seen.marks[place] = mark
    changed.append(
      QueueFigures(phoneID: row.text(6), waiting: Int(mark.waiting), failed: Int(mark.failed)))
  }
}

/// Counts the changes of phones and schedules, apart from those of queues: who shows many phones sees by it whether
/// to read them again.
enum SettingsCounter {
  static func value(_ session: any Session) throws -> Int64 {
    try session.integer("SELECT value FROM counter WHERE name = 'settings'") ?? 0
  }

  static func increase(_ session: any Session) throws {
    try session.send(
      """
      INSERT INTO counter (name, value) VALUES ('settings', 1) ON CONFLICT (name) DO UPDATE SET
        value = counter.value + 1
      """, [])
  }
}
