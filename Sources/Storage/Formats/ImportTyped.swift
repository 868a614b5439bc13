import Formats
import Scheduling

/// A phone as an import describes it; nil is what it does not say.
struct ImportedPhone {
  var id: String
  var number: String
  var label: String?
  var sim: SIM?
  var messagesPerMinute: Int?
  var maxSendAttempts: Int?
  /// The inner nil says: no schedule.
  var scheduleID: String??
  var file: String
  var line: Int
  var place: String

  /// What the record says, with what is known already, or the defaults, for the rest.
  func phone(over known: Phone?) -> Phone {
    let base = known ?? Phone(id: id, number: number)
    return Phone(
      id: base.id, number: number, label: label ?? base.label, sim: sim ?? base.sim,
      messagesPerMinute: messagesPerMinute ?? base.messagesPerMinute,
      maxSendAttempts: maxSendAttempts ?? base.maxSendAttempts, scheduleID: scheduleID ?? base.scheduleID)
  }
}

/// A schedule as an import describes it.
struct ImportedSchedule {
  var id: String
  var name: String
  var timeZone: String
  /// Nil if the record does not say: httpSMS knows no inactive schedules.
  var isActive: Bool?
  var windows: [Window]
  var file: String
  var line: Int
  var place: String
}

/// A message as an import describes it. Its texts lie in the record that was read, until that reads on.
struct ImportedMessage {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  var id: Bytes
  var owner: PhoneDigits
  var contact: Bytes
  var content: Bytes
  var status: MessageStatus
  var queuedAt: Instant
  var sendAt: Instant?
  var isExact: Bool
  var lastAttemptedAt: Instant?
  var sentAt: Instant?
  var leaseExpiresAt: Instant?
  var sendAttemptCount: Int
  var failureReason: Bytes?

  var readyAt: Instant { max(queuedAt, sendAt ?? queuedAt) }

  /// The instant that counts for the spacing of later messages; nil if it never was handed out.
  var sendTime: Instant? {
    switch status {
    case .sent, .delivered: sentAt ?? lastAttemptedAt
    default: lastAttemptedAt
    }
  }
}

extension ImportRecord {
  /// What the record describes, told by its fields.
  enum Content { case phone, schedule, message, unknown }

  var content: Content {
    if has(.phoneNumber) { return .phone }
    if has(.windows) || has(.timeZone) { return .schedule }
    if has(.contact) || has(.owner) { return .message }
    return .unknown
  }

  func phone() throws -> ImportedPhone {
    let id = try identifier(.id).string
    let number = try phoneDigits(.phoneNumber).number
    let label = try optionalText(.label)
    return ImportedPhone(
      id: id, number: number, label: label?.string, sim: try optionalSIM(),
      messagesPerMinute: try optionalInteger(.messagesPerMinute, in: 0...2_147_483_647),
      maxSendAttempts: try optionalInteger(.maxSendAttempts, in: 0...2_147_483_647).map { $0 == 0 ? 2 : $0 },
      scheduleID: try scheduleReference(), file: file, line: line, place: place)
  }

  private func optionalSIM() throws -> SIM? {
    guard let text = try optionalText(.sim) else { return nil }
    if text.isEmpty || text.equals("DEFAULT") { return .sim1 }
    guard let sim = SIM(rawValue: text.string) else { throw problem(.sim, "SIM1 or SIM2") }
    return sim
  }

  private func scheduleReference() throws -> String?? {
    guard let kind = kind(.scheduleID) else { return nil }
    if kind == .null { return .some(nil) }
    return try identifier(.scheduleID).string
  }

  func schedule() throws -> ImportedSchedule {
    let zone = try identifier(.timeZone).string
    return ImportedSchedule(
      id: try identifier(.id).string, name: try identifier(.name).string, timeZone: zone,
      isActive: try optionalBoolean(.isActive), windows: try checkedWindows(), file: file, line: line,
      place: place)
  }

  private func checkedWindows() throws -> [Window] {
    guard kind(.windows) == .array else { throw problem(.windows, "a list of windows") }
    var checked: [Window] = []
    for (index, window) in windows.enumerated() {
      if let fault = window.fault {
        let field = fault.field.map { ".\($0)" } ?? ""
        throw ImportProblem(
          file: file, line: fault.line, place: "\(place).windows[\(index)]\(field)",
          expected: fault.expected, found: fault.found)
      }
      let numbers = window.numbers.map { $0 ?? 0 }
      checked.append(Window(day: numbers[0], startMinute: numbers[1], endMinute: numbers[2]))
    }
    if let problem = Window.check(checked) {
      guard let index = problem.index else { throw self.problem(.windows, problem.expected, found: "none") }
      throw ImportProblem(
        file: file, line: windows[index].line, place: "\(place).windows[\(index)].\(problem.field)",
        expected: problem.expected, found: windows[index].found(problem.field))
    }
    return checked
  }

  /// The message; nil of one that is not for sending: received, a missed call, deleted.
  func message() throws -> ImportedMessage? {
    if let type = try optionalText(.type),
      type.equals("mobile-originated") || type.equals("call/missed")
    {
      return nil
    }
    let word = try text(.status)
    if word.equals("received") || word.equals("deleted") { return nil }
    guard word.count <= 15, let status = MessageStatus(rawValue: word.string) else {
      throw problem(.status, MessageStatus.allCases.map(\.rawValue).joined(separator: ", ") + " or received")
    }
    guard let queuedAt = try optionalTime(.requestReceivedAt) ?? optionalTime(.createdAt) else {
      throw problem(.requestReceivedAt, ImportTime.expected)
    }
    var message = ImportedMessage(
      id: try identifier(.id), owner: try phoneDigits(.owner), contact: try identifier(.contact),
      content: try text(.content), status: status, queuedAt: queuedAt,
      sendAt: try optionalTime(.scheduledSendTime), isExact: try optionalBoolean(.exact) ?? false,
      lastAttemptedAt: try optionalTime(.lastAttemptedAt), sentAt: try optionalTime(.sentAt),
      sendAttemptCount: try optionalInteger(.sendAttemptCount, in: 0...2_147_483_647) ?? 0,
      failureReason: try optionalText(.failureReason))
    if status == .sending { message.claim(leaseExpiresAt: try optionalTime(.leaseExpiresAt)) }
    return message
  }
}

extension ImportedMessage {
  /// A message in `sending` was claimed at its last attempt, for 60 s unless the record says otherwise.
  fileprivate mutating func claim(leaseExpiresAt: Instant?) {
    let claimedAt = lastAttemptedAt ?? queuedAt
    lastAttemptedAt = claimedAt
    self.leaseExpiresAt = leaseExpiresAt ?? min(claimedAt + .minute, 253_402_300_799_999)
  }
}

extension ImportWindow {
  /// What stands in a field, for an error.
  fileprivate func found(_ field: String) -> String? {
    guard let index = ["day_of_week", "start_minute", "end_minute"].firstIndex(of: field) else { return nil }
    return numbers[index].map(String.init)
  }
}
