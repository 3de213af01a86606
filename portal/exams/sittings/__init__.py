"""Who sits when and where: sites, rooms, sittings, entries with their rules, admission numbers, rosters."""
