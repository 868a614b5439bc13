import Scheduling

/// What the grid shows over the painted hours.
package enum Overlay: String, Sendable, CaseIterable {
  case none, load, change
}

/// Where one is in the grid, and what it shows.
package struct GridState: Sendable {
  package internal(set) var cursor = GridCursor(row: 0, minute: 0)
  package internal(set) var selection: Selection?
  /// Whether painting is for every week or for the dates on the screen alone.
  package internal(set) var scope = PaintScope.everyWeek
  /// Moving allows (true) or denies (false) while the pen is down.
  package internal(set) var pen: Bool?
  /// The stroke of the pen is a step of undo already.
  var strokeIsRecorded = false
  package internal(set) var slotMinutes = 30
  /// The first minute of the day that is visible.
  package internal(set) var firstMinute = 0
  /// Weeks from the present one.
  package internal(set) var weekOffset = 0
  /// How far the grid looks.
  static let weekOffsets = -52...260
  package internal(set) var overlay = Overlay.none
  package internal(set) var counts: SlotCounts?
  /// What went out in the week on the screen, as far as it is past; and the stretch that was asked for.
  private(set) var past: PastSends?
  private var askedPast: Range<Instant>?
  /// A revision that is compared with the draft, in place of what is saved.
  package internal(set) var compared: RevisionRow?
  /// The overlay to go back to after that.
  var overlayBefore = Overlay.none

  // MARK: What went out

  mutating func take(_ past: PastSends) {
    self.past = past
    counts = nil
  }

  /// More may have gone out: it is asked for again.
  mutating func askForPastAgain() { askedPast = nil }

  /// Whether a stretch is still to be asked for; it counts as asked from now on.
  mutating func wantsPast(_ range: Range<Instant>) -> Bool {
    // What went out since the stretch was asked for comes with the next change of the queue.
    if let askedPast, askedPast.lowerBound == range.lowerBound { return false }
    askedPast = range
    return true
  }

  // MARK: The cursor

  /// The minutes of the slot under the cursor.
  var slot: Range<Int> { cursor.minute..<cursor.minute + slotMinutes }

  /// Puts the cursor somewhere, within the week and at the start of a slot.
  mutating func move(to cursor: GridCursor) {
    self.cursor = GridCursor(
      row: min(max(0, cursor.row), 6),
      minute: min(max(0, cursor.minute), 1439) / slotMinutes * slotMinutes)
  }
}

/// How many messages went out in the minutes of a stretch of time.
struct PastSends: Equatable, Sendable {
  let during: Range<Instant>
  /// By the instant at which a minute begins.
  let counts: [Instant: Int]
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
