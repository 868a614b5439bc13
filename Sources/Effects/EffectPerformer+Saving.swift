import Editor
import Scheduling
import Storage

// Saving, and what comes of it if somebody else was faster.
extension EffectPerformer {
  mutating func save(_ request: SaveRequest, _ call: Call) {
    do {
      if case .update(let id, _, _) = request.schedule {
        let served = try store.phones(servedBy: id).count
        if served != request.servedPhones {
          try loadGateway(call)
          return call.post(
            .saveFailed("The schedule serves \(Words.count(served, "phone")) by now; s asks again"))
        }
      }
      try store.save(
        phone: request.phoneID, schedule: ScheduleSave(request.schedule),
        attachedBefore: request.attachedBefore, rate: request.rate.map { ($0.from, $0.to) },
        perDay: request.perDay.map { ($0.from, $0.to) }, stamp: stamp(call.now))
      let state = try store.state(of: request.phoneID, now: call.now)
      call.post(.saved(try opened(state, withDraft: false), note: note(on: request, saved: state)))
    } catch StoreError.stale(let current) {
      overtaken(request, current, call)
    } catch StoreError.stalePhone {
      overtaken(request, nil, call)
    } catch StoreError.unknownPhone {
      call.post(.phoneGone(phoneID: request.phoneID))
    } catch StoreError.replaced(let path) {
      call.post(.displaced(path: path))
    } catch {
      call.post(.saveFailed(String(describing: error)))
    }
  }

  /// What was saved, in words.
  private func note(on request: SaveRequest, saved state: PhoneState) -> String {
    var words: [String] = []
    switch request.schedule {
    case .update, .create:
      if let schedule = state.schedule {
        words.append("“\(schedule.content.name)”, revision \(schedule.revision)")
      }
    case .attach(let id) where id != request.attachedBefore:
      words.append(state.schedule.map { "schedule “\($0.content.name)”" } ?? "no schedule")
    case .attach: break
    }
    if request.rate != nil { words.append("rate \(Words.rate(state.phone.messagesPerMinute))") }
    if request.perDay != nil { words.append("day's limit \(Words.perDay(state.phone.messagesPerDay))") }
    return "Saved: " + words.joined(separator: ", ")
  }

  private func overtaken(_ request: SaveRequest, _ current: Schedule?, _ call: Call) {
    var base: ScheduleContent?
    if case .update(let id, _, let revision) = request.schedule {
      base = try? store.revision(revision, of: id).content
    }
    do {
      let opened = try opened(store.state(of: request.phoneID, now: call.now), withDraft: false)
      call.post(.overtaken(opened, current: try current ?? chosen(request), base: base))
    } catch StoreError.unknownPhone {
      call.post(.phoneGone(phoneID: request.phoneID))
    } catch {
      call.post(.saveFailed(String(describing: error)))
    }
  }

  /// The schedule of a save as it is now; nil if it is gone.
  private func chosen(_ request: SaveRequest) throws -> Schedule? {
    switch request.schedule {
    case .update(let id, _, _), .attach(let id?): try store.schedules().first { $0.id == id }
    case .attach(nil), .create: nil
    }
  }
}

extension ScheduleSave {
  fileprivate init(_ change: SaveRequest.ScheduleChange) {
    self =
      switch change {
      case .attach(let id): .attach(id: id)
      case .update(let id, let content, let revision): .update(id: id, content: content, basedOn: revision)
      case .create(let content): .create(content)
      }
  }
}
