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

  package init(phone: Phone, waiting: Int, before: QueueCourse, after: QueueCourse) {
    (self.phone, self.waiting, self.before, self.after) = (phone, waiting, before, after)
  }

  /// Whether it would send within a minute, and does not as it is.
  func beginsAtOnce(_ now: Instant) -> Bool {
    let isSoon = { (next: Instant?) in next.map { $0 <= now + .minute } ?? false }
    return isSoon(after.next) && !isSoon(before.next)
  }

  /// The worse, the higher: what begins at once, is lost, comes later.
  fileprivate func weight(_ now: Instant) -> (Int, Int, Int, Duration) {
    let delay = { (last: Instant?) in (last ?? now) - now }
    return (
      max(0, after.inHour - before.inHour), after.expires - before.expires, after.never - before.never,
      delay(after.last) - delay(before.last)
    )
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
    let count = Words.count(courses.count, "phone")
    let now = context.now
    var lines = ["They have \(schedulesNow(courses, context)) now."]
    let atOnce = courses.filter { $0.beginsAtOnce(now) }
    if !atOnce.isEmpty {
      lines.append("\(Words.count(atOnce.count, "phone")) would begin to send at once.")
    }
    let hour = (
      before: courses.reduce(0) { $0 + $1.before.inHour }, after: courses.reduce(0) { $0 + $1.after.inHour }
    )
    if hour.after > 0 || hour.before > 0 {
      let before = hour.before == hour.after ? "as now" : "\(Words.count(hour.before)) as it is"
      lines.append("Within the hour \(Words.count(hour.after, "message")) would go out, \(before).")
    }
    let lost = { (word: String, value: (QueueCourse) -> Int) -> String? in
      let more = courses.reduce(0) { $0 + value($1.after) - value($1.before) }
      return more > 0 ? "\(Words.count(more)) more \(word)." : nil
    }
    lines += [lost("would expire") { $0.expires }, lost("would never be sent") { $0.never }].compactMap { $0 }
    lines += [""] + self.lines(of: courses, screen, context)
    let ids = courses.map(\.phone.id)
    return Question(
      scheduleID == nil ? "Take the schedule off \(count)?" : "Attach \(name) to \(count)?", lines: lines,
      Question.Option("y", scheduleID == nil ? "take it off" : "attach it") {
        $0.context.perform(.attach(scheduleID: scheduleID, phoneIDs: ids))
      })
  }

  /// A line a phone with something waiting, the worst first, as many as there is room for.
  private static func lines(of courses: [PhoneCourse], _ screen: PhonesScreen, _ context: Context) -> [String]
  {
    let now = context.now
    let waiting = courses.filter { $0.waiting > 0 }.sorted { $0.weight(now) > $1.weight(now) }
    let room = max(2, context.size.height - 14)
    let clock = screen.clock(context)
    let brief = { (course: QueueCourse) in
      course.never > 0 ? "never" : course.last.map { Words.brief($0, now: now, on: clock) } ?? "never"
    }
    let shown = waiting.count > room + 1 ? waiting.prefix(room) : waiting[...]
    let number = shown.map { columns(of: $0.phone.number) }.max() ?? 0
    var lines = shown.map { course in
      let words =
        "\(Words.count(course.waiting)) waiting, empty by \(brief(course.after)), was \(brief(course.before))"
      let pad = String(repeating: " ", count: number - columns(of: course.phone.number))
      return "\(course.phone.number)\(pad) \(words)\(course.beginsAtOnce(now) ? ", at once" : "")"
    }
    let idle = courses.count - waiting.count
    if waiting.count > shown.count { lines.append("and \(Words.count(waiting.count - shown.count)) more") }
    if idle > 0, !lines.isEmpty { lines.append("\(Words.count(idle)) with nothing waiting") }
    return lines.isEmpty ? ["Nothing waits for them."] : lines
  }

  /// `Office hours (2), none (1)`: what some phones have now.
  private static func schedulesNow(_ courses: [PhoneCourse], _ context: Context) -> String {
    let names = Dictionary(
      (context.gateway?.schedules ?? []).map { ($0.id, "“\($0.content.name)”") },
      uniquingKeysWith: { first, _ in first })
    var counts: [String: Int] = [:]
    for course in courses { counts[course.phone.scheduleID.flatMap { names[$0] } ?? "none", default: 0] += 1 }
    if counts.keys.elementsEqual(["none"]) { return "no schedule" }
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let words = sorted.prefix(4).map { "\($0.key) (\(Words.count($0.value)))" }
    return words.joined(separator: ", ") + (sorted.count > 4 ? " and others" : "")
  }
}
