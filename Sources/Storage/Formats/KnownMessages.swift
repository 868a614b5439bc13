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

  private static let columns = """
    id, key, phone_key, contact, content, status, last_attempted_at, send_time, send_attempt_count, earlier_attempts,
    CASE WHEN history = '' THEN 0 ELSE 1 END
    """

  private static func lock(_ ids: [String], _ owners: Set<Int64>, _ dialect: Dialect) -> Query {
    let owners = Value.array(owners.sorted())
    if ids.isEmpty {
      return dialect.lockQuestion(PhoneCondition("key = ANY(CAST(?1 AS BIGINT[]))", [owners]))
    }
    let sql = """
      key IN (SELECT unnest(CAST(?1 AS BIGINT[])) UNION
        SELECT phone_key FROM message WHERE id = ANY(CAST(?2 AS TEXT[])))
      """
    return dialect.lockQuestion(PhoneCondition(sql, [owners, .array(ids)]))
  }

  private static func questions(_ ids: [String]) -> (messages: Query, forgotten: Query) {
    let ids = [Value.array(ids)]
    return (
      ("SELECT \(columns) FROM message WHERE id = ANY(CAST(?1 AS TEXT[]))", ids),
      ("SELECT id FROM known_id WHERE id = ANY(CAST(?1 AS TEXT[]))", ids)
    )
  }

  /// What the search will ask a server for.
  static func questions(_ ids: [String], owners: Set<Int64>, _ dialect: Dialect) -> [Query] {
    let (messages, forgotten) = questions(ids)
    return [lock(ids, owners, dialect)] + (ids.isEmpty ? [] : [messages, forgotten])
  }

  /// Looks for ids, under locks of the phones that have them and of some others.
  init(_ session: any Session, _ ids: [String], owners: Set<Int64> = []) throws {
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
        try session.each("SELECT \(Self.columns) FROM message WHERE id = ?1", [.text(id)], note)
        if hasForgotten, try session.exists("SELECT 1 FROM known_id WHERE id = ?1", [.text(id)]) {
          forgotten.insert(id)
        }
      }
      return
    }
    if !owners.isEmpty { try session.lock(Self.lock(ids, owners, session.dialect)) }
    guard !ids.isEmpty else { return }
    let (messages, old) = Self.questions(ids)
    try session.each(messages.sql, messages.values, note)
    try session.each(old.sql, old.values) { forgotten.insert($0.text(0)) }
  }

  subscript(id: String) -> Message? {
    get { found[id] }
    set { found[id] = newValue }
  }

  func isForgotten(_ id: String) -> Bool { forgotten.contains(id) }
}
