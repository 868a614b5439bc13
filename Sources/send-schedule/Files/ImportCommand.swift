import ArgumentParser
import Formats
import Glibc
import Scheduling
import Storage
import TimeZones

struct ImportCommand: Command {
  static let configuration = CommandConfiguration.command(
    "import", "Import phones, schedules and messages, all or nothing.",
    discussion: """
      Reads bundles as `export` prints them, answers of httpSMS's API for phones, send schedules and messages, \
      and httpSMS's bulk CSV (FromPhoneNumber, ToPhoneNumber, Content, SendTime(optional), and as one likes Exact \
      and ExpiresAt) with commas, semicolons or tabs, in UTF-8 or UTF-16; told apart by what is in them. Several \
      files are one import, in whatever order. Known records are brought up to date; importing the same again \
      changes nothing. A row of CSV without a SendTime is known for seven days. Local times in CSV are on the clock of the phone's schedule: one that a \
      clock change skips counts as if it had not, one that is repeated is the first of the two.
      """)
  static let examples = ["import gateway.json", "import messages.csv --dry-run", "import - < messages.csv"]
  @Argument(help: ArgumentHelp("Files; - is standard input.", valueName: "file")) var files: [String]
  @Flag(help: "Check everything and say what would happen, but change nothing.") var dryRun = false
  @Flag(help: "Queue rows of CSV even if the same ones came before.") var again = false
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let watch = ImportWatch()
    let inputs = try files.map { try ImportInput(path: $0, monitor: watch.advance) }
    let size = inputs.reduce(0) { $0 + $1.size }
    watch.begin("reading", size: size)
    let contents = try ImportFiles(inputs)
    watch.begin("importing", size: size)
    let place = try shared.plain.place
    let isNew = !dryRun && Store.isMissing(place)
    if isNew { try Surroundings.makeOwnDirectory(option: shared.database) }
    let summary = try Store.importFiles(
      contents, intoFile: place,
      ImportOptions(stamp: shared.stamp, isDryRun: dryRun, isAgain: again),
      zones: TimeZoneDatabase.system, progress: watch.note)
    watch.end()
    if isNew { Output.announceNew(place) }
    if shared.json { return try Output.shared.json { summary.json(&$0) } }
    if dryRun { try Output.shared.line("dry run: nothing was changed; it would be") }
    for line in summary.lines { try Output.shared.line(line) }
  }
}

/// Watches over an import: shows how far it is, on a terminal only, and ends it at a signal.
///
/// The first SIGINT, SIGTERM or SIGHUP ends the import in good order, with nothing changed; a second one
/// ends the process, which comes to the same for the database.
final class ImportWatch {
  private let isTerminal = isatty(2) != 0
  private var title = ""
  private var size = 0
  private var done = 0
  private var shown: Instant = 0

  init() { StopSignal.watch() }

  /// Begins a part of the work, over so many bytes.
  func begin(_ title: String, size: Int) {
    self.title = title
    self.size = size
    done = 0
  }

  /// Notes that bytes were read; throws ``Failure`` once a signal came.
  func advance(_ bytes: Int) throws {
    done += bytes
    if let signal = StopSignal.received {
      end()
      throw Failure(code: 128 + signal, "interrupted; nothing was changed")
    }
    if size > 0 { show("\(title) \(min(100, done * 100 / size)) %") }
  }

  private func show(_ text: String) {
    guard isTerminal else { return }
    let now = Moment.present()
    guard now - shown >= 100 else { return }
    shown = now
    print("\r\u{1B}[K\(text)")
  }

  /// Notes how far it is once its files are read; throws ``Failure`` while nothing was changed and a signal came.
  func note(_ progress: ImportProgress) throws {
    switch progress {
    case .waiting:
      try advance(0)
      show("waiting for another import")
    case .queued(let count, let all): show("queueing \(count * 100 / max(1, all)) %")
    }
  }

  /// Takes the progress off the screen.
  func end() {
    if isTerminal, shown > 0 { print("\r\u{1B}[K") }
    shown = 0
  }

  private func print(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }
}
