import Editor
import Scheduling
import Storage

/// A search for a text in the messages of all phones, and how far it is.
package struct FleetSearch: Sendable {
  fileprivate let text: String
  fileprivate var phones: ArraySlice<Phone>
  fileprivate var found = 0

  /// Whether there is nothing left to look at, or enough was found.
  package fileprivate(set) var isOver = false
}

extension EffectPerformer {
  /// The most messages that are shown of a search over all phones.
  static let mostFound = 10_000

  package func beginSearch(_ text: String) throws -> FleetSearch {
    FleetSearch(text: text, phones: try store.phones()[...])
  }

  /// Goes on with a search for some milliseconds, phone by phone, so that others come in between; says what was found.
  package func goOn(_ search: inout FleetSearch, milliseconds: Duration, _ call: Call) throws {
    // The time that is given may stand still.
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    var rows: [FoundMessageRow] = []
    repeat {
      guard let phone = search.phones.popFirst() else { break }
      let room = Self.mostFound - search.found - rows.count
      rows += try found(search.text, of: phone, atMost: room, call)
    } while call.isWanted() && search.found + rows.count < Self.mostFound && ContinuousClock.now < end
    guard call.isWanted() else { throw StoreError.interrupted }
    search.found += rows.count
    let isFull = search.found >= Self.mostFound
    search.isOver = isFull || search.phones.isEmpty
    call.post(
      .messagesFound(
        text: search.text, rows, isFull ? .full : search.phones.isEmpty ? .complete : .underWay))
  }

  private func found(_ text: String, of phone: Phone, atMost most: Int, _ call: Call) throws
    -> [FoundMessageRow]
  {
    var found: [FoundMessage] = []
    try store.findMessages(containing: text, of: phone.id) { message in
      found.append(message)
      return found.count < most && call.isWanted()
    }
    let contents = try store.messages(keys: found.map(\.key)).mapValues(\.content)
    return found.map {
      FoundMessageRow(
        key: $0.key, id: $0.id, phoneID: phone.id, number: phone.number, label: phone.label,
        contact: $0.contact, content: contents[$0.key] ?? "", status: $0.status)
    }
  }
}
