"""Area codes that open an ID number: Jilin's, today's and abolished ones (GB/T 2260, 1980-2024), others by province.

An unknown code is no proof of a false number: people keep the code of the county in which they were registered first.
"""

from __future__ import annotations

PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
JILIN = """
2200: 00
2201: 00 02 03 04 05 06 11 12 13 21 22 23 24 25 81 82 83 84
2202: 00 02 03 04 11 21 22 23 24 25 81 82 83 84
2203: 00 02 03 19 21 22 23 24 81 82
2204: 00 02 03 21 22
2205: 00 02 03 19 21 22 23 24 81 82
2206: 00 02 03 04 05 21 22 23 24 25 81
2207: 00 02 21 22 23 24 81
2208: 00 02 21 22 81 82
2221: 00 01 02 21 22 23 24 25
2222: 00 01 02 21 22 23 24 25 26 27 28
2223: 00 01 02 03 04 21 22 23 24 25 26 27 28
2224: 00 01 02 03 04 05 06 21 22 23 24 25 26
2225: 00 21 22 23 24 25
2226: 00 21 22 23 24 25
2290: 01 02 03 04 05 06
"""


def _codes() -> frozenset[str]:
    found, prefix = set(), ""
    for word in JILIN.split():
        if word.endswith(":"):
            prefix = word[:-1]
        else:
            found.add(prefix + word)
    return frozenset(found)


CODES = _codes()


def known_area(id_number: str) -> bool:
    """Whether the first six digits of an ID number are, or once were, the code of an area."""
    area = id_number[:6]
    return area in CODES if area.startswith("22") else area[:2] in PROVINCES
