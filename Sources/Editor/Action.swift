/// One thing that a key can do. What it is called and which keys do it stands in ``Keymap``.
package enum Action: Hashable, Sendable {
  case left, right, up, down
  case hourLeft, hourRight, previousEdge, nextEdge, dayStart, dayEnd, now
  case pageUp, pageDown, first, last
  case toggle, allow, deny, penAllow, penDeny
  case selectBlock, selectDays, escape
  case invert, copyDay, pasteDay, pasteMany
  case scope, giveBack
  case editDay, commandLine
  case undo, redo, save
  case hold
  case timeZone, rate, switchActive, schedules, revisions
  case zoomIn, zoomOut, previousWeek, nextWeek, overlay
  case switchPane, find, findNext, findPrevious, explain, warnings
  case previousPhone, nextPhone
  case open, openMessage, retryAll, mark, markAll
  case addPhone, editPhone, removePhone, importFile, sample, findMessage
  case columns, sort, reverseOrder
  case help, redraw, suspend, back
}

/// Where keys are pressed.
package enum Pane: Hashable, Sendable, CaseIterable {
  case phones, grid, forecast

  /// As a person would say where he is.
  var name: String {
    switch self {
    case .phones: "the phone list"
    case .grid: "the grid"
    case .forecast: "the forecast"
    }
  }
}
