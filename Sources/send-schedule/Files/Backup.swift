import ArgumentParser
import Storage

struct Backup: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "backup", "Copy the database to a new file while others work on it.",
    discussion: "The copy is verified. To go back to it, put it in the database's place while nothing runs.")
  static let examples = ["backup /var/backups/send-schedule-$(date +%F).sqlite"]
  @Argument(help: "The file to make; it must not exist.", completion: .file()) var file: String
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    try store.backUp(to: file)
    if shared.json {
      try Output.shared.json {
        $0.raw("{\"backup\":")
        $0.text(file)
        $0.raw("}")
      }
    } else {
      try Output.shared.line("copied to \(file), and verified")
    }
  }
}
