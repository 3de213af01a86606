"""Questions that come in as files: looked at, read in a process of their own, judged, taken in and taken back."""
