import Canvas
import Scheduling

/// Keys while something lies over the screen.
extension Editor {
  mutating func pressInModal(_ key: Key) -> [Effect] {
    switch modal {
    case .prompt(let prompt): return press(key, in: prompt)
    case .picker(let picker): return press(key, in: picker)
    case .question(let question): return press(key, in: question)
    case .help(let scroll): return scrollHelp(key, scroll)
    case .explanation:
      modal = nil
      return []
    case .revisions(let list): return press(key, in: list)
    case nil: return []
    }
  }

  // MARK: Prompt

  private mutating func press(_ key: Key, in prompt: Prompt) -> [Effect] {
    var prompt = prompt
    switch key {
    case .escape, .control("c"), .control("g"):
      modal = nil
      if prompt.purpose == .filterPhones { phones.apply("") }
      return settle()
    case .enter:
      modal = nil
      switch submit(prompt) {
      case .success(let effects): return effects
      case .failure(let problem):
        prompt.problem = problem.text
        modal = .prompt(prompt)
        return []
      }
    case .up, .down, .pageUp, .pageDown:
      if prompt.purpose == .filterPhones {
        phones.move(
          key == .up ? -1 : key == .down ? 1 : key == .pageUp ? -phoneRowsOnScreen : phoneRowsOnScreen)
        return settle()
      }
    case .backspace where prompt.text.isEmpty && prompt.purpose == .command:
      modal = nil
      return []
    default: _ = prompt.edit(key)
    }
    modal = .prompt(prompt)
    if prompt.purpose == .filterPhones {
      phones.apply(prompt.string)
      return settle()
    }
    return []
  }

  private mutating func submit(_ prompt: Prompt) -> Result<[Effect], Problem> {
    let text = prompt.string
    switch prompt.purpose {
    case .dayText(let row): return setDay(row: row, text)
    case .command: return run(command: text.trimmingBlanks)
    case .rate: return setRate(text)
    case .nameForSave(let next, let copy): return saveNamed(text, copy: copy, then: next)
    case .newSchedule: return startSchedule(named: text, from: nil)
    case .duplicate(let id): return startSchedule(named: text, from: id)
    case .rename(let id): return rename(id, to: text)
    case .filterPhones:
      phones.apply(text)
      return .success(settle())
    case .findMessage: return .success(findMessages(text))
    }
  }

  private mutating func setDay(row: Int, _ text: String) -> Result<[Effect], Problem> {
    let day = dates().weekday(ofRow: row)
    do throws(NotationError) {
      let windows = try WindowNotation.parse(text, day: day)
      let effects = edit(schedule: true) { draft in
        draft.week.remove(day * 1440..<(day + 1) * 1440)
        for window in windows { draft.week.insert(window.minutesOfWeek) }
      }
      return .success(effects)
    } catch {
      return .failure(Problem(error.description))
    }
  }

  // MARK: Picker

  private mutating func press(_ key: Key, in picker: Picker) -> [Effect] {
    var picker = picker
    switch key {
    case .escape, .control("c"):
      if picker.isFiltering, picker.purpose != .timeZone {
        picker.isFiltering = false
        picker.filter = ""
      } else {
        modal = nil
        return []
      }
    case .up, .control("p"): picker.move(-1)
    case .down, .control("n"): picker.move(1)
    case .pageUp: picker.move(-10)
    case .pageDown: picker.move(10)
    case .home: picker.selected = 0
    case .end: picker.move(picker.items.count)
    case .enter: return choose(in: picker)
    case .backspace where picker.isFiltering:
      if picker.filter.isEmpty {
        picker.isFiltering = picker.purpose == .timeZone
      } else {
        picker.filter.removeLast()
      }
      picker.selected = 0
    case .control("u") where picker.isFiltering: picker.filter = ""
    case .character(let character) where picker.isFiltering:
      picker.filter.append(character)
      picker.selected = 0
    case .character(let character): return command(character, in: picker)
    default: break
    }
    modal = .picker(picker)
    return []
  }

  private mutating func choose(in picker: Picker) -> [Effect] {
    if picker.isFiltering, picker.purpose != .timeZone, !picker.filter.isEmpty, picker.visible.count > 1 {
      // The filter is typed; what is chosen from it comes with the next Enter.
      var picker = picker
      picker.isFiltering = false
      modal = .picker(picker)
      return []
    }
    guard let item = picker.chosen else { return [] }
    modal = nil
    switch picker.purpose {
    case .timeZone: return (try? setTimeZone(item.id).get()) ?? []
    case .schedule(let phoneIDs): return attach(item.id, to: phoneIDs)
    }
  }

  // MARK: Question

  private mutating func press(_ key: Key, in question: Question) -> [Effect] {
    if key == .escape || key == .control("c") { return answer(.cancel) }
    guard case .character(let character) = key,
      let option = question.options.first(where: { $0.key == character })
    else { return [] }
    return answer(option.answer)
  }

  private mutating func answer(_ answer: Question.Answer) -> [Effect] {
    modal = nil
    switch answer {
    case .save(let next): return save(then: next)
    case .saveForAll(let next): return commit(next)
    case .saveCopy(let next):
      askNameOfCopy(next)
      return []
    case .discard(let next):
      let dropped = week.map { [Effect.dropDraft(phoneID: $0.phone.id)] } ?? []
      if let saved = week?.saved { week?.draft = saved }
      refreshForecasts(draftOnly: true)
      return dropped + follow(next)
    case .delete(let id): return [.deleteSchedule(id: id)]
    case .attach(let scheduleID, let phoneIDs):
      return [.attach(scheduleID: scheduleID, phoneIDs: phoneIDs)]
    case .paste(let days): return paste(on: days)
    case .open(let phoneID): return startOpening(phoneID)
    case .continueDraft: return continueDraft(comparing: false)
    case .compareDraft: return continueDraft(comparing: true)
    case .discardDraft:
      let id = keptDraft?.phoneID
      keptDraft = nil
      return id.map { [.dropDraft(phoneID: $0)] } ?? []
    case .mine: return resolve(mine: true)
    case .theirs: return resolve(mine: false)
    case .cancel: return cancel()
    }
  }

  private mutating func cancel() -> [Effect] {
    if keptDraft != nil {
      // What is neither continued nor discarded stays kept, so nothing may be painted over it.
      keptDraft = nil
      week = nil
      say(.info, "The unsaved work stays kept; open the phone again to decide")
      return [.loadGateway] + settle()
    }
    conflicts = []
    return []
  }

  // MARK: Help

  private mutating func scrollHelp(_ key: Key, _ scroll: Int) -> [Effect] {
    let page = max(1, size.height - 6)
    switch key {
    case .up, .character("k"): modal = .help(scroll: max(0, scroll - 1))
    case .down, .character("j"): modal = .help(scroll: min(scroll + 1, helpOverflow))
    case .pageUp: modal = .help(scroll: max(0, scroll - page))
    case .pageDown, .character(" "): modal = .help(scroll: min(scroll + page, helpOverflow))
    case .home: modal = .help(scroll: 0)
    case .end: modal = .help(scroll: helpOverflow)
    default: modal = nil
    }
    return []
  }
}
