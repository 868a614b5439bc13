import ArgumentParser
import Effects
import Glibc
import Scheduling
import Storage
import TimeZones

/// `send-schedule demo`: the editor on a sample gateway.
struct DemoCommand: Command {
  static let configuration = CommandConfiguration.command(
    "demo", "Open the editor on a sample gateway, in a database of its own.",
    discussion: """
      Without --database the sample is made afresh in a temporary folder and gone when the editor is left. \
      With --database FILE it is made there, where no file may be yet, and kept. The real database is not touched.
      """)
  static let examples = ["demo", "demo --database /tmp/sample.sqlite --no-edit"]

  @Argument(help: "A phone of the sample; without one the list of phones.")
  var phone: String?

  @Option(help: ArgumentHelp("Make the sample in this file, and keep it.", valueName: "file"))
  var database: String?

  @Flag(help: "Make the sample, and do not open the editor.")
  var noEdit = false

  @Flag(help: "Draw in plain ASCII.")
  var ascii = false

  @Flag(help: "Take clicks, drags and the wheel of the mouse.")
  var mouse = false

  @Option(
    help: ArgumentHelp("Let the clock stand still at this moment.", valueName: "time"),
    transform: Moment.parse)
  var now: Instant?

  func validate() throws {
    if noEdit, database == nil {
      throw ValidationError("--no-edit needs --database FILE, to keep what it makes")
    }
  }

  func run() throws {
    guard let database else {
      return try SampleGateway.temporary(now: now ?? Moment.present()) { store, wait in
        try edit(store, wait, name: "a sample, gone when it is left")
      }
    }
    if access(database, F_OK) == 0 { throw StoreError.alreadyExists(path: database) }
    let wait = LockWait()
    let store = try Store.open(database, for: .create, zones: TimeZoneDatabase.system, wait: wait)
    guard try store.phones().isEmpty else { throw StoreError.alreadyExists(path: store.path) }
    try SampleGateway(now: now ?? Moment.present()).fill(store)
    if noEdit {
      let word = ShellWord.quoted(store.path)
      print("\(store.path): a sample gateway; open it with: send-schedule edit --database \(word)")
    } else {
      try edit(store, wait, name: nil)
    }
  }

  private func edit(_ store: Store, _ wait: LockWait, name: String?) throws {
    let phoneID = try phone.map { try store.phone(named: $0).id }
    let options = EditorOptions(isASCII: ascii, hasMouse: mouse, databaseName: name, fixedNow: now)
    try EditSession(store: store, wait: wait, phoneID: phoneID, options: options).run()
  }
}

extension SampleGateway {
  /// Hands a sample in a database of its own to `body`; it is gone afterwards.
  static func temporary<T>(now: Instant, _ body: (Store, LockWait) throws -> T) throws -> T {
    let path = try temporaryPath()
    defer { removeFolder(PathName.parent(of: path)) }
    let wait = LockWait()
    let store = try Store.open(path, for: .create, zones: TimeZoneDatabase.system, wait: wait)
    try SampleGateway(now: now).fill(store)
    return try body(store, wait)
  }

  private static func removeFolder(_ folder: String) {
    for name in PathName.names(in: folder) { unlink(folder + "/" + name) }
    rmdir(folder)
  }

  private static func temporaryPath() throws -> String {
    let folder = Surroundings.variable("TMPDIR") ?? "/tmp"
    var template = Array((folder + "/send-schedule-demo-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw StoreError.cannotCreate(path: folder, reason: String(cString: strerror(errno)))
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/demo.sqlite"
  }
}
