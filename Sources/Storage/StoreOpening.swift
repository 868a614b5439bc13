import Glibc
import Scheduling

extension Store {
  /// Opens the database in the file at `path`, or on the server that a connection string names; `wait` tells of
  /// waiting for those who have a file locked, and ends it.
  package static func open(
    _ path: String, for access: Access, zones: any TimeZoneSource, wait: LockWait = LockWait()
  ) throws -> Store {
    if PostgreSQLEngine.isConnectionString(path) { return try openServer(path, for: access, zones: zones) }
    let path = plain(path)
    let file = StoreFile(path: path)
    switch try file.look() {
    case .deadLink: throw access.mayCreate ? file.cannotFollowLink : .deadLink(path: path)
    case .missing,
      .empty where access.mayCreate:
      guard access.mayCreate else { throw StoreError.missing(path: path) }
      _ = try create(at: path, zones: zones) { _ in }
      return try open(path, for: .write, zones: zones, wait: wait)
    case .empty: throw StoreError.notOurs(path: path, found: "an empty file")
    case .file(let isWritable):
      guard isWritable || access == .read || access == .edit else {
        throw StoreError.noPermission(path: path, to: "write to it")
      }
      return try openFile(path, access: access, isWritable: isWritable, zones: zones, wait)
    }
  }

  /// A store without a file, for tests and for trying things out.
  package static func inMemory(zones: any TimeZoneSource) throws -> Store {
    let connection = try SQLiteConnection(
      file: ":memory:", name: ":memory:", isWritable: true, onlyReads: false, wait: LockWait())
    let engine = SQLiteEngine(connection, name: ":memory:", isAlone: true)
    try engine.write(SQLiteSchema.prepare)
    return Store(engine: engine, path: ":memory:", isWritable: true, zones: zones)
  }

  /// Makes a database at `path` with what `fill` puts into it: all of it, or no file. Nil if somebody else made one
  /// there meanwhile; then nothing of this is kept.
  ///
  /// It is made under another name, so that nobody ever sees half of one, and without a write-ahead log: what is in
  /// the file when it gets its name is everything. A directory that is not there is no place for one: the path
  /// may be mistyped.
  package static func create<T>(
    at path: String, zones: any TimeZoneSource, _ fill: (Store) throws -> T
  ) throws -> T? {
    let path = plain(path)
    try StoreFile(path: path).findParent()
    let file = try TemporaryFile(for: path)
    let connection = try translating(path) {
      try SQLiteConnection(
        file: file.path, name: path, isWritable: true, onlyReads: false, wait: LockWait())
    }
    let engine = SQLiteEngine(connection, name: path, isAlone: true)
    try engine.write(SQLiteSchema.prepare)
    let result = try fill(Store(engine: engine, path: path, isWritable: true, zones: zones))
    try engine.alone { session in _ = try session.text("PRAGMA journal_mode = WAL") }
    try engine.close()
    return try file.move() ? result : nil
  }

  /// Opens the database on a server: makes and migrates the schema where that is wanted, and the role may.
  static func openServer(
    _ conninfo: String, for access: Access, zones: any TimeZoneSource,
    schema: PostgreSQLSchema = PostgreSQLSchema(), identity: String? = nil, isCockroach: Bool = false
  ) throws -> Store {
    let engine = try PostgreSQLEngine(
      conninfo, mayWrite: access != .read, isCockroach: isCockroach, identity: identity,
      isMarked: access == .edit || identity != nil)
    let state = try engine.read(schema.state)
    if state == .fresh, !access.mayCreate { throw StoreError.empty(path: engine.name) }
    if state != .current {
      guard access != .read else { throw StoreError.olderVersion(path: engine.name) }
      do {
        try schema.prepare(engine)
      } catch StoreError.noPermission {
        guard state == .older else {
          throw StoreError.noPermission(path: engine.name, to: "make the schema send_schedule in it")
        }
        throw StoreError.olderVersion(path: engine.name)
      }
    }
    var isWritable = access != .read
    if isWritable, try !schema.mayWrite(engine) {
      guard access == .edit else { throw StoreError.noPermission(path: engine.name, to: "write to it") }
      isWritable = false
    }
    let store = Store(engine: engine, path: engine.name, isWritable: isWritable, zones: zones)
    if isWritable {
      try store.settleLeftImports()
    } else if (try? store.read(PendingImports.isAny)) == true {
      // Who only wants to read, and may write, goes on as well with what was left.
      _ = try? openServer(conninfo, for: .write, zones: zones, schema: schema, isCockroach: isCockroach)
    }
    return store
  }

