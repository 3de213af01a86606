"""调动: a person moves to another unit; the sender releases, the receiver confirms."""
