import Canvas
import Scheduling

/// Why something is as it is, and what could be done about it: lines to be read, and a digit for each proposal.
struct Advice: Modal {
  private var box: ReadingBox
  private let proposals: [Proposal]
  /// The message that it is about; nil for the queue as a whole.
  private let message: QueueIndex?

  /// `lines` say what is; `heading` stands over the proposals.
  init(
    title: String, lines: [ReadingBox.Line], heading: String, proposals: [Proposal], message: QueueIndex?,
    moment: (Instant) -> String
  ) {
    var lines = lines
    if !proposals.isEmpty {
      lines += [ReadingBox.Line(text: ""), ReadingBox.Line(text: heading, role: .dim)]
    }
    for (index, proposal) in proposals.prefix(9).enumerated() {
      lines.append(
        ReadingBox.Line(
          key: String(index + 1), text: "\(proposal.words.capitalisedFirst): \(moment(proposal.at))"))
    }
    box = ReadingBox(title: title, lines: lines)
    self.proposals = Array(proposals.prefix(9))
    self.message = message
  }

  mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    if case .character(let character) = key, let digit = character.wholeNumberValue, digit > 0 {
      guard proposals.indices.contains(digit - 1) else { return .stays }
      editor.week?.take(proposals[digit - 1], for: message, &editor.context)
      return .closes
    }
    return box.press(key, editor.size) ? .stays : .closes
  }

  func draw(on canvas: inout Canvas, _ context: Context) {
    let keys = proposals.count > 1 ? "1-\(proposals.count)" : "1"
    let take = proposals.isEmpty || context.settings.isReadOnly ? [] : [Hint(keys, "try it")]
    box.draw(footer: take + [Hint("Esc", "close")], on: &canvas, context)
  }
}
