import CSQLite

extension Store {
  /// The version of the SQLite library that is in use, such as `3.46.1`.
  package static var sqliteVersion: String { String(cString: sqlite3_libversion()) }
}
