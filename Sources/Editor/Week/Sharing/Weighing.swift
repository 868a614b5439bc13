import Canvas
import Scheduling

/// What is asked before something changes the hours of several phones: what it would do to each.
package struct Weighing: Equatable, Sendable {
  package enum Purpose: Equatable, Sendable {
    /// The draft of the phone that is open is to be saved.
    case save
    case delete(id: String, name: String)
  }

  package var purpose: Purpose
  /// The schedule that they would have; nil for none.
  package var content: ScheduleContent?
  package var phoneIDs: [String]
  /// The phone whose limits change too.
  package var limits: Limits?

  package struct Limits: Equatable, Sendable {
    package var phoneID: String
    package var messagesPerMinute: Int
    package var messagesPerDay: Int
  }
}

/// The phones of a weighing in words.
enum WeighedPhones {
  /// How wide labels are at most, and at least.
  private static let (longestLabel, shortestLabel) = (18, 8)

  /// A line a phone: how much waits, and by when its queue is empty, before and after; the worst first. Those for which
  /// that stays the same are named together, so many at most.
  static func lines(_ courses: [PhoneCourse], naming most: Int = 4, _ clock: ZoneTimeline, _ context: Context)
    -> [ReadingBox.Line]
  {
    let affected = courses.filter { !$0.isSame }.sorted { $0.weight > $1.weight }
    let others = names(courses.filter(\.isSame), most, context)
    guard !affected.isEmpty else {
      let isIdle = courses.allSatisfy { $0.waiting == 0 }
      return [
        ReadingBox.Line(text: "\(others): \(isIdle ? "no message waits" : "what waits goes out as before")")
      ]
    }
    let shown = affected.prefix(40)
    let brief = { (course: QueueCourse) -> String in
      if course.never > 0 { return "never" }
      return course.last.map { Words.brief($0, now: context.now, on: clock) } ?? context.glyphs.dash
    }
    var rows = shown.map { course in
      [
        name(course, context), Words.count(course.waiting), brief(course.before), brief(course.after),
        course.lossInWords(context.now),
      ]
    }
    let heading = ["phone", "waiting", "empty by", "then", ""]
    var widths = heading.indices.map { column in ([heading] + rows).map { columns(of: $0[column]) }.max() ?? 0
    }
    // Where a row would not fit, its label gives way.
    let excess = widths.reduce(-2) { $0 + $1 + 2 } - (context.size.width - 2 - Box.columnsAround)
    if excess > 0 {
      widths[0] = max(shortestLabel, widths[0] - excess)
      for index in rows.indices {
        rows[index][0] = clipped(rows[index][0], columns: widths[0], ellipsis: context.glyphs.ellipsis)
      }
    }
    let line = { (cells: [String]) in
      cells.enumerated().map { column, text in
        let blanks = String(repeating: " ", count: widths[column] - columns(of: text))
        return column == 1 ? blanks + text : text + (column == heading.count - 1 ? "" : blanks)
      }.joined(separator: "  ")
    }
    var lines = [ReadingBox.Line(text: line(heading), role: .dim)]
    lines += rows.map { ReadingBox.Line(text: line($0)) }
    let more = affected.count - shown.count
    if more > 0 {
      lines.append(ReadingBox.Line(text: "and \(Words.count(more)) more, to which less happens", role: .dim))
    }
    if affected.count < courses.count {
      lines.append(ReadingBox.Line(text: "\(others): nothing changes for what waits", role: .dim))
    }
    lines.append(ReadingBox.Line(text: "all times: \(clock.identifier)", role: .dim))
    return lines
  }

  /// `Front desk, Back office and 12 more`.
  private static func names(_ courses: [PhoneCourse], _ most: Int, _ context: Context) -> String {
    let more = courses.count - most
    return courses.prefix(most).map { name($0, context) }.joined(separator: ", ")
      + (more > 0 ? " and \(Words.count(more)) more" : "")
  }

  private static func name(_ course: PhoneCourse, _ context: Context) -> String {
    clipped(
      course.phone.label.isEmpty ? course.phone.number : harmless(course.phone.label), columns: longestLabel,
      ellipsis: context.glyphs.ellipsis)
  }

