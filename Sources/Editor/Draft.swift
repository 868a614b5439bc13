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
  package var name: String
  package var timeZone: String
  package var isActive: Bool
  package var week: WeekMinutes
  package var messagesPerMinute: Int

  package init(phone: Phone, schedule: Schedule?, localTimeZone: String) {
    messagesPerMinute = phone.messagesPerMinute
    if let schedule {
      attachment = .existing(id: schedule.id)
      name = schedule.content.name
      timeZone = schedule.content.timeZone
      isActive = schedule.content.isActive
      week = WeekMinutes(schedule.content.windows)
    } else {
      attachment = .none
      name = ""
      timeZone = localTimeZone
      isActive = true
      week = WeekMinutes()
    }
  }

  /// Puts a schedule in place of the one that is edited.
  package mutating func attach(_ schedule: Schedule) {
    attachment = .existing(id: schedule.id)
    name = schedule.content.name
    timeZone = schedule.content.timeZone
    isActive = schedule.content.isActive
    week = WeekMinutes(schedule.content.windows)
  }

  package mutating func detach() {
    attachment = .none
    name = ""
    isActive = true
    week = WeekMinutes()
  }

  /// Starts a schedule of its own, closed all week.
  package mutating func startSchedule(named name: String) {
    attachment = .new
    self.name = name
    isActive = true
  }

  package var hasSchedule: Bool { attachment != .none }

  package var scheduleID: String? {
    if case .existing(let id) = attachment { id } else { nil }
  }

  /// What would be saved as the schedule; days that are as in `base` keep its windows to the letter.
  package func content(keeping base: [Window]) -> ScheduleContent? {
    guard hasSchedule else { return nil }
    let old = WeekMinutes(base)
    let windows = (0..<7).flatMap { day in
      let minutes = day * 1440..<(day + 1) * 1440
      let isSame = week.runs(in: minutes) == old.runs(in: minutes)
      return (isSame ? base : week.windows).filter { $0.day == day }.sorted()
    }
    return ScheduleContent(name: name, timeZone: timeZone, isActive: isActive, windows: windows)
  }

  /// The hours in which the phone could send.
  package func hours(timeline: ZoneTimeline?) -> OpenHours {
    guard hasSchedule, isActive, let timeline else { return .always }
    return OpenHours(week, timeline: timeline)
  }
}
