"""Conferred matters (赋权事项) and each town's list of them (一镇一单), evaluated afterwards."""
