"""Questions out of files and into files: one module a format, plain bytes and values."""
