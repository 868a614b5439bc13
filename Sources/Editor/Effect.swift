import Scheduling

/// What the editor wants done outside of it; the answer comes back as an ``Outcome``.
package enum Effect: Equatable, Sendable {
  /// Phones and schedules.
  case loadGateway
  /// When the next message of each of these phones goes out, and the last.
  case loadOutlooks(phoneIDs: [String])
  /// A phone with its schedule and draft, then its queue, of a long one only the beginning.
  case open(phoneID: String)
  /// All of a long queue, which takes its time.
  case loadQueue(phoneID: String)
  case loadTexts(keys: [Int64])
  /// How many messages of a phone went out, minute by minute.
  case countSends(phoneID: String, during: Range<Instant>)
  /// Which messages of a phone that wait, or of a group, have a text in them.
  case findMessages(phoneID: String, MessageGroup?, text: String)
  /// How many messages of a phone were queued in the last seven days.
  case countArrivals(phoneID: String)
  /// A whole message, with its history.
  case loadMessage(id: String)
  /// The messages of a phone that do not wait.
  case listMessages(phoneID: String, MessageGroup)
  case loadMessages(keys: [Int64])
  case changeMessage(MessageChange, StepKind)
  /// What retrying failed messages would do.
  case weighRetry(RetryRequest)
  /// Does that, takes it back or does it again, in short steps that keep nobody waiting.
  case retryMessages(RetriedMessages, StepKind)
  /// Stops that; what was done until then stays.
  case endRetry
  /// Reads the dates that a calendar closes, for the phone that is open.
  case readHolidays(phoneID: String, path: String)
  case save(SaveRequest)
  case attach(scheduleID: String?, phoneIDs: [String])
  /// Stops phones at once, exact messages included.
  case hold([PhoneHold])
  case release(phoneIDs: [String])
  /// Deletes a schedule if these are the phones that have it.
  case deleteSchedule(id: String, freeing: Set<String>)
  /// What a change would do to phones.
  case weigh(Weighing)
  case renameSchedule(id: String, name: String)
  case loadRevisions(scheduleID: String)
  /// Goes on in the database that is where this one was.
  case reopen(openPhone: String?)
  /// Adds, changes and removes phones at once; what somebody else changed since is left.
  case changePhones(PhoneStep, PhoneStep.Kind)
  /// What another schedule would do to phones.
  case weighAttaching(scheduleID: String?, phoneIDs: [String])
  /// Makes a schedule; then it may be given to some phones.
  case createSchedule(ScheduleContent, forPhones: [String])
  /// Looks for a text in the messages of all phones, those that are done with too.
  case searchMessages(text: String)
  case endSearch
  /// Reads a file of phones, schedules and messages; a dry run only says what it would do.
  case importFile(path: String, isDryRun: Bool)
  /// Stops what is being imported.
  case endImport
  /// Shows a sample gateway in a database of its own, until that is left.
  case openSample
  case loadPhoneRevisions(phoneID: String)
  /// Schedules that were deleted and are not there again.
  case loadDeletedSchedules
  /// Brings a deleted schedule back, to the phones that its deletion freed.
  case restoreSchedule(id: String, revision: Int)
  case keepDraft(KeptDraft)
  /// Forgets what this editor kept of a phone.
  case dropDraft(phoneID: String)
  /// Forgets work that was offered; see ``KeptDraft/id``.
  case forgetDraft(id: String)
  case redraw, suspend, quit
}

/// Whether something is done, taken back, or done again.
package enum StepKind: Equatable, Sendable { case make, undo, redo }

/// A phone, and until when it is to send nothing.
package struct PhoneHold: Equatable, Sendable {
  package var phoneID: String
  package var hold: Hold
}

