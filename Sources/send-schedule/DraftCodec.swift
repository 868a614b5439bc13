import Editor
import FoundationEssentials
import Scheduling

/// Unsaved work as JSON, to be kept in the database.
enum DraftCodec {
  /// What a draft is about, for the store.
  static func subject(_ phoneID: String) -> String { "phone:" + phoneID }

  static func encode(_ kept: KeptDraft) throws -> String {
    String(decoding: try JSONEncoder().encode(Record(kept)), as: UTF8.self)
  }

  /// Nil for what this version cannot read.
  static func decode(_ payload: String) -> KeptDraft? {
    (try? JSONDecoder().decode(Record.self, from: Data(payload.utf8)))?.value
  }

  fileprivate struct Week: Codable {
    var attachment: String?
    var isNew: Bool
    var revision: Int
    var name: String
    var timeZone: String
    var isActive: Bool
    var windows: [[Int]]
    var messagesPerMinute: Int
  }

  fileprivate struct Base: Codable {
    var id: String
    var name: String
    var timeZone: String
    var isActive: Bool
    var windows: [[Int]]
    var revision: Int
  }

  fileprivate struct Record: Codable {
    var phoneID: String
    var number: String
    var label: String
    var messagesPerMinute: Int
    var scheduleID: String?
    var base: Base?
    var draft: Week
    var keptAt: Int64
  }
}

extension DraftCodec.Record {
  fileprivate init(_ kept: KeptDraft) {
    phoneID = kept.phoneID
    number = kept.phone.number
    label = kept.phone.label
    messagesPerMinute = kept.phone.messagesPerMinute
    scheduleID = kept.phone.scheduleID
    base = kept.schedule.map {
      DraftCodec.Base(
        id: $0.id, name: $0.content.name, timeZone: $0.content.timeZone, isActive: $0.content.isActive,
        windows: $0.content.windows.map(\.numbers), revision: $0.revision)
    }
    let draft = kept.draft
    self.draft = DraftCodec.Week(
      attachment: draft.scheduleID, isNew: draft.attachment == .new, revision: draft.revision,
      name: draft.name,
      timeZone: draft.timeZone,
      isActive: draft.isActive, windows: draft.week.windows.map(\.numbers),
      messagesPerMinute: draft.messagesPerMinute)
    keptAt = kept.keptAt
  }

  fileprivate var value: KeptDraft? {
    guard let windows = Window.list(draft.windows), let baseWindows = Window.list(base?.windows ?? []) else {
      return nil
    }
    let phone = Phone(
      id: phoneID, number: number, label: label, messagesPerMinute: messagesPerMinute, scheduleID: scheduleID)
    let schedule = base.map {
      Schedule(
        id: $0.id,
        content: ScheduleContent(
          name: $0.name, timeZone: $0.timeZone, isActive: $0.isActive, windows: baseWindows),
        revision: $0.revision)
    }
    var restored = KeptDraft(
      phoneID: phoneID, draft: .init(phone: phone, schedule: schedule, localTimeZone: draft.timeZone),
      phone: phone,
      schedule: schedule, keptAt: keptAt)
    restored.draft.attachment = draft.isNew ? .new : draft.attachment.map { .existing(id: $0) } ?? .none
    restored.draft.revision = draft.revision
    restored.draft.name = draft.name
    restored.draft.timeZone = draft.timeZone
    restored.draft.isActive = draft.isActive
    restored.draft.week = WeekMinutes(windows)
    restored.draft.messagesPerMinute = draft.messagesPerMinute
    return restored
  }
}

extension Window {
  fileprivate var numbers: [Int] { [day, startMinute, endMinute] }

  /// Windows of `[day, start, end]`; nil if one is out of range.
  fileprivate static func list(_ numbers: [[Int]]) -> [Window]? {
    guard numbers.allSatisfy({ $0.count == 3 }) else { return nil }
    let windows = numbers.map { Window(day: $0[0], startMinute: $0[1], endMinute: $0[2]) }
    return windows.isEmpty || Window.check(windows) == nil ? windows : nil
  }
}