  /// Does what imports left to do whose processes are gone, where there is room for it.
  private func settleLeftImports() throws {
    do {
      try settleImports()
    } catch StoreError.diskFull, StoreError.inputOutput, StoreError.noPermission {
      // Whoever opens it may be about to make room, or others have to do it.
    }
  }

  /// The same database once more, for work that nothing else is to wait for; what it writes is no news to this one.
  package func reopened(for access: Access, wait: LockWait = LockWait()) throws -> Store {
    guard let engine = engine as? PostgreSQLEngine else {
      return try Store.open(path, for: access, zones: zones, wait: wait)
    }
    return try Store.openServer(
      engine.conninfo, for: access, zones: zones, identity: engine.identity, isCockroach: engine.isCockroach)
  }

  /// Whether a file at this path would be a new one.
  package static func isMissing(_ path: String) -> Bool {
    guard !isOnServer(path), let finding = try? StoreFile(path: plain(path)).look() else { return false }
    return finding == .missing || finding == .empty
  }

  /// Makes the directories that lead to a file, for their owner alone.
  package static func makeDirectories(for path: String) throws {
    if !isOnServer(path) { try StoreFile(path: plain(path)).makeParents() }
  }

  /// Throws a ``StoreError`` if a path leads to this database's own files.
  ///
  /// They must not be opened beside SQLite: closing such a file ends all locks of this process on it (POSIX), and
  /// others then take the database for one that nobody uses.
  package func refuseOwnFiles(_ other: String) throws {
    guard engine.dialect == .sqlite, let identity = FileIdentity(other) else { return }
    let own = ["", "-wal", "-shm", "-journal"].compactMap { FileIdentity(path + $0) }
    if own.contains(identity) { throw StoreError.inUse(path: other) }
  }

  /// Whether a path names a database on a server rather than a file.
  package static func isOnServer(_ path: String) -> Bool { PostgreSQLEngine.isConnectionString(path) }

  /// SQLite reads URIs and names in colons as something else than files.
  private static func plain(_ path: String) -> String {
    path.hasPrefix("file:") || path.hasPrefix(":") ? "./" + path : path
  }

  private static func openFile(
    _ path: String, access: Access, isWritable: Bool, zones: any TimeZoneSource, _ wait: LockWait
  ) throws -> Store {
    try translating(path) {
      let onlyReads = access == .read || !isWritable
      let connection = try SQLiteConnection(
        file: path, name: path, isWritable: isWritable, onlyReads: onlyReads, wait: wait)
      let engine = SQLiteEngine(connection, name: path)
      try prepare(engine, access, mayMigrate: isWritable)
      if isWritable, try engine.alone(PendingImports.isAny) {
        try Store(engine: engine, path: path, isWritable: true, zones: zones).settleLeftImports()
      }
      if access == .read { try engine.alone { _ = try $0.run("PRAGMA query_only = 1") } }
      return Store(engine: engine, path: path, isWritable: !onlyReads, zones: zones)
    }
  }

  private static func translating<T>(_ path: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch {
      throw StoreError.translating(error, path: path)
    }
  }

  /// Makes sure that the file is ours and of this version.
  private static func prepare(_ engine: SQLiteEngine, _ access: Access, mayMigrate: Bool) throws {
    let state = try engine.alone { try SQLiteSchema.state($0) }
    if state == .fresh, !access.mayCreate {
      throw StoreError.notOurs(path: engine.name, found: "an empty database")
    }
    if state != .current {
      guard mayMigrate, access != .read else {
        throw state == .older
          ? StoreError.olderVersion(path: engine.name) : StoreError.readOnly(path: engine.name)
      }
      try migrate(engine)
    }
  }

  /// Brings the file to this version, beside others who may be doing the same.
  private static func migrate(_ engine: SQLiteEngine) throws {
    var tries = 0
    while true {
      do {
        try engine.alone { session in
          if try session.text("PRAGMA journal_mode") != "wal" {
            _ = try session.text("PRAGMA journal_mode = WAL")
          }
        }
        return try engine.write(SQLiteSchema.prepare)
      } catch StoreError.busy where tries < 100 {
        // SQLite does not wait for others where the journal's mode changes.
        tries += 1
        usleep(10_000)
      }
    }
  }
}
