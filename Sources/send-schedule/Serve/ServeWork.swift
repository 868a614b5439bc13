import Formats
import Scheduling
import Storage

/// What a request came to.
enum ServeResult {
  case claimed(Claim)
  /// Nothing is due before an instant; nil if nothing is known that will be.
  case nothing(nextAt: Instant?)
  case settled(Settlement)
  case message(Message)
  case next(Instant?)
  case refused(ServeProblem)
}

/// Does requests in the database, as many as there are in one transaction.
struct ServeWork {
  let store: Store
  /// The clock began at this moment; nil for the real time.
  let time: () -> Time
  /// Who asks, for the messages' histories.
  let author: String

  /// Results in the order of the requests; all are on the disk when this returns.
  func perform(_ requests: [ServeRequest]) -> [ServeResult] {
    let time = time()
    do {
      let results = try store.together(
        requests.map { request in
          QueueRequest(request.subject) { try self.perform(request, in: $0, at: time) }
        })
      return results.map { result in
        switch result {
        case .success(let done): done
        case .failure(let error): .refused(ServeProblem(error))
        }
      }
    } catch {
      // Nothing of it took place.
      let problem =
        (error as? StoreError).map { ServeProblem($0) } ?? ServeProblem(code: 70, message: "\(error)")
      return requests.map { _ in .refused(problem) }
    }
  }

  /// Undoes claims that nobody read of; one that was reported on, or went back, stays as it is. Returns those that are
  /// to be given back later, since somebody keeps the database busy, or the server is away.
  func giveBack(_ claims: [ServeClient.Handed]) -> [ServeClient.Handed] {
    guard !claims.isEmpty else { return [] }
    let time = time()
    let requests = claims.map { claim in
      QueueRequest(.message(claim.messageID)) {
        _ = try $0.release(claim.messageID, attempt: claim.attempt, at: time, by: author)
      }
    }
    do {
      let results = try store.together(requests)
      return zip(claims, results).compactMap { claim, result -> ServeClient.Handed? in
        if case .failure(let error) = result, ServeProblem(error).mayPass { claim } else { nil }
      }
    } catch {
      return (error as? StoreError).map { ServeProblem($0).mayPass } == true ? claims : []
    }
  }

  private func perform(_ request: ServeRequest, in queue: QueueTransaction, at time: Time) throws
    -> ServeResult
  {
    let lease = request.lease.map { Int64($0) * .second }
    switch request.command {
    case .claim:
      switch try queue.claim(phone: phone(request), lease: lease ?? Claim.usualLease, at: time, by: author) {
      case .claimed(let claim): return .claimed(claim)
      case .nothing(let nextAt): return .nothing(nextAt: nextAt)
      }
    case .sent: return .settled(try queue.sent(message(request), at: time, by: author))
    case .failed:
      return .settled(
        try queue.failed(
          message(request), attempt: request.attempt, reason: request.reason, at: time, by: author))
    case .extend:
      return .message(
        try queue.extend(message(request), attempt: request.attempt, lease: lease, at: time, by: author))
    case .release:
      return .message(try queue.release(message(request), attempt: request.attempt, at: time, by: author))
    case .add: return .message(try add(request, in: queue, at: time))
    case .next: return .next(try queue.next(of: phone(request), at: time))
    }
  }

  private func add(_ request: ServeRequest, in queue: QueueTransaction, at time: Time) throws -> Message {
    guard let contact = request.contact.flatMap({ PhoneNumber.contact($0) }) else {
      throw StoreError.invalid(field: "contact", expected: "a number in E.164, or a short code")
    }
    let content = request.content ?? ""
    if let expected = SMSSegments.expected(insteadOf: content) {
      throw StoreError.invalid(field: "content", expected: expected)
    }
    let new = NewMessage(
      id: request.messageID, contact: contact, content: content,
      sendAt: try instant(request.sendAt, "scheduled_send_time"),
      isExact: request.exact ?? (request.sendAt != nil),
      expiresAt: try instant(request.expiresAt, "expires_at"))
    guard let message = try queue.add([new], to: phone(request), at: time).first else {
      throw StoreError.invalid(field: "content", expected: "a message")
    }
    return message
  }

  private func instant(_ text: String?, _ field: String) throws -> Instant? {
    guard let text else { return nil }
    guard let instant = Timestamp.parse(text) else {
      throw StoreError.invalid(
        field: field, expected: "a time such as 2026-03-29T06:00:00Z, in UTC within the years 0 to 9999")
    }
    return instant
  }

  private func phone(_ request: ServeRequest) throws -> String {
    guard let phone = request.phone else {
      throw StoreError.invalid(field: "phone", expected: "the number or id of a phone")
    }
    return phone
  }

  private func message(_ request: ServeRequest) throws -> String {
    guard let id = request.messageID else {
      throw StoreError.invalid(field: "message_id", expected: "the id of a message")
    }
    return id
  }
}

extension ServeProblem {
  fileprivate init(_ error: StoreError) {
    self.init(code: error.exitCode, message: error.description)
    switch error {
    case .busy: isBusy = true
    case .unreachable: isAway = true
    default: break
    }
  }
}

extension ServeRequest {
  /// What it is about; one that names nothing is refused when its turn comes.
  fileprivate var subject: QueueSubject {
    switch command {
    case .claim, .next: .queue(ofPhone: phone ?? "")
    case .add: .phone(phone ?? "")
    case .failed: .messageAndPhone(message: messageID ?? "")
    case .sent, .extend, .release: .message(messageID ?? "")
    }
  }
}

extension JSONBytes {
  /// An answer: the request's id, and what a command of that name prints.
  mutating func answer(_ id: RequestID, _ result: ServeResult) {
    raw("{\"id\":")
    switch id {
    case .none: null()
    case .text(let value): text(value)
    case .integer(let value): integer(value)
    }
    raw(",")
    switch result {
    case .claimed(let claim): members(of: claim)
    case .nothing(let nextAt):
      raw("\"claimed\":null,\"next_at\":")
      time(nextAt)
    case .settled(let settlement):
      members(of: settlement.message)
      if let warning = settlement.warning {
        raw(",\"warning\":")
        text(warning)
      }
    case .message(let message): members(of: message)
    case .next(let nextAt):
      raw("\"next_at\":")
      time(nextAt)
    case .refused(let problem):
      raw("\"error\":")
      text(problem.message)
      raw(",\"code\":")
      integer(Int(problem.code))
    }
    raw("}\n")
  }

  private mutating func members(of message: Message) {
    raw("\"message_id\":")
    text(message.id)
    raw(",\"status\":")
    text(message.status.rawValue)
    raw(",\"attempt\":")
    integer(message.sendAttemptCount)
    if let lease = message.leaseExpiresAt {
      raw(",\"lease_expires_at\":")
      time(lease)
    }
    if let retryAt = message.retryAt, message.status.isWaiting {
      raw(",\"retry_at\":")
      time(retryAt)
    }
    if let reason = message.failureReason {
      raw(",\"failure_reason\":")
      text(reason)
    }
  }
}
