"""The demo province: invented people, real divisions, questions written for this project."""
