"""The tree of topics, and the old words under which a topic still stands in stored questions."""
