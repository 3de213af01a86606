"""Photos of persons: one by one or many in an archive, sealed, never replaced, only followed."""
