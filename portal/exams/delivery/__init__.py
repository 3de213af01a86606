"""The paper on the screen and every answer on the disk."""
