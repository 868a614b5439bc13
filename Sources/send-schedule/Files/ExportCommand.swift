import ArgumentParser
import Formats
import Glibc
import Storage

struct ExportCommand: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "export", "Print everything as a bundle, which `import` reads, or the hours of a phone as a calendar.",
    discussion: """
      Phones, schedules and messages as they are at one moment, an object a line. Of a damaged database it prints \
      all that can be read, says what could not be, and exits with 65. With --ics it prints when one phone may send, \
      five years ahead, as iCalendar for calendar programs.
      """)
  static let examples = [
    "export > gateway.json", "export | gzip > gateway.json.gz", "export --ics +18005550199 > hours.ics",
  ]
  @Option(help: ArgumentHelp("Print the hours of this phone as iCalendar.", valueName: "phone")) var ics:
    String?
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    if let ics { return try printCalendar(of: ics, store) }
    var output = ExportOutput(descriptor: STDOUT_FILENO)
    do {
      let report = try store.export(to: &output)
      for loss in report.losses { Output.complain("send-schedule: \(store.path): \(loss)") }
      if !report.losses.isEmpty {
        throw Failure(code: Failure.badData, "\(store.path): damaged; the rest was exported")
      }
    } catch ExportProblem.closed {
      Glibc.exit(ExportProblem.closed.exitCode)
    }
  }

  private func printCalendar(of phone: String, _ store: Store) throws {
    let now = shared.moment
    let state = try store.state(of: phone, now: now)
    let phone = state.phone
    var calendar = CalendarWriter(
      title: phone.label.isEmpty ? phone.number : "\(phone.number) (\(phone.label))", id: phone.id,
      content: state.schedule?.content, hours: try store.hours(of: phone, with: state.schedule, now: now),
      now: now)
    try Output.shared.write(calendar.bytes())
  }
}
