"""Skills contests: rounds, teams and contestants, judges and their scores, published rankings."""
