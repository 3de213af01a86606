"""Looking back at a town's list (后评估): is each matter used, can the town carry it, should it be kept."""
