"""A reader that takes what it can, to see what stops it; run as the import's reading process."""

from __future__ import annotations

import json
import os
import sys

from portal.ground import sheet_reader


def main(what: str) -> None:
    sheet_reader.CPU_SECONDS = 1
    sheet_reader.limit()
    print(json.dumps({"sheet": "", "merged": [], "titles": ["题干"]}), flush=True)  # noqa: T201
    match what:
        case "time":
            while True:
                pass
        case "memory":
            held = []
            while True:
                held.append(b"x" * 10_000_000)
        case "disk":
            with open(os.path.join(os.getcwd(), "greedy.txt"), "wb") as file:
                file.write(b"x")
        case "death":
            os.abort()
        case "environment":
            cells = [json.dumps(dict(os.environ))]
            print(json.dumps({"rows": [[1, 1, cells]]}), json.dumps({"end": 1}), sep="\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[3])
