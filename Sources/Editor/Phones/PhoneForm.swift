import Canvas
import Scheduling

/// The settings of a new phone, of one that is there, or of several at once: a field a line.
///
/// Of several phones only what is filled in is changed.
struct PhoneForm: Modal {
  private enum Name: String {
    case number = "Number"
    case label = "Label"
    case sim = "SIM"
    case rate = "Per min"
    case perDay = "Per day"
    case schedule = "Schedule"
    case attempts = "Attempts"
    case retryDelay = "Retry in"
    case pause = "Pause at"
  }

  private struct Field: Sendable {
    var name: Name
    var value: Value
    var hint = ""
  }

  private enum Value: Sendable {
    case text(TextLine)
    case choice(Choice)
  }

  /// The phones that are changed; none for a new one.
  private let phones: [Phone]
  private var fields: [Field]
  private var selected = 0
  private var problem: String?

  private static let noLimit = "0: no limit"

  /// For a new phone.
  init(_ context: Context) {
    phones = []
    fields = [
      Field(name: .number, value: .text(TextLine()), hint: "such as +15550100100"),
      Field(name: .label, value: .text(TextLine()), hint: "a name for people"),
    ]
    addSettings(of: Phone(id: "", number: ""), context)
  }

  init(changing phones: [Phone], _ context: Context) {
    self.phones = phones
    fields = []
    if phones.count == 1 {
      fields = [
        Field(name: .number, value: .text(TextLine(phones[0].number))),
        Field(name: .label, value: .text(TextLine(phones[0].label)), hint: "a name for people"),
      ]
      selected = 1
    }
    addSettings(of: phones.count == 1 ? phones[0] : nil, context)
    select(selected)
  }

  /// What also several phones can be given; nil leaves the fields empty.
  private mutating func addSettings(of phone: Phone?, _ context: Context) {
    let number = { (value: Int?) in Value.text(TextLine(value.map(String.init) ?? "")) }
    let schedules = context.gateway?.schedules ?? []
    let choices =
      [(id: "", title: "none: sends at any time")] + schedules.map { (id: $0.id, title: $0.content.name) }
    fields += [
      Field(
        name: .sim,
        value: .choice(
          Choice(SIM.allCases.map { (id: $0.rawValue, title: $0.rawValue) }, selected: phone?.sim.rawValue))),
      Field(name: .rate, value: number(phone?.messagesPerMinute), hint: Self.noLimit),
      Field(name: .perDay, value: number(phone?.messagesPerDay), hint: Self.noLimit),
      Field(name: .schedule, value: .choice(Choice(choices, selected: phone.map { $0.scheduleID ?? "" }))),
      Field(
        name: .attempts, value: number(phone?.maxSendAttempts), hint: "then the message has failed"),
      Field(
        name: .retryDelay,
        value: .text(
          TextLine(phone.map { DurationNotation.text(Duration($0.retryDelaySeconds) * .second) } ?? "")),
        hint: "after a failed attempt; doubles each time"),
      Field(
        name: .pause, value: number(phone?.pauseAfterFailures), hint: "so many failures in a row; 0: never"),
    ]
  }

  // MARK: Keys

  mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    switch key {
    case .escape, .control("c"), .control("g"): return .closes
    case .enter: return take(&editor)
    case .up, .backtab: select((selected + fields.count - 1) % fields.count)
    case .down, .tab: select((selected + 1) % fields.count)
    default:
      problem = nil
      switch fields[selected].value {
      case .text(var line):
        _ = line.edit(key)
        fields[selected].value = .text(line)
      case .choice(var choice):
        choice.press(key)
        fields[selected].value = .choice(choice)
      }
    }
    return .stays
  }

  /// What stands in a field is a proposal when one comes to it: the first character typed replaces it.
  private mutating func select(_ index: Int) {
    if case .text(let line) = fields[selected].value { fields[selected].value = .text(TextLine(line.string)) }
    selected = index
    if case .text(let line) = fields[index].value {
      fields[index].value = .text(TextLine(line.string, isOffered: true))
    }
  }

  mutating func paste(_ text: String, _ editor: inout Editor) -> Bool {
    guard case .text(var line) = fields[selected].value else { return false }
    line.insert(Array(text))
    fields[selected].value = .text(line)
    return true
  }

  private mutating func take(_ editor: inout Editor) -> ModalStay {
    do throws(Problem) {
      if phones.isEmpty {
        let phone = try changed(Phone(id: "", number: ""), editor.context)
        editor.context.perform(
          .changePhones(PhoneStep("\(phone.number) added", [PhoneChange(before: nil, after: phone)]), .done))
        return .closes
      }
      var changes: [PhoneChange] = []
      for phone in phones {
        let after = try changed(phone, editor.context)
        if after != phone { changes.append(PhoneChange(before: phone, after: after)) }
      }
      guard !changes.isEmpty else {
        editor.context.say(.info, "Nothing was changed")
        return .closes
      }
      let words =
        changes.count == 1
        ? "\(changes[0].after?.number ?? "") changed" : "\(Words.count(changes.count)) phones changed"
      editor.context.perform(.changePhones(PhoneStep(words, changes), .done))
      return .closes
    } catch {
      problem = error.text
      return .stays
    }
  }

  // MARK: Reading the fields

  /// A phone with what the fields say; moves to the field that says nothing sensible.
  private mutating func changed(_ phone: Phone, _ context: Context) throws(Problem) -> Phone {
    var phone = phone
    for (index, field) in fields.enumerated() {
      do throws(Problem) {
        try read(field, into: &phone, context)
      } catch {
        select(index)
        throw error
      }
    }
    return phone
  }

  private func read(_ field: Field, into phone: inout Phone, _ context: Context) throws(Problem) {
    switch (field.name, field.value) {
    case (.number, .text(let line)): phone.number = try context.phoneNumber(line.string, except: phone.id)
    case (.label, .text(let line)):
      phone.label = line.string.trimmingBlanks
      guard NameRule.acceptsLabel(phone.label) else { throw Problem("expected \(NameRule.expectedLabel)") }
    case (.rate, .text(let line)):
      if let rate = try count(line.string, "messages a minute, 0 for no limit") {
        phone.messagesPerMinute = rate
      }
    case (.perDay, .text(let line)):
      if let limit = try count(line.string, "messages a day, 0 for no limit") {
        phone.messagesPerDay = limit
      }
    case (.attempts, .text(let line)):
      if let attempts = try count(line.string, "1 to 1000 attempts", in: Phone.attempts) {
        phone.maxSendAttempts = attempts
      }
    case (.retryDelay, .text(let line)):
      if let delay = try retryDelay(line.string) { phone.retryDelaySeconds = delay }
    case (.pause, .text(let line)):
      if let failures = try count(
        line.string, "a number of failures in a row, 0 for never", in: Phone.pauses)
      {
        phone.pauseAfterFailures = failures
      }
    case (.sim, .choice(let choice)):
      if let sim = choice.id.flatMap(SIM.init(rawValue:)) { phone.sim = sim }
    case (.schedule, .choice(let choice)):
      if let id = choice.id { phone.scheduleID = id.isEmpty ? nil : id }
    default: break
    }
  }

  /// Nil if several phones keep what they have.
  private func count(
    _ text: String, _ expected: String, in range: ClosedRange<Int> = 0...Int(Int32.max)
  ) throws(Problem) -> Int? {
    let text = text.trimmingBlanks
    if text.isEmpty, phones.count > 1 { return nil }
    guard let value = Int(text), range.contains(value) else { throw Problem("expected \(expected)") }
    return value
  }

  /// In seconds; nil if several phones keep what they have.
  private func retryDelay(_ text: String) throws(Problem) -> Int? {
    let text = text.trimmingBlanks
    if text.isEmpty, phones.count > 1 { return nil }
    guard let delay = try? DurationNotation.parseSeconds(text),
      Phone.retryDelays.contains(Int(delay / .second))
    else { throw Problem("expected a time of at most an hour, such as 90 s") }
    return Int(delay / .second)
  }

  // MARK: Drawing

  func draw(on canvas: inout Canvas, _ context: Context) {
    let title =
      phones.isEmpty
      ? "New phone"
      : phones.count == 1 ? "Change \(phones[0].number)" : "Change \(Words.count(phones.count)) phones"
    let problems = problem.map { wrapped($0, columns: Self.width - Box.columnsAround) } ?? []
    let footer = [Hint("Tab", "next"), Hint("Enter", phones.isEmpty ? "add" : "save"), Hint("Esc", "cancel")]
    let inside = canvas.openBox(
      title: title, width: Self.width, height: fields.count + problems.count + 1 + Box.linesAround,
      context.glyphs)
    // Where there is not room for all, a problem takes that of the hint, then that of fields.
    let room = inside.height - 1 - problems.count
    let hints = problems.isEmpty || room > fields.count ? 1 : 0
    let visible = max(1, min(fields.count, room - hints))
    let top = max(0, min(selected, fields.count - 1) - visible + 1)
    for (line, field) in fields.dropFirst(top).prefix(visible).enumerated() {
      draw(
        field, isSelected: top + line == selected, row: inside.row + line, in: inside, on: &canvas, context)
    }
    if hints > 0, selected < fields.count {
      canvas.write(
        hint(of: fields[selected]), row: inside.row + visible, column: inside.column + Self.valueColumn,
        style: Style(.hint))
    }
    for (line, text) in problems.enumerated() {
      canvas.write(
        text, row: inside.row + visible + hints + line, column: inside.column, style: Style(.error))
    }
    canvas.drawFooter(footer, in: inside)
  }

  private static let width = 58
  private static let valueColumn = 12

  private func hint(of field: Field) -> String {
    if case .choice = field.value { return "left, right, or type its beginning" }
    if phones.count > 1 { return "empty: unchanged\(field.hint.isEmpty ? "" : "; \(field.hint)")" }
    return field.hint
  }

  private func draw(
    _ field: Field, isSelected: Bool, row: Int, in inside: Rect, on canvas: inout Canvas, _ context: Context
  ) {
    let column = inside.column + Self.valueColumn
    let width = inside.width - Self.valueColumn
    if isSelected {
      canvas.write(context.glyphs.pointer, row: row, column: inside.column, style: Style(.key))
    }
    canvas.write(
      field.name.rawValue, row: row, column: inside.column + 2, style: Style(isSelected ? .key : .hint))
    switch field.value {
    case .text(let line):
      let cursor = line.draw(
        row: row, column: column, width: width - 1, ellipsis: context.glyphs.ellipsis, on: &canvas)
      if isSelected { canvas.cursor = Point(row: row, column: cursor) }
    case .choice(let choice):
      let text = choice.title ?? "unchanged"
      let shown = clipped(
        isSelected ? "\(context.glyphs.arrowLeft) \(text) \(context.glyphs.arrowRight)" : text,
        columns: width, ellipsis: context.glyphs.ellipsis)
      canvas.write(shown, row: row, column: column, style: choice.title == nil ? Style(.dim) : .plain)
      if isSelected { canvas.cursor = Point(row: row, column: column) }
    }
  }
}

