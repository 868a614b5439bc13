/// The first day of the week where somebody is, as the Unicode locale data have it.
package enum FirstDayOfWeek {
  /// 0 is Sunday; Monday where a locale's name (`de_DE.UTF-8`) has no region (C, POSIX).
  package static func of(locale: String) -> Int {
    let name = locale.prefix { $0 != "." && $0 != "@" }
    guard let mark = name.lastIndex(of: "_") else { return 1 }
    let region = name[name.index(after: mark)...]
    guard region.utf8.count == 2 else { return 1 }
    if sunday.contains(region) { return 0 }
    if saturday.contains(region) { return 6 }
    return region == "MV" ? 5 : 1
  }

  private static let sunday: Set<Substring> = Set(
    """
    AG AS BD BR BS BT BW BZ CA CN CO DM DO ET GT GU HK HN ID IL IN JM JO JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH \
    PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW
    """.split(separator: " "))

  private static let saturday: Set<Substring> = Set(
    "AF BH DJ EG IQ IR KW LY OM QA SD SY".split(separator: " "))
}
