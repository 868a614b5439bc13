import Scheduling

/// Where a record stands, for complaints that come later.
package struct RecordPlace: Hashable, Sendable {
  package var file: String
  package var line: Int
  /// `phones[3]`, or empty.
  package var record: String

  package init(file: String, line: Int, record: String) {
    self.file = file
    self.line = line
    self.record = record
  }

  /// A complaint about a field of the record.
  package func problem(_ field: String, _ expected: String, found: String?) -> ImportProblem {
    let parts = [record, field].filter { !$0.isEmpty }
    return ImportProblem(
      file: file, line: line, place: parts.joined(separator: "."), expected: expected,
      found: found.map { ImportProblem.quote($0) })
  }
}

extension Record {
  var recordPlace: RecordPlace { RecordPlace(file: file, line: object.line, record: place) }
}

/// A phone as a file describes it; nil is what it does not say.
package struct PhoneRecord: Sendable {
  package var id: String
  package var number: String
  package var label: String?
  package var sim: SIM?
  package var messagesPerMinute: Int?
  package var messagesPerDay: Int?
  package var maxSendAttempts: Int?
  package var retryDelaySeconds: Int?
  package var pauseAfterFailures: Int?
  package var failuresInARow: Int?
  /// The inner nil says: not held.
  package var hold: Hold??
  /// The inner nil says: no schedule.
  package var scheduleID: String??
  package var pastSends: [PastSend]
  package var place: RecordPlace

  /// Sends of messages that are no longer there: they count for the spacing and the day's limit.
  package struct PastSend: Equatable, Sendable {
    package var sendTime: Instant
    package var count: Int

    package init(sendTime: Instant, count: Int) {
      self.sendTime = sendTime
      self.count = count
    }
  }

  /// What the record says, with what is known already, or the defaults, for the rest. A known id stays.
  package func phone(over known: Phone?) -> Phone {
    var phone = known ?? Phone(id: id, number: number)
    phone.number = number
    phone.label = label ?? phone.label
    phone.sim = sim ?? phone.sim
    phone.messagesPerMinute = messagesPerMinute ?? phone.messagesPerMinute
    phone.messagesPerDay = messagesPerDay ?? phone.messagesPerDay
    phone.maxSendAttempts = maxSendAttempts ?? phone.maxSendAttempts
    phone.retryDelaySeconds = retryDelaySeconds ?? phone.retryDelaySeconds
    phone.pauseAfterFailures = pauseAfterFailures ?? phone.pauseAfterFailures
    phone.failuresInARow = failuresInARow ?? phone.failuresInARow
    phone.hold = hold ?? phone.hold
    phone.scheduleID = scheduleID ?? phone.scheduleID
    return phone
  }
}

extension PhoneRecord {
  init(_ record: Record) throws {
    self.init(
      id: try record.name(.id), number: try record.phoneNumber(.phoneNumber),
      label: try record.optionalLabel(.label), sim: try record.optionalSIM(),
      messagesPerMinute: try record.optionalInteger(.messagesPerMinute),
      messagesPerDay: try record.optionalInteger(.messagesPerDay),
      maxSendAttempts: try record.optionalInteger(.maxSendAttempts).map { $0 == 0 ? 2 : $0 },
      retryDelaySeconds: try record.optionalInteger(.retryDelaySeconds),
      pauseAfterFailures: try record.optionalInteger(.pauseAfterFailures),
      failuresInARow: try record.optionalInteger(.failuresInARow), hold: try record.optionalHold(),
      scheduleID: try record.optionalScheduleID(), pastSends: try record.pastSends(),
      place: record.recordPlace)
  }
}

extension Record {
  fileprivate func pastSends() throws -> [PhoneRecord.PastSend] {
    try optionalRecords(.pastSends)?.map { record in
      guard let time = try record.optionalTime(.sendTime) else {
        throw record.problem(.sendTime, ImportTime.expected)
      }
      guard let count = try record.optionalInteger(.count, in: 1...2_147_483_647) else {
        throw record.problem(.count, "a whole number")
      }
      return PhoneRecord.PastSend(sendTime: time, count: count)
    } ?? []
  }

  static let phoneNumberExpected = "a phone number such as +18005550199"

  /// A phone's number in E.164.
  func phoneNumber(_ field: Field) throws -> String {
    guard let number = PhoneNumber.e164(try text(field)) else {
      throw problem(field, Self.phoneNumberExpected)
    }
    return number
  }

  fileprivate func optionalSIM() throws -> SIM? {
    guard let text = try optionalText(.sim) else { return nil }
    if text.isEmpty || text == "DEFAULT" { return .sim1 }
    guard let sim = SIM(rawValue: text) else { throw problem(.sim, "SIM1 or SIM2") }
    return sim
  }

