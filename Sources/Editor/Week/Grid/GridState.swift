import Scheduling

/// What the grid shows over the painted hours.
package enum Overlay: String, Sendable, CaseIterable {
  case none, load, change
}

/// Where one is in the grid, and what it shows.
package struct GridState: Sendable {
  package internal(set) var cursor = GridCursor(row: 0, minute: 0)
  package internal(set) var selection: Selection?
  /// Moving allows (true) or denies (false) while the pen is down.
  package internal(set) var pen: Bool?
  /// The stroke of the pen is a step of undo already.
  var strokeIsRecorded = false
  package internal(set) var slotMinutes = 30
  /// The first minute of the day that is visible.
  package internal(set) var firstMinute = 0
  /// Weeks from the present one.
  package internal(set) var weekOffset = 0
  package internal(set) var overlay = Overlay.none
  package internal(set) var counts: SlotCounts?
  /// A revision that is compared with the draft, in place of what is saved.
  package internal(set) var compared: RevisionRow?

  /// The minutes of the slot under the cursor.
  var slot: Range<Int> { cursor.minute..<cursor.minute + slotMinutes }

  /// Puts the cursor somewhere, within the week and at the start of a slot.
  mutating func move(to cursor: GridCursor) {
    self.cursor = GridCursor(
      row: min(max(0, cursor.row), 6),
      minute: min(max(0, cursor.minute), 1439) / slotMinutes * slotMinutes)
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

/// The hours of a day that was copied, and what it is called.
struct CopiedDay: Sendable {
  /// As the minutes of a Sunday.
  let minutes: WeekMinutes
  let name: String
}
