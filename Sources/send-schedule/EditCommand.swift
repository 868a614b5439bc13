import ArgumentParser
import Canvas
import Editor
import Glibc
import Scheduling
import Storage
import Terminal
import TimeZones

/// `send-schedule edit`: the editor.
struct EditCommand: Command {
  static let configuration = CommandConfiguration.command(
    "edit", "Open the editor, in the list of phones or in one phone's week.")
  static let examples = ["edit", "edit +18005550199", "edit --read-only --ascii"]

  @Argument(help: "A phone, by number or id; without one the list of phones.")
  var phone: String?

  @Flag(help: "Look only: nothing can be changed, no file is made.")
  var readOnly = false

  @Flag(help: "Draw in plain ASCII.")
  var ascii = false

  @Flag(help: "Take clicks, drags and the wheel of the mouse.")
  var mouse = false

  @Option(help: ArgumentHelp("The database; see the other commands.", valueName: "file"))
  var database: String?

  @Option(
    help: ArgumentHelp("Let the clock stand still at this moment.", valueName: "time"),
    transform: Moment.parse)
  var now: Instant?

  func run() throws {
    let path = try Surroundings.databasePath(option: database)
    if !readOnly { try askIfMissing(path) }
    let wait = LockWait()
    let store = try open(path, wait)
    let phoneID = try phone.map { try store.phone(named: $0).id }
    let options = EditorOptions(
      isReadOnly: readOnly || !store.isWritable, mayWrite: readOnly || store.isWritable, isASCII: ascii,
      hasMouse: mouse, fixedNow: now)
    try EditSession(store: store, wait: wait, phoneID: phoneID, options: options).run()
  }

  private func open(_ path: String, _ wait: LockWait) throws -> Store {
    do {
      return try Store.open(
        path, for: readOnly ? .read : .edit, zones: TimeZoneDatabase.system, wait: wait)
    } catch let error as StoreError {
      guard case .diskFull = error, !readOnly else { throw error }
      throw Failure(code: error.exitCode, error.description, hint: "With --read-only it can be looked at.")
    }
  }

  /// A path may be mistyped: nothing is made at one without asking.
  private func askIfMissing(_ path: String) throws {
    var status = stat()
    guard !Store.isOnServer(path), lstat(path, &status) != 0, errno == ENOENT else { return }
    // A phone that is named is in a database that is there.
    guard phone == nil, isatty(STDIN_FILENO) != 0, isatty(STDERR_FILENO) != 0 else {
      throw StoreError.missing(path: path)
    }
    Output.ask("There is no database at \(path). Make a new one there? [y/N] ")
    guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
      throw StoreError.missing(path: path)
    }
    try Store.makeDirectories(for: path)
  }
}

/// How the editor was asked to run.
struct EditorOptions: Sendable {
  var isReadOnly = false
  /// Whether the database lets this account write, as far as that was looked at.
  var mayWrite = true
  var isASCII = false
  var hasMouse = false
  /// What stands for the database's place in the editor; nil for its path.
  var databaseName: String?
  var isSample = false
  /// The clock stands still at this moment; nil for the real time.
  var fixedNow: Instant?

  var now: Instant { fixedNow ?? Moment.present() }
}
