"""What a new version of a law does to questions, papers, lessons and officers."""
