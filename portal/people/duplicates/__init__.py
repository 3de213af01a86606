"""One human being entered twice: found, merged by two people, taken apart again."""
