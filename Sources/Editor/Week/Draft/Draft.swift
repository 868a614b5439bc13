import Scheduling

/// What an administrator sees and edits of one phone: its schedule and its rate, before they are saved.
package struct Draft: Hashable, Sendable {
  /// Which schedule the phone would have.
  package enum Attachment: Hashable, Sendable {
    case none
    case existing(id: String)
    /// A schedule that saving makes.
    case new
  }

  package var attachment: Attachment
  /// The schedule's revision that this was made from; 0 without a schedule, or for a new one.
  package var revision: Int
  package var name: String
  package var timeZone: String
  package var isActive: Bool
  package var week: WeekMinutes
  /// Dates with hours of their own.
  package var exceptions: [ExceptionDate: ScheduleException]
  package var messagesPerMinute: Int
  package var messagesPerDay: Int

  package init(phone: Phone, schedule: Schedule?, localTimeZone: String) {
    messagesPerMinute = phone.messagesPerMinute
    messagesPerDay = phone.messagesPerDay
    (attachment, revision, name, timeZone, isActive, week, exceptions) = (
      .none, 0, "", localTimeZone, true, WeekMinutes(), [:]
    )
    if let schedule { attach(schedule) }
  }

  /// Puts a schedule in place of the one that is edited.
  package mutating func attach(_ schedule: Schedule) {
    attachment = .existing(id: schedule.id)
    revision = schedule.revision
    load(schedule.content)
  }

  /// Takes what a schedule says, and stays attached as it is.
  package mutating func load(_ content: ScheduleContent) {
    name = content.name
    timeZone = content.timeZone
    isActive = content.isActive
    week = WeekMinutes(content.windows)
    exceptions = Dictionary(content.exceptions.map { ($0.date, $0) }) { first, _ in first }
  }

  /// Leaves the phone without a schedule, as one that never had any.
  package mutating func detach(localTimeZone: String) {
    (attachment, revision, name, timeZone, isActive) = (.none, 0, "", localTimeZone, true)
    clearHours()
  }

  /// Closes all week, and every date.
  mutating func clearHours() { (week, exceptions) = (WeekMinutes(), [:]) }

  /// Starts a schedule of its own, closed all week.
  package mutating func startSchedule(named name: String, isActive: Bool = true) {
    attachment = .new
    revision = 0
    self.name = name
    self.isActive = isActive
  }

  package var hasSchedule: Bool { attachment != .none }

  package var scheduleID: String? {
    if case .existing(let id) = attachment { id } else { nil }
  }

  /// What would be saved as the schedule; days that are as in `base` keep its windows to the letter.
  package func content(keeping base: [Window]) -> ScheduleContent? {
    guard hasSchedule else { return nil }
    let (old, new) = (WeekMinutes(base), week.windows)
    let windows = (0..<7).flatMap { day in
      let minutes = day * 1440..<(day + 1) * 1440
      let isSame = week.runs(in: minutes) == old.runs(in: minutes)
      return (isSame ? base : new).filter { $0.day == day }.sorted()
    }
    return ScheduleContent(
      name: name, timeZone: timeZone, isActive: isActive, windows: windows, exceptions: sortedExceptions)
  }

  /// What it says of a schedule, also where the phone would have none.
  package var contentAsIs: ScheduleContent {
    ScheduleContent(
      name: name, timeZone: timeZone, isActive: isActive, windows: week.windows, exceptions: sortedExceptions)
  }

  /// The exceptions in the order of their dates.
  package var sortedExceptions: [ScheduleException] { exceptions.values.sorted { $0.date < $1.date } }

  /// Whether a schedule says anything else than this; how its hours are cut into windows is no matter.
  func differs(from content: ScheduleContent) -> Bool {
    var other = self
    other.load(content)
    return other != self
  }

  /// The hours in which the phone could send.
  func hours(_ context: Context) -> OpenHours {
    context.hours(of: content(keeping: []), messagesPerDay: messagesPerDay)
  }

  /// How fast it sends, in words: `2 a minute, 100 a day`.
  var rateInWords: String {
    Words.rate(messagesPerMinute) + (messagesPerDay == 0 ? "" : ", \(Words.count(messagesPerDay)) a day")
  }

  /// The same where there is little room: `2/min, 100/day`.
  var rateInShort: String {
    let rate = messagesPerMinute == 0 ? Words.rate(0) : "\(Words.count(messagesPerMinute))/min"
    return rate + (messagesPerDay == 0 ? "" : ", \(Words.count(messagesPerDay))/day")
  }
}