/// One save: all of it happens, or nothing.
package struct SaveRequest: Equatable, Sendable {
  package enum ScheduleChange: Equatable, Sendable {
    /// The phone keeps, or gets, a schedule that is not changed; nil for none.
    case attach(id: String?)
    /// A new revision, for every phone that has it; refused if somebody saved another meanwhile.
    case update(id: String, content: ScheduleContent, basedOn: Int)
    /// A new schedule for this phone.
    case create(ScheduleContent)
  }

  package var phoneID: String
  package var schedule: ScheduleChange
  /// The schedule that the phone was seen to have; somebody else may have attached another one since.
  package var attachedBefore: String?
  /// How many phones the user was told that the schedule serves.
  package var servedPhones: Int
  /// The new rate, and the one that was seen before; nil to leave it.
  package var rate: LimitChange?
  /// The same for the day's limit.
  package var perDay: LimitChange?

  package struct LimitChange: Equatable, Sendable {
    package var from: Int
    package var to: Int
  }
}

/// A phone as the phone list shows it.
package struct PhoneRow: Equatable, Sendable {
  package var phone: Phone
  package var waiting: Int
  package var failed: Int

  package init(phone: Phone, waiting: Int, failed: Int = 0) {
    self.phone = phone
    self.waiting = waiting
    self.failed = failed
  }
}

/// All phones and schedules of the gateway.
package struct Gateway: Equatable, Sendable {
  package var phones: [PhoneRow]
  package var schedules: [Schedule]

  package init(phones: [PhoneRow] = [], schedules: [Schedule] = []) {
    self.phones = phones
    self.schedules = schedules
  }
}

/// What of a phone's queue changed.
package struct QueueRow: Equatable, Sendable {
  package var phoneID: String
  package var waiting: Int
  package var failed: Int

  package init(phoneID: String, waiting: Int, failed: Int) {
    (self.phoneID, self.waiting, self.failed) = (phoneID, waiting, failed)
  }
}

/// When a phone's queue starts and ends, with what else takes a look at its messages.
package struct PhoneOutlook: Equatable, Sendable {
  package var next: Instant?
  package var last: Instant?
  package var never: Int
  /// How many messages go out in each of the coming 24 hours.
  package var comingDay: [Int]
  package var waiting: Int
  package var failed: Int
  package var lastSentAt: Instant?

  package init(_ totals: ForecastTotals, at now: Instant, waiting: Int, failed: Int, lastSentAt: Instant?) {
    next = totals.firstSendAt
    last = totals.lastSendAt
    never = totals.never
    comingDay = totals.counts(between: (0...24).map { now + Int64($0) * .hour })
    self.waiting = waiting
    self.failed = failed
    self.lastSentAt = lastSentAt
  }
}

/// A phone as it is stored, when its grid is opened or somebody else changed it.
package struct OpenedPhone: Equatable, Sendable {
  package var phone: Phone
  package var schedule: Schedule?
  /// Who saved the schedule last, and what; for telling of somebody else's save.
  package var savedBy: String?
  /// Who held the phone, and when; nil if it is not held, or holds itself after failures.
  package var holder: Stamp?
  /// Work on it that editors of before left unsaved, the newest first.
  package var kept: [KeptDraft]

  package init(
    phone: Phone, schedule: Schedule?, savedBy: String? = nil, holder: Stamp? = nil, kept: [KeptDraft] = []
  ) {
    self.phone = phone
    self.schedule = schedule
    self.savedBy = savedBy
    self.holder = holder
    self.kept = kept
  }
}

/// Unsaved work as it is kept against a lost connection.
package struct KeptDraft: Equatable, Sendable {
  /// Names it among the drafts of all editors; empty for one that this editor keeps.
  package var id = ""
  package var phoneID: String
  package var draft: Draft
  /// What the draft was made from.
  package var phone: Phone
  package var schedule: Schedule?
  package var keptAt: Instant

  package init(phoneID: String, draft: Draft, phone: Phone, schedule: Schedule?, keptAt: Instant) {
    self.phoneID = phoneID
    self.draft = draft
    self.phone = phone
    self.schedule = schedule
    self.keptAt = keptAt
  }
}

/// The words of a message that is on the screen.
package struct MessageText: Equatable, Sendable {
  package var id: String
  package var contact: String
  package var content: String
  package var queuedAt: Instant
  package var sendAt: Instant?

  package init(id: String, contact: String, content: String, queuedAt: Instant, sendAt: Instant?) {
    self.id = id
    self.contact = contact
    self.content = content
    self.queuedAt = queuedAt
    self.sendAt = sendAt
  }
}

