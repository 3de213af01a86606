"""The roster as a list: filtered, paged, found by ID number, written to a workbook."""
