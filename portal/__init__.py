"""The portal: facts about people, and what was done when."""
