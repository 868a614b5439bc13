import Canvas

/// What an empty database shows: the ways to begin.
extension PhonesScreen {
  func drawBeginning(on canvas: inout Canvas, _ context: Context) {
    var row = Self.firstRow + 1
    let isReadOnly = context.settings.isReadOnly
    canvas.write(
      isReadOnly ? "No phone yet, and this database may only be read here." : "No phone yet. Begin with:",
      row: row, column: 3, style: Style(.strong))
    row += 2
    let ways: [(key: String, words: String)] =
      (isReadOnly
        ? []
        : [
          ("n", "add a phone"), ("i", "import phones, schedules and messages from a file"),
          ("S", "make a schedule"),
        ]) + [("I", "look at a sample gateway, in a database of its own")]
    for way in ways {
      canvas.write(way.key, row: row, column: 5, style: Style(.key))
      canvas.write(way.words, row: row, column: 9)
      row += 1
    }
    guard !isReadOnly else { return }
    let commands = ["phones add +15550100100 --label Desk", "import FILE"].map { command(for: $0, context) }
    let last = context.size.height - Self.rowsBelow - 1
    let isWhole = commands.joined().allSatisfy { columns(of: $0) <= context.size.width - 6 }
    guard isWhole, row + 1 + commands.joined().count <= last else { return }
    canvas.write("The same from a shell:", row: row + 1, column: 3, style: Style(.dim))
    row += 2
    for line in commands.joined() {
      canvas.write(line, row: row, column: 5, style: Style(.dim))
      row += 1
    }
  }

  /// A command as it works from a shell, on two lines if it does not fit on one.
  private func command(for text: String, _ context: Context) -> [String] {
    let database = context.settings.databaseOption
    let command = "send-schedule \(text)"
    if database.isEmpty { return [command] }
    let whole = "\(command) \(database)"
    return columns(of: whole) <= context.size.width - 6 ? [whole] : ["\(command) \\", "  \(database)"]
  }
}
