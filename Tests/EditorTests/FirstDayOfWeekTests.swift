import Foundation
import Testing

@testable import Editor

@Suite struct FirstDayOfWeekTests {
  @Test func agreesWithTheUnicodeLocaleData() {
    for region in Locale.Region.isoRegions.map(\.identifier) where region.utf8.count == 2 {
      let expected = (Locale(identifier: "en_\(region)").calendar.firstWeekday + 6) % 7
      #expect(FirstDayOfWeek.of(locale: "en_\(region).UTF-8") == expected, "\(region)")
    }
  }

  @Test func isMondayWhereTheLocaleDoesNotSay() {
    for name in ["C", "POSIX", "C.UTF-8", "", "de", "de_", "_"] {
      #expect(FirstDayOfWeek.of(locale: name) == 1, "\(name)")
    }
    #expect(FirstDayOfWeek.of(locale: "de_DE@euro") == 1)
    #expect(FirstDayOfWeek.of(locale: "sr_Latn_US") == 0)
  }
}