/// A schedule that was deleted, as it was last.
package struct DeletedSchedule: Equatable, Sendable {
  package var id: String
  package var row: RevisionRow

  package init(id: String, row: RevisionRow) { (self.id, self.row) = (id, row) }
}

/// What one change left of a phone's settings.
package struct PhoneRevisionRow: Equatable, Sendable {
  package var author: String
  package var savedAt: Instant
  package var summary: String

  /// The hold that it was about; nil for anything else.
  package var hold: Hold?

  package init(author: String, savedAt: Instant, summary: String, hold: Hold? = nil) {
    (self.author, self.savedAt, self.summary, self.hold) = (author, savedAt, summary, hold)
  }
}

/// A saved state of a schedule.
package struct RevisionRow: Equatable, Sendable {
  package var number: Int
  package var content: ScheduleContent
  package var author: String
  package var savedAt: Instant
  package var summary: String

  package init(number: Int, content: ScheduleContent, author: String, savedAt: Instant, summary: String) {
    self.number = number
    self.content = content
    self.author = author
    self.savedAt = savedAt
    self.summary = summary
  }
}

/// What came of an effect, or happened by itself.
package enum Outcome: Equatable, Sendable {
  case gateway(Gateway)
  case outlooks([String: PhoneOutlook])
  /// The queues of some phones of the list are others now.
  case queuesMoved([QueueRow])
  case opened(OpenedPhone)
  /// A phone as it is stored now, after somebody wrote; no wish to open it.
  case followed(OpenedPhone)
  /// The queue of a phone, the time of its latest send, and what it sent lately.
  case queue(phoneID: String, SendQueue, previous: Instant?, RecentSends)
  /// How many messages wait in a long queue that says nothing else before it is read.
  case waits(phoneID: String, count: Int)
  case texts([Int64: MessageText])
  /// How many messages went out in the minutes (the instants at which they begin) of a stretch of time.
  case sends(phoneID: String, during: Range<Instant>, counts: [Instant: Int])
  case found(phoneID: String, MessageGroup?, keys: [Int64])
  case arrivals(phoneID: String, Int)
  case message(MessageDetails)
  case messageList(phoneID: String, MessageGroup, keys: [Int64])
  case messages([Int64: Message])
  case messageChanged(MessageChange, StepKind)
  case retryWeighed(RetryWeighing)
  /// How far retrying many messages is.
  case retrying(RetryStep)
  /// Many messages were retried, or that was taken back.
  case messagesRetried(RetriedMessages, StepKind, RetryRest)
  case holidays(Holidays)
  case saved(OpenedPhone, note: String)
  /// Somebody else's save came between; nothing was saved. With the schedule as it is now (nil if it is
  /// gone), and what it said in the revision that the save began from.
  case overtaken(OpenedPhone, current: Schedule?, base: ScheduleContent?)
  /// The phone was removed.
  case phoneGone(phoneID: String)
  /// These outlooks were not computed, as newer ones were asked for.
  case outlooksGivenUp(phoneIDs: [String])
  case revisions([RevisionRow])
  case phoneRevisions(phoneID: String, [PhoneRevisionRow])
  case deletedSchedules([DeletedSchedule])
  case weighed(Weighing, [PhoneCourse])
  /// Work on some phones that an earlier start left unsaved.
  case keptElsewhere([KeptDraft])
  case done(String)
  case scheduleDeleted(id: String, name: String)
  /// Phones were changed; how many were left as they are.
  case phonesChanged(PhoneStep, PhoneStep.Kind, left: Int)
  case attachingWeighed(scheduleID: String?, [PhoneCourse])
  case scheduleCreated(Schedule, forPhones: [String])
  case messagesFound(text: String, [FoundMessageRow], MessageSearch.State)
  /// What an import would do.
  case importChecked(path: String, lines: [String])
  case imported(String)
  /// How far an import is.
  case importing(ImportStep)
  /// It was stopped as it was asked to be, and nothing was changed.
  case importStopped
  /// A save that did not happen.
  case saveFailed(String)
  /// The database is not where it was; nothing is written to it any more.
  case displaced(path: String)
  /// Another program has had the database locked for so long, and something waits for it.
  case waiting(seconds: Int)
  case failed(String)
}