  /// `25 more messages would expire.`, `3 more messages would never be sent.`: all phones together.
  static func lossesInWords(_ courses: [PhoneCourse]) -> [String] {
    let losses: [(words: String, value: (QueueCourse) -> Int)] = [
      ("would expire", { $0.expires }), ("would never be sent", { $0.never }),
    ]
    return losses.compactMap { words, value in
      let more = courses.reduce(0) { $0 + value($1.after) - value($1.before) }
      return more > 0 ? "\(Words.count(more)) more \(more == 1 ? "message" : "messages") \(words)." : nil
    }
  }

  /// `312 messages would go out within the hour, 4 as it is.`; nil if no more than as it is.
  static func hasteInWords(_ courses: [PhoneCourse]) -> String? {
    let after = courses.reduce(0) { $0 + $1.after.inHour }
    let before = courses.reduce(0) { $0 + $1.before.inHour }
    guard after > before else { return nil }
    return "\(Words.count(after, "message")) would go out within the hour, \(Words.count(before)) as it is."
  }
}

extension WeekScreen {
  /// Asks what the draft does to all phones of its schedule, before it is saved for them.
  mutating func weighSave(
    _ content: ScheduleContent, _ others: [Phone], _ destination: Destination?, _ context: inout Context
  ) {
    weighed = Saving(draft: draft, destination: destination)
    context.say(
      .info, "Checking what it does to \(Words.count(others.count + 1, "phone")) \(context.glyphs.ellipsis)")
    context.perform(
      .weigh(
        Weighing(
          purpose: .save, content: content, phoneIDs: [phone.id] + others.map(\.id),
          limits: Weighing.Limits(
            phoneID: phone.id, messagesPerMinute: draft.messagesPerMinute,
            messagesPerDay: draft.messagesPerDay))))
  }

  /// The answer: asks whether for all of them, or as a copy for this phone.
  mutating func askWhetherShared(_ courses: [PhoneCourse], _ context: inout Context) {
    guard let asked = weighed else { return }
    weighed = nil
    context.notice = nil
    // What was edited meanwhile is weighed again.
    guard asked.draft == draft else { return save(&context, then: asked.destination) }
    let destination = asked.destination
    var lines = changeLines(context).map { ReadingBox.Line(text: $0) }
    lines.append(ReadingBox.Line(text: ""))
    let sentences =
      [WeighedPhones.hasteInWords(courses)].compactMap { $0 } + WeighedPhones.lossesInWords(courses)
    lines += sentences.map { ReadingBox.Line(text: $0) }
    lines += WeighedPhones.lines(courses, clock(context), context)
    context.present(
      Question(
        "“\(harmless(draft.name))” serves \(Words.count(courses.count, "phone"))", lines,
        .inWeek("a", "save for all of them") { week, context in week.commit(destination, &context) },
        .inWeek("c", "a copy for this phone") { week, context in week.askCopyName(destination, &context) }))
  }
}

extension Question {
  /// Before a schedule is deleted: the phones that it frees, and what would go out then.
  static func deleting(
    _ id: String, named name: String, _ courses: [PhoneCourse], _ clock: ZoneTimeline, _ context: Context
  ) -> Question {
    var lines: [ReadingBox.Line] = []
    if courses.isEmpty {
      lines.append(ReadingBox.Line(text: "No phone has it."))
    } else {
      let count = Words.count(courses.count, "phone")
      lines.append(
        ReadingBox.Line(
          text:
            "\(count) without hours then: \(courses.count == 1 ? "it sends" : "they send") at any time, day and night."
        ))
      if let haste = WeighedPhones.hasteInWords(courses) { lines.append(ReadingBox.Line(text: haste)) }
      lines.append(ReadingBox.Line(text: ""))
      lines += WeighedPhones.lines(courses, naming: 40, clock, context)
    }
    lines += [
      ReadingBox.Line(text: ""),
      ReadingBox.Line(text: "Its revisions are kept; it can be brought back.", role: .dim),
    ]
    return Question(
      "Delete “\(harmless(name))”?", lines,
      Option("y", "delete it") {
        $0.context.perform(.deleteSchedule(id: id, freeing: Set(courses.map(\.phone.id))))
      })
  }
}
