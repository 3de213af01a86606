"""Laws, their versions, and what an article says in one sentence."""
