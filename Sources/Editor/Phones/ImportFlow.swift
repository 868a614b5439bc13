import Canvas

/// What the editor has to know of files: their names.
package protocol FileNames: Sendable {
  /// The paths that begin with a text, directories with a slash at their end; in order.
  func completions(of path: String) -> [String]
}

/// Importing a file from the list: its path, what it would do, then doing it.
enum ImportFlow {
  static func prompt(_ context: Context, path: String = "") -> Prompt {
    let files = context.settings.files
    var prompt = Prompt(
      "Import file: ", text: path,
      hints: [Hint("Tab", "completes"), Hint("", "bundle, API answer or CSV")]
    ) { text, editor throws(Problem) in
      let path = text.trimmingBlanks
      guard !path.isEmpty else { throw Problem("expected the path of a file") }
      editor.context.say(.info, "Looking at \(harmless(path)) …")
      editor.context.perform(.importFile(path: path, isDryRun: true))
    }
    prompt.follows.complete = { text, _ in files?.completions(of: text) ?? [] }
    return prompt
  }

  /// What the file would do.
  static func question(path: String, lines: [String]) -> Question {
    Question(
      "Import \(path)?", lines: lines + ["", "All of it, or nothing."],
      Question.Option("y", "import it") {
        $0.context.say(.info, "Importing \(harmless(path)) …")
        $0.context.perform(.importFile(path: path, isDryRun: false))
      },
      Question.Option("o", "another file") { $0.context.present(prompt($0.context, path: path)) })
  }
}
