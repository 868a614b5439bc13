import Scheduling

extension MessageStatus {
  /// How far a message has come. An import moves a known message only to a greater one: what another gateway
  /// did counts, what it had yet to do does not.
  var importProgress: Int {
    switch self {
    case .sending: 1
    case .failed, .canceled: 2
    case .sent: 3
    case .delivered: 4
    default: 0
    }
  }
}

/// Messages of an import whose ids the database knows.
struct KnownMessages {
  struct Message {
    let key: Int64
    let phoneKey: Int64
    let contact: String
    let content: String
    var status: MessageStatus
    let lastAttemptedAt: Instant?
    let sendTime: Instant?
    let attempts: Int64
    let earlierAttempts: Int64
    /// Something happened to it here, so that what others say of it may be older.
    let hasHistory: Bool

    /// Whether what an import says of it is news: a claim or a failure only if there were not as many here already.
    func isBehind(_ status: MessageStatus, attempts: Int64) -> Bool {
      guard status.importProgress > self.status.importProgress else { return false }
      guard hasHistory else { return true }
      let here = earlierAttempts + self.attempts
      switch status {
      case .sending: return attempts > here
      case .failed: return attempts > here || earlierAttempts == 0 && attempts == here
      default: return true
      }
    }

    func differs(from row: PackedRow, phoneKey: Int64) -> Bool {
      self.phoneKey != phoneKey || contact != row.contact.string || content != row.content.string
    }
  }

  private var found: [String: Message] = [:]
  private var forgotten: Set<String> = []

  /// Looks for ids, under locks of the phones that have them and of some others.
  init(_ session: any Session, _ ids: [String], owners: Set<Int64> = []) throws {
    let columns = """
      id, key, phone_key, contact, content, status, last_attempted_at, send_time, send_attempt_count, earlier_attempts,
      CASE WHEN history = '' THEN 0 ELSE 1 END
      """
    func note(_ row: any ResultRow) {
      found[row.text(0)] = Message(
        key: row.integer(1), phoneKey: row.integer(2), contact: row.text(3), content: row.text(4),
        status: MessageStatus(rawValue: row.text(5)) ?? .failed, lastAttemptedAt: row.optionalInteger(6),
        sendTime: row.optionalInteger(7), attempts: row.integer(8), earlierAttempts: row.integer(9),
        hasHistory: row.bool(10))
    }
    if session.dialect == .sqlite {
      let hasForgotten = try !ids.isEmpty && session.exists("SELECT 1 FROM known_id LIMIT 1")
      for id in ids {
        try session.each("SELECT \(columns) FROM message WHERE id = ?1", [.text(id)], note)
        if hasForgotten, try session.exists("SELECT 1 FROM known_id WHERE id = ?1", [.text(id)]) {
          forgotten.insert(id)
        }
      }
      return
    }
    if !owners.isEmpty {
      try session.lock(
        """
        key = ANY(CAST(?1 AS BIGINT[]))
          OR key IN (SELECT phone_key FROM message WHERE id = ANY(CAST(?2 AS TEXT[])))
        """, [.array(owners.sorted()), .array(ids)])
    }
    guard !ids.isEmpty else { return }
    try session.each(
      "SELECT \(columns) FROM message WHERE id = ANY(CAST(?1 AS TEXT[]))", [.array(ids)], note)
    try session.each("SELECT id FROM known_id WHERE id = ANY(CAST(?1 AS TEXT[]))", [.array(ids)]) {
      forgotten.insert($0.text(0))
    }
  }

  subscript(id: String) -> Message? {
    get { found[id] }
    set { found[id] = newValue }
  }

  func isForgotten(_ id: String) -> Bool { forgotten.contains(id) }
}
