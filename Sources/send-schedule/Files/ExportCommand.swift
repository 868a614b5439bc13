import ArgumentParser
import Glibc
import Storage

struct ExportCommand: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "export", "Print everything as a bundle, which `import` reads.",
    discussion: """
      Phones, schedules and messages as they are at one moment, an object a line. Of a damaged database it prints \
      all that can be read, says what could not be, and exits with 65.
      """)
  static let examples = ["export > gateway.json", "export | gzip > gateway.json.gz"]
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
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
}
