"""Bodies with their history: founded, renamed, moved, merged, abolished, opened again."""
