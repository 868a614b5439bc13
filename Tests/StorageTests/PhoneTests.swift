import Scheduling
import Testing

@testable import Storage

@Suite(.eachEngine) struct PhoneTests {
  @Test(arguments: [
    ("+18005550199", "+18005550199"), ("18005550199", "+18005550199"), ("+3725550199", "+3725550199"),
    ("+1234567", "+1234567"), ("+123456", nil), ("+08005550199", nil), ("+1234567890123456", nil),
    ("+1 800 555", nil), ("", nil), ("+", nil), ("++18005550199", nil), ("+１８００５５５０１９９", nil),
  ])
  func numbersAreE164(text: String, number: String?) {
    #expect(PhoneNumber.e164(text) == number)
  }

  @Test func shortCodesAreContactsOnly() {
    #expect(PhoneNumber.contact("12345") == "12345")
    #expect(PhoneNumber.contact("12") == nil)
    #expect(PhoneNumber.contact("+12345") == nil)
    #expect(PhoneNumber.contact("18005550199") == "+18005550199")
  }

  @Test func aPhoneIsFoundByNumberAndId() throws {
    let store = try Store.sample()
    for name in ["+18005550199", "18005550199", "phone-18005550199"] {
      #expect(try store.phone(named: name) == .sample())
    }
    #expect(throws: StoreError.unknownPhone("1")) { try store.phone(named: "1") }
  }

  @Test func aNumberIsTakenOnce() throws {
    let store = try Store.sample()
    var other = Phone.sample()
    other.id = "other"
    #expect(throws: StoreError.phoneExists("+18005550199")) { try store.addPhone(other) }
    other.number = "+18005550198"
    try store.addPhone(other)
    #expect(throws: StoreError.phoneExists("+18005550199")) {
      try store.changePhone("other") { $0.number = "+18005550199" }
    }
  }

  @Test func aChangeThatFailsChangesNothing() throws {
    let store = try Store.sample()
    #expect(throws: StoreError.unknownSchedule("none")) {
      try store.changePhone("+18005550199") {
        $0.label = "new"
        $0.scheduleID = "none"
      }
    }
    #expect(try store.phone(named: "+18005550199").label == "")
  }

  @Test func removingAPhoneTakesItsMessages() throws {
    let store = try Store.sample()
    try store.addPhone(.sample("+18005550198"))
    try store.add("a", "b")
    _ = try store.claimOne(at: monday)
    #expect(try store.removePhone("+18005550199").waiting == 1)
    #expect(throws: StoreError.unknownMessage("a")) { try store.message("a", now: monday) }
    #expect(try store.phones().map(\.number) == ["+18005550198"])
    #expect(try store.check().isEmpty)
  }

  @Test func attachingIsForAllOrNone() throws {
    let store = try Store.inMemory()
    let numbers = (0..<5000).map { "+1800\(5_550_000 + $0)" }
    for number in numbers { try store.addPhone(.sample(number)) }
    let schedule = try store.addSchedule(try .sample(), stamp: someone)
    let ids = try store.phones().map(\.id)
    #expect(throws: StoreError.unknownPhone("none")) {
      try store.attach(schedule.id, toPhones: ids + ["none"])
    }
    #expect(try store.phones(servedBy: schedule.id).isEmpty)
    try store.attach(schedule.id, toPhones: ids)
    #expect(try store.phones(servedBy: schedule.id).count == 5000)
    try store.attach(nil, toPhones: ids.prefix(10))
    #expect(try store.phones(servedBy: schedule.id).count == 4990)
  }

  @Test func newIdsGrowWithTime() {
    let ids = (0..<100).map { NewID.make(at: monday + Int64($0 / 10), sequence: $0 % 10) }
    #expect(ids == ids.sorted() && Set(ids).count == 100)
    #expect(ids.allSatisfy { $0.utf8.count == 36 })
    /// The same bits for ever.
    struct Fixed: RandomNumberGenerator {
      let bits: UInt64
      func next() -> UInt64 { bits }
    }
    // The bits of RFC 9562, A.6, and all digits.
    for (at, sequence, bits, expected) in [
      (0x017F_22E2_79B0, 0xCC3, 0x6311_35F2_2E30_F050 as UInt64, "017f22e2-79b0-7cc3-98c4-4d7c8b8c3c14"),
      (0x0123_4567_89AB, 0xCDE, 0xFDB9_7530_ECA8_6420, "01234567-89ab-7cde-bf6e-5d4c3b2a1908"),
    ] {
      var random = Fixed(bits: bits)
      #expect(NewID.make(at: Int64(at), sequence: sequence, using: &random) == expected)
      NewID.write(at: Int64(at), sequence: sequence, using: &random) {
        #expect(String(decoding: $0, as: UTF8.self) == expected)
      }
    }
  }
}
