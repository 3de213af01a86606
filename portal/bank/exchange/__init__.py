"""Questions out: as sheets, documents, packages and a booklet."""
