import Scheduling

/// The phones of an import's messages, in the table `import_owner`.
struct ImportOwners {
  private let session: any Session

  init(_ session: any Session) { self.session = session }

  /// Gives the messages their numbers before the import's own transaction, so that it has to lock the phones only at
  /// its end. Numbers of an import that fails are not used.
  ///
  /// An import that brings phones finds them only in its transaction.
  func reserve(for stage: ImportStage) throws {
    guard session.dialect == .postgresql, stage.phones.isEmpty else { return }
    try session.lock("number IN (SELECT phone_number FROM import_owner)", [])
    try fill(isReserved: true)
    try session.run(
      """
      UPDATE phone SET last_number = phone.last_number + s.count
      FROM (SELECT o.phone_key, max(i.number) AS count FROM import_message i JOIN import_owner o ON o.owner = i.owner
        GROUP BY o.phone_key) AS s
      WHERE phone.key = s.phone_key
      """)
  }

  /// Finds the phones that have no numbers yet; throws ``ImportStage/Outdated`` if one that has is gone.
  func find() throws {
    if session.dialect == .postgresql {
      // They must not be removed now.
      let known = "SELECT phone_key FROM import_owner WHERE is_reserved = 1"
      let rows = try session.all("SELECT key FROM phone WHERE key IN (\(known)) FOR KEY SHARE") {
        $0.integer(0)
      }
      let gone = """
        SELECT 1 FROM import_owner o LEFT JOIN phone p ON p.key = o.phone_key AND p.number = o.phone_number
        WHERE o.is_reserved = 1 AND p.key IS NULL LIMIT 1
        """
      if try !rows.isEmpty || session.exists(known), try session.exists(gone) { throw ImportStage.Outdated() }
      try session.lock(
        "number IN (SELECT phone_number FROM import_owner WHERE coalesce(is_reserved, 0) = 0)", [])
    }
    try fill(isReserved: false)
  }

  private func fill(isReserved: Bool) throws {
    try session.run(
      """
      UPDATE import_owner SET phone_key = p.key, last_number = p.last_number,
        max_send_attempts = p.max_send_attempts, is_reserved = ?1
      FROM phone p WHERE p.number = import_owner.phone_number AND coalesce(import_owner.is_reserved, 0) = 0
      """, [.bool(isReserved)])
  }
}
