import Canvas
import Scheduling

/// What a key does, by what has the keyboard: a modal, or a pane.
extension Editor {
  mutating func press(_ key: Key) -> [Effect] {
    // These two work at any time, also while something is typed.
    if key == .control("l") { return [.redraw] }
    if key == .control("z") { return [.suspend] }
    if opening != nil {
      // The keys after the one that opens a phone are meant for that phone.
      if held.count < 200 { held.append(key) }
      return []
    }
    notice = nil
    if isTooSmall {
      // Nothing on the screen can be aimed at, nor a question be read; without unsaved work one may leave.
      return key == .character("q") && modal == nil && week?.isChanged != true ? back() : []
    }
    if modal != nil { return pressInModal(key) }
    guard let action = Keymap.action(for: key, in: pane) else {
      explainIdle(key)
      return []
    }
    return perform(action)
  }

  mutating func paste(_ text: String) -> [Effect] {
    if case .prompt(var prompt) = modal {
      prompt.insert(text.map { $0.isNewline ? " " : $0 })
      modal = .prompt(prompt)
    } else {
      say(.info, "Pasted text is taken only where text is typed")
    }
    return []
  }

  private mutating func explainIdle(_ key: Key) {
    let places = Keymap.panes(for: key).filter { $0 != pane }
    if let place = places.first, let name = key.name {
      say(.info, "\(name) works in \(place.name)\(place == .phones ? "" : ", not here")")
    } else if let name = key.name {
      say(.info, "\(name) does nothing here; ? shows the keys")
    }
  }

  mutating func perform(_ action: Action) -> [Effect] {
    switch action {
    case .help:
      modal = .help(scroll: 0)
      return []
    case .redraw, .suspend: return []
    case .back: return back()
    case .commandLine:
      modal = .prompt(Prompt(.command, label: ":"))
      return []
    default: break
    }
    switch pane {
    case .phones: return performInPhones(action)
    case .grid: return performInGrid(action)
    case .forecast: return performInForecast(action)
    }
  }

  /// `q`: from a phone to the list, from there out.
  mutating func back() -> [Effect] {
    week == nil ? leave(.quit) : leave(.phones)
  }

  /// Leaves the phone that is open, after asking about unsaved work.
  mutating func leave(_ next: AfterSave) -> [Effect] {
    guard let week, week.isChanged else { return follow(next) }
    modal = .question(
      Question(
        title: "Unsaved work", lines: changeLines(),
        options: [
          .init(key: "s", label: "save", answer: .save(next)),
          .init(key: "d", label: "discard", answer: .discard(next)),
        ]))
    return []
  }

  /// Goes where the user wanted to go, now that nothing is unsaved.
  mutating func follow(_ next: AfterSave) -> [Effect] {
    switch next {
    case .stay: return settle()
    case .quit: return [.quit]
    case .phones:
      if let id = week?.phone.id { phones.select(id) }
      week = nil
      return [.loadGateway] + settle()
    case .open(let phoneID):
      phones.select(phoneID)
      return startOpening(phoneID)
    }
  }

  mutating func startOpening(_ phoneID: String) -> [Effect] {
    opening = phoneID
    return [.open(phoneID: phoneID)]
  }
}