  fileprivate func optionalHold() throws -> Hold?? {
    let reason = try optionalLabel(.holdReason) ?? ""
    let endsWithSuccess = try optionalBoolean(.holdEndsWithSuccess) ?? false
    guard object[.heldUntil] != nil else { return nil }
    guard let until = try optionalTime(.heldUntil) else { return .some(nil) }
    let byHandReason = try optionalLabel(.heldByHandReason) ?? ""
    let byHand = try optionalTime(.heldByHandUntil).map { HoldByHand(until: $0, reason: byHandReason) }
    return Hold(
      until: until, reason: reason, endsWithSuccess: endsWithSuccess, byHand: endsWithSuccess ? byHand : nil)
  }

  fileprivate func optionalScheduleID() throws -> String?? {
    guard object[.scheduleID] != nil else { return nil }
    return has(.scheduleID) ? try name(.scheduleID) : .some(nil)
  }
}

/// A schedule as a file describes it; nil is what it does not say.
package struct ScheduleRecord: Sendable {
  package var id: String
  package var name: String
  package var timeZone: String
  /// httpSMS knows no inactive schedules.
  package var isActive: Bool?
  package var windows: [Window]
  /// In the order of their dates.
  package var exceptions: [ScheduleException]?
  package var place: RecordPlace

  /// What the record says, with what is known already, or the defaults, for the rest.
  package func content(over known: ScheduleContent?) -> ScheduleContent {
    ScheduleContent(
      name: name, timeZone: timeZone, isActive: isActive ?? known?.isActive ?? true, windows: windows,
      exceptions: exceptions ?? known?.exceptions ?? [])
  }
}

extension ScheduleRecord {
  init(_ record: Record, zones: ImportZones) throws {
    let timeZone = try record.name(.timeZone)
    if let expected = zones.problem(timeZone) { throw record.problem(.timeZone, expected) }
    self.init(
      id: try record.name(.id), name: try record.name(.name), timeZone: timeZone,
      isActive: try record.optionalBoolean(.isActive), windows: try record.weekWindows(),
      exceptions: try record.optionalExceptions(), place: record.recordPlace)
  }
}

extension Record {
  fileprivate func weekWindows() throws -> [Window] {
    guard let records = try optionalRecords(.windows) else { throw problem(.windows, "a list of windows") }
    let windows = try records.map { window in
      let day = try window.integer(.dayOfWeek)
      return Window(
        day: day, startMinute: try window.integer(.startMinute), endMinute: try window.integer(.endMinute))
    }
    guard let problem = Window.check(windows) else { return windows }
    guard let index = problem.index else { throw self.problem(.windows, problem.expected, found: "none") }
    let field = Field(rawValue: problem.field) ?? .windows
    throw records[index].problem(field, problem.expected)
  }

  fileprivate func optionalExceptions() throws -> [ScheduleException]? {
    guard let records = try optionalRecords(.exceptions) else { return nil }
    let exceptions = try records.map { record in
      guard let date = ExceptionDate(try record.text(.date)) else {
        throw record.problem(.date, ExceptionDate.expected)
      }
      let windows = try record.optionalRecords(.windows)?.map { window in
        DayWindow(
          startMinute: try window.integer(.startMinute), endMinute: try window.integer(.endMinute))
      }
      return ScheduleException(
        date: date, windows: windows ?? [], note: try record.optionalText(.note) ?? "")
    }
    if let problem = ScheduleException.check(exceptions) {
      guard let index = problem.index else {
        throw self.problem(.exceptions, problem.expected, found: "\(exceptions.count)")
      }
      let windows = try records[index].optionalRecords(.windows) ?? []
      throw (problem.window.map { windows[$0] } ?? records[index])
        .problem(Field(rawValue: problem.field) ?? .exceptions, problem.expected)
    }
    return exceptions.map { exception in
      var exception = exception
      exception.windows.sort()
      return exception
    }.sorted { $0.date < $1.date }
  }

  /// A whole number that has to be there; its range is checked later.
  private func integer(_ field: Field) throws -> Int {
    guard let number = try optionalInteger(field, in: .min ... .max) else {
      throw problem(field, "a whole number")
    }
    return number
  }
}

/// The time zones that exist, which this target does not know itself.
package struct ImportZones: Sendable {
  /// What was expected in place of a name; nil if there is such a zone.
  let problem: @Sendable (String) -> String?

  package init(problem: @escaping @Sendable (String) -> String?) { self.problem = problem }
}
