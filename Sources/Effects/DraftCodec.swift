import Editor
import Formats
import FoundationEssentials
import Scheduling

/// Unsaved work as JSON, to be kept in the database.
enum DraftCodec {
  static func encode(_ kept: KeptDraft) throws -> String {
    String(decoding: try JSONEncoder().encode(Record(kept)), as: UTF8.self)
  }

  /// Nil for what this version cannot read. `id` names the draft.
  static func decode(_ payload: String, id: String) -> KeptDraft? {
    guard let record = try? JSONDecoder().decode(Record.self, from: Data(payload.utf8)) else { return nil }
    var kept = record.value
    kept?.id = id
    return kept
  }

  /// A schedule's content, with its hours as the database writes them.
  fileprivate struct Content: Codable {
    var name: String
    var timeZone: String
    var isActive: Bool
    var windows: String
    var exceptions: String
  }

  fileprivate struct Base: Codable {
    var id: String
    var content: Content
    var revision: Int
  }

  fileprivate struct Edited: Codable {
    /// The schedule that the phone would have; nil for none, or a new one.
    var scheduleID: String?
    var isNew: Bool
    var revision: Int
    var content: Content
    var messagesPerMinute: Int
    var messagesPerDay: Int
  }

  fileprivate struct Record: Codable {
    var phoneID: String
    var number: String
    var label: String
    var messagesPerMinute: Int
    var messagesPerDay: Int
    var scheduleID: String?
    /// What the draft was made from.
    var base: Base?
    var draft: Edited
    var keptAt: Int64
  }
}

extension DraftCodec.Content {
  fileprivate init(_ content: ScheduleContent) {
    self.init(
      name: content.name, timeZone: content.timeZone, isActive: content.isActive,
      windows: ScheduleColumns.text(content.windows), exceptions: ScheduleColumns.text(content.exceptions))
  }

  fileprivate var value: ScheduleContent? {
    // A draft may have no hours yet, other than a schedule.
    let none = ScheduleColumns.text([] as [Window])
    guard let windows = windows == none ? [] : ScheduleColumns.windows(windows),
      let exceptions = ScheduleColumns.exceptions(exceptions)
    else { return nil }
    return ScheduleContent(
      name: name, timeZone: timeZone, isActive: isActive, windows: windows, exceptions: exceptions)
  }
}

extension DraftCodec.Record {
  fileprivate init(_ kept: KeptDraft) {
    let (phone, draft) = (kept.phone, kept.draft)
    self.init(
      phoneID: kept.phoneID, number: phone.number, label: phone.label,
      messagesPerMinute: phone.messagesPerMinute, messagesPerDay: phone.messagesPerDay,
      scheduleID: phone.scheduleID,
      base: kept.schedule.map { .init(id: $0.id, content: .init($0.content), revision: $0.revision) },
      draft: DraftCodec.Edited(
        scheduleID: draft.scheduleID, isNew: draft.attachment == .new, revision: draft.revision,
        content: .init(draft.contentAsIs), messagesPerMinute: draft.messagesPerMinute,
        messagesPerDay: draft.messagesPerDay), keptAt: kept.keptAt)
  }

  fileprivate var value: KeptDraft? {
    guard let content = draft.content.value else { return nil }
    var schedule: Schedule?
    if let base {
      guard let content = base.content.value else { return nil }
      schedule = Schedule(id: base.id, content: content, revision: base.revision)
    }
    let phone = Phone(
      id: phoneID, number: number, label: label, messagesPerMinute: messagesPerMinute,
      messagesPerDay: messagesPerDay, scheduleID: scheduleID)
    var edited = Draft(phone: phone, schedule: schedule, localTimeZone: content.timeZone)
    edited.load(content)
    edited.attachment = draft.isNew ? .new : draft.scheduleID.map { .existing(id: $0) } ?? .none
    edited.revision = draft.revision
    (edited.messagesPerMinute, edited.messagesPerDay) = (draft.messagesPerMinute, draft.messagesPerDay)
    return KeptDraft(phoneID: phoneID, draft: edited, phone: phone, schedule: schedule, keptAt: keptAt)
  }
}
