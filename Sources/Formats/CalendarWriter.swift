import Scheduling

/// Writes the open hours of a phone as an iCalendar file (RFC 5545), from today to the horizon.
///
/// The week repeats on the schedule's own clock. What calendar programs reckon differently is written as it is, in
/// UTC: dates with hours of their own, and those on which, or beside which, the clock changes.
package struct CalendarWriter {
  private let title: String
  /// Tells these events from those of other phones.
  private let id: String
  private let content: ScheduleContent?
  private let hours: OpenHours
  private let now: Instant
  private let dates: ClosedRange<Int64>
  private var text = ""

  /// `content` is nil for a phone without a schedule; `hours` are its hours.
  package init(title: String, id: String, content: ScheduleContent?, hours: OpenHours, now: Instant) {
    self.title = title
    self.id = id
    self.content = content
    self.hours = hours
    self.now = now
    let today = hours.timeline.day(at: now)
    dates = today...today + .horizon / .day
  }

  /// The whole file, in UTF-8.
  package mutating func bytes() -> [UInt8] {
    line("BEGIN:VCALENDAR")
    line("VERSION:2.0")
    line("PRODID:-//send-schedule//EN")
    line("CALSCALE:GREGORIAN")
    line("X-WR-CALNAME:" + escaped(title))
    if let content, content.isActive {
      timeZone()
      let special = specialDates()
      week(content, without: special)
      for date in special.sorted() { self.date(date) }
    } else {
      event("always", start: "DTSTART:" + utc(now), end: "DTEND:" + utc(now + .horizon), "sends at any time")
    }
    line("END:VCALENDAR")
    return Array(text.utf8)
  }

  // MARK: - The week

  /// Windows of the same times share an event.
  private mutating func week(_ content: ScheduleContent, without special: Set<Int64>) {
    let groups = Dictionary(grouping: content.windows) {
      DayWindow(startMinute: $0.startMinute, endMinute: $0.endMinute)
    }
    for (times, windows) in groups.sorted(by: { $0.key < $1.key }) {
      let days = Set(windows.map(\.day))
      guard let first = dates.first(where: { days.contains(CivilDate(days: $0).weekday) }) else { continue }
      let names = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
      let byDay = days.sorted().map { names[$0] }.joined(separator: ",")
      let without = special.sorted().filter { days.contains(CivilDate(days: $0).weekday) }
        .map { local($0, minute: times.startMinute) }
      let rule = "RRULE:FREQ=WEEKLY;UNTIL=\(utc(dates.upperBound * .day));BYDAY=\(byDay)"
      event(
        "week-\(times.startMinute)-\(times.endMinute)",
        start: zoned("DTSTART", [local(first, minute: times.startMinute)]),
        end: zoned("DTEND", [local(first, minute: times.endMinute)]), "may send",
        more: [rule] + (without.isEmpty ? [] : [zoned("EXDATE", without)]))
    }
  }

  /// Dates with an exception, and those near a change of the clock, whose hours the week's rule does not give.
  private func specialDates() -> Set<Int64> {
    var special = Set(dates.filter { hours.exception(onDay: $0) != nil })
    let timeline = hours.timeline
    let range = (dates.lowerBound - 2) * .day..<(dates.upperBound + 3) * .day
    for change in timeline.changes(in: range) {
      let (first, last) = (timeline.day(at: change.at - 1), timeline.day(at: change.at))
      // A window that ends with the date before ends at a midnight that may not come.
      for day in min(first, last) - 1...max(first, last) where dates.contains(day) { special.insert(day) }
    }
    return special
  }

  private mutating func date(_ day: Int64) {
    let note = hours.exception(onDay: day)?.note ?? ""
    for range in hours.timeline.ranges(of: CivilDate(days: day)) {
      for stretch in hours.stretches(in: range) {
        event(
          "date-\(utc(stretch.lowerBound))", start: "DTSTART:" + utc(stretch.lowerBound),
          end: "DTEND:" + utc(stretch.upperBound), note.isEmpty ? "may send" : "may send: \(note)")
      }
    }
  }

  // MARK: - The clock

  /// The changes of the clock one by one, as far as the events reach.
  private mutating func timeZone() {
    let timeline = hours.timeline
    let start = (dates.lowerBound - 1) * .day
    line("BEGIN:VTIMEZONE")
    line("TZID:" + timeline.identifier)
    let first = timeline.offset(at: start)
    observance("STANDARD", from: start + first, before: first, after: first)
    for change in timeline.changes(in: start + 1..<(dates.upperBound + 3) * .day) {
      observance(
        change.isSkip ? "DAYLIGHT" : "STANDARD", from: change.at + change.before, before: change.before,
        after: change.after)
    }
    line("END:VTIMEZONE")
  }

  private mutating func observance(_ name: String, from local: Int64, before: Duration, after: Duration) {
    line("BEGIN:\(name)")
    line("DTSTART:" + time(local))
    line("TZOFFSETFROM:" + offset(before))
    line("TZOFFSETTO:" + offset(after))
    line("END:\(name)")
  }

  // MARK: - Lines

  private mutating func event(
    _ name: String, start: String, end: String, _ summary: String, more: [String] = []
  ) {
    line("BEGIN:VEVENT")
    line("UID:" + escaped("\(id)-\(name)@send-schedule"))
    line("DTSTAMP:" + utc(now))
    line(start)
    line(end)
    for text in more { line(text) }
    line("SUMMARY:" + escaped("\(title) \(summary)"))
    line("TRANSP:TRANSPARENT")
    line("END:VEVENT")
  }

  private func zoned(_ name: String, _ times: [String]) -> String {
    "\(name);TZID=\(hours.timeline.identifier):\(times.joined(separator: ","))"
  }

  private func local(_ day: Int64, minute: Int) -> String { time(day * .day + Int64(minute) * .minute) }

  private func utc(_ instant: Instant) -> String { time(instant) + "Z" }

  private func time(_ local: Int64) -> String {
    let time = CivilTime(local: local)
    let date = CivilDate(local: local).text.replacing("-", with: "")
    let clock = [time.hour, time.minute, time.second].map { Timestamp.padded($0, 2) }.joined()
    return "\(date)T\(clock)"
  }

  private func offset(_ offset: Duration) -> String {
    let seconds = Int(offset.magnitude / UInt64(Duration.second))
    let parts = [seconds / 3600, seconds / 60 % 60] + (seconds % 60 == 0 ? [] : [seconds % 60])
    return (offset < 0 ? "-" : "+") + parts.map { Timestamp.padded($0, 2) }.joined()
  }

  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing(";", with: "\\;").replacing(",", with: "\\,")
      .replacing("\n", with: "\\n")
  }

  /// Lines longer than 75 bytes are folded, between two characters.
  private mutating func line(_ content: String) {
    var room = 75
    for character in content {
      let count = character.utf8.count
      if count > room {
        text += "\r\n "
        room = 74
      }
      text.append(character)
      room -= count
    }
    text += "\r\n"
  }
}
