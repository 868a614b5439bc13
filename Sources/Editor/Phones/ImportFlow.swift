import Canvas

/// What the editor has to know of files: their names.
package protocol FileNames: Sendable {
  /// The paths that begin with a text, directories with a slash at their end; in order.
  func completions(of path: String) -> [String]
}

/// How far the import of a file is.
package struct ImportStep: LongStep, Equatable {
  package enum Stage: Equatable, Sendable {
    /// So many of its bytes are read.
    case reading(Int, of: Int)
    /// Another import is under way.
    case waiting
    /// It has taken place: so many of its messages stand in their queues.
    case queued(Int, of: Int)

    /// Whether nothing is changed yet.
    var canBeStopped: Bool { if case .queued = self { false } else { true } }
  }

  package var path: String
  package var isDryRun: Bool
  package var stage: Stage

  package init(path: String, isDryRun: Bool, stage: Stage) {
    (self.path, self.isDryRun, self.stage) = (path, isDryRun, stage)
  }

  var title: String { "\(isDryRun ? "Checking" : "Importing") \(harmless(path))" }
  var stop: Effect? { stage.canBeStopped ? .endImport : nil }
  var remark: String? {
    stage.canBeStopped ? "All of it is imported, or nothing." : "It has taken place; the rest follows."
  }

  /// `25 % read: 30 of 120 MB`.
  func words(_ glyphs: Glyphs) -> String {
    switch stage {
    case .reading(let read, let size):
      if read >= size { return "All of it is read; checking what is new \(glyphs.ellipsis)" }
      let megabytes = { (bytes: Int) in Words.count((bytes + 500_000) / 1_000_000) }
      return "\(read * 100 / size) % read: \(megabytes(read)) of \(megabytes(size)) MB"
    case .waiting: return "Waiting for another import \(glyphs.ellipsis)"
    case .queued(let count, let all): return "\(Words.count(count)) of \(Words.count(all, "message")) queued"
    }
  }
}

/// Importing a file from the list: its path, what it would do, then doing it.
enum ImportFlow {
  static func prompt(_ context: Context, path: String = "") -> Prompt {
    let files = context.settings.files
    var prompt = Prompt(
      "Import file: ", text: path,
      hints: [Hint("Tab", "completes"), Hint("", "bundle, API answer or CSV")]
    ) { text, editor throws(Problem) in try look(at: text, &editor.context) }
    prompt.follows.complete = { text, _ in files?.completions(of: text) ?? [] }
    return prompt
  }

  /// Asks what a file would do.
  static func look(at text: String, _ context: inout Context) throws(Problem) {
    guard !context.refusesToEdit() else { return }
    let path = text.trimmingBlanks
    guard !path.isEmpty else { throw Problem("expected the path of a file") }
    context.say(.info, "Checking \(harmless(path)) \(context.glyphs.ellipsis)")
    context.perform(.importFile(path: path, isDryRun: true))
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
