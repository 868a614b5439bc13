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
  package func together<T>(_ requests: [(QueueTransaction) throws -> T]) throws -> [Result<T, StoreError>] {
    try write { session in
      let transaction = QueueTransaction(store: self, session: session)
      return try requests.map { request in
        do {
          return .success(try session.savepoint { try request(transaction) })
        } catch let error as StoreError where error.concernsRequest {
          return .failure(error)
        }
      }
    }
  }
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
