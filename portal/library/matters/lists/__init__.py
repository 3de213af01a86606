"""Each town's list of the matters it carries out (一镇一单), version by version."""