/// One of several values, chosen with the arrows or by typing how it begins.
struct Choice: Sendable {
  private let options: [(id: String, title: String)]
  private var index: Int?
  private var typed = ""

  init(_ options: [(id: String, title: String)], selected: String?) {
    self.options = options
    index = selected.flatMap { id in options.firstIndex { $0.id == id } }
  }

  var id: String? { index.map { options[$0].id } }
  var title: String? { index.map { options[$0].title } }

  mutating func press(_ key: Key) {
    switch key {
    case .left: step(-1)
    case .right,
      .character(" ") where typed.isEmpty:
      step(1)
    case .backspace, .delete: typed = String(typed.dropLast())
    case .character(let character): type(character)
    default: break
    }
  }

  private mutating func step(_ step: Int) {
    typed = ""
    guard !options.isEmpty else { return }
    index = index.map { ($0 + step + options.count) % options.count } ?? (step > 0 ? 0 : options.count - 1)
  }

  /// What is typed begins, or else is in, the option that is meant; a letter that fits nothing begins anew.
  private mutating func type(_ character: Character) {
    for text in [typed + String(character), String(character)] {
      let folded = text.lowercased()
      let found =
        options.firstIndex { $0.title.lowercased().hasPrefix(folded) }
        ?? options.firstIndex { $0.title.lowercased().contains(folded) }
      guard let found else { continue }
      (index, typed) = (found, text)
      return
    }
  }
}
