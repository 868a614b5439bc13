import Canvas
import Scheduling

/// What lies over the screen and takes the keys.
package enum Modal: Equatable, Sendable {
  case prompt(Prompt)
  case picker(Picker)
  case question(Question)
  case help(scroll: Int)
  case explanation([String])
  case revisions(RevisionList)
}

/// A line of text being typed.
package struct Prompt: Equatable, Sendable {
  package enum Purpose: Equatable, Sendable {
    case dayText(row: Int)
    case command
    case rate
    case nameForSave(AfterSave, copy: Bool)
    case newSchedule
    case duplicate(id: String)
    case rename(id: String)
    case filterPhones
    case findMessage
  }

  package var purpose: Purpose
  package var label: String
  package var text: [Character]
  package var cursor: Int
  package var problem: String?

  package init(_ purpose: Purpose, label: String, text: String = "") {
    self.purpose = purpose
    self.label = label
    self.text = Array(text)
    cursor = self.text.count
  }

  package var string: String { String(text) }

  /// Takes a key; false if it is none of a text line's.
  package mutating func edit(_ key: Key) -> Bool {
    switch key {
    case .character(let character): insert([character])
    case .left, .control("b"): cursor = max(0, cursor - 1)
    case .right, .control("f"): cursor = min(text.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = text.count
    case .backspace, .control("h"): remove(from: cursor - 1)
    case .delete, .control("d"): remove(from: cursor)
    case .control("u"):
      text.removeFirst(cursor)
      cursor = 0
    case .control("k"): text.removeSubrange(cursor...)
    case .control("w"):
      let start = text[..<cursor].dropLast { $0 == " " }.dropLast { $0 != " " }.endIndex
      text.removeSubrange(start..<cursor)
      cursor = start
    default: return false
    }
    problem = nil
    return true
  }

  package mutating func insert(_ characters: [Character]) {
    let room = max(0, 2000 - text.count)
    let characters = characters.prefix(room)
    text.insert(contentsOf: characters, at: cursor)
    cursor += characters.count
    problem = nil
  }

  private mutating func remove(from index: Int) {
    guard text.indices.contains(index) else { return }
    text.remove(at: index)
    cursor = index
  }
}

extension ArraySlice<Character> {
  fileprivate func dropLast(while matches: (Character) -> Bool) -> ArraySlice<Character> {
    var slice = self
    while let last = slice.last, matches(last) { slice.removeLast() }
    return slice
  }
}

/// A list to choose from, filtered by typing or after `/`.
package struct Picker: Equatable, Sendable {
  package enum Purpose: Equatable, Sendable {
    case timeZone
    /// For the phone that is open, or for phones marked in the list.
    case schedule(phoneIDs: [String])
  }

  package struct Item: Equatable, Sendable {
    package var id: String
    package var title: String
    package var detail: String
  }

  package var purpose: Purpose
  package var title: String
  package var items: [Item]
  package var filter = ""
  /// Whether keys go into the filter.
  package var isFiltering: Bool
  /// The place in ``visible``.
  package var selected = 0

  package var visible: [Item] {
    if filter.isEmpty { return items }
    let words = filter.lowercased().replacing("_", with: " ").split(separator: " ")
    let matching = items.filter { item in
      let text = (item.title + " " + item.detail).lowercased().replacing("_", with: " ")
      return words.allSatisfy { text.contains($0) }
    }
    // Names of which a part begins so come first: “tok” means Asia/Tokyo before Antarctica/Vostok.
    let isNear = { (item: Item) in
      item.title.lowercased().replacing("_", with: " ").split { "/ ".contains($0) }
        .contains { part in words.first.map { part.hasPrefix($0) } ?? false }
    }
    return matching.filter(isNear) + matching.filter { !isNear($0) }
  }

  package var chosen: Item? {
    let visible = visible
    return visible.indices.contains(selected) ? visible[selected] : nil
  }

  package mutating func move(_ step: Int) {
    selected = min(max(0, selected + step), max(0, visible.count - 1))
  }
}

/// A question with a few answers, each on a key; Esc is always one and changes nothing.
package struct Question: Equatable, Sendable {
  package enum Answer: Equatable, Sendable {
    case save(AfterSave)
    case saveForAll(AfterSave)
    case saveCopy(AfterSave)
    case discard(AfterSave)
    case delete(id: String)
    case attach(scheduleID: String?, phoneIDs: [String])
    case paste(days: [Int])
    case open(phoneID: String)
    case continueDraft, compareDraft, discardDraft
    case mine, theirs
    case cancel
  }

  package struct Option: Equatable, Sendable {
    package var key: Character
    package var label: String
    package var answer: Answer
  }

  package var title: String
  package var lines: [String]
  package var options: [Option]
}

/// What comes after unsaved work is saved or given up.
package enum AfterSave: Equatable, Sendable {
  case stay, phones, quit
  case open(phoneID: String)
}

/// The saved states of a schedule, the newest first, and which one is looked at.
package struct RevisionList: Equatable, Sendable {
  package var rows: [RevisionRow]
  package var selected = 0
}
