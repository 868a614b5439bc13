import Foundation

/// The first day of the week where the user is.
enum FirstDayOfWeek {
  /// 0 is Sunday; Monday where the locale does not say (C, POSIX).
  static func ofLocale(_ environment: [String: String]) -> Int {
    let name = ["LC_ALL", "LC_TIME", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let region = name.prefix { $0 != "." && $0 != "@" }
    guard region.contains("_") else { return 1 }
    return (Locale(identifier: String(region)).calendar.firstWeekday + 6) % 7
  }
}
