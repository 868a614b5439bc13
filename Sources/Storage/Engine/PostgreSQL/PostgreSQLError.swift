import CPostgreSQL

/// What went wrong on a connection, before it is said in the words of the store.
struct PostgreSQLError: Error {
  /// The five characters of SQLSTATE (PostgreSQL documentation, appendix A); empty if the server gave none.
  let state: String
  /// For people; never with a password, since libpq puts none into its messages.
  let message: String
  /// The constraint that was violated, if one was.
  let constraint: String?
  /// The connection cannot be used any more: whether a commit under way took place is not known.
  let isConnectionLost: Bool

  init(state: String, message: String) {
    (self.state, self.message, constraint, isConnectionLost) = (state, message, nil, false)
  }

  init(connection: OpaquePointer) {
    state = ""
    message = Self.line(pq_error_message(connection))
    constraint = nil
    isConnectionLost = Int(pq_status(connection)) != PQ_CONNECTION_OK
  }

  init(result: OpaquePointer, isConnected: Bool) {
    let field = { (code: Int) in
      pq_result_error_field(result, Int32(code)).map { String(cString: $0) }
    }
    state = field(PQ_DIAG_SQLSTATE) ?? ""
    message = field(PQ_DIAG_MESSAGE_PRIMARY) ?? Self.line(pq_result_error_message(result))
    constraint = field(PQ_DIAG_CONSTRAINT_NAME)
    // libpq's own errors have no state: it lost the connection.
    // The server is going down, or somebody ended the session (57P), or it was idle too long (25P03, 57P05).
    isConnectionLost = !isConnected || state.isEmpty || state.hasPrefix("57P0") || state == "25P03"
  }

  /// Serialization failures and deadlocks: the transaction is to be done again from its start. So is one that looked for
  /// a message's id just before somebody else used it.
  var isToBeRepeated: Bool {
    state == "40001" || state == "40P01" || state == "23505" && constraint == "message_id_key"
  }

  func storeError(place: String) -> StoreError {
    switch state {
    case "40001", "40P01", "55P03": .busy(path: place)
    case "57014": .interrupted
    case "25006": .readOnly(path: place)
    case "42501", "28000", "28P01": .noPermission(path: place, to: "use it (\(message))")
    case "53100": .diskFull(path: place)
    case "23502", "23503", "23505", "23514": .refusedRecord
    case "22021", "22P05": .invalid(field: "text", expected: "characters that the database can store")
    case _ where isConnectionLost || state.hasPrefix("08") || state.hasPrefix("53"):
      .unreachable(place: place, reason: message)
    default: .failed(path: place, reason: state.isEmpty ? message : "\(message) (\(state))")
    }
  }

  /// libpq's messages come with line feeds.
  private static func line(_ text: UnsafePointer<CChar>?) -> String {
    guard let text else { return "no reason was given" }
    let lines = String(cString: text).split(whereSeparator: \.isNewline).map { line in
      String(line.drop { $0 == " " || $0 == "\t" })
    }
    return lines.isEmpty ? "no reason was given" : lines.joined(separator: "; ")
  }
}
