import Canvas
import Scheduling

/// What a key does, by what has the keyboard: a modal, or a pane.
extension Editor {
  mutating func press(_ key: Key) {
    // These two work at any time, also while something is typed.
    if key == .control("l") { return context.perform(.redraw) }
    if key == .control("z") { return context.perform(.suspend) }
    if keepsForOpening(key) { return }
    context.notice = nil
    if isTooSmall {
      // Nothing on the screen can be aimed at, nor a question be read; without unsaved work one may leave.
      if key == .character("q"), modal == nil, week?.isChanged != true { back() }
    } else if modal != nil {
      pressInModal(key)
    } else if let action = Keymap.action(for: key, in: pane) {
      perform(action)
    } else {
      explainIdle(key)
    }
    attend()
  }

  private mutating func pressInModal(_ key: Key) {
    guard var current = modal else { return }
    // What this one leads to comes before what already waits behind it.
    let waiting = context.modals
    context.modals = []
    modal = nil
    if current.press(key, &self) == .stays { modal = current }
    context.modals += waiting
  }

  mutating func paste(_ text: String) {
    let text = String(text.map { $0.isNewline ? " " : $0 })
    if var current = modal, current.paste(text, &self) {
      modal = current
    } else {
      context.say(.info, "Text can be pasted only where text is typed")
    }
  }

  private mutating func explainIdle(_ key: Key) {
    if pane == .forecast, key == .character("x") {
      return context.say(.info, "Enter opens the message; x cancels it there")
    }
    // First what is on this screen too.
    let places = Keymap.panes(for: key).filter { $0 != pane }.sorted {
      ($0 == .phones) == (pane == .phones) && ($1 == .phones) != (pane == .phones)
    }
    if let place = places.first, let name = key.name {
      context.say(.info, "\(name) works in \(place.name)\(place == .phones ? "" : ", not here")")
    } else if let name = key.name {
      context.say(.info, "\(name) does nothing here; ? shows the keys")
    }
  }

  /// What works everywhere, or concerns more than the screen; the rest is the screen's.
  mutating func perform(_ action: Action) {
    switch action {
    case .help: context.present(Help(pane, context))
    case .redraw: context.perform(.redraw)
    case .suspend: context.perform(.suspend)
    case .back: back()
    case .commandLine: context.present(CommandLine.prompt(self))
    case .previousPhone: openNeighbour(-1)
    case .nextPhone: openNeighbour(1)
    case .findNext where goesOnFinding && goToNextFound(1): break
    case .findPrevious where goesOnFinding && goToNextFound(-1): break
    default:
      if week != nil { week?.perform(action, &context) } else { phones.perform(action, &context) }
    }
  }

  /// Whether the last search was one over all phones: not one in the list or in the queue on the screen.
  private var goesOnFinding: Bool {
    week.map {
      $0.forecast.others == nil ? $0.forecast.found.isEmpty : $0.forecast.others?.found.isEmpty ?? true
    }
      ?? !phones.list.isSearching
  }

  private mutating func openNeighbour(_ step: Int) {
    guard let week, let phone = phones.list.neighbour(of: week.phone.id, step: step) else {
      return context.say(.info, "There is no other phone in the list")
    }
    leave(to: .open(phoneID: phone.id))
  }

  // MARK: The mouse, for those who ask for it: it moves, selects and scrolls; the keys do the rest.

  mutating func point(_ event: MouseEvent) {
    guard modal == nil, !isTooSmall else { return }
    if week != nil { week?.point(event, context) } else { phones.point(event, &context) }
  }
}
