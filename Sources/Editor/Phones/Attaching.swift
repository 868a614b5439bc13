import Canvas
import Scheduling

/// When a phone's queue would go out, in a few numbers.
package struct QueueCourse: Equatable, Sendable {
  package var next: Instant?
  package var last: Instant?
  /// How many messages go out within the hour.
  package var inHour: Int
  package var expires: Int
  package var never: Int

  package init(_ forecast: Forecast) {
    let now = forecast.rules.now
    next = forecast.firstSendAt
    last = forecast.lastSendAt
    inHour = forecast.counts(between: [now, now + .hour]).reduce(0, +)
    expires = forecast.expires
    never = forecast.never
  }
}

/// What another schedule would do to a phone.
package struct PhoneCourse: Equatable, Sendable {
  package var phone: Phone
  package var waiting: Int
  package var before: QueueCourse
  package var after: QueueCourse
  /// How many messages go out at other times though the numbers are the same; 0 where they differ.
  package var moved: Int

  /// From two forecasts of one queue.
  package init(phone: Phone, waiting: Int, from before: Forecast, to after: Forecast) {
    (self.phone, self.waiting) = (phone, waiting)
    (self.before, self.after) = (QueueCourse(before), QueueCourse(after))
    moved = self.before == self.after ? before.moved(in: after) : 0
  }

  /// Whether nothing changes for what waits.
  var isSame: Bool { before == after && moved == 0 }

  /// Whether it would send within a minute, and does not as it is.
  func beginsAtOnce(_ now: Instant) -> Bool {
    let isSoon = { (next: Instant?) in next.map { $0 <= now + .minute } ?? false }
    return isSoon(after.next) && !isSoon(before.next)
  }

  /// The worse, the higher: what is lost, what begins to go out, what comes later.
  var weight: (Int, Int, Duration) {
    let lost = after.expires + after.never - before.expires - before.never
    let delay = (after.last ?? 0) - (before.last ?? after.last ?? 0)
    return (lost, max(0, after.inHour - before.inHour), delay)
  }

  /// `3 more would expire, at once`, `2 at other times`.
  func lossInWords(_ now: Instant) -> String {
    let parts = [
      (after.expires - before.expires, "would expire"), (after.never - before.never, "would never be sent"),
    ]
    let lost = parts.filter { $0.0 > 0 }.map { "\(Words.count($0.0)) more \($0.1)" }
    let others = moved > 0 ? ["\(Words.count(moved)) at other times"] : []
    return (lost + (beginsAtOnce(now) ? ["at once"] : []) + others).joined(separator: ", ")
  }
}

/// Giving phones another schedule: what it would do to each is said before.
enum Attaching {
  static func question(
    _ scheduleID: String?, _ courses: [PhoneCourse], _ screen: PhonesScreen, _ context: Context
  )
    -> Question
  {
    let name = context.schedule(scheduleID).map { "“\($0.content.name)”" } ?? "no schedule"
    let count = courses.count == 1 ? courses[0].phone.number : Words.count(courses.count, "phone")
    let now = context.now
    var lines = ["\(courses.count == 1 ? "It has" : "They have") \(schedulesNow(courses, context)) now."]
    let atOnce = courses.filter { $0.beginsAtOnce(now) }
    if !atOnce.isEmpty {
      lines.append(
        courses.count == 1
          ? "It would begin to send at once."
          : "\(Words.count(atOnce.count, "phone")) would begin to send at once.")
    }
    let hour = (
      before: courses.reduce(0) { $0 + $1.before.inHour }, after: courses.reduce(0) { $0 + $1.after.inHour }
    )
    if hour.after > 0 || hour.before > 0 {
      let before = hour.before == hour.after ? "as now" : "\(Words.count(hour.before)) as it is"
      let after = hour.after == 0 ? "no message" : Words.count(hour.after, "message")
      lines.append("Within the hour \(after) would go out, \(before).")
    }
    let sentences = lines + WeighedPhones.lossesInWords(courses) + [""]
    let ids = courses.map(\.phone.id)
    return Question(
      scheduleID == nil ? "Take the schedule off \(count)?" : "Attach \(name) to \(count)?",
      sentences.map { ReadingBox.Line(text: $0) }
        + WeighedPhones.lines(courses, screen.clock(context), context),
      Question.Option("y", scheduleID == nil ? "take it off" : "attach it") {
        $0.context.perform(.attach(scheduleID: scheduleID, phoneIDs: ids))
      })
  }

  /// `Office hours (2), none (1)`: what some phones have now.
  private static func schedulesNow(_ courses: [PhoneCourse], _ context: Context) -> String {
    let names = Dictionary(
      (context.gateway?.schedules ?? []).map { ($0.id, "“\($0.content.name)”") },
      uniquingKeysWith: { first, _ in first })
    var counts: [String: Int] = [:]
    for course in courses { counts[course.phone.scheduleID.flatMap { names[$0] } ?? "none", default: 0] += 1 }
    if counts.keys.elementsEqual(["none"]) { return "no schedule" }
    if counts.count == 1, let name = counts.keys.first { return name }
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let words = sorted.prefix(4).map { "\($0.key) (\(Words.count($0.value)))" }
    return words.joined(separator: ", ") + (sorted.count > 4 ? " and others" : "")
  }
}
