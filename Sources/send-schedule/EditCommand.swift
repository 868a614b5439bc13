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
    let store = try Store.open(
      Surroundings.databasePath(option: database), for: readOnly ? .read : .edit,
      zones: TimeZoneDatabase.system)
    let phoneID = try phone.map { try store.phone(named: $0).id }
    let options = EditorOptions(
      isReadOnly: readOnly || !store.isWritable, isASCII: ascii, hasMouse: mouse, fixedNow: now)
    try EditSession(store: store, phoneID: phoneID, options: options).run()
  }
}

/// How the editor was asked to run.
struct EditorOptions {
  var isReadOnly = false
  var isASCII = false
  var hasMouse = false
  /// The clock stands still at this moment; nil for the real time.
  var fixedNow: Instant?
}
