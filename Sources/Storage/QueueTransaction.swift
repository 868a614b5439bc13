import Scheduling

/// What gateways ask for, within one transaction; each request has its own result.
package struct QueueTransaction {
  let store: Store
  let session: any Session
}

extension Store {
  /// Decides several requests in one transaction, which is on the disk when this returns.
  ///
  /// A request that cannot be granted leaves nothing behind and gets its own error; what concerns the database
  /// itself (a full disk, a lock) is thrown, and then nothing took place. A request may run more than once.
  /// `phones` and `messages` name what the requests are about.
  package func together<T>(
    _ requests: [(QueueTransaction) throws -> T], phones: [String] = [], messages: [String] = []
  ) throws -> [Result<T, StoreError>] {
    do {
      return try together(requests, phones, messages, withSavepoints: false)
    } catch is NeedsSavepoints {
      return try together(requests, phones, messages, withSavepoints: true)
    }
  }

  private func together<T>(
    _ requests: [(QueueTransaction) throws -> T], _ phones: [String], _ messages: [String],
    withSavepoints: Bool
  ) throws -> [Result<T, StoreError>] {
    try write(.lockingPhones) { session in
      try session.lock(phones: phones, ofMessages: messages)
      let transaction = QueueTransaction(store: self, session: session)
      return try requests.map { request in
        let before = session.changes
        do {
          if withSavepoints { return .success(try session.savepoint { try request(transaction) }) }
          return .success(try request(transaction))
        } catch let error as StoreError where error.concernsRequest {
          if !withSavepoints, session.changes != before { throw NeedsSavepoints() }
          return .failure(error)
        }
      }
    }
  }

  /// A request was refused after it had changed something; that is rare, and a savepoint for each dear.
  private struct NeedsSavepoints: Error {}
}

extension StoreError {
  /// Whether what was asked for is at fault, rather than the database.
  package var concernsRequest: Bool {
    switch self {
    case .unknownPhone, .unknownSchedule, .unknownMessage, .unknownRevision, .ambiguousSchedule, .phoneExists,
      .scheduleExists, .messageExists, .invalid, .wrongState, .lateReport, .stale, .stalePhone:
      true
    default: false
    }
  }
}
