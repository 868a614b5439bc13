import Canvas
import Scheduling

/// How the week lies on the screen: which columns stand for which minutes of a day.
package struct GridGeometry: Equatable, Sendable {
  /// Minutes a slot, from the finest.
  package static let zooms = [5, 10, 15, 30, 60]
  package static let labelWidth = 12
  /// Two blanks and `12 h 30 min`.
  static let totalWidth = 13

  /// The row of the first day, and how many rows a day has.
  package var top: Int
  package var rowHeight: Int
  package var slotMinutes: Int
  package var slotWidth: Int
  /// The first minute of the day that is visible, and how many slots follow.
  package var firstMinute: Int
  package var slots: Int
  /// Columns right of the slots, for a day's total.
  package var rightWidth: Int

  package var slotsADay: Int { 1440 / slotMinutes }
  package var minutes: Range<Int> { firstMinute..<firstMinute + slots * slotMinutes }
  package var left: Int { Self.labelWidth }
  package var width: Int { slots * slotWidth }
  package var showsWholeDay: Bool { slots == slotsADay }

  /// Lays out slots of some minutes in a screen of some width, so that `cursor` (a minute of the day) shows.
  package init(width: Int, top: Int, rowHeight: Int, slotMinutes: Int, firstMinute: Int, cursor: Int) {
    self.top = top
    self.rowHeight = rowHeight
    self.slotMinutes = slotMinutes
    rightWidth = width >= Self.labelWidth + 48 + Self.totalWidth ? Self.totalWidth : 0
    let room = width - Self.labelWidth - rightWidth
    let slotsADay = 1440 / slotMinutes
    slotWidth = max(1, room / slotsADay)
    let slotsAnHour = 60 / slotMinutes
    let fitting = min(slotsADay, room / slotWidth)
    slots = fitting == slotsADay ? fitting : max(1, fitting / slotsAnHour) * slotsAnHour
    let span = slots * slotMinutes
    var first = min(max(0, firstMinute), 1440 - span)
    if cursor < first { first = cursor / 60 * 60 }
    if cursor + slotMinutes > first + span { first = (cursor + slotMinutes - span + 59) / 60 * 60 }
    self.firstMinute = min(max(0, first), 1440 - span)
  }

  /// The first column of the slot that holds a minute of the day; nil if it is scrolled out.
  package func column(ofMinute minute: Int) -> Int? {
    guard minutes.contains(minute) else { return nil }
    return left + (minute - firstMinute) / slotMinutes * slotWidth
  }

  /// The minutes that one column stands for: a slot's, or a part of it where slots are wide.
  package func minutes(ofColumn column: Int) -> Range<Int> {
    let slot = column / slotWidth
    let part = column % slotWidth
    let start = firstMinute + slot * slotMinutes
    let from = start + part * slotMinutes / slotWidth
    let to = start + (part + 1) * slotMinutes / slotWidth
    return from..<max(to, from + 1)
  }

  /// The row of the day and the minute under a place on the screen; nil outside the slots.
  package func slot(at point: Point) -> (row: Int, minute: Int)? {
    let row = (point.row - top) / rowHeight
    let column = point.column - left
    guard point.row >= top, row < 7, column >= 0, column < width else { return nil }
    return (row, firstMinute + column / slotWidth * slotMinutes)
  }
}
