import Scheduling

/// What the grid shows over the painted hours.
package enum Overlay: String, Sendable, CaseIterable {
  case none, load, change
}

/// The phone whose week is on the screen, with the unsaved work on it.
package struct WeekState: Sendable {
  /// As it is stored.
  package internal(set) var phone: Phone
  package internal(set) var schedule: Schedule?
  /// As it is edited.
  package internal(set) var draft: Draft
  package internal(set) var history = UndoHistory<Draft>()

  package internal(set) var cursor: GridCursor
  package internal(set) var selection: Selection?
  /// Moving allows (true) or denies (false) while the pen is down.
  package internal(set) var pen: Bool?
  /// The stroke of the pen is a step of undo already.
  var strokeIsRecorded = false
  package internal(set) var slotMinutes = 30
  package internal(set) var firstMinute = 0
  package internal(set) var weekOffset = 0
  package internal(set) var overlay = Overlay.none
  package internal(set) var pane = Pane.grid
  package internal(set) var list = ForecastList()
  /// A revision that is compared with the draft, in place of what is saved.
  package internal(set) var compared: RevisionRow?

  /// Nil while it loads.
  package internal(set) var queue: SendQueue?
  package internal(set) var previous: Instant?
  /// The forecast of what is saved, and of the draft.
  package internal(set) var savedForecast: Forecast?
  package internal(set) var forecast: Forecast?
  package internal(set) var counts: SlotCounts?
  var countsKey: CountsKey?

  /// The draft of an untouched phone; what it is compared with.
  package var saved: Draft { Draft(phone: phone, schedule: schedule, localTimeZone: localTimeZone) }
  let localTimeZone: String

  init(_ opened: OpenedPhone, cursor: GridCursor, localTimeZone: String) {
    phone = opened.phone
    schedule = opened.schedule
    self.cursor = cursor
    self.localTimeZone = localTimeZone
    draft = Draft(phone: opened.phone, schedule: opened.schedule, localTimeZone: localTimeZone)
  }

  package var isChanged: Bool { draft != saved }

  /// The minutes that the change overlay compares the draft with.
  package var comparedWeek: WeekMinutes { compared.map { WeekMinutes($0.content.windows) } ?? saved.week }

  /// Changes the draft as one step of undo; says if anything changed.
  @discardableResult
  mutating func change(recording: Bool = true, _ edit: (inout Draft) -> Void) -> Bool {
    var changed = draft
    edit(&changed)
    guard changed != draft else { return false }
    if recording { history.record(draft) }
    draft = changed
    return true
  }
}

/// Where the cursor of the grid stands: a row of the week, and the first minute of a slot of that day.
package struct GridCursor: Equatable, Sendable {
  /// 0 to 6, the first day of the week is 0.
  package var row: Int
  /// 0 to 1439, a multiple of the slot's minutes.
  package var minute: Int
}

/// What is selected: from an anchor to the cursor, both within it.
package struct Selection: Equatable, Sendable {
  package var anchor: GridCursor
  package var isWholeDays: Bool

  package func rows(to cursor: GridCursor) -> ClosedRange<Int> {
    min(anchor.row, cursor.row)...max(anchor.row, cursor.row)
  }

  package func minutes(to cursor: GridCursor, slotMinutes: Int) -> Range<Int> {
    if isWholeDays { return 0..<1440 }
    return min(anchor.minute, cursor.minute)..<min(1440, max(anchor.minute, cursor.minute) + slotMinutes)
  }
}

/// What the forecast pane shows of its list.
package struct ForecastList: Sendable {
  /// The position at the top, and the one selected.
  package var top = 0
  package var selected = 0
  /// The words of messages near the screen, by key.
  package var texts: [Int64: MessageText] = [:]
  var asked: Set<Int64> = []
  /// What was searched last, and the keys of the messages that it found.
  package var search = ""
  package var found: [Int64] = []
}
